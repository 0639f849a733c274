// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts. Vector 0 (admin queue and events) is masked by INTR_MASK only.
 * The vectors of the queues mask themselves when they fire; a write to the
 * unmask register of one of their CQs unmasks and brings the delays. Something
 * posted while masked is signalled at the unmask: a needless interrupt harms
 * nobody, a missing one stops a queue.
 *
 * Guess: vectors start masked (the driver unmasks each at ifup), and a delay
 * counts from the first thing posted.
 */
#include "ena.h"

static void send_irq(struct ena_dev *d, u32 vector)
{
	if (fault_hit(&d->fault, FAULT_IRQ_LOST, vector, 0, NULL)) {
		d->count.irq_lost++;
		trace(d, "irq-lost vector=%u", vector);
		return;
	}
	trace_data(d, "irq vector=%u", vector);
	d->env.irq(d->env.ctx, vector);
	if (fault_hit(&d->fault, FAULT_IRQ_EXTRA, vector, 0, NULL))
		d->env.irq(d->env.ctx, vector);
}

static void fire(struct ena_dev *d, u32 vector)
{
	struct ena_vector *v = &d->vec[vector];

	v->deadline = TIME_NEVER;
	v->pending = false;
	v->masked = true;
	v->fired++;
	d->count.irq++;
	send_irq(d, vector);
}

static void schedule(struct ena_dev *d, u32 vector, u64 delay)
{
	struct ena_vector *v = &d->vec[vector];
	u64 due;

	if (!delay || !d->env.now || !d->cfg.moderation) {
		fire(d, vector);
		return;
	}
	due = ena_now(d) + delay;
	if (due < v->deadline)
		v->deadline = due;
	if (due < d->next_fire)
		d->next_fire = due;
}

void ena_intr(struct ena_dev *d, u32 vector, u8 dir)
{
	if (vector)
		d->posted[dir == SQ_DIR_RX] |= BIT_ULL(vector);
}

void ena_intr_flush(struct ena_dev *d)
{
	u64 tx = d->posted[0], rx = d->posted[1], posted = tx | rx;
	struct ena_vector *v;
	u64 delay;
	u32 i;

	d->posted[0] = 0;
	d->posted[1] = 0;
	if (posted && fault_hit(&d->fault, FAULT_GONE, 0, 0, NULL))
		return;
	for (; posted; posted &= posted - 1) {
		i = __builtin_ctzll(posted);
		v = &d->vec[i];
		v->pending = true;
		if (v->masked)
			continue;
		delay = TIME_NEVER;
		if (rx & BIT_ULL(i))
			delay = v->rx_delay;
		if (tx & BIT_ULL(i))
			delay = min(delay, v->tx_delay);
		schedule(d, i, delay);
	}
}

void ena_intr_mgmt(struct ena_dev *d)
{
	d->vec[0].pending = true;
	if (d->mgmt_masked)
		return;
	d->vec[0].pending = false;
	d->vec[0].fired++;
	d->count.irq_mgmt++;
	send_irq(d, 0);
}

void ena_unmask(struct ena_dev *d, u32 vector, u32 val)
{
	struct ena_vector *v = &d->vec[vector];
	u64 unit = d->cfg.intr_resolution * NSEC_PER_USEC;

	d->count.unmask++;
	v->rx_delay = (val & INTR_RX_DELAY) * unit;
	v->tx_delay = (val >> INTR_TX_SHIFT & INTR_RX_DELAY) * unit;
	trace_data(d, "unmask vector=%u rx=%u tx=%u%s", vector,
		   val & INTR_RX_DELAY, val >> INTR_TX_SHIFT & INTR_RX_DELAY,
		   val & INTR_UNMASK ? "" : " masked");
	if (!(val & INTR_UNMASK))
		return;
	v->masked = false;
	if (v->pending)
		schedule(d, vector, min(v->rx_delay, v->tx_delay));
}

u64 ena_intr_tick(struct ena_dev *d, u64 now)
{
	u64 next = TIME_NEVER;
	u32 i;

	if (now < d->next_fire)
		return d->next_fire;
	for (i = 1; i < ENA_VECTORS_MAX; i++) {
		if (d->vec[i].deadline <= now)
			fire(d, i);
		next = min(next, d->vec[i].deadline);
	}
	d->next_fire = next;
	return next;
}

void ena_intr_reset(struct ena_dev *d)
{
	u32 i;

	for (i = 0; i < ENA_VECTORS_MAX; i++)
		d->vec[i] = (struct ena_vector){ .masked = i, .fired =
			d->vec[i].fired, .deadline = TIME_NEVER };
	d->next_fire = TIME_NEVER;
	d->posted[0] = 0;
	d->posted[1] = 0;
	d->mgmt_masked = true;
}
