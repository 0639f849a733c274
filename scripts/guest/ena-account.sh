#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ena-account.sh: what one ENA device has sent the other has received, and
# neither dropped a packet or was refused memory. "ok ..." or "not ok ...".
set -u

ctl=${0%/*}/ena-ctl rc=0
declare -A c
for dev in 0 1; do
	while read -r name value; do
		c[$dev,$name]=$value
	done < <("$ctl" "$dev" count)
done
for dev in 0 1; do
	bad=""
	for name in tx-drop rx-drop rx-overrun dma-fault queue-error; do
		[ "${c[$dev,$name]}" -eq 0 ] || bad+=" $name ${c[$dev,$name]}"
	done
	# While the other interface was down nobody could have them
	came=$((c[$((1 - dev)),rx-packet] + c[$((1 - dev)),rx-down]))
	[ "${c[$dev,tx-segment]}" -eq $came ] || bad+=" $came came"
	[ -z "$bad" ] || rc=1
	echo "${bad:+not }ok device $dev: ${c[$dev,tx-packet]} packets," \
		"${c[$dev,tx-segment]} frames sent$bad"
done
exit $rc
