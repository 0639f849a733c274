// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of admin.c, queue.c, feature.c and stats.c: every command, what is
 * refused and with which status, and the rings over several rounds.
 */
#include <stdlib.h>
#include <string.h>

#include "guest.h"

static void test_phase_wrap(void)
{
	static const u32 depth[] = { 1, 2, 32, 1024 };
	struct acq_entry a;
	unsigned int i, n;
	struct guest *g;

	for (i = 0; i < ARRAY_SIZE(depth); i++) {
		g = g_new("");
		CHECK(g_reset(g, 0));
		g_admin(g, depth[i]);
		for (n = 0; n < 5 * depth[i] + 3; n++) {
			CHECK(g_get(g, FEAT_DEV_ATTR, 0, 0, &a) == ST_OK);
			CHECK(a.u.attr.max_mtu == 9216);
			CHECK(a.sq_head == g->aq_tail);
		}
		CHECK(!g_answer(g, &a));
		g_free(g);
	}
}

/* 65536 commands: the free-running indices wrap, too */
static void test_index_wrap(void)
{
	struct guest *g = g_up("");
	unsigned int n, wrong = 0;

	for (n = 0; n < 66000; n++)
		wrong += g_get(g, FEAT_DEV_ATTR, 0, 0, NULL) != ST_OK;
	CHECK(wrong == 0);
	g_free(g);
}

static void test_batch(void)
{
	struct guest *g = g_up("");
	union aq_entry c = { 0 };
	struct acq_entry a;
	u16 first, i;

	/* A doorbell for many: all are answered, in order */
	g_get(g, FEAT_DEV_ATTR, 0, 0, NULL);
	c.common.opcode = OP_GET_FEATURE;
	c.feature.feat.id = FEAT_MTU;
	first = g->aq_tail;
	for (i = 0; i < 32; i++) {
		c.common.id = 0x800 + i;
		c.common.flags = (first + i) / 32 % 2 ? 0 : 1;
		memcpy(g_ptr(g, g->aq + (first + i) % 32 * 64), &c, 64);
	}
	g->aq_tail += 32;
	g_write(g, REG_AQ_DB, g->aq_tail);
	for (i = 0; i < 32; i++) {
		CHECK(g_answer(g, &a));
		CHECK(a.id == 0x800 + i && a.status == ST_UNSUPPORTED);
	}
	CHECK(!g_answer(g, &a));
	g_free(g);
}

static void test_bad_doorbell(void)
{
	struct guest *g = g_up("");
	u64 before = g->d.count.admin_cmd;

	g_write(g, REG_AQ_DB, g->aq_tail + 33);
	g_write(g, REG_AQ_DB, g->aq_tail - 1);
	g_write(g, REG_AQ_DB, g->aq_tail);
	/* Not written yet: the phase tells */
	g_write(g, REG_AQ_DB, g->aq_tail + 1);
	CHECK(g->d.count.admin_cmd == before && g->warns == 1);
	CHECK(g_get(g, FEAT_DEV_ATTR, 0, 0, NULL) == ST_OK);
	g_free(g);
}

static void test_queue_not_granted(void)
{
	struct guest *g = g_up("");
	u64 aq = g->aq;

	g_write(g, REG_AQ_BASE_HI, 7);
	CHECK(g_get(g, FEAT_DEV_ATTR, 0, 0, NULL) == G_SILENT);
	CHECK(g->d.count.dma_fault == 1);
	g_write(g, REG_AQ_BASE_HI, aq >> 32);
	g_write(g, REG_AQ_DB, g->aq_tail);
	CHECK(g_answer(g, &(struct acq_entry){ 0 }));
	g_write(g, REG_ACQ_BASE_HI, 7);
	CHECK(g_get(g, FEAT_DEV_ATTR, 0, 0, NULL) == G_SILENT);
	CHECK(g->d.count.dma_fault == 2);
	g->d.bus_master = false;
	CHECK(g_get(g, FEAT_DEV_ATTR, 0, 0, NULL) == G_SILENT);
	CHECK(g->d.count.dma_disabled == 1);
	g_free(g);
}

static void test_opcodes(void)
{
	struct guest *g = g_up("");
	union aq_entry c = { 0 };
	struct acq_entry a;
	u32 op, i;

	for (op = 0; op < 256; op++) {
		if ((op >= 1 && op <= 4) || op == 8 || op == 9 || op == 11)
			continue;
		memset(&c, 0xff, sizeof(c));
		c.common.opcode = op;
		CHECK(g_cmd(g, &c, &a) == ST_BAD_OPCODE);
		for (i = 0; i < 14; i++)
			CHECK(a.u.raw[i] == 0);
	}
	CHECK(g->d.count.admin_bad == 249);
	g_free(g);
}

