# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shared by all verbs: words, errors, time limits, the state folder.

set -u
# Everything that is made, fetched or cached lives here, ignored by git.
PQ_STATE=$PQ_TOP/.pq
PQ_JOBS=${PQ_JOBS:-$(nproc)}
export LC_ALL=C.UTF-8

# Exit codes, for people and scripts alike
EX_WRONG=1 EX_UNKNOWN=2 EX_SKIP=4
export EX_WRONG EX_UNKNOWN EX_SKIP

say()	{ printf '%s\n' "$*"; }
note()	{ printf 'pq: %s\n' "$*" >&2; }
die()	{ said; printf 'pq: error: %s\n' "$*" >&2; exit "$EX_WRONG"; }
unsure(){ said; printf 'pq: cannot tell: %s\n' "$*" >&2; exit "$EX_UNKNOWN"; }

# A verb that ends by "set -e" without a word of its own says where
said()	{ : >"$PQ_STATE/said" 2>/dev/null || :; }
on_err() {
	[ -e "$PQ_STATE/said" ] ||
		note "error: stopped at $(rel "${BASH_SOURCE[1]}") line $1"
	said
}

# The path of FILE as the reader of a message can use it, from the checkout
rel()	{ printf '%s' "${1#"$PQ_TOP"/}"; }

# Print the "#: " header of a script
explain() { sed -n 's/^#: \{0,1\}//p' "$1"; }

# One verb at a time in one checkout. The descriptor is inherited by all that
# the verb starts, so the lock goes when the last of them has gone.
lock_checkout() {
	local who=

	mkdir -p "$PQ_STATE"
	exec 9>>"$PQ_STATE/lock"
	if ! flock -n 9; then
		read -r who <"$PQ_STATE/lock.owner" || :
		die "another pq is at work in this checkout ($who);" \
		    "let it end, or stop it"
	fi
	echo "pq $1, process $$" >"$PQ_STATE/lock.owner"
}

# need_space GIB: a clear word before the disk is full, not after
need_space() {
	local have

	have=$(df -Pk "$PQ_STATE" | awk 'NR == 2 { print int($4 / 1048576) }')
	[ "$have" -ge "$1" ] ||
		die "disk full: $1 GiB needed, $have GiB free for $(rel "$PQ_STATE")"
}

# in_background COMMAND...: a trap waits for a command in the foreground, and
# does not for this
in_background() {
	local rc=0

	"$@" &
	wait $! || rc=$?
	return $rc
}

# tail_of LOG PHASE: what a person needs to see of a phase that failed
tail_of() {
	{
		echo "---- last 30 lines of phase '$2' ----"
		tail -n 30 "$1"
		echo "---- whole log: $(rel "$1") ----"
	} >&2
}

# limit SECONDS PHASE LOG COMMAND...
# Run COMMAND with its output in LOG, with a sign of life every half minute.
# Returns its status, 124 when the time was out; then, and on any failure, the
# end of the log has been shown.
limit() {
	local secs=$1 phase=$2 log=$3 pid rc=0 t=0

	shift 3
	timeout -k 5 "$secs" "$@" >"$log" 2>&1 &
	pid=$!
	LIMIT_PID=$pid
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.5
		t=$((t + 1))
		[ $((t % 60)) -ne 0 ] ||
			note "$phase: $((t / 2)) s, $(wc -l <"$log") lines"
	done
	wait "$pid" || rc=$?
	LIMIT_PID=""
	[ "$rc" -ne 0 ] || return 0
	if [ "$rc" -eq 124 ] || [ $((t / 2)) -ge "$secs" ]; then
		rc=124
		note "$phase: time limit of $secs s is over"
	fi
	tail_of "$log" "$phase"
	if [ "$(df -Pk "$PQ_STATE" | awk 'NR == 2 { print $4 }')" -lt 65536 ]
	then
		note "$phase: the disk is full"
	fi
	return "$rc"
}

# hash_of FILE...: one short name for their content and order
hash_of() { cat -- "$@" | sha256sum | cut -c1-16; }

# verb_start: what every verb does first
verb_start() {
	rm -f "$PQ_STATE/said"
	set -E
	trap 'on_err $LINENO' ERR
	trap on_interrupt INT TERM HUP
}

# Ctrl-C ends bash at once; as PID 1 of its namespace it takes all else along.
on_interrupt() {
	trap '' INT TERM HUP
	# Not in a namespace yet: nobody else would end what "limit" runs
	[ -z "${LIMIT_PID:-}" ] || kill "$LIMIT_PID" 2>/dev/null
	printf '\npq: interrupted\n' >&2
	exit 130
}
