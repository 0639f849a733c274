# SPDX-License-Identifier: GPL-2.0

"""
Reasons why the kernel drops packets, from the skb:kfree_skb trace event.
"""

import os
import re
import time

from .ksft import KsftSkipEx
from .utils import cmd


class SkbDrops:
    """
    Counts the drops of packets of one protocol, by reason, in the whole
    system. Choose a protocol that nothing else uses, another test included: a
    packet that is received is seen, too, as UNHANDLED_PROTO.
    """
    TRACEFS = "/sys/kernel/tracing"
    EVENT = re.compile(r" kfree_skb: .* reason: (\S+)")

    def __init__(self, protocol):
        if not os.path.isdir(f"{self.TRACEFS}/instances"):
            cmd(f"mount -t tracefs none {self.TRACEFS}", fail=False)
        if not os.path.isdir(f"{self.TRACEFS}/events/skb/kfree_skb"):
            raise KsftSkipEx("no trace event skb:kfree_skb")

        self.path = f"{self.TRACEFS}/instances/ksft-{os.getpid()}"
        os.mkdir(self.path)
        try:
            self._write("events/skb/kfree_skb/filter",
                        f"protocol == {protocol}")
            self._write("events/skb/kfree_skb/enable", "1")
            self._write("tracing_on", "1")
        except OSError:
            os.rmdir(self.path)
            raise

    def __enter__(self):
        return self

    def __exit__(self, ex_type, ex_value, ex_tb):
        self.close()

    def _write(self, name, value):
        with open(f"{self.path}/{name}", "w", encoding="ascii") as fp:
            fp.write(value)

    def close(self):
        """ Stop counting """
        self._write("events/skb/kfree_skb/enable", "0")
        os.rmdir(self.path)

    def clear(self):
        """ Forget the drops up to now """
        self._write("trace", "")

    def reasons(self):
        """ Return {reason: number of drops} """
        found = {}
        with open(f"{self.path}/trace", encoding="ascii") as fp:
            for line in fp:
                event = self.EVENT.search(line)
                if event:
                    found[event[1]] = found.get(event[1], 0) + 1
        return found

    def wait(self, count, deadline=20):
        """
        Wait for that many drops, and a moment for more than that. Return them
        as reasons().
        """
        end = time.monotonic() + deadline
        while sum(self.reasons().values()) < count and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.1)
        return self.reasons()