static void test_attributes(void)
{
	struct guest *g = g_up("mac=02:01:02:03:04:05 max-mtu=1500 caps=5 "
			       "dma-bits=40");
	struct acq_entry a;

	CHECK(g_get(g, FEAT_DEV_ATTR, 0, 0, &a) == ST_OK);
	CHECK(!memcmp((u8 *)&a + 32, "\2\1\2\3\4\5", 6));
	CHECK(a.u.attr.max_mtu == 1500 && a.u.attr.caps == 5);
	CHECK(a.u.attr.features == FEATURES_FULL);
	CHECK(a.u.attr.phys_bits == 40);
	g_free(g);
	g = g_up("no-llq");
	CHECK(g_get(g, FEAT_DEV_ATTR, 0, 0, &a) == ST_OK);
	CHECK(a.u.attr.features == (FEATURES_FULL & ~BIT(FEAT_LLQ)));
	CHECK(g_get(g, FEAT_LLQ, 0, 0, &a) == ST_UNSUPPORTED);
	CHECK(g_llq(g, LLQ_ENTRY_128, 0) == ST_UNSUPPORTED);
	g_free(g);
}

static void test_limits(void)
{
	struct guest *g = g_up("queues=5 depth=512 llq-depth=256 header=96 "
			       "tx-descs=17 rx-descs=11 features=0xffffffff "
			       "intr-resolution=2 link-speed=25000");
	struct acq_entry a;

	CHECK(g_get(g, FEAT_MAX_QUEUES_EXT, 0, 0, &a) == ST_OK);
	CHECK(a.u.queues_ext.version == 1);
	CHECK(a.u.queues_ext.tx_sq_num == 5 && a.u.queues_ext.rx_cq_num == 5);
	CHECK(a.u.queues_ext.tx_sq_depth == 512);
	CHECK(a.u.queues_ext.header_size == 96);
	CHECK(a.u.queues_ext.tx_descs == 17 && a.u.queues_ext.rx_descs == 11);
	CHECK(g_get(g, FEAT_MAX_QUEUES, 0, 0, &a) == ST_OK);
	CHECK(a.u.queues.sq_num == 5 && a.u.queues.cq_depth == 512);
	CHECK(a.u.queues.tx_descs == 17 && a.u.queues.rx_descs == 11);
	CHECK(g_get(g, FEAT_LLQ, 0, 0, &a) == ST_OK);
	CHECK(a.u.llq.max_num == 5 && a.u.llq.max_depth == 256);
	CHECK(a.u.llq.entry_supported == (LLQ_ENTRY_128 | LLQ_ENTRY_256));
	CHECK(g_get(g, FEAT_INTR_MODER, 0, 0, &a) == ST_OK);
	CHECK(a.u.moder.resolution == 2);
	CHECK(g_get(g, FEAT_LINK, 0, 0, &a) == ST_OK);
	CHECK(a.u.link.speed == 25000);
	CHECK(g_get(g, FEAT_RSS_TABLE, 0, 0, &a) == ST_OK);
	CHECK(a.u.table.min_size <= 7 && a.u.table.max_size >= 7);
	g_free(g);
}

static void test_hints(void)
{
	struct guest *g = g_up("hint-mmio=1 hint-watchdog=2 hint-tx-compl=3 "
			       "hint-tx-thresh=4 hint-admin=5 hint-netdev-wd=6 "
			       "hint-tx-sgl=7 hint-rx-sgl=65535");
	static const u16 want[] = { 1, 2, 3, 4, 5, 6, 7, 65535 };
	struct acq_entry a;

	CHECK(g_get(g, FEAT_HW_HINTS, 0, 0, &a) == ST_OK);
	CHECK(!memcmp(a.u.hints, want, sizeof(want)));
	g_free(g);
}

static void test_features_unsupported(void)
{
	struct guest *g = g_up("features=0x0c004806");
	static const u8 on[] = { 1, 2, 11, 26, 27 };
	union aq_entry c = { 0 };
	struct acq_entry a;
	u32 id, i, found;

	for (id = 0; id < 256; id++) {
		for (found = 0, i = 0; i < ARRAY_SIZE(on); i++)
			found |= on[i] == id;
		CHECK(g_get(g, id, 0, 0, &a) ==
		      (found ? ST_OK : ST_UNSUPPORTED));
		memset(&c, 0, sizeof(c));
		c.feature.u.aenq[1] = 1;
		found = id == FEAT_MTU || id == FEAT_AENQ;
		CHECK(g_set(g, id, 0, 0, &c) ==
		      (found ? ST_OK : ST_UNSUPPORTED));
	}
	g_free(g);
}

