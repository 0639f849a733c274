#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The ENA model: its unit tests, its fuzzers' corpus, bad input, and what the
# unmodified driver does with it.
set -u
. "$PQ_TOP/scripts/tests/lib.sh"

trap 'nic_stop; rm -rf "$T"' EXIT
M=$PQ_TOP/ena-model O=$PQ_STATE/build/ena-model
# Limits of the driver, so that faults take seconds
SHORT=hint-watchdog=3000,hint-tx-compl=1000,hint-tx-thresh=3
SHORT+=,hint-netdev-wd=2000,admin-timeout=5,hint-admin=500,reset-timeout=5

model_build
limit 600 "unit tests" "$T/make.log" make -C "$M" O="$O" CC=gcc -k check
rc=$?
grep -E '^(not )?ok ' "$T/make.log"
result $rc "unit tests came to their end" "$(tail -n 5 "$T/make.log")"

# Every input that a fuzzer has kept, and some new ones
if limit 600 "build the fuzzers" "$T/make.log" make -C "$M" O="$O" fuzz; then
	for f in "$O"/fuzz_*; do
		[ -x "$f" ] && [ ! -d "$f" ] || continue
		name=${f##*/}
		[ -d "$M/fuzz/corpus/$name" ] ||
			result 1 "$name has a corpus"
		mkdir -p "$T/corpus"
		limit 120 "$name" "$T/fuzz.log" "$f" -max_total_time=10 \
			-timeout=5 -rss_limit_mb=1024 -artifact_prefix="$T/" \
			"$T/corpus" "$M/fuzz/corpus/$name"
		result $? "$name: $(sed -n 's/.*Done \([0-9]* runs\).*/\1/p' \
			"$T/fuzz.log")" "$(tail -n 5 "$T/fuzz.log")"
		rm -rf "$T/corpus"
	done
else
	result 1 "the fuzzers build" "$(tail -n 5 "$T/make.log")"
fi

# Bad input: one line, status 1
model() { "$MODEL" "$@" 2>&1; }
expect "model: explains itself" 0 "^  llq  " model --help
expect "model: no device" 1 "^ena-model: error: no device" model
expect "model: no such property" 1 "error: --dev: bogus=1: no such property" \
	model --dev "socket=$T/s,bogus=1"
expect "model: no such value" 1 "error: --dev: queues=99: no such value" \
	model --dev "socket=$T/s,queues=99"
touch "$T/there"
expect "model: the socket's path exists" 1 "error: .*/there: .*exist" \
	model --dev "socket=$T/there"
rc=0
[ -f "$T/there" ] || rc=1
result $rc "model: leaves that file alone"
expect "model: the control socket's path exists" 1 "error: .*/there: .*exist" \
	model --ctl "$T/there" --dev "socket=$T/s2"
long=$T/$(printf 'x%.0s' {1..120})
expect "model: a path too long for a socket" 1 "error: .*at most 107 bytes" \
	model --dev "socket=$long"
bad_nic() { (nic_start "$1" "$T"); }
expect "nic: no such kind" 1 "error: nic: no kind 'rtl8139'" bad_nic rtl8139
expect "nic: the model's error comes through" 1 "error: ena-model: error: " \
	bad_nic ena:bogus=1
old_qemu() {
	qemu-system-x86_64() { echo "QEMU emulator version 9.2.0"; }
	nic_start ena "$T"
}
expect "nic: QEMU is too old" 1 "no vfio-user-pci: 10.1 or newer" old_qemu

# Guests
kernel_build "$(src_git rev-parse base)" || exit 1
G=$T/guest
fresh() { rm -rf "$G"; mkdir -p "$G"; }
edit() { :; }
# guest SPEC SECONDS SCRIPT
guest() {
	local rc=0

	fresh
	printf '%s\n' "$3" >"$G/run"
	nic_start "$1" "$G"
	edit
	guest_boot "$G" "$KERNEL" "$G/run" "$2" || rc=$?
	nic_stop
	cat "$G/test.log" "$G/ena.log" "$G/why" 2>/dev/null
	splat_of "$G/console.log"
	return $rc
}
expect "guest: the probe finds two devices" 0 "^2$" \
	guest ena 60 'ls -d /sys/bus/pci/drivers/ena/0000:* | wc -l'
# replace FROM TO SPEC SECONDS SCRIPT: a guest with other arguments
replace() {
	local from=$1 to=$2

	shift 2
	edit() { NIC_ARGS=("${NIC_ARGS[@]//"$from"/$to}"); }
	guest "$@"
}
expect "guest: memory that is not shared" 0 \
	"/0: the guest's memory is not what was granted: QEMU needs share=on" \
	replace share=on share=off ena 60 true
plain() {
	edit() { NIC_ARGS=("${NIC_ARGS[@]:4}"); }
	guest ena 60 true
}
expect "guest: memory without a file" 0 "came without a file" plain
two() {
	edit() { NIC_ARGS=("${NIC_ARGS[@]//"$NIC_DIR/1"/$NIC_DIR/0}"); }
	guest ena 60 true
}
expect "guest: a second one on the same socket" 1 \
	"/0: refused a second guest" two
expect "guest: the model dies" 1 "^the ENA model died" \
	guest ena 60 "$PQ_TOP/scripts/guest/ena-ctl quit; sleep 20"

# Both ends, and five packets there and back
cat >"$T/ping" <<EOF
export NIC_SLOT_DUT=$NIC_SLOT_DUT NIC_SLOT_PEER=$NIC_SLOT_PEER
. $PQ_TOP/scripts/guest/nic-setup.sh
nic_setup ena && ping -q -c 5 -i 0.2 -s 1400 192.0.2.2
EOF
# Frames by way of sockets of the host
wired() {
	local w pid rc=0

	w=$(mktemp -d)
	socat "UNIX-LISTEN:$w/w0,type=5" "UNIX-LISTEN:$w/w1,type=5" \
		>/dev/null 2>&1 &
	pid=$!
	for _ in {1..100}; do
		[ ! -S "$w/w0" ] || break
		sleep 0.1
	done
	guest "ena:wire=$w/w" 60 "bash $T/ping" || rc=$?
	kill $pid 2>/dev/null
	rm -rf "$w"
	return $rc
}
expect "guest: frames go through sockets" 0 "5 packets.* 0% packet loss" wired
expect "guest: a card that is pulled" 0 "^still here$" guest ena 60 \
	"$PQ_TOP/scripts/guest/ena-ctl unplug; sleep 5; echo still here"
expect "guest: behind root ports" 0 "^2$" guest ena:bridge=on 60 \
	'ls -d /sys/bus/pci/drivers/ena/0000:* | wc -l'
expect "guest: without the clock of the host" 0 " 0% packet loss" \
	guest ena:clock=none 60 "bash $T/ping"

# A proof that asks for the card gets it; the test itself is about veth
sandbox
sed -i 's|^test\tnet/veth_stats.sh|&\nnic\tena:llq=off|' \
	"$T/co/patches/veth/proof.map"
proof_nic() (
	PQ_TOP=$T/co
	. "$PQ_TOP/scripts/tests/lib.sh"
	. "$PQ_TOP/scripts/lib/prove.sh"
	queue_apply
	TIP=$(queue_tip)
	p=$(queue_list | grep count-the-Ethernet)
	prove_on base "$p" "$(src_git rev-parse base)"
	! grep -q 'reset reason=0' "$PQ_STATE"/proof/*/ena.trace ||
		echo "$PROOF with the card"
)
expect "proof: a map that asks for ena" 0 "^RED: .* with the card$" proof_nic

fresh
echo "exec $PQ_TOP/scripts/guest/ena-faults.sh" >"$G/run"
nic_start "ena:$SHORT" "$G"
guest_boot "$G" "$KERNEL" "$G/run" 400
rc=$?
nic_stop
grep -E '^(not )?ok ' "$G/test.log"
splat=$(splat_of "$G/console.log")
[ -z "$splat" ] && [ "$(guest_phase "$G")" = "exit 0" ] || rc=1
result $rc "faults: the guest came to its end" "$(cat "$G/why" 2>/dev/null) $splat"
