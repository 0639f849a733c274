#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Where a base can come from, and what is said when it cannot.
set -u
. "$PQ_TOP/scripts/tests/lib.sh"

# A release server: two tiny releases and their checksums
release() {
	mkdir -p "$T/linux-$1" "$T/www"
	printf '# x\nVERSION = 7\nPATCHLEVEL = 3\nSUBLEVEL = %s\n' "${1##*.}" \
		>"$T/linux-$1/Makefile"
	tar -C "$T" -cJf "$T/www/linux-$1.tar.xz" "linux-$1"
}
release 7.3.4
release 7.3.5
(cd "$T/www" && sha256sum ./*.tar.xz | sed 's#\./##' >sha256sums.asc)

take() {
	rm -rf "$T/tree" "$T/dl"
	mkdir "$T/tree" "$T/dl"
	PQ_DL=$T/dl PQ_KERNEL_ORG=file://$T/www base_from_release "$T/tree" &&
		tree_version "$T/tree"
}
expect "release: the pinned one, with its checksum" 0 "^7\.3\.4$" take
sed -i 's/^./x/' "$T/www/sha256sums.asc"
expect "release: a wrong checksum is refused" 1 "published sha256" take
(cd "$T/www" && rm linux-7.3.4.tar.xz &&
	sha256sum ./*.tar.xz | sed 's#\./##' >sha256sums.asc)
expect "release: the newest when the pinned is gone" 0 "^7\.3\.5$" take

sandbox
rm -rf "$T/co/.pq/tree"
sed -i 's/^PATCHLEVEL.*/PATCHLEVEL = 2/' "$T/linux-7.3.4/Makefile"
PQ_BASE=$T/linux-7.3.4 expect "base: a wrong version" 1 \
	"error: wrong base: it is '7.2.4'" in_sandbox fetch
PQ_BASE=$T/www expect "base: a folder that is no kernel" 1 \
	"error: wrong base" in_sandbox fetch
expect "base: a path that is not there" 1 "error: base '/nowhere' cannot be read" \
	bash "$T/co/scripts/pq" fetch --base /nowhere

rm "$T/co/.pq/dl"
no_network() {
	export PQ_KERNEL_ORG=https://localhost:9
	unshare --net bash -c 'cd "$1" && PQ_TOP=$1 bash scripts/verbs/fetch' \
		x "$T/co"
}
expect "base: no network and no cache" 2 "cannot tell: no base: neither" no_network

mount -t tmpfs -o size=1m tiny "$T/co/.pq"
expect "base: a full disk" 1 "error: disk full" in_sandbox fetch
umount "$T/co/.pq"
