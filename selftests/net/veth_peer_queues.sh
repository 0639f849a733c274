#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# An end of a veth pair starts with the number of active queues that the request
# names for it, and with one where the request names no number at all. Where it
# names numbers for the device only, all queues of the peer are active.
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	queues_of_neither
	queues_without_peer
	queues_of_device
	queues_of_both
	queues_of_peer
"

source lib.sh
require_command ethtool

add()
{
	ip -n "$ns" link add dev0 "$@"
	check_err $? "cannot create the pair"
	defer ip -n "$ns" link del dev0
}

check_queues()
{
	local dev=$1; shift
	local want=$1; shift
	local dir got

	for dir in tx rx; do
		got=$(ip netns exec "$ns" find "/sys/class/net/$dev/queues/" \
			-name "$dir-*" | wc -l)
		[ "$got" -eq "$want" ]
		check_err $? "$dev has $got ${dir^^} queues, not $want"
	done
}

check_all_active()
{
	local dev=$1; shift
	local dir max now

	for dir in TX RX; do
		read -r max now < <(ip netns exec "$ns" ethtool -l "$dev" |
			awk -v d="$dir:" '$1 == d { printf "%s ", $2 }')
		[ -n "$now" ] && [ "$now" = "$max" ]
		check_err $? "$dev has $now of $max $dir queues active"
	done
}

queues_of_neither()
{
	RET=0
	add type veth peer name peer0
	check_queues dev0 1
	check_queues peer0 1
	log_test "queues named for neither end"
}

# What describes the device describes its peer as well
queues_without_peer()
{
	RET=0
	add numtxqueues 2 numrxqueues 2 type veth
	check_queues dev0 2
	check_queues veth0 2
	log_test "queues named, no word of the peer"
}

queues_of_device()
{
	RET=0
	add numtxqueues 2 numrxqueues 2 type veth peer name peer0
	check_queues dev0 2
	check_all_active peer0
	log_test "queues named for the device"
}

queues_of_both()
{
	RET=0
	add numtxqueues 2 numrxqueues 2 type veth \
		peer name peer0 numtxqueues 3 numrxqueues 3
	check_queues dev0 2
	check_queues peer0 3
	log_test "queues named for both ends"
}

queues_of_peer()
{
	RET=0
	add type veth peer name peer0 numtxqueues 2 numrxqueues 2
	check_queues dev0 1
	check_queues peer0 2
	log_test "queues named for the peer"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup_ns ns || exit "$ksft_skip"
tests_run
exit "$EXIT_STATUS"
