#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The C tools against golden data: ci/golden/TOOL/CASE.{in,args,out}
set -u
. "$PQ_TOP/scripts/tests/lib.sh"

for in in "$PQ_TOP"/ci/golden/*/*.in; do
	name=$(basename "$(dirname "$in")")
	stem=${in%.in}
	args=()
	[ ! -f "$stem.args" ] || mapfile -t args <"$stem.args"
	args=("${args[@]/@GOLDEN@/$PQ_TOP/ci/golden}")
	out=$("$(tool "$name")" ${args[@]+"${args[@]}"} <"$in" 2>&1)
	echo "status $?" >"$T/status"
	d=$(diff -u "$stem.out" <(printf '%s\n' "$out"; cat "$T/status"))
	result $? "golden $name ${stem##*/}" "$d"
done
