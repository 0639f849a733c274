#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# An XDP program in generic mode cuts frags off packets. The frags are of a page
# pool and have to go back there. If they do not, a kernel that checks its pages
# (CONFIG_DEBUG_VM) complains and is tainted; others are likely to crash here.
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	trim_frags
"

source lib.sh
require_command jq

XDP_OBJ="xdp_trim.bpf.o"
COUNT=100
PAGE=$(getconf PAGE_SIZE)
MTU=60000
# A page for the head, one frag of a full page and a small one, which shares its
# page with those of other packets
PAYLOAD=$((2 * PAGE + PAGE / 4))
TAINT_BAD_PAGE=$((1 << 5))

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
	ip -n "$src" neigh add 192.0.2.2 dev veth \
		lladdr "$(cmd_jq "ip -n $dst -j link show veth" .[].address)"
}

# Trimmed packets are shorter than their IP header says: IP counts and drops
# them, and their memory is free at once.
truncated()
{
	# shellcheck disable=SC2016 # awk's variables
	ip netns exec "$dst" awk '
		$1 == "IpExt:" && col { print $col }
		$1 == "IpExt:" && !col {
			for (i = 2; i <= NF; i++)
				if ($i == "InTruncatedPkts")
					col = i
		}' /proc/net/netstat
}

send_datagrams()
{
	# shellcheck disable=SC2016 # expanded by the inner shell
	ip netns exec "$src" bash -c '
		dd if=/dev/zero bs=$1 count=$2 status=none \
			> /dev/udp/192.0.2.2/9' bash "$PAYLOAD" "$COUNT"
}

bad_pages()
{
	(($(cat /proc/sys/kernel/tainted) & TAINT_BAD_PAGE))
}

trim_frags()
{
	local name="frags trimmed in generic mode"
	local before

	RET=0
	if bad_pages; then
		log_test_skip "$name" "the kernel has had a bad page before"
		return
	fi
	if ! ip -n "$dst" link set dev veth xdpgeneric obj "$XDP_OBJ" \
			sec xdp.frags 2> /dev/null; then
		log_test_skip "$name" "cannot load $XDP_OBJ"
		return
	fi
	defer ip -n "$dst" link set dev veth xdpgeneric off

	before=$(truncated)
	send_datagrams
	check_err $? "cannot send"
	busywait "$BUSYWAIT_TIMEOUT" until_counter_is \
		">= $((before + COUNT))" truncated > /dev/null
	check_err $? "$(($(truncated) - before)) of $COUNT packets trimmed"
	! bad_pages
	check_err $? "a page was freed while in use by a page pool"
	log_test "$name"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup
tests_run
exit "$EXIT_STATUS"
