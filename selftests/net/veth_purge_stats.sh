#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Take away the NAPI of a veth device with packets on its ring. They are lost,
# and have to be in a counter.
#
# The NAPI is held back by deferring its polls to a timer that does not expire
# in time.
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	peer_gro_off
	peer_down
	queue_removed
"

source lib.sh
require_command ethtool
require_command jq

# Of the two queues, all packets take the second
QUEUE=1
PACKETS=20
PORT=9
# Seconds for which the NAPI is held back
HOLD=600

# rx_stat NAME: of the receiver
rx_stat()
{
	ip -n "$dst" -s -j link show dev veth | jq ".[].stats64.rx.$1"
}

# tx_stat NAME: of the sender
tx_stat()
{
	ip -n "$src" -s -j link show dev veth | jq ".[].stats64.tx.$1"
}

# queue_stat NAME: of the receiver's queue
queue_stat()
{
	ip netns exec "$dst" ethtool -S veth |
		awk -v q="rx_queue_${QUEUE}_$1:" '$1 == q { print $2 }'
}

# Packets choose their queue by CPU; all CPUs choose the same
use_queue()
{
	local cpus

	cpus=$(awk '$1 == "Cpus_allowed:" { print $2 }' /proc/self/status)
	ip netns exec "$src" bash -c \
		"echo $cpus > /sys/class/net/veth/queues/tx-$QUEUE/xps_cpus"
	check_err $? "cannot set XPS"
}

add_pair()
{
	ip -n "$src" link add veth numtxqueues 2 numrxqueues 2 type veth \
		peer name veth netns "$dst" numtxqueues 2 numrxqueues 2
	check_err $? "cannot create a veth pair"
	defer ip -n "$src" link del veth

	ip netns exec "$dst" ethtool -K veth gro on > /dev/null
	# With TSO on, the sender bypasses the peer's NAPI
	ip netns exec "$src" ethtool -K veth tso off > /dev/null
	ip -n "$src" addr add 192.0.2.1/24 dev veth
	ip -n "$src" link set veth up
	ip -n "$dst" link set veth up
	ip -n "$src" neigh replace 192.0.2.2 dev veth lladdr \
		"$(cmd_jq "ip -n $dst -j link show dev veth" .[].address)"
	# Packets do not pass before a change of the carrier took effect.
	# Asking for a single link waits for it.
	ip -n "$src" link show dev veth > /dev/null
	use_queue
}

# send COUNT: the receiver has no such address, so there are no answers
send()
{
	# shellcheck disable=SC2016 # expanded by the inner shell
	ip netns exec "$src" bash -c '
		for ((i = 0; i < $1; i++)); do
			echo > /dev/udp/192.0.2.2/$2
		done' bash "$1" "$PORT"
}

# Leave the packets on the ring, but one which arms the timer
fill_ring()
{
	add_pair
	ip netns exec "$dst" bash -c "
		cd /sys/class/net/veth &&
		echo 1 > napi_defer_hard_irqs &&
		echo ${HOLD}000000000 > gro_flush_timeout"
	check_err $? "cannot defer NAPI"

	send 1
	busywait "$BUSYWAIT_TIMEOUT" until_counter_is "== 1" \
		queue_stat xdp_packets > /dev/null
	check_err $? "a packet was not received"
	send "$PACKETS"
	[ "$(queue_stat xdp_packets)" -eq 1 ]
	check_err $? "packets are not left on the ring"
	DROPPED=$(rx_stat dropped)
}

check_dropped()
{
	local dropped

	dropped=$(($(rx_stat dropped) - DROPPED))
	[ "$dropped" -eq "$PACKETS" ]
	check_err $? "$dropped of $PACKETS purged packets counted"
	[ "$(rx_stat packets)" -eq 1 ]
	check_err $? "purged packets are counted as received"
	[ "$(tx_stat packets)" -eq 1 ]
	check_err $? "purged packets are counted as sent"
}

check_queue_dropped()
{
	[ "$(queue_stat drops)" -eq "$PACKETS" ]
	check_err $? "the queue has counted $(queue_stat drops) drops"
}

peer_gro_off()
{
	RET=0
	fill_ring
	ip netns exec "$dst" ethtool -K veth gro off > /dev/null
	check_dropped
	check_queue_dropped
	log_test "GRO goes off with packets on the ring"
}

peer_down()
{
	RET=0
	fill_ring
	ip -n "$dst" link set veth down
	check_dropped
	check_queue_dropped
	log_test "device goes down with packets on the ring"
}

queue_removed()
{
	RET=0
	fill_ring
	# The first queue is left
	ip netns exec "$dst" ethtool -L veth rx 1
	check_dropped
	log_test "queue is removed with packets on the ring"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup_ns src dst || exit "$ksft_skip"
in_all_ns sysctl -wq net.ipv6.conf.all.disable_ipv6=1
in_all_ns sysctl -wq net.ipv6.conf.default.disable_ipv6=1
tests_run
exit "$EXIT_STATUS"
