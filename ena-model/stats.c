// SPDX-License-Identifier: GPL-2.0
/* GET_STATS: basic counters since the reset, and settable ones beyond. */
#include <string.h>

#include "ena.h"

static void basic(const struct ena_dev *d, u64 *to)
{
	const struct ena_count *c = &d->count, *b = &d->base;

	/* Low and high words of each, in this order: a u64 in little endian */
	to[0] = c->tx_byte - b->tx_byte;
	to[1] = c->tx_packet - b->tx_packet;
	to[2] = c->rx_byte - b->rx_byte;
	to[3] = c->rx_packet - b->rx_packet;
	to[4] = c->rx_drop - b->rx_drop;
	to[5] = c->tx_drop - b->tx_drop;
}

/*
 * Without a buffer: a bitmap of what there is. With one: the values that were
 * asked for, in the order of their numbers.
 */
static u32 metrics(struct ena_dev *d, const union aq_entry *c,
		   struct acq_entry *a)
{
	u32 want = c->stats.metrics[0] & (BIT(METRICS_NUM) - 1);
	u64 out[METRICS_NUM];
	u32 i, n = 0;

	a->u.raw64[0] = want;
	if (!c->stats.buf.length)
		return ST_OK;
	for (i = 0; i < METRICS_NUM; i++)
		if (want & BIT(i))
			out[n++] = d->stats.metrics[i];
	if (c->stats.buf.length < n * sizeof(out[0]))
		return ST_ILLEGAL;
	if (ena_dma_write(d, ena_addr(&c->stats.buf.addr), out,
			  n * sizeof(out[0]), "metrics"))
		return ST_MALFORMED;
	return ST_OK;
}

u32 ena_get_stats(struct ena_dev *d, const union aq_entry *c,
		  struct acq_entry *a)
{
	switch (c->stats.type) {
	case STATS_BASIC:
		basic(d, a->u.raw64);
		return ST_OK;
	case STATS_ENI:
		if (!(d->cfg.caps & CAP_ENI_STATS))
			return ST_UNSUPPORTED;
		memcpy(a->u.raw64, d->stats.eni, sizeof(d->stats.eni));
		return ST_OK;
	case STATS_SRD:
		if (!(d->cfg.caps & CAP_SRD_INFO))
			return ST_UNSUPPORTED;
		a->u.raw64[0] = d->stats.srd_flags;
		memcpy(a->u.raw64 + 1, d->stats.srd, sizeof(d->stats.srd));
		return ST_OK;
	case STATS_METRICS:
		if (!(d->cfg.caps & CAP_METRICS))
			return ST_UNSUPPORTED;
		return metrics(d, c, a);
	}
	return ST_UNSUPPORTED;
}
