// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of llq.c: packets from lines of the LLQ BAR.
 */
#include <string.h>

#include "guest.h"

static struct gq q;
static u8 data[20000];

static struct guest *up(const char *props, u16 entry, u16 depth)
{
	struct guest *g = g_up(props);
	u32 i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i * 3 + (i >> 6);
	data[12] = 0x88;
	data[13] = 0xb5;
	CHECK(!g_llq(g, entry, 0));
	g_queue(g, &q, SQ_DIR_TX, depth, 1, true);
	return g;
}

static bool is_frame(const struct guest *g, u32 i, const u8 *p, u32 len)
{
	return i < g->frames && g->frame[i].len == len &&
		!memcmp(g->frame[i].data, p, len);
}

/* The header in the line, the rest in one, two and many buffers */
static void shapes(u16 entry, u32 line)
{
	static const u32 push[] = { 1, 14, 60, 96, 97, 223, 224 };
	struct guest *g = up("tx-descs=64", entry, 256);
	static const u32 part[] = { 0, 700, 200, 97 };
	struct g_tx x = { .data = data };
	u32 i, j, meta, lines, n;
	u16 before;

	CHECK(q.line == line);
	for (i = 0; i < ARRAY_SIZE(push); i++) {
		for (j = 0; j < ARRAY_SIZE(part) * 2; j++) {
			meta = j & 1;
			x.push = push[i];
			x.part = part[j / 2];
			x.meta = meta;
			x.len = 1500;
			if (x.push > line - 32)
				continue;
			before = q.tail;
			g_tx(g, &q, &x);
			CHECK(is_frame(g, g->frames - 1, data, 1500));
			CHECK(g_tx_done(g, &q) >= 0);
			/* 2 descriptors, then line / 16 in each line */
			n = x.part ? (1500 - x.push + x.part - 1) / x.part : 1;
			n += meta;
			lines = n <= 2 ? 1 : 1 + (n - 2 + line / 16 - 1) /
				(line / 16);
			CHECK((u16)(q.tail - before) == lines);
		}
	}
	CHECK(g->d.count.queue_error == 0 && g->d.count.tx_drop == 0);
	g_free(g);
}

static void test_shapes_128(void)
{
	shapes(LLQ_ENTRY_128, 128);
}

static void test_shapes_256(void)
{
	shapes(LLQ_ENTRY_256, 256);
}

static void test_line_192(void)
{
	struct g_tx x = { .data = data, .len = 1500, .part = 100 };
	struct guest *g = up("tx-descs=64", LLQ_ENTRY_128, 256);
	u32 i;

	/* No property offers it; the driver would take it all the same */
	CHECK(!g_destroy_sq(g, SQ_DIR_TX, q.sq));
	g->d.cfg.llq_entry = LLQ_ENTRY_192;
	CHECK(!g_llq(g, LLQ_ENTRY_192, 0));
	g_queue(g, &q, SQ_DIR_TX, 256, 1, true);
	q.line = 192;
	x.push = 160;
	for (i = 0; i < 600; i++) {
		g->brk = 4 << 20;
		g_tx(g, &q, &x);
		CHECK(is_frame(g, 0, data, 1500));
		CHECK(g_tx_done(g, &q) >= 0);
		g_drop_frames(g);
	}
	CHECK(g->d.count.queue_error == 0);
	g_free(g);
}

static void test_header_only(void)
{
	struct guest *g = up("", LLQ_ENTRY_128, 256);
	struct g_tx x = { .data = data };
	u32 len;

	for (len = 14; len <= 96; len++) {
		x.len = len;
		x.push = len;
		x.meta = len & 1;
		g_tx(g, &q, &x);
		CHECK(is_frame(g, len - 14, data, len));
		CHECK(g_tx_done(g, &q) == (int)len - 14);
	}
	CHECK(g->d.count.llq_line == 83 && q.tail == 83);
	g_free(g);
}

