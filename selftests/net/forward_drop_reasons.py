#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Drop reasons of packets that one device hands over to another one.
"""

from lib.py import ksft_run, ksft_exit, ksft_eq
from lib.py import NetNS, NsDev, SkbDrops, add_veth, ip, tc

# Local experimental Ethertype: nobody receives it, or sends it but this test
PROTO = 0x88b5
PACKETS = 10

SMALL_MTU = 1000
# Bytes after the Ethernet header
SMALL = 100
LARGE = 1400


def check(drops, reason, comment):
    """ All packets must have been dropped, for that reason """
    ksft_eq(drops.wait(PACKETS), {reason: PACKETS}, comment)
    drops.clear()


def veth_too_big() -> None:
    """ The MTU of the receiver is smaller than that of the sender """
    with NetNS() as src_ns, NetNS() as dst_ns, SkbDrops(PROTO) as drops:
        src, dst = add_veth(src_ns, dst_ns)
        dst.link(f"mtu {SMALL_MTU}")

        src.send(dst, PROTO, PACKETS, SMALL)
        check(drops, "UNHANDLED_PROTO", "a small packet is received")
        src.send(dst, PROTO, PACKETS, LARGE)
        check(drops, "PKT_TOO_BIG", "a packet for a smaller MTU")


def redirect_too_big() -> None:
    """ The same, after a redirect, which does not look at the MTU """
    with NetNS() as src_ns, NetNS() as host_ns, NetNS() as dst_ns, \
         SkbDrops(PROTO) as drops:
        src, _ = add_veth(src_ns, host_ns, "veth0", "in")
        _, dst = add_veth(host_ns, dst_ns, "out", "veth1")
        dst.link(f"mtu {SMALL_MTU}")
        tc("qdisc add dev in clsact", ns=host_ns)
        tc("filter add dev in ingress matchall "
           "action mirred egress redirect dev out", ns=host_ns)

        src.send(dst, PROTO, PACKETS, SMALL)
        check(drops, "UNHANDLED_PROTO", "a small packet is received")
        src.send(dst, PROTO, PACKETS, LARGE)
        check(drops, "PKT_TOO_BIG", "a redirected packet for a smaller MTU")


def macvlan_lower_down() -> None:
    """ Neighbours on a device reach each other by way of that device """
    with NetNS() as ns, SkbDrops(PROTO) as drops:
        ip("link add lower type dummy", ns=ns)
        ip("link set lower up", ns=ns)
        for name in ["macvlan0", "macvlan1"]:
            ip(f"link add {name} link lower type macvlan mode bridge", ns=ns)
            ip(f"link set {name} up", ns=ns)
        src, dst = NsDev(ns, "macvlan0"), NsDev(ns, "macvlan1")

        src.send(dst, PROTO, PACKETS, SMALL)
        check(drops, "UNHANDLED_PROTO", "a packet is received")
        ip("link set lower down", ns=ns)
        src.send(dst, PROTO, PACKETS, SMALL)
        check(drops, "DEV_READY", "a packet for a device that is down")


def main() -> None:
    """ Ksft boiler plate main """
    ksft_run([veth_too_big, redirect_too_big, macvlan_lower_down])
    ksft_exit()


if __name__ == "__main__":
    main()
