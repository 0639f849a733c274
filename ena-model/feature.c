// SPDX-License-Identifier: GPL-2.0
/*
 * GET_FEATURE and SET_FEATURE: what the device can do, and what the driver
 * chose of it.
 */
#include <string.h>
#include <strings.h>

#include "ena.h"

/* The driver asks for what it has no bit for, too: that is refused here */
static bool supported(const struct ena_dev *d, u8 id)
{
	if (id == FEAT_DEV_ATTR)
		return true;
	if (id == FEAT_LLQ && !d->env.llq)
		return false;
	return id < 32 && d->cfg.features & BIT(id);
}

static void get_attr(struct ena_dev *d, struct acq_entry *a)
{
	u32 features = d->cfg.features;

	if (!d->env.llq)
		features &= ~BIT(FEAT_LLQ);
	a->u.attr.impl_id = 1;
	a->u.attr.version = 0x100;
	a->u.attr.features = features;
	a->u.attr.caps = d->cfg.caps;
	a->u.attr.phys_bits = d->cfg.dma_bits;
	a->u.attr.virt_bits = d->cfg.dma_bits;
	memcpy(a->u.attr.mac, d->cfg.mac, 6);
	a->u.attr.max_mtu = d->cfg.max_mtu;
}

static void get_queues(struct ena_dev *d, struct acq_entry *a)
{
	a->u.queues.sq_num = d->cfg.queues;
	a->u.queues.sq_depth = d->cfg.depth;
	a->u.queues.cq_num = d->cfg.queues;
	a->u.queues.cq_depth = d->cfg.depth;
	a->u.queues.header_size = d->cfg.header;
	a->u.queues.tx_descs = d->cfg.tx_descs;
	a->u.queues.rx_descs = d->cfg.rx_descs;
}

static void get_queues_ext(struct ena_dev *d, struct acq_entry *a)
{
	a->u.queues_ext.version = 1;
	a->u.queues_ext.tx_sq_num = d->cfg.queues;
	a->u.queues_ext.tx_cq_num = d->cfg.queues;
	a->u.queues_ext.rx_sq_num = d->cfg.queues;
	a->u.queues_ext.rx_cq_num = d->cfg.queues;
	a->u.queues_ext.tx_sq_depth = d->cfg.depth;
	a->u.queues_ext.tx_cq_depth = d->cfg.depth;
	a->u.queues_ext.rx_sq_depth = d->cfg.depth;
	a->u.queues_ext.rx_cq_depth = d->cfg.depth;
	a->u.queues_ext.header_size = d->cfg.header;
	a->u.queues_ext.tx_descs = d->cfg.tx_descs;
	a->u.queues_ext.rx_descs = d->cfg.rx_descs;
}

static void get_hints(struct ena_dev *d, u16 *h)
{
	h[0] = d->cfg.hint_mmio;
	h[1] = d->cfg.hint_watchdog;
	h[2] = d->cfg.hint_tx_compl;
	h[3] = d->cfg.hint_tx_thresh;
	h[4] = d->cfg.hint_admin;
	h[5] = d->cfg.hint_netdev_wd;
	h[6] = d->cfg.hint_tx_sgl;
	h[7] = d->cfg.hint_rx_sgl;
}

static void get_llq(struct ena_dev *d, struct feat_llq *l)
{
	l->max_num = d->cfg.queues;
	l->max_depth = d->cfg.llq_depth;
	l->location_supported = LLQ_INLINE_HEADER;
	l->entry_supported = d->cfg.llq_entry;
	l->before_header_supported = 2;
	l->stride_supported = LLQ_MULTI_DESC;
	if (d->llq_on) {
		l->location_enabled = d->llq_cfg.location_enabled;
		l->entry_enabled = d->llq_cfg.entry_enabled;
		l->before_header_enabled = d->llq_cfg.before_header_enabled;
		l->stride_enabled = d->llq_cfg.stride_enabled;
	}
	l->accel_flags = d->cfg.llq_accel;
	if (d->cfg.llq_accel & LLQ_LIMIT_BURST)
		l->accel_burst = d->cfg.llq_burst;
}

/* Keep-alives come with time: without a clock they are not offered */
static u32 groups(const struct ena_dev *d)
{
	return d->env.now ? d->cfg.groups :
		d->cfg.groups & ~BIT(AENQ_KEEP_ALIVE);
}

static u32 get_key(struct ena_dev *d, const union aq_entry *c,
		   struct acq_entry *a)
{
	const struct aq_buffer *b = &c->feature.buf;

