// SPDX-License-Identifier: GPL-2.0
/*
 * RX queues: a packet into the buffers that the driver posted, and completions
 * for them. Nothing is written before all buffers of the packet are known.
 */
#include <errno.h>
#include <string.h>

#include <netinet/in.h>

#include "ena.h"

/* More than cfg.rx_descs can be */
#define CHUNKS		64U

struct chunk {
	u64 addr;
	u32 len;
	u16 id;
};

/* Buffers for @len bytes: their number, 0 when too few are posted, or -errno */
static int take(struct ena_dev *d, struct ena_sq *q, u32 len,
		struct chunk *chunk)
{
	u32 off = d->host_features & HOST_RX_OFFSET ? d->cfg.rx_offset : 0;
	u16 at = q->head, avail = q->tail - q->head;
	struct rx_desc r;
	u32 size;
	int n;

	for (n = 0; len; n++, at++) {
		if (n == (int)min(d->cfg.rx_descs, CHUNKS))
			return -E2BIG;
		if (n == avail)
			return 0;
		if (ena_dma_read(d, q->base + (u64)(at & (q->depth - 1)) *
				 sizeof(r), &r, sizeof(r), "rx-ring"))
			return -EINVAL;
		size = r.length ? r.length : 65536;
		if (!(r.ctrl & RXD_PHASE) != !!(at & q->depth) || size <= off)
			return -EINVAL;
		chunk[n].addr = ((u64)r.addr_hi << 32 | r.addr_lo) + off;
		chunk[n].len = min(len, size - off);
		chunk[n].id = r.req_id;
		len -= chunk[n].len;
		off = 0;
	}
	return n;
}

static int fill(struct ena_dev *d, const struct pkt *p,
		const struct chunk *chunk, int n)
{
	u32 off = 0, left;
	u64 addr, got;
	void *to;
	int i;

	for (i = 0; i < n; i++) {
		addr = chunk[i].addr;
		for (left = chunk[i].len; left; left -= got) {
			got = left;
			to = d->bus_master ?
				mem_chunk(d->mem, addr, &got, true) : NULL;
			if (!to) {
				ena_dma_fault(d, addr, left, "rx-buffer");
				return -EFAULT;
			}
			pkt_copy(p, off, to, got);
			addr += got;
			off += got;
		}
	}
	return 0;
}

/* What the hardware would tell of the headers and checksums */
static u32 verdict(const struct ena_dev *d, const struct pkt *p)
{
	u32 st = p->l3 | (u32)p->l4 << RXC_L4_SHIFT, len;
	const u8 *ip = p->hdr + p->l3_off;
	bool v4 = p->l3 == L3_IP4;
	u8 proto;

	if (!p->l3)
		return 0;
	if (v4 && d->cfg.rx_offload & BIT(0) &&
	    csum_fold(csum_add(ip, p->l4_off - p->l3_off, 0)) != 0xffff)
		st |= RXC_L3_ERR;
	if (v4 && p->frag)
		st |= RXC_FRAG;
	if (!p->l4 || !(d->cfg.rx_offload & (v4 ? BIT(1) : BIT(2))))
		return st;
	if (p->csum_good)
		return st | RXC_L4_CHECKED;
	proto = p->l4 == L4_TCP ? IPPROTO_TCP : IPPROTO_UDP;
	/* UDP without a checksum: there is nothing to check */
	if (proto == IPPROTO_UDP && !get_be16(p->hdr + p->l4_off + 6))
		return st;
	len = p->l3_end - p->l4_off;
	st |= RXC_L4_CHECKED;
	if (csum_fold(pkt_csum(p, p->l4_off, len,
			       pkt_pseudo(p, proto, len))) != 0xffff)
		st |= RXC_L4_ERR;
	return st;
}

static void post(struct ena_dev *d, struct ena_sq *q, struct rx_cdesc *c)
{
	struct ena_cq *cq = &d->cq[q->cq];
	struct rx_cdesc *to;

	to = ena_dma(d, cq->base + (u64)(cq->tail & (cq->depth - 1)) *
		     sizeof(*c), sizeof(*c), true, "rx-cq");
	if (!(cq->tail & cq->depth))
		c->status |= RXC_PHASE;
	else
		c->status &= ~RXC_PHASE;
	cq->tail++;
	if (!to)
		return;
	memcpy(&to->length, &c->length, sizeof(*c) - sizeof(c->status));
	publish(&to->status, c->status);
}

/* Faults that change completions, one by one */
static void distort(struct ena_dev *d, struct ena_sq *q, struct rx_cdesc *c,
		    bool first)
{
	u32 value = 0xffff;

	if (fault_hit(&d->fault, FAULT_RX_BAD_ID, q->idx, 0, &value))
		c->req_id = value;
	if (fault_hit(&d->fault, FAULT_RX_REUSE, q->idx, 0, NULL))
		c->req_id = q->last_id;
	value = 0xffff;
	if (fault_hit(&d->fault, FAULT_RX_LEN, q->idx, 0, &value))
		c->length = value;
	if (!first && fault_hit(&d->fault, FAULT_RX_FIRST, q->idx, 0, NULL))
		c->status |= RXC_FIRST;
	if (c->status & RXC_LAST &&
	    fault_hit(&d->fault, FAULT_RX_NOLAST, q->idx, 0, NULL))
		c->status &= ~RXC_LAST;
}

