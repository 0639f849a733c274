#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the ENA driver makes of each fault of the model. To be run in a guest
# with two functions joined back to back and short hints (scripts/tests/ena.sh).
# One line per fault: "ok NAME" or "not ok NAME".
set -u
here=$(cd "$(dirname "$0")" && pwd)
ctl=$here/ena-ctl

say()	{ printf '%s\n' "$*"; }
# Where the trace is now, and the reason of the first reset after that: a second
# one, without a reason, follows when the driver comes up again
now()	{ $ctl state | sed -n 's/^next-trace //p'; }
reason() { $ctl trace "$1" | sed -n 's/.* 0 reset reason=//p' | head -n 1; }
count()	{ $ctl count "$1" | cut -d' ' -f2; }
# An -s of 3000 takes two buffers
ping_ok() { ping -q -c "${1:-1}" -i 0.05 -W 1 -s "${2:-56}" 192.0.2.2 >/dev/null 2>&1; }
result() {
	if [ "$1" -eq 0 ]; then say "ok $2"; else say "not ok $2 # ${3:-}"; fi
}

# holds NAME TEXT COMMAND...: the command succeeds
holds() {
	local name=$1 text=$2

	shift 2
	"$@"
	result $? "$name" "$text"
}

# back: the driver is up again; the traffic may take some seconds
back() {
	local i

	$ctl clear >/dev/null
	for ((i = 0; i < 50; i++)); do
		! ping_ok 1 || return 0
		sleep 0.2
	done
	return 1
}

# resets NAME REASON COMMAND FAULT...: the fault, and traffic or COMMAND, make
# the driver reset with this reason and come back
resets() {
	local name=$1 reason=$2 what=$3 n got i rc=0 from

	shift 3
	from=$(now)
	n=$(count reset)
	$ctl fault "$@" || { result 1 "$name" "not armed"; return; }
	for ((i = 0; i < 40; i++)); do
		eval "$what" >/dev/null 2>&1
		[ "$(count reset)" -eq "$n" ] || break
		sleep 0.1
	done
	$ctl wait reset $((n + 1)) 15000 >/dev/null || rc=1
	got=$(reason "$from")
	$ctl wait reset-done $((n + 1)) 15000 >/dev/null || rc=1
	[ "$got" = "$reason" ] || rc=1
	back || { rc=1; got+=", and the link stays dead"; }
	result $rc "$name" "reason $got, not $reason"
}

ip netns add peer
ip link set eth1 netns peer
for n in "" "-n peer"; do
	d=eth0 a=192.0.2.1
	[ -z "$n" ] || { d=eth1 a=192.0.2.2; }
	# shellcheck disable=SC2086 # no word or two
	ip $n link set $d mtu 9001 up && ip $n addr add $a/24 dev $d
done
back
result $? "the link works" "no answer"

traffic="ping_ok 4"
jumbo="ping_ok 2 8000"
resets "tx-bad-id: invalid request id" 5 "$traffic" tx-bad-id
resets "tx-dup: request id twice" 5 "$traffic" tx-dup
resets "rx-bad-id: invalid request id" 4 "$traffic" rx-bad-id
# A buffer that was used up; one that is used again goes unnoticed
resets "rx-reuse: request id of a buffer that is gone" 4 "ping_ok 4 3300" \
	rx-reuse skip=1
resets "rx-many: too many descriptors" 6 "$traffic" rx-many
# 16 does not fit into the register's four bits: the driver sends 0
resets "rx-first: malformed packet" 0 "$jumbo" rx-first
resets "tx-hold: completions that never come" 3 "$traffic" tx-hold count=all
resets "admin-drop: command never answered" 2 "ethtool -S eth0" \
	admin-drop key=11
resets "admin-bad-id: answer to nobody" 2 "ethtool -S eth0" admin-bad-id
# Without keep-alives the next interrupt of vector 0 is that of the command
$ctl fault keepalive
resets "irq-lost: vector 0" 2 "ethtool -S eth0" irq-lost key=0
resets "keepalive: none" 1 true keepalive
resets "irq-lost: an I/O vector from the start" 14 \
	"ip link set eth0 down; ip link set eth0 up; ping -c 9 -W1 -i 0.1 192.0.2.2" \
	irq-lost key=1 count=all

