# SPDX-License-Identifier: GPL-2.0

"""
Python selftest helpers for netdev.
"""

from .consts import KSRC
from .drops import SkbDrops
from .fault import fail_page_alloc
from .ksft import KsftFailEx, KsftSkipEx, KsftXfailEx, ksft_pr, ksft_eq, \
    ksft_ne, ksft_true, ksft_not_none, ksft_in, ksft_not_in, ksft_is, \
    ksft_ge, ksft_gt, ksft_lt, ksft_raises, ksft_busy_wait, \
    ktap_result, ksft_disruptive, ksft_setup, ksft_run, ksft_exit, \
    ksft_variants, KsftNamedVariant
from .netns import NetNS, NetNSEnter, UserNetNS
from .nsdev import NsDev, add_veth, veth_use_napi
from .nsim import NetdevSim, NetdevSimDev
from .qstats import QueueStats
from .utils import CmdExitFailure, fd_read_timeout, cmd, bkg, defer, \
    bpftool, ip, ethtool, bpftrace, rand_port, rand_ports, wait_port_listen, \
    wait_file, tool, tc
from .bpf import bpf_map_set, bpf_map_dump, bpf_prog_map_ids
from .ynl import NlError, NlctrlFamily, YnlFamily, \
    EthtoolFamily, NetdevFamily, RtnlFamily, RtnlAddrFamily, RtnlRouteFamily
from .ynl import NetshaperFamily, DevlinkFamily, PSPFamily, Netlink

__all__ = ["KSRC",
           "KsftFailEx", "KsftSkipEx", "KsftXfailEx", "ksft_pr", "ksft_eq",
           "ksft_ne", "ksft_true", "ksft_not_none", "ksft_in", "ksft_not_in",
           "ksft_is", "ksft_ge", "ksft_gt", "ksft_lt", "ksft_raises",
           "ksft_busy_wait", "ktap_result", "ksft_disruptive", "ksft_setup",
           "ksft_run", "ksft_exit", "ksft_variants", "KsftNamedVariant",
           "NetNS", "NetNSEnter", "UserNetNS",
           "CmdExitFailure", "fd_read_timeout", "cmd", "bkg", "defer",
           "bpftool", "ip", "ethtool", "bpftrace", "rand_port", "rand_ports",
           "wait_port_listen", "wait_file", "tool", "tc",
           "bpf_map_set", "bpf_map_dump", "bpf_prog_map_ids",
           "NetdevSim", "NetdevSimDev", "NsDev", "QueueStats", "SkbDrops",
           "add_veth", "veth_use_napi", "fail_page_alloc",
           "NetshaperFamily", "DevlinkFamily", "PSPFamily", "NlError",
           "YnlFamily", "EthtoolFamily", "NetdevFamily", "RtnlFamily",
           "NlctrlFamily", "RtnlAddrFamily", "RtnlRouteFamily", "Netlink"]
