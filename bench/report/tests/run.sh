#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# run.sh BENCH-REPORT - the program against golden output and broken boots
#
# Golden output is golden/NAME: what it prints, and its status. To write it
# anew: WRITE=1 tests/run.sh build/bench-report
set -u
here=$(cd "$(dirname "$0")" && pwd)
prog=$1
. "$here/data.sh"

T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
cd "$T" || exit 1
failed=0

# result STATUS NAME [OUTPUT]
result()
{
	if [ "$1" = 0 ]; then
		echo "ok $2"
		return
	fi
	echo "not ok $2"
	[ -z "${3-}" ] || printf '%s\n' "$3" | sed 's/^/# /'
	failed=1
}

# golden NAME ARG...
golden()
{
	local name=$1 d

	shift
	"$prog" "$@" >out 2>&1
	echo "status $?" >>out
	[ -z "${WRITE-}" ] || cp out "$here/golden/$name"
	d=$(diff -u "$here/golden/$name" out)
	result $? "golden $name" "$d"
}

# fails NAME STATUS TEXT ARG...: prints nothing but a line with TEXT
fails()
{
	local name=$1 want=$2 text=$3 status

	shift 3
	"$prog" "$@" >out 2>err
	status=$?
	[ $status = "$want" ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ] &&
		grep -q '^bench-report: error: ' err && grep -qF -- "$text" err
	result $? "$name" "status $status: $(cat err)"
}

# broken NAME STATUS TEXT FILE SED [ARG...]: as B, after SED on one of its files
broken()
{
	local name=$1 want=$2 text=$3 file=$4 edit=$5

	shift 5
	rm -rf x
	cp -r b0 x
	sed -i "$edit" "x/$file"
	fails "$name" "$want" "$text" A=a0 B=x "$@"
}

for s in 0 1 2; do
	boot a$s base $s
	boot b$s with $s
done
events >events
printf "locked-half\tveth_xmit:locked/2\n" >>events
a=A=a0,a1,a2
b=B=b0,b1,b2

golden text --events events --title 'A title' $a $b
golden top --top 1 --label-a 6.12 --label-b 'čeština' $a $b
golden one-boot --events events A=a1 B=b1
golden floor --floor 3 --top 3 A=a1 B=b1
golden rep --rep 0 --top 0 $a $b
golden same --events events $a B=a0,a1,a2
golden profile --events events --top 4 $a
golden json --format json --events events --title $'"\\\t\xff\xc3\xa9' $a $b
golden json-profile --format json A=a0,a2
golden csv --format csv --events events --label-a 'x,"y' $a $b
golden chart --format chart --title "It's" --label-b '"with"' $a $b
golden chart-profile --format chart $a

if command -v jq >/dev/null; then
	"$prog" --format json --events events --title $'"\\\t\xff\xc3\xa9' $a $b |
		jq -e '.workloads | length == 2' >out 2>&1
	case ${PIPESTATUS[*]} in '0 0') status=0 ;; *) status=1 ;; esac
	result $status "valid JSON" "$(cat out)"
else
	echo "ok valid JSON # SKIP no jq"
fi
if command -v gnuplot >/dev/null; then
	"$prog" --format chart --title "It's" $a $b |
		gnuplot -e "set term svg; set output '/dev/null'" - >err 2>&1
	case ${PIPESTATUS[*]} in '0 0') status=0 ;; *) status=1 ;; esac
	[ ! -s err ] || status=1
	result $status "gnuplot takes the chart" "$(cat err)"
else
	echo "ok gnuplot takes the chart # SKIP no gnuplot"
fi

# Two workload files at once: each workload has the seeds of its own file
for d in a0 a1 b0 b1; do
	mkdir -p other-$d
	sed 's/\(veth-udp\|netns\)/&-2/' $d/results >other-$d/results
	cp $d/counts $d/functions other-$d
done
golden two-files --top 1 A=a0,other-a0,a1,other-a1 B=b0,other-b0,b1,other-b1

