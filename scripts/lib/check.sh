# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What every check in scripts/checks needs. A check gets
#   PQ_PATCH   the patch file (scope patch)
#   PQ_COMMIT  its commit; the parent is $PQ_COMMIT~
#   PQ_TMP     a scratch folder
# and ends with pass, warn or fail: one line to descriptor 3, the long text to
# stderr, and NIPA's exit status 0, 250 or 1. Any other status: could not tell.

. "$PQ_TOP/scripts/lib/common.sh"
. "$PQ_TOP/scripts/lib/base.sh"
. "$PQ_TOP/scripts/lib/queue.sh"
. "$PQ_TOP/scripts/lib/build.sh"
. "$PQ_TOP/scripts/lib/boot.sh"

pass()	{ printf '%s\n' "$*" >&3; exit 0; }
warn()	{ printf '%s\n' "$*" | head -n 1 >&3; exit 250; }
fail()	{ printf '%s\n' "$*" >&2; printf '%s\n' "$*" | head -n 1 >&3; exit 1; }
unknown() { printf '%s\n' "$*" >&3; exit 2; }

# verdict FINDINGS SUMMARY: fail with the findings, or pass
verdict() { if [ -n "$1" ]; then fail "$1"; else pass "$2"; fi; }

# touched REGEX: the files of the commit that match
touched() {
	src_git diff-tree -r --no-commit-id --name-only --diff-filter=d \
		"$PQ_COMMIT" | grep -E "$1" || :
}

# diff_of PATHSPEC: what the commit changes there
diff_of() { src_git show --format= "$PQ_COMMIT" -- "$1"; }

# added_lines FILE: the numbers of the lines that the commit adds to it
added_lines() {
	src_git show --format= -U0 "$PQ_COMMIT" -- "$1" |
		sed -nE 's/^@@ -[0-9,]+ \+([0-9]+)(,([0-9]+))? @@.*/\1 \3/p' |
		while read -r from count; do
			seq "$from" $((from + ${count:-1} - 1))
		done
}

# compare_warnings MAKEARGS: of the touched objects, with and without the patch
compare_warnings() {
	local code objs new

	code=$(touched '\.[ch]$' | grep -v '^tools/' || :)
	[ -n "$code" ] || pass "no C source touched"
	objs=$(touched_objects "$PQ_COMMIT" "$PQ_CONFIG_DEFAULT")
	[ -n "$objs" ] || ! grep -q '\.c$' <<<"$code" ||
		unknown "config $PQ_CONFIG_DEFAULT does not build" $code
	[ -n "$objs" ] || warn "headers only: not compiled on their own"
	new=$(warnings_added "$PQ_COMMIT" "$PQ_CONFIG_DEFAULT" "$1") ||
		unknown "could not compile with $1"
	verdict "$new" "no new warning in $(echo "$objs" | tr '\n' ' ')"
}

# compare_linter REGEX COMMAND...: findings of the command on the touched files,
# with and without the patch, as sets
compare_linter() {
	local regex=$1 files new

	shift
	files=$(touched "$regex")
	[ -n "$files" ] || pass "no such file touched"
	command -v "$1" >/dev/null || unknown "$1 is not installed"
	linter_findings() {
		local f

		kernel_checkout "$1"
		shift
		for f in $files; do
			[ ! -f "$PQ_TREE/$f" ] ||
				(cd "$PQ_TREE/$(dirname "$f")" || exit 99
				 "$@" "$(basename "$f")" 2>&1
				 echo "$1 $?" >>"$PQ_TMP/status")
		done | sed -E 's/:[0-9]+(:[0-9]+)?:/:/' | sort -u
	}
	compare_sets linter_findings "$@"
	# Findings have a status of their own; any other means it did not work
	! awk '$1 == "pylint" { $2 = int($2 / 32) + $2 % 2 + 1 } $2 > 1' \
		"$PQ_TMP/status" | grep -q . || unknown "$1 failed"
	verdict "$NEW" "no new finding in $(wc -w <<<"$files") files"
}

# compare_sets FUNCTION ARGUMENT...: sets NEW to the lines that the function
# prints for the commit and not for its parent. One after the other: both use
# the work tree.
compare_sets() {
	local f=$1

	shift
	"$f" "$PQ_COMMIT~" "$@" >"$PQ_TMP/before" &&
	"$f" "$PQ_COMMIT" "$@" >"$PQ_TMP/after" || unknown "$f failed"
	NEW=$(comm -13 "$PQ_TMP/before" "$PQ_TMP/after")
}
