# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The queue: its list, the guard that all lists agree, and its commits.

# The patches, in order, as TOPIC/FILE
queue_list() {
	sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$PQ_TOP/series"
}

# queue_comment PATCH: its comment in series, "POSTING: STATUS"
queue_comment() {
	awk -v p="$1" '$1 == p { sub(/^[^#]*#[ \t]*/, ""); print }' "$PQ_TOP/series"
}

# queue_posting PATCH: the posting it belongs to, such as net or net-next.2
queue_posting() {
	queue_comment "$1" | sed -n 's/^\([a-z-]*\(\.[0-9]*\)\?\):.*/\1/p'
}

# patch_subject FILE: unfolded, without [PATCH ...]
patch_subject() {
	awk '/^Subject: / { s = substr($0, 10); next_ = 1; next }
	     next_ && /^[ \t]/ { sub(/^[ \t]+/, " "); s = s $0; next }
	     next_ { exit }
	     END { sub(/^\[[^]]*\] */, "", s); print s }' "$1"
}

# queue_is_test FILE: true for a patch that no kernel is built from: selftests,
# or documents
queue_is_test() {
	! sed -n 's#^diff --git a/\([^ ]*\) .*#\1#p' "$1" |
		grep -qvE '^(tools/testing|Documentation)/'
}

# map_get PATCH KEY: a value of the patch's entry in its topic's proof.map
map_get() {
	awk -v want="${1##*/}" -v key="$2" '
		/^#/ { next }
		$1 == "patch" { on = ($2 == want) }
		on && $1 == key { sub(/^[^ \t]+[ \t]+/, ""); print; exit }
	' "$PQ_TOP/patches/${1%%/*}/proof.map" 2>/dev/null
}

# queue_guard: series, patches/, the proof maps and the cover letters name the
# same set, or no verb goes on. A vendor once shipped a kernel with none of
# its patches in it.
queue_guard() {
	local bad=0 p topic n subject seen listed

	[ -f "$PQ_TOP/series" ] || die "no series file"
	listed=$(queue_list)
	seen=$(cd "$PQ_TOP/patches" && find . -name '*.patch' |
		sed 's#^\./##' | sort)
	for p in $listed; do
		[ -f "$PQ_TOP/patches/$p" ] ||
			{ note "error: series names $p, which is not in patches/"
			  bad=1; }
	done
	for p in $seen; do
		grep -qxF "$p" <<<"$listed" ||
			{ note "error: patches/$p is not in series"; bad=1; }
	done
	n=$(uniq -d <(sort <<<"$listed"))
	[ -z "$n" ] || { note "error: series names twice: $n"; bad=1; }
	[ $bad -eq 0 ] || die "series and patches/ do not agree"

	for p in $listed; do
		topic=${p%%/*}
		grep -q '^diff --git ' "$PQ_TOP/patches/$p" ||
			{ note "error: patches/$p is not in git's format"; bad=1; }
		subject=$(patch_subject "$PQ_TOP/patches/$p")
		grep -qxF "  $subject" "$PQ_TOP/cover-letter.txt" ||
			{ note "error: cover-letter.txt does not list: $subject"
			  bad=1; }
		cat "$PQ_TOP/patches/$topic"/cover-letter*.txt 2>/dev/null |
			grep -qxF "  $subject" ||
			{ note "error: no cover letter of $topic lists: $subject"
			  bad=1; }
		queue_is_test "$PQ_TOP/patches/$p" ||
			[ -n "$(map_get "$p" symptom)" ] ||
			{ note "error: patches/$topic/proof.map has no symptom for $p"
			  bad=1; }
	done
	# The other way round: covers and maps name nothing else
	n=$(grep -c . <<<"$listed" || :)
	seen=$(sed -n 's/^.* (\([0-9]*\)):$/\1/p' "$PQ_TOP/cover-letter.txt" |
		awk '{ s += $1 } END { print s + 0 }')
	[ "$n" = "$seen" ] ||
		{ note "error: cover-letter.txt counts $seen patches, series $n"
		  bad=1; }
	while read -r p; do
		grep -qxF "$p" <<<"$listed" ||
			{ note "error: a proof.map names $p, series does not"
			  bad=1; }
	done < <(cd "$PQ_TOP/patches" &&
		 for t in */proof.map; do
			[ ! -f "$t" ] || sed -n "s#^patch[[:space:]]*#${t%/*}/#p" "$t"
		 done)
	[ $bad -eq 0 ] || die "the lists of the queue do not agree"
}