# Faults that need no reset. What is counted shall be all there is on the wire:
# no neighbour discovery beside it
for n in "" "ip netns exec peer"; do
	# shellcheck disable=SC2086 # no word or three
	$n sh -c "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6"
done
ip neigh replace 192.0.2.2 nud permanent dev eth0 \
	lladdr "$(ip netns exec peer cat /sys/class/net/eth1/address)"
ip -n peer neigh replace 192.0.2.1 nud permanent dev eth1 \
	lladdr "$(cat /sys/class/net/eth0/address)"
$ctl fault wire-drop count=2
ping -q -c 4 -i 0.1 -W 1 192.0.2.2 | grep -q '50% packet loss'
result $? "wire-drop: packets lost" "not two of four"
n=$(ethtool -S eth0 | sed -n 's/ *queue_[0-9]*_rx_csum_bad: //p' | paste -sd+)
b=$((n))
$ctl 1 fault wire-corrupt count=1
ip netns exec peer bash -c 'echo hello >/dev/udp/192.0.2.1/9'
sleep 0.5
n=$(ethtool -S eth0 | sed -n 's/ *queue_[0-9]*_rx_csum_bad: //p' | paste -sd+)
holds "wire-corrupt: bad checksum counted" "$b, $((n))" \
	test $((n)) -eq $((b + 1))
$ctl clear

$ctl link down
sleep 0.5
holds "link down: no carrier" "" \
	test "$(cat /sys/class/net/eth0/carrier)" = 0
$ctl link up
back
result $? "link up: works again"

dmesg -C
$ctl event 2 0 && sleep 0.5 && dmesg | grep -qi "unknown event\|unimplemented"
result $? "event of a group without handler: logged"

# Refused commands
ip link set eth0 down
$ctl fault admin-status key=3 value=6
! ip link set eth0 up 2>/dev/null
result $? "admin-status: CREATE_CQ refused, no ifup"
$ctl clear
ip link set eth0 up
back
result $? "ifup works after that"
ip link set eth0 down
$ctl fault admin-status key=3 value=1
ip link set eth0 up
holds "admin-status: no memory, smaller rings" "" \
	test "$(ethtool -g eth0 | awk '/^Current/ { c = 1 } c && /^TX:/ { print $2 }')" -lt 1024
back
result $? "traffic with smaller rings"

# A reset that fails leaves the device running, and the driver frees buffers and
# event queue all the same: a frame or a keep-alive that came then would be
# written into memory of others. So the other end and the keep-alive are silent
# until the driver is bound anew.
rebind() {
	local pci

	$ctl clear "$1"
	$ctl clear tx-bad-id
	pci=$(basename "$(readlink -f /sys/class/net/eth0/device)")
	echo "$pci" >/sys/bus/pci/drivers/ena/unbind
	echo "$pci" >/sys/bus/pci/drivers/ena/bind
	$ctl clear
	$ctl 1 link up
	ip link set eth0 mtu 9001 up && ip addr add 192.0.2.1/24 dev eth0
	back
}
dies() {
	local name=$1 i

	shift
	$ctl 1 link down
	dmesg -C
	$ctl fault keepalive count=all
	$ctl fault "$@"
	$ctl fault tx-bad-id
	for ((i = 0; i < 60; i++)); do
		! dmesg | grep -q 'Reset attempt failed' || break
		ping_ok
		sleep 0.1
	done
	result $((i == 60)) "$name: the reset fails" "it does not"
	rebind "$1"
	result $? "$name: works when bound anew" "dead"
}
dies "reset-ignored" reset-ignored
dies "reset-stuck" reset-stuck
dies "not-ready" not-ready
dies "reg-drop" reg-drop key=0x58 count=all
dies "reg-offset" reg-offset key=0x58 value=0x8 count=all
dies "gone" gone
say "dma faults: $(count dma-fault), queue errors: $(count queue-error)"
