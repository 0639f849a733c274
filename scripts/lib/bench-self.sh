# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# pq bench against itself: a known change is seen exactly, no change as none.

# Instructions that the known change adds to each call
SELF_NOPS=28

# self_commit: a commit on top of base with SELF_NOPS instructions more at the
# begin of veth_xmit(), and nothing else
self_commit() {
	local -x GIT_INDEX_FILE=$PQ_STATE/tmp/index-self
	local blob tree base file=drivers/net/veth.c

	base=$(src_git rev-parse base)
	rm -f "$GIT_INDEX_FILE"
	src_git read-tree "$base" || return
	blob=$(src_git show "$base:$file" | awk -v n=$SELF_NOPS '
		/^static netdev_tx_t veth_xmit\(/ { on = 1 }
		{ print }
		on && /rcu_read_lock\(\);/ {
			printf "\tasm volatile(\".rept %d; nop; .endr\");\n", n
			on = 0; done = 1
		}
		END { exit !done }' |
		src_git hash-object -w --stdin) || return
	src_git update-index --cacheinfo "100644,$blob,$file" || return
	tree=$(src_git write-tree) || return
	GIT_AUTHOR_DATE=$PQ_EPOCH GIT_COMMITTER_DATE=$PQ_EPOCH \
		src_git commit-tree -p "$base" -m "self-test" "$tree"
}

# figure CSV UNIT KIND NAME COLUMN: one value; CSV has
# workload,unit,kind,name,dir,a,b,diff,floor,verdict
figure() {
	awk -F, -v w="$2" -v k="$3" -v n="$4" -v c="$5" \
		'$1 == w && $3 == k && $4 == n { print $c; exit }' "$1"
}

# bench_self_test OUT: prints "ok NAME" and "not ok NAME"; fails with the latter
bench_self_test() {
	local out=$1 base commit kernel rc=0 diff calls others

	base=$(src_git rev-parse base)
	commit=$(self_commit) || die "veth_xmit() is not where it was"
	bench_kernel "$base"
	kernel=$KERNEL
	bench_kernel "$commit"
	bench_run "$out/known" 2 "$kernel" "$KERNEL" veth ||
		unsure "the workload does not come to its end"
	bench_run "$out/null" 2 "$kernel" "$kernel" veth ||
		unsure "the workload does not come to its end"
	self_report "$out/known" && self_report "$out/null" || return 2

	diff=$(figure "$out/known/csv" veth-udp fn veth_xmit 8)
	calls=$(figure "$out/known/csv" veth-udp event xmit 6)
	self_case "veth_xmit: $SELF_NOPS more in each of $calls calls: $diff" \
		awk -v d="$diff" -v c="$calls" -v n=$SELF_NOPS \
			'BEGIN { e = d - n * c; exit !(e < 0.0005 && e > -0.0005) }'
	self_case "veth-udp is said to be worse" \
		test "$(figure "$out/known/csv" veth-udp total insns 10)" = worse
	others=$(awk -F, '$1 == "veth-udp" && $3 == "fn" && $4 != "veth_xmit" &&
		$5 ~ /^(net|drivers)/ && ($8 > 0.5 || $8 < -0.5) { print $4 }' \
		"$out/known/csv" | paste -sd' ')
	self_case "nothing else of net/ and drivers/ moved: ${others:-none}" \
		test -z "$others"
	others=$(awk -F, '$3 == "total" && ($10 == "worse" || $10 == "better") {
		print $1 ":" $4 }' "$out/null/csv" | paste -sd' ')
	self_case "no change is no difference: ${others:-none}" \
		test -z "$others"
	self_case "the same boot twice gives the same counts" \
		cmp "$out/null/a/veth/1/counts" "$out/null/b/veth/1/counts"
	return $rc
}

self_report() {
	local sides=()

	mapfile -t sides < <(bench_sides "$1" 2 veth)
	"$BENCH/bench-report" --format csv --events "$PQ_TOP/bench/events" \
		"${sides[@]}" >"$1/csv"
}

self_case() {
	local name=$1

	shift
	if "$@" >/dev/null 2>&1; then
		echo "ok $name"
	else
		echo "not ok $name"
		rc=1
	fi
}