"$prog" --events events --record $a >recorded
golden record --events events --record $a
golden gate-same --events events --gate recorded $a
golden gate-b --events events --gate recorded $a $b
golden gate-one-boot --events events --gate recorded A=a1
sed 's/^veth-udp\ttotal\tinsns\t265/&0/' recorded >better
golden gate-improved --events events --gate better $a
# The floor that was recorded counts, not the one that is measured
sed 's/^\(netns\ttotal\tinsns\t\)[^\t]*\t.*/\12163\t0/' recorded >floor
golden gate-floor-now --events events --gate floor $a
golden gate-least-floor --events events --gate floor --floor 1 $a
# Boots that differ by more than they did tell nothing
sed 's/^\(veth-udp\ttotal\tinsns\t\)[^\t]*\t.*/\1265\t0.01/' recorded >steady
mkdir -p wild
sed 's/^\(total\tinsns\t\)\(5[0-9]*\)$/\19\2/' a0/counts >wild/counts
cp a0/functions a0/results wild
golden gate-unsteady --events events --gate steady A=wild,a1,a1
golden gate-worse --events events --gate floor A=a1
sed 's/^\(netns\ttotal\tinsns\t\)[^\t]*\t.*/\12160\t5/' recorded >floor
golden gate-floor-recorded --events events --gate floor A=a1
golden gate-missing --events events --gate <(cat recorded; tell new total insns 1 0) $a
sed '/^netns/d' recorded >fewer
golden gate-not-recorded --events events --gate fewer $a

fails 'record of one boot' 2 'one boot has no floor' --record A=a0
fails 'gate without figures' 2 'no figures' --gate /dev/null $a
fails 'gate: fields' 1 'line 1: not 5 fields' --gate <(tell a total b 1) $a
fails 'gate: kind' 1 "'fn' is no kind" --gate <(tell a fn b 1 1) $a
fails 'gate: value' 1 "'x' is no value" --gate <(tell a total b x 1) $a
fails 'gate: floor' 1 "'-1' is no floor" --gate <(tell a total b 1 -1) $a
fails 'gate: twice' 1 'line 2: a total b again' --gate \
	<(tell a total b 1 1; tell a total b 2 1) $a
fails 'gate: no file' 1 'No such file' --gate nothing $a
fails 'gate and record' 1 'exclude each other' --gate recorded --record $a

fails 'no arguments' 1 'no A=DIR'
fails 'B alone' 1 'no A=DIR' $b
fails 'A twice' 1 'A= twice' $a $a
fails 'lists of two lengths' 1 '3 boots of A, 2 of B' $a B=b0,b1
fails 'an empty name' 1 'without a name' A=a0,,a1
fails 'an empty list' 1 'without a name' A=
fails 'no side' 1 "'C=a0' is neither" C=a0
fails 'an unknown option' 1 "'--nothing' is not an option" --nothing $a
fails 'an unknown letter' 1 '-x is not an option' -xy $a
fails 'an option without value' 1 '--top needs a value' $a --top
fails 'a bad --top' 1 "--top: 'x' is not a number" --top x $a
fails 'a negative --rep' 1 '--rep' --rep -1 $a
fails 'a bad --floor' 1 '--floor' --floor nan $a
fails 'a bad --format' 1 "'xml' is not known" --format xml $a
fails 'no such directory' 1 'nothing/results: No such file' A=nothing
fails 'no such repetition' 2 'netns has no repetition 2' --rep 2 $a
fails 'no --events file' 1 'No such file' --events nothing $a
fails 'events: no function' 1 'has no function' --events <(printf 'a\t \n') $a
fails 'events: no tab' 1 'line 2: not EVENT, tab' --events \
	<(printf '#\na b\n') $a
fails 'events: event twice' 1 'event a again' --events \
	<(printf 'a\tb\na\tc\n') $a
fails 'events: function twice' 1 'line 1: b again' --events \
	<(printf 'a\tb b\n') $a
fails 'events: empty' 1 'no events' --events /dev/null $a
"$prog" $a $b >/dev/full 2>err
[ $? = 1 ] && grep -q 'cannot be written' err
result $? 'a full disk'
"$prog" --help >out && grep -q '^usage: bench-report' out
result $? '--help'

