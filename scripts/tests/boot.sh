#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Guests that do not do what they should, and runs that are cut short.
set -u
. "$PQ_TOP/scripts/tests/lib.sh"

kernel_build base || exit 1
G=$T/guest
guest() {
	rm -rf "$G"
	mkdir -p "$G"
	printf '%s\n' "$1" >"$G/run"
	guest_boot "$G" "${2:-$KERNEL}" "$G/run" "${3:-30}"
}
why()	{ guest "$@"; local rc=$?; cat "$G/why" 2>/dev/null; return $rc; }
status() { guest "$@" && cat "$G/status" "$G/test.log"; }

expect "guest: status and output come back" 0 "^exit 3$" \
	status 'echo hello; exit 3'
expect "guest: its user land is the tool root" 0 "^iproute2" \
	status 'ip -V | sed "s/.*iproute2/iproute2/"'
expect "guest: a shell that is killed" 0 "^signal 9$" status 'kill -9 $$'
expect "guest: one that hangs" 124 "phase 'test' took more than 3 s" \
	why 'sleep 1000' "$KERNEL" 3
mkdir -p "$T/bad"
echo "no kernel" >"$T/bad/vmlinux"
expect "guest: a file that is no kernel" 1 "." why true "$T/bad"
died() {
	echo garbage >"$T/initrd"
	initramfs() { echo "$T/initrd"; }
	why true
}
expect "guest: a kernel that panics" 1 "died in phase 'kernel'" died
oops() {
	why 'echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger'
	splat_of "$G/console.log"
	return 1
}
expect "guest: a crash has a fingerprint" 1 "sysrq.* \\| sysrq_handle_crash < " oops

boot() { bash "$PQ_TOP/scripts/verbs/boot" "$@"; }
expect "boot: a selftest of the queue, on the base" 1 "has 1 TX queues, not 2" \
	boot --at base --test net/veth_peer_queues.sh
expect "boot: no such selftest" 1 "error: boot: no test 'net/none.sh'" \
	boot --test net/none.sh

expect "limit: a phase that hangs is cut" 124 "time limit of 1 s is over" \
	limit 1 waiting "$T/log" sleep 100
expect "limit: the end of the log is shown" 3 "last words" \
	limit 9 failing "$T/log" sh -c 'echo last words; exit 3'

# The front door, in a checkout of its own
sandbox
pq() { PQ_ROOT=/ bash "$T/co/scripts/pq" "$@"; }
expect "pq: explains itself" 0 "^  prove " pq
expect "pq: a verb explains itself" 0 "^Example:" pq boot --help
expect "pq: no such verb" 1 "error: no verb 'bogus'" pq bogus
two_at_once() {
	echo "pq test, process $$" >"$T/co/.pq/lock.owner"
	flock "$T/co/.pq/lock" env PQ_ROOT=/ bash "$T/co/scripts/pq" apply
}
expect "pq: two at once" 1 "error: another pq is at work" two_at_once

# A kernel that is what .pq/src has checked out, as git bisect wants it
bisectable() {
	pq apply >/dev/null 2>&1
	git -C "$T/co/.pq/src" checkout -q --detach base
	echo 'uname -r' >"$T/co/what"
	pq boot --at src --run what
}
expect "pq: boots what .pq/src has checked out" 0 "^7\." bisectable

# kill -9 in the middle of a boot: no process, no mount, no lock stays
killed() {
	local pid n=0 mark="$T/co/.pq/results/boot"

	rm -rf "$mark"
	echo 'sleep 500' >"$T/co/wait"
	PQ_ROOT=/ bash "$T/co/scripts/pq" boot --at base --run wait \
		>"$T/killed.log" 2>&1 &
	pid=$!
	until grep -qs '^test' "$mark/status" || [ $((n += 1)) -gt 300 ]; do
		sleep 0.2
	done
	pgrep -f "$mark" >/dev/null || { cat "$T/killed.log"; return 1; }
	kill "-$1" "$pid"
	wait "$pid" 2>/dev/null
	for n in 1 2 3 4 5 6 7 8 9 10; do
		pgrep -f "$mark" >/dev/null || break
		sleep 0.5
	done
	! pgrep -f "$mark" || return 1
	! grep "$T/co" /proc/mounts || return 1
	flock -n "$T/co/.pq/lock" echo "nothing left"
}
expect "pq: kill -9 leaves nothing behind" 0 "nothing left" killed KILL
