#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Kernel memory of a veth pair with its default number of queues, for
#   PQ_CPUS=64 scripts/pq boot --at base --run bench/pair-memory.sh
# KiB of slab, vmalloc and per-CPU memory: down, up, and with GRO on.
set -eu
PAIRS=40

kib()
{
	echo 1 > /proc/sys/vm/stat_refresh
	awk '$1 ~ /^(SUnreclaim|VmallocUsed|Percpu):$/ { n += $2 }
		END { print n }' /proc/meminfo
}

each()
{
	i=0
	while [ $i -lt $PAIRS ]; do
		"$@" a$i
		"$@" b$i
		i=$((i + 1))
	done
}

add() { case $1 in a*) ip link add "$1" type veth peer name "b${1#a}" ;; esac; }
up() { ip link set "$1" up; }
gro() { ethtool -K "$1" gro on; }
remove() { case $1 in a*) ip link del "$1" ;; esac; }

sysctl -qw net.ipv6.conf.default.disable_ipv6=1
# What the first pairs leave in caches is not of a pair
each add
each remove
sleep 2
before=$(kib)
for step in add up gro; do
	each $step
	echo "$step: $((($(kib) - before) / PAIRS)) KiB per pair," \
		"$(cat /sys/devices/system/cpu/possible) possible CPUs"
done
