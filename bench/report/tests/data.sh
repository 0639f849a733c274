# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Boots as bench-report reads them, with figures that can be checked by hand.
#
# boot DIR KERNEL SEED: two workloads, veth-udp with three repetitions and
# netns with two. Everything per unit is a multiple of a half. The seed moves
# cond_resched() by 1 per unit and nothing else. The kernel "with" does less in
# veth_xmit(), more in kfree_skb_reason(), which also got a copy, has no
# old_helper() and a new_helper(), and half of the skb allocations in netns.

# tell WORDS...: one line, split by tabs
tell()
{
	local IFS=$'\t'

	printf '%s\n' "$*"
}

# fn UNITS NAME DIR CALLS INSNS [LOCKED [INDIRECT [REP]]]: all per unit, in
# halves
fn()
{
	tell fn "$2" "$3" $(($1 * $4 / 2)) $(($1 * $5 / 2)) \
		$(($1 * ${6:-0} / 2)) $(($1 * ${7:-0} / 2)) \
		$(($1 * ${8:-0} / 2))
	sum=$((sum + $1 * $5 / 2))
}

raw()
{
	tell raw "$2" $(($1 * $3 / 2)) $(($1 * $4 / 2)) 0 0 0
	sum=$((sum + $1 * $4 / 2))
}

# window K UNITS REP KERNEL SEED WORKLOAD
window()
{
	local n=$2 rep=$3 with=0 sum=0 lines

	[ "$4" = base ] || with=1
	tell window "$1"
	# In this shell, for the sum
	{
		fn "$n" __cond_resched kernel/sched 2 $((20 + 2 * $5))
		fn "$n" kmem_cache_alloc mm 4 100 2
		# Twice in a folder, and in two folders
		fn "$n" init_once fs 2 6
		fn "$n" init_once fs 2 4
		fn "$n" init_once net/core 2 8
		raw "$n" ffffffffc0001000 2 10
		raw "$n" ffffffffc0001010 2 6
		raw "$n" ffffffffa0000000 2 2
		if [ "$6" = veth-udp ]; then
			fn "$n" veth_xmit drivers/net 2 \
				$((200 - 40 * with)) 4 2
			fn "$n" kfree_skb_reason net/core 2 $((50 + 10 * with))
			fn "$n" __alloc_skb net/core 2 80
			# Settles after the warm-up
			fn "$n" __skb_clone net/core 1 \
				$((30 + (rep ? 0 : 100) - (rep == 1)))
		else
			fn "$n" copy_net_ns net/core 2 4000 100 40 20
			fn "$n" __alloc_skb net/core $((4 - 2 * with)) \
				$((160 - 80 * with))
		fi
		if [ $with = 0 ]; then
			fn "$n" old_helper net/core 2 12
		else
			fn "$n" new_helper net/core 2 12
			fn "$n" kfree_skb_reason.constprop.0 net/core 2 14
			fn "$n" __alloc_skb.cold net/core 8 2
		fi
	} >"$dir/fns"
	lines=$(<"$dir/fns")
	rm "$dir/fns"
	tell total insns $sum
	tell total user $((n * (500 + $5)))
	tell total rep $((n * 2))
	tell total locked $((n * 3))
	tell total indirect $n
	tell total irq $((7 + $5))
	tell total exception 3
	tell total l1-miss $((n * (40 - with)))
	tell total rtnl-held-max $((900 + 100 * with))
	tell line ffff888001234000 12 3 0:1-2 1:8-9
	printf '%s\n' "$lines"
	tell end "$1"
}

results()
{
	local rep with=0

	[ "$1" = base ] || with=1
	tell symbol ffffffffc0001000 bpf_prog_1_main bpf
	tell symbol ffffffffc0000000 first_fn nf_tables
	for rep in 0 1 2; do
		tell result veth-udp $rep 2000 packet
		tell count TCPSegs $((4000 + 2000 * with))
		tell count tx-doorbell 100
		# Counters that did not change are left out
		[ $with = 0 ] || tell count tx-drop 20
	done
	for rep in 0 1; do
		tell result netns $rep 50 namespace
	done
	tell 'done' veth
}

boot()
{
	local dir=$1 rep k=0

	mkdir -p "$dir"
	results "$2" >"$dir/results"
	for rep in 0 1 2; do
		window $((++k)) 2000 $rep "$2" "$3" veth-udp
	done >"$dir/counts"
	for rep in 0 1; do
		window $((++k)) 50 $rep "$2" "$3" netns
	done >>"$dir/counts"
	cat >"$dir/functions" <<-'END'
	ffffffff81000000 120 __alloc_skb net/core
	ffffffff81000100 80 kfree_skb_reason net/core
	ffffffff81000200 40 napi_gro_receive net/core
	ffffffff81000300 900 veth_xmit drivers/net
	END
	[ "$2" = with ] ||
		echo ffffffff81000400 8 old_helper net/core >>"$dir/functions"
}

events()
{
	echo '# event	functions'
	echo
	tell skb-alloc '__alloc_skb slab_build_skb'
	tell skb-free 'kfree_skb_reason'
	tell gro 'napi_gro_receive'
	tell old 'old_helper'
	tell never 'no_such_function'
	tell bpf-run 'bpf_prog_1_main'
}
