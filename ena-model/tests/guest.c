// SPDX-License-Identifier: GPL-2.0
/*
 * The fake guest of the tests and fuzzers; see guest.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

int bad;

int g_run(const struct test *t, unsigned int n)
{
	unsigned int i;
	int failed = 0;

	for (i = 0; i < n; i++) {
		bad = 0;
		t[i].fn();
		printf("%sok %s\n", bad ? "not " : "", t[i].name);
		failed += !!bad;
	}
	return !!failed;
}

static void on_irq(void *ctx, unsigned int vector)
{
	struct guest *g = ctx;

	if (vector >= ENA_VECTORS_MAX)
		abort();
	g->irq[vector]++;
}

static u64 on_now(void *ctx)
{
	return ((struct guest *)ctx)->now;
}

static u64 on_real(void *ctx)
{
	return ((struct guest *)ctx)->now + 1000 * NSEC_PER_SEC;
}

static int on_xmit(void *ctx, struct pkt *p)
{
	struct guest *g = ctx;
	struct g_frame *f;

	if (g->peer)
		return ena_rx(&g->peer->d, p);
	if (!g->room)
		return p->last_try ? 0 : -EAGAIN;
	g->room--;
	if (g->frames == G_FRAMES)
		return 0;
	f = &g->frame[g->frames++];
	f->len = p->len;
	f->csum_good = p->csum_good;
	f->data = malloc(p->len);
	pkt_copy(p, 0, f->data, p->len);
	return 0;
}

static void on_room(void *ctx)
{
	struct guest *g = ctx;

	g->rooms++;
	if (g->peer)
		ena_tx_kick(&g->peer->d);
}

static void on_warn(void *ctx, const char *text)
{
	(void)text;
	((struct guest *)ctx)->warns++;
}

static void props_set(struct guest *g, const char *props, struct ena_env *env,
		      bool *llq)
{
	char words[256], *save, *w, *val;
	const char *why;

	if (strlen(props) >= sizeof(words))
		abort();
	memcpy(words, props, strlen(props) + 1);
	for (w = strtok_r(words, " ", &save); w;
	     w = strtok_r(NULL, " ", &save)) {
		if (!strcmp(w, "clock")) {
			env->now = on_now;
			env->real = on_real;
			continue;
		}
		if (!strcmp(w, "no-llq")) {
			*llq = false;
			continue;
		}
		if (!strcmp(w, "holes")) {
			g->rom = calloc(1, G_ROM);
			continue;
		}
		val = strchr(w, '=');
		if (!val)
			abort();
		*val++ = 0;
		if (!strcmp(w, "ram"))
			g->ram_size = strtoul(val, NULL, 0);
		else if (!strcmp(w, "iova"))
			g->iova = strtoull(val, NULL, 0);
		else if (cfg_set(&g->cfg, w, val, false, &why))
			abort();
	}
}

static void regions(struct guest *g)
{
	struct mem_region ram = { g->iova, g->ram_size, g->ram, true };
	struct mem_region rom = { g->iova + g->ram_size, G_ROM, g->rom, false };
	struct mem_region gap = { rom.iova + G_ROM, G_ROM, NULL, true };

	if (mem_add(&g->mem, &ram))
		abort();
	if (g->rom && (mem_add(&g->mem, &rom) || mem_add(&g->mem, &gap)))
		abort();
}

struct guest *g_new(const char *props)
{
	struct guest *g = calloc(1, sizeof(*g));
	struct ena_env env = {
		.ctx = g,
		.irq = on_irq,
		.xmit = on_xmit,
		.rx_room = on_room,
		.warn = on_warn,
	};
	bool llq = true;

	if (!g)
		abort();
	g->iova = G_IOVA;
	g->brk = 64;
	g->ram_size = G_RAM;
	g->room = ~0U;
	g->now = NSEC_PER_SEC;
	cfg_default(&g->cfg, 0);
	props_set(g, props, &env, &llq);
	if (llq)
		env.llq = calloc(1, ENA_LLQ_SIZE);
	g->ram = calloc(1, g->ram_size);
	if (!g->ram || (llq && !env.llq))
		abort();
	regions(g);
	ena_init(&g->d, 0, &g->cfg, &env, &g->mem, NULL);
	g->d.bus_master = true;
	return g;
}

void g_drop_frames(struct guest *g)
{
	while (g->frames)
		free(g->frame[--g->frames].data);
}

void g_free(struct guest *g)
{
	g_drop_frames(g);
	free(g->d.env.llq);
	free(g->rom);
	free(g->ram);
	free(g);
}

u64 g_alloc(struct guest *g, u32 len)
{
	u32 at = (g->brk + 63) & ~63U;

	if (at > g->ram_size || len > g->ram_size - at)
		abort();
	g->brk = at + len;
	memset(g->ram + at, 0, len);
	return g->iova + at;
}

void *g_ptr(struct guest *g, u64 iova)
{
	if (iova < g->iova || iova > g->iova + g->ram_size)
		abort();
	return g->ram + (iova - g->iova);
}

u64 g_put(struct guest *g, const void *data, u32 len)
{
	u64 at = g_alloc(g, len);

	memcpy(g_ptr(g, at), data, len);
	return at;
}

static void set_resp(struct guest *g)
{
	if (!g->resp)
		g->resp = g_alloc(g, 8);
	g_write(g, REG_MMIO_RESP_LO, g->resp);
	g_write(g, REG_MMIO_RESP_HI, g->resp >> 32);
}

bool g_read(struct guest *g, u32 off, u32 *val)
{
	u8 *r = g_ptr(g, g->resp);
	static u16 seq;
	u16 id, got;

	seq++;
	id = seq + 0xdead;
	memcpy(r, &id, 2);
	g_write(g, REG_MMIO_READ, off << 16 | seq);
	memcpy(&id, r, 2);
	memcpy(&got, r + 2, 2);
	memcpy(val, r + 4, 4);
	return id == seq && got == off;
}

bool g_reset(struct guest *g, u32 reason)
{
	u32 sts, caps;

	set_resp(g);
	if (!g_read(g, REG_DEV_STS, &sts) || !(sts & 1) ||
	    !g_read(g, REG_CAPS, &caps) || !(caps >> 1 & 31))
		return false;
	g_write(g, REG_DEV_CTL, 1 | reason << 28);
	set_resp(g);
	if (!g_read(g, REG_DEV_STS, &sts) || !(sts & 8))
		return false;
	g_write(g, REG_DEV_CTL, 0);
	if (!g_read(g, REG_DEV_STS, &sts) || sts & 8)
		return false;
	return g_read(g, REG_DEV_STS, &sts) && sts & 1;
}

void g_admin(struct guest *g, u32 depth)
{
	g->aq = g_alloc(g, depth * 64);
	g->acq = g_alloc(g, depth * 64);
	g->aq_depth = depth;
	g->aq_tail = 0;
	g->acq_head = 0;
	g_write(g, REG_AQ_BASE_LO, g->aq);
	g_write(g, REG_AQ_BASE_HI, g->aq >> 32);
	g_write(g, REG_ACQ_BASE_LO, g->acq);
	g_write(g, REG_ACQ_BASE_HI, g->acq >> 32);
	g_write(g, REG_AQ_CAPS, depth | 64 << 16);
	g_write(g, REG_ACQ_CAPS, depth | 64 << 16);
}

void g_aenq(struct guest *g)
{
	g->aenq = g_alloc(g, G_AENQ_DEPTH * 64);
	g->aenq_head = 0;
	g_write(g, REG_AENQ_BASE_LO, g->aenq);
	g_write(g, REG_AENQ_BASE_HI, g->aenq >> 32);
	g_write(g, REG_AENQ_CAPS, G_AENQ_DEPTH | 64 << 16);
}

struct guest *g_up(const char *props)
{
	struct guest *g = g_new(props);
	struct acq_entry a;

	if (!g_reset(g, 0))
		abort();
	g_admin(g, G_AQ_DEPTH);
	g_aenq(g);
	g_write(g, REG_INTR_MASK, 1);
	if (g_get(g, FEAT_AENQ, 0, 0, &a) ||
	    g_set_word(g, FEAT_AENQ, 1, a.u.aenq[0] & 0x1f))
		abort();
	g_write(g, REG_INTR_MASK, 0);
	g_credit(g);
	memset(g->irq, 0, sizeof(g->irq));
	return g;
}

void g_submit(struct guest *g, union aq_entry *c)
{
	u32 at = g->aq_tail & (g->aq_depth - 1);
	u8 phase = g->aq_tail / g->aq_depth % 2 ? 0 : 1;

	g->cmd_id = (g->cmd_id + 1) & 0xfff;
	c->common.id = g->cmd_id;
	c->common.flags = (c->common.flags & ~1) | phase;
	memcpy(g_ptr(g, g->aq + at * 64), c, 64);
	g->aq_tail++;
	g_write(g, REG_AQ_DB, g->aq_tail);
}

bool g_answer(struct guest *g, struct acq_entry *a)
{
	u32 at = g->acq_head & (g->aq_depth - 1);
	u8 phase = g->acq_head / g->aq_depth % 2 ? 0 : 1;

	memcpy(a, g_ptr(g, g->acq + at * 64), 64);
	if ((a->flags & 1) != phase)
		return false;
	g->acq_head++;
	return true;
}

int g_cmd(struct guest *g, union aq_entry *c, struct acq_entry *a)
{
	struct acq_entry own;

	a = a ? a : &own;
	g_submit(g, c);
	if (!g_answer(g, a))
		return G_SILENT;
	return a->id == g->cmd_id ? a->status : G_WRONG;
}

static void buffer(union aq_entry *c, u64 buf, u32 len)
{
	c->feature.buf.length = len;
	c->feature.buf.addr.lo = buf;
	c->feature.buf.addr.hi = buf >> 32;
	if (len)
		c->common.flags |= AQ_CTRL_INDIRECT;
}

int g_get(struct guest *g, u8 feature, u64 buf, u32 len, struct acq_entry *a)
{
	union aq_entry c = { 0 };

	c.common.opcode = OP_GET_FEATURE;
	c.feature.feat.id = feature;
	buffer(&c, buf, len);
	return g_cmd(g, &c, a);
}

int g_set(struct guest *g, u8 feature, u64 buf, u32 len, union aq_entry *c)
{
	c->common.opcode = OP_SET_FEATURE;
	c->feature.feat.id = feature;
	buffer(c, buf, len);
	return g_cmd(g, c, NULL);
}

int g_set_word(struct guest *g, u8 feature, u32 word, u32 val)
{
	union aq_entry c = { 0 };

	memcpy(c.raw + 20 + 4 * word, &val, 4);
	return g_set(g, feature, 0, 0, &c);
}

int g_create_cq(struct guest *g, u8 dir, u16 depth, u32 vector, u64 base,
		struct acq_entry *a)
{
	union aq_entry c = { 0 };

	c.common.opcode = OP_CREATE_CQ;
	c.create_cq.caps_1 = CQ_INTR;
	c.create_cq.caps_2 = dir == SQ_DIR_TX ? 2 : 4;
	c.create_cq.depth = depth;
	c.create_cq.vector = vector;
	c.create_cq.base.lo = base;
	c.create_cq.base.hi = base >> 32;
	return g_cmd(g, &c, a);
}

int g_create_sq(struct guest *g, u8 dir, u16 cq, u16 depth, u8 placement,
		u64 base, struct acq_entry *a)
{
	union aq_entry c = { 0 };

	c.common.opcode = OP_CREATE_SQ;
	c.create_sq.identity = dir << 5;
	c.create_sq.caps_2 = placement;
	c.create_sq.caps_3 = 1;
	c.create_sq.cq_idx = cq;
	c.create_sq.depth = depth;
	c.create_sq.base.lo = base;
	c.create_sq.base.hi = base >> 32;
	return g_cmd(g, &c, a);
}

int g_destroy_cq(struct guest *g, u16 cq)
{
	union aq_entry c = { 0 };

	c.common.opcode = OP_DESTROY_CQ;
	c.destroy_cq.cq_idx = cq;
	return g_cmd(g, &c, NULL);
}

int g_destroy_sq(struct guest *g, u8 dir, u16 sq)
{
	union aq_entry c = { 0 };

	c.common.opcode = OP_DESTROY_SQ;
	c.destroy_sq.sq_idx = sq;
	c.destroy_sq.identity = dir << 5;
	return g_cmd(g, &c, NULL);
}

int g_llq(struct guest *g, u16 entry, u16 accel)
{
	union aq_entry c = { 0 };

	c.feature.u.llq.location_enabled = LLQ_INLINE_HEADER;
	c.feature.u.llq.entry_enabled = entry;
	c.feature.u.llq.before_header_enabled = 2;
	c.feature.u.llq.stride_enabled = LLQ_MULTI_DESC;
	c.feature.u.llq.accel_flags = accel;
	return g_set(g, FEAT_LLQ, 0, 0, &c);
}

bool g_event(struct guest *g, struct aenq_entry *e)
{
	u32 at = g->aenq_head % G_AENQ_DEPTH;
	u8 phase = g->aenq_head / G_AENQ_DEPTH % 2 ? 0 : 1;

	memcpy(e, g_ptr(g, g->aenq + at * 64), 64);
	if ((e->flags & 1) != phase)
		return false;
	g->aenq_head++;
	return true;
}

void g_credit(struct guest *g)
{
	g_write(g, REG_AENQ_HEAD_DB, (u16)(g->aenq_head + G_AENQ_DEPTH));
}

void g_queue(struct guest *g, struct gq *q, u8 dir, u16 depth, u32 vector,
	     bool llq)
{
	struct acq_entry a;

	memset(q, 0, sizeof(*q));
	q->dir = dir;
	q->llq = llq;
	q->depth = depth;
	q->line = g->d.llq_cfg.entry_enabled == LLQ_ENTRY_256 ? 256 : 128;
	q->ring = llq ? 0 : g_alloc(g, depth * 16);
	q->cring = g_alloc(g, depth * (dir == SQ_DIR_TX ? 8 : 16));
	if (g_create_cq(g, dir, depth, vector, q->cring, &a))
		abort();
	q->cq = a.u.create_cq.cq_idx;
	q->unmask = a.u.create_cq.unmask;
	if (g_create_sq(g, dir, q->cq, depth, llq ? SQ_LLQ : SQ_HOST, q->ring,
			&a))
		abort();
	q->sq = a.u.create_sq.sq_idx;
	q->db = a.u.create_sq.doorbell;
	q->at = a.u.create_sq.llq_descs;
}

void g_table(struct guest *g, const u16 *queue, u32 n)
{
	u16 entry[128][2] = { 0 };
	union aq_entry c = { 0 };
	u32 i;

	for (i = 0; i < 128; i++)
		entry[i][0] = queue[i % n];
	c.feature.u.table.size = 7;
	c.feature.u.table.inline_index = ~0U;
	if (g_set(g, FEAT_RSS_TABLE, g_put(g, entry, sizeof(entry)),
		  sizeof(entry), &c))
		abort();
}

void g_key(struct guest *g, const u8 *key)
{
	struct rss_key k = { .parts = 10 };
	union aq_entry c = { 0 };

	memcpy(k.key, key, 40);
	c.feature.u.func.selected = 2;
	if (g_set(g, FEAT_RSS_FUNC, g_put(g, &k, sizeof(k)), sizeof(k), &c))
		abort();
}

void g_fields(struct guest *g, u16 l4, u16 l3)
{
	struct rss_input in = { 0 };
	union aq_entry c = { 0 };

	in.selected[RSS_TCP4].fields = l4;
	in.selected[RSS_UDP4].fields = l4;
	in.selected[RSS_TCP6].fields = l4;
	in.selected[RSS_UDP6].fields = l4;
	in.selected[RSS_IP4].fields = l3;
	in.selected[RSS_IP6].fields = l3;
	in.selected[RSS_IP4_FRAG].fields = l3;
	if (g_set(g, FEAT_RSS_INPUT, g_put(g, &in, sizeof(in)), sizeof(in), &c))
		abort();
}

/* Phase 1 in the first round; position counts descriptors or lines */
static u32 phase(const struct gq *q, u16 at)
{
	return at / q->depth % 2 ? 0 : 1;
}

