// SPDX-License-Identifier: GPL-2.0
/*
 * xdp_live_frames [-l LEN | -p PASS] DEVICE COUNT BATCH
 *
 * Redirect COUNT frames to DEVICE.
 *
 * The frames are made by BPF_PROG_TEST_RUN. They reach DEVICE's ndo_xdp_xmit,
 * BATCH of them at a time, on the CPU that this runs on. They carry an Ethernet
 * header of a local experimental type, which no protocol handles.
 *
 * -l LEN: make the first of every 16 frames LEN bytes long, the others are 64.
 * 16 is the number of frames that ndo_xdp_xmit gets at once.
 *
 * -p PASS: redirect by a devmap entry, the program of which passes the first
 * PASS frames on and drops all others.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kselftest.h"

#define ETH_P_LOCAL_EXPERIMENTAL	0x88b5
/* DEV_MAP_BULK_SIZE of the kernel */
#define BULK				16

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(__NR_bpf, cmd, attr, sizeof(*attr));
}

static int load(const struct bpf_insn *insns, size_t count, int attach_type)
{
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.expected_attach_type = attach_type,
		.insns = (uintptr_t)insns,
		.insn_cnt = count,
		.license = (uintptr_t)"GPL",
	};

	return bpf(BPF_PROG_LOAD, &attr);
}

/* return bpf_redirect(ifindex, 0); */
static int load_redirect(int ifindex)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1,
		  .imm = ifindex },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return load(insns, ARRAY_SIZE(insns), BPF_XDP);
}

/* A map of one __u64, for a program to count in */
static int create_counter(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = sizeof(__u32),
		.value_size = sizeof(__u64),
		.max_entries = 1,
	};

	return bpf(BPF_MAP_CREATE, &attr);
}

/* if (counter++ % BULK == 0 && bpf_xdp_adjust_tail(ctx, grow) < 0)
 *	return XDP_ABORTED;
 * return bpf_redirect(ifindex, 0);
 */
static int load_grow_redirect(int ifindex, int counter, int grow)
{
	struct bpf_insn insns[] = {
		/* r1 = ctx; r3 = &counter */
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = BPF_REG_3,
		  .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = counter },
		{ },
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_4,
		  .src_reg = BPF_REG_3 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_5,
		  .src_reg = BPF_REG_4 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_5,
		  .imm = 1 },
		{ .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_3,
		  .src_reg = BPF_REG_5 },
		{ .code = BPF_ALU64 | BPF_AND | BPF_K, .dst_reg = BPF_REG_4,
		  .imm = BULK - 1 },
		{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = BPF_REG_4,
		  .off = 5 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2,
		  .imm = grow },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_xdp_adjust_tail },
		{ .code = BPF_JMP | BPF_JSGE | BPF_K, .dst_reg = BPF_REG_0,
		  .off = 2 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0,
		  .imm = XDP_ABORTED },
		{ .code = BPF_JMP | BPF_EXIT },
		/* here if it is not the first of a bulk, or has grown */
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1,
		  .imm = ifindex },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return load(insns, ARRAY_SIZE(insns), BPF_XDP);
}

/* return counter++ < pass ? XDP_PASS : XDP_DROP; */
static int load_devmap_prog(int counter, int pass)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = BPF_REG_1,
		  .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = counter },
		{ },
		{ .code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_2,
		  .src_reg = BPF_REG_1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_3,
		  .src_reg = BPF_REG_2 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_3,
		  .imm = 1 },
		{ .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_1,
		  .src_reg = BPF_REG_3 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0,
		  .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_JLT | BPF_K, .dst_reg = BPF_REG_2,
		  .imm = pass, .off = 1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0,
		  .imm = XDP_DROP },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return load(insns, ARRAY_SIZE(insns), BPF_XDP_DEVMAP);
}

/* A devmap with one entry */
static int create_devmap(int ifindex, int prog)
{
	struct bpf_devmap_val val = { .ifindex = ifindex, .bpf_prog.fd = prog };
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_DEVMAP,
		.key_size = sizeof(__u32),
		.value_size = sizeof(val),
		.max_entries = 1,
	};
	__u32 key = 0;
	int map;

	map = bpf(BPF_MAP_CREATE, &attr);
	if (map < 0)
		return map;
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)&val;

	return bpf(BPF_MAP_UPDATE_ELEM, &attr) ? -1 : map;
}

/* return bpf_redirect_map(&map, 0, 0); */
static int load_redirect_map(int map)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = BPF_REG_1,
		  .src_reg = BPF_PSEUDO_MAP_FD, .imm = map },
		{ },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect_map },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return load(insns, ARRAY_SIZE(insns), BPF_XDP);
}

static int bad_usage(const char *name)
{
	fprintf(stderr, "usage: %s [-l LEN | -p PASS] DEVICE COUNT BATCH\n",
		name);
	return 2;
}

int main(int argc, char **argv)
{
	unsigned char frame[64] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02 };
	int len = 0, pass = 0;
	union bpf_attr attr;
	int ifindex, prog;
	int opt;

	while ((opt = getopt(argc, argv, "l:p:")) != -1) {
		switch (opt) {
		case 'l':
			len = atoi(optarg);
			break;
		case 'p':
			pass = atoi(optarg);
			break;
		default:
			return bad_usage(argv[0]);
		}
	}
	if (argc != optind + 3)
		return bad_usage(argv[0]);
	argv += optind;
	ifindex = if_nametoindex(argv[0]);
	if (!ifindex) {
		fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
		return 1;
	}
	if (len) {
		prog = load_grow_redirect(ifindex, create_counter(),
					  len - (int)sizeof(frame));
	} else if (pass) {
		prog = load_devmap_prog(create_counter(), pass);
		if (prog >= 0)
			prog = load_redirect_map(create_devmap(ifindex, prog));
	} else {
		prog = load_redirect(ifindex);
	}
	if (prog < 0) {
		fprintf(stderr, "cannot load: %s\n", strerror(errno));
		return 1;
	}

	frame[2 * ETH_ALEN] = ETH_P_LOCAL_EXPERIMENTAL >> 8;
	frame[2 * ETH_ALEN + 1] = ETH_P_LOCAL_EXPERIMENTAL & 0xff;
	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = prog;
	attr.test.data_in = (uintptr_t)frame;
	attr.test.data_size_in = sizeof(frame);
	attr.test.repeat = atoi(argv[1]);
	attr.test.batch_size = atoi(argv[2]);
	attr.test.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
	if (bpf(BPF_PROG_TEST_RUN, &attr)) {
		fprintf(stderr, "cannot run: %s\n", strerror(errno));
		return 1;
	}

	return 0;
}