	a->u.func.supported = BIT(RSS_TOEPLITZ);
	a->u.func.selected = BIT(RSS_TOEPLITZ);
	if (!b->length)
		return ST_OK;
	if (b->length < sizeof(d->rss.key))
		return ST_ILLEGAL;
	if (ena_dma_write(d, ena_addr(&b->addr), &d->rss.key,
			  sizeof(d->rss.key), "rss-key"))
		return ST_MALFORMED;
	return ST_OK;
}

static u16 fields_supported(u32 proto)
{
	switch (proto) {
	case RSS_TCP4:
	case RSS_UDP4:
	case RSS_TCP6:
	case RSS_UDP6:
		return RSS_L3_DA | RSS_L3_SA | RSS_L4_DP | RSS_L4_SP;
	case RSS_IP4:
	case RSS_IP6:
	case RSS_IP4_FRAG:
	case RSS_TCP6_EX:
	case RSS_IP6_EX:
		return RSS_L3_DA | RSS_L3_SA;
	case RSS_NOT_IP:
		return RSS_L2_DA | RSS_L2_SA;
	}
	return 0;
}

static u32 get_input(struct ena_dev *d, const union aq_entry *c,
		     struct acq_entry *a)
{
	const struct aq_buffer *b = &c->feature.buf;
	struct rss_input in = { 0 };
	u32 i;

	a->u.input_sort[0] = 0;
	if (!b->length)
		return ST_OK;
	if (b->length < sizeof(in))
		return ST_ILLEGAL;
	for (i = 0; i < RSS_PROTOS; i++) {
		in.supported[i].fields = fields_supported(i);
		in.selected[i] = d->rss.selected[i];
	}
	if (ena_dma_write(d, ena_addr(&b->addr), &in, sizeof(in), "rss-input"))
		return ST_MALFORMED;
	return ST_OK;
}

static void get_phc(struct ena_dev *d, struct feat_phc *p)
{
	p->doorbell = REG_PHC_DB;
	p->expire_us = d->cfg.phc_expire;
	p->block_us = d->cfg.phc_block;
}

u32 ena_get_feature(struct ena_dev *d, const union aq_entry *c,
		    struct acq_entry *a)
{
	u8 id = c->feature.feat.id;

	if (!supported(d, id))
		return ST_UNSUPPORTED;
	switch (id) {
	case FEAT_DEV_ATTR:
		get_attr(d, a);
		return ST_OK;
	case FEAT_MAX_QUEUES:
		get_queues(d, a);
		return ST_OK;
	case FEAT_MAX_QUEUES_EXT:
		get_queues_ext(d, a);
		return ST_OK;
	case FEAT_HW_HINTS:
		get_hints(d, a->u.hints);
		return ST_OK;
	case FEAT_LLQ:
		get_llq(d, &a->u.llq);
		return ST_OK;
	case FEAT_RSS_FUNC:
		return get_key(d, c, a);
	case FEAT_OFFLOAD:
		a->u.offload.tx = d->cfg.tx_offload;
		a->u.offload.rx_supported = d->cfg.rx_offload;
		a->u.offload.rx_enabled = d->cfg.rx_offload;
		return ST_OK;
	case FEAT_RSS_TABLE:
		a->u.table.min_size = RSS_TABLE_LOG;
		a->u.table.max_size = RSS_TABLE_LOG;
		a->u.table.size = RSS_TABLE_LOG;
		return ST_OK;
	case FEAT_RSS_INPUT:
		return get_input(d, c, a);
	case FEAT_INTR_MODER:
		a->u.moder.resolution = d->cfg.intr_resolution;
		return ST_OK;
	case FEAT_AENQ:
		a->u.aenq[0] = groups(d);
		a->u.aenq[1] = d->aenq_groups;
		return ST_OK;
	case FEAT_LINK:
		a->u.link.speed = d->cfg.link_speed;
		a->u.link.flags = BIT(1);
		return ST_OK;
	case FEAT_PHC:
		get_phc(d, &a->u.phc);
		return ST_OK;
	}
	return ST_UNSUPPORTED;
}

static u32 set_key(struct ena_dev *d, const union aq_entry *c)
{
	const struct aq_buffer *b = &c->feature.buf;
	struct rss_key key;

	if (c->feature.u.func.selected != BIT(RSS_TOEPLITZ))
		return ST_ILLEGAL;
	if (b->length < sizeof(key))
		return ST_ILLEGAL;
	if (ena_dma_read(d, ena_addr(&b->addr), &key, sizeof(key), "rss-key"))
		return ST_MALFORMED;
	if (key.parts != RSS_KEY_PARTS)
		return ST_ILLEGAL;
	d->rss.key = key;
	ena_rss_key(d);
	return ST_OK;
}

