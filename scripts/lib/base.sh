# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The base kernel: where it comes from, and its git tree with one commit.

# The repository, with the work tree that pq builds in; and a second work tree
# that belongs to people, where pq never overwrites anything
PQ_TREE=$PQ_STATE/tree
PQ_SRC=$PQ_STATE/src
PQ_DL=$PQ_STATE/dl

# Fixed names and dates: the same input gives the same commit ids.
export GIT_AUTHOR_NAME=podpath GIT_AUTHOR_EMAIL=podpath@podpath.invalid
export GIT_COMMITTER_NAME=podpath GIT_COMMITTER_EMAIL=podpath@podpath.invalid
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=init.defaultBranch
export GIT_CONFIG_VALUE_0=import
# To be raised where the way of importing changes what comes out
PQ_IMPORT=2
PQ_EPOCH='@1767225600 +0000'

src_git() { timeout 900 git -C "$PQ_TREE" -c gc.auto=0 -c advice.detachedHead=false "$@"; }

# pin KEY: a value of ci/base
pin() { sed -n "s/^$1=//p" "$PQ_TOP/ci/base"; }

# The release that the source folder DIR says it is
tree_version() {
	awk '$2 == "=" && /^(VERSION|PATCHLEVEL|SUBLEVEL)/ { v[$1] = $3 }
	     NR > 6 { exit }
	     END { print v["VERSION"] "." v["PATCHLEVEL"] "." v["SUBLEVEL"] }
	     ' "$1/Makefile" 2>/dev/null
}

