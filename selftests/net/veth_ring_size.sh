#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The size of the ring between the sender and the NAPI of a veth device is a
# matter of ethtool -G. A change while packets are in the ring must neither lose
# those that fit, nor leave the sender's TX queue stopped.
#
# The NAPI is held back by deferring its polls to a timer, so that it is known
# what is in the ring. While senders are busy that cannot be known, but each
# packet has to be received or counted as dropped.
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	limits
	takes_effect
	grow
	shrink
	traffic
"

source lib.sh
require_command ethtool
require_command jq
require_command ping
require_command tc

DEFAULT=256
MIN=64
MAX=4096
# More than the default ring takes, less than a qdisc does
FLOOD=600
PORT=9
# Packets to be received between two sizes while senders are busy
TRAFFIC=50
# Seconds for which the NAPI is held back
HOLD=600

mac_of()
{
	cmd_jq "ip -n $1 -j link show veth" .[].address
}

add_neigh()
{
	ip -n "$1" neigh replace "$2" dev veth lladdr "$(mac_of "$3")"
}

# ring_param FIELD
ring_param()
{
	ip netns exec "$dst" ethtool --json -g veth 2> /dev/null |
		jq ".[].\"$1\""
}

check_size()
{
	[ "$(ring_param rx)" = "$1" ]
	check_err $? "the ring size is '$(ring_param rx)', not $1"
}

set_size()
{
	ip netns exec "$dst" ethtool -G veth rx "$1" > /dev/null 2>&1
	check_err $? "cannot set the ring size to $1"
	check_size "$1"
}

# queue_stat NAME: of the receiver's queue
queue_stat()
{
	ip netns exec "$dst" ethtool -S veth |
		awk -v name="rx_queue_0_$1:" '$1 == name { print $2 }'
}

# What the NAPI has taken
napi_packets()
{
	queue_stat xdp_packets
}

rx_dropped()
{
	ip netns exec "$dst" cat /sys/class/net/veth/statistics/rx_dropped
}

