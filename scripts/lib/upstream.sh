# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The tree's own driver tests, on a NIC of the guest.

# upstream_tree COMMIT: sets TESTS to a folder with the selftests of that
# commit and the programs and BPF objects that its driver tests call
upstream_tree() {
	local commit=$1 key dir d paths

	paths=(tools Documentation/netlink include/uapi MAINTAINERS Makefile)
	key=$({ for d in "${paths[@]}"; do src_git rev-parse "$commit:$d"; done
		packages_stamp; } | sha256sum | cut -c1-16)
	TESTS=$PQ_STATE/upstream/$key
	[ ! -d "$TESTS" ] || return 0
	need_space 1
	rm -rf "$PQ_STATE/upstream"
	mkdir -p "$TESTS.new"
	src_git archive "$commit" "${paths[@]}" | tar -C "$TESTS.new" -x -m ||
		die "cannot lay out the tests: disk full?"
	src_git diff --quiet HEAD "$commit" -- include/uapi arch/x86 ||
		kernel_checkout "$commit"
	limit 300 "kernel headers" "$PQ_STATE/tests.log" "${KMAKE[@]}" \
		O="$PQ_STATE/upstream/headers" headers_install \
		INSTALL_HDR_PATH="$TESTS.new/usr" || die "no kernel headers"
	for d in net/lib drivers/net drivers/net/hw; do
		dir=$TESTS.new/$SELFTESTS/$d
		# libbpf comes from the tool root. What does not build, a test
		# will miss and say so
		limit 300 "build $d" "$TESTS.new/build.log" \
			make -k -C "$dir" BPFOBJ= all ||
			note "not all of $d builds"
		cat "$TESTS.new/build.log" >>"$PQ_STATE/tests.log"
	done
	mv "$TESTS.new" "$TESTS"
}

