#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
The NAPIs of a veth device come and go with GRO, XDP, channels and the link.
Their IDs, and what was configured for them, have to stay.
"""

from lib.py import ksft_run, ksft_exit, ksft_eq
from lib.py import NetNS, NetNSEnter, NetdevFamily, NsDev, add_veth

QUEUES = 2
QUEUE_ARGS = f"numtxqueues {QUEUES} numrxqueues {QUEUES}"
XDP_OBJ = "lib/xdp_dummy.bpf.o"
# Different ones for each NAPI
SETTINGS = [
    {"defer-hard-irqs": 11, "gro-flush-timeout": 11000,
     "irq-suspend-timeout": 110000, "threaded": "disabled"},
    {"defer-hard-irqs": 22, "gro-flush-timeout": 22000,
     "irq-suspend-timeout": 220000, "threaded": "enabled"},
]


class Veth(NsDev):
    """ One end of a veth pair, with configured NAPIs """
    def __init__(self, ns, peer_ns):
        dev, _ = add_veth(ns, peer_ns, args=QUEUE_ARGS, peer_args=QUEUE_ARGS)
        super().__init__(dev.ns, dev.name)
        with NetNSEnter(ns.name):
            self.netdev = NetdevFamily()

        self.ethtool("-K", "gro on")
        self.ids = [n["id"] for n in self.napis()]
        ksft_eq(len(self.ids), QUEUES, "NAPIs to begin with")
        self.settings = [dict(s) for s in SETTINGS]
        for napi_id, settings in zip(self.ids, self.settings):
            self.netdev.napi_set({"id": napi_id, **settings})
        self.check("to begin with")

    def napis(self):
        """ NAPIs of the device, in the order of their IDs """
        napis = self.netdev.napi_get({"ifindex": self.ifindex}, dump=True)
        return sorted(napis, key=lambda n: n["id"])

    def check_none(self, comment):
        """ There are no NAPIs """
        ksft_eq(self.napis(), [], f"NAPIs {comment}")

    def check(self, comment, count=QUEUES):
        """ Is all as it was configured? """
        napis = self.napis()
        ksft_eq([n["id"] for n in napis], self.ids[:count],
                f"NAPI IDs {comment}")
        for i, (napi, settings) in enumerate(zip(napis, self.settings)):
            for key, value in settings.items():
                ksft_eq(napi[key], value, f"{key} of NAPI {i} {comment}")
            ksft_eq("pid" in napi, settings["threaded"] == "enabled",
                    f"thread of NAPI {i} {comment}")


def down_up() -> None:
    """ The link goes down """
    with NetNS() as ns, NetNS() as peer_ns:
        veth = Veth(ns, peer_ns)
        veth.link("down")
        veth.check_none("of a device that is down")
        veth.link("up")
        veth.check("after down and up")


def gro_off_on() -> None:
    """ GRO goes off """
    with NetNS() as ns, NetNS() as peer_ns:
        veth = Veth(ns, peer_ns)
        veth.ethtool("-K", "gro off")
        veth.check_none("without GRO")
        veth.ethtool("-K", "gro on")
        veth.check("after GRO off and on")


def channels() -> None:
    """ A queue is removed, and added again """
    with NetNS() as ns, NetNS() as peer_ns:
        veth = Veth(ns, peer_ns)
        veth.ethtool("-L", "rx 1")
        veth.check("after removing a queue", 1)
        veth.ethtool("-L", f"rx {QUEUES}")
        veth.check("after adding a queue")


def gro_to_xdp() -> None:
    """ XDP comes instead of GRO: other NAPIs for the same queues """
    with NetNS() as ns, NetNS() as peer_ns:
        veth = Veth(ns, peer_ns)
        veth.ethtool("-K", "gro off")
        veth.attach_xdp(XDP_OBJ)
        veth.check("with XDP after GRO")
        veth.link("xdpdrv off")
        veth.check_none("without XDP and GRO")
        veth.attach_xdp(XDP_OBJ)
        veth.check("with XDP again")


def gro_and_xdp() -> None:
    """ XDP comes and goes while GRO is on: the same NAPIs """
    with NetNS() as ns, NetNS() as peer_ns:
        veth = Veth(ns, peer_ns)
        veth.attach_xdp(XDP_OBJ)
        veth.check("with XDP and GRO")
        veth.link("xdpdrv off")
        veth.check("with GRO only")
        veth.attach_xdp(XDP_OBJ)
        veth.check("with XDP again and GRO")
        veth.link("down")
        veth.link("up")
        veth.check("with XDP and GRO after down and up")


def sysfs() -> None:
    """ The files of the device override what is kept for its NAPIs """
    with NetNS() as ns, NetNS() as peer_ns:
        veth = Veth(ns, peer_ns)
        veth.write("threaded", 0)
        for settings in veth.settings:
            settings["threaded"] = "disabled"
        veth.check("after writing to sysfs")

        veth.ethtool("-K", "gro off")
        veth.write("napi_defer_hard_irqs", 33)
        veth.write("gro_flush_timeout", 33000)
        veth.ethtool("-K", "gro on")
        for settings in veth.settings:
            settings["defer-hard-irqs"] = 33
            settings["gro-flush-timeout"] = 33000
        veth.check("after writing to sysfs without NAPIs")


def main() -> None:
    """ Ksft boiler plate main """
    ksft_run([down_up, gro_off_on, channels, gro_to_xdp, gro_and_xdp, sysfs])
    ksft_exit()


if __name__ == "__main__":
    main()
