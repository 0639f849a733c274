# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The proof of one patch: its selftest is RED on the base, GREEN with the
# patch, and RED again on the queue without it.

SELFTESTS=tools/testing/selftests

# The code patch that a test patch belongs to, or itself
proof_patch() {
	local p last=

	for p in $(queue_list); do
		queue_is_test "$PQ_TOP/patches/$p" || last=$p
		[ "$p" != "$1" ] || break
	done
	echo "$last"
}

# tests_tree COMMIT: sets TESTS to a folder with the selftests of that commit
# and the BPF objects that the proof maps name
tests_tree() {
	local commit=$1 key obj dir

	key=$({ src_git rev-parse "$commit:tools" "$commit:Documentation/netlink"
		cat "$PQ_TOP"/patches/*/proof.map 2>/dev/null | grep '^build'
		packages_stamp; } | sha256sum | cut -c1-16)
	TESTS=$PQ_STATE/tests/$key
	[ ! -d "$TESTS" ] || return 0
	rm -rf "$PQ_STATE/tests"
	mkdir -p "$TESTS.new"
	src_git archive "$commit" tools Documentation/netlink |
		tar -C "$TESTS.new" -x -m || die "cannot lay out the tests: disk full?"
	for obj in $(awk '$1 == "build" { print $2 }' \
		     "$PQ_TOP"/patches/*/proof.map | sort -u); do
		dir=$TESTS.new/$SELFTESTS/$(dirname "$obj")
		# libbpf comes from the tool root: no need to build the tree's
		limit 300 "build $obj" "$PQ_STATE/tests.log" \
			make -C "$dir" BPFOBJ= OUTPUT="$dir" \
			"$dir/$(basename "$obj")" ||
			die "$obj does not build"
	done
	mv "$TESTS.new" "$TESTS"
}

# The queue's own files below tools/ that a test may use: all but the tests of
# the patches, and lists
queue_helpers() {
	src_git diff --name-only base "$1" -- tools Documentation/netlink |
	grep -vE '/(Makefile|config|\.gitignore)$' |
	grep -vxFf <(awk -v s="$SELFTESTS/" '$1 == "test" { print s $2 }
		$1 == "build" { sub(/\.o$/, ".c", $2); print s $2 }' \
		"$PQ_TOP"/patches/*/proof.map) || :
}

# test_hash PATCH COMMIT: what the patch's test is made of, and what runs it
test_hash() {
	local f

	f=$(map_get "$1" test)
	# shellcheck disable=SC2046 # a list of files
	src_git ls-tree "$2" "$SELFTESTS/$f" \
		"$SELFTESTS/$(map_get "$1" build | sed 's/\.o$/.c/')" \
		$(queue_helpers "$2") || return 1
	src_git rev-parse "base:$SELFTESTS" base:tools/net/ynl \
		base:Documentation/netlink || return 1
	packages_stamp
	echo "${PQ_CPUS:-2} ${PQ_MEMORY:-1G} $(accel "$KERNEL")"
	map_get "$1" test; map_get "$1" build; map_get "$1" symptom
	map_get "$1" cases; map_get "$1" seconds; map_get "$1" nic
	[ -z "$(map_get "$1" nic)" ] || {
		model_hash
		cat "$PQ_TOP"/scripts/{lib/nic,guest/nic-setup}.sh
	}
	cat "$PQ_TOP/scripts/guest/init.c" \
		"$PQ_TOP"/scripts/tools/{splat,verdict}.c "$PQ_TOP/scripts/lib/boot.sh"
}

# test_script TEST CASES NIC [ARG...]: what the guest runs; TESTS is laid out
test_script() {
	local test=$1 cases=$2 nic=$3 args=

	shift 3
	[ $# -eq 0 ] || args=$(printf ' %q' "$@")
	# Tests in Python take their cases as arguments
	case $test in
	*.py) args=$(tr -s ' ' '\n' <<<"$cases" |
		sed '/./s/^/ -t /' | tr -d '\n')$args ;;
	esac
	echo "cd $TESTS/$SELFTESTS/$(dirname "$test") || exit 125"
	printf 'export TESTS=%q\n' "$cases"
	if [ -z "$nic" ]; then
		echo "exec ./$(basename "$test")$args"
		return
	fi
	cat <<-EOF
	export NIC_SLOT_DUT=$NIC_SLOT_DUT NIC_SLOT_PEER=$NIC_SLOT_PEER
	exec bash -c '. $PQ_TOP/scripts/guest/nic-setup.sh &&
		nic_setup ${nic%%:*} || exit 125
	exec ./$(basename "$test") "\$@"' test$args
	EOF
}

# prove_on WHAT PATCH COMMIT: boot COMMIT, run the patch's test, and set PROOF
# to "VERDICT: reason". Kept by the hash of all that went into it.
prove_on() {
	local what=$1 patch=$2 commit=$3 config key dir test symptom rc=0 status
	local out splat nic try beside=

	config=$(map_get "$patch" config)
	nic=$(map_get "$patch" nic)
	config=${config:-$PQ_CONFIG_DEFAULT}
	test=$(map_get "$patch" test)
	symptom=$(map_get "$patch" symptom)
	[ -n "$test" ] || die "proof.map names no test for $patch"
	# The queue without a patch has the headers of all others, early prefixes
	# have the base's
	[ "$what" != without ] || beside=without
	kernel_build "$commit" "$config" $beside || {
		PROOF="UNKNOWN: the kernel does not build"
		BUILT=no
		return 0
	}
	key=$(test_hash "$patch" "$TIP") || die "git failed: disk full?"
	key=$(sha256sum <<<"$(basename "$KERNEL") $key" | cut -c1-16)
	dir=$PQ_STATE/proof/$key
	if [ ! -f "$dir/verdict" ]; then
		rm -rf "$dir"
		mkdir -p "$dir"
		tests_tree "$TIP"
		test_script "$test" "$(map_get "$patch" cases)" "$nic" >"$dir/run"
		tool verdict >"$dir/tool" || exit
		for try in 1 2 3; do
			rc=0
			[ -z "$nic" ] || nic_start "$nic" "$dir"
			guest_boot "$dir" "$KERNEL" "$dir/run" \
				"$(map_get "$patch" seconds | grep . || echo 300)" ||
				rc=$?
			nic_stop
			if [ $rc -eq 0 ]; then
				status=$(guest_phase "$dir")
			else
				status=$(cat "$dir/why")
			fi
			splat=$(splat_of "$dir/console.log") ||
				die "the console of $patch could not be read"
			out=$("$(cat "$dir/tool")" "$status" "$splat" "$symptom" \
				<"$dir/test.log") || die "no verdict for $patch"
			# TCG with two CPUs may run into code that the other
			# one is patching: no verdict on the patch
			case $out in
			UNKNOWN*'Oops: int3'*)
				note "$patch: $what: try $try: $out" ;;
			*)	break ;;
			esac
		done
		# What could not be told is tried again at the next run
		case $out in
		UNKNOWN*) printf '%s\n' "$out" >"$dir/unknown" ;;
		*)	  printf '%s\n' "$out" >"$dir/verdict.new" &&
				mv "$dir/verdict.new" "$dir/verdict" ;;
		esac
	fi
	out=$(cat "$dir/verdict" 2>/dev/null || cat "$dir/unknown")
	PROOF="${out%%$'\t'*}: ${out#*$'\t'}"
	note "$patch: $what: $PROOF"
	case $PROOF in
	UNKNOWN*) tail_of "$dir/test.log" "test of $patch, $what"
		  note "console: $(rel "$dir/console.log")" ;;
	esac
	mkdir -p "$PQ_STATE/results"
	{
		echo "# $patch: $what: $PROOF"
		sed 's/^/#   /' "$dir/test.log"
	} >>"$PQ_STATE/results/tests.log"
}