static void complete(struct ena_dev *d, struct ena_sq *q,
		     const struct chunk *chunk, int n, u32 status, u32 hash)
{
	struct rx_cdesc c = { .sub_qid = q->idx, .hash = hash };
	u32 value = 0xffffffff;
	int i;

	if (!(d->cfg.rx_offload & BIT(3)))
		c.hash = 0;
	for (i = 0; i < n; i++) {
		c.status = status | RXC_BUFFER;
		if (!i)
			c.status |= RXC_FIRST;
		if (i == n - 1)
			c.status |= RXC_LAST;
		c.length = chunk[i].len;
		c.req_id = chunk[i].id;
		c.offset = 0;
		if (!i && d->host_features & HOST_RX_OFFSET)
			c.offset = d->cfg.rx_offset;
		if (unlikely(d->fault.armed))
			distort(d, q, &c, !i);
		post(d, q, &c);
		q->last_id = chunk[i].id;
	}
	if (fault_hit(&d->fault, FAULT_CQ_PHASE, q->idx, SQ_DIR_RX, &value)) {
		for (i = 0; i < (int)sizeof(c); i += sizeof(value))
			memcpy((u8 *)&c + i, &value, sizeof(value));
		post(d, q, &c);
	}
	ena_intr(d, d->cq[q->cq].vector, SQ_DIR_RX);
}

/* A fault: the packet in more descriptors than there may be */
static int spread(struct ena_dev *d, struct ena_sq *q, struct chunk *chunk,
		  int n)
{
	u32 many = 20;
	int i;

	if (!fault_hit(&d->fault, FAULT_RX_MANY, q->idx, 0, &many))
		return n;
	many = min(many, CHUNKS);
	many = min(many, (u32)(u16)(q->tail - q->head));
	for (i = n; i < (int)many; i++) {
		chunk[i] = chunk[i - 1];
		chunk[i].len = 1;
		chunk[i].id = chunk[i - 1].id + 1;
	}
	return max(n, (int)many);
}

void ena_rx_drop(struct ena_dev *d)
{
	d->count.rx_drop++;
	d->count.rx_overrun++;
}

/* No buffers: the sender waits, or the packet is lost */
static int no_room(struct ena_dev *d, struct ena_sq *q, const struct pkt *p)
{
	if (d->cfg.wait_ms && !q->starved && !p->last_try)
		return -EAGAIN;
	if (!q->starved)
		trace(d, "rx-starved sq=%u", q->idx);
	q->starved = true;
	ena_rx_drop(d);
	return 0;
}

int ena_rx(struct ena_dev *d, struct pkt *p)
{
	struct chunk chunk[CHUNKS];
	struct ena_sq *q;
	u32 hash;
	int n;

	if (!d->n_rx || !d->link ||
	    fault_hit(&d->fault, FAULT_GONE, 0, 0, NULL)) {
		/* Nobody is there to miss it */
		d->count.rx_down++;
		return 0;
	}
	q = ena_rss_queue(d, p, &hash);
	if (!q || q->error || p->len > d->cfg.max_mtu + ETH_HLEN + 8) {
		d->count.rx_drop++;
		return 0;
	}
	if (fault_hit(&d->fault, FAULT_RX_STARVE, q->idx, 0, NULL)) {
		ena_rx_drop(d);
		return 0;
	}
	n = take(d, q, p->len, chunk);
	if (!n)
		return no_room(d, q, p);
	if (n == -EINVAL)
		ena_queue_error(d, q, "descriptor");
	if (n < 0) {
		d->count.rx_drop++;
		return 0;
	}
	if (unlikely(d->fault.armed))
		n = spread(d, q, chunk, n);
	q->head += n;
	d->count.rx_desc += n;
	if (fill(d, p, chunk, n)) {
		/* The driver does not get these back before the next reset */
		trace(d, "rx-buffers-lost sq=%u first=%u n=%d", q->idx,
		      chunk[0].id, n);
		d->count.rx_drop++;
		return 0;
	}
	complete(d, q, chunk, n, verdict(d, p), hash);
	d->count.rx_packet++;
	d->count.rx_byte += p->len;
	return 0;
}

void ena_rx_doorbell(struct ena_dev *d, struct ena_sq *q, u16 tail)
{
	d->count.rx_doorbell++;
	trace_data(d, "rx-doorbell sq=%u tail=%u", q->idx, tail);
	if (q->error)
		return;
	if ((u16)(tail - q->head) > q->depth) {
		ena_queue_error(d, q, "doorbell");
		d->env.rx_room(d->env.ctx);
		return;
	}
	q->tail = tail;
	q->starved = false;
	d->env.rx_room(d->env.ctx);
}