void g_tx_desc(struct guest *g, struct gq *q, struct tx_desc *t)
{
	t->w0 = (t->w0 & ~TXD_PHASE) | phase(q, q->tail) << 24;
	memcpy(g_ptr(g, q->ring + q->tail % q->depth * 16), t, sizeof(*t));
	q->tail++;
}

static u32 meta_desc(struct tx_desc *t, const struct g_tx *x)
{
	if (!x->meta)
		return 0;
	t->w0 = TXD_META | TXM_EXT_VALID | TXM_EXT | TXM_STORE | TXD_FIRST |
		(x->mss >> 10 & 0xf) << 16;
	t->w2 = x->l3_len | x->l3_off << 8 | x->l4_words << 16 | x->mss << 22;
	return 1;
}

/* The lines of one packet: two descriptors and the header, then all others */
static void llq_put(struct guest *g, struct gq *q, const struct tx_desc *t,
		    u32 n, const struct g_tx *x)
{
	u32 i = 0, left = 2, slot;
	struct tx_desc one;
	u8 *line;

	while (i < n) {
		line = g->d.env.llq + q->at + q->tail % q->depth * q->line;
		memset(line, 0, q->line);
		if (!i)
			memcpy(line + 32, x->data, x->push);
		for (slot = 0; slot < left && i < n; slot++, i++) {
			one = t[i];
			one.w0 |= phase(q, q->tail) << 24;
			memcpy(line + 16 * slot, &one, sizeof(one));
		}
		left = q->line / 16;
		q->tail++;
	}
}