# prove_patch N PATCH COMMIT: append the patch's line to results.tsv
prove_patch() {
	local n=$1 patch=$2 commit=$3 base with without verdict reason also built

	BUILT=yes
	prove_on base "$patch" "$(src_git rev-parse base)"; base=$PROOF
	BUILT=yes
	prove_on with "$patch" "$commit"; with=$PROOF; built=$BUILT
	queue_commits "$patch" >"$PQ_STATE/tmp/without" || exit
	prove_on without "$patch" \
		"$(awk 'END { print $3 }' "$PQ_STATE/tmp/without")"
	without=$PROOF
	also=$(awk '$4 == "dependent" { print $2 }' "$PQ_STATE/tmp/without")
	[ -z "$also" ] || without+=" (also without ${also//$'\n'/, })"
	verdict=wrong reason=
	case ${base%%:*}-${with%%:*}-${without%%:*} in
	RED-GREEN-RED) verdict=proven ;;
	*UNKNOWN*) verdict=unknown ;;
	esac
	[ "$built" = yes ] || verdict=wrong
	[ "${base%%:*}" = RED ]    || reason+="base is ${base}; "
	[ "${with%%:*}" = GREEN ]  || reason+="with it: ${with}; "
	[ "${without%%:*}" = RED ] || reason+="without it: ${without}; "
	printf '%s\t' "$patch" code applied "$built" "$base" "$with" "$without" \
		"$verdict"
	printf '%s\n' "${reason%; }"
}

