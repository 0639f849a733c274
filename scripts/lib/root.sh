# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The tool root: a Debian folder with all that pq and the guest need.

PQ_SUITE=trixie
PQ_ROOT=${PQ_ROOT:-$PQ_STATE/root}

packages() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$PQ_TOP/ci/packages"; }

root_stamp() {
	{ echo "$PQ_SUITE"; packages; } | sha256sum | cut -c1-16
}

# The Debian mirror that this machine's own apt uses
mirror() {
	local url file

	if [ -n "${PQ_MIRROR:-}" ]; then
		echo "$PQ_MIRROR"
		return
	fi
	# What apt itself has found to be Debian's main archive; before its first
	# update, what looks like it
	url=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
		'Origin: Debian' 'Label: Debian' 2>/dev/null |
		sed 's#/*$##' | head -n 1 || :)
	[ -n "$url" ] || url=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
		/etc/apt/sources.list.d/*.sources 2>/dev/null |
	      sed 's/#.*//' | grep -oE '(https?|file|mirror\+[a-z]+):/[^] ]+' |
	      sed 's#/*$##' | grep -E '/debian(\.list)?$' | head -n 1 || :)
	case $url in
	mirror+file:*)
		file=/${url#*:/}
		url=$(grep -oE '^[a-z]+:/[^[:space:]]+' "/${file#//}" |
			sed 's#/*$##' | head -n 1 || :) ;;
	esac
	[ -n "$url" ] ||
		die "no Debian mirror in /etc/apt; name one with PQ_MIRROR=URL"
	echo "$url"
}

# Print why the root cannot be entered here, nothing when it can
root_obstacle() {
	local flags='--mount --pid --fork'

	if [ "$(id -u)" -ne 0 ]; then
		command -v newuidmap >/dev/null ||
			{ echo "newuidmap is missing (Debian: uidmap)"; return; }
		grep -q "^$(id -un):" /etc/subuid 2>/dev/null ||
			{ echo "no range for $(id -un) in /etc/subuid"; return; }
		flags="--user --map-root-user --map-auto $flags"
	fi
	# shellcheck disable=SC2086 # a list of flags
	unshare $flags true 2>/dev/null ||
		echo "this machine does not let uid $(id -u) make namespaces"
}

root_ensure() {
	local why url
	local new=$PQ_STATE/root.new old=$PQ_STATE/root.old

	why=$(root_obstacle)
	[ -z "$why" ] || die "cannot enter the tool root: $why"
	[ "$PQ_ROOT" != / ] || return 0
	[ "$(cat "$PQ_ROOT/.pq-stamp" 2>/dev/null)" != "$(root_stamp)" ] ||
		return 0

	if ! command -v mmdebstrap >/dev/null; then
		[ "$(id -u)" -eq 0 ] ||
			die "mmdebstrap is missing; as root: apt-get install mmdebstrap"
		note "installing mmdebstrap"
		limit 300 "install mmdebstrap" "$PQ_STATE/mmdebstrap.log" sh -c \
			'apt-get -qq update
			 DEBIAN_FRONTEND=noninteractive apt-get -qq -y install mmdebstrap' ||
			die "cannot install mmdebstrap: no network?"
	fi
	need_space 4
	note "building the tool root (about a minute)"
	url=$(mirror) || exit
	root_remove "$new" "$old"
	limit 900 "tool root" "$PQ_STATE/root.log" \
		bash "$PQ_TOP/scripts/lib/mkroot" "$new" "$PQ_SUITE" \
		"$url" "$(packages | paste -sd,)" ||
		die "the tool root could not be built: no network, or no such package?"
	# What is in it, to the version: verdicts and kernels are kept by that
	as_root sh -c "chroot '$new' dpkg-query -W >'$new/.pq-versions' &&
		echo $(root_stamp) >'$new/.pq-stamp'" ||
		die "the tool root is not complete: disk full?"
	# The one that was there goes only now
	[ ! -e "$PQ_ROOT" ] || mv "$PQ_ROOT" "$old"
	mv "$new" "$PQ_ROOT"
	root_remove "$old"
}

# As the owner of the root's files: root, or root of the user's own namespace
as_root() {
	if [ "$(id -u)" -eq 0 ]; then "$@"; else
		unshare --user --map-root-user --map-auto -- "$@"
	fi
}

root_remove() {
	local d

	for d; do
		case $d in "$PQ_STATE"/*) ;; *) die "will not remove $d" ;; esac
		[ ! -e "$d" ] || as_root rm -rf --one-file-system "$d"
	done
}

# root_enter FILE ARGUMENT...: run a verb in the root. It is PID 1 of a
# namespace that dies with this process, whatever kills it: no mount and no
# process is left.
root_enter() {
	local flags='--mount --pid --fork --kill-child=KILL'

	[ "$(id -u)" -eq 0 ] ||
		flags="--user --map-root-user --map-auto $flags"
	# shellcheck disable=SC2086 # a list of flags
	exec unshare $flags bash "$PQ_TOP/scripts/lib/enter" "$PQ_ROOT" "$@"
}
