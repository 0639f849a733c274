# SPDX-License-Identifier: GPL-2.0

"""
Queue stats of a device.
"""

import errno

from .ksft import KsftFailEx, ksft_eq
from .netns import NetNSEnter
from .utils import ip
from .ynl import NetdevFamily, NlError


class QueueStats:
    """ Queue stats of a device in a network namespace, see class NsDev """
    def __init__(self, dev):
        self.dev = dev
        with NetNSEnter(dev.ns.name):
            self.netdev = NetdevFamily()

    def _dump(self, **request):
        try:
            return self.netdev.qstats_get({"ifindex": self.dev.ifindex,
                                           **request}, dump=True)
        except NlError as e:
            if e.error == errno.EOPNOTSUPP:
                return []
            raise

    def _get(self, stats, key):
        for entry in stats:
            if key not in entry:
                raise KsftFailEx(f"no {key} in the queue stats")
        return [entry[key] for entry in stats]

    def total(self, key):
        """ A value of the device """
        return self._get(self._dump() or [{}], key)[0]

    def queues(self, key):
        """ A value of all RX or TX queues, in the order of the queues """
        stats = [s for s in self._dump(scope="queue")
                 if s["queue-type"] == key[:2]]
        stats.sort(key=lambda s: s["queue-id"])
        return self._get(stats or [{}], key)

    def kinds(self):
        """ Kinds of queues that have stats """
        return {s["queue-type"] for s in self._dump(scope="queue")}

    def check_link(self):
        """ The device must have the packets that rtnetlink says """
        link = ip(f"-s link show dev {self.dev.name}", json=True,
                  ns=self.dev.ns)[0]["stats64"]
        for kind in ["rx", "tx"]:
            for key in ["packets", "bytes"]:
                ksft_eq(self.total(f"{kind}-{key}"), link[kind][key],
                        f"{self.dev.name}: {kind}-{key} of the device")
