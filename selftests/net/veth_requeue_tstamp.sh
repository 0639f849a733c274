#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# When the ring to the peer's NAPI is full, veth leaves the packet to its qdisc
# and is given it again later. The packet must be the same then as before; in
# particular it must not have got a TX timestamp for not being sent.
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	requeue_tstamp
"

source lib.sh
require_command ethtool
require_command jq
require_command python3
require_command tc

# More than the ring takes (256), less than the qdisc does
FLOOD=600
PORT=9

mac_of()
{
	cmd_jq "ip -n $1 -j link show veth" .[].address
}

# What the peer's NAPI has taken
napi_packets()
{
	ip netns exec "$dst" ethtool -S veth |
		awk '$1 == "rx_queue_0_xdp_packets:" { print $2 }'
}

tx_dropped()
{
	ip netns exec "$src" cat /sys/class/net/veth/statistics/tx_dropped
}

setup()
{
	setup_ns src dst || exit "$ksft_skip"
	in_all_ns sysctl -wq net.ipv6.conf.all.disable_ipv6=1
	in_all_ns sysctl -wq net.ipv6.conf.default.disable_ipv6=1

	if ! ip -n "$src" link add veth type veth peer name veth netns "$dst" ||
	   ! tc -n "$src" qdisc add dev veth root handle 1: pfifo_fast; then
		echo "SKIP: cannot create a veth pair with a qdisc"
		exit "$ksft_skip"
	fi
	ip netns exec "$dst" ethtool -K veth gro on > /dev/null
	# With TSO on, the sender bypasses the peer's NAPI
	ip netns exec "$src" ethtool -K veth tso off > /dev/null
	ip -n "$src" addr add 192.0.2.1/24 dev veth
	ip -n "$src" link set veth up
	ip -n "$dst" link set veth up
	# Nobody has that address, so there are no answers
	ip -n "$src" neigh add 192.0.2.2 dev veth lladdr "$(mac_of "$dst")"
}

# Send FLOOD datagrams, wait until each has a TX timestamp, and print how many
# there are of either, and for how many there was something to wait
send_with_tstamps()
{
	ip netns exec "$src" timeout 150 python3 -c '
import select, socket, struct, sys

SO_SNDBUFFORCE = 32
SO_RCVBUFFORCE = 33
SO_TIMESTAMPING = getattr(socket, "SO_TIMESTAMPING", 37)
# TX_SOFTWARE, SOFTWARE, OPT_ID, OPT_TSONLY
FLAGS = 1 << 1 | 1 << 4 | 1 << 7 | 1 << 11
IP_RECVERR = 11
SO_EE_ORIGIN_TIMESTAMPING = 4
SCM_TSTAMP_SND = 0

count = int(sys.argv[1])
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 24)
sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, FLAGS)
sock.connect(("192.0.2.2", int(sys.argv[2])))
for _ in range(count):
    sock.send(b"x")

# In the order of sending: what a packet gets twice comes before the stamps of
# the packets after it
stamps = 0
waiting = 0
seen = set()
poll = select.poll()
poll.register(sock, 0)
while len(seen) < count:
    if not waiting and not poll.poll(0):
        waiting = count - len(seen)
    poll.poll()
    _, cmsgs, _, _ = sock.recvmsg(0, 1024, socket.MSG_ERRQUEUE)
    for level, kind, data in cmsgs:
        if level != socket.IPPROTO_IP or kind != IP_RECVERR:
            continue
        _, origin, _, _, _, info, ident = struct.unpack_from("=IBBBBII", data)
        if origin == SO_EE_ORIGIN_TIMESTAMPING and info == SCM_TSTAMP_SND:
            stamps += 1
            seen.add(ident)
print(len(seen), stamps, waiting)
' "$FLOOD" "$PORT"
}

# The NAPI is held back by deferring its polls to a timer. Where the ring has
# not become full by then, as the machine is slow, start over with more time.
requeue_tstamp()
{
	local packets=0
	local stamps=0
	local waiting=0
	local dropped secs taken

	RET=0
	# gro_flush_timeout is an unsigned long of nanoseconds
	for secs in 1 2 4 $([ "$(getconf LONG_BIT)" -eq 32 ] || echo 8 16 32)
	do
		ip netns exec "$dst" bash -c "
			cd /sys/class/net/veth &&
			echo 1 > napi_defer_hard_irqs &&
			echo ${secs}000000000 > gro_flush_timeout"
		check_err $? "cannot defer NAPI"

		taken=$(napi_packets)
		dropped=$(tx_dropped)
		read -r packets stamps waiting < <(send_with_tstamps)
		[ "$packets" = "$FLOOD" ]
		check_err $? "no TX timestamp for some packets"
		busywait "$((secs * 1000 + BUSYWAIT_TIMEOUT))" \
			until_counter_is ">= $((taken + FLOOD))" \
			napi_packets > /dev/null
		check_err $? "the peer has not got all packets"

		[ "$(tx_dropped)" -eq "$dropped" ]
		check_err $? "packets were dropped that the qdisc could keep"

		if ((RET || waiting)); then
			break
		fi
	done

	((waiting))
	check_err $? "no packet had to wait for room"
	[ "${stamps:-0}" -eq "$FLOOD" ]
	check_err $? "$stamps TX timestamps for $FLOOD packets"
	log_test "TX timestamps of requeued packets"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup
tests_run
exit "$EXIT_STATUS"