# prove_order: the code patches of the queue in the order of proving: those
# that were changed last come first, equals by turns that HEAD decides
prove_order() {
	local n p rest turn

	turn=$(git -C "$PQ_TOP" rev-parse -q --verify HEAD 2>/dev/null || :)
	while read -r n p rest; do
		! queue_is_test "$PQ_TOP/patches/$p" || continue
		printf '%s %s %s\n' "$(git -C "$PQ_TOP" log -1 --format=%ct -- \
			"patches/$p" 2>/dev/null | grep . || echo 0)" \
			"$(sha256sum <<<"$turn $p" | cut -c1-8)" "$n"
	done <"$PQ_STATE/queue" | sort -k1,1nr -k2,2 | cut -d' ' -f3
}

# prove_all PATCH SECONDS: results.tsv for the whole queue, or for one patch if
# one is named. No proof is begun later than SECONDS from now, if not empty.
prove_all() {
	local only=$1 limit=$2 out=$PQ_STATE/results start=$SECONDS
	local n p commit state last=none order

	mkdir -p "$out"
	# No result of an earlier run shall be taken for one of this
	rm -rf "$out"/{results.tsv,proof.ktap,junit.xml,verdict.json,proof}
	mkdir "$out/proof"
	# shellcheck disable=SC2012 # names are hex keys
	ls -1dt "$PQ_STATE"/proof/* 2>/dev/null | tail -n +500 | xargs -r rm -rf
	: >"$out/tests.log"
	TIP=$(queue_tip)
	if [ -n "$limit" ]; then
		order=$(prove_order)
	else
		order=$(cut -d' ' -f1 "$PQ_STATE/queue")
	fi
	for n in $order; do
		read -r n p commit state < <(sed -n "${n}p" "$PQ_STATE/queue")
		! queue_is_test "$PQ_TOP/patches/$p" || continue
		[ -z "$only" ] || [ "$p" = "$only" ] || continue
		if [ "$state" = upstream ]; then
			{ printf '%s\t' "$p" code upstream - - - - skipped
			  echo "in the base already: drop it"; } >"$out/proof/$n"
		elif [ -n "$limit" ] && [ $((SECONDS - start)) -ge "$limit" ]; then
			{ printf '%s\t' "$p" code "$state" - - - - skipped
			  echo "out of time: scripts/pq prove $p"; } >"$out/proof/$n"
		else
			prove_patch "$n" "$p" "$commit" >"$out/proof/$n"
		fi
	done
	while read -r n p commit state; do
		if [ -f "$out/proof/$n" ]; then
			cat "$out/proof/$n"
			last=$(cut -f8 "$out/proof/$n" | sed 's/proven/carried/')
		elif [ -z "$only" ]; then
			printf '%s\t' "$p" test "$state" yes - - - "$last"
			echo "no code: goes with the patch before it"
		fi
	done <"$PQ_STATE/queue" >"$out/results.new"
	mv "$out/results.new" "$out/results.tsv"
}

# prove_report: the table on stdout, the other forms in .pq/results
prove_report() {
	local out=$PQ_STATE/results rc=0 report form

	report=$(tool report)
	for form in ktap junit json; do
		"$report" "$form" <"$out/results.tsv" >"$out/$form.new" || :
	done
	mv "$out/ktap.new" "$out/proof.ktap"
	mv "$out/junit.new" "$out/junit.xml"
	mv "$out/json.new" "$out/verdict.json"
	"$report" table <"$out/results.tsv" || rc=$?
	awk -F'\t' '$9 != "" && $2 == "code" { print $1 ": " $9 }' \
		"$out/results.tsv"
	return $rc
}
