// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include <netinet/in.h>

#include "hw.h"
#include "pkt.h"

#define ETH_IP4		0x0800
#define ETH_IP6		0x86dd
#define ETH_VLAN	0x8100
#define ETH_QINQ	0x88a8
#define VLAN_TAGS	2

static void parse_l4(struct pkt *p, u8 proto, u32 off)
{
	u32 need = proto == IPPROTO_TCP ? 20 : 8;

	p->l4_off = off;
	if (p->frag || off + need > p->hdr_len || off + need > p->l3_end)
		return;
	if (proto == IPPROTO_TCP)
		p->l4 = L4_TCP;
	else if (proto == IPPROTO_UDP)
		p->l4 = L4_UDP;
}

static void parse_ip4(struct pkt *p)
{
	const u8 *ip = p->hdr + p->l3_off;
	u32 ihl, tot;

	if (p->l3_off + 20 > p->hdr_len || ip[0] >> 4 != 4)
		return;
	ihl = (ip[0] & 0xf) * 4;
	tot = get_be16(ip + 2);
	if (ihl < 20 || p->l3_off + ihl > p->hdr_len || tot < ihl ||
	    p->l3_off + tot > p->len)
		return;
	p->l3 = L3_IP4;
	p->l3_end = p->l3_off + tot;
	p->frag = get_be16(ip + 6) & 0x3fff;
	parse_l4(p, ip[9], p->l3_off + ihl);
}

/* Extension headers are not walked: what the hardware does is not known */
static void parse_ip6(struct pkt *p)
{
	const u8 *ip = p->hdr + p->l3_off;
	u32 end;

	if (p->l3_off + 40 > p->hdr_len || ip[0] >> 4 != 6)
		return;
	end = p->l3_off + 40 + get_be16(ip + 4);
	if (end > p->len)
		return;
	p->l3 = L3_IP6;
	p->l3_end = end;
	p->frag = ip[6] == IPPROTO_FRAGMENT;
	parse_l4(p, ip[6], p->l3_off + 40);
}

/* Offset of the Ethernet type behind VLAN tags */
static u32 eth_type(const struct pkt *p)
{
	u32 at = 12;
	u16 type;

	while (at + 6 <= p->hdr_len && at < 12 + 4 * VLAN_TAGS) {
		type = get_be16(p->hdr + at);
		if (type != ETH_VLAN && type != ETH_QINQ)
			break;
		at += 4;
	}
	return at;
}

void pkt_parse(struct pkt *p)
{
	u32 at;

	p->l3 = 0;
	p->l4 = 0;
	p->frag = false;
	p->l3_off = ETH_HLEN;
	p->l4_off = 0;
	p->l3_end = p->len;
	if (p->hdr_len < ETH_HLEN)
		return;
	at = eth_type(p);
	p->l3_off = at + 2;
	switch (get_be16(p->hdr + at)) {
	case ETH_IP4:
		parse_ip4(p);
		break;
	case ETH_IP6:
		parse_ip6(p);
		break;
	}
}

int pkt_add(struct pkt *p, const u8 *data, u32 len)
{
	u32 n;

	if (len > PKT_MAX - p->len)
		return -E2BIG;
	if (!p->n && p->hdr_len < PKT_HDR_MAX) {
		n = min(len, PKT_HDR_MAX - p->hdr_len);
		memcpy(p->hdr + p->hdr_len, data, n);
		p->hdr_len += n;
		p->len += n;
		data += n;
		len -= n;
	}
	if (!len)
		return 0;
	if (p->n == PKT_PIECES)
		return -E2BIG;
	p->piece[p->n].p = data;
	p->piece[p->n].len = len;
	p->n++;
	p->len += len;
	return 0;
}

int pkt_slice(struct pkt *to, const struct pkt *p, u32 head, u32 off, u32 len)
{
	u32 i, at, n, skip;

	if (head > p->hdr_len || off < head || off + len < off ||
	    off + len > p->len)
		return -EINVAL;
	memcpy(to, p, offsetof(struct pkt, piece));
	memcpy(to->hdr, p->hdr, head);
	to->hdr_len = head;
	to->len = head + len;
	to->n = 0;
	if (off < p->hdr_len && len) {
		n = min(len, p->hdr_len - off);
		to->piece[to->n].p = p->hdr + off;
		to->piece[to->n++].len = n;
		off += n;
		len -= n;
	}
	at = p->hdr_len;
	for (i = 0; i < p->n && len; i++) {
		if (off < at + p->piece[i].len) {
			skip = off - at;
			n = min(len, p->piece[i].len - skip);
			if (to->n == PKT_PIECES)
				return -EINVAL;
			to->piece[to->n].p = p->piece[i].p + skip;
			to->piece[to->n++].len = n;
			off += n;
			len -= n;
		}
		at += p->piece[i].len;
	}
	return 0;
}

void pkt_copy(const struct pkt *p, u32 off, u8 *dst, u32 len)
{
	u32 i, n, at = p->hdr_len;

	if (off < at && len) {
		n = min(len, at - off);
		memcpy(dst, p->hdr + off, n);
		dst += n;
		off += n;
		len -= n;
	}
	for (i = 0; i < p->n && len; i++) {
		if (off < at + p->piece[i].len) {
			n = min(len, at + p->piece[i].len - off);
			memcpy(dst, p->piece[i].p + (off - at), n);
			dst += n;
			off += n;
			len -= n;
		}
		at += p->piece[i].len;
	}
}

u64 csum_add(const u8 *p, u32 len, u64 sum)
{
	u64 odd = 0;
	u32 w;

	for (; len >= 4; len -= 4, p += 4) {
		memcpy(&w, p, 4);
		sum += w;
	}
	memcpy(&odd, p, len);
	return sum + odd;
}

u16 csum_fold(u64 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* A piece that begins at an odd offset has its bytes swapped in the sum */
static u64 csum_piece(const u8 *p, u32 len, u64 sum, bool odd)
{
	u16 part;

	if (!odd)
		return csum_add(p, len, sum);
	part = csum_fold(csum_add(p, len, 0));
	return sum + (u16)(part << 8 | part >> 8);
}

u64 pkt_csum(const struct pkt *p, u32 off, u32 len, u64 sum)
{
	u32 i, n, at = p->hdr_len;
	bool odd = false;

	if (off < at && len) {
		n = min(len, at - off);
		sum = csum_piece(p->hdr + off, n, sum, odd);
		odd ^= n & 1;
		off += n;
		len -= n;
	}
	for (i = 0; i < p->n && len; i++) {
		if (off < at + p->piece[i].len) {
			n = min(len, at + p->piece[i].len - off);
			sum = csum_piece(p->piece[i].p + (off - at), n, sum,
					 odd);
			odd ^= n & 1;
			off += n;
			len -= n;
		}
		at += p->piece[i].len;
	}
	return sum;
}

u64 pkt_pseudo(const struct pkt *p, u8 proto, u32 len)
{
	const u8 *ip = p->hdr + p->l3_off;
	u8 tail[8] = { 0 };
	u64 sum;

	if (p->l3 == L3_IP4)
		sum = csum_add(ip + 12, 8, 0);
	else
		sum = csum_add(ip + 8, 32, 0);
	put_be32(tail, len);
	tail[7] = proto;
	return csum_add(tail, 8, sum);
}
