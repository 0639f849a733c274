// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of aenq.c: events, their credit, and what waits for it.
 */
#include <errno.h>
#include <string.h>

#include "guest.h"

static void test_link_once(void)
{
	struct guest *g = g_up("");
	struct aenq_entry e;

	CHECK(g_event(g, &e));
	CHECK(e.group == AENQ_LINK && e.data[0] == 1);
	CHECK(!g_event(g, &e));
	g_credit(g);
	CHECK(!g_event(g, &e));
	/* After a reset the driver has to be told again */
	CHECK(g_reset(g, 1));
	g_admin(g, 32);
	g_aenq(g);
	CHECK(!g_set_word(g, FEAT_AENQ, 1, 0xf));
	CHECK(!g_event(g, &e));
	g_credit(g);
	CHECK(g_event(g, &e));
	CHECK(e.group == AENQ_LINK && e.data[0] == 1);
	g_free(g);
}

static void test_link_changes(void)
{
	struct guest *g = g_up("");
	struct aenq_entry e;

	CHECK(g_event(g, &e));
	g_write(g, REG_INTR_MASK, 0);
	memset(g->irq, 0, sizeof(g->irq));
	ena_link(&g->d, false);
	CHECK(g->irq[0] == 1);
	CHECK(g_event(g, &e));
	CHECK(e.group == AENQ_LINK && e.data[0] == 0);
	ena_link(&g->d, true);
	CHECK(g_event(g, &e));
	CHECK(e.group == AENQ_LINK && e.data[0] == 1);
	CHECK(g->irq[0] == 2);
	g_free(g);
}

static void test_link_down_at_start(void)
{
	struct guest *g = g_new("");
	struct aenq_entry e;

	g->d.link = false;
	CHECK(g_reset(g, 0));
	g_admin(g, 32);
	g_aenq(g);
	CHECK(!g_set_word(g, FEAT_AENQ, 1, 1));
	g_credit(g);
	CHECK(!g_event(g, &e));
	ena_link(&g->d, true);
	CHECK(g_event(g, &e) && e.data[0] == 1);
	g_credit(g);
	CHECK(!g_event(g, &e));
	g_free(g);
}

static void test_groups(void)
{
	struct guest *g = g_up("");
	struct aenq_entry e;

	CHECK(g_event(g, &e));
	CHECK(!g_set_word(g, FEAT_AENQ, 1, BIT(AENQ_WARNING)));
	CHECK(ena_event(&g->d, AENQ_FATAL, 0, NULL, 0) == -ENOENT);
	CHECK(ena_event(&g->d, AENQ_KEEP_ALIVE, 0, NULL, 0) == -ENOENT);
	CHECK(ena_event(&g->d, 31, 0, NULL, 0) == -ENOENT);
	CHECK(!g_event(g, &e));
	CHECK(ena_event(&g->d, AENQ_WARNING, 5, "abcd", 4) == 0);
	CHECK(g_event(g, &e));
	CHECK(e.group == AENQ_WARNING && e.syndrome == 5);
	CHECK(!memcmp(e.data, "abcd\0\0\0\0", 8));
	/* No driver knows it: there is no bit to refuse it by */
	CHECK(ena_event(&g->d, 32, 0, NULL, 0) == 0);
	CHECK(ena_event(&g->d, 65535, 1, NULL, 0) == 0);
	CHECK(g_event(g, &e) && e.group == 32);
	CHECK(g_event(g, &e) && e.group == 65535 && e.syndrome == 1);
	g_free(g);
}

static void test_data(void)
{
	struct guest *g = g_up("clock");
	struct aenq_entry e;
	u8 data[49];
	u32 i;

	CHECK(g_event(g, &e));
	for (i = 0; i < sizeof(data); i++)
		data[i] = i + 1;
	CHECK(ena_event(&g->d, AENQ_NOTIFY, AENQ_HINTS, data, 49) == -EINVAL);
	g->now = 5000000000000000ULL;
	CHECK(ena_event(&g->d, AENQ_NOTIFY, AENQ_HINTS, data, 48) == 0);
	CHECK(g_event(g, &e));
	CHECK(e.group == AENQ_NOTIFY && e.syndrome == AENQ_HINTS);
	CHECK(!memcmp(e.data, data, 48));
	CHECK((e.time_lo | (u64)e.time_hi << 32) == 5000000000000ULL);
	g_free(g);
}

/* Ten rounds of the ring, with a credit of one, some and all entries */
static void test_phase_wrap(void)
{
	struct guest *g = g_up("");
	u32 n = 0, got = 0, burst;
	struct aenq_entry e;

	CHECK(g_event(g, &e));
	g_credit(g);
	for (burst = 1; burst <= G_AENQ_DEPTH; burst++) {
		u32 i;

		for (i = 0; i < burst; i++, n++)
			CHECK(!ena_event(&g->d, AENQ_WARNING, n, &n, 4));
		while (g_event(g, &e)) {
			CHECK(e.syndrome == got && e.data[0] == got);
			got++;
		}
		CHECK(got == n);
		g_credit(g);
	}
	CHECK(g->aenq_head > 8 * G_AENQ_DEPTH);
	g_free(g);
}

