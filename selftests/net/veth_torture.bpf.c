// SPDX-License-Identifier: GPL-2.0
/* XDP programs for veth_torture.c. Each is there without and with frags. */

#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "veth_torture.h"

#define LOOPS	4000

struct packet {
	struct ethhdr *eth;
	struct iphdr *ip;
	struct udphdr *udp;
	struct torture_hdr *hdr;
};

/* Is it a whole datagram of the test's? */
static __always_inline int get_packet(struct xdp_md *ctx, struct packet *p)
{
	void *data_end = (void *)(long)ctx->data_end;

	p->eth = (void *)(long)ctx->data;
	p->ip = (void *)(p->eth + 1);
	p->udp = (void *)(p->ip + 1);
	p->hdr = (void *)(p->udp + 1);

	return (void *)(p->hdr + 1) <= data_end &&
	       p->eth->h_proto == bpf_htons(ETH_P_IP) && p->ip->version == 4 &&
	       p->ip->ihl == 5 && p->ip->protocol == IPPROTO_UDP &&
	       !(p->ip->frag_off & bpf_htons(0x3fff)) &&
	       p->hdr->magic == TORTURE_MAGIC;
}

/* Now and then a program takes long enough for changes to come in between, and
 * then uses its device.
 */
static __always_inline int pass(struct xdp_md *ctx, __u32 seq)
{
	__u32 words[64] = {};
	int i;

	if (seq % 32 == 2) {
		for (i = 0; i < LOOPS; i++)
			bpf_csum_diff(NULL, 0, words, sizeof(words), 0);
	}

	return ctx->ingress_ifindex ? XDP_PASS : XDP_ABORTED;
}

/* Neither checksum depends on which address is the source. Both ends of a pair
 * have the same MAC address.
 */
static __always_inline int turn(struct packet *p, int did)
{
	__be16 port = p->udp->source;
	__be32 addr = p->ip->saddr;

	if (!(p->hdr->may & TORTURE_MAY_TURN) ||
	    p->hdr->did & (TORTURE_DID_TX | TORTURE_DID_REDIRECT))
		return 0;

	p->ip->saddr = p->ip->daddr;
	p->ip->daddr = addr;
	p->udp->source = p->udp->dest;
	p->udp->dest = port;
	p->hdr->did |= did;

	return 1;
}

static __always_inline int do_pass(struct xdp_md *ctx)
{
	struct packet p;

	return pass(ctx, get_packet(ctx, &p) && p.hdr->may ? p.hdr->seq : 0);
}

static __always_inline int do_drop(struct xdp_md *ctx)
{
	struct packet p;
	__u32 seq;

	if (!get_packet(ctx, &p) || !(p.hdr->may & TORTURE_MAY_DROP))
		return XDP_PASS;
	seq = p.hdr->seq;
	if (seq % 4 == 0)
		return XDP_DROP;
	if (seq % 64 == 1)
		return XDP_ABORTED;

	return pass(ctx, seq);
}

static __always_inline int do_tx(struct xdp_md *ctx)
{
	struct packet p;

	if (!get_packet(ctx, &p) || !p.hdr->may)
		return XDP_PASS;
	if (turn(&p, TORTURE_DID_TX))
		return XDP_TX;

	return pass(ctx, p.hdr->seq);
}

static __always_inline int do_redirect(struct xdp_md *ctx)
{
	struct packet p;

	if (!get_packet(ctx, &p) || !p.hdr->may)
		return XDP_PASS;
	if (turn(&p, TORTURE_DID_REDIRECT))
		return bpf_redirect(ctx->ingress_ifindex ^ TORTURE_SIBLING, 0);

	return pass(ctx, p.hdr->seq);
}

/* Cut off a quarter of the data, half of it, or more, and correct the lengths,
 * so that what is left arrives
 */
static __always_inline int do_trim(struct xdp_md *ctx)
{
	__u32 len, cut, seq, sum = 0;
	struct packet p;
	__u16 *words;
	int i;

	if (!get_packet(ctx, &p) || !p.hdr->may)
		return XDP_PASS;
	seq = p.hdr->seq;
	if (!(p.hdr->may & TORTURE_MAY_TRIM) ||
	    p.hdr->did & TORTURE_DID_TRIM || p.udp->check)
		return pass(ctx, seq);

	len = bpf_xdp_get_buff_len(ctx) - ((void *)(p.hdr + 1) - (void *)p.eth);
	if (len > 0xffff || !len)
		return pass(ctx, seq);
	cut = len - len * (seq % 4) / 4;
	if (bpf_xdp_adjust_tail(ctx, -(int)cut))
		return XDP_ABORTED;

	if (!get_packet(ctx, &p))
		return XDP_ABORTED;
	p.hdr->did |= TORTURE_DID_TRIM;
	p.udp->len = bpf_htons(bpf_ntohs(p.udp->len) - cut);
	p.ip->tot_len = bpf_htons(bpf_ntohs(p.ip->tot_len) - cut);
	p.ip->check = 0;
	words = (void *)p.ip;
	for (i = 0; i < sizeof(*p.ip) / 2; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	p.ip->check = ~sum;

	return pass(ctx, seq);
}

SEC("xdp")
int torture_pass(struct xdp_md *ctx)
{
	return do_pass(ctx);
}

SEC("xdp.frags")
int torture_pass_frags(struct xdp_md *ctx)
{
	return do_pass(ctx);
}

SEC("xdp")
int torture_drop(struct xdp_md *ctx)
{
	return do_drop(ctx);
}

SEC("xdp.frags")
int torture_drop_frags(struct xdp_md *ctx)
{
	return do_drop(ctx);
}

SEC("xdp")
int torture_tx(struct xdp_md *ctx)
{
	return do_tx(ctx);
}

SEC("xdp.frags")
int torture_tx_frags(struct xdp_md *ctx)
{
	return do_tx(ctx);
}

SEC("xdp")
int torture_redirect(struct xdp_md *ctx)
{
	return do_redirect(ctx);
}

SEC("xdp.frags")
int torture_redirect_frags(struct xdp_md *ctx)
{
	return do_redirect(ctx);
}

SEC("xdp")
int torture_trim(struct xdp_md *ctx)
{
	return do_trim(ctx);
}

SEC("xdp.frags")
int torture_trim_frags(struct xdp_md *ctx)
{
	return do_trim(ctx);
}

char _license[] SEC("license") = "GPL";
