// SPDX-License-Identifier: GPL-2.0

#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PORT 9

enum {
	STATS_LINEAR = 0,	/* no frags: dropped */
	STATS_FRAGS = 1,	/* frags: redirected */
	STATS_TRIMMED = 2,
	STATS_ERROR = 3,
	STATS_MAX,
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, STATS_MAX);
	__type(key, __u32);
	__type(value, __u64);
} map_stats SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct bpf_devmap_val));
} map_dev SEC(".maps");

static void record_stats(__u32 type)
{
	__u64 *count = bpf_map_lookup_elem(&map_stats, &type);

	if (count)
		__sync_fetch_and_add(count, 1);
}

/* UDP to the port of the test? The headers are expected in the linear part. */
static int is_test_packet(void *data, void *data_end)
{
	struct ethhdr *eth = data;
	struct udphdr *udp;

	if ((void *)(eth + 1) > data_end)
		return 0;

	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = (void *)(eth + 1);

		if ((void *)(ip + 1) > data_end ||
		    ip->ihl != 5 || ip->protocol != IPPROTO_UDP)
			return 0;
		udp = (void *)(ip + 1);
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = (void *)(eth + 1);

		if ((void *)(ip6 + 1) > data_end ||
		    ip6->nexthdr != IPPROTO_UDP)
			return 0;
		udp = (void *)(ip6 + 1);
	} else {
		return 0;
	}

	return (void *)(udp + 1) <= data_end && udp->dest == bpf_htons(PORT);
}

/* Redirect what has frags */
SEC("xdp.frags")
int xdp_redirect(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	void *data = (void *)(long)ctx->data;
	long len = bpf_xdp_get_buff_len(ctx);

	if (!is_test_packet(data, data_end))
		return XDP_PASS;
	if (data_end - data >= len) {
		record_stats(STATS_LINEAR);
		return XDP_DROP;
	}
	record_stats(STATS_FRAGS);

	return bpf_redirect_map(&map_dev, 0, XDP_DROP);
}

/* Cut all frags off */
SEC("xdp.frags/devmap")
int xdp_trim(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	void *data = (void *)(long)ctx->data;
	long len = bpf_xdp_get_buff_len(ctx);

	if (data_end - data >= len ||
	    bpf_xdp_adjust_tail(ctx, data_end - data - len)) {
		record_stats(STATS_ERROR);
		return XDP_DROP;
	}
	record_stats(STATS_TRIMMED);

	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
