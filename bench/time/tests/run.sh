#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# run.sh BENCH-TIME - the program with boots that can be checked by hand, and
# with broken ones
set -u
prog=$1

T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
cd "$T" || exit 1
failed=0

# result STATUS NAME [OUTPUT]
result()
{
	if [ "$1" = 0 ]; then
		echo "ok time: $2"
		return
	fi
	echo "not ok time: $2"
	[ -z "${3-}" ] || printf '%s\n' "$3" | sed 's/^/# /'
	failed=1
}

# tell WORDS...: one line, split by tabs
tell()
{
	local IFS=$'\t'

	printf '%s\n' "$*"
}

# boot DIR UDP RR: nanoseconds per unit. The warm-up is another, and so is one
# of five repetitions.
boot()
{
	local rep ns

	mkdir -p "$1"
	for rep in 0 1 2 3 4 5; do
		ns=$((2000 * $2))
		case $rep in
		0|3) ns=$((9 * ns)) ;;
		esac
		tell result udp $rep 2000 packet
		tell count softirq-NET_RX 125
		tell count ns $ns
	done >"$1/results"
	for rep in 0 1; do
		tell result rr $rep 10 transaction
		tell count ns $((10 * $3))
	done >>"$1/results"
	tell symbol ffffffffc0001000 bpf_prog_1 bpf >>"$1/results"
	tell "done" veth >>"$1/results"
}

# prints NAME TEXT ARG...: ends well, and a line of it has TEXT
prints()
{
	local name=$1 text=$2

	shift 2
	"$prog" "$@" >out 2>&1 && grep -qF -- "$text" out
	result $? "$name" "$(cat out)"
}

# fails NAME STATUS TEXT ARG...: prints nothing but a line with TEXT
fails()
{
	local name=$1 want=$2 text=$3 status

	shift 3
	"$prog" "$@" >out 2>err
	status=$?
	[ $status = "$want" ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ] &&
		grep -q '^bench-time: error: ' err && grep -qF -- "$text" err
	result $? "$name" "status $status: $(cat err)"
}

# broken NAME STATUS TEXT SED: one boot of B, after SED
broken()
{
	rm -rf x
	cp -r b1 x
	sed -i "$4" x/results
	fails "$1" "$2" "$3" $a B=x,b2,b3,b4,b5
}

# udp: 1.04 to 1.06 times as long; rr: between 0.8 and 1.3 times
boot a1 10000 500; boot b1 10400 550
boot a2 20000 500; boot b2 21200 400
boot a3 10000 500; boot b3 10500 650
boot a4 10000 500; boot b4 10500 500
boot a5 10000 500; boot b5 10500 450
a=A=a1,a2,a3,a4,a5
b=B=b1,b2,b3,b4,b5
head="workload,unit,pairs,ns,sd,low,high,resolves,needs,diff,verdict"

# By hand: the logarithms of 1.04, 1.06 and three times 1.05 have a mean of
# 0.04877 and a standard deviation of 0.006735; two rows want 97.5 % each, and
# the quantile of 4 degrees of freedom is 3.4954
prints "csv: head" "$head" --format csv $a $b
prints "csv: slower" "udp,packet,5,10000,0.676,3.8,6.2,1.1,6,4.998,slower" \
	--format csv $a $b
prints "csv: no number for what cannot be told" ",,cannot tell" \
	--format csv $a $b
prints "the other way is faster" faster A=b1,b2,b3,b4,b5 B=a1,a2,a3,a4,a5
prints "text: slower" "slower: +5.0 %" $a $b
prints "text: a bound, no number" "cannot tell: less than " $a $b
prints "text: labels" "my queue against 7.3: time per unit." \
	--label-a 7.3 --label-b "my queue" $a $b
prints "text: as many rows as there are" "95 % for all 2 together" $a $b
prints "text: equal boots" "cannot tell: less than 0.1 %" $a \
	B=a1,a2,a3,a4,a5