static void test_mtu(void)
{
	struct guest *g = g_up("max-mtu=2000");

	CHECK(g_set_word(g, FEAT_MTU, 0, 2000) == ST_OK);
	CHECK(g->d.mtu == 2000);
	CHECK(g_set_word(g, FEAT_MTU, 0, 2001) == ST_ILLEGAL);
	CHECK(g_set_word(g, FEAT_MTU, 0, ~0U) == ST_ILLEGAL);
	CHECK(g->d.mtu == 2000);
	g_free(g);
}

static void test_aenq_groups(void)
{
	struct guest *g = g_up("groups=0x9");
	struct acq_entry a;

	CHECK(g->d.aenq_groups == 0x9);
	CHECK(g_set_word(g, FEAT_AENQ, 1, 0x1f) == ST_ILLEGAL);
	CHECK(g->d.aenq_groups == 0x9);
	g_free(g);
	g = g_up("clock");
	CHECK(!g_get(g, FEAT_AENQ, 0, 0, &a) && a.u.aenq[0] == 0x1f);
	g_free(g);
	/* Keep-alives come with time: none without a clock */
	g = g_up("");
	CHECK(g_set_word(g, FEAT_AENQ, 1, 0x10) == ST_ILLEGAL);
	CHECK(g_set_word(g, FEAT_AENQ, 1, 0x20) == ST_ILLEGAL);
	CHECK(g_set_word(g, FEAT_AENQ, 1, 0x9) == ST_OK);
	CHECK(g_get(g, FEAT_AENQ, 0, 0, &a) == ST_OK);
	CHECK(a.u.aenq[0] == 0xf && a.u.aenq[1] == 0x9);
	g_free(g);
}

static void test_create_cq(void)
{
	static const u16 depth[] = { 0, 1, 8, 15, 17, 255, 257, 1024, 32768 };
	struct guest *g = g_up("queues=2 depth=512");
	u64 base = g_alloc(g, 8192);
	union aq_entry c = { 0 };
	struct acq_entry a;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(depth); i++)
		CHECK(g_create_cq(g, SQ_DIR_TX, depth[i], 1, base, &a) ==
		      ST_ILLEGAL);
	CHECK(g_create_cq(g, SQ_DIR_TX, 256, 0, base, &a) == ST_ILLEGAL);
	CHECK(g_create_cq(g, SQ_DIR_TX, 256, ENA_VECTORS_MAX, base, &a) ==
	      ST_ILLEGAL);
	CHECK(g_create_cq(g, SQ_DIR_TX, 256, ~0U, base, &a) == ST_ILLEGAL);
	/* Words of an entry: 2 for TX, 4 for RX, nothing else */
	for (i = 0; i < 32; i++) {
		if (i == 2 || i == 4)
			continue;
		c.common.opcode = OP_CREATE_CQ;
		c.create_cq.caps_1 = CQ_INTR;
		c.create_cq.caps_2 = i;
		c.create_cq.depth = 256;
		c.create_cq.vector = 1;
		CHECK(g_cmd(g, &c, &a) == ST_ILLEGAL);
	}
	CHECK(g_create_cq(g, SQ_DIR_TX, 512, 1, base, &a) == ST_OK);
	CHECK(a.u.create_cq.depth == 512);
	CHECK(g_create_cq(g, SQ_DIR_TX, 512, 32, base, &a) == ST_OK);
	CHECK(g_create_cq(g, SQ_DIR_TX, 512, 1, base, &a) == ST_NO_RESOURCE);
	CHECK(g_create_cq(g, SQ_DIR_RX, 16, 1, base, &a) == ST_OK);
	CHECK(g_create_cq(g, SQ_DIR_RX, 16, 1, base, &a) == ST_OK);
	CHECK(g_create_cq(g, SQ_DIR_RX, 16, 1, base, &a) == ST_NO_RESOURCE);
	g_free(g);
}

