// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of intr.c: masks, delays, and that no interrupt is lost.
 */
#include <string.h>

#include "guest.h"

#define USEC	NSEC_PER_USEC

static struct gq tx, rx;
static u8 frame[60];

static struct guest *up(const char *props)
{
	struct guest *g = g_up(props);

	g_queue(g, &tx, SQ_DIR_TX, 256, 1, false);
	g_queue(g, &rx, SQ_DIR_RX, 256, 1, false);
	g_post(g, &rx, 200, 128);
	memset(g->irq, 0, sizeof(g->irq));
	return g;
}

static void send(struct guest *g)
{
	g_send(g, &tx, frame, sizeof(frame));
	ena_intr_flush(&g->d);
}

static void test_starts_masked(void)
{
	struct guest *g = up("");

	send(g);
	CHECK(g_tx_done(g, &tx) >= 0);
	CHECK(g->irq[1] == 0);
	/* What was posted meanwhile is told at the unmask */
	g_unmask(g, &tx, 0, 0);
	CHECK(g->irq[1] == 1);
	g_free(g);
}

static void test_masks_itself(void)
{
	struct guest *g = up("");

	g_unmask(g, &tx, 0, 0);
	CHECK(g->irq[1] == 0);
	send(g);
	CHECK(g->irq[1] == 1);
	send(g);
	g_inject(g, frame, sizeof(frame));
	CHECK(g->irq[1] == 1);
	g_unmask(g, &rx, 0, 0);
	CHECK(g->irq[1] == 2);
	/* Nothing new since: the next unmask is silent */
	g_unmask(g, &rx, 0, 0);
	CHECK(g->irq[1] == 2);
	send(g);
	CHECK(g->irq[1] == 3);
	g_free(g);
}

static void test_unmask_bit(void)
{
	struct guest *g = up("");

	send(g);
	/* Delays without the unmask bit leave it masked */
	g_write(g, tx.unmask, 5 | 7 << INTR_TX_SHIFT);
	CHECK(g->irq[1] == 0 && g->d.vec[1].masked);
	CHECK(g->d.vec[1].rx_delay == 5 * USEC);
	CHECK(g->d.vec[1].tx_delay == 7 * USEC);
	g_unmask(g, &tx, 0, 0);
	CHECK(g->irq[1] == 1);
	g_free(g);
}

static void test_one_for_a_burst(void)
{
	struct g_tx x = { .data = frame, .len = sizeof(frame) };
	struct guest *g = up("");
	int i;

	g_unmask(g, &tx, 0, 0);
	for (i = 0; i < 50; i++)
		g_tx_put(g, &tx, &x);
	g_db(g, &tx);
	for (i = 0; i < 5; i++)
		g_send(g, &tx, frame, sizeof(frame));
	CHECK(g->irq[1] == 0);
	ena_intr_flush(&g->d);
	CHECK(g->irq[1] == 1);
	ena_intr_flush(&g->d);
	CHECK(g->irq[1] == 1);
	g_free(g);
}

static void test_vectors_apart(void)
{
	struct guest *g = up("");
	struct gq other;
	u32 i;

	g_queue(g, &other, SQ_DIR_TX, 256, 32, false);
	memset(g->irq, 0, sizeof(g->irq));
	g_unmask(g, &tx, 0, 0);
	g_unmask(g, &other, 0, 0);
	g_send(g, &other, frame, sizeof(frame));
	ena_intr_flush(&g->d);
	CHECK(g->irq[32] == 1);
	for (i = 0; i < 32; i++)
		CHECK(g->irq[i] == 0);
	send(g);
	CHECK(g->irq[1] == 1 && g->irq[32] == 1);
	g_free(g);
}

static void test_polled_cq(void)
{
	struct guest *g = up("");
	union aq_entry c = { 0 };
	struct acq_entry a;
	struct gq q = tx;

	/* A CQ without interrupt mode posts and stays silent */
	c.common.opcode = OP_CREATE_CQ;
	c.create_cq.caps_2 = 2;
	c.create_cq.depth = 256;
	q.cring = g_alloc(g, 2048);
	c.create_cq.base.lo = q.cring;
	CHECK(!g_cmd(g, &c, &a));
	q.ring = g_alloc(g, 4096);
	CHECK(!g_create_sq(g, SQ_DIR_TX, a.u.create_cq.cq_idx, 256, SQ_HOST,
			   q.ring, &a));
	q.db = a.u.create_sq.doorbell;
	memset(g->irq, 0, sizeof(g->irq));
	g_unmask(g, &tx, 0, 0);
	g_send(g, &q, frame, sizeof(frame));
	ena_intr_flush(&g->d);
	CHECK(g_tx_done(g, &q) >= 0);
	CHECK(g->irq[0] == 0 && g->irq[1] == 0);
	g_free(g);
}

static void test_delay(void)
{
	struct guest *g = up("clock groups=1 intr-resolution=2");
	u64 next;

	g_unmask(g, &tx, 100, 10);
	send(g);
	CHECK(g->irq[1] == 0);
	next = g_tick(g, 0);
	CHECK(next == g->now + 20 * USEC);
	g_tick(g, 20 * USEC - 1);
	CHECK(g->irq[1] == 0);
	g_tick(g, 1);
	CHECK(g->irq[1] == 1);
	CHECK(g_tick(g, USEC) == TIME_NEVER);
	/* RX has a delay of its own */
	g_unmask(g, &tx, 100, 10);
	g_inject(g, frame, sizeof(frame));
	g_tick(g, 199 * USEC);
	CHECK(g->irq[1] == 1);
	g_tick(g, USEC);
	CHECK(g->irq[1] == 2);
	g_free(g);
}

