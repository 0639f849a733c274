# SPDX-License-Identifier: GPL-2.0

"""
Fault injection, see Documentation/fault-injection/fault-injection.rst.
"""

import contextlib
import os

from .ksft import KsftSkipEx


@contextlib.contextmanager
def fail_page_alloc():
    """ Let all allocations of pages fail in the context that must not sleep """
    path = "/sys/kernel/debug/fail_page_alloc"
    # It begins with the last, and ends in the reverse order
    settings = {"min-order": "0", "ignore-gfp-wait": "Y", "task-filter": "N",
                "verbose": "0", "space": "0", "interval": "1", "times": "-1",
                "probability": "100"}
    old = {}

    if not os.path.isdir(path):
        raise KsftSkipEx("no fault injection for pages")
    try:
        for name, value in settings.items():
            with open(f"{path}/{name}", encoding="ascii") as fp:
                old[name] = fp.read()
            with open(f"{path}/{name}", "w", encoding="ascii") as fp:
                fp.write(value)
        yield
    finally:
        for name, value in reversed(old.items()):
            with open(f"{path}/{name}", "w", encoding="ascii") as fp:
                fp.write(value)
