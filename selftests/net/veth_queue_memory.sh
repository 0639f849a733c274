#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A veth device may have as many queues as there are CPUs, but hardly any uses
# them. A queue with no NAPI must not cost more than it costs the core, which is
# what a queue of a dummy device costs; and when a queue gets a NAPI, loses it
# and gets it back, its counters must go on.
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	memory
	counters
"

source lib.sh
require_command ethtool
require_command jq
require_command ping

# What is measured is the memory of all of the kernel. Something else that comes
# or goes meanwhile, such as the namespaces of the test before, is to spoil no
# more than one of the rounds.
ROUNDS=3
DEVS=20
QUEUES=64
# Bytes; struct veth_rq has some 1000
MAX_EXCESS=400

mac_of()
{
	cmd_jq "ip -n $1 -j link show veth" .[].address
}

# kB that the kernel has allocated, slabs and vmalloc
kernel_memory()
{
	# Fold the counters of all CPUs
	echo 1 > /proc/sys/vm/stat_refresh
	awk '$1 == "SUnreclaim:" || $1 == "VmallocUsed:" { n += $2 }
	     END { print n }' /proc/meminfo
}

# Of ROUNDS numbers
median()
{
	sort -n | sed -n "$((ROUNDS / 2 + 1))p"
}

# add_devices TYPE QUEUES: sets GREW to the kB that DEVS of them take
add_devices()
{
	local before i

	before=$(kernel_memory)
	if [ "$1" = veth ]; then
		for ((i = 0; i < DEVS; i += 2)); do
			ip -n "$src" link add numtxqueues 1 numrxqueues "$2" \
				type veth peer numtxqueues 1 numrxqueues "$2" ||
				return
		done
	else
		for ((i = 0; i < DEVS; i++)); do
			ip -n "$src" link add numtxqueues 1 numrxqueues "$2" \
				type "$1" || return
		done
	fi
	GREW=$(($(kernel_memory) - before))
}

# queue_cost TYPE: sets COST to the bytes that a queue more takes
queue_cost()
{
	local one

	add_devices "$1" 1
	check_err $? "cannot create devices: $1"
	one=$GREW
	add_devices "$1" "$QUEUES"
	check_err $? "cannot create devices: $1, $QUEUES queues"
	COST=$(((GREW - one) * 1024 / (DEVS * (QUEUES - 1))))
}

# All devices stay to the end: freeing them would be seen in a later round
memory()
{
	local name="memory of receive queues with no NAPI"
	local core excess i
	local costs=()

	RET=0
	setup_ns src || exit "$ksft_skip"
	if ! ip -n "$src" link add dummy0 type dummy; then
		log_test_skip "$name" "no dummy devices"
		return
	fi
	for ((i = 0; i < ROUNDS; i++)); do
		queue_cost dummy
		core=$COST
		queue_cost veth
		log_info "bytes per queue: veth $COST, dummy $core"
		costs+=("$core $((COST - core))")
	done
	core=$(printf '%s\n' "${costs[@]}" | cut -d ' ' -f 1 | median)
	excess=$(printf '%s\n' "${costs[@]}" | cut -d ' ' -f 2 | median)
	# The core's own part is some hundred bytes
	[ "$core" -gt 100 ]
	check_err $? "cannot see the memory of queues"
	# A queue that takes less than in a dummy device is a measuring error
	[ "$excess" -ge "-$MAX_EXCESS" ]
	check_err $? "a queue takes $((-excess)) bytes less in veth"
	[ "$excess" -le "$MAX_EXCESS" ]
	check_err $? "a queue with no NAPI takes $excess bytes in veth"
	log_test "$name"
	cleanup_ns "$src"
}

# queue_packets QUEUE: what its NAPI has taken
queue_packets()
{
	ip netns exec "$dst" ethtool -S veth |
		awk -v q="rx_queue_$1_xdp_packets:" '$1 == q { print $2 }'
}

