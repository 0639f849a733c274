// SPDX-License-Identifier: GPL-2.0
/*
 * CREATE and DESTROY of queues. What the driver must not do is refused with the
 * status that says so: a CQ that is not there or of the other direction, a
 * depth that is no power of two, a CQ that is still in use.
 */
#include <string.h>

#include "ena.h"

static bool good_depth(u32 depth, u32 most)
{
	return is_pow2(depth) && depth >= ENA_DEPTH_MIN && depth <= most;
}

u32 ena_create_cq(struct ena_dev *d, const union aq_entry *c,
		  struct acq_entry *a)
{
	u32 words = c->create_cq.caps_2 & 0x1f, vector = c->create_cq.vector;
	u8 dir = words == sizeof(struct tx_cdesc) / 4 ? SQ_DIR_TX : SQ_DIR_RX;
	u32 i, n = 0;

	if (dir == SQ_DIR_RX && words != sizeof(struct rx_cdesc) / 4)
		return ST_ILLEGAL;
	if (!good_depth(c->create_cq.depth, d->cfg.depth))
		return ST_ILLEGAL;
	if ((c->create_cq.caps_1 & CQ_INTR) &&
	    (!vector || vector >= ENA_VECTORS_MAX))
		return ST_ILLEGAL;
	for (i = 0; i < ENA_CQS_MAX; i++)
		n += d->cq[i].used && d->cq[i].dir == dir;
	if (n >= d->cfg.queues)
		return ST_NO_RESOURCE;
	for (i = 0; d->cq[i].used; i++)
		;
	d->cq[i] = (struct ena_cq){
		.used = true,
		.dir = dir,
		.depth = c->create_cq.depth,
		.base = ena_addr(&c->create_cq.base),
		.vector = c->create_cq.caps_1 & CQ_INTR ? vector : 0,
	};
	a->u.create_cq.cq_idx = i;
	a->u.create_cq.depth = d->cq[i].depth;
	a->u.create_cq.numa = REG_NUMA + 4 * i;
	/* By vector: the CQs of one interrupt share its register */
	a->u.create_cq.unmask = REG_UNMASK + 4 * vector;
	trace(d, "create-cq cq=%u dir=%u depth=%u vector=%u", i, dir,
	      d->cq[i].depth, vector);
	return ST_OK;
}

u32 ena_destroy_cq(struct ena_dev *d, const union aq_entry *c)
{
	u16 i = c->destroy_cq.cq_idx;

	if (i >= ENA_CQS_MAX || !d->cq[i].used)
		return ST_ILLEGAL;
	if (d->cq[i].sqs)
		return ST_BUSY;
	d->cq[i].used = false;
	trace(d, "destroy-cq cq=%u", i);
	return ST_OK;
}

static u32 llq_line(const struct ena_dev *d)
{
	switch (d->llq_cfg.entry_enabled) {
	case LLQ_ENTRY_256:
		return 256;
	case LLQ_ENTRY_192:
		return 192;
	}
	return 128;
}

static u32 check_sq(const struct ena_dev *d, const union aq_entry *c, u8 dir,
		    bool llq)
{
	u16 cq = c->create_sq.cq_idx;
	u32 most = d->cfg.depth;

	if (dir != SQ_DIR_TX && dir != SQ_DIR_RX)
		return ST_ILLEGAL;
	if (cq >= ENA_CQS_MAX || !d->cq[cq].used || d->cq[cq].dir != dir)
		return ST_ILLEGAL;
	if (!llq && (c->create_sq.caps_2 & 0xf) != SQ_HOST)
		return ST_ILLEGAL;
	if (llq && (dir != SQ_DIR_TX || !d->llq_on || !d->env.llq))
		return ST_ILLEGAL;
	if (llq)
		most = d->cfg.llq_depth;
	if (!good_depth(c->create_sq.depth, most))
		return ST_ILLEGAL;
	/* A completion for each entry needs its place */
	if (c->create_sq.depth > d->cq[cq].depth)
		return ST_ILLEGAL;
	if (!(c->create_sq.caps_3 & BIT(0)))
		return ST_ILLEGAL;
	return ST_OK;
}

u32 ena_create_sq(struct ena_dev *d, const union aq_entry *c,
		  struct acq_entry *a)
{
	bool llq = (c->create_sq.caps_2 & 0xf) == SQ_LLQ;
	u8 dir = c->create_sq.identity >> SQ_DIR_SHIFT;
	u32 status = check_sq(d, c, dir, llq);
	struct ena_sq *q;
	u32 i;

	if (status)
		return status;
	q = dir == SQ_DIR_TX ? ena_txq(d, 0) : ena_rxq(d, 0);
	for (i = 0; i < d->cfg.queues && q[i].used; i++)
		;
	if (i == d->cfg.queues)
		return ST_NO_RESOURCE;
	q[i] = (struct ena_sq){
		.used = true,
		.dir = dir,
		.llq = llq,
		.idx = i,
		.cq = c->create_sq.cq_idx,
		.depth = c->create_sq.depth,
		.base = ena_addr(&c->create_sq.base),
		.last_id = 0xffff,
	};
	if (llq)
		q[i].line = llq_line(d);
	d->cq[q[i].cq].sqs++;
	if (dir == SQ_DIR_RX)
		d->n_rx++;
	a->u.create_sq.sq_idx = i;
	a->u.create_sq.doorbell =
		REG_SQ_DB + 4 * (u32)(&q[i] - ena_txq(d, 0));
	a->u.create_sq.llq_descs = llq ? i * ENA_LLQ_ROOM : 0;
	trace(d, "create-sq sq=%u dir=%u cq=%u depth=%u llq=%u", i, dir,
	      q[i].cq, q[i].depth, llq);
	return ST_OK;
}

/* Completions that a fault holds back go with their queue */
static void forget_held(struct ena_dev *d, u16 sq)
{
	unsigned int i, n = 0;

	for (i = 0; i < d->n_held; i++)
		if (d->held[i].sq != sq)
			d->held[n++] = d->held[i];
	d->n_held = n;
}

u32 ena_destroy_sq(struct ena_dev *d, const union aq_entry *c)
{
	u8 dir = c->destroy_sq.identity >> SQ_DIR_SHIFT;
	u16 i = c->destroy_sq.sq_idx;
	struct ena_sq *q;

	if (i >= ENA_SQS_MAX || (dir != SQ_DIR_TX && dir != SQ_DIR_RX))
		return ST_ILLEGAL;
	q = dir == SQ_DIR_TX ? ena_txq(d, i) : ena_rxq(d, i);
	if (!q->used)
		return ST_ILLEGAL;
	q->used = false;
	d->cq[q->cq].sqs--;
	trace(d, "destroy-sq sq=%u dir=%u head=%u tail=%u", i, dir, q->head,
	      q->tail);
	if (dir == SQ_DIR_TX) {
		d->tx_blocked &= ~BIT(i);
		forget_held(d, i);
	} else {
		d->n_rx--;
		/* Nobody shall wait for a queue that is no more */
		d->env.rx_room(d->env.ctx);
	}
	return ST_OK;
}

void ena_queues_reset(struct ena_dev *d)
{
	memset(d->cq, 0, sizeof(d->cq));
	memset(d->sq, 0, sizeof(d->sq));
	d->tx_blocked = 0;
	d->n_rx = 0;
	d->n_held = 0;
	d->n_late = 0;
	d->env.rx_room(d->env.ctx);
}
