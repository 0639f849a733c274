#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# An XDP program on a veth device cuts frags off packets. The frags of what came
# as an skb are of the queue's page pool and have to go back there; those of
# what came as an xdp_frame do not.
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	trim_skbs
	trim_frames
"

source lib.sh
require_command ethtool
require_command jq

XDP_OBJ="xdp_trim.bpf.o"
COUNT=100
PAGE=$(getconf PAGE_SIZE)
MTU=60000
# A page for the head and two frags, of more than half a page each: those have a
# page to themselves, so that a lost page is lost and does no further harm.
PAYLOAD=$((2 * PAGE + PAGE * 5 / 8))
PORT_BOUNCE=7
PORT_TRIM=9

mac_of()
{
	cmd_jq "ip -n $1 -j link show veth" .[].address
}

setup()
{
	if [ "$PAYLOAD" -gt $((MTU - 28)) ]; then
		echo "SKIP: pages too large"
		exit "$ksft_skip"
	fi
	setup_ns src dst || exit "$ksft_skip"
	in_all_ns sysctl -wq net.ipv6.conf.all.disable_ipv6=1
	in_all_ns sysctl -wq net.ipv6.conf.default.disable_ipv6=1

	if ! ip -n "$src" link add veth mtu "$MTU" type veth \
			peer name veth mtu "$MTU" netns "$dst"; then
		echo "SKIP: cannot create a veth pair"
		exit "$ksft_skip"
	fi
	ip -n "$src" addr add 192.0.2.1/24 dev veth
	ip -n "$dst" addr add 192.0.2.2/24 dev veth
	ip -n "$src" link set veth up
	ip -n "$dst" link set veth up
	ip -n "$src" neigh add 192.0.2.2 dev veth lladdr "$(mac_of "$dst")"
	ip -n "$dst" neigh add 192.0.2.1 dev veth lladdr "$(mac_of "$src")"

	if ! in_all_ns ip link set dev veth xdpdrv obj "$XDP_OBJ" \
			sec xdp.frags 2> /dev/null; then
		echo "SKIP: cannot load $XDP_OBJ"
		exit "$ksft_skip"
	fi
	if ! stat_of "$dst" rx_pp_alloc_fast | grep -q .; then
		echo "SKIP: no page pool statistics"
		exit "$ksft_skip"
	fi
}

stat_of()
{
	ip netns exec "$1" ethtool -S veth |
		awk -v name="$2:" '$1 == name { print $2 }'
}

# Trimmed packets are shorter than their IP header says: IP counts and drops
# them, and their memory is free at once.
truncated()
{
	# shellcheck disable=SC2016 # awk's variables
	ip netns exec "$1" awk '
		$1 == "IpExt:" && col { print $col }
		$1 == "IpExt:" && !col {
			for (i = 2; i <= NF; i++)
				if ($i == "InTruncatedPkts")
					col = i
		}' /proc/net/netstat
}

# Pages that the pool has handed out since it was made
pages_out()
{
	ip netns exec "$1" ethtool -S veth | awk '
		$1 ~ /^rx_pp_alloc_(fast|slow|slow_ho|refill):$/ { n += $2 }
		END { print n + 0 }'
}

# Pages that the pool waits for
pages_missing()
{
	ip netns exec "$1" ethtool -S veth | awk '
		$1 ~ /^rx_pp_alloc_(fast|slow|slow_ho|refill):$/ { n += $2 }
		$1 ~ /^rx_pp_recycle_(cached|ring|ring_full|released_ref):$/ {
			n -= $2
		}
		END { print n + 0 }'
}

# send_datagrams NS ADDRESS PORT
send_datagrams()
{
	# shellcheck disable=SC2016 # expanded by the inner shell
	ip netns exec "$1" bash -c '
		dd if=/dev/zero bs=$1 count=$2 status=none \
			> "/dev/udp/$3/$4"' bash "$PAYLOAD" "$COUNT" "$2" "$3"
}

# check_trimmed NS BEFORE: all packets had frags, lost them, and went on to IP
check_trimmed()
{
	busywait "$BUSYWAIT_TIMEOUT" until_counter_is \
		">= $(($2 + COUNT))" truncated "$1" > /dev/null
	check_err $? "$(($(truncated "$1") - $2)) of $COUNT packets trimmed"
}

# check_pool NS OUT MISSING
check_pool()
{
	local out

	busywait "$BUSYWAIT_TIMEOUT" until_counter_is "<= $3" \
		pages_missing "$1" > /dev/null
	out=$(($(pages_out "$1") - $2))
	[ "$out" -ge $((2 * COUNT)) ]
	check_err $? "the page pool gave $out pages for $COUNT packets"
	[ "$(pages_missing "$1")" -le "$3" ]
	check_err $? \
		"page pool lost $(($(pages_missing "$1") - $3)) of $out pages"
}

# trim_at NS FROM ADDRESS
trim_at()
{
	local before out missing

	before=$(truncated "$1")
	out=$(pages_out "$1")
	missing=$(pages_missing "$1")
	send_datagrams "$2" "$3" "$PORT_TRIM"
	check_err $? "cannot send"
	check_trimmed "$1" "$before"
	check_pool "$1" "$out" "$missing"
}

trim_skbs()
{
	RET=0
	trim_at "$dst" "$src" 192.0.2.2
	trim_at "$src" "$dst" 192.0.2.1
	log_test "frags trimmed, packets came as skbs"
}

# The far end sends the packets back, and they come in as xdp_frames. The queue
# has just had skbs to trim, and must not take the frags for those of its pool.
trim_frames()
{
	local before sent

	RET=0
	trim_at "$src" "$dst" 192.0.2.1
	before=$(truncated "$src")
	sent=$(stat_of "$dst" rx_queue_0_xdp_tx)
	send_datagrams "$src" 192.0.2.2 "$PORT_BOUNCE"
	check_err $? "cannot send"
	check_trimmed "$src" "$before"
	sent=$(($(stat_of "$dst" rx_queue_0_xdp_tx) - sent))
	[ "$sent" -eq "$COUNT" ]
	check_err $? "$sent of $COUNT packets were sent back"
	log_test "frags trimmed, packets came as xdp_frames"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup
tests_run
exit "$EXIT_STATUS"
