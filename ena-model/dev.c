// SPDX-License-Identifier: GPL-2.0
/*
 * The device core: registers, readless reads, reset, and what is due when.
 */
#include <string.h>

#include "ena.h"

void ena_init(struct ena_dev *d, int id, const struct ena_cfg *cfg,
	      const struct ena_env *env, struct mem *mem, struct trace *t)
{
	memset(d, 0, sizeof(*d));
	d->id = id;
	d->cfg = *cfg;
	d->env = *env;
	d->mem = mem;
	d->trace = t;
	d->link = true;
	ena_power_reset(d);
}

/* What a reset forgets: everything but the device's own properties */
static void forget(struct ena_dev *d)
{
	d->resp = 0;
	d->aq_base = 0;
	d->aq_depth = 0;
	d->aq_head = 0;
	d->acq_base = 0;
	d->acq_depth = 0;
	d->acq_tail = 0;
	d->llq_on = false;
	d->mtu = 0;
	d->host_features = 0;
	d->phc_addr = 0;
	d->base = d->count;
	ena_aenq_reset(d);
	ena_intr_reset(d);
	ena_queues_reset(d);
	ena_rss_reset(d);
}

void ena_power_reset(struct ena_dev *d)
{
	forget(d);
	d->sts = STS_READY;
	d->reason = 0;
	trace(d, "power-reset");
}

static void dev_ctl(struct ena_dev *d, u32 val)
{
	if (val & CTL_RESET && !(d->sts & STS_RESET_IN_PROGRESS)) {
		d->reason = val >> CTL_REASON_SHIFT;
		d->count.reset++;
		trace(d, "reset reason=%u", d->reason);
		forget(d);
		if (!fault_hit(&d->fault, FAULT_RESET_OFF, 0, 0, NULL))
			d->sts |= STS_RESET_IN_PROGRESS;
	} else if (!(val & CTL_RESET) && d->sts & STS_RESET_IN_PROGRESS) {
		if (fault_hit(&d->fault, FAULT_RESET_ON, 0, 0, NULL))
			return;
		d->sts &= ~STS_RESET_IN_PROGRESS;
		d->sts |= STS_RESET_FINISHED;
		d->count.reset_done++;
		trace(d, "reset done");
	}
}

static u32 reg_value(struct ena_dev *d, u32 off)
{
	u32 val = 0;

	if (fault_hit(&d->fault, FAULT_REG_VALUE, off, 0, &val))
		return val;
	switch (off) {
	case REG_VERSION:
		return 0x0a;
	case REG_CTRL_VERSION:
		return 0x000100;
	case REG_CAPS:
		return CAPS_CONTIGUOUS |
			d->cfg.reset_to << CAPS_RESET_TO_SHIFT |
			d->cfg.dma_bits << CAPS_DMA_WIDTH_SHIFT |
			d->cfg.admin_to << CAPS_ADMIN_TO_SHIFT;
	case REG_DEV_STS:
		if (fault_hit(&d->fault, FAULT_NOT_READY, 0, 0, NULL))
			return d->sts & ~STS_READY;
		return d->sts;
	}
	return 0;
}

u32 ena_reg_read(struct ena_dev *d, u32 off)
{
	d->count.reg_read++;
	if (fault_hit(&d->fault, FAULT_GONE, 0, 0, NULL))
		return ~0U;
	return reg_value(d, off);
}

/* The answer goes to memory, request id last */
static void mmio_read(struct ena_dev *d, u32 val)
{
	u32 off = val >> 16;
	struct mmio_resp *r;

	d->count.mmio_read++;
	if (fault_hit(&d->fault, FAULT_REG_DROP, off, 0, NULL))
		return;
	r = ena_dma(d, d->resp, sizeof(*r), true, "mmio-resp");
	if (!r)
		return;
	/* The driver has put another id there before it asked */
	if (r->req_id == 0 && r->offset == 0 && r->value == 0)
		ena_not_shared(d);
	r->value = reg_value(d, off);
	fault_hit(&d->fault, FAULT_REG_OFFSET, off, 0, &off);
	r->offset = off;
	publish(&r->req_id, (u16)val);
}

/* Depth in the low half, bytes of an entry in the high half */
static u32 ring_depth(struct ena_dev *d, u32 caps, const char *what)
{
	u32 depth = caps & 0xffff;

	trace(d, "%s depth=%u entry=%u", what, depth, caps >> 16);
	if (!is_pow2(depth) || depth > ENA_AQ_DEPTH_MAX || caps >> 16 != 64) {
		trace(d, "%s refused", what);
		return 0;
	}
	return depth;
}

static void set_lo(u64 *addr, u32 val)
{
	*addr = (*addr & ~0xffffffffULL) | val;
}

