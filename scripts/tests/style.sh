#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The project's own shell and C, by the rules that it holds patches to.
set -u
. "$PQ_TOP/scripts/tests/lib.sh"

cd "$PQ_TOP" || exit 1
# SC1091: libraries are found by $PQ_TOP; SC2034, SC2154: they share variables
mapfile -t sh < <(grep -rlE '^(#!/bin/(ba)?sh|# shellcheck shell=(ba)?sh)' scripts bench .ci)
d=$(shellcheck -e SC1091,SC2034,SC2154,SC2317,SC2329 -S warning -f gcc "${sh[@]}" 2>&1)
result $? "shellcheck: ${#sh[@]} scripts" "$d"
# What checkpatch wants of kernel code only, where ARRAY_SIZE and the like exist
not_ours=SPLIT_STRING,FILE_PATH_CHANGES,PREFER_DEFINED_ATTRIBUTE_MACRO,ARRAY_SIZE
not_ours+=,EMBEDDED_FUNCTION_NAME,QUOTED_WHITESPACE_BEFORE_NEWLINE
for c in scripts/guest/*.c scripts/tools/*.c ena-model/{,tests/,fuzz/}*.[ch] \
	 bench/*/{,tests/}*.[ch]; do
	d=$("$PQ_TREE/scripts/checkpatch.pl" --no-tree --strict --terse \
		--no-summary --ignore="$not_ours" -f "$c" 2>&1)
	result "${#d}" "checkpatch: $c" "$d"
	d=$(seq 10000 | "$(tool xmastree)" "$c")
	result $? "xmastree: $c" "$d"
done
d=$(cd "$PQ_TOP" && git -c safe.directory='*' grep -nE '(^|[^A-Za-z0-9_.-])/(home|root|work)/[a-z]' -- . ':!*.patch' 2>&1)
result "${#d}" "no path of one machine" "$d"
for v in scripts/verbs/*; do
	grep -q '^#: Example: scripts/pq ' "$v"
	result $? "help: ${v##*/} has an example"
done
for c in scripts/checks/*; do
	grep -q '^scope: \(patch\|series\)$' "$c/info" && [ -x "$c/run" ]
	result $? "check: ${c##*/} is complete"
done
