#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The program of a devmap entry drops the last of the frames that are redirected
# by it. The device has to be told to send those before. The device is a veth,
# which delivers nothing until it is told so.
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	drop_last_bulk
"

source lib.sh
require_command ethtool

# A bulk that is passed on, and a few frames of the next, which are not
BULK=16
BATCH=20
# Enough to fill the ring of the device (256)
ROUNDS=20

setup()
{
	if [ ! -x ./xdp_live_frames ]; then
		echo "SKIP: xdp_live_frames is not built"
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

stat_of()
{
	ip netns exec "$1" ethtool -S veth |
		awk -v name="$2:" '$1 == name { print $2 }'
}

drop_last_bulk()
{
	local want=$((ROUNDS * BULK))
	local i sent taken

	RET=0
	for ((i = 0; i < ROUNDS && RET == 0; i++)); do
		ip netns exec "$src" \
			./xdp_live_frames -p "$BULK" veth "$BATCH" "$BATCH"
		check_err $? "cannot redirect frames"
	done
	busywait "$BUSYWAIT_TIMEOUT" until_counter_is ">= $want" \
		stat_of "$dst" rx_queue_0_xdp_packets > /dev/null
	taken=$(stat_of "$dst" rx_queue_0_xdp_packets)
	check_err $((taken != want)) "$taken of $want frames delivered"
	sent=$(stat_of "$src" tx_queue_0_xdp_xmit)
	check_err $((sent != want)) "$sent of $want frames sent"
	log_test "devmap program drops the last frames"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup
tests_run
exit "$EXIT_STATUS"
