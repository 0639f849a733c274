// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of txq.c: packets from rings in the guest's memory, completions, and
 * waiting for room at the other side.
 */
#include <string.h>

#include "guest.h"

static struct gq q;
static u8 data[66000];

static struct guest *up(const char *props)
{
	struct guest *g = g_up(props);
	u32 i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i * 5 + (i >> 7);
	/* No IP packet, whatever the pattern */
	data[12] = 0x88;
	data[13] = 0xb5;
	g_queue(g, &q, SQ_DIR_TX, 256, 1, false);
	return g;
}

static bool is_frame(const struct guest *g, u32 i, const u8 *p, u32 len)
{
	return i < g->frames && g->frame[i].len == len &&
		!memcmp(g->frame[i].data, p, len);
}

static void test_plain(void)
{
	struct guest *g = up("");

	CHECK(g_send(g, &q, data, 60) == 0);
	CHECK(g->frames == 1 && is_frame(g, 0, data, 60));
	CHECK(g_tx_done(g, &q) == 0);
	CHECK(g_tx_done(g, &q) == -1);
	CHECK(g->d.count.tx_packet == 1 && g->d.count.tx_byte == 60);
	g_free(g);
}

static void test_sizes(void)
{
	static const u32 part[] = { 14, 15, 61, 319, 320, 321, 1000, 4096 };
	static const u32 len[] = { 14, 15, 60, 319, 320, 321, 1514, 4097 };
	struct guest *g = up("tx-descs=64");
	struct g_tx x = { .data = data };
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(len); i++) {
		for (j = 0; j < ARRAY_SIZE(part); j++) {
			x.len = len[i];
			x.part = part[j];
			if (x.len / x.part > 60)
				continue;
			g_tx(g, &q, &x);
			CHECK(is_frame(g, g->frames - 1, data, len[i]));
			CHECK(g_tx_done(g, &q) >= 0);
		}
	}
	CHECK(g->d.count.queue_error == 0 && g->d.count.tx_drop == 0);
	g_free(g);
}

static void test_phase_wrap(void)
{
	struct g_tx x = { .data = data, .len = 200 };
	struct guest *g = up("");
	u32 n, wrong = 0;
	int id;

	/* More than 65536 descriptors: the ring 256 times, the index once */
	for (n = 0; n < 30000; n++) {
		g->brk = 4 << 20;
		x.part = 50 + n % 150;
		id = g_tx(g, &q, &x);
		wrong += g_tx_done(g, &q) != id;
		wrong += g->frames != 1 || !is_frame(g, 0, data, 200);
		g_drop_frames(g);
	}
	CHECK(wrong == 0 && g->d.count.tx_desc > 65536);
	CHECK(g_tx_done(g, &q) == -1);
	g_free(g);
}

static void test_full_ring(void)
{
	struct g_tx x = { .data = data, .len = 64 };
	struct guest *g = up("");
	u32 i, round;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < 256; i++)
			g_tx_put(g, &q, &x);
		g_db(g, &q);
		for (i = 0; i < 256; i++)
			CHECK(g_tx_done(g, &q) == (int)i);
		CHECK(g_tx_done(g, &q) == -1);
	}
	CHECK(g->frames == 768 && g->d.count.tx_doorbell == 3);
	g_free(g);
}

static void test_request_ids(void)
{
	struct guest *g = g_up("depth=16384 ram=0x1000000");
	struct g_tx x = { .data = data, .len = 14 };
	u32 i;

	/* All 14 bits: the high part has its own place in the descriptor */
	g_queue(g, &q, SQ_DIR_TX, 16384, 1, false);
	for (i = 0; i < 16384; i++) {
		g->brk = 8 << 20;
		q.id = i * 7919 & 16383;
		g_tx(g, &q, &x);
		g_drop_frames(g);
		CHECK(g_tx_done(g, &q) == (int)(i * 7919 & 16383));
	}
	g_free(g);
}

static void test_partial_doorbell(void)
{
	struct g_tx x = { .data = data, .len = 300, .part = 100 };
	struct guest *g = up("");

	/* The doorbell covers a part of the packet: it waits for the rest */
	g_tx_put(g, &q, &x);
	g_write(g, q.db, 1);
	g_write(g, q.db, 2);
	CHECK(g->frames == 0 && g_tx_done(g, &q) == -1);
	g_write(g, q.db, 3);
	CHECK(is_frame(g, 0, data, 300) && g_tx_done(g, &q) == 0);
	CHECK(g->frames == 1 && !g->d.count.queue_error);
	g_free(g);
}

