#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
How often a TX queue of a veth device is stopped, as the ring of the peer is
full, and woken.
"""

from lib.py import ksft_run, ksft_exit, ksft_busy_wait, ksft_eq, ksft_ge
from lib.py import NetNS, QueueStats, add_veth, tc, veth_use_napi

# OUI extended Ethertype: nobody receives it
PROTO = 0x88b7
# More than the ring takes, less than the qdisc does
FLOOD = 600
LIMIT = 1000
# Of the two queues, the one that all packets take
QUEUE = 1
TWO_QUEUES = "numtxqueues 2 numrxqueues 2"
# Seconds for which a NAPI is held back: it is taken down before
HOLD = 600


def add_ends(src_ns, dst_ns):
    """ Add a veth pair with a qdisc, return both ends and the sender's stats """
    src, dst = add_veth(src_ns, dst_ns, args=TWO_QUEUES, peer_args=TWO_QUEUES)
    src.use_queue(QUEUE)
    tc(f"qdisc add dev {src.name} root handle 1: mq", ns=src.ns)
    tc(f"qdisc add dev {src.name} parent 1:{QUEUE + 1} pfifo limit {LIMIT}",
       ns=src.ns)
    veth_use_napi(src, dst)
    return src, dst, QueueStats(src)


def check(stats, stop, wake, comment):
    """ Only the queue in use is stopped """
    ksft_eq(stats.queues("tx-stop"), [0, stop], f"stops of {comment}")
    ksft_eq(stats.queues("tx-wake"), [0, wake], f"wakes of {comment}")


def stop_and_teardown() -> None:
    """ A stopped queue is woken when its NAPI goes away """
    with NetNS() as src_ns, NetNS() as dst_ns:
        src, dst, stats = add_ends(src_ns, dst_ns)
        check(stats, 0, 0, "queues that nothing was sent to")

        dst.defer_napi(HOLD)
        src.send(dst, PROTO, FLOOD)
        check(stats, 1, 0, "a queue that is full")
        dst.ethtool("-K", "gro off")
        check(stats, 1, 1, "a queue whose NAPI is gone")

        # The first queue is left
        src.ethtool("-L", "tx 1")
        ksft_eq(stats.queues("tx-stop"), [0], "stops of the queue that is left")
        ksft_eq(stats.total("tx-stop"), 1, "stops of the device")
        ksft_eq(stats.total("tx-wake"), 1, "wakes of the device")


def stop_and_poll() -> None:
    """ A stopped queue is woken by the NAPI """
    with NetNS() as src_ns, NetNS() as dst_ns:
        src, dst, stats = add_ends(src_ns, dst_ns)

        # Where the NAPI ran too early, as the machine is slow: more time
        sent = 0
        for seconds in [1, 2, 4, 8, 16, 32, 64]:
            dst.defer_napi(seconds)
            src.send(dst, PROTO, FLOOD)
            sent += FLOOD
            stop = stats.total("tx-stop")
            # The timer is armed; no other is to follow
            dst.write("gro_flush_timeout", 0)
            ksft_busy_wait(lambda n=sent: stats.total("tx-packets") >= n,
                           sleep=0.1, deadline=seconds + 20,
                           comment="the queue is not woken")
            if stop:
                break

        ksft_ge(stats.total("tx-stop"), 1, "the queue was not stopped")
        # The last packets may be taken before the wake is counted
        ksft_busy_wait(lambda: (stats.total("tx-wake") ==
                                stats.total("tx-stop")),
                       deadline=20, comment="not as many wakes as stops")
        check(stats, stats.total("tx-stop"), stats.total("tx-stop"),
              "a queue that runs")


def main() -> None:
    """ Ksft boiler plate main """
    ksft_run([stop_and_teardown, stop_and_poll])
    ksft_exit()


if __name__ == "__main__":
    main()