prints "--help" "usage: bench-time" --help
# Four rows: each has a wider interval
for i in 1 2 3 4 5; do
	mkdir -p more-a$i more-b$i
	for s in a b; do
		sed 's/\<rr\>/crr/;s/\<udp\>/udp6/' $s$i/results \
			>more-$s$i/results
	done
done
prints "two workload files" "95 % for all 4 together" \
	$a,more-a1,more-a2,more-a3,more-a4,more-a5 \
	$b,more-b1,more-b2,more-b3,more-b4,more-b5
sed -i 's/$/\r/' more-*/results
prints "lines end in CR LF" "slower" \
	A=more-a1,more-a2,more-a3,more-a4,more-a5 \
	B=more-b1,more-b2,more-b3,more-b4,more-b5

fails "no arguments" 1 "no A=DIR"
fails "no B" 1 "no B=DIR" $a
fails "A twice" 1 "A= twice" $a $a
fails "an empty name" 1 "without a name" A=a1,,a2 $b
fails "no side" 1 "'C=a1' is neither" C=a1
fails "an unknown option" 1 "'--nothing' is not an option" --nothing $a $b
fails "an unknown letter" 1 "-x is not an option" -x $a $b
fails "an option without value" 1 "--format needs a value" $a $b --format
fails "a bad --format" 1 "'json' is not known" --format json $a $b
fails "lists of two lengths" 1 "5 boots of A, 1 of B" $a B=b1
fails "four pairs" 2 "4 pairs, 5 are needed" A=a1,a2,a3,a4 B=b1,b2,b3,b4
fails "four pairs of a workload" 2 "udp6: 4 pairs, 5 are needed" \
	$a,more-a1,more-a2,more-a3,more-a4 $b,more-b1,more-b2,more-b3,more-b4
fails "no such directory" 1 "x9/results: No such file" A=x9,a2,a3,a4,a5 $b
fails "another order" 2 "udp6, packet in more-a1" \
	$a,more-a1 $b,a1
broken "a workload less" 2 "2 workloads in a1, 1 in x" '/rr\t/{N;d}'
broken "not at its end" 2 "has not come to its end" '/^done/d'
broken "nothing" 2 "has not come to its end" '/^done/!d'
broken "it failed" 2 "the workload failed: no route?	x" \
	'3i error\tno route\x1b	x'
broken "no time" 2 "udp, repetition 4 has no time" '15d'
broken "no time of the last" 2 "rr, repetition 1 has no time" \
	'/rr\t1/{n;d}'
broken "a window of no time" 2 "a window of no time" '3s/[0-9]*$/0/'
broken "did nothing" 2 "udp did nothing" 's/\t2000\t/\t0\t/'
broken "a warm-up only" 2 "rr has a warm-up and nothing else" '/rr\t1/{N;d}'
broken "a repetition twice" 1 "udp, repetition 1 again" 's/udp\t2/udp\t1/'
broken "time twice" 1 "ns again" 's/softirq-NET_RX/ns/'
broken "a bad time" 1 "line 3: '1e4' is not a number" '3s/[0-9]*$/1e4/'
broken "a negative time" 1 "'-1' is not a number" '3s/[0-9]*$/-1/'
broken "a bad repetition" 1 "'x' is not a number" '1s/\t0\t/\tx\t/'
broken "fields" 1 "4 fields, 'result' has 5" '1s/\tpacket//'
broken "an unknown line" 1 "line 1: 'oops' is not known" '1i oops'
broken "an early count" 1 "before any result" '1i count\ta\t1'
broken "an empty name" 1 "an empty name" '1s/udp//'
broken "another unit" 1 "udp: 'frame' was 'packet'" '4s/packet/frame/'
broken "another unit in the pair" 2 "udp, packet in a1: udp, frame in x" \
	's/packet/frame/'
cp b1/results x/results
truncate -s -1 x/results
fails "last line not ended" 2 "cut short" $a B=x,b2,b3,b4,b5
"$prog" $a $b >/dev/full 2>err
[ $? = 1 ] && grep -q 'cannot be written' err
result $? "a full disk"

exit $failed
