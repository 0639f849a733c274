// SPDX-License-Identifier: GPL-2.0

#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PORT_DROP 9
#define PORT_TX 7
#define PORT_REDIRECT 8

/* What is done with a datagram is up to its port. What goes back to the sender
 * is for this program at the other end to drop.
 */
SEC("xdp.frags")
int xdp_recycle(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);

	if ((void *)(udp + 1) > data_end)
		return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 ||
	    ip->protocol != IPPROTO_UDP)
		return XDP_PASS;

	switch (udp->dest) {
	case bpf_htons(PORT_TX):
		udp->dest = bpf_htons(PORT_DROP);
		return XDP_TX;
	case bpf_htons(PORT_REDIRECT):
		udp->dest = bpf_htons(PORT_DROP);
		return bpf_redirect(ctx->ingress_ifindex, 0);
	case bpf_htons(PORT_DROP):
		return XDP_DROP;
	}

	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
