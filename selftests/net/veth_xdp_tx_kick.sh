#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# An XDP program on a veth device sends frames back with XDP_TX. The other end
# has GRO enabled and no program: it has NAPI, and has to be told that there is
# something to receive.
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	xdp_tx
	plain_traffic_after_xdp_tx
"

source lib.sh
require_command ethtool
require_command jq
require_command ping

XDP_OBJ="xdp_echo.bpf.o"
# More than the ring takes (256)
COUNT=300
COUNT_PLAIN=10

mac_of()
{
	cmd_jq "ip -n $1 -j link show veth" .[].address
}

stat_of()
{
	ip netns exec "$1" ethtool -S veth |
		awk -v name="rx_queue_0_$2:" '$1 == name { print $2 }'
}

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
	ip -n "$src" neigh add 192.0.2.2 dev veth lladdr "$(mac_of "$dst")"
	ip -n "$dst" neigh add 192.0.2.1 dev veth lladdr "$(mac_of "$src")"

	if ! ip netns exec "$src" ethtool -K veth gro on > /dev/null; then
		echo "SKIP: cannot enable GRO"
		exit "$ksft_skip"
	fi
	# With TSO on, skbs bypass the NAPI of the other end
	ip netns exec "$dst" ethtool -K veth tso off > /dev/null
	if ! attach 2> /dev/null; then
		echo "SKIP: cannot load $XDP_OBJ"
		exit "$ksft_skip"
	fi
	detach
}

# send_pings COUNT: prints how many were answered
send_pings()
{
	ip netns exec "$src" ping -q -c "$1" -i 0.002 -W 10 192.0.2.2 |
		sed -n 's/.* \([0-9]*\) received.*/\1/p'
}

# Sets ANSWERED, SENT_BACK: by the program, TAKEN: by the NAPI of the other end
ping_program()
{
	local sent taken

	attach
	check_err $? "cannot attach XDP"
	sent=$(stat_of "$dst" xdp_tx)
	taken=$(stat_of "$src" xdp_packets)
	ANSWERED=$(send_pings "$COUNT")
	SENT_BACK=$(($(stat_of "$dst" xdp_tx) - sent))
	TAKEN=$(($(stat_of "$src" xdp_packets) - taken))
	detach
	check_err $? "cannot detach XDP"
}

xdp_tx()
{
	RET=0
	ping_program
	check_err $((TAKEN != COUNT)) "$TAKEN of $COUNT frames delivered"
	check_err $((SENT_BACK != COUNT)) "$SENT_BACK of $COUNT frames sent"
	check_err $((ANSWERED != COUNT)) "$ANSWERED of $COUNT pings answered"
	log_test "XDP_TX, the other end has GRO only"
}

# Nothing may be left behind that is in the way of others
plain_traffic_after_xdp_tx()
{
	local answered taken

	RET=0
	ping_program
	taken=$(stat_of "$src" xdp_packets)
	answered=$(send_pings "$COUNT_PLAIN")
	taken=$(($(stat_of "$src" xdp_packets) - taken))
	check_err $((answered != COUNT_PLAIN)) \
		"$answered of $COUNT_PLAIN pings answered without XDP"
	check_err $((taken != COUNT_PLAIN)) \
		"$taken of $COUNT_PLAIN answers took the ring"
	log_test "plain traffic after XDP_TX"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup
tests_run
exit "$EXIT_STATUS"
