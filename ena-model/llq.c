// SPDX-License-Identifier: GPL-2.0
/*
 * Low latency queues: descriptors and headers come in lines of the LLQ BAR.
 *
 * The first line of a packet has two descriptors, then the header's bytes; the
 * lines after it are all descriptors (ena_eth_com.c, ena_com_prepare_tx() and
 * what it calls). The guest may change a line while it is read: it is copied
 * first.
 */
#include <errno.h>
#include <string.h>

#include "ena.h"

#define BEFORE_HEADER	2

static void llq_line(struct ena_dev *d, const struct ena_sq *q, u16 at, u8 *to)
{
	const u8 *room = d->env.llq + (u32)q->idx * ENA_LLQ_ROOM;

	memcpy(to, room + (u32)(at & (q->depth - 1)) * q->line, q->line);
	d->count.llq_line++;
}

/* The first data descriptor: request id, offloads, the pushed header */
static int first_data(struct ena_sq *q, const struct tx_desc *t,
		      const u8 *line, struct tx_job *job, struct pkt *p,
		      u16 *id)
{
	u32 len = t->w3 >> TXD_HDR_SHIFT;

	job->w1 = t->w1;
	*id = (t->w0 >> TXD_ID_HI_SHIFT & TXD_ID_HI) << 10 |
		t->w1 >> TXD_ID_LO_SHIFT;
	if (len > q->line - BEFORE_HEADER * sizeof(*t))
		return -EINVAL;
	return pkt_add(p, line + BEFORE_HEADER * sizeof(*t), len);
}

int ena_llq_next(struct ena_dev *d, struct ena_sq *q, struct tx_job *job,
		 struct pkt *p, u16 *id, u16 *used)
{
	u32 i, in_line = BEFORE_HEADER, n = 0;
	u16 avail = q->tail - q->head, at;
	u8 line[ENA_LLQ_LINE];
	bool data = false;
	struct tx_desc t;
	int rc = 0, err;

	for (at = q->head; (u16)(at - q->head) < avail; at++) {
		llq_line(d, q, at, line);
		for (i = 0; i < in_line; i++, n++) {
			memcpy(&t, line + i * sizeof(t), sizeof(t));
			if (!(t.w0 & TXD_PHASE) != !!(at & q->depth) ||
			    !(t.w0 & TXD_FIRST) != !!n ||
			    n > d->cfg.tx_descs)
				return -EINVAL;
			if (t.w0 & TXD_META) {
				if (n)
					return -EINVAL;
				d->count.tx_meta++;
				q->meta = t;
				q->has_meta = true;
			} else {
				if (!data && first_data(q, &t, line, job, p,
							id))
					return -EINVAL;
				data = true;
				err = ena_tx_data(d, p, &t);
				rc = rc ? rc : err;
			}
			if (t.w0 & TXD_LAST) {
				*used = at + 1 - q->head;
				return data ? rc : -EINVAL;
			}
		}
		in_line = q->line / sizeof(t);
	}
	return -ENODATA;
}