# Each base_from_* puts a kernel tree into DIR and says on stdout what it is.
base_from_path() {
	local dir=$1 spec=$2 rev=HEAD path

	path=${spec%%#*}
	[ "$path" = "$spec" ] || rev=${spec#*#}
	if [ -e "$path/.git" ] || [ -f "$path/HEAD" ]; then
		rev=$(base_git "$path" rev-parse -q --verify "$rev^{commit}") ||
			return 1
		base_git "$path" archive "$rev" | tar -C "$dir" -x || return 1
		echo "git ${path##*/} $rev"
	elif [ "$path" != "$spec" ]; then
		note "'$path' is no git repository: no revision in it"
		return 1
	elif [ -d "$path" ]; then
		tar -C "$path" -c --exclude=./.git . | tar -C "$dir" -x ||
			return 1
		echo "folder ${path##*/}"
	elif [ -f "$path" ]; then
		base_unpack "$dir" "$path" || return 1
		echo "file ${path##*/} sha256 $(sha256sum <"$path" | cut -c1-64)"
	else
		note "no base at '$spec'"
		return 1
	fi
}

base_git() { git -c safe.directory='*' -C "$@"; }

# base_id SPEC: changes when what SPEC names does
base_id() {
	local path=${1%%#*} rev=HEAD

	[ "$path" = "$1" ] || rev=${1#*#}
	if [ -e "$path/.git" ] || [ -f "$path/HEAD" ]; then
		base_git "$path" rev-parse -q --verify "$rev^{commit}"
	elif [ -d "$path" ]; then
		find "$path" -printf '%P %s %T@\n' | sort | sha256sum
	else
		sha256sum <"$path"
	fi 2>/dev/null
}

base_unpack() {
	local dir=$1 file=$2 inner

	case $file in
	*.deb)
		rm -rf "$dir.deb"
		timeout 300 dpkg-deb -x "$file" "$dir.deb" || return 1
		inner=$(find "$dir.deb/usr/src" -name 'linux-source-*.tar.xz')
		timeout 600 tar -C "$dir" --strip-components=1 -xf "$inner" ||
			return 1
		# Debian's own patches to the code that the queue is about
		zcat "$dir.deb"/usr/share/doc/*/changelog.Debian.gz |
			awk -v s="($(pin series)" '/^linux \(/ && index($2, s) != 1 { exit }
				/^  \* /' |
			grep -E '^  \* (\[[a-z0-9]+\] )?(net|veth|ena|xdp|bpf|page_pool|selftests)\b.*: ' |
			sed 's/^  \* //' >"$dir.notes" || :
		rm -rf "$dir.deb" ;;
	*)
		timeout 600 tar -C "$dir" --strip-components=1 -xf "$file" ;;
	esac
}

base_from_debian() {
	local dir=$1 pkg ver want file
	local apt=(apt-get -q -o APT::Sandbox::User=root -o Acquire::Retries=1
		-o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30)

	pkg=$(pin debian_package)
	want=$(pin debian_version)
	file=$PQ_DL/${pkg}_${want}_all.deb
	if [ ! -f "$file" ]; then
		note "fetching $pkg $want"
		timeout 300 "${apt[@]}" update >"$PQ_STATE/apt.log" 2>&1 ||
			return 1
		rm -rf "$PQ_DL/new"
		mkdir -p "$PQ_DL/new"
		if ! (cd "$PQ_DL/new" && timeout 900 "${apt[@]}" download \
			"$pkg=$want" >>"$PQ_STATE/apt.log" 2>&1); then
			note "$pkg $want is gone; taking the newest"
			(cd "$PQ_DL/new" && timeout 900 "${apt[@]}" download \
				"$pkg" >>"$PQ_STATE/apt.log" 2>&1) || return 1
		fi
		# apt writes the epoch's colon and the like as %xx; not here
		ver=$(find "$PQ_DL/new" -name '*.deb' -printf '%f\n' | head -n 1)
		file=$PQ_DL/$ver
		mv "$PQ_DL/new/$ver" "$file" || return 1
	fi
	if [ "${file##*/}" = "${pkg}_${want}_all.deb" ] &&
	   ! echo "$(pin debian_sha256)  $file" | sha256sum -c --quiet >&2; then
		rm -f "$file"
		note "$pkg $want does not have the pinned sha256"
		return 1
	fi
	base_unpack "$dir" "$file" || return 1
	# Debian lets git ignore every new file at the top; nobody could add one
	sed -i '/^# Debian packaging: ignore everything/,$d' "$dir/.gitignore"
	echo "Debian ${file##*/}"
}

base_from_release() {
	local dir=$1 url ver file sums=$PQ_DL/sha256sums.asc sum

	url=${PQ_KERNEL_ORG:-$(pin release_url)}
	ver=$(pin version)
	mkdir -p "$PQ_DL"
	if curl -fsSL --max-time 60 -o "$sums.new" "$url/sha256sums.asc"; then
		mv "$sums.new" "$sums"
	fi
	[ -f "$sums" ] || return 1
	if ! grep -q " linux-$ver\.tar\.xz$" "$sums"; then
		ver=$(sed -n "s/.* linux-\($(pin series)[0-9.]*\)\.tar\.xz$/\1/p" \
			"$sums" | sort -V | tail -n 1)
		[ -n "$ver" ] || return 1
		note "release $(pin version) is gone; taking $ver"
	fi
	file=$PQ_DL/linux-$ver.tar.xz
	[ -f "$file" ] || {
		curl -fsSL --max-time 1800 -o "$file.new" "$url/${file##*/}" &&
			mv "$file.new" "$file" || return 1
	}
	sum=$(awk -v f="${file##*/}" '$2 == f { print $1 }' "$sums")
	if ! echo "$sum  $file" | sha256sum -c --quiet >&2; then
		rm -f "$file"
		note "${file##*/} does not have the published sha256"
		return 1
	fi
	base_unpack "$dir" "$file" || return 1
	echo "release ${file##*/} sha256 $sum (signature not checked: no key)"
}

# base_fetch: make .pq/tree hold the commit and tag "base", of what PQ_BASE names
# or else of the pinned kernel
base_fetch() {
	local spec=${PQ_BASE:-} new=$PQ_STATE/tree.new want what ver

	if [ -n "$spec" ]; then
		want="$spec $(base_id "$spec")" ||
			die "base '$spec' cannot be read"
	else
		want="pin $(hash_of "$PQ_TOP/ci/base") import $PQ_IMPORT"
	fi
	if [ "$(sed -n 's/^asked //p' "$PQ_TREE/.git/pq-base" 2>/dev/null)" = "$want" ]
	then
		# A kill in the middle of a checkout leaves git's lock behind
		rm -f "$PQ_TREE/.git/index.lock"
		return 0
	fi
	need_space 4
	rm -rf "$new"
	mkdir -p "$new"
	if [ -n "$spec" ]; then
		what=$(base_from_path "$new" "$spec") ||
			die "base '$spec' cannot be read"
	else
		what=$(base_from_debian "$new") ||
		what=$(rm -rf "$new" && mkdir "$new" && base_from_release "$new") ||
			unsure "no base: neither cache nor network has $(pin version)"
	fi
	ver=$(tree_version "$new" || :)
	case $ver in
	"$(pin series)".*) ;;
	*) rm -rf "$new"
	   die "wrong base: it is '${ver}', the queue is for $(pin series).y" ;;
	esac
	[ "$ver" = "$(pin version)" ] ||
		note "base is $ver, not the pinned $(pin version)"

	note "importing $ver into git (half a minute)"
	git -C "$new" init -q -b import
	limit 600 "import" "$PQ_STATE/import.log" \
		git -C "$new" -c core.compression=1 -c gc.auto=0 add -A -f . ||
		die "the base could not be imported"
	GIT_AUTHOR_DATE=$PQ_EPOCH GIT_COMMITTER_DATE=$PQ_EPOCH \
		git -C "$new" -c core.compression=1 -c gc.auto=0 \
		commit -q -m "Linux $ver ($what)"
	git -C "$new" tag base
	{
		printf 'asked %s\nversion %s\norigin %s\n' "$want" "$ver" "$what"
		[ ! -f "$new.notes" ] || sed 's/^/differs /' "$new.notes"
	} >"$new/.git/pq-base"
	rm -f "$new.notes"
	if [ -d "$PQ_SRC" ]; then
		people_saved || die "$(rel "$PQ_SRC") is on another base and" \
			"has work that patches/ lacks: save it, remove the folder"
		rm -rf "$PQ_SRC"
	fi
	# A tree that is half gone shall not look like one
	rm -f "$PQ_TREE/.git/pq-base"
	rm -rf "$PQ_TREE"
	mv "$new" "$PQ_TREE"
}

