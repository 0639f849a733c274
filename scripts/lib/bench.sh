# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Counting: the plugin, the guests that are counted, and what they leave.

. "$PQ_TOP/scripts/lib/nic.sh"

BENCH_CONFIG="kernel+queue+ena+bench"
# One tick of the timer more or less in a window is no difference
BENCH_REPORT=(--events "$PQ_TOP/bench/events" --floor 0.05)

# functions_of BUILD VMLINUX: "ADDRESS SIZE NAME FOLDER" for each symbol of the
# text, by address. The folder is that of the object that defines the name; of
# a name in several, the one whose symbols are beside it.
functions_of() {
	(cd "$1" && find . -name '*.o' ! -name 'vmlinux*' ! -name '.*' \
		! -path './scripts/*' ! -path './tools/*' ! -path '*/vdso/*' \
		! -path '*/realmode/*' ! -path '*/boot/*' -print0 |
		xargs -0 nm -A --defined-only 2>/dev/null) |
	awk '$2 ~ /^[tTwW]$/ || $(NF - 1) ~ /^[tTwW]$/ {
		dir = $1
		sub(/^\.\//, "", dir)
		sub(/\/[^\/]*:[0-9a-f]*$/, "", dir)
		print $NF, dir
	}' | sort -u >"$2.objects"
	nm -n -S --defined-only "$2" | awk -v objects="$2.objects" '
		BEGIN {
			while ((getline line <objects) > 0) {
				split(line, f, " ")
				dirs[f[1]] = dirs[f[1]] " " f[2] " "
			}
		}
		# Without a size: labels of assembly
		NF == 3 && $2 ~ /^[tTwW]$/ { a = $1; s = "0"; name = $3 }
		NF == 4 && $3 ~ /^[tTwW]$/ { a = $1; s = $2; name = $4 }
		NF < 3 || name == "" || a !~ /^ffffffff/ { name = ""; next }
		{
			plain = name
			if (!(plain in dirs))
				sub(/\.(cold|part|constprop|isra).*$/, "", plain)
			have = dirs[plain]
			n = split(have, f, " ")
			if (n == 1)
				dir = f[1]
			else if (n > 1 && index(have, " " last " ") == 0)
				dir = f[1]
			else if (n > 1)
				dir = last
			else
				dir = "?"
			if (n == 1)
				last = dir
			# Marks of the linker script are no functions
			if (dir != "?" || s != "0")
				print a, s, name, dir
			name = ""
		}' | sort -s -k1,1 -k2,2r
	rm -f "$2.objects"
}

# bench_kernel COMMIT: sets KERNEL, with KERNEL/functions
bench_kernel() {
	local dir=$PQ_STATE/build/$BENCH_CONFIG

	kernel_build "$1" "$BENCH_CONFIG" || unsure "$1 does not build"
	[ ! -s "$KERNEL/functions" ] || return 0
	# Only the objects that it was linked from tell
	if ! cmp -s "$dir/vmlinux" "$KERNEL/vmlinux"; then
		rm -rf "$KERNEL"
		kernel_build "$1" "$BENCH_CONFIG" || unsure "$1 does not build"
	fi
	functions_of "$dir" "$KERNEL/vmlinux" >"$KERNEL/functions.new"
	mv "$KERNEL/functions.new" "$KERNEL/functions"
}

