# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# pq bench against itself: a known change is seen exactly, no change as none.

# What the known change adds to each call of veth_xmit(): instructions that do
# nothing, locked ones, and one call of a function that calls twice through a
# retpoline
SELF_NOPS=28 SELF_LOCKED=3 SELF_INDIRECT=2

# self_commit: a commit on top of base with just that
self_commit() {
	local -x GIT_INDEX_FILE=$PQ_STATE/tmp/index-self
	local blob tree base file=drivers/net/veth.c

	base=$(src_git rev-parse base)
	rm -f "$GIT_INDEX_FILE"
	src_git read-tree "$base" || return
	blob=$(src_git show "$base:$file" | awk -v n=$SELF_NOPS \
		-v l=$SELF_LOCKED -v r=$SELF_INDIRECT '
		/^static netdev_tx_t veth_xmit\(/ {
			# It changes no register but the flags
			print "asm(\".text; .type bench_self, @function;\""
			print "\"bench_self: push %rcx; lea 1f(%rip), %rcx;\""
			printf "\".rept %d; call __x86_indirect_thunk_rcx;\"\n", r
			print "\".endr; pop %rcx; ret; 1: ret;\""
			print "\".size bench_self, . - bench_self\");\n"
			on = 1
		}
		{ print }
		on && /rcu_read_lock\(\);/ {
			printf "\tasm volatile(\".rept %d; nop; .endr;\"\n", n
			printf "\".rept %d; lock addl $0, -64(%%%%rsp);\"\n", l
			print "\".endr; call bench_self\" : : : \"cc\", \"memory\");"
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
	local out=$1 base commit kernel rc=0 others known null
	local n=$((SELF_NOPS + SELF_LOCKED + 1))

	base=$(src_git rev-parse base)
	commit=$(self_commit) || die "veth_xmit() is not where it was"
	bench_kernel "$base"
	kernel=$KERNEL
	bench_kernel "$commit"
	# The null change is at other phases: equal ones give equal counts
	bench_run "$out/known" 3 "$kernel" "$KERNEL" veth &&
		BENCH_SHIFT=3 bench_run "$out/null" 3 "$kernel" "$kernel" veth ||
		unsure "the workload does not come to its end"
	self_report "$out/known" && self_report "$out/null" || return 2
	known=$out/known/csv null=$out/null/csv

	self_more "$known" fn veth_xmit $n
	self_more "$known" total locked $SELF_LOCKED
	self_more "$known" total indirect $SELF_INDIRECT
	self_case "veth-udp is said to be worse" \
		test "$(figure "$known" veth-udp total insns 10)" = worse
	others=$(awk -F, '$1 == "veth-udp" && $3 == "fn" &&
		$4 !~ /^(veth_xmit|bench_self)$/ && $5 ~ /^(net|drivers)/ &&
		($8 > 0.5 || $8 < -0.5) { print $4 }' "$known" | paste -sd' ')
	self_case "nothing else of net/ and drivers/ moved: ${others:-none}" \
		test -z "$others"
	others=$(awk -F, '($3 == "total" || $3 == "event") &&
		$10 ~ /^(worse|better)$/ { print $1 ":" $4 }' "$null" |
		paste -sd' ')
	self_case "no change is no difference: ${others:-none}" \
		test -z "$others"
	self_case "the same boot twice gives the same counts" \
		cmp "$out/known/a/veth/1/counts" "$out/null/a/veth/1/counts"
	return $rc
}

# self_more CSV KIND NAME N: in each packet there are N more, exactly
self_more() {
	local diff

	diff=$(figure "$1" veth-udp "$2" "$3" 8)
	self_case "$3: $4 more in each packet: $diff" awk -v d="$diff" -v n="$4" \
		'BEGIN { e = d - n; exit !(e < 0.0005 && e > -0.0005) }'
}

self_report() {
	local sides=()

	mapfile -t sides < <(bench_sides "$1" 3 veth)
	"$BENCH/bench-report" "${BENCH_REPORT[@]}" --format csv \
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
