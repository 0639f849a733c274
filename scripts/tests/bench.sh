#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Counting: its tools' own tests, bad input, and the tool against itself.
set -u
. "$PQ_TOP/scripts/tests/lib.sh"

for part in plugin report; do
	limit 600 "tests of bench/$part" "$T/make.log" \
		make -C "$PQ_TOP/bench/$part" "O=$PQ_STATE/build/bench" CC=gcc \
		-k check
	rc=$?
	grep -E '^(not )?ok ' "$T/make.log"
	result $rc "tests of bench/$part came to their end" \
		"$(tail -n 5 "$T/make.log")"
done

bench() { bash "$PQ_TOP/scripts/verbs/bench" "$@"; }
expect "bench: no such workload" 1 "error: bench: no workload 'nothing'" \
	bench nothing
expect "bench: no such option" 1 "error: bench: no option '--fast'" bench --fast
expect "bench: no value" 1 "error: bench: --with wants a value" bench --with
expect "bench: no number" 1 "error: bench: --boots wants a number, not 'x'" \
	bench --boots x
expect "bench: no such patch" 1 "error: no patch '99' in series" \
	bench veth --base 99
expect "bench: lists what there is" 0 "^veth  *pod to pod over veth" \
	bench --list

limit 2400 "bench --self-test" "$T/self" bash "$PQ_TOP/scripts/verbs/bench" \
	--self-test
rc=$?
grep -E '^(not )?ok ' "$T/self"
result $rc "bench --self-test" "$(tail -n 20 "$T/self")"
