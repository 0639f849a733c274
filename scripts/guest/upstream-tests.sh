#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# upstream-tests.sh SELFTESTS LIST NIC: run the programs of LIST in this guest
#
# LIST has one program per line with its limit in seconds, as
# "drivers/net/ping.py 360". The device under test stays in the guest's own
# namespace, its peer goes to the namespace "peer".
#
# The output of each program comes between two lines that the host looks for:
#   @@pq begin TEST LIMIT
#   @@pq end TEST exit N|timeout SECONDS
# The kernel's log has both too. Exit status: 0 the list is done, 10 the guest
# is not what it was, so the rest wants a fresh one; 1 no device.
set -u

selftests=$1 list=$2 nic=$3

. "${0%/*}/nic-setup.sh"

mark() {
	printf '\n@@pq %s\n' "$*"
	echo "<5>pq: $*" >/dev/kmsg
}

# What a test shall leave as it was
state() {
	ip -d -o link show dev "$dut"
	ip -o addr show dev "$dut" scope global
	ip -n $ns -d -o link show dev "$peer"
	ip -n $ns -o addr show dev "$peer" scope global
	ip -o link show | wc -l
	ip netns list
	tc qdisc show dev "$dut"
	ethtool -k "$dut"
	ethtool -g "$dut"
	ethtool -l "$dut"
	ethtool -x "$dut"
	ethtool -n "$dut"
	# W, D and L: a warning, an oops, a soft lockup
	echo "tainted $(($(cat /proc/sys/kernel/tainted) & (1 << 9 | 1 << 7 | 1 << 14)))"
} 2>&1

# Both ends in one namespace, for the scripts that take two names
one_namespace() {
	ip -n $ns link set dev "$peer" netns 1
	ip addr flush dev "$dut"
	ip addr flush dev "$peer"
}

two_namespaces() {
	ip addr flush dev "$peer"
	ip link set dev "$peer" netns $ns
	both_sides
}

# run TEST LIMIT: returns 10 when the guest should not be used any more
run() {
	local test=$1 limit=$2 start=$SECONDS rc=0 both="" args=() cmd=() half=""
	local before after

	before=$(state)
	cd "$selftests/$(dirname "$test")" || return 1
	# These are written for a list of interfaces, and make veth pairs if
	# they get none: that would test something else
	case $test in
	*.sh)	grep -q 'DRIVER_TEST_CONFORMANT:=yes' "${test##*/}" ||
			both=yes ;;
	esac
	# For native XDP the ENA driver wants half of the channels free
	case $nic:$test in
	ena:*xdp*|ena:*/ping.py|ena:*/xsk_*)
		half=$(ethtool -l "$dut" | awk '/^Combined/ { print int($2 / 2); exit }')
		ethtool -L "$dut" combined "$half" ;;
	esac
	mark "begin $test $limit"
	if [ -n "$both" ]; then
		one_namespace
		args=("$dut" "$peer")
	fi
	# As kselftest's runner does with a file that cannot be executed
	cmd=("./${test##*/}")
	[ -x "${cmd[0]}" ] || read -r -a cmd <<<"$(sed -n '1s/^#!//p' "${cmd[0]}") ${cmd[0]}"
	timeout -k 20 "$limit" "${cmd[@]}" ${args[@]+"${args[@]}"} 2>&1 || rc=$?
	case $rc in
	124|137) mark "end $test timeout $((SECONDS - start))"
		return 10 ;;
	*)	mark "end $test exit $rc $((SECONDS - start))" ;;
	esac
	[ -z "$both" ] || two_namespaces || return 10
	ip netns pids $ns | xargs -r kill -9
	[ -z "$half" ] || ethtool -L "$dut" combined $((2 * half))
	after=$(state)
	[ "$before" != "$after" ] || return 0
	echo "@@pq left $test"
	diff <(echo "$before") <(echo "$after")
	return 10
}

nic_setup "$nic" || exit 1
while read -r test limit <&3; do
	run "$test" "$limit" || exit
done 3<"$list"
exit 0