# bench_tools: sets BENCH to the folder of kcount.so, load, bench-report and
# initramfs
bench_tools() {
	local part dir

	BENCH=$PQ_STATE/build/bench
	mkdir -p "$BENCH"
	for part in ${BENCH_PARTS:-plugin guest report}; do
		limit 300 "build bench/$part" "$BENCH/make.log" \
			make -C "$PQ_TOP/bench/$part" "O=$BENCH/$part" CC=gcc \
			all || die "bench/$part does not build"
		# The objects of one part are not those of another
		find "$BENCH/$part" -maxdepth 1 -type f -perm -u=x \
			-exec cp -t "$BENCH" {} +
	done
	dir=$(mktemp -d)
	mkdir -p "$dir"/{bin,dev,proc,sys,tmp,run,workloads,modules}
	cp "$PQ_TOP"/bench/workloads/* "$dir/workloads/"
	cp "$PQ_TOP/bench/init" "$dir/init"
	chmod 755 "$dir/init"
	cp "$BENCH/load" "$(command -v busybox)" "$dir/bin/"
	copy_programs "$dir" dash ip tc nft ethtool
	mv "$dir/bin/dash" "$dir/bin/sh"
	[ -z "${BENCH_MODULE:-}" ] || cp "$BENCH"/module/*.ko "$dir/modules/"
	# The same bytes from the same files: no times, no inode numbers
	find "$dir" -exec touch -h -d @0 {} +
	(cd "$dir" && find . | sort |
		cpio -o -H newc --quiet --reproducible -R 0:0) \
		>"$BENCH/initramfs.new" ||
		die "cannot make the initramfs: disk full?"
	mv "$BENCH/initramfs.new" "$BENCH/initramfs"
	rm -rf "$dir"
}

# bench_module KERNEL-COMMIT: build the module of .pq/module against a kernel
# that lacks the card's own driver; sets KERNEL
bench_module() {
	local dir

	BENCH_CONFIG+=+no-ena
	dir=$PQ_STATE/build/$BENCH_CONFIG
	PQ_NEED_OBJECTS=on bench_kernel "$1"
	kernel_checkout "$1"
	BENCH=$PQ_STATE/build/bench
	rm -rf "$BENCH/module"
	mkdir -p "$BENCH"
	cp -r "$PQ_STATE/module" "$BENCH/module"
	limit 900 "build the module" "$BENCH/module.log" sh -c '
		o=$1 m=$2
		shift 2
		"$@" O="$o" modules && "$@" O="$o" M="$m" modules
	' sh "$dir" "$BENCH/module" "${KMAKE[@]}" -j"$PQ_JOBS" ||
		die "the module does not build"
	ls "$BENCH"/module/*.ko >/dev/null 2>&1 ||
		die "no .ko came out of the module's folder"
	BENCH_MODULE=on
}

# copy_programs DIR NAME...: with the libraries that they are linked to
copy_programs() {
	local dir=$1 name path lib

	shift
	for name; do
		path=$(command -v "$name") || die "no program '$name'"
		cp -L "$path" "$dir/bin/"
		for lib in $(ldd "$path" | grep -oE '/[^ ]+\.so[^ ]*'); do
			mkdir -p "$dir${lib%/*}"
			cp -L "$lib" "$dir$lib"
		done
	done
}

# workload_get NAME KEY: a value of the head of a workload
workload_get() {
	sed -n "s/^#: $2: //p" "$PQ_TOP/bench/workloads/$1" | head -n 1
}

# The cards that were asked for, by what their results are called
declare -A BENCH_CARDS=()

# card_label SPEC: as part of a name
card_label() { sed 's/clock=none//; s/[^a-z0-9]\+/-/g; s/-*$//' <<<"$1"; }

# bench_guest DIR KERNEL ITEM PERTURB [MODULE]: one boot; DIR gets counts,
# results, console.log and, when it failed, why. ITEM is WORKLOAD[+CARD][@CPUS].
# With MODULE the card's driver is that of the initramfs. To be run in a shell of
# its own.
bench_guest() {
	local dir=$1 kernel=$2 item=$3 perturb=$4 module=${5:-} workload nic
	local rc=0 append plugin cpus="" label="" memory=${PQ_MEMORY:-} accel

	workload=${item%%[@+]*}
	case $item in
	*@*) cpus=${item#*@} ;;
	*)   cpus=$(workload_get "$workload" cpus) ;;
	esac
	nic=$(workload_get "$workload" card)
	label=${nic%%:*}
	case $item in
	*+*) label=${item#*+} label=${label%@*}
	     nic=${BENCH_CARDS[$label]} ;;
	esac
	[ -n "$memory" ] || memory=$(workload_get "$workload" memory)
	rm -rf "$dir"
	mkdir -p "$dir"
	ln -s "$kernel/functions" "$dir/functions"
	trap nic_stop EXIT
	NIC_ARGS=()
	if [ -n "$nic" ]; then
		PQ_MEMORY=${memory:-1G} NIC_SYNC=on nic_start "$nic" "$dir"
		# Its control port; notified at once, not by another thread
		NIC_ARGS=(-device "virtio-serial-pci,addr=0x1e,ioeventfd=off"
			"${NIC_ARGS[@]}")
	fi
	plugin="$BENCH/kcount.so,out=$dir/counts,sym=$kernel/functions"
	plugin+=",mutex=rtnl:$(nm "$kernel/vmlinux" |
		sed -n 's/^\([0-9a-f]*\) [bBdD] rtnl_mutex$/\1/p')"
	accel=(-accel "tcg,thread=single" -icount "shift=0,sleep=off")
	if [ -n "${BENCH_CACHE:-}" ]; then
		plugin+=",cache=on"
		# One thread per CPU: else QEMU does not tell which CPU it was
		[ "${cpus:-1}" -eq 1 ] || {
			plugin+=",threads=on"
			accel=(-accel "tcg,thread=multi")
		}
	fi
	# By the clock: bench-time.sh
	[ -z "${TIME_ACCEL:-}" ] || accel=(-accel "$TIME_ACCEL") plugin=""
	append="console=ttyS0 nokaslr tsc=reliable no_timer_check quiet"
	append+=" panic=-1 oops=panic hung_task_panic=1"
	append+=" bench.workload=$workload bench.reps=${BENCH_REPS:-3}"
	append+=" bench.perturb=$perturb bench.options=${BENCH_OPTIONS:-}"
	append+=" bench.card=$label bench.module=$module"
	# Nothing that keeps the host's time or has the host's random numbers
	timeout -k 5 "${PQ_LIMIT:-900}" qemu-system-x86_64 -nodefaults \
		-no-user-config -no-reboot -display none -machine q35 -cpu max \
		-smp "${cpus:-1}" -m "${memory:-1G}" "${accel[@]}" \
		-rtc base=2026-01-01,clock=vm -seed $((42 + perturb)) \
		-kernel "$kernel/vmlinux" -initrd "$BENCH/initramfs" \
		-append "$append" -serial "file:$dir/console.log" \
		-serial "file:$dir/results" \
		${NIC_ARGS[@]+"${NIC_ARGS[@]}"} \
		${plugin:+-plugin "$plugin"} \
		>"$dir/qemu.log" 2>&1 9>&- || rc=$?
	nic_stop
	if grep -q '^error' "$dir/results" 2>/dev/null; then
		sed -n 's/^error\t//p' "$dir/results" | head -n 1 >"$dir/why"
	elif [ $rc -eq 124 ]; then
		echo "took more than ${PQ_LIMIT:-900} s" >"$dir/why"
	elif [ $rc -ne 0 ] || ! grep -q '^done' "$dir/results"; then
		{ splat_of "$dir/console.log" | head -n 1
		  grep -v warning "$dir/qemu.log" | head -n 1
		  echo "the guest died"; } | grep -m1 . >"$dir/why"
	fi
	[ ! -s "$dir/why" ]
}

# bench_guests FILE: lines "DIR KERNEL WORKLOAD PERTURB [MODULE]", as many at a
# time as there are CPUs. Fails when one failed, having said which and why.
bench_guests() {
	local dir kernel workload perturb module bad=0 n=0 all t=0

	all=$(wc -l <"$1")
	while read -r dir kernel workload perturb module; do
		while [ "$(jobs -rp | wc -l)" -ge "$PQ_JOBS" ]; do
			sleep 0.2
			t=$((t + 1))
			[ $((t % 150)) -ne 0 ] ||
				note "bench: $((t / 5)) s, boot $n of $all"
		done
		n=$((n + 1))
		# Nobody waits for the status: DIR/why tells
		(bench_guest "$dir" "$kernel" "$workload" "$perturb" "$module" ||
			:) &
	done <"$1"
	wait
	while read -r dir kernel workload perturb module; do
		[ -s "$dir/why" ] || grep -q '^done' "$dir/results" 2>/dev/null ||
			echo "the guest was not started" >"$dir/why"
		[ ! -s "$dir/why" ] || {
			note "bench: $workload, boot $perturb: $(cat "$dir/why")"
			[ ! -f "$dir/console.log" ] ||
				tail_of "$dir/console.log" "$workload"
			bad=1
		}
	done <"$1"
	return $bad
}

# bench_run OUT BOOTS KERNEL-A KERNEL-B WORKLOAD...: OUT/{a,b}/WORKLOAD/BOOT
bench_run() {
	local out=$1 boots=$2 a=$3 b=$4 workload i

	shift 4
	mkdir -p "$out" || return
	for workload; do
		for ((i = 1; i <= boots; i++)); do
			echo "$out/a/$workload/$i $a $workload $i"
			[ -z "$b" ] || echo "$out/b/$workload/$i $b $workload" \
				"$((i + ${BENCH_SHIFT:-0})) ${BENCH_MODULE:+module}"
		done
	done >"$out/todo" || return
	bench_guests "$out/todo"
}

# bench_sides OUT BOOTS WORKLOAD...: the arguments that name all their boots
bench_sides() {
	local out=$1 boots=$2 workload side list i

	shift 2
	for side in a b; do
		[ -d "$out/$side" ] || continue
		list=""
		for workload; do
			for ((i = 1; i <= boots; i++)); do
				list+=",$out/$side/$workload/$i"
			done
		done
		echo "${side^}=${list#,}"
	done
}

# bench_report OUT MODE LABEL-A LABEL-B BOOTS WORKLOAD...: 1 when the gate says
# no
bench_report() {
	local out=$1 mode=$2 la=$3 lb=$4 boots=$5 workload format sides=()
	local figures=$PQ_TOP/ci/bench.figures
	local report

	report=("$BENCH/bench-report" "${BENCH_REPORT[@]}")
	shift 5
	mapfile -t sides < <(bench_sides "$out" "$boots" "$@")
	case $mode in
	record)	{ bench_made_of; "${report[@]}" --record "${sides[@]}"; } \
			>"$out/figures" || return
		mv "$out/figures" "$figures" &&
			say "$(grep -vc '^#' "$figures") figures in $(rel "$figures")"
		return ;;
	gate)	"${report[@]}" --label-a "$la" --gate "$figures" "${sides[@]}"
		return ;;
	esac
	report+=(--label-a "$la" --label-b "$lb")
	for format in text json csv; do
		"${report[@]}" --format $format "${sides[@]}" \
			>"$out/report.${format/text/txt}" || return
	done
	cat "$out/report.txt"
	for workload; do
		mapfile -t sides < <(bench_sides "$out" "$boots" "$workload")
		"${report[@]}" --format chart --title "$workload" "${sides[@]}" \
			>"$out/$workload.gnuplot" || return
		for format in svg png; do
			chart $format "$out/$workload" || return
		done
	done
}

# chart FORMAT STEM: STEM.gnuplot drawn as STEM.FORMAT
chart() {
	local term="svg size 1600,900"

	[ "$1" = svg ] || term="pngcairo size 1600,900"
	limit 60 "chart" "$2.log" gnuplot \
		-e "set term $term; set output '$2.$1'" "$2.gnuplot"
}

# bench_fits: were the recorded figures made by these tools?
bench_fits() {
	local made

	made=$(bench_made_of)
	[ "$(head -n "$(wc -l <<<"$made")" "$PQ_TOP/ci/bench.figures")" != "$made" ] ||
		return 0
	diff "$PQ_TOP/ci/bench.figures" - <<<"$made" | grep '^[<>] # ' >&2 || :
	unsure "ci/bench.figures is of other tools: scripts/pq bench --record," \
		"and review what changes"
}

# What recorded figures depend on besides the sources
bench_made_of() {
	echo "# Written by scripts/pq bench --record: do not edit, review."
	echo "# $(gcc --version | head -n 1)"
	echo "# $(qemu-system-x86_64 --version | head -n 1)"
	echo "# kernel $(base_version), $(config_text "$BENCH_CONFIG" base |
		sha256sum | cut -c1-16)"
	echo "# guest $(hash_of "$BENCH/initramfs"), counter and report $(cat \
		"$PQ_TOP"/bench/{plugin,lib,report}/*.[ch] "$PQ_TOP/bench/events" |
		sha256sum | cut -c1-16)"
}
