// SPDX-License-Identifier: GPL-2.0

#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

/* The test names it */
#define OUT_IFINDEX	100

SEC("xdp")
int redirect(struct xdp_md *ctx)
{
	return bpf_redirect(OUT_IFINDEX, 0);
}

SEC("xdp_tx")
int send_back(struct xdp_md *ctx)
{
	return XDP_TX;
}

SEC("tc")
int redirect_peer(struct __sk_buff *skb)
{
	return bpf_redirect_peer(OUT_IFINDEX, 0);
}

char _license[] SEC("license") = "GPL";
