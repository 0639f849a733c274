#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Queue stats of veth devices, and how they add up.
"""

import os
from lib.py import ksft_run, ksft_exit, ksft_busy_wait, ksft_eq, ksft_in
from lib.py import KsftSkipEx, NetNS, NsDev, QueueStats
from lib.py import add_veth, tc, veth_use_napi

# OUI extended Ethertype: nobody receives it
PROTO = 0x88b7
PACKETS = 10
PAYLOAD = 100
BYTES = PACKETS * (14 + PAYLOAD)
# Of the two queues, the one that all packets take
QUEUE = 1
TWO_QUEUES = "numtxqueues 2 numrxqueues 2"
OBJ = "veth_qstats.bpf.o"
# As it is in there
OUT_IFINDEX = 100


class End(NsDev):
    """ An end of a veth pair with its stats """
    def __init__(self, dev):
        super().__init__(dev.ns, dev.name)
        self.stats = QueueStats(self)

    def send_to(self, dst):
        """ Send some packets to another end, which gets them """
        count = dst.stats.total("rx-packets") + PACKETS
        self.send(dst, PROTO, PACKETS, PAYLOAD)
        ksft_busy_wait(lambda: dst.stats.total("rx-packets") >= count,
                       deadline=20, comment="packets are not received")

    def check_queues(self, packets):
        """ Check the packets, all of one size, that each RX queue has """
        ksft_eq(self.stats.queues("rx-packets"), packets,
                f"{self.name}: rx-packets of the queues")
        ksft_eq(self.stats.queues("rx-bytes"),
                [n * BYTES // PACKETS for n in packets],
                f"{self.name}: rx-bytes of the queues")

    def check_total(self, rx, tx):
        """ Check the packets received and sent by the device """
        ksft_eq(self.stats.total("rx-packets"), rx,
                f"{self.name}: rx-packets")
        ksft_eq(self.stats.total("tx-packets"), tx,
                f"{self.name}: tx-packets")
        self.stats.check_link()


def add_ends(src_ns, dst_ns, args=TWO_QUEUES, peer_args=TWO_QUEUES):
    """ Add a veth pair, return both ends """
    ends = add_veth(src_ns, dst_ns, args=args, peer_args=peer_args)
    return [End(dev) for dev in ends]


def plain() -> None:
    """ Without NAPI, there is no queue to count for """
    with NetNS() as src_ns, NetNS() as dst_ns:
        src, dst = add_ends(src_ns, dst_ns)
        src.send_to(dst)
        dst.check_queues([0, 0])
        src.check_queues([0, 0])
        src.check_total(0, PACKETS)
        dst.check_total(PACKETS, 0)


def napi() -> None:
    """ With NAPI, a queue has its packets, and the device those of before """
    with NetNS() as src_ns, NetNS() as dst_ns:
        src, dst = add_ends(src_ns, dst_ns)
        src.use_queue(QUEUE)
        src.send_to(dst)
        veth_use_napi(src, dst)
        src.send_to(dst)
        dst.check_queues([0, PACKETS])
        src.check_total(0, 2 * PACKETS)
        dst.check_total(2 * PACKETS, 0)


def napi_bypassed() -> None:
    """ With TSO on, packets go to the backlog though there is a NAPI """
    with NetNS() as src_ns, NetNS() as dst_ns:
        src, dst = add_ends(src_ns, dst_ns)
        veth_use_napi(src, dst)
        src.ethtool("-K", "tso on")
        src.send_to(dst)
        dst.check_queues([0, 0])
        src.check_total(0, PACKETS)
        dst.check_total(PACKETS, 0)


def unequal() -> None:
    """ The last of three TX queues meets no RX queue of the peer """
    with NetNS() as src_ns, NetNS() as dst_ns:
        src, dst = add_ends(src_ns, dst_ns, "numtxqueues 3 numrxqueues 1")
        veth_use_napi(src, dst)
        for queue in range(3):
            src.use_queue(queue)
            src.send_to(dst)
            src.write(f"queues/tx-{queue}/xps_cpus", 0)
        dst.check_queues([PACKETS, PACKETS])
        src.check_total(0, 3 * PACKETS)
        dst.check_total(3 * PACKETS, 0)


def queue_removed() -> None:
    """ What a queue has counted stays when it is removed """
    with NetNS() as src_ns, NetNS() as dst_ns:
        src, dst = add_ends(src_ns, dst_ns)
        src.use_queue(QUEUE)
        veth_use_napi(src, dst)
        src.send_to(dst)

        # The first queue is left
        src.ethtool("-L", "tx 1")
        dst.ethtool("-L", "rx 1")
        dst.check_queues([0])
        src.check_total(0, PACKETS)
        dst.check_total(PACKETS, 0)

        dst.link("down")
        src.check_total(0, PACKETS)
        dst.check_total(PACKETS, 0)
        dst.link("up")
        dst.ethtool("-L", "rx 2")
        dst.check_queues([0, PACKETS])


def xdp_tx() -> None:
    """ XDP sends all packets back: frames on the ring """
    with NetNS() as src_ns, NetNS() as dst_ns:
        src, dst = add_ends(src_ns, dst_ns)
        src.use_queue(QUEUE)
        veth_use_napi(dst, src)
        dst.attach_xdp(OBJ, "xdp_tx")
        src.send_to(dst)
        ksft_busy_wait(lambda: src.stats.total("rx-packets") >= PACKETS,
                       deadline=20, comment="packets do not come back")
        dst.check_queues([0, PACKETS])
        # Each CPU has its ring
        ksft_eq(sum(src.stats.queues("rx-packets")), PACKETS,
                "packets that came back")
        src.check_total(PACKETS, PACKETS)
        dst.check_total(PACKETS, PACKETS)


def redirect(src_ns, host_ns, dst_ns, program):
    """
    Have packets go over two veth pairs, redirected by a program. Return the
    ends in the order of the path.
    """
    if not os.path.exists(OBJ):
        raise KsftSkipEx(f"{OBJ} is not built")
    first = add_veth(src_ns, host_ns, "veth0", "in")
    second = add_veth(host_ns, dst_ns, "out", "veth1",
                      args=f"index {OUT_IFINDEX}")
    path = [End(dev) for dev in [*first, *second]]
    ksft_eq(path[2].ifindex, OUT_IFINDEX, "ifindex of the second pair")
    program(*path)
    path[0].send_to(path[3])
    path[0].check_total(0, PACKETS)
    path[1].check_total(PACKETS, 0)
    return path


def xdp_redirect() -> None:
    """ XDP redirects packets: frames on the ring """
    def program(_, dev, out, dst):
        veth_use_napi(out, dst)
        dev.attach_xdp(OBJ)

    with NetNS() as src_ns, NetNS() as host_ns, NetNS() as dst_ns:
        _, _, out, dst = redirect(src_ns, host_ns, dst_ns, program)
        dst.check_queues([PACKETS])
        out.check_total(0, PACKETS)
        dst.check_total(PACKETS, 0)


def redirect_peer() -> None:
    """ Packets are put straight into the receiver: nobody has sent them """
    def program(_, dev, out, dst):
        veth_use_napi(out, dst)
        tc(f"qdisc add dev {dev.name} clsact", ns=dev.ns)
        tc(f"filter add dev {dev.name} ingress bpf da obj {OBJ} sec tc",
           ns=dev.ns)

    with NetNS() as src_ns, NetNS() as host_ns, NetNS() as dst_ns:
        _, _, out, dst = redirect(src_ns, host_ns, dst_ns, program)
        dst.check_queues([0])
        out.check_total(0, 0)
        dst.check_total(PACKETS, 0)


def dump() -> None:
    """ Without an ifindex, all devices are asked """
    with NetNS() as src_ns, NetNS() as dst_ns:
        src, _ = add_ends(src_ns, dst_ns)
        stats = src.stats.netdev.qstats_get({}, dump=True)
        ksft_in(src.ifindex, [s["ifindex"] for s in stats],
                "no queue stats in the dump")


def main() -> None:
    """ Ksft boiler plate main """
    ksft_run([plain, napi, napi_bypassed, unequal, queue_removed, xdp_tx,
              xdp_redirect, redirect_peer, dump])
    ksft_exit()


if __name__ == "__main__":
    main()
