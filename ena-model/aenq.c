// SPDX-License-Identifier: GPL-2.0
/*
 * Events to the driver: the AENQ ring, its credit, and what waits for room.
 *
 * The head doorbell is "entries that are free": 16 at the start, then 16 plus
 * what was consumed (ena_com.c, ena_com_admin_aenq_enable() and
 * ena_com_aenq_intr_handler()).
 */
#include <errno.h>
#include <string.h>

#include "ena.h"

static bool aenq_room(const struct ena_dev *d)
{
	u16 room = d->aenq_credit - d->aenq_tail;

	return d->aenq_depth && room && room <= d->aenq_depth;
}

static void aenq_put(struct ena_dev *d, struct aenq_entry *e)
{
	u64 addr = d->aenq_base +
		(u64)(d->aenq_tail & (d->aenq_depth - 1)) * sizeof(*e);
	bool phase = !(d->aenq_tail & d->aenq_depth);
	u64 now = ena_now(d) / NSEC_PER_USEC;
	struct aenq_entry *p;

	p = ena_dma(d, addr, sizeof(*e), true, "aenq");
	d->aenq_tail++;
	if (!p)
		return;
	e->time_lo = now;
	e->time_hi = now >> 32;
	memcpy(p, e, offsetof(struct aenq_entry, flags));
	memcpy(p->reserved, e->reserved,
	       sizeof(*e) - offsetof(struct aenq_entry, reserved));
	publish(&p->flags, (u8)phase);
	d->count.aenq_sent++;
	if (e->group != AENQ_KEEP_ALIVE)
		trace(d, "aenq group=%u syndrome=%u", e->group, e->syndrome);
	ena_intr_mgmt(d);
}

static void aenq_flush(struct ena_dev *d)
{
	while (d->n_event && aenq_room(d)) {
		aenq_put(d, &d->event[0]);
		d->n_event--;
		memmove(d->event, d->event + 1,
			d->n_event * sizeof(d->event[0]));
	}
}

int ena_event(struct ena_dev *d, u16 group, u16 syndrome, const void *data,
	      u32 len)
{
	struct aenq_entry *e;

	/* Groups beyond the bitmap cannot be switched off */
	if (group < 32 && !(d->aenq_groups & BIT(group)))
		return -ENOENT;
	if (fault_hit(&d->fault, FAULT_GONE, 0, 0, NULL))
		return 0;
	if (len > sizeof(e->data))
		return -EINVAL;
	if (d->n_event == ENA_EVENTS_MAX) {
		d->count.aenq_no_room++;
		return -ENOBUFS;
	}
	e = &d->event[d->n_event++];
	memset(e, 0, sizeof(*e));
	e->group = group;
	e->syndrome = syndrome;
	if (len)
		memcpy(e->data, data, len);
	aenq_flush(d);
	return 0;
}

void ena_aenq_doorbell(struct ena_dev *d, u32 val)
{
	u32 up = 1;

	d->aenq_credit = val;
	aenq_flush(d);
	/* The driver takes the carrier from this event alone */
	if (d->link && !d->link_told && d->aenq_depth) {
		d->link_told = true;
		ena_event(d, AENQ_LINK, 0, &up, sizeof(up));
	}
}

void ena_aenq_reset(struct ena_dev *d)
{
	d->aenq_base = 0;
	d->aenq_depth = 0;
	d->aenq_tail = 0;
	d->aenq_credit = 0;
	d->aenq_groups = 0;
	d->n_event = 0;
	d->link_told = false;
	d->keepalive_due = TIME_NEVER;
}

int ena_link(struct ena_dev *d, bool up)
{
	u32 flags = up;
	int rc;

	d->link = up;
	trace(d, "link up=%u", up);
	rc = ena_event(d, AENQ_LINK, 0, &flags, sizeof(flags));
	if (!rc && up)
		d->link_told = true;
	if (up)
		return rc;
	/* Whoever waits on either side need not wait any longer */
	d->env.rx_room(d->env.ctx);
	ena_tx_kick(d);
	return rc;
}

int ena_keepalive(struct ena_dev *d)
{
	u64 rx = d->count.rx_drop - d->base.rx_drop;
	u64 tx = d->count.tx_drop - d->base.tx_drop;
	u64 over = d->count.rx_overrun - d->base.rx_overrun;
	u32 data[6];

	if (fault_hit(&d->fault, FAULT_KEEPALIVE, 0, 0, NULL)) {
		trace(d, "keep-alive lost");
		return 0;
	}
	/* Stale ones are of no use: none is kept for later */
	if (!aenq_room(d))
		return -ENOBUFS;
	/* The last pair is read by newer drivers than that of 7.3.4 */
	data[0] = rx;
	data[1] = rx >> 32;
	data[2] = tx;
	data[3] = tx >> 32;
	data[4] = over;
	data[5] = over >> 32;
	return ena_event(d, AENQ_KEEP_ALIVE, 0, data, sizeof(data));
}
