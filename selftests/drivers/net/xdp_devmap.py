#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Redirect packets that have frags by a devmap entry, the program of which cuts
all frags off. Where the frags are memory of a page pool, they have to go back
to it. If they do not, the pool waits for them ever after, and a kernel that
checks its pages (CONFIG_DEBUG_VM) complains and is tainted.
"""

import json
import os
import tempfile
import time
from enum import Enum

from lib.py import ksft_run, ksft_exit, ksft_pr
from lib.py import ksft_eq, ksft_lt
from lib.py import EthtoolFamily, KsftSkipEx, NetdevFamily, NetDrvEpEnv, NetNS
from lib.py import bpf_map_dump, bpf_prog_map_ids, bpftool
from lib.py import cmd, defer, ethtool, ip


COUNT = 500
MTU = 9000
PAYLOAD = 8000
PORT = 9                    # as in xdp_devmap.bpf.c
TAINT_BAD_PAGE = 1 << 5
TARGET = "devmap0"


class Stats(Enum):
    """Keys of the BPF program's counters."""
    LINEAR = 0   # Packets without frags, which were dropped
    FRAGS = 1    # Packets with frags, which were redirected
    TRIMMED = 2  # Packets that had their frags cut off
    ERROR = 3    # Packets that could not be trimmed


def _set_mtu(cfg):
    ip(f"link set dev {cfg.remote_ifname} mtu {MTU}", host=cfg.remote)
    defer(ip, f"link set dev {cfg.remote_ifname} mtu {cfg.remote_dev['mtu']}",
          host=cfg.remote)
    ip(f"link set dev {cfg.ifname} mtu {MTU}")
    defer(ip, f"link set dev {cfg.ifname} mtu {cfg.dev['mtu']}")


def _add_target(cfg):
    """
    Add a device to redirect to, and return the namespace of its other end,
    which takes the packets as its own.
    """
    ns = NetNS()
    defer(ns.__del__)

    ip(f"link add {TARGET} mtu {MTU} type veth peer name {TARGET} mtu {MTU} "
       f"address {cfg.dev['address']} netns {ns}")
    ip(f"link set dev {TARGET} up")
    ip(f"link set dev {TARGET} up", ns=ns)
    # NAPI, which the receiver of redirected packets needs
    ethtool(f"-K {TARGET} gro on", ns=ns)

    return ns


def _load_xdp(cfg):
    """Load and attach the programs. Return the ID of the counters' map."""
    obj = cfg.net_lib_dir / "xdp_devmap.bpf.o"

    pins = tempfile.mkdtemp()
    defer(os.rmdir, pins)
    cmd(f"mount -t bpf none {pins}")
    defer(cmd, f"umount {pins}")

    bpftool(f"prog loadall {obj} {pins} pinmaps {pins}")
    cmd(f"{cfg.test_dir}/xdp_devmap_helper "
        f"{pins}/map_dev {pins}/xdp_trim {TARGET}")

    attach = cmd(f"ip link set dev {cfg.ifname} "
                 f"xdpdrv pinned {pins}/xdp_redirect", fail=False)
    if attach.ret != 0:
        ksft_pr(attach)
        raise KsftSkipEx("device does not support multi-buffer XDP")
    defer(ip, f"link set dev {cfg.ifname} xdpdrv off")

    prog = bpftool(f"prog show pinned {pins}/xdp_redirect", json=True)
    return bpf_prog_map_ids(prog["id"])["map_stats"]


def _page_pools(cfg):
    pools = cfg.netnl.page_pool_get({"ifindex": cfg.ifindex}, dump=True)
    return [pool for pool in pools if "detach-time" not in pool]


def _pages_out(cfg):
    """Pages that the page pools of the device have not given back."""
    return sum(pool["inflight"] for pool in _page_pools(cfg))


def _had_bad_page():
    with open("/proc/sys/kernel/tainted", encoding="ascii") as fp:
        return int(fp.read()) & TAINT_BAD_PAGE != 0


def _send(cfg, size, count):
    cmd(f"dd if=/dev/zero bs={size} count={count} status=none "
        f"> /dev/udp/{cfg.addr}/{PORT}", host=cfg.remote, timeout=120)


def _delivered(cfg, ns):
    """
    Trimmed packets are shorter than their IP header says: IP counts and drops
    them, and their memory is free at once.
    """
    name = "Ip6InTruncatedPkts"
    if cfg.addr_ipver == "4":
        name = "IpExtInTruncatedPkts"
    nstat = cmd(f"nstat --json -asz {name}", ns=ns)
    return json.loads(nstat.stdout)["kernel"][name]


def _wait_delivered(cfg, ns):
    end = time.monotonic() + 10

    while True:
        delivered = _delivered(cfg, ns)
        if delivered >= COUNT or time.monotonic() > end:
            return delivered
        time.sleep(0.1)


def test_trim_frags(cfg):
    """Cut the frags off redirected packets, and look for the pages."""
    cfg.require_cmd("bpftool")
    cfg.require_cmd("nstat")
    if _had_bad_page():
        raise KsftSkipEx("the kernel has had a bad page before")

    _set_mtu(cfg)
    ns = _add_target(cfg)
    stats_id = _load_xdp(cfg)
    if not _page_pools(cfg):
        raise KsftSkipEx("device has no page pool")

    # Buffers from before the program was attached may share a page. Use them
    # up, so that a lost page is lost and does no further harm.
    rings = cfg.ethnl.rings_get({"header": {"dev-index": cfg.ifindex}})
    _send(cfg, 64, rings.get("rx", 0))

    linear = bpf_map_dump(stats_id)[Stats.LINEAR.value]
    pages = _pages_out(cfg)
    _send(cfg, PAYLOAD, COUNT)
    delivered = _wait_delivered(cfg, ns)
    stats = bpf_map_dump(stats_id)
    pages = _pages_out(cfg) - pages

    if stats[Stats.LINEAR.value] - linear == COUNT:
        raise KsftSkipEx(f"no frags in packets of {PAYLOAD} bytes")
    ksft_eq(stats[Stats.FRAGS.value], COUNT, "packets with frags")
    ksft_eq(stats[Stats.ERROR.value], 0, "packets that could not be trimmed")
    ksft_eq(stats[Stats.TRIMMED.value], COUNT, "trimmed packets")
    ksft_eq(delivered, COUNT, "trimmed packets delivered")
    ksft_eq(_had_bad_page(), False,
            "a page was freed while in use by a page pool")
    # Each packet had a frag at least, and the pools may have grown a bit
    ksft_lt(pages, COUNT, "pages that did not go back to the page pool")


def main():
    """Ksft boiler plate main."""
    with NetDrvEpEnv(__file__) as cfg:
        cfg.ethnl = EthtoolFamily()
        cfg.netnl = NetdevFamily()
        ksft_run([test_trim_frags], args=(cfg, ))
    ksft_exit()


if __name__ == "__main__":
    main()