r=results c=counts
broken 'results: workload failed' 2 'the workload failed: no route?	x' \
	$r '3a error\tno route\x1b	x'
broken 'results: empty' 2 'no results' $r d
broken 'results: no window' 2 'no window for more, repetition 0' \
	$r '$a result\tmore\t0\t5\tthing'
broken 'results: did nothing' 2 'netns did nothing' $r 's/\t50\t/\t0\t/'
broken 'results: twice' 1 'netns, repetition 0 again' \
	$r 's/netns\t1/netns\t0/'
broken 'results: fields' 1 "4 fields, 'result' has 5" $r '3s/\tpacket//'
broken 'results: a bad number' 1 "'2O00' is not a number" $r 's/2000/2O00/'
broken 'results: a bad repetition' 1 "'0.5' is not a rep" $r '3s/\t0/\t0.5/'
broken 'results: an unknown line' 1 "line 3: 'oops' is not known" $r '3i oops'
broken 'results: an early count' 1 'before any result' $r '1i count\ta\t1'
broken 'results: count twice' 1 'x: TCPSegs twice' $r 's/tx-doorbell/TCPSegs/'
broken 'results: a bad address' 1 "'0xff' is not an address" \
	$r '1s/f*c0001000/0xff/'
broken 'results: an empty name' 1 'an empty name' $r '1s/bpf_prog_1_main//'
broken 'counts: empty' 2 'no window for veth-udp, repetition 0' $c d
broken 'counts: no end at all' 2 'window 5 has no end' $c '$d'
broken 'counts: no end' 2 'window 1 has no end' $c '0,/^end/{/^end/d}'
broken 'counts: a window less' 2 'no window for netns, repetition 1' \
	$c '/^window\t5/,$d'
broken 'counts: a window more' 2 'window 6 has no result' \
	$c '$a window\t6\nend\t6'
broken 'counts: not the next' 1 'window 3 is not the next' $c 's/^\(window\t\)2/\13/'
broken 'counts: another end' 1 'window 1 ends in window 2' $c 's/^end\t2/end\t1/'
broken 'counts: outside' 1 'line 1: outside' $c 1d
broken 'counts: fn outside' 1 'outside' $c '1i fn\ta\tb\t1\t1\t1\t1\t1'
broken 'counts: raw outside' 1 'outside' $c '1i raw\tff\t1\t1\t1\t1\t1'
broken 'counts: no insns' 2 'no total of insns' $c '/^total\tinsns/d'
broken 'counts: total twice' 1 'x: irq twice in window 1' $c 's/exception/irq/'
broken 'counts: negative' 1 "'-1' is negative" $c 's/^\(total\trep\t\).*/\1-1/'
broken 'counts: fields of fn' 1 "7 fields, 'fn' has 8" $c '/^fn/s/\t0$//'
broken 'functions: empty' 2 'functions: empty' functions d --events events
broken 'functions: a bad line' 1 'line 1: not a function' \
	functions '1s/.*/a b/' --events events
for f in results counts functions; do
	rm -rf x
	cp -r b0 x
	truncate -s -1 x/$f
	fails "$f: last line not ended" 2 'cut short' --events events A=a0 B=x
	rm x/$f
	fails "$f: not there" 1 "x/$f: No such" --events events A=a0 B=x
done
rm -rf x
cp -r b0 x
sed -i '/netns/d' x/results
sed -i '/^window\t4/,$d' x/counts
fails 'A did more than B' 2 '5 results in a0, 3 in x' A=a0 B=x
fails 'a seed did less' 2 '5 results in a0, 3 in x' A=a0,x
cp b0/counts b0/results x
sed -i 's/packet/frame/' x/results
fails 'another unit' 2 'result 1: veth-udp 0, packet in a0' A=a0 B=x
# Functions are not needed without events, lines may end in CR LF, and nothing
# but the number of units may differ
cp b0/counts b0/results x
rm -f x/functions
sed -i 's/$/\r/' x/counts x/results
cp -r x y
sed -i 's/2000/1000/' y/results
golden crlf --top 0 A=a0,a1 B=x,y

exit $failed
