# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash

# splat_of CONSOLE: the kernel's first complaint and the five functions on top
# of its stack, on one line; nothing where it did not complain
splat_of() {
	local splat

	splat=$(tool splat) && "$splat" <"$1"
}
