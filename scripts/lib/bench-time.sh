# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The other two clocks of pq bench: the same work in two kernels, timed, under
# KVM or as User-mode Linux. One guest at a time, pair after pair.
#
# BENCH_CLOCK is "kvm", "uml" or empty; BENCH_PAIRS and BENCH_REPS are as the
# options say. KVM's guests are those that are counted, by bench_guest().

UML_CONFIG=queue+bench+uml
# The median of so many repetitions is the time of a boot
TIME_REPS=5

# time_options OTHERS: die where what goes with counting was said with a clock,
# or the other way round. OTHERS is "compare" if nothing was. Sets defaults.
time_options() {
	if [ -z "$BENCH_CLOCK" ]; then
		[ -z "$BENCH_PAIRS" ] || die "bench: --pairs wants --kvm or --uml"
		return 0
	fi
	[ "$BENCH_CLOCK" = kvm ] || [ "$BENCH_CLOCK" = uml ] ||
		die "bench: one clock at a time: --kvm or --uml"
	[ "$1$BENCH_CACHE$cpus${BENCH_CARDS[*]}" = compare ] ||
		die "bench: --$BENCH_CLOCK goes with --base, --with, --pairs," \
			"--reps and --options alone"
	BENCH_REPS=${BENCH_REPS:-$TIME_REPS} BENCH_PAIRS=${BENCH_PAIRS:-10}
	[ "$BENCH_PAIRS" -ge 5 ] ||
		die "bench: --pairs: fewer than 5 tell nothing"
	[ "$BENCH_CLOCK" = kvm ] || [ ${#workloads[@]} -gt 0 ] ||
		workloads=(veth)
}

# uml_build COMMIT: sets KERNEL to the folder of a kernel that is a program,
# KERNEL/vmlinux
uml_build() {
	# The key of a kernel has these in it, too: none is shared with x86
	local KMAKE=("${KMAKE[@]}" ARCH=um SUBARCH=x86_64)

	kernel_build "$1" "$UML_CONFIG" || unsure "$1 does not build as UML"
}

# time_kernel COMMIT: sets KERNEL
time_kernel() {
	if [ "$BENCH_CLOCK" = uml ]; then
		uml_build "$1"
	else
		kernel_build "$1" "$BENCH_CONFIG" || unsure "$1 does not build"
	fi
}

no_kvm() {
	note "skipped: no KVM here: $1. Run it on a machine where a guest boots" \
		"under KVM, or time it with --uml"
	exit "$EX_SKIP"
}

# uml_guest DIR KERNEL WORKLOAD PERTURB: one boot; DIR gets results and
# console.log. The guest has a PID namespace of its own: none of its processes
# is left, however it ends. They take turns, so they stay on one CPU: on two,
# each turn would wait for whoever else is there. UML polls its terminals, so
# those are pipes. Its memory is a file in TMPDIR.
uml_guest() {
	local cpu words=(panic=-1 oops=panic "bench.workload=$3"
		"bench.reps=$BENCH_REPS" "bench.perturb=$4"
		"bench.options=$BENCH_OPTIONS")

	cpu=$(sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status)
	{
		TMPDIR=/tmp timeout --foreground -s KILL "${PQ_LIMIT:-300}" \
			taskset -c "${cpu##*[-,]}" \
			unshare --pid --fork --kill-child=KILL -- \
			sh -c '"$@"; :' sh "$2/vmlinux" \
			"initrd=$BENCH/initramfs" mem=512M seccomp=auto \
			uml_dir=/tmp/uml con=null con0=null,fd:2 console=tty0 \
			ssl1=null,fd:1 "${words[@]}" \
			</dev/null 2>&1 >&3 3>&- 9>&- | cat >"$1/console.log"
	} 3>&1 | cat >"$1/results"
}

# time_boot DIR KERNEL ITEM PERTURB: one boot; DIR gets results and console.log.
# Dies with why it failed.
time_boot() {
	local dir=$1 guest=bench_guest start=$SECONDS why

	[ "$BENCH_CLOCK" = kvm ] || guest=uml_guest
	mkdir -p "$dir"
	# Its status tells nothing that the results do not
	("$guest" "$@" || :) &
	wait $!
	! grep -q '^done' "$dir/results" || return 0
	why=$({
		[ ! -f "$dir/why" ] || cat "$dir/why"
		sed -n 's/^error\t//p' "$dir/results"
		[ $((SECONDS - start)) -lt "${PQ_LIMIT:-300}" ] ||
			echo "took more than ${PQ_LIMIT:-300} s"
		splat_of "$dir/console.log" || :
		echo "the guest died"
	} | grep -m1 .)
	tail_of "$dir/console.log" "$3"
	unsure "$3: $why"
}

# time_run OUT KERNEL-A KERNEL-B ITEM...: OUT/{a,b}/ITEM/PAIR. What drifts is
# the same for both of a pair, and each is the first in every other.
time_run() {
	local out=$1 i item side sides start=$SECONDS
	local -A kernel=([a]=$2 [b]=$3)

	shift 3
	for ((i = 1; i <= BENCH_PAIRS; i++)); do
		sides="a b"
		[ $((i % 2)) -eq 1 ] || sides="b a"
		for item; do
			for side in $sides; do
				time_boot "$out/$side/$item/$i" \
					"${kernel[$side]}" "$item" $((i % 4))
			done
		done
		note "bench: pair $i of $BENCH_PAIRS, $((SECONDS - start)) s"
	done
}

# time_cards WORKLOAD...: those without a card, and why the others are left out
time_cards() {
	local workload

	for workload; do
		if [ -n "$(workload_get "$workload" card)" ]; then
			note "$workload left out: it has a card, and UML has none"
		else
			echo "$workload"
		fi
	done
}

# bench_time OUT REV-A REV-B ITEM...: build, boot, compare, print
bench_time() {
	local out=$1 la=${2:-queue} lb=${3:-queue} commit_a commit_b kernel_a
	local items sides format

	commit_a=$(bench_rev "$2") || exit
	commit_b=$(bench_rev "$3") || exit
	shift 3
	items=("$@")
	if [ "$BENCH_CLOCK" = uml ]; then
		mapfile -t items < <(time_cards "$@")
		[ ${#items[@]} -gt 0 ] || exit "$EX_SKIP"
	elif [ ! -w /dev/kvm ]; then
		no_kvm "/dev/kvm cannot be opened"
	elif [ "$(accel_seen)" = tcg ]; then
		no_kvm "a guest did not boot under it"
	fi
	time_kernel "$commit_a"
	kernel_a=$KERNEL
	if [ "$BENCH_CLOCK" = kvm ]; then
		TIME_ACCEL=$(accel "$KERNEL")
		[ "$TIME_ACCEL" = kvm ] || no_kvm "a guest does not boot under it"
		model_build
	fi
	time_kernel "$commit_b"
	BENCH_PARTS="guest time" bench_tools
	rm -rf "$out"
	time_run "$out" "$kernel_a" "$KERNEL" "${items[@]}"
	mapfile -t sides < <(bench_sides "$out" "$BENCH_PAIRS" "${items[@]}")
	for format in csv text; do
		"$BENCH/bench-time" --label-a "$la" --label-b "$lb" \
			--format $format "${sides[@]}" \
			>"$out/time.${format/text/txt}" || return
	done
	cat "$out/time.txt"
}