u16 g_tx_put(struct guest *g, struct gq *q, const struct g_tx *x)
{
	u32 part = x->part ? x->part : x->len, off = x->push, n, first, i;
	struct tx_desc t[80] = { 0 };
	u16 id = q->id;
	u64 at;

	q->id = (q->id + 1) % q->depth;
	first = meta_desc(&t[0], x);
	n = first;
	t[n].w1 = x->w1 | (u32)(id & 0x3ff) << TXD_ID_LO_SHIFT;
	t[n].w0 = TXD_COMP | (u32)(id >> 10) << TXD_ID_HI_SHIFT;
	t[n].w3 = x->push << TXD_HDR_SHIFT;
	if (!first)
		t[n].w0 |= TXD_FIRST;
	do {
		if (n == ARRAY_SIZE(t))
			abort();
		part = min(part, x->len - off);
		at = g_put(g, x->data + off, part);
		t[n].w0 |= part;
		t[n].w2 = part ? at : 0;
		t[n].w3 |= part ? at >> 32 : 0;
		off += part;
		n++;
	} while (off < x->len);
	t[n - 1].w0 |= TXD_LAST;
	if (q->llq) {
		llq_put(g, q, t, n, x);
		return id;
	}
	for (i = 0; i < n; i++)
		g_tx_desc(g, q, &t[i]);
	return id;
}

