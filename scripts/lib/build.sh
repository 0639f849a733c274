# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Kernels: configured from fragments, built out of tree, kept by content.

PQ_CONFIG_DEFAULT=kernel+queue+ena
# How many kernels to keep; each takes some 20 MB
PQ_KEEP=200

# The same names and times in every build, so that equal input is equal output
KMAKE=(make -C "$PQ_TREE" LOCALVERSION= CC="ccache gcc" HOSTCC="ccache gcc"
       KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 2026'
       KBUILD_BUILD_VERSION=1 KBUILD_BUILD_USER=podpath
       KBUILD_BUILD_HOST=podpath)
# sparse does not know these; after an error it reports no warning
export CF="-D__typeof_unqual__=__typeof__ '-D__builtin_strlen(x)=(sizeof(x)-1)'"
export CCACHE_DIR=$PQ_STATE/ccache CCACHE_MAXSIZE=4G CCACHE_BASEDIR=$PQ_TOP

# config_text NAME[+NAME...] COMMIT: the fragments, one after the other. A line
# "#include FILE" takes a file of the kernel tree, as the suites bring them.
config_text() {
	local name names file inc

	IFS=+ read -ra names <<<"$1"
	for name in "${names[@]}"; do
		file=$PQ_TOP/ci/kconfig/$name.config
		[ -f "$file" ] || die "no config fragment '$name' in ci/kconfig"
		for inc in $(sed -n 's/^#include //p' "$file"); do
			src_git cat-file -e "$2:$inc" || die "$2 has no $inc"
		done
	done
	for name in "${names[@]}"; do
		file=$PQ_TOP/ci/kconfig/$name.config
		grep -v '^#' "$file" || :
		for inc in $(sed -n 's/^#include //p' "$file"); do
			src_git show "$2:$inc" | grep -v '^#' |
				sed -e 's/=m$/=y/' || :
		done
	done | awk -F= '/./ { v[$1] = $0; if (!($1 in n)) { n[$1] = ++c; o[c] = $1 } }
		END { for (i = 1; i <= c; i++) print v[o[i]] }'
}

# What a kernel is made of: the tree but for its documents and tests, the
# config, the tools.
kernel_key() {
	local commit=$1 config=$2 text

	text=$(config_text "$config" "$commit") || return 1
	{
		echo "$text ${KMAKE[*]}"
		src_git ls-tree "$commit" |
			grep -vP '\t(tools|Documentation|LICENSES|samples)$'
		src_git ls-tree "$commit" tools/ | grep -vP '\ttools/testing$'
		packages_stamp
	} | sha256sum | cut -c1-16
}

# The tools, to the version
packages_stamp() { cat /.pq-versions 2>/dev/null || dpkg-query -W; }

# kernel_checkout COMMIT: only files that differ change, so make rebuilds
# just what they reach
kernel_checkout() {
	src_git checkout -q -f --detach "$1" ||
		die "cannot check out $1: disk full?"
}

# kernel_configure COMMIT CONFIG DIR: writes DIR/.config where it changed, and
# fails when the kernel did not take a line of a fragment.
kernel_configure() {
	local commit=$1 config=$2 dir=$3 line name miss=

	mkdir -p "$dir"
	config_text "$config" "$commit" >"$dir/fragments.new" || return 1
	# A Kconfig file that changed makes another config of the same fragments
	src_git ls-tree -r "$commit" | grep Kconfig | sha256sum |
		sed 's/^/# Kconfig /' >>"$dir/fragments.new"
	! cmp -s "$dir/fragments.new" "$dir/fragments" || return 0
	limit 300 configure "$dir/configure.log" "${KMAKE[@]}" O="$dir" \
		KCONFIG_ALLCONFIG="$dir/fragments.new" allnoconfig || return 1
	while IFS= read -r line; do
		name=${line%%=*}
		case $line in
		'#'*)	;;
		*=n) ! grep -q "^$name=" "$dir/.config" ||
			miss+=" $line" ;;
		*)   grep -qxF -- "$line" "$dir/.config" ||
			! kconfig_has "$commit" "$name" || miss+=" $line" ;;
		esac
	done <"$dir/fragments.new"
	if [ -n "$miss" ]; then
		note "config $config: the kernel did not take:$miss"
		# Suites ask for options that this architecture lacks
		case $config in *selftests*) ;; *) return 1 ;; esac
	fi
	mv "$dir/fragments.new" "$dir/fragments"
}

# Does the commit know the option at all? A later patch may add it.
kconfig_has() {
	src_git grep -qE "^[[:space:]]*(menu)?config ${2#CONFIG_}\$" "$1" -- \
		'*Kconfig*'
}

# make_dir_mend DIR: objects that a killed make may have left half-written
make_dir_mend() {
	[ -f "$1/pq-busy" ] || return 0
	find "$1" -type f -newer "$1/pq-busy" \
		\( -name '*.o' -o -name '*.a' -o -name 'vmlinux*' \) -delete
	rm -f "$1/pq-busy"
}