static void test_create_sq(void)
{
	struct guest *g = g_up("queues=1 depth=512 llq-depth=256");
	u64 base = g_alloc(g, 8192);
	union aq_entry c = { 0 };
	struct acq_entry a;
	u16 tx, rx;

	CHECK(g_create_sq(g, 1, 0, 256, SQ_HOST, base, &a) == ST_ILLEGAL);
	CHECK(!g_create_cq(g, SQ_DIR_TX, 512, 1, base, &a));
	tx = a.u.create_cq.cq_idx;
	CHECK(!g_create_cq(g, SQ_DIR_RX, 512, 1, base, &a));
	rx = a.u.create_cq.cq_idx;
	CHECK(tx != rx);
	/* Unknown CQ, wrong direction, no direction */
	CHECK(g_create_sq(g, 1, 64, 256, SQ_HOST, base, &a) == ST_ILLEGAL);
	CHECK(g_create_sq(g, 1, 0xffff, 256, SQ_HOST, base, &a) == ST_ILLEGAL);
	CHECK(g_create_sq(g, 1, 5, 256, SQ_HOST, base, &a) == ST_ILLEGAL);
	CHECK(g_create_sq(g, 1, rx, 256, SQ_HOST, base, &a) == ST_ILLEGAL);
	CHECK(g_create_sq(g, 2, tx, 256, SQ_HOST, base, &a) == ST_ILLEGAL);
	CHECK(g_create_sq(g, 0, tx, 256, SQ_HOST, base, &a) == ST_ILLEGAL);
	CHECK(g_create_sq(g, 3, tx, 256, SQ_HOST, base, &a) == ST_ILLEGAL);
	/* Depth and place */
	CHECK(g_create_sq(g, 1, tx, 250, SQ_HOST, base, &a) == ST_ILLEGAL);
	CHECK(g_create_sq(g, 1, tx, 1024, SQ_HOST, base, &a) == ST_ILLEGAL);
	CHECK(g_create_sq(g, 1, tx, 8, SQ_HOST, base, &a) == ST_ILLEGAL);
	CHECK(g_create_sq(g, 1, tx, 256, 0, base, &a) == ST_ILLEGAL);
	CHECK(g_create_sq(g, 1, tx, 256, 2, base, &a) == ST_ILLEGAL);
	CHECK(g_create_sq(g, 1, tx, 256, SQ_LLQ, 0, &a) == ST_ILLEGAL);
	CHECK(!g_llq(g, LLQ_ENTRY_128, 0));
	CHECK(g_create_sq(g, 1, tx, 512, SQ_LLQ, 0, &a) == ST_ILLEGAL);
	CHECK(g_create_sq(g, 2, rx, 256, SQ_LLQ, 0, &a) == ST_ILLEGAL);
	/* Not in one piece */
	c.common.opcode = OP_CREATE_SQ;
	c.create_sq.identity = SQ_DIR_TX << 5;
	c.create_sq.caps_2 = SQ_HOST;
	c.create_sq.cq_idx = tx;
	c.create_sq.depth = 256;
	CHECK(g_cmd(g, &c, &a) == ST_ILLEGAL);
	CHECK(g_create_sq(g, 1, tx, 256, SQ_LLQ, 0, &a) == ST_OK);
	CHECK(g_create_sq(g, 1, tx, 256, SQ_HOST, base, &a) == ST_NO_RESOURCE);
	CHECK(g_create_sq(g, 2, rx, 512, SQ_HOST, base, &a) == ST_OK);
	CHECK(g_create_sq(g, 2, rx, 512, SQ_HOST, base, &a) == ST_NO_RESOURCE);
	g_free(g);
}

