#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Change all there is to change of veth pairs, in random order and under
# traffic. veth_torture.c tells how. Usage: veth_torture.sh [SEED [STEPS [PART]]]
#
# A seed and the number of a step decide what the step does: to see a failure
# again, use the same seed. With PART, only 1/PART of the traffic is between two
# steps, for kernels that debugging makes slow. What else the test takes from
# the environment:
#
# VETH_TORTURE_LEAVE_OUT  kinds of steps, separated by commas, that are not
#                         taken. The others remain the same. "xdp" leaves out
#                         all of XDP, "xdp-trim" (drop, redirect, ...) one of
#                         its programs. "tx-to-gro" leaves out what would make
#                         XDP_TX send to an end that has NAPI for GRO only.
# VETH_TORTURE_POOL_SECS  how long to wait for page pools that do not go away.
#                         The kernel complains about those after 60 seconds.
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	torture
	kernel_log
"

source lib.sh

SEED=${1:-${VETH_TORTURE_SEED:-1}}
STEPS=${2:-${VETH_TORTURE_STEPS:-250}}
PART=${3:-${VETH_TORTURE_PART:-1}}
LEAVE_OUT=$VETH_TORTURE_LEAVE_OUT
POOL_SECS=${VETH_TORTURE_POOL_SECS:-65}
XDP_OBJ="veth_torture.bpf.o"
DEFER_MAX=/proc/sys/net/core/skb_defer_max
TAINTED=/proc/sys/kernel/tainted
# The program's exit status if something hangs
EXIT_HANG=5
COMPLAINTS='WARNING: |BUG: |kernel BUG|UBSAN: |INFO: (task|rcu)'
COMPLAINTS+='|unregister_netdevice: waiting|stalled pool'

# Attach each XDP program to a device of its own, where the test finds it
load_progs()
{
	local prog dev

	for prog in pass drop tx redirect trim; do
		ip -n "$near0" link add name "$prog" type veth \
			peer name "${prog}_frags" || return
		for dev in "$prog" "${prog}_frags"; do
			ip -n "$near0" link set dev "$dev" xdpgeneric \
				obj "$XDP_OBJ" program "torture_$dev" || return
		done
	done
}

setup()
{
	local max ns

	if [ ! -x ./veth_torture ]; then
		echo "SKIP: veth_torture is not built"
		exit "$ksft_skip"
	fi
	setup_ns near0 near1 far0 far1 || exit "$ksft_skip"
	in_all_ns sysctl -wq net.ipv6.conf.all.disable_ipv6=1
	in_all_ns sysctl -wq net.ipv6.conf.default.disable_ipv6=1
	# What XDP turns back may come in at the other pair, and there the
	# device with the address may be in another namespace
	for ns in "$near0" "$near1"; do
		ip -n "$ns" addr add 192.0.2.1/32 dev lo
		ip -n "$ns" addr add 198.51.100.1/32 dev lo
	done
	for ns in "$far0" "$far1"; do
		ip -n "$ns" addr add 192.0.2.2/32 dev lo
		ip -n "$ns" addr add 198.51.100.2/32 dev lo
	done
	if [[ ,$LEAVE_OUT, != *,xdp,* ]] && ! load_progs; then
		echo "SKIP: cannot load $XDP_OBJ"
		exit "$ksft_skip"
	fi
	# Fragments whose others are lost must be gone before their IDs are used
	# again
	in_all_ns sysctl -wq net.ipv4.ipfrag_time=2
	# The program changes it for all
	if [ -w "$DEFER_MAX" ]; then
		max=$(cat "$DEFER_MAX")
		defer eval "echo $max > $DEFER_MAX"
	fi

	TAINTED_BEFORE=$(cat "$TAINTED")
	MARK="veth_torture: seed $SEED, pid $$"
	echo "$MARK" > /dev/kmsg
}

torture()
{
	local name="veth pairs under traffic, seed $SEED, $STEPS steps"
	local status

	RET=0
	./veth_torture -s "$SEED" -n "$STEPS" -x "$LEAVE_OUT" -p "$PART" \
		"$near0" "$near1" "$far0" "$far1"
	status=$?
	if ((status == ksft_skip)); then
		log_test_skip "$name"
		return
	fi
	check_err "$status" "not ok, see above"
	log_test "$name"

	# What hangs cannot be killed, and no network namespace can be removed
	# after it: leave everything as it is.
	if ((status == EXIT_HANG)); then
		trap - EXIT
		exit "$EXIT_STATUS"
	fi
}

complaints()
{
	dmesg | awk -v mark="$MARK" '
		index($0, mark) { n = 0; next }
		{ lines[n++] = $0 }
		END { for (i = 0; i < n; i++) print lines[i] }' |
		grep -E "$COMPLAINTS"
}

# All memory of the devices is free when their page pools are gone
kernel_log()
{
	RET=0
	cleanup_all_ns
	check_err $? "cannot delete the namespaces"
	((EXIT_STATUS)) || sleep "$POOL_SECS"

	complaints
	check_fail $? "the kernel complains"
	[ "$(cat "$TAINTED")" = "$TAINTED_BEFORE" ]
	check_err $? "the kernel is tainted: $(cat "$TAINTED")"
	log_test "kernel log, taint flags, page pools"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup
tests_run
exit "$EXIT_STATUS"
