// SPDX-License-Identifier: GPL-2.0

#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* Make IPv4 packets to 02:00:00:00:00:03, or to a group, packets to
 * 02:00:00:00:00:02
 */
SEC("xdp")
int xdp_dmac(struct xdp_md *ctx)
{
	const unsigned char host[ETH_ALEN] = { 2, 0, 0, 0, 0, 2 };
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > data_end)
		return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	if (!(eth->h_dest[0] & 1) && eth->h_dest[ETH_ALEN - 1] != 3)
		return XDP_PASS;

	__builtin_memcpy(eth->h_dest, host, ETH_ALEN);

	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