static void test_destroy(void)
{
	struct guest *g = g_up("queues=4");
	struct gq tx, rx;

	g_queue(g, &tx, SQ_DIR_TX, 256, 1, false);
	g_queue(g, &rx, SQ_DIR_RX, 256, 1, false);
	CHECK(g_destroy_cq(g, tx.cq) == ST_BUSY);
	CHECK(g_destroy_cq(g, rx.cq) == ST_BUSY);
	CHECK(g_destroy_cq(g, 64) == ST_ILLEGAL);
	CHECK(g_destroy_cq(g, 0xffff) == ST_ILLEGAL);
	CHECK(g_destroy_cq(g, 9) == ST_ILLEGAL);
	CHECK(g_destroy_sq(g, SQ_DIR_TX, 32) == ST_ILLEGAL);
	CHECK(g_destroy_sq(g, SQ_DIR_TX, 1) == ST_ILLEGAL);
	CHECK(g_destroy_sq(g, 0, 0) == ST_ILLEGAL);
	CHECK(g_destroy_sq(g, 3, 0) == ST_ILLEGAL);
	CHECK(g_destroy_sq(g, SQ_DIR_TX, tx.sq) == ST_OK);
	CHECK(g_destroy_sq(g, SQ_DIR_TX, tx.sq) == ST_ILLEGAL);
	CHECK(g_destroy_cq(g, tx.cq) == ST_OK);
	CHECK(g_destroy_cq(g, tx.cq) == ST_ILLEGAL);
	CHECK(g_destroy_cq(g, rx.cq) == ST_BUSY);
	CHECK(g_destroy_sq(g, SQ_DIR_RX, rx.sq) == ST_OK);
	CHECK(g_destroy_sq(g, SQ_DIR_RX, rx.sq) == ST_ILLEGAL);
	CHECK(g_destroy_cq(g, rx.cq) == ST_OK);
	/* A doorbell of a queue that is no more does nothing */
	g_write(g, tx.db, 5);
	g_write(g, rx.db, 5);
	CHECK(g->d.count.tx_doorbell == 0 && g->d.count.rx_doorbell == 0);
	g_free(g);
}

static void test_shared_cq(void)
{
	struct guest *g = g_up("queues=4");
	struct acq_entry a;
	struct gq tx;

	g_queue(g, &tx, SQ_DIR_TX, 256, 1, false);
	CHECK(!g_create_sq(g, 1, tx.cq, 256, SQ_HOST, tx.ring, &a));
	CHECK(a.u.create_sq.sq_idx != tx.sq);
	CHECK(g_destroy_sq(g, SQ_DIR_TX, tx.sq) == ST_OK);
	CHECK(g_destroy_cq(g, tx.cq) == ST_BUSY);
	CHECK(!g_destroy_sq(g, SQ_DIR_TX, a.u.create_sq.sq_idx));
	CHECK(g_destroy_cq(g, tx.cq) == ST_OK);
	g_free(g);
}

static void test_all_queues_again(void)
{
	struct guest *g = g_up("queues=32 ram=0x4000000");
	struct gq q[2][32];
	u32 round, i, dir;
	u32 seen[64];

	for (round = 0; round < 3; round++) {
		memset(seen, 0, sizeof(seen));
		for (i = 0; i < 32; i++) {
			g_queue(g, &q[0][i], SQ_DIR_TX, 256, 1 + i, false);
			g_queue(g, &q[1][i], SQ_DIR_RX, 256, 1 + i, false);
			CHECK(q[0][i].unmask == q[1][i].unmask);
		}
		for (i = 0; i < 32; i++) {
			for (dir = 0; dir < 2; dir++) {
				seen[q[dir][i].cq]++;
				CHECK(!g_destroy_sq(g, dir + 1,
						    q[dir][i].sq));
				CHECK(!g_destroy_cq(g, q[dir][i].cq));
			}
		}
		for (i = 0; i < 64; i++)
			CHECK(seen[i] == 1);
	}
	g_free(g);
}

static void test_llq(void)
{
	struct guest *g = g_up("llq-entry=128");
	union aq_entry c = { 0 };
	struct acq_entry a;

	CHECK(g_llq(g, LLQ_ENTRY_256, 0) == ST_ILLEGAL);
	CHECK(g_llq(g, 0, 0) == ST_ILLEGAL);
	CHECK(g_llq(g, 3, 0) == ST_ILLEGAL);
	CHECK(g_set(g, FEAT_LLQ, 0, 0, &c) == ST_ILLEGAL);
	c.feature.u.llq.location_enabled = LLQ_INLINE_HEADER;
	c.feature.u.llq.entry_enabled = LLQ_ENTRY_128;
	c.feature.u.llq.before_header_enabled = 4;
	c.feature.u.llq.stride_enabled = LLQ_MULTI_DESC;
	CHECK(g_set(g, FEAT_LLQ, 0, 0, &c) == ST_ILLEGAL);
	c.feature.u.llq.before_header_enabled = 2;
	c.feature.u.llq.stride_enabled = 1;
	CHECK(g_set(g, FEAT_LLQ, 0, 0, &c) == ST_ILLEGAL);
	CHECK(!g->d.llq_on);
	CHECK(!g_get(g, FEAT_LLQ, 0, 0, &a) && !a.u.llq.entry_enabled);
	CHECK(g_llq(g, LLQ_ENTRY_128, 0) == ST_OK);
	CHECK(g->d.llq_on);
	CHECK(!g_get(g, FEAT_LLQ, 0, 0, &a));
	CHECK(a.u.llq.entry_enabled == LLQ_ENTRY_128);
	CHECK(a.u.llq.stride_enabled == LLQ_MULTI_DESC);
	g_free(g);
}

