#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A veth device turns redirected xdp_frames into packets, for which it allocates
# skbs in bulk. Let it get a part of a bulk only: what has no skb is dropped,
# the rest is received.
#
# The allocation fails by fault injection (CONFIG_FAILSLAB and debugfs). If the
# kernel is built with CONFIG_INIT_STACK_ALL_ZERO, a failure to handle this
# shows as a drop, and cannot be told from the right thing: use ..._PATTERN.
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	part_of_a_bulk
"

source lib.sh
require_command ethtool
require_command taskset

FAILSLAB=/sys/kernel/debug/failslab
SLAB=/sys/kernel/slab/skbuff_head_cache/failslab
# The skbs come from a cache of the CPU: all on the same one
CPU=$(awk '$1 == "Cpus_allowed_list:" { sub(/[-,].*/, "", $2); print $2 }' \
	/proc/self/status)
# How many skbs that cache takes, at most
CACHE=128
# A bulk of veth's, and a number of frames of some more
BULK=16
FRAMES=64

setup()
{
	if [ ! -x ./xdp_live_frames ]; then
		echo "SKIP: xdp_live_frames is not built"
		exit "$ksft_skip"
	fi
	if [ ! -w "$FAILSLAB/probability" ] || [ ! -w "$SLAB" ]; then
		echo "SKIP: no fault injection for slabs"
		exit "$ksft_skip"
	fi
	setup_ns src dst || exit "$ksft_skip"
	in_all_ns sysctl -wq net.ipv6.conf.all.disable_ipv6=1
	in_all_ns sysctl -wq net.ipv6.conf.default.disable_ipv6=1

	if ! ip -n "$src" link add veth type veth peer name veth netns "$dst"
	then
		echo "SKIP: cannot create a veth pair"
		exit "$ksft_skip"
	fi
	ip -n "$src" link set veth up
	ip -n "$dst" link set veth up
	# NAPI, which the receiver of xdp_frames needs
	if ! ip netns exec "$dst" ethtool -K veth gro on > /dev/null; then
		echo "SKIP: cannot enable GRO"
		exit "$ksft_skip"
	fi
}

fault()
{
	echo "$1" > "$FAILSLAB/probability"
}

# set_file FILE VALUE: for the time of the test
set_file()
{
	local old

	old=$(cat "$1") || return
	defer eval "echo $old > $1"
	echo "$2" > "$1"
}

# Faults are for allocations of skbs that must not sleep
prepare_faults()
{
	set_file "$FAILSLAB/probability" 0 &&
		set_file "$SLAB" 1 &&
		set_file "$FAILSLAB/cache-filter" Y &&
		set_file "$FAILSLAB/ignore-gfp-wait" Y &&
		set_file "$FAILSLAB/task-filter" N &&
		set_file "$FAILSLAB/verbose" 0 &&
		set_file "$FAILSLAB/space" 0 &&
		set_file "$FAILSLAB/interval" 1 &&
		set_file "$FAILSLAB/times" -1
}

stat_of()
{
	ip netns exec "$dst" ethtool -S veth |
		awk -v name="rx_queue_0_$1:" '$1 == name { print $2 }'
}

# send COUNT BATCH: sets TAKEN and DROPPED, of the receiver's NAPI
send()
{
	local taken dropped

	taken=$(stat_of xdp_packets)
	dropped=$(stat_of drops)
	ip netns exec "$src" taskset -c "$CPU" ./xdp_live_frames veth "$1" "$2"
	check_err $? "cannot send frames"
	slowwait 30 until_counter_is \
		">= $((taken + $1))" stat_of xdp_packets > /dev/null
	check_err $? "the receiver did not take all frames"
	TAKEN=$(($(stat_of xdp_packets) - taken))
	DROPPED=$(($(stat_of drops) - dropped))
}

part_of_a_bulk()
{
	local name="part of the skbs of a bulk"

	RET=0
	send "$FRAMES" "$FRAMES"
	[ "$DROPPED" -eq 0 ]
	check_err $? "$DROPPED of $TAKEN frames dropped without a fault"

	if ! prepare_faults; then
		log_test_skip "$name" "cannot set up fault injection"
		return
	fi

	# Take what the cache has. All of what follows is dropped.
	fault 100
	send $((2 * CACHE)) 1
	send "$BULK" 1
	check_err $((DROPPED != BULK)) "the cache has skbs left"

	# One frame refills the cache: an odd number is left, and no bulk is odd
	fault 0
	send 1 1
	check_err $((DROPPED != 0)) "a single frame was dropped"
	fault 100
	send "$FRAMES" "$FRAMES"
	fault 0

	log_info "$((TAKEN - DROPPED)) of $TAKEN frames received"
	check_err $((TAKEN != FRAMES)) "$TAKEN frames taken, not $FRAMES"
	check_err $(((TAKEN - DROPPED) % BULK == 0)) \
		"no bulk was cut short: $DROPPED of $TAKEN frames dropped"
	log_test "$name"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup
tests_run
exit "$EXIT_STATUS"
