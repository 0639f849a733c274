#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
The page pools of veth devices: what the netdev family says about them, what
becomes of them when their device goes away while they have pages in flight, and
how they get their pages back.
"""

import os
import socket
from resource import getpagesize

from lib.py import KSRC, KsftSkipEx, NetdevFamily, NetNS, NetNSEnter
from lib.py import cmd, defer, ethtool, ip
from lib.py import ksft_busy_wait, ksft_eq, ksft_exit, ksft_run

XDP_OBJ = f"{KSRC}/tools/testing/selftests/net/veth_xdp_recycle.bpf.o"
PAGE = getpagesize()
# What takes more than half a page has a page to itself
PAYLOAD = PAGE * 5 // 8
MTU = 60000
PORT = 4242
PORT_DROP = 9
COUNT = 50


class VethPair:
    """ A veth pair between two namespaces, with queues from src to dst """
    def __init__(self, queues=1):
        self.src = NetNS()
        defer(self.src.__del__)
        self.dst = NetNS()
        defer(self.dst.__del__)
        for netns in (self.src, self.dst):
            cmd("sysctl -wq net.ipv6.conf.all.disable_ipv6=1", ns=netns)
            cmd("sysctl -wq net.ipv6.conf.default.disable_ipv6=1", ns=netns)

        num = f"numtxqueues {queues} numrxqueues {queues}"
        ip(f"link add veth mtu {MTU} {num} type veth "
           f"peer name veth mtu {MTU} netns {self.dst} {num}", ns=self.src)
        self.ifindex = ip("link show dev veth", json=True,
                          ns=self.dst)[0]["ifindex"]
        ip("addr add 192.0.2.1/24 dev veth", ns=self.src)
        ip("addr add 192.0.2.2/24 dev veth", ns=self.dst)
        ip("link set veth up", ns=self.src)
        mac = ip("link show dev veth", json=True, ns=self.dst)[0]["address"]
        ip(f"neigh add 192.0.2.2 dev veth lladdr {mac}", ns=self.src)

        with NetNSEnter(str(self.dst)):
            self.netdev = NetdevFamily()

    def pools(self):
        """ All pools of dst's namespace """
        return self.netdev.page_pool_get({}, dump=True)

    def attach(self):
        """ Let an XDP program run in dst: packets are copied to the pool """
        ret = cmd(f"ip link set dev veth xdpdrv obj {XDP_OBJ} sec xdp.frags",
                  ns=self.dst, fail=False)
        if ret.ret:
            raise KsftSkipEx(f"cannot load {XDP_OBJ}")

    def send(self, port):
        """ One datagram from src to dst """
        with NetNSEnter(str(self.src)):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with sock:
            sock.sendto(bytes(PAYLOAD), ("192.0.2.2", port))

    def hold_page(self):
        """ Have dst receive a datagram that stays in the socket """
        with NetNSEnter(str(self.dst)):
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        defer(sock.close)
        sock.bind(("0.0.0.0", PORT))
        sock.settimeout(10)
        self.send(PORT)
        sock.recv(1, socket.MSG_PEEK)
        return sock

    def stat(self, name):
        """ A counter of dst's ethtool statistics """
        for line in ethtool("-S veth", ns=self.dst).stdout.splitlines():
            key, _, val = line.partition(":")
            if key.strip() == name:
                return int(val)
        raise KsftSkipEx(f"no {name}")


def listed() -> None:
    """ There is a pool for each queue that has a NAPI, and it says which """
    pair = VethPair(queues=2)
    ksft_eq(len(pair.pools()), 0, "page pools of a device that is down")

    ethtool("-K veth gro on", ns=pair.dst)
    ip("link set veth up", ns=pair.dst)
    pools = pair.pools()
    ksft_eq(len(pools), 2, "page pools of two queues")
    ksft_eq([pool.get("ifindex") for pool in pools], [pair.ifindex] * 2)
    napis = pair.netdev.napi_get({"ifindex": pair.ifindex}, dump=True)
    ksft_eq(sorted(pool.get("napi-id") for pool in pools),
            sorted(napi["id"] for napi in napis))

    ethtool("-L veth rx 1", ns=pair.dst)
    ksft_eq(len(pair.pools()), 1, "page pools of one queue")
    ethtool("-K veth gro off", ns=pair.dst)
    ksft_eq(len(pair.pools()), 0, "page pools without GRO")