static void phase_wrap(u16 entry, u16 depth)
{
	struct guest *g = up("tx-descs=64", entry, depth);
	struct g_tx x = { .data = data };
	u32 n, wrong = 0;
	int id;

	/* Lines per packet change: wraps happen inside packets, too */
	for (n = 0; n < 40000; n++) {
		g->brk = 4 << 20;
		x.push = 14 + n % 80;
		x.meta = n % 3 == 0;
		x.part = 20 + n % 37;
		x.len = x.push + 1 + n % (16 * x.part);
		id = g_tx(g, &q, &x);
		wrong += g_tx_done(g, &q) != id;
		wrong += g->frames != 1 || !is_frame(g, 0, data, x.len);
		g_drop_frames(g);
	}
	CHECK(wrong == 0 && g->d.count.llq_line > 65536);
	g_free(g);
}

static void test_phase_wrap_128(void)
{
	phase_wrap(LLQ_ENTRY_128, 256);
}

static void test_phase_wrap_256(void)
{
	phase_wrap(LLQ_ENTRY_256, 1024);
}

static void test_queues_apart(void)
{
	struct guest *g = g_up("queues=32");
	static struct gq many[32];
	u32 i, round;

	CHECK(!g_llq(g, LLQ_ENTRY_256, 0));
	for (i = 0; i < 32; i++)
		g_queue(g, &many[i], SQ_DIR_TX, 1024, 1 + i, true);
	for (round = 0; round < 1030; round++) {
		g->brk = 4 << 20;
		for (i = 0; i < 32; i++)
			g_tx_put(g, &many[i], &(struct g_tx){ .data = data + i,
				 .len = 60 + i, .push = 60 + i });
		for (i = 0; i < 32; i++) {
			g_db(g, &many[i]);
			CHECK(is_frame(g, i, data + i, 60 + i));
			CHECK(g_tx_done(g, &many[i]) >= 0);
		}
		g_drop_frames(g);
		if (bad)
			break;
	}
	g_free(g);
}

static struct g_tx tcp(u32 payload, u32 mss, bool meta)
{
	struct g_tx x = { .data = data };
	struct flow f = FLOW_TCP4;

	x.len = f_make(data, &f, payload, false);
	x.push = 54;
	x.w1 = L3_IP4 | L4_TCP << TXD_L4_SHIFT | TXD_L4_CSUM;
	x.w1 |= mss ? TXD_TSO | TXD_L3_CSUM : TXD_L4_PARTIAL;
	x.meta = meta;
	x.l3_off = 14;
	x.l3_len = 20;
	x.l4_words = mss ? 5 : 0;
	x.mss = mss;
	return x;
}

static void test_meta_cached(void)
{
	struct guest *g = up("", LLQ_ENTRY_128, 256);
	struct g_tx x;
	u32 i;

	for (i = 0; i < 6; i++) {
		x = tcp(100, 0, !i);
		g_tx(g, &q, &x);
		CHECK(g->frames == i + 1);
		CHECK(ref_good(g->frame[i].data, x.len));
	}
	CHECK(g->d.count.tx_meta == 1);
	/* Another MSS comes with new metadata, and holds */
	g_drop_frames(g);
	x = tcp(3000, 1000, true);
	g_tx(g, &q, &x);
	CHECK(g->frames == 3);
	x.meta = false;
	g_tx(g, &q, &x);
	CHECK(g->frames == 6);
	for (i = 0; i < g->frames; i++)
		CHECK(ref_good(g->frame[i].data, g->frame[i].len));
	g_free(g);
}

static void test_meta_every_time(void)
{
	struct guest *g = g_up("llq-accel=1");
	struct acq_entry a;
	struct g_tx x;
	u32 i;

	CHECK(!g_get(g, FEAT_LLQ, 0, 0, &a));
	CHECK(a.u.llq.accel_flags == LLQ_NO_META_CACHE);
	CHECK(!g_llq(g, LLQ_ENTRY_128, LLQ_NO_META_CACHE));
	g_queue(g, &q, SQ_DIR_TX, 256, 1, true);
	/* Zero metadata between: it is for this packet, not for the next */
	for (i = 0; i < 20; i++) {
		if (i & 1)
			x = (struct g_tx){ .data = data, .len = 60,
					   .push = 60, .meta = true };
		else
			x = tcp(200, 0, true);
		g_tx(g, &q, &x);
		CHECK(g->frames == i + 1);
		if (i < g->frames && !(i & 1))
			CHECK(ref_good(g->frame[i].data, x.len));
	}
	CHECK(g->d.count.tx_meta == 20);
	g_free(g);
}

