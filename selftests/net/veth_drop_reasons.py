#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Drop reasons of packets that are lost in a veth device: on the ring between
sender and receiver, by XDP, and for lack of memory.
"""

from lib.py import ksft_run, ksft_exit, ksft_eq, ksft_ge
from lib.py import NetNS, SkbDrops, add_veth, fail_page_alloc, ip
from lib.py import veth_use_napi

# Local experimental Ethertype: nobody receives it, or sends it but this test
PROTO = 0x88b6
PACKETS = 10
# VETH_RING_SIZE
RING = 256
# Seconds for which a NAPI is held back: it is taken down before
HOLD = 600
XDP_OBJ = "veth_xdp_drop.bpf.o"


def tx_dropped(dev):
    """ Counter of the device """
    link = ip(f"-s link show dev {dev.name}", json=True, ns=dev.ns)[0]
    return link["stats64"]["tx"]["dropped"]


def hold_napi(src, dst, drops):
    """ Receive by NAPI, and leave all packets on the ring from now on """
    veth_use_napi(src, dst)
    dst.defer_napi(HOLD)
    src.send(dst, PROTO, 1)
    ksft_eq(drops.wait(1), {"UNHANDLED_PROTO": 1}, "the first is received")
    drops.clear()


def ring_full() -> None:
    """ There is no qdisc which could take what the ring does not """
    with NetNS() as src_ns, NetNS() as dst_ns, SkbDrops(PROTO) as drops:
        src, dst = add_veth(src_ns, dst_ns)
        hold_napi(src, dst, drops)

        before = tx_dropped(src)
        src.send(dst, PROTO, 2 * RING)
        dropped = tx_dropped(src) - before
        ksft_ge(dropped, RING, "the ring is not full")
        ksft_eq(drops.wait(dropped), {"FULL_RING": dropped},
                "what does not fit on the ring")


def teardown(command) -> None:
    """ The ring goes away, with packets on it """
    with NetNS() as src_ns, NetNS() as dst_ns, SkbDrops(PROTO) as drops:
        src, dst = add_veth(src_ns, dst_ns)
        hold_napi(src, dst, drops)

        src.send(dst, PROTO, PACKETS)
        ksft_eq(drops.reasons(), {}, "packets wait on the ring")
        command(dst)
        ksft_eq(drops.wait(PACKETS), {"QUEUE_PURGE": PACKETS},
                "what is on the ring when it goes away")


def gro_off() -> None:
    """ NAPI goes away as nothing needs it any more """
    teardown(lambda dst: dst.ethtool("-K", "gro off"))


def link_down() -> None:
    """ NAPI goes away with the link """
    teardown(lambda dst: dst.link("down"))


def xdp_drop() -> None:
    """ Native XDP """
    with NetNS() as src_ns, NetNS() as dst_ns, SkbDrops(PROTO) as drops:
        src, dst = add_veth(src_ns, dst_ns)
        src.send(dst, PROTO, PACKETS)
        ksft_eq(drops.wait(PACKETS), {"UNHANDLED_PROTO": PACKETS},
                "packets are received without XDP")
        drops.clear()

        dst.attach_xdp(XDP_OBJ)
        src.send(dst, PROTO, PACKETS)
        ksft_eq(drops.wait(PACKETS), {"XDP": PACKETS},
                "what the program drops")


def xdp_no_memory() -> None:
    """ For XDP, packets of the stack are copied to pages of a pool """
    with NetNS() as src_ns, NetNS() as dst_ns, SkbDrops(PROTO) as drops:
        src, dst = add_veth(src_ns, dst_ns)
        # The pool that comes with it is empty
        dst.attach_xdp(XDP_OBJ)
        with fail_page_alloc():
            src.send(dst, PROTO, PACKETS)
            found = drops.wait(PACKETS)
        ksft_eq(found, {"NOMEM": PACKETS}, "what there is no memory for")
        drops.clear()

        src.send(dst, PROTO, PACKETS)
        ksft_eq(drops.wait(PACKETS), {"XDP": PACKETS},
                "there is memory again")


def main() -> None:
    """ Ksft boiler plate main """
    ksft_run([ring_full, gro_off, link_down, xdp_drop, xdp_no_memory])
    ksft_exit()


if __name__ == "__main__":
    main()