# kernel_build COMMIT [CONFIG [BESIDE]]: sets KERNEL to the folder of the built
# kernel (vmlinux, config, build.log; bzImage where that is what boots). With
# BESIDE, in a build folder of that name: where headers differ between kernels
# that are built by turns, each turn is a whole build otherwise.
kernel_build() {
	local commit=$1 config=${2:-$PQ_CONFIG_DEFAULT} key dir out
	local target=vmlinux

	key=$(kernel_key "$commit" "$config") || return 1
	KERNEL=$PQ_STATE/kernels/$key
	if [ -f "$KERNEL/vmlinux" ] && 
	   { [ -z "${PQ_NEED_OBJECTS:-}" ] ||
	     [ -f "$PQ_STATE/build/$config/vmlinux" ]; }; then
		touch "$KERNEL"
		return 0
	fi
	need_space 3
	dir=$PQ_STATE/build/$config${3:+.$3}
	out=$PQ_STATE/kernels/$key.new
	rm -rf "$out"
	mkdir -p "$dir" "$out"
	make_dir_mend "$dir"
	touch "$dir/pq-busy"
	kernel_checkout "$commit"
	kernel_configure "$commit" "$config" "$dir" || return 1
	# With KASAN, a kernel that is entered by PVH dies before its console
	! grep -q '^CONFIG_KASAN=y' "$dir/.config" || target=bzImage
	limit "${PQ_LIMIT_BUILD:-3600}" "build" "$out/build.log" \
		"${KMAKE[@]}" O="$dir" -j"$((PQ_JOBS + 1))" $target || return 1
	rm -f "$dir/pq-busy"
	[ $target = vmlinux ] || cp "$dir/arch/x86/boot/bzImage" "$out/" ||
		die "cannot keep the kernel: disk full?"
	cp "$dir/vmlinux" "$out/vmlinux" && cp "$dir/.config" "$out/config" ||
		die "cannot keep the kernel: disk full?"
	rm -rf "$KERNEL"
	mv "$out" "$KERNEL"
	# shellcheck disable=SC2012 # names are hex keys
	ls -1dt "$PQ_STATE"/kernels/* | tail -n "+$((PQ_KEEP + 1))" |
		xargs -r rm -rf
}

# warnings COMMIT CONFIG MAKEARGS OBJECT...: one normalised line per warning of
# compiling just these objects. Line numbers are dropped: they move.
warnings() {
	local commit=$1 config=$2 args=$3 dir=$PQ_STATE/build/$2 log o rc=0

	shift 3
	log=$PQ_STATE/tmp/warnings.log
	mkdir -p "$PQ_STATE/tmp"
	make_dir_mend "$dir"
	kernel_checkout "$commit"
	kernel_configure "$commit" "$config" "$dir" || return 2
	for o; do
		rm -f "$dir/$o"
	done
	touch "$dir/pq-busy"
	# shellcheck disable=SC2086 # a list of make arguments
	limit 900 "compile $args" "$log" "${KMAKE[@]}" O="$dir" $args \
		-j"$PQ_JOBS" "$@" || rc=2
	rm -f "$dir/pq-busy"
	# sparse's do not stop make
	! grep -q ': error: ' "$log" || rc=2
	[ $rc -eq 0 ] || return $rc
	# The next full build shall not take objects made with other flags
	for o; do
		rm -f "$dir/$o"
	done
	grep -E '(warning|error):' "$log" |
		sed -E 's/:[0-9]+(:[0-9]+)?:/:/' | sort -u || :
}

# touched_objects COMMIT CONFIG: objects of the .c files that COMMIT touches and
# that this config builds
touched_objects() {
	local f

	for f in $(src_git diff-tree -r --no-commit-id --name-only "$1" |
		   grep '\.c$' | grep -v '^tools/'); do
		[ -f "$PQ_STATE/build/$2/$(dirname "$f")/.$(basename "${f%.c}").o.cmd" ] ||
			continue
		echo "${f%.c}.o"
	done
}

# warnings_added COMMIT CONFIG MAKEARGS: warnings that COMMIT has and its
# parent does not, compared as sets
warnings_added() {
	local objs

	objs=$(touched_objects "$1" "$2")
	# Compiled by no config is not the same as clean
	[ -n "$objs" ] ||
		! src_git diff-tree -r --no-commit-id --name-only "$1" |
			grep -v '^tools/' | grep -q '\.c$' || return 1
	[ -n "$objs" ] || return 0
	# shellcheck disable=SC2086 # a list of objects
	warnings "$1~" "$2" "$3" $objs >"$PQ_STATE/tmp/warn.before" || return 1
	# shellcheck disable=SC2086
	warnings "$1" "$2" "$3" $objs >"$PQ_STATE/tmp/warn.after" || return 1
	comm -13 "$PQ_STATE/tmp/warn.before" "$PQ_STATE/tmp/warn.after"
}
