# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Network cards for the guest: two functions, joined back to back.

# The PCI slots where the guest finds them: device under test, peer. The VFs of
# igb begin 16 slots further on, and there must be room for them.
NIC_SLOT_DUT=08 NIC_SLOT_PEER=0c

# What QEMU is given besides; the device model's process and its folder
NIC_ARGS=() NIC_PID="" NIC_DIR=""

# model_build: sets MODEL to the ENA model's program
model_build() {
	local dir=$PQ_STATE/build/ena-model

	mkdir -p "$dir"
	limit 300 "build the ENA model" "$dir/make.log" \
		make -C "$PQ_TOP/ena-model" "O=$dir" CC=gcc ||
		die "the ENA model does not build"
	MODEL=$dir/ena-model
}

# model_hash: what the device is made of
model_hash() { cat "$PQ_TOP"/ena-model/*.[ch]; }

# nic_check SPEC: is there such a kind?
nic_check() {
	case $1 in
	ena|ena:*|e1000e|igb|virtio|veth) ;;
	e1000e:*|igb:*|virtio:*|veth:*)
		die "nic: ${1%%:*} takes no options" ;;
	*) die "nic: no kind '${1%%:*}': ena, e1000e, igb, virtio or veth" ;;
	esac
}

# nic_start SPEC DIR: SPEC is KIND or, for ena, ena:NAME=VALUE,...; DIR gets
# the model's log and trace
nic_start() {
	local slot n=0 dev=$1

	nic_check "$1"
	nic_stop
	case $1 in
	ena*)	nic_ena "${1#ena}" "$2" ;;
	veth)	;;
	*)	[ "$dev" != virtio ] || dev=virtio-net-pci
		for slot in $NIC_SLOT_DUT $NIC_SLOT_PEER; do
			NIC_ARGS+=(-netdev "hubport,hubid=0,id=net$n" -device
				"$dev,netdev=net$n,addr=0x$slot,romfile=,mac=02:0e:0a:00:00:0$((n + 1))")
			n=$((n + 1))
		done ;;
	esac
}

# The words that are not a device's: clock, trace-level; bridge=on puts each
# behind a root port; wire=PATH has frames go through SOCK_SEQPACKET sockets
# PATH0 and PATH1, where somebody listens
nic_words() {
	local w words

	DEV_WORDS="" MODEL_WORDS=() NIC_BRIDGE="" NIC_WIRE=""
	IFS=, read -ra words <<<"${1#:}"
	for w in ${words[@]+"${words[@]}"}; do
		case $w in
		clock=*|trace-level=*) MODEL_WORDS+=("--${w%%=*}" "${w#*=}") ;;
		bridge=on) NIC_BRIDGE=on ;;
		bridge=off) ;;
		wire=?*) NIC_WIRE=${w#*=} ;;
		socket=*|port=*) die "nic: '$w' is not for this place" ;;
		*) DEV_WORDS+=",$w" ;;
		esac
	done
}

nic_ena() {
	local n=0 t=0 qdev bus slot wire

	qemu-system-x86_64 -device help 2>&1 | grep -q vfio-user-pci ||
		die "this QEMU has no vfio-user-pci: 10.1 or newer is needed" \
		    "($(qemu-system-x86_64 --version | head -n 1))"
	nic_words "$1"
	model_build
	# Not below DIR: the path of a socket is short
	NIC_DIR=$(mktemp -d)
	wire=${NIC_WIRE:+,port=sock:$NIC_WIRE}
	"$MODEL" --ctl "$NIC_DIR/ctl" --trace "$2/ena.trace" \
		${MODEL_WORDS[@]+"${MODEL_WORDS[@]}"} \
		--dev "socket=$NIC_DIR/0$DEV_WORDS${wire:+${wire}0}" \
		--dev "socket=$NIC_DIR/1$DEV_WORDS${wire:+${wire}1}" \
		>"$2/ena.log" 2>&1 9>&- &
	NIC_PID=$!
	# It is there when the last of its sockets is
	until [ -S "$NIC_DIR/ctl" ]; do
		kill -0 "$NIC_PID" 2>/dev/null ||
			die "$(head -n 1 "$2/ena.log")"
		[ $t -lt 50 ] || die "the ENA model does not listen after 5 s"
		t=$((t + 1))
		sleep 0.1
	done
	NIC_ARGS=(-machine memory-backend=mem -object
		"memory-backend-memfd,id=mem,size=${PQ_MEMORY:-1G},share=on"
		-chardev "socket,id=ena,path=$NIC_DIR/ctl"
		-device "virtserialport,chardev=ena,name=ena.ctl")
	for slot in $NIC_SLOT_DUT $NIC_SLOT_PEER; do
		bus="\"addr\":\"0x$slot\","
		if [ -n "$NIC_BRIDGE" ]; then
			NIC_ARGS+=(-device
				"pcie-root-port,id=port$n,chassis=$n,slot=$n")
			bus="\"bus\":\"port$n\","
		fi
		# A reply that is late kills the device for good: have patience
		qdev="{\"driver\":\"vfio-user-pci\",\"id\":\"ena$n\",$bus"
		qdev+="\"rombar\":0,${NIC_SYNC:+\"x-no-posted-writes\":true,}\"x-msg-timeout\":600000,\"socket\":"
		qdev+="{\"type\":\"unix\",\"path\":\"$NIC_DIR/$n\"}}"
		NIC_ARGS+=(-device "$qdev")
		n=$((n + 1))
	done
}

# nic_died DIR: one line on a model that is no more
nic_died() {
	echo "the ENA model died: $(grep -v '^$' "$1/ena.log" 2>/dev/null |
		grep -m1 -E 'error|ERROR|runtime' || tail -n 1 "$1/ena.log" ||
		echo 'no word of it')"
}

# nic_gone: there was a model and it is no more
nic_gone() { [ -n "$NIC_PID" ] && ! kill -0 "$NIC_PID" 2>/dev/null; }

nic_stop() {
	if [ -n "$NIC_PID" ]; then
		kill "$NIC_PID" 2>/dev/null || :
		wait "$NIC_PID" 2>/dev/null || :
	fi
	[ -z "$NIC_DIR" ] || rm -rf "$NIC_DIR"
	NIC_ARGS=() NIC_PID="" NIC_DIR=""
}
