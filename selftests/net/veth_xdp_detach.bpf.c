// SPDX-License-Identifier: GPL-2.0

#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define LOOPS 1000000

static long nothing(__u32 index, void *ctx)
{
	return 0;
}

/* Takes long enough for a detach to come in between, then uses the device */
SEC("xdp")
int xdp_slow(struct xdp_md *ctx)
{
	bpf_loop(LOOPS, nothing, NULL, 0);

	return ctx->ingress_ifindex ? XDP_DROP : XDP_ABORTED;
}

char _license[] SEC("license") = "GPL";