/* A driver that agreed to send metadata each time, and does not */
static void test_meta_missing(void)
{
	struct guest *g = g_up("llq-accel=1");
	struct g_tx x;

	CHECK(!g_llq(g, LLQ_ENTRY_128, LLQ_NO_META_CACHE));
	g_queue(g, &q, SQ_DIR_TX, 256, 1, true);
	x = tcp(200, 0, true);
	g_tx(g, &q, &x);
	CHECK(g->frames == 1 && ref_good(g->frame[0].data, x.len));
	x.meta = false;
	g_tx(g, &q, &x);
	CHECK(g->frames == 1 && g->d.count.queue_error == 1);
	g_free(g);
}

static void test_tso(void)
{
	struct guest *g = up("", LLQ_ENTRY_256, 256);
	struct g_tx x = tcp(15000, 1448, true);
	u32 i, sum = 0;

	x.part = 1024;
	g_tx(g, &q, &x);
	CHECK(g->frames == 11);
	for (i = 0; i < g->frames; i++) {
		CHECK(ref_good(g->frame[i].data, g->frame[i].len));
		CHECK(!memcmp(g->frame[i].data + 54, data + 54 + sum,
			      g->frame[i].len - 54));
		sum += g->frame[i].len - 54;
	}
	CHECK(sum == 15000);
	g_free(g);
}

static void test_burst(void)
{
	struct g_tx x = { .data = data, .len = 60, .push = 60 };
	struct guest *g = g_up("llq-accel=2 llq-burst=512");
	struct acq_entry a;
	u32 i;

	CHECK(!g_get(g, FEAT_LLQ, 0, 0, &a));
	CHECK(a.u.llq.accel_flags == LLQ_LIMIT_BURST);
	CHECK(a.u.llq.accel_burst == 512);
	CHECK(!g_llq(g, LLQ_ENTRY_128, LLQ_LIMIT_BURST));
	g_queue(g, &q, SQ_DIR_TX, 256, 1, true);
	for (i = 0; i < 4; i++)
		g_tx_put(g, &q, &x);
	g_db(g, &q);
	CHECK(g->d.count.llq_burst == 0);
	for (i = 0; i < 5; i++)
		g_tx_put(g, &q, &x);
	g_db(g, &q);
	CHECK(g->d.count.llq_burst == 1 && g->frames == 9);
	g_free(g);
}

static void test_partial_doorbell(void)
{
	struct g_tx x = { .data = data, .len = 1500, .push = 50, .part = 100 };
	struct guest *g = up("", LLQ_ENTRY_128, 256);

	g_tx_put(g, &q, &x);
	CHECK(q.tail == 3);
	g_write(g, q.db, 1);
	g_write(g, q.db, 2);
	CHECK(g->frames == 0);
	g_write(g, q.db, 3);
	CHECK(is_frame(g, 0, data, 1500) && !g->d.count.queue_error);
	g_free(g);
}

static void test_blocked(void)
{
	struct guest *g = up("", LLQ_ENTRY_128, 256);
	int i;

	g->room = 1;
	for (i = 0; i < 5; i++)
		g_send(g, &q, data + i, 300);
	CHECK(g->frames == 1);
	g->room = ~0U;
	ena_tx_kick(&g->d);
	CHECK(g->frames == 5);
	for (i = 0; i < 5; i++) {
		CHECK(is_frame(g, i, data + i, 300));
		CHECK(g_tx_done(g, &q) == i);
	}
	g_free(g);
}