static void test_two_queues(void)
{
	struct guest *g = up("");
	struct gq other;

	g_queue(g, &other, SQ_DIR_TX, 256, 2, false);
	g_send(g, &q, data, 60);
	g_send(g, &other, data + 100, 61);
	g_send(g, &q, data, 62);
	CHECK(is_frame(g, 0, data, 60) && is_frame(g, 1, data + 100, 61));
	CHECK(g_tx_done(g, &q) == 0 && g_tx_done(g, &q) == 1);
	CHECK(g_tx_done(g, &other) == 0 && g_tx_done(g, &other) == -1);
	g_free(g);
}

/* A descriptor that breaks the rules stops its queue, and only that */
static void bad_desc(struct tx_desc *t, u32 n)
{
	struct guest *g = up("");
	struct gq other;
	u32 i;

	g_queue(g, &other, SQ_DIR_TX, 256, 2, false);
	for (i = 0; i < n; i++)
		g_tx_desc(g, &q, &t[i]);
	g_db(g, &q);
	CHECK(g->d.count.queue_error == 1 && g->frames == 0);
	CHECK(g_tx_done(g, &q) == -1);
	g_send(g, &q, data, 60);
	CHECK(g->frames == 0 && g->d.count.queue_error == 1);
	g_send(g, &other, data, 60);
	CHECK(g->frames == 1);
	CHECK(!g_destroy_sq(g, SQ_DIR_TX, q.sq));
	CHECK(!g_destroy_cq(g, q.cq));
	g_queue(g, &q, SQ_DIR_TX, 256, 1, false);
	g_send(g, &q, data, 60);
	CHECK(g->frames == 2);
	g_free(g);
}

static void test_no_first(void)
{
	struct tx_desc t = { .w0 = TXD_LAST | 60 };

	bad_desc(&t, 1);
}

static void test_first_twice(void)
{
	struct tx_desc t[2] = { { .w0 = TXD_FIRST | 60 },
				{ .w0 = TXD_FIRST | TXD_LAST | 60 } };

	bad_desc(t, 2);
}

static void test_meta_alone(void)
{
	struct tx_desc t = { .w0 = TXD_META | TXD_FIRST | TXD_LAST };

	bad_desc(&t, 1);
}

static void test_meta_later(void)
{
	struct tx_desc t[2] = { { .w0 = TXD_FIRST | 0 },
				{ .w0 = TXD_META | TXD_LAST } };

	bad_desc(t, 2);
}

static void test_too_many_descs(void)
{
	struct tx_desc t[21] = { { .w0 = TXD_FIRST } };

	/* 19 and a metadata descriptor are the most: 21 are too many */
	t[20].w0 = TXD_LAST;
	bad_desc(t, 21);
}

static void test_wrong_phase(void)
{
	struct guest *g = up("");
	u32 *w0;

	g_tx_put(g, &q, &(struct g_tx){ .data = data, .len = 60 });
	w0 = g_ptr(g, q.ring);
	*w0 ^= TXD_PHASE;
	g_db(g, &q);
	CHECK(g->d.count.queue_error == 1 && g->frames == 0);
	g_free(g);
}

static void test_wrong_doorbell(void)
{
	struct guest *g = up("");

	g_write(g, q.db, 257);
	CHECK(g->d.count.queue_error == 1);
	g_send(g, &q, data, 60);
	CHECK(g->frames == 0);
	g_free(g);
}

static void test_ring_not_granted(void)
{
	struct guest *g = up("");
	struct acq_entry a;
	struct gq far = q;

	CHECK(!g_create_sq(g, SQ_DIR_TX, q.cq, 256, SQ_HOST,
			   g->iova + g->ram_size - 256 * 16 + 16, &a));
	far.db = a.u.create_sq.doorbell;
	far.ring = g->iova + g->ram_size - 256 * 16 + 16;
	/* 255 entries are in memory, the last is behind its end */
	far.tail = 0;
	while (far.tail < 255) {
		g_tx_desc(g, &far, &(struct tx_desc){
			TXD_FIRST | TXD_LAST | 64, 0, g->iova, 0 });
		g_db(g, &far);
	}
	CHECK(g->frames == 255 && g->d.count.queue_error == 0);
	g_write(g, far.db, 256);
	CHECK(g->d.count.queue_error == 1 && g->d.count.dma_fault == 1);
	g_free(g);
}

static void test_buffer_not_granted(void)
{
	struct tx_desc t = { .w0 = TXD_FIRST | TXD_LAST | 100 };
	struct guest *g = up("");

	/* One byte too far: the packet is lost, its buffer comes back */
	t.w2 = g->iova + g->ram_size - 99;
	g_tx_desc(g, &q, &t);
	g_db(g, &q);
	CHECK(g->frames == 0 && g->d.count.tx_drop == 1);
	CHECK(g->d.count.dma_fault == 1 && g_tx_done(g, &q) == 0);
	t.w2 = g->iova + g->ram_size - 100;
	g_tx_desc(g, &q, &t);
	g_db(g, &q);
	CHECK(g->frames == 1 && g->d.count.dma_fault == 1);
	t.w3 = 5;
	g_tx_desc(g, &q, &t);
	g_db(g, &q);
	CHECK(g->frames == 1 && g->d.count.dma_fault == 2);
	g->d.bus_master = false;
	t.w3 = 0;
	g_tx_desc(g, &q, &t);
	g_db(g, &q);
	CHECK(g->frames == 1 && g->d.count.dma_disabled == 1);
	g_free(g);
}