def _check_orphan(pair, sock) -> None:
    pools = pair.pools()
    ksft_eq([pool["inflight"] for pool in pools], [1], "pages of the datagram")
    ksft_eq([pool.get("ifindex") for pool in pools], [None],
            "the pool has no device any more")
    ksft_eq(["detach-time" in pool for pool in pools], [True])
    sock.close()
    # The kernel looks once a second
    ksft_busy_wait(lambda: not pair.pools(), deadline=30,
                   comment="page pool with no page in flight does not go away")


def device_down() -> None:
    """ The pool of a device that is down waits for its pages """
    pair = VethPair()
    pair.attach()
    ip("link set veth up", ns=pair.dst)
    sock = pair.hold_page()
    ip("link set veth down", ns=pair.dst)
    pools = pair.pools()
    ksft_eq([pool.get("ifindex") for pool in pools], [pair.ifindex])
    ksft_eq(["detach-time" in pool for pool in pools], [True])
    ksft_eq(["napi-id" in pool for pool in pools], [False])

    # The next pool is another
    ip("link set veth up", ns=pair.dst)
    ksft_eq(len(pair.pools()), 2, "page pools, one of which is going away")
    sock.close()
    ksft_busy_wait(lambda: len(pair.pools()) == 1, deadline=30,
                   comment="page pool with no page in flight does not go away")


def device_moved() -> None:
    """ The pool stays in the namespace when the device leaves """
    pair = VethPair()
    pair.attach()
    ip("link set veth up", ns=pair.dst)
    sock = pair.hold_page()
    other = NetNS()
    defer(other.__del__)
    ip(f"link set veth netns {other}", ns=pair.dst)
    ip("link set veth up", ns=other)
    with NetNSEnter(str(other)):
        netdev = NetdevFamily()
    ksft_eq(len(netdev.page_pool_get({}, dump=True)), 1,
            "page pools where the device is now")
    _check_orphan(pair, sock)


def device_deleted() -> None:
    """ The pool waits for its pages when the device is gone """
    pair = VethPair()
    pair.attach()
    ip("link set veth up", ns=pair.dst)
    sock = pair.hold_page()
    ip("link del veth", ns=pair.src)
    _check_orphan(pair, sock)


def recycled() -> None:
    """ What XDP drops goes back to the pool with no lock, but for RT """
    pair = VethPair()
    pair.attach()
    ip("link set veth up", ns=pair.dst)
    cached = pair.stat("rx_pp_recycle_cached")
    ring = pair.stat("rx_pp_recycle_ring")
    drops = pair.stat("rx_queue_0_xdp_drops")
    for _ in range(COUNT):
        pair.send(PORT_DROP)
    ksft_busy_wait(lambda: pair.stat("rx_queue_0_xdp_drops") >= drops + COUNT,
                   deadline=10, comment="XDP does not drop all packets")
    # The page pool has it that on PREEMPT_RT all pages take the ring
    ring_count = COUNT if "PREEMPT_RT" in os.uname().version else 0
    ksft_eq(pair.stat("rx_pp_recycle_cached") - cached, COUNT - ring_count,
            "pages recycled to the cache of the NAPI")
    ksft_eq(pair.stat("rx_pp_recycle_ring") - ring, ring_count,
            "pages recycled through the ring")


def main() -> None:
    """ Ksft boiler plate main """
    ksft_run([listed, device_down, device_moved, device_deleted, recycled])
    ksft_exit()


if __name__ == "__main__":
    main()
