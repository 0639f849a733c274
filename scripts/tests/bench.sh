#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Counting: its tools' own tests, bad input, and the tool against itself.
set -u
. "$PQ_TOP/scripts/tests/lib.sh"

for part in plugin report time; do
	limit 600 "tests of bench/$part" "$T/make.log" \
		make -C "$PQ_TOP/bench/$part" "O=$PQ_STATE/build/bench/$part" CC=gcc \
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
expect "bench: two clocks" 1 "error: bench: one clock at a time" \
	bench --kvm --uml
expect "bench: pairs of what?" 1 "error: bench: --pairs wants --kvm or --uml" \
	bench --pairs 8
expect "bench: too few pairs" 1 "error: bench: --pairs: fewer than 5" \
	bench --uml --pairs 4
expect "bench: no number of pairs" 1 "bench: --pairs wants a number, not 'x'" \
	bench --kvm --pairs x
for o in "--boots 3" "--only base" --cache "--nic ena" "--cpus 2"; do
	# shellcheck disable=SC2086 # an option and its value
	expect "bench: --uml with $o" 1 "error: bench: --uml goes with --base" \
		bench --uml $o
done
expect "bench: --uml has no workload with a card" 4 \
	"^pq: wire left out: it has a card, and UML has none" bench --uml wire
if [ ! -w /dev/kvm ] || [ "$(accel_seen)" = tcg ]; then
	expect "bench: --kvm without KVM" 4 "^pq: skipped: no KVM here: " \
		bench --kvm veth
fi
expect "bench: lists what there is" 0 "^veth  *pod to pod over veth" \
	bench --list

limit 2400 "bench --self-test" "$T/self" bash "$PQ_TOP/scripts/verbs/bench" \
	--self-test
rc=$?
grep -E '^(not )?ok ' "$T/self"
result $rc "bench --self-test" "$(tail -n 20 "$T/self")"

# Those that the gate does not run, once: they shall still come to their end
mapfile -t rest < <(grep -L '^#: runs: .*\<gate\>' "$PQ_TOP"/bench/workloads/* |
	sed 's|.*/||' | grep -vx lib)
limit 1200 "bench ${rest[*]}" "$T/rest" bash "$PQ_TOP/scripts/verbs/bench" \
	"${rest[@]}" --only base --boots 1 --reps 1
result $? "bench: ${rest[*]} come to their end" "$(tail -n 20 "$T/rest")"
