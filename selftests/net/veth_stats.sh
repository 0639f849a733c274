#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The byte counters of a veth pair include the Ethernet header, as those of any
# Ethernet device do, whatever the mode that the receiver is in.
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	count_plain
	count_gro
	count_xdp
"

source lib.sh
require_command ethtool
require_command jq
require_command ping

XDP_OBJ="lib/xdp_dummy.bpf.o"
COUNT=10
PAYLOAD=72
# Ethernet, IPv4 and ICMP headers, payload
FRAME=$((14 + 20 + 8 + PAYLOAD))

mac_of()
{
	cmd_jq "ip -n $1 -j link show veth" .[].address
}

counter()
{
	ip netns exec "$1" cat "/sys/class/net/veth/statistics/$2"
}

# What the NAPI of the only queue has taken; nothing without NAPI
napi_packets()
{
	ip netns exec "$1" ethtool -S veth |
		awk '$1 == "rx_queue_0_xdp_packets:" { print $2 }'
}

setup()
{
	setup_ns src dst || exit "$ksft_skip"
	in_all_ns sysctl -wq net.ipv6.conf.all.disable_ipv6=1
	in_all_ns sysctl -wq net.ipv6.conf.default.disable_ipv6=1

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
	in_all_ns ethtool -K veth tso off > /dev/null
	ip -n "$src" neigh add 192.0.2.2 dev veth lladdr "$(mac_of "$dst")"
	ip -n "$dst" neigh add 192.0.2.1 dev veth lladdr "$(mac_of "$src")"
}

# check_counters NAPI: NAPI tells how many packets it is to take at each end
check_counters()
{
	local napi=$1; shift
	local bytes=$((COUNT * FRAME))
	local before=()
	local ns dir got i=0

	for ns in "$src" "$dst"; do
		before+=("$(napi_packets "$ns")")
		for dir in tx rx; do
			before+=("$(counter "$ns" "${dir}_packets")"
				 "$(counter "$ns" "${dir}_bytes")")
		done
	done

	ip netns exec "$src" ping -q -c "$COUNT" -i 0.05 -s "$PAYLOAD" \
		192.0.2.2 > /dev/null
	check_err $? "ping failed"

	for ns in "$src" "$dst"; do
		got=$(($(napi_packets "$ns") - before[i++]))
		[ "$got" -eq "$napi" ]
		check_err $? "NAPI took $got packets, not $napi"
		for dir in tx rx; do
			got=$(($(counter "$ns" "${dir}_packets") - before[i++]))
			[ "$got" -eq "$COUNT" ]
			check_err $? "${dir}_packets: $got for $COUNT packets"

			got=$(($(counter "$ns" "${dir}_bytes") - before[i++]))
			[ "$got" -eq "$bytes" ]
			check_err $? "${dir}_bytes: $got for $bytes bytes"
		done
	done
}

count_plain()
{
	RET=0
	check_counters 0
	log_test "byte counters, no NAPI"
}

count_gro()
{
	RET=0
	in_all_ns ethtool -K veth gro on > /dev/null
	defer in_all_ns ethtool -K veth gro off
	check_counters "$COUNT"
	log_test "byte counters, GRO"
}

count_xdp()
{
	RET=0
	if ! in_all_ns ip link set dev veth xdpdrv obj "$XDP_OBJ" sec xdp; then
		log_test_skip "byte counters, XDP" "cannot load $XDP_OBJ"
		return
	fi
	defer in_all_ns ip link set dev veth xdpdrv off
	check_counters "$COUNT"
	log_test "byte counters, XDP"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup
tests_run
exit "$EXIT_STATUS"
