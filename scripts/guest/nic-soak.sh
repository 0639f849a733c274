#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# nic-soak.sh NIC PKTRATE COUNT: nothing is lost, doubled, reordered or changed
#
# COUNT datagrams of small size at MTU 1500, as many of 8000 bytes at MTU 9001
# divided by ten, and a TCP stream at each MTU with TSO and GRO, whose content is
# compared. What TCP sent again is told, not judged: a slow guest makes it send
# before the answer had its time. One line per case: "ok ..." or "not ok ...".
set -u

. "${0%/*}/nic-setup.sh"
nic=$1 pktrate=$2 count=$3
out=$(mktemp) rc=0

result() {
	if [ "$1" -eq 0 ]; then
		echo "ok $2"
	else
		echo "not ok $2"
		rc=1
	fi
}

udp() {
	local what=$1 to=$2 ok=0 got

	shift 2
	ip netns exec $ns timeout 600 "$pktrate" -r -t 30 -x "$@" \
		>"$out" 2>&1 &
	got=$!
	sleep 0.5
	timeout 600 "$pktrate" -s "$to" "$@" >"$out.sent" 2>&1 || ok=1
	wait $got || ok=1
	# Flows have a queue each: a later one before an earlier is the device's
	grep -q 'reordered 0,' "$out" || ok=1
	result $ok "$what: $(tail -n 1 "$out")"
}

retrans() { nstat -az TcpRetransSegs | awk '/^Tcp/ { print $2 }'; }

# Some 110 MB, made by counting
tcp() {
	local what=$1 sum want=$2 before ok=0

	before=$(retrans)
	ip netns exec $ns timeout 300 socat -u TCP-LISTEN:7777,reuseaddr - \
		2>/dev/null | sha256sum >"$out" &
	sleep 1
	timeout 300 seq 1 14000000 | socat -u - TCP:$REMOTE_V4:7777 || ok=1
	wait
	read -r sum _ <"$out"
	[ "$sum" = "$want" ] || ok=1
	result $ok "$what: content $([ "$sum" = "$want" ] && echo equal ||
		echo differs), $(($(retrans) - before)) segments sent again"
}

nic_setup "$nic" || exit 2
queues=$(ethtool -l "$dut" 2>/dev/null | awk '/^Comb/ { n = $2 } END { print n }')
on=$(ethtool -k "$dut" | grep -cE '^(tcp-seg|generic-rec).*: on')
result $((on != 2)) "TSO and GRO are on, $queues queues"
want=$(seq 1 14000000 | sha256sum)
want=${want%% *}
for mtu in 1500 9001; do
	size=64 n=$count
	[ $mtu = 1500 ] || { size=8000; n=$((count / 10)); }
	ip link set "$dut" mtu $mtu
	ip -n $ns link set "$peer" mtu $mtu
	both_sides
	udp "MTU $mtu, UDP v4, $size bytes" $REMOTE_V4 -n "$n" -l $size -w 16 -f 8
	udp "MTU $mtu, UDP v6, $size bytes" $REMOTE_V6 -6 -n $((n / 10)) \
		-l $size -w 16 -f 8
	tcp "MTU $mtu, TCP" "$want"
done
exit $rc