static int set_table(struct guest *g, u16 queue, u16 log, u32 index, u32 len)
{
	u16 entry[128][2] = { 0 };
	union aq_entry c = { 0 };

	entry[127][0] = queue;
	c.feature.u.table.size = log;
	c.feature.u.table.inline_index = index;
	return g_set(g, FEAT_RSS_TABLE, g_put(g, entry, sizeof(entry)), len,
		     &c);
}

static void test_rss_table(void)
{
	struct guest *g = g_up("queues=4");
	union aq_entry c = { 0 };
	struct gq rx[2];

	CHECK(set_table(g, 0, 7, ~0U, 512) == ST_ILLEGAL);
	g_queue(g, &rx[0], SQ_DIR_RX, 256, 1, false);
	g_queue(g, &rx[1], SQ_DIR_RX, 256, 2, false);
	CHECK(set_table(g, 2, 7, ~0U, 512) == ST_ILLEGAL);
	CHECK(set_table(g, 32, 7, ~0U, 512) == ST_ILLEGAL);
	CHECK(set_table(g, 0xffff, 7, ~0U, 512) == ST_ILLEGAL);
	CHECK(set_table(g, 1, 6, ~0U, 512) == ST_ILLEGAL);
	CHECK(set_table(g, 1, 8, ~0U, 512) == ST_ILLEGAL);
	CHECK(set_table(g, 1, 7, 3, 512) == ST_UNSUPPORTED);
	CHECK(set_table(g, 1, 7, ~0U, 508) == ST_ILLEGAL);
	CHECK(!g->d.rss.table_set);
	c.feature.u.table.size = 7;
	c.feature.u.table.inline_index = ~0U;
	CHECK(g_set(g, FEAT_RSS_TABLE, 1ULL << 40, 512, &c) == ST_MALFORMED);
	CHECK(g->d.count.dma_fault == 1);
	CHECK(set_table(g, 1, 7, ~0U, 512) == ST_OK);
	CHECK(g->d.rss.table[127] == 1 && g->d.rss.table[0] == 0);
	/* A refused one leaves the old */
	CHECK(set_table(g, 3, 7, ~0U, 512) == ST_ILLEGAL);
	CHECK(g->d.rss.table_set && g->d.rss.table[127] == 1);
	g_free(g);
}

static int set_key(struct guest *g, u32 parts, u32 len, u32 func)
{
	struct rss_key k = { .parts = parts, .key = { 1, 2, 3 } };
	union aq_entry c = { 0 };

	c.feature.u.func.selected = func;
	return g_set(g, FEAT_RSS_FUNC, g_put(g, &k, sizeof(k)), len, &c);
}

static void test_rss_key(void)
{
	struct guest *g = g_up("");
	union aq_entry c = { 0 };
	struct rss_key *k, old;
	struct acq_entry a;
	u64 at;

	old = g->d.rss.key;
	CHECK(set_key(g, 9, 48, 2) == ST_ILLEGAL);
	CHECK(set_key(g, 11, 48, 2) == ST_ILLEGAL);
	CHECK(set_key(g, 10, 47, 2) == ST_ILLEGAL);
	CHECK(set_key(g, 10, 0, 2) == ST_ILLEGAL);
	CHECK(set_key(g, 10, 48, 1) == ST_ILLEGAL);
	CHECK(set_key(g, 10, 48, 4) == ST_ILLEGAL);
	c.feature.u.func.selected = 2;
	CHECK(g_set(g, FEAT_RSS_FUNC, 0, 48, &c) == ST_MALFORMED);
	CHECK(!memcmp(&old, &g->d.rss.key, sizeof(old)));
	CHECK(set_key(g, 10, 48, 2) == ST_OK);
	at = g_alloc(g, 48);
	CHECK(g_get(g, FEAT_RSS_FUNC, at, 48, &a) == ST_OK);
	CHECK(a.u.func.supported & 2);
	k = g_ptr(g, at);
	CHECK(k->parts == 10 && k->key[0] == 1 && k->key[2] == 3);
	CHECK(g_get(g, FEAT_RSS_FUNC, 0, 0, &a) == ST_OK);
	CHECK(g_get(g, FEAT_RSS_FUNC, at, 47, &a) == ST_ILLEGAL);
	CHECK(g_get(g, FEAT_RSS_FUNC, 8, 48, &a) == ST_MALFORMED);
	g_free(g);
}

