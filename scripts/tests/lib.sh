# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the project's own tests need. Each case prints "ok NAME" or
# "not ok NAME"; scripts/pq test counts them.

. "$PQ_TOP/scripts/lib/common.sh"
. "$PQ_TOP/scripts/lib/base.sh"
. "$PQ_TOP/scripts/lib/queue.sh"
. "$PQ_TOP/scripts/lib/build.sh"
. "$PQ_TOP/scripts/lib/boot.sh"
. "$PQ_TOP/scripts/lib/splat.sh"

mkdir -p "$PQ_STATE/tmp"
T=$(mktemp -d -p "$PQ_STATE/tmp")
trap 'rm -rf "$T"' EXIT
trap 'exit 130' INT TERM

# result STATUS NAME [TEXT]
result() {
	if [ "$1" -eq 0 ]; then
		echo "ok $2"
	else
		echo "not ok $2"
		printf '%s\n' "${3:-}" | tail -n 15 | sed 's/^/    /'
	fi
}

# expect NAME STATUS REGEX COMMAND...: the command ends with STATUS and prints
# a line that matches; an error is one line that says so
expect() {
	local name=$1 status=$2 regex=$3 out rc=0

	shift 3
	out=$("$@" 2>&1) || rc=$?
	if [ "$rc" -ne "$status" ]; then
		result 1 "$name" "status $rc, not $status"$'\n'"$out"
	elif ! grep -qE "$regex" <<<"$out"; then
		result 1 "$name" "no line matches '$regex'"$'\n'"$out"
	else
		result 0 "$name"
	fi
}

# sandbox: a copy of the checkout in $T/co with a clone of the base, which shares
# the kernels and the caches, and nothing that a test could break
sandbox() {
	rm -rf "$T/co"
	mkdir -p "$T/co/.pq"
	cp -r "$PQ_TOP"/{bench,ci,ena-model,patches,scripts,selftests,series,cover-letter.txt} \
		"$T/co"
	git clone -q -s -n "$PQ_TREE" "$T/co/.pq/tree"
	git -C "$T/co/.pq/tree" update-ref --no-deref HEAD "$(src_git rev-parse base)"
	cp "$PQ_TREE/.git/pq-base" "$T/co/.pq/tree/.git/"
	ln -s "$PQ_STATE"/{kernels,ccache,bin,dl,accel} "$T/co/.pq/"
}

# in_sandbox VERB ARGUMENT...: run a verb there, as the front door would
in_sandbox() {
	(cd "$T/co" && PQ_TOP=$T/co bash "$T/co/scripts/verbs/$1" "${@:2}")
}
