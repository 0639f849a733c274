#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Detach an XDP program from a veth device whose NAPI stays on for GRO, while
# the program runs. What the program sees of its device must stay valid until
# the program has ended. Needs two CPUs: one runs the program, one detaches it.
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	detach_under_traffic
"

source lib.sh
require_command ethtool
require_command jq

XDP_OBJ="veth_xdp_detach.bpf.o"
CYCLES=10

attach()
{
	ip -n "$dst" link set dev veth xdpdrv obj "$XDP_OBJ" sec xdp
}

detach()
{
	ip -n "$dst" link set dev veth xdpdrv off
}

setup()
{
	setup_ns src dst || exit "$ksft_skip"
	if ! ip -n "$src" link add veth type veth peer name veth netns "$dst"
	then
		echo "SKIP: cannot create a veth pair"
		exit "$ksft_skip"
	fi
	ip -n "$src" addr add 192.0.2.1/24 dev veth
	ip -n "$dst" addr add 192.0.2.2/24 dev veth
	ip -n "$src" link set veth up
	ip -n "$dst" link set veth up
	# With TSO on, the sender bypasses the peer's NAPI
	ip netns exec "$src" ethtool -K veth tso off > /dev/null
	if ! ip netns exec "$dst" ethtool -K veth gro on > /dev/null; then
		echo "SKIP: cannot enable GRO"
		exit "$ksft_skip"
	fi
	ip -n "$src" neigh add 192.0.2.2 dev veth \
		lladdr "$(cmd_jq "ip -n $dst -j link show veth" .[].address)"
}

# The sender runs the receiver's NAPI, and in it the program: with no pause
# between datagrams there is hardly a moment when it does not.
send_datagrams()
{
	exec ip netns exec "$src" bash -c \
		'while :; do echo > /dev/udp/192.0.2.2/9; done' 2> /dev/null
}

rx_packets()
{
	ip netns exec "$dst" cat /sys/class/net/veth/statistics/rx_packets
}

one_cycle()
{
	local before

	attach
	check_err $? "cannot attach XDP"
	before=$(rx_packets)
	busywait "$BUSYWAIT_TIMEOUT" until_counter_is \
		">= $((before + 2))" rx_packets > /dev/null
	check_err $? "no traffic"
	detach
	check_err $? "cannot detach XDP"
}

detach_under_traffic()
{
	local name="XDP detach under traffic, GRO on"
	local i

	RET=0
	if [ "$(nproc)" -lt 2 ]; then
		log_test_skip "$name" "one CPU"
		return
	fi
	# bpf_loop() needs the JIT
	if ! attach 2> /dev/null; then
		log_test_skip "$name" "cannot load $XDP_OBJ"
		return
	fi
	detach
	check_err $? "cannot detach XDP"

	send_datagrams &
	defer kill_process $!

	for ((i = 0; i < CYCLES && RET == 0; i++)); do
		one_cycle
	done
	log_test "$name"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup
tests_run
exit "$EXIT_STATUS"