u16 g_tx(struct guest *g, struct gq *q, const struct g_tx *x)
{
	u16 id = g_tx_put(g, q, x);

	g_db(g, q);
	return id;
}

u16 g_send(struct guest *g, struct gq *q, const u8 *data, u32 len)
{
	struct g_tx x = { .data = data, .len = len };

	x.push = q->llq ? min(len, 96U) : 0;
	return g_tx(g, q, &x);
}

int g_tx_done(struct guest *g, struct gq *q)
{
	struct tx_cdesc c;

	memcpy(&c, g_ptr(g, q->cring + q->head % q->depth * 8), 8);
	if ((c.flags & 1) != phase(q, q->head))
		return -1;
	q->head++;
	return c.req_id;
}

u16 g_rx_put(struct guest *g, struct gq *q, u64 addr, u32 len)
{
	struct rx_desc r = { .length = len, .ctrl = 0x1c };
	u16 id = q->id;

	q->id = (q->id + 1) % q->depth;
	if (id < G_DEPTH)
		q->buf[id] = addr;
	r.ctrl |= phase(q, q->tail);
	r.req_id = id;
	r.addr_lo = addr;
	r.addr_hi = addr >> 32;
	memcpy(g_ptr(g, q->ring + q->tail % q->depth * 16), &r, sizeof(r));
	q->tail++;
	return id;
}

