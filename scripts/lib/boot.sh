# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The guest: QEMU with our PID 1, a limit for each phase, and what it reported.

. "$PQ_TOP/scripts/lib/nic.sh"

# Seconds a phase may take; generous, for machines under load
LIMIT_FIRMWARE=60 LIMIT_KERNEL=180 LIMIT_INIT=120

# tool NAME [CFLAG...]: the path of scripts/{guest,tools}/NAME.c, compiled
tool() {
	local name=$1 src bin

	shift
	src=$(find "$PQ_TOP/scripts/guest" "$PQ_TOP/scripts/tools" -name "$name.c")
	bin=$PQ_STATE/bin/$name-$(hash_of "$src")
	if [ ! -x "$bin" ]; then
		mkdir -p "$PQ_STATE/bin"
		gcc -std=gnu11 -O2 -Wall -Wextra -Werror "$@" -o "$bin.new" \
			"$src" >&2 && mv "$bin.new" "$bin" ||
			die "cannot compile $(rel "$src")"
	fi
	echo "$bin"
}

# The initramfs holds PID 1 and nothing else
initramfs() {
	local init dir img

	init=$(tool init -static) || exit
	img=$init.cpio
	if [ ! -f "$img" ]; then
		dir=$(mktemp -d)
		cp "$init" "$dir/init"
		mkdir "$dir/dev"
		(cd "$dir" && find . | cpio -o -H newc --quiet) >"$img.new" &&
			mv "$img.new" "$img" ||
			die "cannot make the initramfs: disk full?"
		rm -rf "$dir"
	fi
	echo "$img"
}

# accel: "kvm" only where a guest kernel has booted under it once, with a
# limit: /dev/kvm can exist, open, and hang. Remembered per kernel of the host.
accel() {
	local seen=$PQ_STATE/accel want

	want="$(uname -r) $(cat /proc/sys/kernel/random/boot_id)"
	if [ -n "$(accel_seen)" ]; then
		accel_seen
		return
	fi
	if [ -w /dev/kvm ] && kvm_boots "$1"; then
		printf 'kvm\n%s\n' "$want" >"$seen"
	else
		printf 'tcg\n%s\n' "$want" >"$seen"
	fi
	head -n 1 "$seen"
}

# accel_seen: what accel has found since this machine booted, or nothing
accel_seen() {
	local want

	want="$(uname -r) $(cat /proc/sys/kernel/random/boot_id)"
	[ "$(tail -n +2 "$PQ_STATE/accel" 2>/dev/null)" != "$want" ] ||
		head -n 1 "$PQ_STATE/accel"
}

kvm_boots() {
	local dir=$PQ_STATE/tmp/kvm

	rm -rf "$dir"
	mkdir -p "$dir"
	echo true >"$dir/run"
	note "probing KVM with a real boot (at most 20 s)"
	LIMIT_FIRMWARE=10 LIMIT_KERNEL=10 LIMIT_INIT=10 \
		guest_boot "$dir" "$1" "$dir/run" 10 kvm >/dev/null 2>&1 &&
		[ "$(guest_phase "$dir")" = "exit 0" ]
}

# The last line that PID 1 reported, or the phase before it could
guest_phase() {
	if [ -s "$1/status" ]; then
		tail -n 1 "$1/status"
	elif [ -s "$1/console.log" ]; then
		echo kernel
	else
		echo firmware
	fi
}

# A function that is called with DIR once a second while RUN runs, and ends the
# guest by returning 1 with DIR/why set
GUEST_WATCH=

