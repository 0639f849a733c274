#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The queue: applied twice it is the same, quilt takes it, and bad input gets
# one clear line.
set -u
. "$PQ_TOP/scripts/tests/lib.sh"

one=$(queue_list | head -n 1)
topic=${one%%/*}

sandbox
in_sandbox apply >"$T/first" 2>&1
in_sandbox apply >"$T/second" 2>&1
d=$(diff "$T/first" "$T/second")
result $? "apply: the same commits twice" "$d"
expect "apply: --upto stops there" 0 "branch upto .* 2 patches applied" \
	in_sandbox apply --upto 2
expect "apply: --without leaves one out" 0 "left-out .*$one" \
	in_sandbox apply --without 1
expect "apply: a number that is not there" 1 "error: no patch '99'" \
	in_sandbox apply --upto 99
expect "apply: an option that is not there" 1 "error: .*no option '--bogus'" \
	in_sandbox apply --bogus

# People's work in .pq/src is never overwritten
in_sandbox apply >/dev/null 2>&1
echo >>"$T/co/.pq/src/drivers/net/veth.c"
expect "apply: refuses to overwrite an edit" 1 "error: .*has work that patches" \
	in_sandbox apply
result "$(git -C "$T/co/.pq/src" diff --quiet && echo 1 || echo 0)" \
	"apply: the edit is still there"
expect "refresh: refuses uncommitted work" 1 "error: uncommitted changes" \
	in_sandbox refresh
git -C "$T/co/.pq/src" checkout -q -f
expect "refresh: writes the same queue" 0 "patches in series" in_sandbox refresh
d=$(diff -r "$PQ_TOP/patches" "$T/co/patches" &&
    diff -r "$PQ_TOP/selftests" "$T/co/selftests" &&
    diff "$PQ_TOP/series" "$T/co/series" &&
    diff "$PQ_TOP/cover-letter.txt" "$T/co/cover-letter.txt")
result $? "refresh: nothing changed" "$d"

sandbox
sed -i "\\#^$one#d" "$T/co/series"
expect "guard: a patch that series lacks" 1 "error: patches/$one is not in series" \
	in_sandbox apply
sandbox
rm "$T/co/patches/$one"
expect "guard: a patch that patches/ lacks" 1 "error: series names $one" \
	in_sandbox apply
sandbox
sed -i "/$(patch_subject "$PQ_TOP/patches/$one" | sed 's/[/.]/./g')/d" \
	"$T/co/cover-letter.txt"
expect "guard: a patch that the cover lacks" 1 "error: cover-letter.txt does not" \
	in_sandbox build --each
sandbox
sed -i "/^symptom/d" "$T/co/patches/$topic/proof.map"
expect "guard: a patch without a symptom" 1 "error: .*no symptom for $one" \
	in_sandbox prove
sandbox
sed -i 's/^ \(.*rcu.*\)$/ \1x/' "$T/co/patches/$one"
expect "apply: a patch that does not apply" 1 "error: $one does not apply" \
	in_sandbox apply

# A base that has the first patch already
mkdir "$T/next"
src_git archive "$(commit_patch "$(src_git rev-parse base)" "$PQ_TOP/patches/$one")" \
	| tar -C "$T/next" -x
sandbox
rm -rf "$T/co/.pq/tree"
PQ_BASE=$T/next expect "apply: already upstream is named" 0 \
	"upstream .*$one" in_sandbox apply
rm -rf "$T/co" "$T/next"

# quilt takes the same series
files=$(src_git diff --name-only base "$(queue_tip)")
mkdir "$T/quilt"
# shellcheck disable=SC2046 # a list of files
src_git archive base $(for f in $files; do
	src_git cat-file -e "base:$f" 2>/dev/null && echo "$f"; done) |
	tar -C "$T/quilt" -x
expect "quilt: push -a" 0 "Now at patch" env -C "$T/quilt" \
	QUILT_PATCHES="$PQ_TOP/patches" QUILT_SERIES="$PQ_TOP/series" \
	QUILT_PATCH_OPTS=--fuzz=0 quilt push -a
d=$(for f in $files; do
	src_git show "$(queue_tip):$f" | cmp - "$T/quilt/$f"
done 2>&1)
result "${#d}" "quilt: the same files as git" "$d"

# sparse is of use: it sees a pointer that misses its rcu_dereference()
planted() {
	local -x GIT_INDEX_FILE=$T/index GIT_AUTHOR_NAME=x GIT_COMMITTER_NAME=x
	local -x GIT_AUTHOR_EMAIL=x GIT_COMMITTER_EMAIL=x
	local f=drivers/net/veth.c tip blob

	tip=$(queue_tip)
	blob=$(src_git show "$tip:$f" |
		sed 's/ rcu_dereference(priv->peer)/ (priv->peer)/' |
		src_git hash-object -w --stdin) &&
		src_git read-tree "$tip" &&
		src_git update-index --cacheinfo "100644,$blob,$f" &&
		tip=$(src_git commit-tree -p "$tip" -m x "$(src_git write-tree)") &&
		warnings_added "$tip" "$PQ_CONFIG_DEFAULT" C=1
}
expect "sparse: a planted bug is seen" 0 \
	"veth.c.* warning: incorrect type .*address spaces" planted