# queue_find N|NAME: the TOPIC/FILE that a user means
queue_find() {
	local hits

	if [[ $1 =~ ^[1-9][0-9]*$ ]]; then
		hits=$(queue_list | sed -n "${1}p")
	else
		hits=$(queue_list | grep -F -- "${1#patches/}" || :)
	fi
	[ -n "$hits" ] || die "no patch '$1' in series"
	[ "$(wc -l <<<"$hits")" -eq 1 ] ||
		die "'$1' is not one patch:" $hits
	printf '%s\n' "$hits"
}

# commit_patch PARENT FILE: the commit id of PARENT plus the patch. Needs no
# work tree, allows no fuzz; offsets go to $PQ_STATE/tmp/offsets.
# Returns 3 when the patch is in the tree already, 1 when it does not apply, 2
# when git could not tell.
commit_patch() {
	local parent=$1 file=$2 tmp=$PQ_STATE/tmp tree date
	local -x GIT_INDEX_FILE=$PQ_STATE/tmp/index

	mkdir -p "$tmp"
	src_git read-tree "$parent" || return 2
	src_git mailinfo "$tmp/msg" "$tmp/diff" <"$file" >"$tmp/info" || return 2
	if ! src_git apply --cached -v "$tmp/diff" 2>"$tmp/apply.log"; then
		! src_git apply --cached -R --check "$tmp/diff" 2>/dev/null ||
			return 3
		return 1
	fi
	grep -E '^Hunk .*offset' "$tmp/apply.log" |
		sed "s#^#${file##*/}: #" >>"$tmp/offsets" || :
	tree=$(src_git write-tree) || return 2
	date=$(sed -n 's/^Date: //p' "$tmp/info")
	{ sed -n 's/^Subject: //p' "$tmp/info"; echo; cat "$tmp/msg"; } |
	GIT_AUTHOR_NAME=$(sed -n 's/^Author: //p' "$tmp/info") \
	GIT_AUTHOR_EMAIL=$(sed -n 's/^Email: //p' "$tmp/info") \
	GIT_AUTHOR_DATE=$date GIT_COMMITTER_DATE=$date \
		src_git commit-tree -p "$parent" "$tree" || return 2
}

# queue_commits [WITHOUT]: apply the queue to the base, or all but one patch.
# One line per patch: NUMBER PATCH COMMIT STATE, where STATE is "applied",
# "upstream" (in the base already), "left-out" or "dependent" (does not apply
# without the one left out). Dies where a patch does not apply.
queue_commits() {
	local without=${1:-} parent p n=0 next rc

	: >"$PQ_STATE/tmp/offsets"
	parent=$(src_git rev-parse base)
	for p in $(queue_list); do
		n=$((n + 1)) rc=0
		if [ "$p" = "$without" ]; then
			echo "$n $p $parent left-out"
			continue
		fi
		next=$(commit_patch "$parent" "$PQ_TOP/patches/$p") || rc=$?
		case $rc in
		0) parent=$next; echo "$n $p $parent applied" ;;
		2) die "git failed on $p: disk full?" ;;
		3) echo "$n $p $parent upstream" ;;
		*) if [ -n "$without" ]; then
			# A later patch may build on the one left out
			echo "$n $p $parent dependent"
			continue
		   fi
		   grep -E '^error' "$PQ_STATE/tmp/apply.log" >&2
		   die "$p does not apply" ;;
		esac
	done
}

# commit_at N|PATCH: the commit of that prefix, from the last queue_apply
commit_at() {
	awk -v p="$1" '$2 == p { print $3 }' "$PQ_STATE/queue"
}

# queue_apply: write $PQ_STATE/queue and the branch "queue"
queue_apply() {
	mkdir -p "$PQ_STATE/tmp"
	# What a killed run may have left
	rm -f "$PQ_STATE"/tmp/index*
	queue_guard
	queue_commits "" >"$PQ_STATE/queue.new" || exit
	mv "$PQ_STATE/queue.new" "$PQ_STATE/queue"
	[ "$(wc -l <"$PQ_STATE/queue")" -eq "$(queue_list | wc -l)" ] ||
		die "not every patch of series was applied"
	queue_tip >/dev/null
}

queue_tip() {
	local tip

	tip=$(awk 'END { print $3 }' "$PQ_STATE/queue")
	[ -n "$tip" ] || tip=$(src_git rev-parse base)
	echo "$tip"
}

# queue_at [N|NAME|base|src]: the commit that a user means; nothing: the queue
queue_at() {
	local p

	case ${1:-} in
	'')	queue_tip ;;
	base)	src_git rev-parse base ;;
	src)	people_git rev-parse HEAD 2>/dev/null ||
			die "no .pq/src; scripts/pq apply makes it" ;;
	*)	p=$(queue_find "$1") || exit
		commit_at "$p" ;;
	esac
}
