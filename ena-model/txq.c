// SPDX-License-Identifier: GPL-2.0
/*
 * TX queues: from the doorbell to the wire, and the completion back.
 *
 * One completion per packet. A packet that finds no room at the other side
 * stays at the head of its queue; a TSO packet remembers its segment.
 */
#include <errno.h>
#include <string.h>

#include "ena.h"

/*
 * Frames that one call may send before the other queues have their turn; each
 * TX_BYTES of a packet count like a frame, for the time of their checksum
 */
#define TX_BUDGET	8192
#define TX_BYTES	4096

void ena_queue_error(struct ena_dev *d, struct ena_sq *q, const char *why)
{
	q->error = true;
	d->count.queue_error++;
	trace(d, "queue-error dir=%u sq=%u head=%u tail=%u why=%s", q->dir,
	      q->idx, q->head, q->tail, why);
}

int ena_tx_data(struct ena_dev *d, struct pkt *p, const struct tx_desc *desc)
{
	u64 addr = (u64)(desc->w3 & TXD_ADDR_HI) << 32 | desc->w2, got;
	u32 len = desc->w0 & TXD_LEN;
	void *buf;
	int rc;

	d->count.tx_desc++;
	while (len) {
		got = len;
		buf = d->bus_master ?
			mem_chunk(d->mem, addr, &got, false) : NULL;
		if (!buf) {
			ena_dma_fault(d, addr, len, "tx-buffer");
			return -EFAULT;
		}
		rc = pkt_add(p, buf, got);
		if (rc)
			return rc;
		addr += got;
		len -= got;
	}
	return 0;
}

/* One packet from a ring in the guest's memory */
static int host_next(struct ena_dev *d, struct ena_sq *q, struct tx_job *job,
		     struct pkt *p, u16 *id, u16 *used)
{
	u16 n, avail = q->tail - q->head, at;
	bool data = false;
	struct tx_desc t;
	int rc = 0, err;

	for (n = 0; n < avail; n++) {
		at = q->head + n;
		if (ena_dma_read(d, q->base + (u64)(at & (q->depth - 1)) *
				 sizeof(t), &t, sizeof(t), "tx-ring"))
			return -EINVAL;
		if (!(t.w0 & TXD_PHASE) != !!(at & q->depth) ||
		    !(t.w0 & TXD_FIRST) != !!n || n > d->cfg.tx_descs)
			return -EINVAL;
		if (t.w0 & TXD_META) {
			if (n)
				return -EINVAL;
			d->count.tx_meta++;
			q->meta = t;
			q->has_meta = true;
		} else {
			if (!data) {
				data = true;
				job->w1 = t.w1;
				*id = (t.w0 >> TXD_ID_HI_SHIFT & TXD_ID_HI)
					<< 10 | t.w1 >> TXD_ID_LO_SHIFT;
			}
			err = ena_tx_data(d, p, &t);
			rc = rc ? rc : err;
		}
		if (t.w0 & TXD_LAST) {
			*used = n + 1;
			return data ? rc : -EINVAL;
		}
	}
	return -ENODATA;
}

static void post(struct ena_dev *d, struct ena_sq *q, u16 id)
{
	struct ena_cq *cq = &d->cq[q->cq];
	bool phase = !(cq->tail & cq->depth);
	struct tx_cdesc *c;

	c = ena_dma(d, cq->base + (u64)(cq->tail & (cq->depth - 1)) *
		    sizeof(*c), sizeof(*c), true, "tx-cq");
	cq->tail++;
	if (!c)
		return;
	c->req_id = id;
	c->status = 0;
	c->sub_qid = q->idx;
	c->sq_head = q->head;
	publish(&c->flags, (u8)phase);
	d->count.tx_complete++;
}

void ena_tx_complete(struct ena_dev *d, struct ena_sq *q, u16 id)
{
	u32 value = 0xffff;

	if (fault_hit(&d->fault, FAULT_TX_BAD_ID, q->idx, 0, &value))
		id = value;
	post(d, q, id);
	if (fault_hit(&d->fault, FAULT_TX_DUP, q->idx, 0, NULL))
		post(d, q, id);
	value = 0xffffffff;
	if (fault_hit(&d->fault, FAULT_CQ_PHASE, q->idx, SQ_DIR_TX, &value))
		post(d, q, value);
	ena_intr(d, d->cq[q->cq].vector, SQ_DIR_TX);
}

static void done(struct ena_dev *d, struct ena_sq *q, u16 id)
{
	if (fault_hit(&d->fault, FAULT_TX_HOLD, q->idx, 0, NULL) &&
	    d->n_held < ENA_HELD_MAX) {
		trace(d, "tx-hold sq=%u id=%u", q->idx, id);
		d->held[d->n_held++] = (struct ena_held){ q->idx, id };
		return;
	}
	ena_tx_complete(d, q, id);
}

static void block(struct ena_dev *d, struct ena_sq *q)
{
	if (!q->blocked) {
		q->since = ena_now(d);
		d->count.tx_blocked++;
		trace_data(d, "tx-blocked sq=%u head=%u", q->idx, q->head);
	}
	q->blocked = true;
	d->tx_blocked |= BIT(q->idx);
}