static void test_cq_not_granted(void)
{
	struct guest *g = up("");
	struct acq_entry a;

	CHECK(!g_create_cq(g, SQ_DIR_TX, 256, 1, 1ULL << 44, &a));
	CHECK(!g_create_sq(g, SQ_DIR_TX, a.u.create_cq.cq_idx, 256, SQ_HOST,
			   q.ring, &a));
	q.db = a.u.create_sq.doorbell;
	g_send(g, &q, data, 60);
	CHECK(g->frames == 1 && g->d.count.dma_fault == 1);
	CHECK(g->d.count.tx_complete == 0);
	g_free(g);
}

/* Two ranges side by side in DMA addresses, apart in the model's memory */
static void test_straddles_regions(void)
{
	struct mem_region r = { .iova = G_IOVA + G_RAM, .size = 4096 };
	struct guest *g = up("");
	static u8 second[4096];
	struct tx_desc t;
	u8 want[600];

	memcpy(g->ram + g->ram_size - 100, data, 100);
	memcpy(second, data + 100, 500);
	memcpy(want, data, 600);
	r.ptr = second;
	CHECK(!mem_add(&g->mem, &r));
	t = (struct tx_desc){ TXD_FIRST | TXD_LAST | 600, 0,
			      g->iova + g->ram_size - 100, 0 };
	g_tx_desc(g, &q, &t);
	g_db(g, &q);
	CHECK(is_frame(g, 0, want, 600));
	/* A hole in the middle of the buffer */
	g->mem.region[1].ptr = NULL;
	g_tx_desc(g, &q, &t);
	g_db(g, &q);
	CHECK(g->frames == 1 && g->d.count.tx_drop == 1);
	CHECK(g->d.count.dma_fault == 1);
	g_free(g);
}

static void test_too_long(void)
{
	struct g_tx x = { .data = data, .len = 65535 };
	struct guest *g = up("");
	struct tx_desc t;
	u32 i;

	g_tx(g, &q, &x);
	CHECK(is_frame(g, 0, data, 65535));
	/* 3 * 64 KiB: more than any packet may have */
	for (i = 0; i < 3; i++) {
		t = (struct tx_desc){ 65535, 0, g->iova, 0 };
		t.w0 |= i ? 0 : TXD_FIRST;
		t.w0 |= i == 2 ? TXD_LAST : 0;
		g_tx_desc(g, &q, &t);
	}
	g_db(g, &q);
	CHECK(g->frames == 1 && g->d.count.tx_drop == 1);
	CHECK(g_tx_done(g, &q) == 0 && g_tx_done(g, &q) == 0);
	g_free(g);
}

static void test_runt(void)
{
	struct guest *g = up("");

	g_send(g, &q, data, 13);
	CHECK(g->frames == 0 && g->d.count.tx_drop == 1);
	CHECK(g_tx_done(g, &q) == 0);
	g_send(g, &q, data, 14);
	CHECK(g->frames == 1);
	g_free(g);
}

static void test_link_down(void)
{
	struct guest *g = up("");

	ena_link(&g->d, false);
	g_send(g, &q, data, 60);
	CHECK(g->frames == 0 && g_tx_done(g, &q) == 0);
	ena_link(&g->d, true);
	g_send(g, &q, data, 60);
	CHECK(g->frames == 1 && g_tx_done(g, &q) == 1);
	g_free(g);
}

static void test_blocked(void)
{
	struct guest *g = up("");
	u32 i;

	g->room = 3;
	for (i = 0; i < 10; i++)
		g_send(g, &q, data + i, 60);
	CHECK(g->frames == 3 && g->d.count.tx_blocked == 1);
	CHECK(g_tx_done(g, &q) == 0 && g_tx_done(g, &q) == 1 &&
	      g_tx_done(g, &q) == 2 && g_tx_done(g, &q) == -1);
	g->room = 2;
	ena_tx_kick(&g->d);
	CHECK(g->frames == 5);
	g->room = ~0U;
	ena_tx_kick(&g->d);
	CHECK(g->frames == 10 && g->d.tx_blocked == 0);
	for (i = 0; i < 10; i++)
		CHECK(is_frame(g, i, data + i, 60));
	for (i = 3; i < 10; i++)
		CHECK(g_tx_done(g, &q) == (int)i);
	g_send(g, &q, data, 60);
	CHECK(g->frames == 11);
	g_free(g);
}

