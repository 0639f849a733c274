#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# nic-speed.sh NIC PKTRATE: how fast the two NICs of this guest are, once
#
# One line per measurement: what, value, unit, with tabs between.
set -u

. "${0%/*}/nic-setup.sh"
nic=$1 pktrate=$2
out=$(mktemp)

tcp() {
	local what=$1

	shift
	ip netns exec $ns timeout 40 iperf3 -s -1 >/dev/null 2>&1 &
	sleep 1
	timeout 30 iperf3 -J -t 4 -O 1 -c $REMOTE_V4 "$@" >"$out" 2>&1 || exit 1
	wait $!
	printf '%s\t%s\tMbit/s\n' "$what" "$(jq -r \
		'.end.sum_received.bits_per_second / 1e6 | round' "$out")"
}

# udp WHAT OPTION...: a window, so that what counts is what arrived
udp() {
	local what=$1 got

	shift
	ip netns exec $ns timeout 120 "$pktrate" -r -t 20 "$@" >"$out" 2>&1 &
	got=$!
	sleep 0.5
	timeout 120 "$pktrate" -s $REMOTE_V4 "$@" >/dev/null 2>&1 || exit 1
	wait $got || exit 1
	printf '%s\t%s\tkpps\n' "$what" \
		"$(awk '{ for (i = 2; i <= NF; i++) if ($i ~ /packets\/s|pps|\/s/) { printf "%.1f", $(i - 1) / 1000; exit } }' "$out")"
}

nic_setup "$nic" || exit 2
tcp "TCP out"
tcp "TCP in" -R
udp "UDP 64 B, 1 flow" -n 100000 -l 64 -w 64
udp "UDP 64 B, 4 flows" -n 100000 -l 64 -w 16 -f 4
printf 'ping\t%s\tms\n' "$(ping -q -c 50 -i 0.02 $REMOTE_V4 |
	sed -n 's|^rtt[^=]*= [^/]*/\([^/]*\)/.*|\1|p')"