# Packets that wait in the sender's qdisc
waiting()
{
	tc -n "$src" -s -j qdisc show dev veth | jq '.[] | .qlen'
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

configure()
{
	ip -n "$src" addr replace 192.0.2.1/24 dev veth
	ip -n "$dst" addr replace 192.0.2.2/24 dev veth
	ip -n "$src" link set veth up
	ip -n "$dst" link set veth up
	add_neigh "$src" 192.0.2.2 "$dst"
	add_neigh "$dst" 192.0.2.1 "$src"
	# Not an address of the receiver, so there are no answers
	add_neigh "$src" 192.0.2.3 "$dst"
}

add_pair()
{
	ip -n "$src" link add veth type veth peer name veth netns "$dst"
	check_err $? "cannot create a veth pair"
	defer ip -n "$src" link del veth

	ip netns exec "$dst" ethtool -K veth gro on > /dev/null
	# With TSO on, the sender bypasses the peer's NAPI
	ip netns exec "$src" ethtool -K veth tso off > /dev/null
	tc -n "$src" qdisc add dev veth root pfifo limit "$((2 * FLOOD))"
	check_err $? "cannot add a qdisc"
	configure
}

check_link()
{
	local before

	before=$(napi_packets)
	ip netns exec "$src" ping -q -c 3 -i 0.1 -w 10 192.0.2.2 > /dev/null
	check_err $? "no answer $1"
	[ "$(napi_packets)" -ge $((before + 3)) ]
	check_err $? "the NAPI takes no packets $1"
}

# send PACKETS
send()
{
	# shellcheck disable=SC2016 # expanded by the inner shell
	ip netns exec "$src" bash -c '
		for ((i = 0; i < $1; i++)); do
			echo > /dev/udp/192.0.2.3/$2
		done' bash "$1" "$PORT"
}

# fill_ring SIZE: with the NAPI held back. TAKEN is what the NAPI had before,
# IN_RING what is in the ring now. The consumer gives slots of the ring back in
# batches, of cache lines, but never of more than half of the ring.
fill_ring()
{
	TAKEN=$(napi_packets)
	hold_napi "$HOLD"
	# The poll after which there is none
	send 1
	busywait "$BUSYWAIT_TIMEOUT" until_counter_is \
		">= $((TAKEN + 1))" napi_packets > /dev/null
	check_err $? "the NAPI takes no packets"
	TAKEN=$(napi_packets)
	send "$FLOOD"
	[ "$(napi_packets)" -eq "$TAKEN" ]
	check_err $? "the NAPI is not held back"

	IN_RING=$((FLOOD - $(waiting)))
	if [ "$1" -lt "$FLOOD" ]; then
		[ "$IN_RING" -le "$1" ] && [ "$IN_RING" -ge $(($1 / 2)) ]
	else
		[ "$IN_RING" -eq "$FLOOD" ]
	fi
	check_err $? "$IN_RING packets in a ring for $1"
	# The timer is armed; no other is to follow
	hold_napi 0
}

# check_taken PACKETS: by the NAPI, since fill_ring
check_taken()
{
	busywait "$BUSYWAIT_TIMEOUT" until_counter_is \
		">= $((TAKEN + $1))" napi_packets > /dev/null
	check_err $? "$(($(napi_packets) - TAKEN)) of $1 packets arrived"
	[ "$(waiting)" -eq 0 ]
	check_err $? "$(waiting) packets remain in the qdisc"
}

refuse()
{
	! ip netns exec "$dst" ethtool -G veth "$@" > /dev/null 2>&1
	check_err $? "ring parameters are accepted: $*"
	check_size "$DEFAULT"
}

limits()
{
	RET=0
	add_pair
	check_size "$DEFAULT"
	[ "$(ring_param rx-max)" = "$MAX" ]
	check_err $? "the maximum is '$(ring_param rx-max)', not $MAX"
	refuse rx 0
	refuse rx $((MIN - 1))
	refuse rx $((MAX + 1))
	refuse tx "$DEFAULT"
	set_size "$MIN"
	check_link "with a ring of $MIN"
	set_size "$MAX"
	check_link "with a ring of $MAX"
	log_test "limits of the ring size"
}

# None of the sizes passes for another in fill_ring
takes_effect()
{
	RET=0
	add_pair
	ip -n "$dst" link set veth down
	set_size "$MIN"
	configure
	((RET)) || fill_ring "$MIN"
	((RET)) || set_size 200
	((RET)) || check_taken "$FLOOD"

	ip -n "$dst" link set veth down
	configure
	((RET)) || check_size 200
	((RET)) || fill_ring 200
	ip netns exec "$dst" ethtool -K veth gro off > /dev/null
	((RET)) || set_size "$MIN"
	ip netns exec "$dst" ethtool -K veth gro on > /dev/null
	((RET)) || check_size "$MIN"
	check_link "after GRO was off"
	((RET)) || fill_ring "$MIN"
	log_test "ring size after down and up, and GRO off and on"
}

grow()
{
	RET=0
	add_pair
	fill_ring "$DEFAULT"
	((RET)) || set_size 1000
	((RET)) || check_taken "$FLOOD"
	((RET)) || check_link "after the ring has grown"
	log_test "ring grows while the TX queue is stopped"
}

shrink()
{
	local dropped queue_dropped

	RET=0
	add_pair
	set_size 1000
	((RET)) || fill_ring 1000
	dropped=$(rx_dropped)
	queue_dropped=$(queue_stat drops)
	((RET)) || set_size "$MIN"
	((RET)) || check_taken "$MIN"
	dropped=$(($(rx_dropped) - dropped))
	queue_dropped=$(($(queue_stat drops) - queue_dropped))
	[ "$dropped" -eq $((FLOOD - MIN)) ]
	check_err $? "$dropped of $((FLOOD - MIN)) dropped packets counted"
	[ "$queue_dropped" -eq "$dropped" ]
	check_err $? "the queue has counted $queue_dropped of $dropped drops"
	((RET)) || check_link "after the ring has shrunk"
	log_test "ring shrinks below what is in it"
}

tx_dropped()
{
	ip netns exec "$src" cat /sys/class/net/veth/statistics/tx_dropped
}

# Packets of which it is known what has become of them
accounted()
{
	echo $(($(napi_packets) + $(rx_dropped) + $(tx_dropped)))
}

# start_sender FILE: send for as long as there is FILE, and count in FILE.PID
start_sender()
{
	# shellcheck disable=SC2016 # expanded by the inner shell
	ip netns exec "$src" bash -c '
		for ((sent = 0; ; sent++)); do
			[ -e "$1" ] || break
			echo > /dev/udp/192.0.2.3/$2
		done
		echo "$sent" > "$1.$$"' bash "$1" "$PORT" &
}

traffic()
{
	local before dir i pids sent size taken

	RET=0
	add_pair
	# Drop what does not fit, rather than to wait
	tc -n "$src" qdisc del dev veth root
	check_err $? "cannot delete the qdisc"
	dir=$(mktemp -d)
	defer rm -r "$dir"
	touch "$dir/run"
	before=$(accounted)
	for i in 1 2; do
		start_sender "$dir/run"
		pids+=" $!"
	done

	for size in 1000 "$MIN" "$MAX" 100 "$DEFAULT" "$MIN"; do
		taken=$(napi_packets)
		busywait "$BUSYWAIT_TIMEOUT" until_counter_is \
			">= $((taken + TRAFFIC))" napi_packets > /dev/null
		check_err $? "the NAPI takes no packets before the size is $size"
		set_size "$size"
	done

	rm "$dir/run"
	# shellcheck disable=SC2086 # several
	wait $pids
	sent=$(cat "$dir"/run.* | awk '{ n += $1 } END { print n + 0 }')
	busywait "$BUSYWAIT_TIMEOUT" until_counter_is \
		">= $((before + sent))" accounted > /dev/null
	[ "$(accounted)" -eq $((before + sent)) ]
	check_err $? "$(($(accounted) - before)) of $sent packets accounted for"
	check_link "after the ring was resized under traffic"
	log_test "ring changes its size under traffic"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup_ns src dst || exit "$ksft_skip"
in_all_ns sysctl -wq net.ipv6.conf.all.disable_ipv6=1
in_all_ns sysctl -wq net.ipv6.conf.default.disable_ipv6=1
tests_run
exit "$EXIT_STATUS"