void g_post(struct guest *g, struct gq *q, u32 n, u32 len)
{
	while (n--)
		g_rx_put(g, q, g_alloc(g, len), len);
	g_db(g, q);
}

bool g_rx(struct guest *g, struct gq *q, struct g_rx *r)
{
	u16 head = q->head;
	struct rx_cdesc c;
	u32 off;

	r->n = 0;
	r->len = 0;
	do {
		memcpy(&c, g_ptr(g, q->cring + q->head % q->depth * 16), 16);
		if ((c.status >> 24 & 1) != phase(q, q->head) || r->n == 64) {
			q->head = head;
			return false;
		}
		off = 0;
		if (!r->n) {
			r->first = c.status;
			r->offset = c.offset;
			off = c.offset;
		}
		r->id[r->n] = c.req_id;
		r->part[r->n++] = c.length;
		if (c.req_id < G_DEPTH && r->len + c.length <= sizeof(r->data))
			mem_read(&g->mem, q->buf[c.req_id] + off,
				 r->data + r->len, c.length);
		r->len += c.length;
		q->head++;
	} while (!(c.status & RXC_LAST));
	r->status = c.status;
	r->hash = c.hash;
	return true;
}

int g_inject(struct guest *g, const u8 *data, u32 len)
{
	struct pkt p = { 0 };
	int rc;

	if (pkt_add(&p, data, len))
		abort();
	pkt_parse(&p);
	rc = ena_rx(&g->d, &p);
	ena_intr_flush(&g->d);
	return rc;
}

