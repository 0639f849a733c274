#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0

"""
Which NAPI serves a queue of a veth device: there is one while GRO is on, or
XDP, and the device is up.
"""

import ctypes
import errno
import mmap
import socket
import struct
from lib.py import ksft_run, ksft_exit, ksft_eq, KsftSkipEx
from lib.py import NetNS, NetNSEnter, NetdevFamily, NsDev, add_veth

QUEUES = 3
QUEUE_ARGS = f"numtxqueues {QUEUES} numrxqueues {QUEUES}"
XDP_OBJ = "lib/xdp_dummy.bpf.o"

# From linux/if_xdp.h, linux/socket.h and asm-generic/socket.h
AF_XDP = 44
SOL_XDP = 283
XDP_RX_RING = 2
XDP_UMEM_REG = 4
XDP_UMEM_FILL_RING = 5
XDP_UMEM_COMPLETION_RING = 6
XDP_COPY = 1 << 1
SO_INCOMING_NAPI_ID = 56
FRAMES = 64
FRAME_SIZE = 4096


class Veth(NsDev):
    """ One end of a veth pair, in network namespaces of its own """
    def __init__(self, ns, peer_ns):
        dev, _ = add_veth(ns, peer_ns, args=QUEUE_ARGS, peer_args=QUEUE_ARGS)
        super().__init__(dev.ns, dev.name)
        with NetNSEnter(ns.name):
            self.netdev = NetdevFamily()

    def queues(self, kind):
        """ NAPI IDs of the queues of a kind, None where there is none """
        queues = self.netdev.queue_get({"ifindex": self.ifindex}, dump=True)
        found = {q["id"]: q.get("napi-id") for q in queues
                 if q["type"] == kind}
        return [found[i] for i in sorted(found)]

    def napis(self):
        """ NAPI IDs of the device """
        napis = self.netdev.napi_get({"ifindex": self.ifindex}, dump=True)
        return sorted(n["id"] for n in napis)

    def check_linked(self, count, comment):
        """ Each RX queue has a NAPI, no two the same; no TX queue has one """
        rx = self.queues("rx")
        napis = self.napis()
        ksft_eq(len(rx), count, f"RX queues {comment}")
        ksft_eq(len(napis), count, f"NAPIs {comment}")
        ksft_eq(sorted(i for i in rx if i), napis,
                f"NAPIs of RX queues {comment}")
        ksft_eq(set(self.queues("tx")), {None}, f"NAPIs of TX queues {comment}")

    def check_not_linked(self, comment):
        """ There is no NAPI """
        ksft_eq(self.queues("rx"), [None] * QUEUES, f"RX queues {comment}")
        ksft_eq(self.queues("tx"), [None] * QUEUES, f"TX queues {comment}")
        ksft_eq(self.napis(), [], f"NAPIs {comment}")


class XdpSocket:
    """ AF_XDP socket, bound to a queue of a device """
    def __init__(self, dev, queue):
        self.umem = mmap.mmap(-1, FRAMES * FRAME_SIZE)
        with NetNSEnter(dev.ns.name):
            try:
                self.sock = socket.socket(AF_XDP, socket.SOCK_RAW)
            except OSError as e:
                if e.errno == errno.EAFNOSUPPORT:
                    raise KsftSkipEx("no AF_XDP sockets") from e
                raise
        addr = ctypes.addressof(ctypes.c_char.from_buffer(self.umem))
        self.sock.setsockopt(SOL_XDP, XDP_UMEM_REG,
                             struct.pack("=QQIIII", addr, FRAMES * FRAME_SIZE,
                                         FRAME_SIZE, 0, 0, 0))
        for ring in [XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_RX_RING]:
            self.sock.setsockopt(SOL_XDP, ring, FRAMES)
        # Python has no address for that family
        sxdp = struct.pack("=HHIII", AF_XDP, XDP_COPY, dev.ifindex, queue, 0)
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.bind(self.sock.fileno(), sxdp, len(sxdp)):
            raise OSError(ctypes.get_errno(), "cannot bind an AF_XDP socket")

    def __enter__(self):
        return self

    def __exit__(self, ex_type, ex_value, ex_tb):
        self.sock.close()

    def napi_id(self):
        """ ID of the NAPI to busy poll, or 0 """
        return self.sock.getsockopt(socket.SOL_SOCKET, SO_INCOMING_NAPI_ID)