# upstream_list [TEST...]: the programs of both Makefiles with their limits,
# or those of them that end with one of the names
upstream_list() {
	local dir limit test want

	for dir in drivers/net drivers/net/hw; do
		limit=$(sed -n 's/^timeout=//p' "$TESTS/$SELFTESTS/$dir/settings")
		# "0" is none, and nothing here may hang
		[ "${limit:-45}" -ne 0 ] || limit=900
		for test in $(awk '/^TEST_PROGS *:?=/ { on = 1; sub(/.*=/, "") }
			on { more = /\\$/; sub(/\\$/, ""); sub(/#.*/, ""); print }
			!more { on = 0 }' "$TESTS/$SELFTESTS/$dir/Makefile")
		do
			for want in "${@:-$test}"; do
				case /$dir/$test in
				*/"$want") echo "$dir/$test ${PQ_LIMIT:-${limit:-45}}"
					break ;;
				esac
			done
		done
	done
}

# upstream_watch DIR: what guest_boot calls once a second. A line for each
# program that ended; the end for a guest whose program outlived its limit,
# which only a kernel that hangs lets it.
upstream_watch() {
	local marks now word test rest

	mapfile -t marks < <(grep -a '^@@pq \(begin\|end\) ' \
		"$1/test.log" || :)
	for now in "${marks[@]:WATCH_SEEN}"; do
		read -r _ word test rest <<<"$now"
		WATCH_SINCE=$SECONDS
		if [ "$word" = begin ]; then
			WATCH_RUNS=$test WATCH_LIMIT=$rest
		else
			WATCH_RUNS=
			WATCH_DONE=$((WATCH_DONE + 1))
			note "$WATCH_DONE/$WATCH_ALL $test: ${rest% *}, ${rest##* } s"
		fi
	done
	WATCH_SEEN=${#marks[@]}
	if [ -n "$WATCH_RUNS" ] &&
	   [ $((SECONDS - WATCH_SINCE)) -gt $((WATCH_LIMIT + 60)) ]; then
		echo "hang: no end $((WATCH_LIMIT + 60)) s after its begin" >"$1/why"
		return 1
	fi
}

# upstream_part FILE TEST: what FILE, the output or the kernel's log, has
# between the marks of TEST
upstream_part() {
	awk -v b="pq:? begin $2 " -v e="pq:? end $2 " '
		$0 ~ e { on = 0 } on { print } $0 ~ b { on = 1 }' "$1"
}

# upstream_session DIR NIC: one boot for as much of DIR/todo as it lasts; adds
# table lines to DIR/table, and takes what ran off DIR/todo
upstream_session() {
	local dir=$1 nic=$2 rc=0 why="" test limit end log splat left=$3
	local boot=$dir/boot ktap

	ktap=$(tool ktap) || exit
	rm -rf "$boot"
	mkdir -p "$boot"
	WATCH_SEEN=0 WATCH_RUNS="" WATCH_SINCE=$SECONDS WATCH_LIMIT=0
	echo "exec env NIC_SLOT_DUT=$NIC_SLOT_DUT NIC_SLOT_PEER=$NIC_SLOT_PEER" \
		"bash $PQ_TOP/scripts/guest/upstream-tests.sh" \
		"$TESTS/$SELFTESTS $dir/todo ${nic%%:*}" >"$boot/run"
	cp "$dir/todo" "$boot/todo"
	nic_start "$nic" "$boot"
	GUEST_WATCH=upstream_watch
	guest_boot "$boot" "$KERNEL" "$boot/run" "$left" || rc=$?
	upstream_watch "$boot" || :
	GUEST_WATCH=
	nic_stop
	[ $rc -eq 0 ] || why=$(cat "$boot/why")
	cat "$boot/console.log" >>"$dir/console.log"
	while read -r test limit; do
		grep -qa "^@@pq begin $test " "$boot/test.log" || break
		log=$dir/logs/${test//\//_}.log
		upstream_part "$boot/test.log" "$test" >"$log"
		upstream_part "$boot/console.log" "$test" >"${log%.log}.console"
		end=$(sed -n "s|^@@pq end $test \(.*\) [0-9]*\$|\1|p" \
			"$boot/test.log")
		[ -n "$end" ] ||
			note "$test: ${why:-the guest ended before it}"
		splat=$(splat_of "${log%.log}.console") ||
			die "the console cannot be read"
		"$ktap" "$test" "${end:-${why:-the guest ended}}" "$splat" \
			<"$log" >>"$dir/table" || die "no verdict for $test"
		sed -i 1d "$dir/todo"
	done <"$boot/todo"
	# A guest that did not begin one program would be booted for ever
	if cmp -s "$dir/todo" "$boot/todo"; then
		[ $rc -ne 0 ] || echo "no program began" >"$boot/why"
		guest_explain "$boot"
		return 1
	fi
}

# upstream_compare EXPECTED TABLE [ALL]: the differences in either direction,
# without ALL for the programs that TABLE has. Returns 1 when there are any.
upstream_compare() {
	awk -v all="${3:-}" '
	{ sub(/[ \t]*#.*/, "") }
	NF != 3 { next }
	FILENAME == ARGV[1] { ran[$1]; got[$1 " " $2] = $3; order[++n] = $1 " " $2
		next }
	all || $1 in ran { want[$1 " " $2] = $3; worder[++m] = $1 " " $2 }
	END {
		for (i = 1; i <= n; i++) {
			k = order[i]
			if (!(k in want)) {
				print k ": " got[k] ", not in the list"; bad = 1
			} else if (want[k] != got[k]) {
				print k ": " got[k] ", expected " want[k]; bad = 1
			}
		}
		for (i = 1; i <= m; i++)
			if (!(worder[i] in got)) {
				print worder[i] ": did not run, expected " \
					want[worder[i]]
				bad = 1
			}
		exit bad
	}' "$2" "$1"
}

# upstream_update EXPECTED TABLE: EXPECTED with the verdicts of TABLE. What was
# not run stays as it is, and so does the reason that somebody wrote.
upstream_update() {
	local head='# TEST CASE VERDICT # REASON; see pq upstream-tests --help'

	[ -f "$1" ] || echo "$head" >"$1"
	{
		grep '^#' "$1" || :
		awk '
		function why() {
			return index($0, "#") ? " " substr($0, index($0, "#")) : ""
		}
		/^#/ || NF < 3 { next }
		FNR == NR { old[$1 " " $2] = why(); line[++n] = $0; of[n] = $1
			next }
		{
			k = $1 " " $2
			ran[$1]
			print k " " $3 (old[k] == "" ? why() : old[k])
		}
		END { for (i = 1; i <= n; i++) if (!(of[i] in ran)) print line[i] }
		' "$1" "$2" | sort -s -k1,1
	} >"$1.new" && mv "$1.new" "$1"
}