u64 g_tick(struct guest *g, u64 ns)
{
	u64 next;

	g->now += ns;
	next = ena_tick(&g->d, g->now);
	ena_intr_flush(&g->d);
	return next;
}

u16 ref_sum(const u8 *p, u32 len, u16 sum)
{
	u32 s = sum, i;

	for (i = 0; i < len; i++) {
		s += i % 2 ? p[i] : p[i] * 256;
		if (s > 0xffff)
			s -= 0xffff;
	}
	return s;
}

static u16 ref_pseudo(const u8 *ip, u32 l4_len)
{
	u8 rest[4] = { 0, 0, l4_len >> 8, l4_len };
	bool v6 = ip[0] >> 4 == 6;
	u16 s;

	rest[1] = v6 ? ip[6] : ip[9];
	s = v6 ? ref_sum(ip + 8, 32, 0) : ref_sum(ip + 12, 8, 0);
	return ref_sum(rest, 4, s);
}

u16 ref_l4(const u8 *f, u32 len)
{
	const u8 *ip = f + 14;
	u32 head = ip[0] >> 4 == 6 ? 40 : (ip[0] & 15) * 4;

	return ref_sum(ip + head, len - 14 - head,
		       ref_pseudo(ip, len - 14 - head));
}

bool ref_good(const u8 *f, u32 len)
{
	const u8 *ip = f + 14;

	if (ip[0] >> 4 == 6)
		return ip[4] * 256U + ip[5] == len - 54 &&
			ref_l4(f, len) == 0xffff;
	return ip[2] * 256U + ip[3] == len - 14 &&
		ref_sum(ip, (ip[0] & 15) * 4, 0) == 0xffff &&
		ref_l4(f, len) == 0xffff;
}

static void be16(u8 *p, u32 v)
{
	p[0] = v >> 8;
	p[1] = v;
}

u32 f_head(const struct flow *f)
{
	u32 l4 = f->proto == 6 ? 20 + f->tcp_opts : f->proto == 17 ? 8 : 0;

	return 14 + (f->v6 ? 40 : 20) + l4;
}

static void f_l4(u8 *l4, const struct flow *f, u32 l4_len)
{
	if (f->proto != 6 && f->proto != 17)
		return;
	be16(l4, f->sport);
	be16(l4 + 2, f->dport);
	if (f->proto == 17) {
		be16(l4 + 4, l4_len);
		return;
	}
	be16(l4 + 4, f->seq >> 16);
	be16(l4 + 6, f->seq);
	l4[12] = (20 + f->tcp_opts) / 4 << 4;
	l4[13] = f->tcp_flags;
	be16(l4 + 14, 0x1000);
	memset(l4 + 20, 1, f->tcp_opts);
}

u32 f_make(u8 *to, const struct flow *f, u32 len, bool csum)
{
	u32 head = f_head(f), l3 = f->v6 ? 40 : 20, total = head + len, i;
	u32 l4_len = total - 14 - l3;
	u8 *ip = to + 14, *l4 = ip + l3, *at;
	u16 sum;

	memset(to, 0, head);
	memcpy(to, "\2\16\12\0\0\2\2\16\12\0\0\1", 12);
	be16(to + 12, f->v6 ? 0x86dd : 0x0800);
	if (f->v6) {
		ip[0] = 0x60;
		be16(ip + 4, min(l4_len, 65535U));
		ip[6] = f->proto;
		ip[7] = 64;
		memcpy(ip + 8, f->src, 16);
		memcpy(ip + 24, f->dst, 16);
	} else {
		ip[0] = 0x45;
		be16(ip + 2, min(total - 14, 65535U));
		be16(ip + 4, f->ip_id);
		ip[8] = 64;
		ip[9] = f->proto;
		memcpy(ip + 12, f->src, 4);
		memcpy(ip + 16, f->dst, 4);
		be16(ip + 10, 0xffff - ref_sum(ip, 20, 0));
	}
	f_l4(l4, f, l4_len);
	for (i = 0; i < len; i++)
		to[head + i] = i * 7 + (i >> 8) + 1;
	if (f->proto != 6 && f->proto != 17)
		return total;
	at = l4 + (f->proto == 6 ? 16 : 6);
	be16(at, ref_pseudo(ip, l4_len));
	if (!csum)
		return total;
	be16(at, 0);
	sum = 0xffff - ref_l4(to, total);
	be16(at, !sum && f->proto == 17 ? 0xffff : sum);
	return total;
}