static void unblock(struct ena_dev *d, struct ena_sq *q)
{
	q->blocked = false;
	d->tx_blocked &= ~BIT(q->idx);
}

/* Then the driver has to send metadata with every packet */
static bool no_meta_cache(const struct ena_dev *d, const struct ena_sq *q)
{
	return q->llq && d->cfg.llq_accel & d->llq_cfg.accel_flags &
		LLQ_NO_META_CACHE;
}

/* @budget: shared by the queues of one call; @last: wait for room no longer */
static void tx_run(struct ena_dev *d, struct ena_sq *q, int *budget, bool last)
{
	struct tx_job job = { 0 };
	u16 id = 0, used = 0;
	u32 seg = q->seg;
	struct pkt p;
	int rc;

	q->more = false;
	while (q->head != q->tail && !q->error) {
		if (*budget <= 0) {
			block(d, q);
			q->more = true;
			return;
		}
		p.len = 0;
		p.hdr_len = 0;
		p.n = 0;
		p.csum_good = false;
		p.last_try = last;
		if (no_meta_cache(d, q))
			q->has_meta = false;
		rc = q->llq ? ena_llq_next(d, q, &job, &p, &id, &used) :
			host_next(d, q, &job, &p, &id, &used);
		if (rc == -ENODATA)
			break;
		if (rc == -EINVAL) {
			ena_queue_error(d, q, "descriptor");
			break;
		}
		if (no_meta_cache(d, q) && !q->has_meta) {
			ena_queue_error(d, q, "no-meta");
			break;
		}
		job.meta = q->meta;
		job.has_meta = q->has_meta;
		if (!rc)
			rc = ena_offload(d, &job, &p, &q->seg);
		if (rc == -EAGAIN) {
			if (q->seg != seg)
				q->blocked = false;
			block(d, q);
			return;
		}
		/* Progress: who blocks next waits from then on */
		q->blocked = false;
		q->seg = 0;
		seg = 0;
		q->head += used;
		if (rc < 0) {
			d->count.tx_drop++;
			trace(d, "tx-drop sq=%u id=%u len=%u rc=%d", q->idx,
			      id, p.len, rc);
			rc = 1;
		} else {
			d->count.tx_packet++;
			d->count.tx_byte += p.len;
			d->count.tx_segment += rc;
		}
		*budget -= rc + p.len / TX_BYTES;
		last = false;
		done(d, q, id);
	}
	unblock(d, q);
}

/* More bytes than the device said it takes between two doorbells */
static void check_burst(struct ena_dev *d, const struct ena_sq *q, u16 tail)
{
	u32 bytes = (u16)(tail - q->tail) * q->line;

	if (!q->llq || !(d->llq_cfg.accel_flags & LLQ_LIMIT_BURST) ||
	    !(d->cfg.llq_accel & LLQ_LIMIT_BURST) || bytes <= d->cfg.llq_burst)
		return;
	d->count.llq_burst++;
	trace(d, "llq-burst sq=%u bytes=%u", q->idx, bytes);
}

void ena_tx_doorbell(struct ena_dev *d, struct ena_sq *q, u16 tail)
{
	int budget = TX_BUDGET;

	d->count.tx_doorbell++;
	trace_data(d, "tx-doorbell sq=%u tail=%u", q->idx, tail);
	if (q->error)
		return;
	if ((u16)(tail - q->head) > q->depth) {
		ena_queue_error(d, q, "doorbell");
		return;
	}
	check_burst(d, q, tail);
	q->tail = tail;
	if (fault_hit(&d->fault, FAULT_TX_STALL, q->idx, 0, NULL))
		return;
	if (!q->blocked)
		tx_run(d, q, &budget, false);
}

void ena_tx_resume(struct ena_dev *d)
{
	int budget = TX_BUDGET;
	u32 i;

	if (fault_hit(&d->fault, FAULT_GONE, 0, 0, NULL))
		return;
	for (i = 0; i < ENA_SQS_MAX; i++)
		if (ena_txq(d, i)->used)
			tx_run(d, ena_txq(d, i), &budget, false);
}

void ena_tx_kick(struct ena_dev *d)
{
	int budget = TX_BUDGET;
	u32 i;

	if (fault_hit(&d->fault, FAULT_GONE, 0, 0, NULL))
		return;
	for (i = 0; d->tx_blocked && i < ENA_SQS_MAX; i++)
		if (d->tx_blocked & BIT(i) && !ena_txq(d, i)->more)
			tx_run(d, ena_txq(d, i), &budget, false);
}

u64 ena_tx_tick(struct ena_dev *d, u64 now)
{
	u64 next = TIME_NEVER, wait = d->cfg.wait_ms * NSEC_PER_MSEC;
	int budget = TX_BUDGET;
	struct ena_sq *q;
	u32 i;

	for (i = 0; i < ENA_SQS_MAX; i++) {
		q = ena_txq(d, i);
		if (!(d->tx_blocked & BIT(i)))
			continue;
		if (q->more)
			tx_run(d, q, &budget, false);
		else if (d->env.now && q->since + wait <= now)
			tx_run(d, q, &budget, true);
		if (q->more)
			next = 0;
		else if (q->blocked && d->env.now)
			next = min(next, q->since + wait);
	}
	return next;
}