static void test_delay_counts_from_first(void)
{
	struct guest *g = up("clock groups=1");
	int i;

	g_unmask(g, &tx, 50, 50);
	for (i = 0; i < 49; i++) {
		send(g);
		g_tick(g, USEC);
		CHECK(g->irq[1] == 0);
	}
	send(g);
	g_tick(g, USEC);
	CHECK(g->irq[1] == 1);
	g_free(g);
}

static void test_delay_shorter_wins(void)
{
	struct guest *g = up("clock groups=1");

	g_unmask(g, &tx, 100, 10);
	g_inject(g, frame, sizeof(frame));
	g_tick(g, 5 * USEC);
	send(g);
	g_tick(g, 10 * USEC - 1);
	CHECK(g->irq[1] == 0);
	g_tick(g, 1);
	CHECK(g->irq[1] == 1);
	g_tick(g, 200 * USEC);
	CHECK(g->irq[1] == 1);
	g_free(g);
}

static void test_delay_at_unmask(void)
{
	struct guest *g = up("clock groups=1");

	send(g);
	g_unmask(g, &tx, 40, 30);
	CHECK(g->irq[1] == 0);
	g_tick(g, 30 * USEC);
	CHECK(g->irq[1] == 1);
	/* A delay that is cut short by the next unmask */
	g_unmask(g, &tx, 1000, 1000);
	send(g);
	g_unmask(g, &tx, 0, 0);
	CHECK(g->irq[1] == 2);
	CHECK(g_tick(g, 1000 * USEC) == TIME_NEVER);
	CHECK(g->irq[1] == 2);
	g_free(g);
}

static void test_delay_ignored(void)
{
	struct guest *g = up("clock moderation=off");

	g_unmask(g, &tx, 1000, 1000);
	send(g);
	CHECK(g->irq[1] == 1);
	g_free(g);
	g = up("");
	g_unmask(g, &tx, 1000, 1000);
	send(g);
	CHECK(g->irq[1] == 1);
	g_free(g);
}

/*
 * Whatever is posted and whenever it is unmasked: once all is quiet and the
 * vector unmasked, each completion has been followed by an interrupt.
 */
static void test_none_lost(void)
{
	struct guest *g = up("clock groups=1");
	u32 seed = 1, i, told, sent = 0;

	told = 0;
	for (i = 0; i < 20000; i++) {
		u32 before = g->irq[1];

		seed = seed * 1103515245 + 12345;
		switch (seed >> 16 & 7) {
		case 0:
		case 1:
			if ((u16)(tx.tail - tx.head) < 200) {
				g->brk = 4 << 20;
				send(g);
				sent++;
			}
			break;
		case 2:
			g_unmask(g, &tx, seed >> 20 & 31, seed >> 25 & 31);
			break;
		case 3:
			g_unmask(g, &rx, 0, 0);
			break;
		default:
			g_tick(g, seed >> 20 & 0xfff);
		}
		CHECK(g->irq[1] - before <= 1);
		if (g->irq[1] != before)
			while (g_tx_done(g, &tx) >= 0)
				told++;
	}
	g_unmask(g, &tx, 9, 9);
	i = g->irq[1];
	g_tick(g, 40 * USEC);
	if (told != sent)
		CHECK(g->irq[1] == i + 1);
	while (g_tx_done(g, &tx) >= 0)
		told++;
	CHECK(told == sent && sent > 1000);
	g_free(g);
}

static void test_mgmt(void)
{
	struct guest *g = up("");

	g_write(g, REG_INTR_MASK, 0);
	memset(g->irq, 0, sizeof(g->irq));
	g_get(g, FEAT_DEV_ATTR, 0, 0, NULL);
	g_get(g, FEAT_DEV_ATTR, 0, 0, NULL);
	CHECK(g->irq[0] == 2);
	g_write(g, REG_INTR_MASK, 1);
	g_get(g, FEAT_DEV_ATTR, 0, 0, NULL);
	ena_event(&g->d, AENQ_WARNING, 0, NULL, 0);
	CHECK(g->irq[0] == 2);
	g_write(g, REG_INTR_MASK, 0);
	CHECK(g->irq[0] == 3);
	g_write(g, REG_INTR_MASK, 1);
	g_write(g, REG_INTR_MASK, 0);
	CHECK(g->irq[0] == 3);
	CHECK(g->irq[1] == 0);
	g_free(g);
}

int main(void)
{
	static const struct test t[] = {
		{ "intr_starts_masked", test_starts_masked },
		{ "intr_masks_itself", test_masks_itself },
		{ "intr_unmask_bit", test_unmask_bit },
		{ "intr_one_for_a_burst", test_one_for_a_burst },
		{ "intr_vectors_apart", test_vectors_apart },
		{ "intr_polled_cq", test_polled_cq },
		{ "intr_delay", test_delay },
		{ "intr_delay_counts_from_first",
		  test_delay_counts_from_first },
		{ "intr_delay_shorter_wins", test_delay_shorter_wins },
		{ "intr_delay_at_unmask", test_delay_at_unmask },
		{ "intr_delay_ignored", test_delay_ignored },
		{ "intr_none_lost", test_none_lost },
		{ "intr_mgmt", test_mgmt },
	};

	return g_run(t, ARRAY_SIZE(t));
}
