// SPDX-License-Identifier: GPL-2.0
/*
 * The admin queue: takes commands, hands them to who knows them, and answers.
 * An answer goes out at once, in the order of the commands, unless a fault
 * holds it back.
 */
#include <string.h>

#include "ena.h"

void ena_admin_post(struct ena_dev *d, const struct acq_entry *answer)
{
	bool phase = !(d->acq_tail & d->acq_depth);
	struct acq_entry *p;
	u64 addr;

	if (!d->acq_depth)
		return;
	addr = d->acq_base +
		(u64)(d->acq_tail & (d->acq_depth - 1)) * sizeof(*p);
	d->acq_tail++;
	p = ena_dma(d, addr, sizeof(*p), true, "acq");
	if (!p)
		return;
	memcpy(p->u.raw, answer->u.raw, sizeof(p->u.raw));
	p->ext_status = answer->ext_status;
	p->sq_head = d->aq_head;
	p->id = answer->id;
	p->status = answer->status;
	publish(&p->flags, (u8)phase);
	ena_intr_mgmt(d);
}

static u32 execute(struct ena_dev *d, const union aq_entry *c,
		   struct acq_entry *a)
{
	switch (c->common.opcode) {
	case OP_CREATE_SQ:
		return ena_create_sq(d, c, a);
	case OP_DESTROY_SQ:
		return ena_destroy_sq(d, c);
	case OP_CREATE_CQ:
		return ena_create_cq(d, c, a);
	case OP_DESTROY_CQ:
		return ena_destroy_cq(d, c);
	case OP_GET_FEATURE:
		return ena_get_feature(d, c, a);
	case OP_SET_FEATURE:
		return ena_set_feature(d, c);
	case OP_GET_STATS:
		return ena_get_stats(d, c, a);
	}
	return ST_BAD_OPCODE;
}

/* What tells commands of one opcode apart, for trace and faults */
static u32 command_sub(const union aq_entry *c)
{
	switch (c->common.opcode) {
	case OP_GET_FEATURE:
	case OP_SET_FEATURE:
		return c->feature.feat.id;
	case OP_GET_STATS:
		return c->stats.type;
	}
	return 0;
}

static void hold(struct ena_dev *d, const struct acq_entry *a, u32 ms)
{
	struct ena_late *l;

	if (d->n_late == ENA_LATE_MAX)
		return;
	l = &d->late[d->n_late++];
	l->answer = *a;
	l->due = TIME_NEVER;
	if (d->env.now && ms)
		l->due = ena_now(d) + ms * NSEC_PER_MSEC;
}

static void command(struct ena_dev *d, const union aq_entry *c)
{
	u32 op = c->common.opcode, sub = command_sub(c), value, status;
	struct acq_entry a = { .id = c->common.id & AQ_ID_MASK };

	d->count.admin_cmd++;
	value = ST_UNKNOWN;
	if (fault_hit(&d->fault, FAULT_ADMIN_STATUS, op, sub, &value))
		status = value;
	else
		status = execute(d, c, &a);
	trace(d, "admin op=%u sub=%u id=%u status=%u", op, sub, a.id, status);
	if (status)
		memset(&a.u, 0, sizeof(a.u));
	if (status)
		d->count.admin_bad++;
	a.status = status;
	if (fault_hit(&d->fault, FAULT_ADMIN_DROP, op, sub, NULL)) {
		trace(d, "admin-drop id=%u", a.id);
		return;
	}
	value = 0;
	if (fault_hit(&d->fault, FAULT_ADMIN_LATE, op, sub, &value)) {
		trace(d, "admin-late id=%u ms=%u", a.id, value);
		hold(d, &a, value);
		return;
	}
	value = AQ_ID_MASK;
	if (fault_hit(&d->fault, FAULT_ADMIN_BAD_ID, op, sub, &value))
		a.id = value & AQ_ID_MASK;
	ena_admin_post(d, &a);
	if (fault_hit(&d->fault, FAULT_ADMIN_DUP, op, sub, NULL))
		ena_admin_post(d, &a);
}

void ena_admin_run(struct ena_dev *d, u16 tail)
{
	union aq_entry c;
	bool phase;
	u64 addr;

	if (!d->aq_depth || !d->acq_depth) {
		trace(d, "admin-error why=no-queue");
		return;
	}
	if ((u16)(tail - d->aq_head) > d->aq_depth) {
		trace(d, "admin-error why=doorbell head=%u tail=%u",
		      d->aq_head, tail);
		return;
	}
	while (d->aq_head != tail) {
		addr = d->aq_base +
			(u64)(d->aq_head & (d->aq_depth - 1)) * sizeof(c);
		phase = !(d->aq_head & d->aq_depth);
		if (ena_dma_read(d, addr, &c, sizeof(c), "aq"))
			return;
		if ((c.common.flags & AQ_PHASE) != phase) {
			trace(d, "admin-error why=phase head=%u", d->aq_head);
			ena_not_shared(d);
			return;
		}
		d->aq_head++;
		command(d, &c);
	}
}
