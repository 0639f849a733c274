#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# An XDP program on a veth device sends packets back by XDP_TX, or by a redirect
# to its own device. When the other end has dropped them, the pages that they
# were in have to be back in the page pool that they came from.
#
#  src ns                        dst ns
#  +------+  datagrams           +------+
#  | veth |--------------------->| veth |
#  | drop |<---------------------| XDP  |
#  +------+      xdp_frames      +------+
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	tx_page
	tx_frags
	redirect_page
	redirect_frags
"

source lib.sh
require_command ethtool
require_command jq

XDP_OBJ="veth_xdp_recycle.bpf.o"
COUNT=50
PAGE=$(getconf PAGE_SIZE)
MTU=60000
# In the head alone. What takes more than half a page has a page to itself.
PAYLOAD_PAGE=$((PAGE * 5 / 8))
# A page for the head, and two frags of more than half a page
PAYLOAD_FRAGS=$((2 * PAGE + PAGE * 5 / 8))
PORT_TX=7
PORT_REDIRECT=8

mac_of()
{
	cmd_jq "ip -n $1 -j link show veth" .[].address
}

# stat_of NS NAME
stat_of()
{
	ip netns exec "$1" ethtool -S veth |
		awk -v name="$2:" '$1 == name { print $2 }'
}

# Pages that the pool took back
recycled()
{
	ip netns exec "$dst" ethtool -S veth | awk '
		$1 ~ /^rx_pp_recycle_(cached|ring):$/ { n += $2 }
		END { print n + 0 }'
}

# Pages that came back while somebody else had a reference
released()
{
	stat_of "$dst" rx_pp_recycle_released_ref
}

setup()
{
	if [ "$PAYLOAD_FRAGS" -gt $((MTU - 28)) ]; then
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
	ip -n "$src" link set veth up
	ip -n "$dst" link set veth up
	ip -n "$src" neigh add 192.0.2.2 dev veth lladdr "$(mac_of "$dst")"

	if ! in_all_ns ip link set dev veth xdpdrv obj "$XDP_OBJ" \
			sec xdp.frags 2> /dev/null; then
		echo "SKIP: cannot load $XDP_OBJ"
		exit "$ksft_skip"
	fi
	if [ -z "$(released)" ]; then
		echo "SKIP: no page pool statistics"
		exit "$ksft_skip"
	fi
}

# send_datagrams BYTES PORT
send_datagrams()
{
	# shellcheck disable=SC2016 # expanded by the inner shell
	ip netns exec "$src" bash -c '
		dd if=/dev/zero bs=$1 count=$2 status=none \
			> /dev/udp/192.0.2.2/$3' bash "$1" "$COUNT" "$2"
}

# check_pages BYTES PORT COUNTER PAGES: PAGES of the pool are in each packet
check_pages()
{
	local pages=$((COUNT * $4))
	local sent dropped back lost

	sent=$(stat_of "$dst" "rx_queue_0_$3")
	dropped=$(stat_of "$src" rx_queue_0_xdp_drops)
	back=$(recycled)
	lost=$(released)

	send_datagrams "$1" "$2"
	check_err $? "cannot send"
	busywait "$BUSYWAIT_TIMEOUT" until_counter_is \
		">= $((dropped + COUNT))" stat_of "$src" rx_queue_0_xdp_drops \
		> /dev/null
	check_err $? "not all of $COUNT packets came back"
	sent=$(($(stat_of "$dst" "rx_queue_0_$3") - sent))
	[ "$sent" -eq "$COUNT" ]
	check_err $? "$sent of $COUNT packets sent back as $3"

	lost=$(($(released) - lost))
	[ "$lost" -eq 0 ]
	check_err $? "$lost of $pages pages went back to the page allocator"
	back=$(($(recycled) - back))
	[ "$back" -ge "$pages" ]
	check_err $? "$back of $pages pages went back to the page pool"
}

tx_page()
{
	RET=0
	check_pages "$PAYLOAD_PAGE" "$PORT_TX" xdp_tx 1
	log_test "pages of XDP_TX, no frags"
}

tx_frags()
{
	RET=0
	check_pages "$PAYLOAD_FRAGS" "$PORT_TX" xdp_tx 3
	log_test "pages of XDP_TX, two frags"
}

redirect_page()
{
	RET=0
	check_pages "$PAYLOAD_PAGE" "$PORT_REDIRECT" xdp_redirect 1
	log_test "pages of XDP_REDIRECT, no frags"
}

redirect_frags()
{
	RET=0
	check_pages "$PAYLOAD_FRAGS" "$PORT_REDIRECT" xdp_redirect 3
	log_test "pages of XDP_REDIRECT, two frags"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup
tests_run
exit "$EXIT_STATUS"
