// SPDX-License-Identifier: GPL-2.0
/*
 * xdp_devmap_helper MAP PROG DEVICE - make entry 0 of a devmap
 *
 * The entry redirects to DEVICE and runs PROG before. MAP and PROG are pinned.
 * bpftool writes no such entry: the value is a file descriptor in part.
 */
#include <linux/bpf.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(__NR_bpf, cmd, attr, sizeof(*attr));
}

static int obj_get(const char *path)
{
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.pathname = (uintptr_t)path;
	fd = bpf(BPF_OBJ_GET, &attr);
	if (fd < 0)
		perror(path);

	return fd;
}

int main(int argc, char **argv)
{
	struct bpf_devmap_val val;
	union bpf_attr attr;
	__u32 key = 0;
	int map;

	if (argc != 4) {
		fprintf(stderr, "usage: %s MAP PROG DEVICE\n", argv[0]);
		return 2;
	}
	memset(&val, 0, sizeof(val));
	val.ifindex = if_nametoindex(argv[3]);
	if (!val.ifindex) {
		perror(argv[3]);
		return 1;
	}
	map = obj_get(argv[1]);
	if (map < 0)
		return 1;
	val.bpf_prog.fd = obj_get(argv[2]);
	if (val.bpf_prog.fd < 0)
		return 1;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)&val;
	if (bpf(BPF_MAP_UPDATE_ELEM, &attr)) {
		perror("BPF_MAP_UPDATE_ELEM");
		return 1;
	}

	return 0;
}
