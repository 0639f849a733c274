# SPDX-License-Identifier: GPL-2.0

"""
Network devices in network namespaces, with no traffic but what a test sends.
"""

import errno
import os
import socket

from .ksft import KsftSkipEx
from .netns import NetNSEnter
from .utils import cmd, ethtool, ip


class NsDev:
    """ A device, after it was set up """
    # Packets sent by one socket. Its send buffer is limited, and packets may
    # stay where they are.
    PORTION = 60

    def __init__(self, ns, name):
        self.ns = ns
        self.name = name
        # By asking for a single link, changes of its carrier are waited for:
        # packets do not pass before
        link = ip(f"link show dev {name}", json=True, ns=ns)[0]
        self.ifindex = link["ifindex"]
        self.mac = bytes.fromhex(link["address"].replace(":", ""))

    def link(self, args):
        """ Change the link """
        ip(f"link set {self.name} {args}", ns=self.ns)

    def ethtool(self, option, args):
        """ Change a setting """
        ethtool(f"{option} {self.name} {args}", ns=self.ns)

    def write(self, path, value):
        """ Write to a file of the device in sysfs """
        cmd(["ip", "netns", "exec", self.ns.name, "sh", "-c",
             f"echo {value} > /sys/class/net/{self.name}/{path}"])

    def attach_xdp(self, obj, section="xdp"):
        """ Attach a program, in native mode """
        if not os.path.exists(obj):
            raise KsftSkipEx(f"{obj} is not built")
        self.link(f"xdpdrv obj {obj} sec {section}")

    def use_queue(self, queue):
        """ Send all packets by that TX queue """
        # They choose it by CPU; all CPUs choose the same
        with open("/proc/self/status", encoding="ascii") as fp:
            cpus = [l.split()[1] for l in fp if l.startswith("Cpus_allowed:")]
        self.write(f"queues/tx-{queue}/xps_cpus", cpus[0])

    def defer_napi(self, seconds):
        """ Leave it to a timer to poll again, once a packet was received """
        self.write("napi_defer_hard_irqs", 1)
        self.write("gro_flush_timeout", seconds * 10**9)

    def send(self, dst, protocol, count, size=100):
        """
        Send packets to device dst, with that Ethertype and that many bytes
        after it. They need not arrive.
        """
        frame = dst.mac + self.mac + protocol.to_bytes(2, "big") + bytes(size)
        for i in range(0, count, self.PORTION):
            with NetNSEnter(self.ns.name):
                sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            with sock:
                sock.bind((self.name, 0))
                for _ in range(min(count - i, self.PORTION)):
                    try:
                        sock.send(frame)
                    except OSError as e:
                        # That is how the sender may hear of a drop
                        if e.errno != errno.ENOBUFS:
                            raise


def add_veth(ns, peer_ns, name="veth0", peer_name="veth1", *, args="",
             peer_args=""):
    """
    Add a veth pair, with more arguments of "ip link add" for each end. Set it
    up, and return both ends.
    """
    for i in [ns, peer_ns]:
        cmd("sysctl -wq net.ipv6.conf.default.disable_ipv6=1", ns=i)
    ip(f"link add {name} {args} type veth "
       f"peer name {peer_name} netns {peer_ns} {peer_args}", ns=ns)
    ip(f"link set {name} up", ns=ns)
    ip(f"link set {peer_name} up", ns=peer_ns)
    return NsDev(ns, name), NsDev(peer_ns, peer_name)


def veth_use_napi(sender, receiver):
    """ Let one end of a veth pair receive by NAPI what the other one sends """
    receiver.ethtool("-K", "gro on")
    # With TSO on, the sender bypasses the NAPI
    sender.ethtool("-K", "tso off")