static void test_rss_input(void)
{
	struct rss_input in = { 0 }, *out;
	struct guest *g = g_up("");
	union aq_entry c = { 0 };
	struct acq_entry a;
	u64 at;

	at = g_alloc(g, sizeof(in));
	out = g_ptr(g, at);
	CHECK(g_get(g, FEAT_RSS_INPUT, at, sizeof(in), &a) == ST_OK);
	CHECK(out->supported[RSS_TCP4].fields == 0x3c);
	CHECK(out->supported[RSS_UDP6].fields == 0x3c);
	CHECK(out->supported[RSS_IP4].fields == 0xc);
	CHECK(out->supported[RSS_IP4_FRAG].fields == 0xc);
	CHECK(out->supported[RSS_NOT_IP].fields == 0x3);
	CHECK(g_get(g, FEAT_RSS_INPUT, at, 255, &a) == ST_ILLEGAL);
	CHECK(g_get(g, FEAT_RSS_INPUT, 0, 256, &a) == ST_MALFORMED);
	in.selected[RSS_UDP4].fields = 0x3c;
	CHECK(!g_set(g, FEAT_RSS_INPUT, g_put(g, &in, 256), 256, &c));
	CHECK(g->d.rss.selected[RSS_UDP4].fields == 0x3c);
	in.selected[RSS_IP4].fields = 0x3c;
	in.selected[RSS_UDP4].fields = 0;
	CHECK(g_set(g, FEAT_RSS_INPUT, g_put(g, &in, 256), 256, &c) ==
	      ST_ILLEGAL);
	CHECK(g_set(g, FEAT_RSS_INPUT, g_put(g, &in, 256), 128, &c) ==
	      ST_ILLEGAL);
	CHECK(g->d.rss.selected[RSS_UDP4].fields == 0x3c);
	CHECK(!g_get(g, FEAT_RSS_INPUT, at, sizeof(in), &a));
	CHECK(out->selected[RSS_UDP4].fields == 0x3c);
	CHECK(out->selected[RSS_IP4].fields == 0);
	g_free(g);
}

static void test_host_attr(void)
{
	u32 features = HOST_RX_OFFSET, at = HOST_INFO_FEATURES;
	struct guest *g = g_up("");
	union aq_entry c = { 0 };
	u64 info;

	CHECK(g_set(g, FEAT_HOST_ATTR, 0, 0, &c) == ST_OK);
	info = g_alloc(g, HOST_INFO_SIZE);
	memcpy((u8 *)g_ptr(g, info) + at, &features, 4);
	c.feature.u.host.info.lo = info;
	CHECK(g_set(g, FEAT_HOST_ATTR, 0, 0, &c) == ST_OK);
	CHECK(g->d.host_features == features);
	c.feature.u.host.info.hi = 9;
	CHECK(g_set(g, FEAT_HOST_ATTR, 0, 0, &c) == ST_MALFORMED);
	CHECK(g->d.host_features == features);
	g_free(g);
}

static int stats(struct guest *g, u8 type, u64 buf, u32 len, u32 want,
		 struct acq_entry *a)
{
	union aq_entry c = { 0 };

	c.common.opcode = OP_GET_STATS;
	c.stats.type = type;
	c.stats.buf.length = len;
	c.stats.buf.addr.lo = buf;
	c.stats.buf.addr.hi = buf >> 32;
	c.stats.metrics[0] = want;
	return g_cmd(g, &c, a);
}