people_git() { git -C "$PQ_SRC" -c gc.auto=0 -c advice.detachedHead=false "$@"; }

# people_saved: does .pq/src hold nothing that is not in patches/ as well? The
# refs pq/* are where apply and refresh left it; any other commit, stash, edit or
# new file is somebody's work. If git cannot tell, there is work.
people_saved() {
	local out

	[ -e "$PQ_SRC/.git" ] || return 0
	out=$(people_git status --porcelain) && [ -z "$out" ] || return 1
	out=$(people_git rev-list --branches HEAD --not --glob=refs/pq base) &&
		[ -z "$out" ] || return 1
	! people_git rev-parse -q --verify refs/stash >/dev/null
}

# people_checkout BRANCH COMMIT: put COMMIT there, losing nothing
people_checkout() {
	# Cut short in the middle: put aside what is there, start anew
	if [ -f "$PQ_STATE/src.busy" ]; then
		[ ! -e "$PQ_SRC" ] || mv "$PQ_SRC" "$PQ_SRC.$(date +%s)"
		src_git worktree prune --expire now
	fi
	if [ ! -e "$PQ_SRC/.git" ]; then
		[ ! -e "$PQ_SRC" ] || mv "$PQ_SRC" "$PQ_SRC.$(date +%s)"
		touch "$PQ_STATE/src.busy"
		src_git worktree unlock "$PQ_SRC" 2>/dev/null || :
		src_git worktree prune --expire now
		src_git worktree add -q -f --lock --no-track -B "$1" "$PQ_SRC" "$2" ||
			die "cannot check out $(rel "$PQ_SRC")"
		# The checkout has another path outside the tool root
		sed -i 's#^gitdir: .*/\([^/]*\)$#gitdir: ../tree/.git/worktrees/\1#' \
			"$PQ_SRC/.git"
	else
		people_saved ||
			die "$(rel "$PQ_SRC") has work that patches/ lacks:" \
			    "scripts/pq refresh, or git stash it"
		touch "$PQ_STATE/src.busy"
		people_git checkout -q --no-track -B "$1" "$2" ||
			die "cannot check out $(rel "$PQ_SRC")"
	fi
	src_git update-ref "refs/pq/$1" "$2"
	rm -f "$PQ_STATE/src.busy"
}

base_version() { sed -n 's/^version //p' "$PQ_TREE/.git/pq-base"; }

base_describe() {
	printf 'base     %s, %s\n' "$(base_version)" \
		"$(sed -n 's/^origin //p' "$PQ_TREE/.git/pq-base")"
	sed -n 's/^differs /         not in the release, by its changelog: /p' \
		"$PQ_TREE/.git/pq-base"
	printf 'commit   %s\n' "$(src_git rev-parse base)"
}
