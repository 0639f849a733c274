#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A veth device has a carrier if both ends are up. Changing the number of its
# queues is no reason to get one, or to lose it.
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	peer_down
	peer_up
"

source lib.sh
require_command ethtool

setup()
{
	setup_ns ns || exit "$ksft_skip"
	if ! ip -n "$ns" link add dev0 numtxqueues 2 numrxqueues 2 type veth \
			peer name peer0 numtxqueues 2 numrxqueues 2; then
		echo "SKIP: cannot create a veth pair"
		exit "$ksft_skip"
	fi
	ip -n "$ns" link set dev0 up
}

# The file cannot be read if the device is down
check_carrier()
{
	local got

	got=$(ip netns exec "$ns" cat "/sys/class/net/$1/carrier")
	[ "$got" = "$2" ]
	check_err $? "carrier of $1 is $got, not $2, $3"
}

queues_of_dev()
{
	ip netns exec "$ns" find /sys/class/net/dev0/queues/ -name "?x-*" |
		wc -l
}

set_channels()
{
	ip netns exec "$ns" ethtool -L dev0 rx "$1" tx "$1"
	check_err $? "cannot set the number of channels"
	check_err $(($(queues_of_dev) != 2 * $1)) "wrong number of queues"
}

peer_down()
{
	local n

	RET=0
	ip -n "$ns" link set peer0 down
	check_carrier dev0 0 "before the change"
	for n in 1 2; do
		set_channels "$n"
		check_carrier dev0 0 "after the change to $n queues"
	done
	log_test "number of queues changes, peer down"
}

peer_up()
{
	local n dev

	RET=0
	ip -n "$ns" link set peer0 up
	for n in 1 2; do
		set_channels "$n"
		for dev in dev0 peer0; do
			check_carrier "$dev" 1 "after the change to $n queues"
		done
	done
	log_test "number of queues changes, peer up"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup
tests_run
exit "$EXIT_STATUS"