static void set_hi(u64 *addr, u32 val)
{
	*addr = (*addr & 0xffffffffULL) | (u64)val << 32;
}

static void queue_reg(struct ena_dev *d, u32 off, u32 val)
{
	u32 i = (off & 0x3ff) / 4;

	switch (off & ~0x3ffU) {
	case REG_SQ_DB:
		if (i >= 2 * ENA_SQS_MAX || !d->sq[i].used)
			break;
		if (i < ENA_SQS_MAX)
			ena_tx_doorbell(d, &d->sq[i], val);
		else
			ena_rx_doorbell(d, &d->sq[i], val);
		return;
	case REG_UNMASK:
		if (!i || i >= ENA_VECTORS_MAX)
			break;
		ena_unmask(d, i, val);
		return;
	case REG_NUMA:
		d->count.numa++;
		return;
	}
	trace(d, "reg-unknown off=0x%x val=0x%x", off, val);
}

void ena_reg_write(struct ena_dev *d, u32 off, u32 val)
{
	d->count.reg_write++;
	if (fault_hit(&d->fault, FAULT_GONE, 0, 0, NULL))
		return;
	switch (off) {
	case REG_MMIO_READ:
		mmio_read(d, val);
		break;
	case REG_MMIO_RESP_LO:
		set_lo(&d->resp, val);
		break;
	case REG_MMIO_RESP_HI:
		set_hi(&d->resp, val);
		break;
	case REG_DEV_CTL:
		dev_ctl(d, val);
		break;
	case REG_AQ_BASE_LO:
		set_lo(&d->aq_base, val);
		break;
	case REG_AQ_BASE_HI:
		set_hi(&d->aq_base, val);
		break;
	case REG_AQ_CAPS:
		d->aq_depth = ring_depth(d, val, "aq");
		d->aq_head = 0;
		break;
	case REG_AQ_DB:
		ena_admin_run(d, val);
		break;
	case REG_ACQ_BASE_LO:
		set_lo(&d->acq_base, val);
		break;
	case REG_ACQ_BASE_HI:
		set_hi(&d->acq_base, val);
		break;
	case REG_ACQ_CAPS:
		d->acq_depth = ring_depth(d, val, "acq");
		d->acq_tail = 0;
		break;
	case REG_AENQ_BASE_LO:
		set_lo(&d->aenq_base, val);
		break;
	case REG_AENQ_BASE_HI:
		set_hi(&d->aenq_base, val);
		break;
	case REG_AENQ_CAPS:
		d->aenq_depth = ring_depth(d, val, "aenq");
		d->aenq_tail = 0;
		break;
	case REG_AENQ_HEAD_DB:
		ena_aenq_doorbell(d, val);
		break;
	case REG_INTR_MASK:
		trace(d, "intr-mask %u", val & 1);
		d->mgmt_masked = val & 1;
		if (!d->mgmt_masked && d->vec[0].pending)
			ena_intr_mgmt(d);
		break;
	case REG_PHC_DB:
		ena_phc(d, val);
		break;
	default:
		queue_reg(d, off, val);
	}
}

static u64 late_tick(struct ena_dev *d, u64 now)
{
	u64 next = TIME_NEVER;
	unsigned int i, n = 0;

	for (i = 0; i < d->n_late; i++) {
		if (d->late[i].due <= now) {
			trace(d, "admin-late answer id=%u",
			      d->late[i].answer.id);
			ena_admin_post(d, &d->late[i].answer);
			continue;
		}
		next = min(next, d->late[i].due);
		d->late[n++] = d->late[i];
	}
	d->n_late = n;
	return next;
}

void ena_release(struct ena_dev *d)
{
	unsigned int i, n = d->n_held;

	if (fault_hit(&d->fault, FAULT_GONE, 0, 0, NULL))
		return;
	late_tick(d, TIME_NEVER);
	d->n_held = 0;
	for (i = 0; i < n; i++)
		if (ena_txq(d, d->held[i].sq)->used)
			ena_tx_complete(d, ena_txq(d, d->held[i].sq),
					d->held[i].id);
}

u64 ena_tick(struct ena_dev *d, u64 now)
{
	u64 next;

	if (fault_hit(&d->fault, FAULT_GONE, 0, 0, NULL))
		return TIME_NEVER;
	if (d->keepalive_due <= now) {
		ena_keepalive(d);
		d->keepalive_due = now + NSEC_PER_SEC;
	}
	next = min(d->keepalive_due, ena_intr_tick(d, now));
	if (d->tx_blocked)
		next = min(next, ena_tx_tick(d, now));
	if (d->n_late)
		next = min(next, late_tick(d, now));
	return next;
}