# guest_boot DIR KERNEL RUN SECONDS [ACCEL]
# Boots KERNEL/vmlinux, runs the shell script RUN in the guest, and leaves
# console.log, test.log and status in DIR. Returns 0 when the script came to
# its end, whatever its status; 1 when the guest died; 124 when a phase took
# too long. DIR/why then says which.
guest_boot() {
	local dir=$1 kernel=$2 run=$3 secs=$4 accel=${5:-} pid phase last="" t=0 lim append initrd image
	local qemu=(qemu-system-x86_64 -nodefaults -no-user-config -no-reboot
		-display none -cpu max -smp "${PQ_CPUS:-2}"
		-m "${PQ_MEMORY:-1G}")

	[ -n "$accel" ] || accel=$(accel "$kernel")
	initrd=$(initramfs) || exit
	: >"$dir/status"; : >"$dir/test.log"; : >"$dir/console.log"
	rm -f "$dir/why"
	case $accel in
	kvm) qemu+=(-machine "q35,accel=kvm" -cpu host) ;;
	*)   qemu+=(-machine q35 -accel "tcg,thread=multi") ;;
	esac
	append="console=ttyS0 no_timer_check tsc=reliable pq.run=$run"
	append+=" panic=-1 oops=panic hung_task_panic=1 watchdog_thresh=60"
	append+=" rcupdate.rcu_cpu_stall_timeout=120"
	append+=" rcupdate.rcu_exp_cpu_stall_timeout=120000 random.trust_cpu=on"
	image=$kernel/vmlinux
	[ ! -f "$kernel/bzImage" ] || image=$kernel/bzImage
	qemu+=(-kernel "$image" -initrd "$initrd"
		-append "$append"
		-chardev "file,id=con,path=$dir/console.log" -serial chardev:con
		-device virtio-serial-pci
		-chardev "file,id=status,path=$dir/status"
		-device "virtserialport,chardev=status,name=pq.status"
		-chardev "file,id=log,path=$dir/test.log"
		-device "virtserialport,chardev=log,name=pq.log"
		-object "rng-random,id=rng,filename=/dev/urandom"
		-device "virtio-rng-pci,rng=rng"
		-fsdev "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap"
		-device "virtio-9p-pci,fsdev=root,mount_tag=root"
		${NIC_ARGS[@]+"${NIC_ARGS[@]}"})

	"${qemu[@]}" >"$dir/qemu.log" 2>&1 9>&- &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.2
		t=$((t + 1))
		phase=$(guest_phase "$dir")
		[ "$phase" = "$last" ] || { last=$phase; t=0; }
		case $phase in
		firmware) lim=$LIMIT_FIRMWARE ;;
		kernel)	lim=$LIMIT_KERNEL ;;
		init)	lim=$LIMIT_INIT ;;
		test)	lim=$secs ;;
		*)	lim=30 phase=power-off ;;
		esac
		if [ "$phase" = test ] && [ -n "$GUEST_WATCH" ] &&
		   [ $((t % 5)) -eq 0 ] && ! "$GUEST_WATCH" "$dir"; then
			kill -9 "$pid" 2>/dev/null
			wait "$pid" 2>/dev/null || :
			return 124
		fi
		if [ "$phase" != power-off ] && nic_gone; then
			kill -9 "$pid" 2>/dev/null
			wait "$pid" 2>/dev/null || :
			nic_died "$dir" >"$dir/why"
			return 1
		fi
		if [ "$t" -gt $((lim * 5)) ]; then
			kill -9 "$pid" 2>/dev/null
			wait "$pid" 2>/dev/null || :
			[ "$phase" != power-off ] || return 0
			echo "phase '$phase' took more than $lim s" >"$dir/why"
			return 124
		fi
	done
	wait "$pid" 2>/dev/null || :
	case $(guest_phase "$dir") in
	exit\ *|signal\ *) return 0 ;;
	error\ *) guest_phase "$dir" >"$dir/why"; return 1 ;;
	esac
	if [ -s "$dir/qemu.log" ] && [ ! -s "$dir/console.log" ]; then
		grep -v 'warning:' "$dir/qemu.log" | head -n 1 >"$dir/why"
	else
		echo "the guest died in phase '$(guest_phase "$dir")'" >"$dir/why"
	fi
	return 1
}

# guest_explain DIR: what a person needs to see when guest_boot failed
guest_explain() {
	note "boot: $(cat "$1/why")"
	tail_of "$1/console.log" "$(guest_phase "$1")"
	if [ -s "$1/test.log" ]; then
		tail_of "$1/test.log" test
	fi
}
