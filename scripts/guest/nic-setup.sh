# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The two functions of a NIC in a guest: the device under test stays in the
# guest's own namespace, its peer goes to the namespace "peer". The variables
# are those of drivers/net/README.rst in the kernel's selftests.

ns=peer
export NETIF LOCAL_V4=192.0.2.1 REMOTE_V4=192.0.2.2
export LOCAL_V6=2001:db8:1::1 REMOTE_V6=2001:db8:1::2
export LOCAL_PREFIX_V6=2001:db8:2::0/64
export REMOTE_TYPE=netns REMOTE_ARGS=$ns

# The interface of the PCI function in SLOT of bus 0, of itself or of its virtio
# device; probing takes its time
in_slot() {
	local i dir

	for ((i = 0; i < 100; i++)); do
		for dir in /sys/bus/pci/devices/0000:00:"$1".0/{,virtio*/}net/*
		do
			[ ! -e "$dir" ] || { echo "${dir##*/}"; return; }
		done
		sleep 0.1
	done
	echo "no network device in PCI slot $1" >&2
	return 1
}

# side NAMESPACE DEVICE V4 V6: up, with these addresses and no other
side() {
	local ip=(ip)

	[ -z "$1" ] || ip+=(-n "$1")
	"${ip[@]}" addr flush dev "$2"
	"${ip[@]}" link set dev "$2" up
	[ -z "$3" ] || "${ip[@]}" addr add "$3/24" dev "$2"
	[ -z "$4" ] || "${ip[@]}" addr add "$4/64" dev "$2" nodad
}

# Both ends as the README wants them; the prefix is for namespaces of the tests
both_sides() {
	side "" "$dut" $LOCAL_V4 $LOCAL_V6
	side $ns "$peer" $REMOTE_V4 $REMOTE_V6
	ip -n $ns route replace "$LOCAL_PREFIX_V6" via $LOCAL_V6 dev "$peer"
	connected
}

# Wait until the other end answers in both families
connected() {
	local i

	for ((i = 0; i < 20; i++)); do
		! ping -c 1 -W 1 "$REMOTE_V4" >/dev/null 2>&1 ||
			! ping -c 1 -W 1 "$REMOTE_V6" >/dev/null 2>&1 ||
			return 0
		sleep 0.5
	done
	echo "the device under test does not reach its peer" >&2
	return 1
}

# nic_setup KIND: sets dut and peer
nic_setup() {
	# What an init system would have mounted
	mount -t configfs config /sys/kernel/config 2>/dev/null
	if [ "$1" = veth ]; then
		ip link add dut type veth peer name peer
		dut=dut peer=peer
	else
		dut=$(in_slot "$NIC_SLOT_DUT") &&
			peer=$(in_slot "$NIC_SLOT_PEER") || return 1
	fi
	NETIF=$dut
	ip netns add $ns
	ip -n $ns link set dev lo up
	ip link set dev "$peer" netns $ns
	both_sides
}
