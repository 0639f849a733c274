#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# An XDP program on a veth device changes the destination MAC address of packets
# to that of the device, and passes them on: they are for this host then, as if
# they had been sent to it.
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	to_host
	to_other
	other_to_host
	broadcast_to_host
"

source lib.sh
require_command ping

XDP_OBJ="xdp_dmac.bpf.o"
COUNT=5
PORT=9
# The program knows these two, and changes the second to the first
MAC_HOST=02:00:00:00:00:02
MAC_CHANGED=02:00:00:00:00:03
MAC_OTHER=02:00:00:00:00:04
MAC_BROADCAST=ff:ff:ff:ff:ff:ff

setup()
{
	setup_ns src dst || exit "$ksft_skip"
	in_all_ns sysctl -wq net.ipv6.conf.all.disable_ipv6=1
	in_all_ns sysctl -wq net.ipv6.conf.default.disable_ipv6=1

	if ! ip -n "$src" link add veth address 02:00:00:00:00:01 type veth \
			peer name veth address "$MAC_HOST" netns "$dst"; then
		echo "SKIP: cannot create a veth pair"
		exit "$ksft_skip"
	fi
	ip -n "$src" addr add 192.0.2.1/24 dev veth
	ip -n "$dst" addr add 192.0.2.2/24 dev veth
	ip -n "$src" link set veth up
	ip -n "$dst" link set veth up
	ip -n "$dst" neigh add 192.0.2.1 dev veth lladdr 02:00:00:00:00:01

	if ! ip -n "$dst" link set dev veth xdpdrv obj "$XDP_OBJ" sec xdp \
			2> /dev/null; then
		echo "SKIP: cannot load $XDP_OBJ"
		exit "$ksft_skip"
	fi
}

send_to()
{
	ip -n "$src" neigh replace 192.0.2.2 dev veth lladdr "$1"
	check_err $? "cannot set the destination"
}

check_pings()
{
	local answered

	send_to "$1"
	answered=$(ip netns exec "$src" \
		ping -q -c "$COUNT" -i 0.01 -W $(($2 ? 10 : 1)) 192.0.2.2 |
		sed -n 's/.* \([0-9]*\) received.*/\1/p')
	[ "$answered" -eq "$2" ]
	check_err $? "$answered of $COUNT pings answered"
}

to_host()
{
	RET=0
	check_pings "$MAC_HOST" "$COUNT"
	log_test "packets for the host"
}

to_other()
{
	RET=0
	check_pings "$MAC_OTHER" 0
	log_test "packets for another host"
}

other_to_host()
{
	RET=0
	check_pings "$MAC_CHANGED" "$COUNT"
	log_test "packets for another host, sent on to this one by XDP"
}

# TCP takes no broadcasts: that it refuses a connection means that it sees none
broadcast_to_host()
{
	RET=0
	send_to "$MAC_BROADCAST"
	ip netns exec "$src" timeout 10 \
		bash -c ": > /dev/tcp/192.0.2.2/$PORT" 2>&1 |
		grep -q "refused"
	check_err $? "TCP does not answer"
	log_test "broadcast packets, sent on to the host by XDP"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup
tests_run
exit "$EXIT_STATUS"
