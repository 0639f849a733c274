#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
To change the size of the rings of a veth device, its NAPIs are disabled for a
moment. They have to be the same afterwards, with the same settings.
"""

from lib.py import ksft_run, ksft_exit, ksft_busy_wait, ksft_eq
from lib.py import NetNS, NetNSEnter, NetdevFamily, QueueStats
from lib.py import add_veth, veth_use_napi

# OUI extended Ethertype: nobody receives it
PROTO = 0x88b7
PACKETS = 10
QUEUES = 2
QUEUE_ARGS = f"numtxqueues {QUEUES} numrxqueues {QUEUES}"
# Different ones for each NAPI
SETTINGS = [
    {"defer-hard-irqs": 11, "gro-flush-timeout": 11000, "threaded": "disabled"},
    {"defer-hard-irqs": 22, "gro-flush-timeout": 22000, "threaded": "enabled"},
]


def napis_stay() -> None:
    """ IDs, settings, threads and queues of the NAPIs """
    with NetNS() as src_ns, NetNS() as dst_ns:
        src, dst = add_veth(src_ns, dst_ns, args=QUEUE_ARGS,
                            peer_args=QUEUE_ARGS)
        veth_use_napi(src, dst)
        with NetNSEnter(dst_ns.name):
            netdev = NetdevFamily()
        request = {"ifindex": dst.ifindex}

        def napis():
            return sorted(netdev.napi_get(request, dump=True),
                          key=lambda napi: napi["id"])

        def queues():
            return sorted((queue["type"], queue["id"], queue.get("napi-id"))
                          for queue in netdev.queue_get(request, dump=True)
                          if queue["type"] == "rx")

        for napi, settings in zip(napis(), SETTINGS, strict=True):
            netdev.napi_set({"id": napi["id"], **settings})
        before = napis()
        for napi, settings in zip(before, SETTINGS, strict=True):
            ksft_eq({key: napi[key] for key in settings}, settings,
                    "settings to begin with")
        ksft_eq(["pid" in napi for napi in before], [False, True],
                "threads to begin with")
        links = queues()
        ksft_eq([link[2] for link in links], [napi["id"] for napi in before],
                "NAPIs of the queues to begin with")

        for size in [1000, 64]:
            dst.ethtool("-G", f"rx {size}")
            ksft_eq(napis(), before, f"NAPIs with rings of {size}")
            ksft_eq(queues(), links, f"queues with rings of {size}")


def napis_work() -> None:
    """ Packets are received by both NAPIs """
    with NetNS() as src_ns, NetNS() as dst_ns:
        src, dst = add_veth(src_ns, dst_ns, args=QUEUE_ARGS,
                            peer_args=QUEUE_ARGS)
        veth_use_napi(src, dst)
        stats = QueueStats(dst)
        dst.ethtool("-G", "rx 1000")
        for queue in range(QUEUES):
            src.use_queue(queue)
            src.send(dst, PROTO, PACKETS)
            src.write(f"queues/tx-{queue}/xps_cpus", 0)
        ksft_busy_wait(lambda: min(stats.queues("rx-packets")) >= PACKETS,
                       deadline=20, comment="packets are not received")
        ksft_eq(stats.queues("rx-packets"), [PACKETS] * QUEUES,
                "packets of the queues")


def main() -> None:
    """ Ksft boiler plate main """
    ksft_run([napis_stay, napis_work])
    ksft_exit()


if __name__ == "__main__":
    main()