static u32 set_input(struct ena_dev *d, const union aq_entry *c)
{
	const struct aq_buffer *b = &c->feature.buf;
	struct rss_input in;
	u32 i;

	if (b->length < sizeof(in))
		return ST_ILLEGAL;
	if (ena_dma_read(d, ena_addr(&b->addr), &in, sizeof(in), "rss-input"))
		return ST_MALFORMED;
	for (i = 0; i < RSS_PROTOS; i++)
		if (in.selected[i].fields & ~fields_supported(i))
			return ST_ILLEGAL;
	memcpy(d->rss.selected, in.selected, sizeof(in.selected));
	return ST_OK;
}

static u32 set_table(struct ena_dev *d, const union aq_entry *c)
{
	const struct aq_buffer *b = &c->feature.buf;
	struct rss_fields entry[ENA_RSS_SIZE];
	u32 i;

	if (c->feature.u.table.size != RSS_TABLE_LOG)
		return ST_ILLEGAL;
	if (c->feature.u.table.inline_index != ~0U)
		return ST_UNSUPPORTED;
	if (b->length < sizeof(entry))
		return ST_ILLEGAL;
	if (ena_dma_read(d, ena_addr(&b->addr), entry, sizeof(entry),
			 "rss-table"))
		return ST_MALFORMED;
	/* [A] struct ena_admin_rss_ind_table_entry: the index, and reserved */
	for (i = 0; i < ENA_RSS_SIZE; i++)
		if (entry[i].fields >= ENA_SQS_MAX ||
		    !ena_rxq(d, entry[i].fields)->used)
			return ST_ILLEGAL;
	for (i = 0; i < ENA_RSS_SIZE; i++)
		d->rss.table[i] = entry[i].fields;
	d->rss.table_set = true;
	return ST_OK;
}

static u32 set_llq(struct ena_dev *d, const union aq_entry *c)
{
	const struct feat_llq *l = &c->feature.u.llq;

	if (l->location_enabled != LLQ_INLINE_HEADER ||
	    l->before_header_enabled != 2 ||
	    l->stride_enabled != LLQ_MULTI_DESC)
		return ST_ILLEGAL;
	if (!is_pow2(l->entry_enabled) ||
	    !(l->entry_enabled & d->cfg.llq_entry))
		return ST_ILLEGAL;
	d->llq_cfg = *l;
	d->llq_on = true;
	trace(d, "llq entry=%u accel=0x%x", 64 + 64 * ffs(l->entry_enabled),
	      l->accel_flags);
	return ST_OK;
}

static u32 set_host(struct ena_dev *d, const union aq_entry *c)
{
	u64 info = ena_addr(&c->feature.u.host.info);
	u32 features;

	if (!info)
		return ST_OK;
	if (ena_dma_read(d, info + HOST_INFO_FEATURES, &features,
			 sizeof(features), "host-info"))
		return ST_MALFORMED;
	d->host_features = features;
	trace(d, "host-info features=0x%x debug=%u", features,
	      c->feature.u.host.debug_size);
	return ST_OK;
}

static u32 set_aenq(struct ena_dev *d, const union aq_entry *c)
{
	if (c->feature.u.aenq[1] & ~groups(d))
		return ST_ILLEGAL;
	d->aenq_groups = c->feature.u.aenq[1];
	d->keepalive_due = TIME_NEVER;
	if (d->env.now && d->aenq_groups & BIT(AENQ_KEEP_ALIVE))
		d->keepalive_due = ena_now(d) + NSEC_PER_SEC;
	return ST_OK;
}

static u32 set_phc(struct ena_dev *d, const union aq_entry *c)
{
	const struct feat_phc *p = &c->feature.u.phc;

	if (p->output_length < sizeof(struct phc_resp))
		return ST_ILLEGAL;
	d->phc_addr = ena_addr(&p->output);
	return ST_OK;
}

u32 ena_set_feature(struct ena_dev *d, const union aq_entry *c)
{
	u8 id = c->feature.feat.id;

	if (!supported(d, id))
		return ST_UNSUPPORTED;
	switch (id) {
	case FEAT_MTU:
		if (c->feature.u.mtu > d->cfg.max_mtu)
			return ST_ILLEGAL;
		d->mtu = c->feature.u.mtu;
		return ST_OK;
	case FEAT_RSS_FUNC:
		return set_key(d, c);
	case FEAT_RSS_INPUT:
		return set_input(d, c);
	case FEAT_RSS_TABLE:
		return set_table(d, c);
	case FEAT_LLQ:
		return set_llq(d, c);
	case FEAT_HOST_ATTR:
		return set_host(d, c);
	case FEAT_AENQ:
		return set_aenq(d, c);
	case FEAT_PHC:
		return set_phc(d, c);
	}
	return ST_UNSUPPORTED;
}
