#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Frames that are too long for a veth device's peer are dropped when they are
# redirected to the device; those that come in the same bulk are not.
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	mixed_lengths
"

source lib.sh
require_command ethtool

# Fits the device, but not the peer
MTU=1500
MTU_PEER=1000
LEN=1200
# One in a bulk is that long
BULK=16
COUNT=256
# No more at a time than the ring takes (256)
BATCH=64

setup()
{
	if [ ! -x ./xdp_live_frames ]; then
		echo "SKIP: xdp_live_frames is not built"
		exit "$ksft_skip"
	fi
	setup_ns src dst || exit "$ksft_skip"
	in_all_ns sysctl -wq net.ipv6.conf.all.disable_ipv6=1
	in_all_ns sysctl -wq net.ipv6.conf.default.disable_ipv6=1

	if ! ip -n "$src" link add veth mtu "$MTU" type veth \
			peer name veth mtu "$MTU_PEER" netns "$dst"; then
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

stat_of()
{
	ip netns exec "$1" ethtool -S veth |
		awk -v name="$2:" '$1 == name { print $2 }'
}

# redirect COUNT [LEN]: sets SENT and FAILED, of COUNT frames
redirect()
{
	local failed sent taken

	sent=$(stat_of "$src" tx_queue_0_xdp_xmit)
	failed=$(stat_of "$src" tx_queue_0_xdp_xmit_errors)
	taken=$(stat_of "$dst" rx_queue_0_xdp_packets)
	ip netns exec "$src" ./xdp_live_frames ${2:+-l "$2"} veth "$1" "$BATCH"
	check_err $? "cannot redirect frames"
	SENT=$(($(stat_of "$src" tx_queue_0_xdp_xmit) - sent))
	FAILED=$(($(stat_of "$src" tx_queue_0_xdp_xmit_errors) - failed))
	busywait "$BUSYWAIT_TIMEOUT" until_counter_is ">= $((taken + SENT))" \
		stat_of "$dst" rx_queue_0_xdp_packets > /dev/null
	check_err $? "the peer did not take all frames"
}

mixed_lengths()
{
	local want=$((COUNT - COUNT / BULK))

	RET=0
	redirect "$COUNT"
	check_err $((SENT != COUNT || FAILED)) \
		"$SENT of $COUNT short frames sent"
	redirect "$COUNT" "$LEN"
	check_err $((SENT != want)) \
		"$SENT of $want short frames sent beside long ones"
	check_err $((FAILED != COUNT - want)) \
		"$FAILED frames dropped, $((COUNT - want)) are too long"
	log_test "redirected frames, one of a bulk too long"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup
tests_run
exit "$EXIT_STATUS"