rx_packets()
{
	ip netns exec "$dst" cat /sys/class/net/veth/statistics/rx_packets
}

# All CPUs use the sender's TX queue 1
use_queue()
{
	local cpus

	cpus=$(awk '$1 == "Cpus_allowed:" { print $2 }' /proc/self/status)
	ip netns exec "$src" bash -c \
		"echo $cpus > /sys/class/net/veth/queues/tx-1/xps_cpus"
	check_err $? "cannot set XPS"
}

send()
{
	ip netns exec "$src" ping -q -c 5 -i 0.01 -w 10 192.0.2.2 > /dev/null
	check_err $? "no answer $1"
}

# check_counters PACKETS TOTAL WHEN: those of queue 1, and of the device
check_counters()
{
	[ "$(queue_packets 1)" = "$1" ]
	check_err $? "queue 1 had $1 packets, and has $(queue_packets 1) $3"
	[ "$(rx_packets)" -ge "$2" ]
	check_err $? "the device had $2 packets, and has $(rx_packets) $3"
}

counters()
{
	local packets total

	RET=0
	setup_ns src dst || exit "$ksft_skip"
	in_all_ns sysctl -wq net.ipv6.conf.all.disable_ipv6=1
	in_all_ns sysctl -wq net.ipv6.conf.default.disable_ipv6=1
	ip -n "$src" link add veth numtxqueues 2 numrxqueues 2 type veth \
		peer name veth netns "$dst" numtxqueues 2 numrxqueues 2
	check_err $? "cannot create a veth pair"
	ip -n "$src" addr add 192.0.2.1/24 dev veth
	ip -n "$dst" addr add 192.0.2.2/24 dev veth
	ip -n "$src" link set veth up
	ip -n "$dst" link set veth up
	ip -n "$src" neigh add 192.0.2.2 dev veth lladdr "$(mac_of "$dst")"
	ip -n "$dst" neigh add 192.0.2.1 dev veth lladdr "$(mac_of "$src")"
	# With TSO on, the sender bypasses the peer's NAPI
	ip netns exec "$src" ethtool -K veth tso off > /dev/null
	use_queue

	[ "$(queue_packets 0)" = 0 ] && [ "$(queue_packets 1)" = 0 ]
	check_err $? "counters of queues that never had a NAPI"
	send "before there is a NAPI"
	[ "$(queue_packets 1)" = 0 ]
	check_err $? "counters of a queue with no NAPI"

	ip netns exec "$dst" ethtool -L veth rx 1
	check_err $? "cannot have one queue"
	ip netns exec "$dst" ethtool -K veth gro on > /dev/null
	check_err $? "cannot turn GRO on"
	send "from a queue with no peer"
	ip netns exec "$dst" ethtool -L veth rx 2
	check_err $? "cannot add a queue while GRO is on"
	send "from a new queue"
	packets=$(queue_packets 1)
	total=$(rx_packets)
	[ "${packets:-0}" -ge 5 ]
	check_err $? "the new queue's NAPI took $packets packets"

	ip netns exec "$dst" ethtool -L veth rx 1
	check_err $? "cannot remove a queue"
	send "from a queue whose peer was removed"
	ip netns exec "$dst" ethtool -L veth rx 2
	check_err $? "cannot add the queue again"
	check_counters "$packets" "$total" "after the queue was removed"
	send "from the queue that was removed and added"
	[ "$(queue_packets 1)" -ge "$((packets + 5))" ]
	check_err $? "the NAPI of the queue takes no packets"

	packets=$(queue_packets 1)
	total=$(rx_packets)
	ip netns exec "$dst" ethtool -K veth gro off > /dev/null
	check_counters "$packets" "$total" "with GRO off"
	ip -n "$dst" link set veth down
	ip netns exec "$dst" ethtool -K veth gro on > /dev/null
	ip -n "$dst" link set veth up
	check_counters "$packets" "$total" "after the device was down"
	log_test "counters of receive queues that come and go"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
tests_run
exit "$EXIT_STATUS"
