#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Failed allocations in the queue stats of veth devices.
"""

from lib.py import ksft_run, ksft_exit, ksft_busy_wait, ksft_eq
from lib.py import NetNS, QueueStats, add_veth, fail_page_alloc

# OUI extended Ethertype: nobody receives it
PROTO = 0x88b7
PACKETS = 10
# Of the two queues, the one that all packets take
QUEUE = 1
TWO_QUEUES = "numtxqueues 2 numrxqueues 2"
XDP_OBJ = "veth_xdp_drop.bpf.o"


def wait(stats, packets):
    """ Wait until that many packets were taken off the ring """
    ksft_busy_wait(lambda: stats.total("rx-packets") >= packets, deadline=20,
                   comment="packets are not received")


def xdp_copy() -> None:
    """ For XDP, packets of the stack are copied to pages of a pool """
    with NetNS() as src_ns, NetNS() as dst_ns:
        src, dst = add_veth(src_ns, dst_ns, args=TWO_QUEUES,
                            peer_args=TWO_QUEUES)
        stats = QueueStats(dst)
        src.use_queue(QUEUE)
        # The pool that comes with it is empty
        dst.attach_xdp(XDP_OBJ)
        ksft_eq(stats.queues("rx-alloc-fail"), [0, 0], "nothing was sent")
        with fail_page_alloc():
            src.send(dst, PROTO, PACKETS)
            wait(stats, PACKETS)
        ksft_eq(stats.queues("rx-alloc-fail"), [0, PACKETS],
                "failed allocations of the queues")
        ksft_eq(stats.queues("rx-packets"), [0, PACKETS],
                "packets that were taken off the rings")
        stats.check_link()

        src.send(dst, PROTO, PACKETS)
        wait(stats, 2 * PACKETS)
        ksft_eq(stats.total("rx-alloc-fail"), PACKETS,
                "failed allocations of the device")


def main() -> None:
    """ Ksft boiler plate main """
    ksft_run([xdp_copy])
    ksft_exit()


if __name__ == "__main__":
    main()
