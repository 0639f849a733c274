// SPDX-License-Identifier: GPL-2.0
/*
 * The least XDP programs there are, attached so that they stay.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "load.h"

#define INSN(op, dst, src, offset, value) \
	((struct bpf_insn){ .code = (op), .dst_reg = (dst), \
			    .src_reg = (src), .off = (offset), .imm = (value) })
#define MOV(dst, value) \
	INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, value)
#define MOV_REG(dst, src) \
	INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define ADD(dst, value) \
	INSN(BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, value)
#define LOAD(size, dst, src, offset) \
	INSN(BPF_LDX | BPF_MEM | (size), dst, src, offset, 0)
#define STORE(size, dst, src, offset) \
	INSN(BPF_STX | BPF_MEM | (size), dst, src, offset, 0)
#define JUMP_ABOVE(dst, src, offset) \
	INSN(BPF_JMP | BPF_JGT | BPF_X, dst, src, offset, 0)
#define CALL(id) \
	INSN(BPF_JMP | BPF_CALL, 0, 0, 0, id)
#define EXIT \
	INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

#define MAX_INSNS 20
#define REDIRECT "redirect:"

/* Swap the MAC addresses, and back where it came from */
static unsigned int swap_and_send(struct bpf_insn *p)
{
	const struct bpf_insn insns[] = {
		LOAD(BPF_W, 2, 1, offsetof(struct xdp_md, data)),
		LOAD(BPF_W, 3, 1, offsetof(struct xdp_md, data_end)),
		MOV(0, XDP_DROP),
		MOV_REG(4, 2),
		ADD(4, 14),
		JUMP_ABOVE(4, 3, 9),
		LOAD(BPF_W, 4, 2, 0),
		LOAD(BPF_H, 5, 2, 4),
		LOAD(BPF_W, 6, 2, 6),
		LOAD(BPF_H, 7, 2, 10),
		STORE(BPF_W, 2, 6, 0),
		STORE(BPF_H, 2, 7, 4),
		STORE(BPF_W, 2, 4, 6),
		STORE(BPF_H, 2, 5, 10),
		MOV(0, XDP_TX),
		EXIT,
	};

	memcpy(p, insns, sizeof(insns));
	return ARRAY_SIZE(insns);
}

/* The program for @what, which is checked here; in the device's namespace */
static unsigned int assemble(struct bpf_insn *p, const char *what)
{
	unsigned int n = 0, index;

	if (!strcmp(what, "tx"))
		return swap_and_send(p);
	if (!strcmp(what, "drop")) {
		p[n++] = MOV(0, XDP_DROP);
	} else if (!strcmp(what, "pass")) {
		p[n++] = MOV(0, XDP_PASS);
	} else if (!strncmp(what, REDIRECT, strlen(REDIRECT))) {
		what += strlen(REDIRECT);
		index = if_nametoindex(what);
		if (!index)
			die("%s", what);
		p[n++] = MOV(1, index);
		p[n++] = MOV(2, 0);
		p[n++] = CALL(BPF_FUNC_redirect);
	} else {
		bad("xdp: drop, pass, tx or redirect:DEV, not '%s'", what);
	}
	p[n++] = EXIT;
	return n;
}

/* The last line that the verifier wrote of the program, not of itself */
static const char *last_line(char *log)
{
	const char *last = "";
	char *line;

	while ((line = strsep(&log, "\n")))
		if (*line && strncmp(line, "processed ", 10))
			last = line;
	return last;
}

static int load_program(const struct bpf_insn *p, unsigned int n)
{
	static char log[64 << 10];
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insns = (__u64)(unsigned long)p,
		.insn_cnt = n,
		.license = (__u64)(unsigned long)"GPL",
		.log_buf = (__u64)(unsigned long)log,
		.log_size = sizeof(log),
		.log_level = 1,
		.prog_name = "load_xdp",
	};
	int fd, err;

	fd = syscall(__NR_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	if (fd < 0) {
		err = errno;
		fail("XDP program: %s: %s", strerror(err), last_line(log));
	}
	return fd;
}

static void set_program(int nl, const char *dev, int prog, __u32 flags)
{
	struct ifinfomsg ifi = { 0 };
	struct nlattr *xdp;
	struct nl_msg m;

	nl_start(&m, RTM_SETLINK, 0, &ifi, sizeof(ifi));
	nl_put_str(&m, IFLA_IFNAME, dev);
	xdp = nl_nest(&m, IFLA_XDP | NLA_F_NESTED);
	nl_put_u32(&m, IFLA_XDP_FD, prog);
	nl_put_u32(&m, IFLA_XDP_FLAGS, flags);
	nl_nest_end(&m, xdp);
	nl_send(nl, &m, dev);
}

static void attach(const char *ns, const char *dev, const char *what,
		   const char *mode)
{
	struct bpf_insn insns[MAX_INSNS];
	__u32 flags = 0;
	unsigned int n;

	/* Without a mode: the driver's if it has one */
	if (mode && !strcmp(mode, "skb"))
		flags = XDP_FLAGS_SKB_MODE;
	else if (mode && !strcmp(mode, "native"))
		flags = XDP_FLAGS_DRV_MODE;
	else if (mode)
		bad("xdp: skb or native, not '%s'", mode);
	ns_enter(ns);
	n = assemble(insns, what);
	set_program(nl_open(0), dev, load_program(insns, n), flags);
}

/* Whatever is there, if anything is */
static void detach(const char *ns, const char *dev)
{
	int nl;

	ns_enter(ns);
	nl = nl_open(0);
	set_program(nl, dev, -1, XDP_FLAGS_DRV_MODE);
	set_program(nl, dev, -1, XDP_FLAGS_SKB_MODE);
}

void xdp_main(int argc, char **argv)
{
	if ((argc == 5 || argc == 6) && !strcmp(argv[1], "attach"))
		attach(argv[2], argv[3], argv[4], argv[5]);
	else if (argc == 4 && !strcmp(argv[1], "detach"))
		detach(argv[2], argv[3]);
	else
		bad("usage: load xdp attach NS DEV PROGRAM [skb|native] | detach NS DEV");
}