static void test_credit(void)
{
	struct guest *g = g_up("");
	struct aenq_entry e;
	u32 i;

	CHECK(g_event(g, &e));
	/* One is consumed, but not given back: 15 are left */
	for (i = 0; i < 20; i++)
		CHECK(!ena_event(&g->d, AENQ_WARNING, i, NULL, 0));
	for (i = 0; i < 15; i++)
		CHECK(g_event(g, &e) && e.syndrome == i);
	CHECK(!g_event(g, &e));
	/* One entry back: one event more */
	g_write(g, REG_AENQ_HEAD_DB, 17);
	CHECK(g_event(g, &e) && e.syndrome == 15);
	CHECK(!g_event(g, &e));
	g_credit(g);
	for (i = 20; i < 24; i++)
		CHECK(!ena_event(&g->d, AENQ_WARNING, i, NULL, 0));
	for (i = 16; i < 24; i++)
		CHECK(g_event(g, &e) && e.syndrome == i);
	CHECK(!g_event(g, &e));
	g_free(g);
}

static void test_credit_nonsense(void)
{
	struct guest *g = g_up("");
	struct aenq_entry e;
	u32 i;

	CHECK(g_event(g, &e));
	/* More than the ring has, or less than was used: nothing may go out */
	g_write(g, REG_AENQ_HEAD_DB, 0x8000);
	CHECK(!ena_event(&g->d, AENQ_WARNING, 1, NULL, 0));
	CHECK(!g_event(g, &e));
	g_write(g, REG_AENQ_HEAD_DB, 0);
	CHECK(!g_event(g, &e));
	g_write(g, REG_AENQ_HEAD_DB, 16);
	CHECK(g_event(g, &e) && e.syndrome == 1);
	/* Without a ring events wait, and the device does not break */
	g_write(g, REG_AENQ_CAPS, 0);
	for (i = 0; i < 3; i++)
		CHECK(!ena_event(&g->d, AENQ_WARNING, 1, NULL, 0));
	CHECK(g->d.n_event == 3);
	g_free(g);
}

static void test_too_many_wait(void)
{
	struct guest *g = g_new("");
	struct aenq_entry e;
	u32 i;

	CHECK(g_reset(g, 0));
	g_admin(g, 32);
	g->d.link = false;
	g_aenq(g);
	CHECK(!g_set_word(g, FEAT_AENQ, 1, 0xf));
	for (i = 0; i < ENA_EVENTS_MAX; i++)
		CHECK(!ena_event(&g->d, AENQ_WARNING, i, NULL, 0));
	CHECK(ena_event(&g->d, AENQ_WARNING, i, NULL, 0) == -ENOBUFS);
	CHECK(g->d.count.aenq_no_room == 1);
	for (i = 0; i < ENA_EVENTS_MAX; i++) {
		if (i % G_AENQ_DEPTH == 0)
			g_credit(g);
		CHECK(g_event(g, &e) && e.syndrome == i);
	}
	CHECK(!g_event(g, &e));
	g_free(g);
}

static void test_ring_not_granted(void)
{
	struct guest *g = g_up("");
	u64 before = g->d.count.dma_fault;

	g_write(g, REG_AENQ_BASE_HI, 1);
	memset(g->irq, 0, sizeof(g->irq));
	CHECK(!ena_event(&g->d, AENQ_WARNING, 1, NULL, 0));
	CHECK(g->d.count.dma_fault == before + 1);
	CHECK(g->irq[0] == 0 && g->d.count.aenq_sent == 1);
	g_free(g);
}

static void test_keepalive(void)
{
	struct guest *g = g_up("clock");
	struct aenq_entry e;
	u64 next;

	CHECK(g_event(g, &e));
	CHECK(!g_event(g, &e));
	g->d.count.rx_drop += 0x100000005ULL;
	g->d.count.tx_drop += 6;
	g->d.count.rx_overrun += 7;
	next = g_tick(g, NSEC_PER_SEC - 1);
	CHECK(!g_event(g, &e));
	CHECK(next == g->now + 1);
	g_tick(g, 1);
	CHECK(g_event(g, &e) && e.group == AENQ_KEEP_ALIVE);
	CHECK(e.data[0] == 5 && e.data[1] == 1 && e.data[2] == 6);
	CHECK(e.data[4] == 7);
	g_tick(g, NSEC_PER_SEC / 2);
	CHECK(!g_event(g, &e));
	g_tick(g, NSEC_PER_SEC / 2);
	CHECK(g_event(g, &e) && e.group == AENQ_KEEP_ALIVE);
	CHECK(!g_set_word(g, FEAT_AENQ, 1, 0xf));
	CHECK(g_tick(g, 5 * NSEC_PER_SEC) == TIME_NEVER);
	CHECK(!g_event(g, &e));
	g_free(g);
}

static void test_keepalive_needs_clock(void)
{
	struct guest *g = g_up("");
	struct aenq_entry e;

	CHECK(g_event(g, &e));
	CHECK(ena_tick(&g->d, 100 * NSEC_PER_SEC) == TIME_NEVER);
	CHECK(!g_event(g, &e));
	/* It is not even offered */
	CHECK(ena_keepalive(&g->d) == -ENOENT);
	CHECK(g_set_word(g, FEAT_AENQ, 1, 0x1f) == ST_ILLEGAL);
	CHECK(!g_event(g, &e));
	g_free(g);
}

int main(void)
{
	static const struct test t[] = {
		{ "aenq_link_once", test_link_once },
		{ "aenq_link_changes", test_link_changes },
		{ "aenq_link_down_at_start", test_link_down_at_start },
		{ "aenq_groups", test_groups },
		{ "aenq_data", test_data },
		{ "aenq_phase_wrap", test_phase_wrap },
		{ "aenq_credit", test_credit },
		{ "aenq_credit_nonsense", test_credit_nonsense },
		{ "aenq_too_many_wait", test_too_many_wait },
		{ "aenq_ring_not_granted", test_ring_not_granted },
		{ "aenq_keepalive", test_keepalive },
		{ "aenq_keepalive_needs_clock", test_keepalive_needs_clock },
	};

	return g_run(t, ARRAY_SIZE(t));
}
