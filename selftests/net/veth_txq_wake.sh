#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# When the ring to the peer's NAPI is full, veth stops the TX queue, and the
# NAPI wakes it. Take either away while the queue is stopped: the queue must
# work when it is used again.
#
# The NAPI is held back by deferring its polls to a timer, so that there is no
# race to be won.
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
require_command ping
require_command tc

# Of the two queues, all packets take the second
QUEUE=1
# More than the ring takes (256), less than a qdisc does
FLOOD=600
PORT=9
# Seconds for which the NAPI is held back where nothing waits for it
HOLD=600

mac_of()
{
	cmd_jq "ip -n $1 -j link show veth" .[].address
}

add_neigh()
{
	ip -n "$1" neigh replace "$2" dev veth lladdr "$(mac_of "$3")"
}

# What the peer's NAPI has taken from the queue
napi_packets()
{
	ip netns exec "$dst" ethtool -S veth |
		awk -v q="rx_queue_${QUEUE}_xdp_packets:" '$1 == q { print $2 }'
}

# qdisc_stat NAME: of the qdisc of the queue
qdisc_stat()
{
	tc -n "$src" -s -j qdisc show dev veth |
		jq ".[] | select(.parent == \"1:$((QUEUE + 1))\") | .$1"
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

# hold_napi SECONDS: not to be polled again for so long after the next poll, or
# for as long as an unsigned long has nanoseconds
hold_napi()
{
	local secs=$1

	if ((secs > 4)) && [ "$(getconf LONG_BIT)" -eq 32 ]; then
		secs=4
	fi
	ip netns exec "$dst" bash -c "
		cd /sys/class/net/veth &&
		echo $((!!secs)) > napi_defer_hard_irqs &&
		echo $((secs * 1000000000)) > gro_flush_timeout"
	check_err $? "cannot defer NAPI"
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
	tc -n "$src" qdisc add dev veth root handle 1: mq
	check_err $? "cannot add a qdisc"
	ip -n "$src" addr add 192.0.2.1/24 dev veth
	ip -n "$dst" addr add 192.0.2.2/24 dev veth
	ip -n "$src" link set veth up
	ip -n "$dst" link set veth up
	add_neigh "$src" 192.0.2.2 "$dst"
	add_neigh "$dst" 192.0.2.1 "$src"
	use_queue
	ip netns exec "$src" ping -q -c 1 -w 10 192.0.2.2 > /dev/null
	check_err $? "the pair does not work to begin with"
}

# The address is not one of the receiver's, so there are no answers
flood()
{
	# shellcheck disable=SC2016 # expanded by the inner shell
	ip netns exec "$src" bash -c '
		for ((i = 0; i < $1; i++)); do
			echo > /dev/udp/192.0.2.3/$2
		done' bash "$FLOOD" "$PORT"
}

# stop_queue SECONDS: fill the ring while its consumer is held back. TAKEN is
# how much the consumer has taken by then, ALL_TAKEN how much it will have when
# the ring is empty.
stop_queue()
{
	local before waiting

	add_neigh "$src" 192.0.2.3 "$dst"
	before=$(napi_packets)
	hold_napi "$1"
	flood
	TAKEN=$(napi_packets)
	waiting=$(qdisc_stat qlen)
	ALL_TAKEN=$((before + FLOOD - waiting))
	[ "$waiting" -gt 0 ]
}

check_queue()
{
	local before

	before=$(qdisc_stat packets)
	ip netns exec "$src" ping -q -c 3 -w 10 192.0.2.2 > /dev/null
	check_err $? "TX queue stays stopped $1"
	[ "$(($(qdisc_stat packets) + $(qdisc_stat qlen)))" -gt "$before" ]
	check_err $? "packets do not take the queue"
}

peer_gro_off()
{
	RET=0
	add_pair
	stop_queue "$HOLD"
	check_err $? "the queue was not stopped"

	ip netns exec "$dst" ethtool -K veth gro off > /dev/null
	check_queue "after the peer's GRO was turned off"
	log_test "GRO of the peer goes off while the queue is stopped"
}

peer_down()
{
	RET=0
	add_pair
	stop_queue "$HOLD"
	check_err $? "the queue was not stopped"

	ip -n "$dst" link set veth down
	hold_napi 0
	ip -n "$dst" link set veth up
	add_neigh "$dst" 192.0.2.1 "$src"
	check_queue "after the peer was down"
	log_test "peer goes down while the queue is stopped"
}

# The consumer must not run before the queue is removed, but has to afterwards:
# where it has run too early, as the machine is slow, start over with more time.
remove_stopped_queue()
{
	add_pair
	stop_queue "$1" || return

	ip netns exec "$src" ethtool -L veth tx "$QUEUE"
	check_err $? "cannot remove the queue"
	# The timer is armed; no other is to follow
	hold_napi 0
	[ "$(napi_packets)" -eq "$TAKEN" ] || return

	busywait "$(($1 * 1000 + BUSYWAIT_TIMEOUT))" until_counter_is \
		">= $ALL_TAKEN" napi_packets > /dev/null
	check_err $? "the consumer does not run"

	ip netns exec "$src" ethtool -L veth tx "$((QUEUE + 1))"
	check_err $? "cannot add the queue"
	use_queue
	check_queue "after it was removed and added"
	return 0
}

queue_removed()
{
	local removed=0
	local secs

	RET=0
	for secs in 1 2 4 8 16 32 64; do
		if in_defer_scope remove_stopped_queue "$secs"; then
			removed=1
		fi
		if ((removed || RET)); then
			break
		fi
	done
	((removed || RET))
	check_err $? "the queue was not stopped when it was removed"
	log_test "queue is removed and added while it is stopped"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup_ns src dst || exit "$ksft_skip"
in_all_ns sysctl -wq net.ipv6.conf.all.disable_ipv6=1
in_all_ns sysctl -wq net.ipv6.conf.default.disable_ipv6=1
tests_run
exit "$EXIT_STATUS"
