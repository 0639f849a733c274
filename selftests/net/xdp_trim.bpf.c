// SPDX-License-Identifier: GPL-2.0

#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define KEEP 1000
#define PORT_BOUNCE 7
#define PORT_TRIM 9

/* Send a packet back, for the other end to trim */
static int bounce(struct ethhdr *eth, struct udphdr *udp)
{
	unsigned char mac[ETH_ALEN];

	__builtin_memcpy(mac, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, mac, ETH_ALEN);
	udp->dest = bpf_htons(PORT_TRIM);

	return XDP_TX;
}

/* Cut a large packet down so far that no frag is left. Drop it if it has none
 * to begin with: that is no test of anything.
 */
SEC("xdp.frags")
int xdp_trim(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	long len = bpf_xdp_get_buff_len(ctx);

	if (len <= KEEP)
		return XDP_PASS;
	if (data_end - data >= len || (void *)(udp + 1) > data_end)
		return XDP_DROP;
	if (eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 ||
	    ip->protocol != IPPROTO_UDP)
		return XDP_DROP;
	if (udp->dest == bpf_htons(PORT_BOUNCE))
		return bounce(eth, udp);
	if (bpf_xdp_adjust_tail(ctx, KEEP - len))
		return XDP_ABORTED;

	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