static void test_stats(void)
{
	struct guest *g = g_up("");
	struct acq_entry a;
	unsigned int i;
	u64 at, *v;

	at = g_alloc(g, 48);
	v = g_ptr(g, at);
	g->d.count.tx_byte = 1ULL << 33;
	g->d.count.tx_packet = 2;
	g->d.count.rx_byte = 3;
	g->d.count.rx_packet = 4;
	g->d.count.rx_drop = 5;
	g->d.count.tx_drop = 6;
	CHECK(stats(g, STATS_BASIC, 0, 0, 0, &a) == ST_OK);
	CHECK(a.u.raw[0] == 0 && a.u.raw[1] == 2);
	for (i = 1; i < 6; i++)
		CHECK(a.u.raw64[i] == i + 1);
	for (i = 0; i < 5; i++)
		g->d.stats.eni[i] = 10 + i;
	g->d.stats.srd_flags = 1;
	g->d.stats.srd[3] = 23;
	for (i = 0; i < METRICS_NUM; i++)
		g->d.stats.metrics[i] = 30 + i;
	CHECK(stats(g, STATS_ENI, 0, 0, 0, &a) == ST_OK);
	CHECK(a.u.raw64[0] == 10 && a.u.raw64[4] == 14);
	CHECK(stats(g, STATS_SRD, 0, 0, 0, &a) == ST_OK);
	CHECK(a.u.raw64[0] == 1 && a.u.raw64[4] == 23);
	CHECK(stats(g, STATS_METRICS, 0, 0, ~0U, &a) == ST_OK);
	CHECK(a.u.raw64[0] == 0x3f);
	CHECK(stats(g, STATS_METRICS, at, 48, 0x3f, &a) == ST_OK);
	CHECK(v[0] == 30 && v[5] == 35);
	memset(v, 0, 48);
	/* What was asked for, without gaps */
	CHECK(stats(g, STATS_METRICS, at, 16, 0x24, &a) == ST_OK);
	CHECK(v[0] == 32 && v[1] == 35 && v[2] == 0);
	CHECK(stats(g, STATS_METRICS, at, 15, 0x24, &a) == ST_ILLEGAL);
	CHECK(stats(g, STATS_METRICS, 8, 48, 0x3f, &a) == ST_MALFORMED);
	CHECK(stats(g, STATS_EXTENDED, 0, 0, 0, &a) == ST_UNSUPPORTED);
	CHECK(stats(g, 99, 0, 0, 0, &a) == ST_UNSUPPORTED);
	g_free(g);
}

static void test_stats_without_caps(void)
{
	struct guest *g = g_up("caps=0");
	struct acq_entry a;

	CHECK(stats(g, STATS_BASIC, 0, 0, 0, &a) == ST_OK);
	CHECK(stats(g, STATS_ENI, 0, 0, 0, &a) == ST_UNSUPPORTED);
	CHECK(stats(g, STATS_SRD, 0, 0, 0, &a) == ST_UNSUPPORTED);
	CHECK(stats(g, STATS_METRICS, 0, 0, 1, &a) == ST_UNSUPPORTED);
	g_free(g);
}

static void test_minimal(void)
{
	struct guest *g = g_new("set=min");
	struct acq_entry a;
	struct gq tx, rx;

	CHECK(g_reset(g, 0));
	g_admin(g, 32);
	CHECK(g_get(g, FEAT_OFFLOAD, 0, 0, &a) == ST_OK);
	CHECK(a.u.offload.tx == 0 && a.u.offload.rx_supported == 0);
	g_queue(g, &tx, SQ_DIR_TX, 256, 1, false);
	g_queue(g, &rx, SQ_DIR_RX, 256, 1, false);
	CHECK(g_create_cq(g, SQ_DIR_TX, 256, 1, 0, &a) == ST_NO_RESOURCE);
	CHECK(g_get(g, FEAT_LLQ, 0, 0, &a) == ST_UNSUPPORTED);
	g_free(g);
}

int main(void)
{
	static const struct test t[] = {
		{ "admin_phase_wrap", test_phase_wrap },
		{ "admin_index_wrap", test_index_wrap },
		{ "admin_batch", test_batch },
		{ "admin_bad_doorbell", test_bad_doorbell },
		{ "admin_queue_not_granted", test_queue_not_granted },
		{ "admin_opcodes", test_opcodes },
		{ "admin_attributes", test_attributes },
		{ "admin_limits", test_limits },
		{ "admin_hints", test_hints },
		{ "admin_features_unsupported", test_features_unsupported },
		{ "admin_mtu", test_mtu },
		{ "admin_aenq_groups", test_aenq_groups },
		{ "admin_create_cq", test_create_cq },
		{ "admin_create_sq", test_create_sq },
		{ "admin_destroy", test_destroy },
		{ "admin_shared_cq", test_shared_cq },
		{ "admin_all_queues_again", test_all_queues_again },
		{ "admin_llq", test_llq },
		{ "admin_rss_table", test_rss_table },
		{ "admin_rss_key", test_rss_key },
		{ "admin_rss_input", test_rss_input },
		{ "admin_host_attr", test_host_attr },
		{ "admin_stats", test_stats },
		{ "admin_stats_without_caps", test_stats_without_caps },
		{ "admin_minimal", test_minimal },
	};

	return g_run(t, ARRAY_SIZE(t));
}
