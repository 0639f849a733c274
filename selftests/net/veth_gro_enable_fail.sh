#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Let each memory allocation of enabling GRO on a veth device fail in turn. The
# device must remain usable: setting it down used to hang, with RTNL held.
#
# The kernel needs CONFIG_FAILSLAB and CONFIG_FAULT_INJECTION_DEBUG_FS.
#
# shellcheck disable=SC2034,SC2154,SC2317,SC2329 # shared with lib.sh

ALL_TESTS="
	enable_fails
"

source lib.sh
require_command ethtool
require_command python3

FAILSLAB=/sys/kernel/debug/failslab
# More than there are allocations
MAX_NTH=100
# Seconds until a command counts as stuck; it takes milliseconds
STUCK=30

# set_gro VALUE [NTH]: by ioctl, with the NTH allocation of the system call
# failing. Prints how many of the NTH allocations were not made; 0 means that
# one has failed.
set_gro()
{
	# fail-nth is written last: what the system call allocates is counted
	# and nothing else
	ip netns exec "$ns" python3 -c '
import array, fcntl, os, socket, struct, sys

SIOCETHTOOL = 0x8946
ETHTOOL_SGRO = 0x2c

value = array.array("I", [ETHTOOL_SGRO, int(sys.argv[1])])
ifreq = struct.pack("16sP16x", b"veth0", value.buffer_info()[0])
nth = sys.argv[2].encode()
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
left = 0
if nth != b"0":
    fd = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
    os.write(fd, nth)
try:
    fcntl.ioctl(sock, SIOCETHTOOL, ifreq)
except OSError:
    pass
if nth != b"0":
    left = int(os.pread(fd, 16, 0).split(b"\0")[0])
    os.pwrite(fd, b"0", 0)
print(left)
' "$1" "${2:-0}"
}

gro_state()
{
	ip netns exec "$ns" ethtool -k veth0 |
		awk -F ': ' '$1 == "generic-receive-offload" { print $2 }'
}

# A hung command cannot be killed, and no network namespace can be removed
# after it: leave everything as it is.
try_link()
{
	local pid

	ip -n "$ns" link set dev veth0 "$1" > /dev/null 2>&1 &
	pid=$!
	if ! slowwait "$STUCK" not_running "$pid"; then
		RET=0
		check_err 1 "setting the link $1 hangs after GRO failed"
		log_test "allocation $2 of enabling GRO fails"
		trap - EXIT
		exit "$EXIT_STATUS"
	fi
	wait "$pid"
	check_err $? "cannot set the link $1"
}

not_running()
{
	! grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status"
}

failslab_set()
{
	local old

	old=$(cat "$FAILSLAB/$1")
	echo "$2" > "$FAILSLAB/$1"
	defer eval "echo $old > $FAILSLAB/$1"
}

setup()
{
	if [ ! -d "$FAILSLAB" ] || [ ! -e /proc/self/fail-nth ]; then
		echo "SKIP: no fault injection for slab allocations"
		exit "$ksft_skip"
	fi

	setup_ns ns || exit "$ksft_skip"
	if ! ip -n "$ns" link add veth0 type veth peer name veth1; then
		echo "SKIP: cannot create a veth pair"
		exit "$ksft_skip"
	fi
	ip -n "$ns" link set dev veth1 up
	ip -n "$ns" link set dev veth0 up
}

enable_fails()
{
	local failed=0
	local complete=0
	local nth left

	RET=0
	failslab_set cache-filter N
	failslab_set ignore-gfp-wait N
	failslab_set verbose 0

	for ((nth = 1; nth <= MAX_NTH; nth++)); do
		left=$(set_gro 1 "$nth")
		if [ -z "$left" ]; then
			check_err 1 "cannot call ethtool"
			break
		fi
		case $(gro_state) in
		"off [requested on]") failed=$((failed + 1)) ;;
		esac

		try_link down "$nth"
		try_link up "$nth"
		set_gro 0 > /dev/null
		[ "$(gro_state)" = off ]
		check_err $? "GRO remains on"

		if [ "$left" -gt 0 ]; then
			complete=1
			break
		fi
	done

	log_info "enabling GRO has failed $failed times"
	((complete))
	check_err $? "not all allocations were tried"
	((failed))
	check_err $? "no allocation failure has kept GRO off"

	set_gro 1 > /dev/null
	[ "$(gro_state)" = on ]
	check_err $? "GRO cannot be enabled after failures"
	try_link down "no"
	log_test "allocations of enabling GRO fail"
}

trap 'defer_scopes_cleanup; cleanup_all_ns' EXIT
setup
tests_run
exit "$EXIT_STATUS"
