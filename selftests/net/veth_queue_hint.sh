#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A packet that crosses a veth pair was put on one of the sender's TX queues.
# That index says nothing about the queues of the device that the packet is
# forwarded to: all TX queues of that device must get their share of flows.
#
#  pod ns          host ns                  sink ns
#  +-----------+   +--------------------+   +-----------+
#  | pod 2 TXQ |---| poth       egress  |---| sink      |
#  +-----------+   |            4 queues|   | GRO       |
#                  +--------------------+   +-----------+
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	receive_plain
	receive_napi
"

source lib.sh
require_command ethtool
require_command jq

QUEUES=4
FLOWS=256
PORT=9

mac_of()
{
	cmd_jq "ip -n $1 -j link show $2" .[].address
}

# queue_packets NS DEV QUEUE: what a queue's NAPI has taken
queue_packets()
{
	ip netns exec "$1" ethtool -S "$2" |
		awk -v q="rx_queue_$3_xdp_packets:" '$1 == q { print $2 }'
}

sink_packets()
{
	local sum=0
	local q

	for ((q = 0; q < QUEUES; q++)); do
		sum=$((sum + $(queue_packets "$sink" sink "$q")))
	done
	echo "$sum"
}

setup()
{
	setup_ns pod host sink || exit "$ksft_skip"
	in_all_ns sysctl -wq net.ipv6.conf.all.disable_ipv6=1
	in_all_ns sysctl -wq net.ipv6.conf.default.disable_ipv6=1

	if ! ip -n "$pod" link add pod numtxqueues 2 numrxqueues 2 type veth \
			peer name poth netns "$host" numtxqueues 2 \
			numrxqueues 2 ||
	   ! ip -n "$host" link add egress numtxqueues "$QUEUES" \
			numrxqueues "$QUEUES" type veth peer name sink \
			netns "$sink" numtxqueues "$QUEUES" \
			numrxqueues "$QUEUES"; then
		echo "SKIP: cannot create veth pairs"
		exit "$ksft_skip"
	fi

	# With GRO on, veth counts what each queue takes; only senders without
	# TSO use those queues.
	ip netns exec "$sink" ethtool -K sink gro on > /dev/null
	ip netns exec "$host" ethtool -K egress tso off > /dev/null

	ip -n "$pod" addr add 192.0.2.1/24 dev pod
	ip -n "$host" addr add 192.0.2.254/24 dev poth
	ip -n "$host" addr add 198.51.100.254/24 dev egress
	ip -n "$sink" addr add 198.51.100.1/24 dev sink
	ip -n "$pod" link set pod up
	ip -n "$host" link set poth up
	ip -n "$host" link set egress up
	ip -n "$sink" link set sink up
	ip -n "$pod" route add default via 192.0.2.254
	# No answers, no errors: the sink just counts
	ip -n "$sink" route add blackhole default
	ip netns exec "$host" sysctl -wq net.ipv4.ip_forward=1
	ip -n "$pod" neigh add 192.0.2.254 dev pod \
		lladdr "$(mac_of "$host" poth)"
	ip -n "$host" neigh add 198.51.100.1 dev egress \
		lladdr "$(mac_of "$sink" sink)"
}

# One datagram from each of many source ports. The flow hash stays with a packet
# across the pair: what the pod hashes to its queue 0 is the lower half of the
# hash range, and would use the lower half of the egress queues by hash as well.
send_flows()
{
	# shellcheck disable=SC2016 # expanded by the inner shell
	ip netns exec "$pod" bash -c '
		for ((i = 0; i < $1; i++)); do
			echo > /dev/udp/198.51.100.1/$2
		done' bash "$FLOWS" "$PORT"
}

check_spread()
{
	local before=()
	local total used=0
	local spread=""
	local n q

	total=$(sink_packets)
	for ((q = 0; q < QUEUES; q++)); do
		before+=("$(queue_packets "$sink" sink "$q")")
	done

	send_flows
	busywait "$BUSYWAIT_TIMEOUT" until_counter_is \
		">= $((total + FLOWS))" sink_packets > /dev/null
	check_err $? "sink did not get all $FLOWS packets"

	for ((q = 0; q < QUEUES; q++)); do
		n=$(($(queue_packets "$sink" sink "$q") - before[q]))
		spread+=" $n"
		if [ "$n" -gt 0 ]; then
			used=$((used + 1))
		fi
	done

	log_info "packets per TX queue:$spread"
	[ "$used" -eq "$QUEUES" ]
	check_err $? "$FLOWS flows use $used of $QUEUES TX queues:$spread"
}

receive_plain()
{
	RET=0
	check_spread
	log_test "TX queues of a forwarding host, receiver without NAPI"
}

receive_napi()
{
	local q n

	RET=0
	ip netns exec "$host" ethtool -K poth gro on > /dev/null
	defer ip netns exec "$host" ethtool -K poth gro off
	ip netns exec "$pod" ethtool -K pod tso off > /dev/null
	defer ip netns exec "$pod" ethtool -K pod tso on
	check_spread

	# The pod has used both of its queues, and the host's NAPIs took it
	for q in 0 1; do
		n=$(queue_packets "$host" poth "$q")
		[ "${n:-0}" -gt 0 ]
		check_err $? "RX queue $q of the receiver took no packet"
	done
	log_test "TX queues of a forwarding host, receiver with NAPI"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup
tests_run
exit "$EXIT_STATUS"