static void test_blocked_then_destroyed(void)
{
	struct guest *g = up("");

	g->room = 0;
	g_send(g, &q, data, 60);
	CHECK(!g_destroy_sq(g, SQ_DIR_TX, q.sq));
	g->room = ~0U;
	ena_tx_kick(&g->d);
	CHECK(g->frames == 0 && g->d.tx_blocked == 0);
	g_queue(g, &q, SQ_DIR_TX, 256, 1, false);
	g_send(g, &q, data, 60);
	CHECK(g->frames == 1);
	g_free(g);
}

static void test_waits_no_longer(void)
{
	struct guest *g = up("clock groups=1 wait=100");

	g->room = 0;
	g_send(g, &q, data, 60);
	CHECK(g_tick(g, 0) == g->now + 100 * NSEC_PER_MSEC);
	g_tick(g, 100 * NSEC_PER_MSEC - 1);
	CHECK(g_tx_done(g, &q) == -1);
	g_tick(g, 1);
	CHECK(g_tx_done(g, &q) == 0);
	CHECK(g_tick(g, 0) == TIME_NEVER);
	g_free(g);
}

/* Each packet may wait its time: progress starts it anew */
static void test_wait_starts_anew(void)
{
	struct guest *g = up("clock groups=1 wait=100");
	int i;

	g->room = 0;
	for (i = 0; i < 20; i++)
		g_send(g, &q, data, 60);
	for (i = 0; i < 20; i++) {
		g_tick(g, 60 * NSEC_PER_MSEC);
		g->room = 1;
		ena_tx_kick(&g->d);
	}
	CHECK(g->frames == 20);
	CHECK(g->d.tx_blocked == 0);
	g_free(g);
}

static void test_budget(void)
{
	struct guest *g = g_up("depth=16384 ram=0x1000000");
	struct g_tx x = { .data = data, .len = 14 };
	struct gq other;
	u64 next = 0;
	u32 i;

	/* One queue may not keep the others from their turn for ever */
	g_queue(g, &q, SQ_DIR_TX, 16384, 1, false);
	g_queue(g, &other, SQ_DIR_TX, 256, 2, false);
	for (i = 0; i < 16384; i++) {
		g->brk = 8 << 20;
		g_tx_put(g, &q, &x);
	}
	g_db(g, &q);
	CHECK(g->d.count.tx_packet < 16384 && g->d.count.tx_packet > 0);
	g_send(g, &other, data, 60);
	CHECK(g_tx_done(g, &other) == 0);
	for (i = 0; i < 10 && g->d.count.tx_packet < 16385; i++) {
		next = ena_tick(&g->d, 0);
		CHECK(next == 0 || g->d.count.tx_packet == 16385);
	}
	CHECK(g->d.count.tx_packet == 16385 && g->d.tx_blocked == 0);
	/* Long packets take longer: fewer of them */
	for (i = 0; i < 16384; i++)
		g_tx_desc(g, &q, &(struct tx_desc){
			TXD_FIRST | TXD_LAST | 65535, 0, g->iova, 0 });
	g_drop_frames(g);
	g->room = 0;
	g->d.link = false;
	g_db(g, &q);
	CHECK(g->d.count.tx_packet < 16385 + 1000);
	g_free(g);
}

int main(void)
{
	static const struct test t[] = {
		{ "tx_plain", test_plain },
		{ "tx_sizes", test_sizes },
		{ "tx_phase_wrap", test_phase_wrap },
		{ "tx_full_ring", test_full_ring },
		{ "tx_request_ids", test_request_ids },
		{ "tx_partial_doorbell", test_partial_doorbell },
		{ "tx_two_queues", test_two_queues },
		{ "tx_no_first", test_no_first },
		{ "tx_first_twice", test_first_twice },
		{ "tx_meta_alone", test_meta_alone },
		{ "tx_meta_later", test_meta_later },
		{ "tx_too_many_descs", test_too_many_descs },
		{ "tx_wrong_phase", test_wrong_phase },
		{ "tx_wrong_doorbell", test_wrong_doorbell },
		{ "tx_ring_not_granted", test_ring_not_granted },
		{ "tx_buffer_not_granted", test_buffer_not_granted },
		{ "tx_cq_not_granted", test_cq_not_granted },
		{ "tx_straddles_regions", test_straddles_regions },
		{ "tx_too_long", test_too_long },
		{ "tx_runt", test_runt },
		{ "tx_link_down", test_link_down },
		{ "tx_blocked", test_blocked },
		{ "tx_blocked_then_destroyed", test_blocked_then_destroyed },
		{ "tx_waits_no_longer", test_waits_no_longer },
		{ "tx_wait_starts_anew", test_wait_starts_anew },
		{ "tx_budget", test_budget },
	};

	return g_run(t, ARRAY_SIZE(t));
}
