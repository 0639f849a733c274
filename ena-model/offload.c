// SPDX-License-Identifier: GPL-2.0
/*
 * What the driver leaves to the device: checksums and TCP segmentation.
 *
 * Offsets come from the metadata, as for the hardware, and are checked against
 * the private copy of the headers. With "partial" the checksum field holds the
 * sum of the pseudo header; without it (TSO) the device adds that itself.
 */
#include <errno.h>
#include <string.h>

#include <netinet/in.h>

#include "ena.h"

#define TCP_FIN		0x01
#define TCP_PSH		0x08
#define TCP_CWR		0x80
#define MSS_MIN		8

/* Where the headers are, checked */
struct heads {
	u32 l3;
	u32 l4;
	u32 csum;	/* offset of the L4 checksum */
	u32 end;	/* of the headers */
	u8 proto;
	bool v6;
};

static int find_heads(const struct tx_job *job, const struct pkt *p,
		      struct heads *h)
{
	u32 l4 = job->w1 >> TXD_L4_SHIFT & TXD_L4, w2 = job->meta.w2, least;

	if (job->has_meta && w2 & (TXM_L3_LEN | TXM_L3_OFF << TXM_L3_OFF_SHIFT)) {
		h->l3 = w2 >> TXM_L3_OFF_SHIFT & TXM_L3_OFF;
		h->l4 = h->l3 + (w2 & TXM_L3_LEN);
	} else if (p->l3 && p->l4_off) {
		h->l3 = p->l3_off;
		h->l4 = p->l4_off;
	} else {
		return -EINVAL;
	}
	h->v6 = (job->w1 & TXD_L3) == L3_IP6;
	least = h->v6 ? 40 : 20;
	if (h->l3 != p->l3_off || h->l4 < h->l3 + least)
		return -EINVAL;
	h->end = h->l4;
	if (l4 == L4_TCP) {
		h->proto = IPPROTO_TCP;
		h->csum = h->l4 + 16;
		h->end = h->l4 + 20;
	} else if (l4 == L4_UDP) {
		h->proto = IPPROTO_UDP;
		h->csum = h->l4 + 6;
		h->end = h->l4 + 8;
	} else if (job->w1 & (TXD_L4_CSUM | TXD_TSO)) {
		return -EINVAL;
	}
	return h->end <= p->hdr_len ? 0 : -EINVAL;
}

static void ip4_csum(struct pkt *p, const struct heads *h)
{
	u8 *ip = p->hdr + h->l3;
	u16 sum;

	memset(ip + 10, 0, 2);
	sum = ~csum_fold(csum_add(ip, h->l4 - h->l3, 0));
	memcpy(ip + 10, &sum, 2);
}

static u32 l3_end(const struct pkt *p)
{
	return p->l3 ? p->l3_end : p->len;
}

/*
 * A checksum made from what the driver said is right only if that was: the
 * receiver checks all others itself.
 */
static bool said_right(const struct pkt *p, const struct heads *h, u16 seed,
		       u16 pseudo)
{
	return p->l3 == (h->v6 ? L3_IP6 : L3_IP4) && p->l4_off == h->l4 &&
		p->l4 == (h->proto == IPPROTO_TCP ? L4_TCP : L4_UDP) &&
		seed == pseudo;
}

static void l4_csum(struct pkt *p, const struct heads *h, bool partial)
{
	u32 len = l3_end(p) - h->l4;
	u16 csum, pseudo = 0, seed;
	u64 sum = 0;

	if (p->l3)
		pseudo = csum_fold(pkt_pseudo(p, h->proto, len));
	memcpy(&seed, p->hdr + h->csum, 2);
	if (!partial) {
		memset(p->hdr + h->csum, 0, 2);
		sum = pseudo;
		seed = pseudo;
	}
	csum = ~csum_fold(pkt_csum(p, h->l4, len, sum));
	if (!csum && h->proto == IPPROTO_UDP)
		csum = 0xffff;
	memcpy(p->hdr + h->csum, &csum, 2);
	p->csum_good = said_right(p, h, seed, pseudo);
}