def gro() -> None:
    """ NAPI for GRO """
    with NetNS() as ns, NetNS() as peer_ns:
        veth = Veth(ns, peer_ns)
        veth.check_not_linked("to begin with")
        veth.ethtool("-K", "gro on")
        veth.check_linked(QUEUES, "with GRO")
        veth.ethtool("-K", "gro off")
        veth.check_not_linked("after GRO")


def xdp() -> None:
    """ NAPI for XDP, and for both """
    with NetNS() as ns, NetNS() as peer_ns:
        veth = Veth(ns, peer_ns)
        veth.attach_xdp(XDP_OBJ)
        veth.check_linked(QUEUES, "with XDP")
        veth.link("xdpdrv off")
        veth.check_not_linked("after XDP")

        veth.ethtool("-K", "gro on")
        veth.attach_xdp(XDP_OBJ)
        veth.check_linked(QUEUES, "with GRO and XDP")
        veth.link("xdpdrv off")
        veth.check_linked(QUEUES, "with GRO after XDP")


def channels() -> None:
    """ Queues come and go """
    with NetNS() as ns, NetNS() as peer_ns:
        veth = Veth(ns, peer_ns)
        veth.ethtool("-K", "gro on")
        veth.ethtool("-L", "rx 1")
        veth.check_linked(1, "after removing a queue")
        veth.ethtool("-L", f"rx {QUEUES}")
        veth.check_linked(QUEUES, "after adding a queue")

        veth.ethtool("-L", "rx 1")
        veth.ethtool("-K", "gro off")
        veth.ethtool("-L", f"rx {QUEUES}")
        veth.check_not_linked("with all queues and no GRO")


def down_up() -> None:
    """ No NAPI while the device is down """
    with NetNS() as ns, NetNS() as peer_ns:
        veth = Veth(ns, peer_ns)
        veth.ethtool("-K", "gro on")
        veth.link("down")
        ksft_eq(veth.queues("rx"), [], "queues of a device that is down")
        veth.ethtool("-K", "gro off")
        veth.link("up")
        veth.check_not_linked("up again without GRO")
        veth.link("down")
        veth.ethtool("-K", "gro on")
        veth.link("up")
        veth.check_linked(QUEUES, "up again with GRO")


def check_xsk(veth, queue, comment):
    """ Bind a socket; it must have the NAPI of the queue """
    with XdpSocket(veth, queue) as xsk:
        ksft_eq(xsk.napi_id(), veth.queues("rx")[queue] or 0,
                f"NAPI of an AF_XDP socket on queue {queue} {comment}")


def xsk_bind() -> None:
    """ By that link, an AF_XDP socket knows which NAPI to busy poll """
    with NetNS() as ns, NetNS() as peer_ns:
        veth = Veth(ns, peer_ns)
        veth.ethtool("-K", "gro on")
        veth.check_linked(QUEUES, "with GRO")
        # One queue each: it is not free at once when a socket is closed
        check_xsk(veth, 0, "with GRO")
        veth.attach_xdp(XDP_OBJ)
        check_xsk(veth, 1, "with GRO and XDP")
        veth.ethtool("-K", "gro off")
        check_xsk(veth, 2, "with XDP")


def xsk_keep() -> None:
    """ It knows the NAPI by an ID that stays """
    with NetNS() as ns, NetNS() as peer_ns:
        veth = Veth(ns, peer_ns)
        veth.ethtool("-K", "gro on")
        with XdpSocket(veth, 1) as xsk:
            veth.ethtool("-K", "gro off")
            veth.check_not_linked("with a socket, after GRO")
            veth.attach_xdp(XDP_OBJ)
            veth.check_linked(QUEUES, "with a socket and XDP")
            ksft_eq(xsk.napi_id(), veth.queues("rx")[1],
                    "NAPI of an AF_XDP socket with XDP after GRO")


def xsk_before_napi() -> None:
    """ A socket that is bound before there is a NAPI changes nothing """
    with NetNS() as ns, NetNS() as peer_ns:
        veth = Veth(ns, peer_ns)
        with XdpSocket(veth, 0) as xsk:
            ksft_eq(xsk.napi_id(), 0, "NAPI of an AF_XDP socket without any")
            veth.attach_xdp(XDP_OBJ)
            veth.check_linked(QUEUES, "with a socket, then XDP")
            check_xsk(veth, 1, "beside a socket of before XDP")
            veth.link("xdpdrv off")
            veth.check_not_linked("with a socket, after XDP")


def main() -> None:
    """ Ksft boiler plate main """
    ksft_run([gro, xdp, channels, down_up, xsk_bind, xsk_keep,
              xsk_before_napi])
    ksft_exit()


if __name__ == "__main__":
    main()