/* A line as it is; a rule of it is broken */
static void bad_line(const struct tx_desc *t, u32 n)
{
	struct guest *g = up("", LLQ_ENTRY_128, 256);

	memcpy(g->d.env.llq + q.at, t, n * sizeof(*t));
	q.tail++;
	g_db(g, &q);
	CHECK(g->d.count.queue_error == 1 && g->frames == 0);
	CHECK(g_tx_done(g, &q) == -1);
	g_free(g);
}

static void test_rules(void)
{
	struct tx_desc t[2] = { 0 };

	/* Nothing was written: the phase is wrong */
	bad_line(t, 1);
	/* A header that is longer than the line */
	t[0].w0 = TXD_FIRST | TXD_LAST | TXD_PHASE;
	t[0].w3 = 97u << TXD_HDR_SHIFT;
	bad_line(t, 1);
	t[0].w3 = 255u << TXD_HDR_SHIFT;
	bad_line(t, 1);
	/* Metadata alone, and as the second */
	t[0].w0 |= TXD_META;
	bad_line(t, 1);
	t[0] = (struct tx_desc){ TXD_FIRST | TXD_PHASE, 0, 0, 14u << 24 };
	t[1] = (struct tx_desc){ TXD_LAST | TXD_META | TXD_PHASE, 0, 0, 0 };
	bad_line(t, 2);
	t[1] = (struct tx_desc){ TXD_LAST | TXD_FIRST | TXD_PHASE, 0, 0, 0 };
	bad_line(t, 2);
	t[0].w0 &= ~TXD_FIRST;
	t[1].w0 &= ~TXD_FIRST;
	bad_line(t, 2);
}

static void test_doorbell_too_far(void)
{
	struct guest *g = up("", LLQ_ENTRY_128, 256);

	g_write(g, q.db, 257);
	CHECK(g->d.count.queue_error == 1);
	g_free(g);
}

static void test_buffer_not_granted(void)
{
	struct tx_desc t = { TXD_FIRST | TXD_LAST | TXD_PHASE | 9, 0, 0,
			     20u << 24 };
	struct guest *g = up("", LLQ_ENTRY_128, 256);

	memcpy(g->d.env.llq + q.at, &t, sizeof(t));
	q.tail++;
	g_db(g, &q);
	CHECK(g->frames == 0 && g->d.count.tx_drop == 1);
	CHECK(g->d.count.dma_fault == 1 && g_tx_done(g, &q) == 0);
	g_send(g, &q, data, 60);
	CHECK(g->frames == 1);
	/* The line can be read without bus master, the buffer cannot */
	g->d.bus_master = false;
	g_send(g, &q, data, 300);
	CHECK(g->frames == 1 && g->d.count.tx_drop == 2);
	CHECK(g->d.count.dma_disabled == 2);
	CHECK(g_tx_done(g, &q) == 0 && g_tx_done(g, &q) == -1);
	g_free(g);
}

int main(void)
{
	static const struct test t[] = {
		{ "llq_shapes_128", test_shapes_128 },
		{ "llq_shapes_256", test_shapes_256 },
		{ "llq_line_192", test_line_192 },
		{ "llq_header_only", test_header_only },
		{ "llq_phase_wrap_128", test_phase_wrap_128 },
		{ "llq_phase_wrap_256", test_phase_wrap_256 },
		{ "llq_queues_apart", test_queues_apart },
		{ "llq_meta_cached", test_meta_cached },
		{ "llq_meta_every_time", test_meta_every_time },
		{ "llq_meta_missing", test_meta_missing },
		{ "llq_tso", test_tso },
		{ "llq_burst", test_burst },
		{ "llq_partial_doorbell", test_partial_doorbell },
		{ "llq_blocked", test_blocked },
		{ "llq_rules", test_rules },
		{ "llq_doorbell_too_far", test_doorbell_too_far },
		{ "llq_buffer_not_granted", test_buffer_not_granted },
	};

	return g_run(t, ARRAY_SIZE(t));
}