/* To the other side, or into the ditch when a fault says so */
static int emit(struct ena_dev *d, struct pkt *p)
{
	struct faults before;
	u8 last;
	int rc;

	if (unlikely(d->fault.armed))
		before = d->fault;
	if (!d->link || fault_hit(&d->fault, FAULT_WIRE_DROP, 0, 0, NULL))
		return 0;
	if (fault_hit(&d->fault, FAULT_WIRE_CSUM, 0, 0, NULL) && p->len) {
		pkt_copy(p, p->len - 1, &last, 1);
		last = ~last;
		if (!p->n) {
			p->hdr[p->hdr_len - 1] = last;
		} else if (p->n < PKT_PIECES) {
			p->piece[p->n - 1].len--;
			p->piece[p->n].p = &last;
			p->piece[p->n++].len = 1;
		}
		p->csum_good = false;
	}
	rc = d->env.xmit(d->env.ctx, p);
	if (!rc) {
		d->count.wire++;
		if (fault_hit(&d->fault, FAULT_WIRE_DUP, 0, 0, NULL))
			d->env.xmit(d->env.ctx, p);
	} else if (unlikely(d->fault.armed)) {
		/* Found no room: this was no occasion for a fault */
		d->fault = before;
	}
	return rc;
}

static void fix_ip(struct pkt *s, const struct heads *h, u32 seg)
{
	u8 *ip = s->hdr + h->l3;

	if (h->v6) {
		put_be16(ip + 4, s->len - h->l3 - 40);
		return;
	}
	put_be16(ip + 2, s->len - h->l3);
	put_be16(ip + 4, get_be16(ip + 4) + seg);
	ip4_csum(s, h);
}

static int segment(struct ena_dev *d, const struct tx_job *job, struct pkt *p,
		   struct heads *h, u32 *seg)
{
	u32 mss, n, off, len, w2 = job->meta.w2;
	struct pkt s;
	u8 *tcp;
	int rc;

	mss = w2 >> TXM_MSS_LO_SHIFT |
		(job->meta.w0 >> TXM_MSS_HI_SHIFT & TXM_MSS_HI) << 10;
	h->end = h->l4 + (w2 >> TXM_L4_WORDS_SHIFT & TXM_L4_WORDS) * 4;
	if (h->proto != IPPROTO_TCP || h->end < h->l4 + 20 ||
	    h->end > p->hdr_len || mss < MSS_MIN || p->len <= h->end ||
	    p->l3 != (h->v6 ? L3_IP6 : L3_IP4))
		return -EINVAL;
	n = (p->len - h->end + mss - 1) / mss;
	for (; *seg < n; (*seg)++) {
		off = h->end + *seg * mss;
		len = min(mss, p->len - off);
		if (pkt_slice(&s, p, h->end, off, len))
			return -EINVAL;
		s.l3_end = s.len;
		tcp = s.hdr + h->l4;
		put_be32(tcp + 4, get_be32(tcp + 4) + *seg * mss);
		if (*seg + 1 < n)
			tcp[13] &= ~(TCP_FIN | TCP_PSH);
		if (*seg)
			tcp[13] &= ~TCP_CWR;
		fix_ip(&s, h, *seg);
		l4_csum(&s, h, false);
		rc = emit(d, &s);
		if (rc)
			return rc;
		p->last_try = false;
	}
	return n;
}

/* An over-long TSO packet has no valid length in its IP header */
static void tso_parse(const struct tx_job *job, struct pkt *p)
{
	bool v6 = (job->w1 & TXD_L3) == L3_IP6;
	u32 l3 = ETH_HLEN, len;

	if (job->has_meta && job->meta.w2 >> TXM_L3_OFF_SHIFT & TXM_L3_OFF)
		l3 = job->meta.w2 >> TXM_L3_OFF_SHIFT & TXM_L3_OFF;
	if (p->hdr_len < l3 + 40)
		return;
	len = p->len - l3 - (v6 ? 40 : 0);
	put_be16(p->hdr + l3 + (v6 ? 4 : 2), min(len, 0xffffU));
}

int ena_offload(struct ena_dev *d, const struct tx_job *job, struct pkt *p,
		u32 *seg)
{
	struct heads h = { 0 };
	int rc;

	if (p->len < ETH_HLEN)
		return -EINVAL;
	if (job->w1 & TXD_TSO)
		tso_parse(job, p);
	pkt_parse(p);
	if (!(job->w1 & (TXD_TSO | TXD_L3_CSUM | TXD_L4_CSUM))) {
		rc = emit(d, p);
		return rc ? rc : 1;
	}
	rc = find_heads(job, p, &h);
	if (rc)
		return rc;
	if (job->w1 & TXD_TSO)
		return segment(d, job, p, &h, seg);
	if (job->w1 & TXD_L3_CSUM && !h.v6)
		ip4_csum(p, &h);
	if (job->w1 & TXD_L4_CSUM) {
		if (h.end > l3_end(p))
			return -EINVAL;
		l4_csum(p, &h, job->w1 & TXD_L4_PARTIAL);
	}
	rc = emit(d, p);
	return rc ? rc : 1;
}
