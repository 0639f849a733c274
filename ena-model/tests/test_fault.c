// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of fault.c and of every place that asks it: what the driver sees of
 * each fault, when it happens and when it is over.
 */
#include <errno.h>
#include <string.h>

#include "guest.h"

static struct gq tx, rx;
static struct g_rx r;
static u8 data[4000];

static struct guest *up(const char *props)
{
	struct guest *g = g_up(props);
	u32 i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i * 3 + 1;
	data[12] = 0x88;
	data[13] = 0xb5;
	g_queue(g, &tx, SQ_DIR_TX, 256, 1, false);
	g_queue(g, &rx, SQ_DIR_RX, 256, 1, false);
	g_post(g, &rx, 100, 100);
	memset(g->irq, 0, sizeof(g->irq));
	return g;
}

static int arm(struct guest *g, const char *text)
{
	const char *why;

	return fault_arm(&g->d.fault, text, &why);
}

static bool ready(struct guest *g)
{
	return g_get(g, FEAT_DEV_ATTR, 0, 0, NULL) == ST_OK;
}

/* The table itself */
static void test_words(void)
{
	static const char * const refused[] = {
		"", " ", "no-such", "tx-dup key", "tx-dup key=", "tx-dup key=x",
		"tx-dup key=-1", "tx-dup key=0x100000000", "tx-dup count=0",
		"tx-dup skip=1x", "tx-dup value=", "tx-dup kei=1",
		"tx-dup key=1,value=2", "TX-DUP",
	};
	struct faults f = { 0 };
	const char *why;
	char line[300];
	u32 i, value;

	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		why = "";
		CHECK(fault_arm(&f, refused[i], &why) == -EINVAL);
		CHECK(*why);
	}
	memset(line, ' ', sizeof(line));
	memcpy(line, "tx-dup", 6);
	line[255] = 0;
	CHECK(fault_arm(&f, line, &why) == 0);
	line[255] = ' ';
	line[256] = 0;
	CHECK(fault_arm(&f, line, &why) == -EINVAL);
	CHECK(f.n == 1);
	CHECK(!fault_arm(&f, "reg-value  key=0x58 value=010 count=all", &why));
	CHECK(f.rule[1].key == 0x58 && f.rule[1].value == 8);
	value = 5;
	CHECK(!fault_hit(&f, FAULT_REG_VALUE, 0x54, 0, &value) && value == 5);
	CHECK(fault_hit(&f, FAULT_REG_VALUE, 0x58, 0, &value) && value == 8);
	for (i = f.n; i < FAULT_RULES; i++)
		CHECK(!fault_arm(&f, "gone", &why));
	CHECK(fault_arm(&f, "gone", &why) == -EINVAL);
	CHECK(fault_clear(&f, "no-such") == -ENOENT && f.n == FAULT_RULES);
	CHECK(!fault_clear(&f, "gone") && f.n == 2);
	CHECK(!(f.armed & BIT_ULL(FAULT_GONE)));
	CHECK(f.armed & BIT_ULL(FAULT_TX_DUP));
	CHECK(!fault_clear(&f, NULL) && !f.n && !f.armed);
}

static void test_names(void)
{
	const char *what, *value, *why;
	struct faults f;
	u32 i, j;

	for (i = 0; i < FAULT_NUM; i++) {
		memset(&f, 0, sizeof(f));
		what = fault_what(i, &value);
		CHECK(fault_name(i) && what && *what && value);
		CHECK(!fault_arm(&f, fault_name(i), &why));
		CHECK(f.rule[0].id == i);
		for (j = 0; j < i; j++)
			CHECK(strcmp(fault_name(i), fault_name(j)));
	}
}

static void test_counting(void)
{
	struct faults f = { 0 };
	const char *why;
	u32 i, hits = 0, v = 0;

	CHECK(!fault_arm(&f, "tx-dup skip=3 count=2 key=7", &why));
	for (i = 0; i < 10; i++) {
		CHECK(!fault_hit(&f, FAULT_TX_DUP, 8, 0, NULL));
		CHECK(!fault_hit(&f, FAULT_TX_HOLD, 7, 0, NULL));
		if (fault_hit(&f, FAULT_TX_DUP, 7, 0, NULL)) {
			CHECK(i == 3 || i == 4);
			hits++;
		}
	}
	CHECK(hits == 2 && f.rule[0].hits == 2);
	/* The first rule that is not used up */
	CHECK(!fault_clear(&f, NULL));
	CHECK(!fault_arm(&f, "tx-bad-id value=1", &why));
	CHECK(!fault_arm(&f, "tx-bad-id sub=4 value=2", &why));
	CHECK(!fault_arm(&f, "tx-bad-id count=all", &why));
	CHECK(fault_hit(&f, FAULT_TX_BAD_ID, 0, 3, &v) && v == 1);
	CHECK(fault_hit(&f, FAULT_TX_BAD_ID, 0, 4, &v) && v == 2);
	CHECK(fault_hit(&f, FAULT_TX_BAD_ID, 0, 4, &v) && v == 2);
	for (i = 0; i < 1000; i++)
		CHECK(fault_hit(&f, FAULT_TX_BAD_ID, i, i, NULL));
}

static void test_tx_bad_id(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "tx-bad-id key=0 skip=1"));
	CHECK(!arm(g, "tx-bad-id value=300 skip=1"));
	CHECK(!arm(g, "tx-bad-id key=1"));
	g_send(g, &tx, data, 60);
	g_send(g, &tx, data, 60);
	g_send(g, &tx, data, 60);
	g_send(g, &tx, data, 60);
	CHECK(g_tx_done(g, &tx) == 0);
	CHECK(g_tx_done(g, &tx) == 65535);
	CHECK(g_tx_done(g, &tx) == 300);
	CHECK(g_tx_done(g, &tx) == 3);
	CHECK(g->frames == 4);
	g_free(g);
}

static void test_tx_dup(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "tx-dup"));
	g_send(g, &tx, data, 60);
	g_send(g, &tx, data, 60);
	CHECK(g_tx_done(g, &tx) == 0 && g_tx_done(g, &tx) == 0);
	CHECK(g_tx_done(g, &tx) == 1 && g_tx_done(g, &tx) == -1);
	CHECK(g->frames == 2);
	g_free(g);
}

static void test_tx_hold(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "tx-hold count=2"));
	g_unmask(g, &tx, 0, 0);
	g_send(g, &tx, data, 60);
	g_send(g, &tx, data, 60);
	ena_intr_flush(&g->d);
	CHECK(g->frames == 2 && g_tx_done(g, &tx) == -1 && g->irq[1] == 0);
	g_send(g, &tx, data, 60);
	CHECK(g_tx_done(g, &tx) == 2);
	ena_release(&g->d);
	ena_intr_flush(&g->d);
	CHECK(g_tx_done(g, &tx) == 0 && g_tx_done(g, &tx) == 1);
	CHECK(g_tx_done(g, &tx) == -1 && g->irq[1] == 1);
	ena_release(&g->d);
	CHECK(g_tx_done(g, &tx) == -1);
	g_free(g);
}

static void test_tx_hold_destroyed(void)
{
	struct guest *g = up("queues=4");
	struct gq other;

	g_queue(g, &other, SQ_DIR_TX, 256, 2, false);
	CHECK(!arm(g, "tx-hold count=all"));
	g_send(g, &tx, data, 60);
	g_send(g, &other, data, 60);
	/* What is held of a queue that is gone must not show in the next */
	CHECK(!g_destroy_sq(g, SQ_DIR_TX, tx.sq));
	CHECK(!g_destroy_cq(g, tx.cq));
	g_queue(g, &tx, SQ_DIR_TX, 256, 1, false);
	ena_release(&g->d);
	CHECK(g_tx_done(g, &tx) == -1 && g_tx_done(g, &other) == 0);
	g_send(g, &tx, data, 60);
	CHECK(g_reset(g, 0));
	ena_release(&g->d);
	CHECK(g_tx_done(g, &tx) == -1);
	g_free(g);
}

static void test_tx_hold_many(void)
{
	struct guest *g = up("");
	u32 i, n = 0;

	/* More than can be held: these are posted */
	CHECK(!arm(g, "tx-hold count=all"));
	for (i = 0; i < ENA_HELD_MAX + 10; i++) {
		g->brk = 6 << 20;
		g_send(g, &tx, data, 60);
		g_drop_frames(g);
	}
	while (g_tx_done(g, &tx) >= 0)
		n++;
	CHECK(n == 10 && g->d.n_held == ENA_HELD_MAX);
	g_free(g);
}

static void test_tx_stall(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "tx-stall key=0"));
	g_send(g, &tx, data, 60);
	g_send(g, &tx, data, 60);
	CHECK(g->frames == 0 && g_tx_done(g, &tx) == -1);
	CHECK(!fault_clear(&g->d.fault, "tx-stall"));
	ena_tx_resume(&g->d);
	CHECK(g->frames == 2 && g_tx_done(g, &tx) == 0);
	g_free(g);
}

static void test_cq_phase(void)
{
	struct guest *g = up("");
	u32 *e;

	CHECK(!arm(g, "cq-phase sub=1"));
	g_send(g, &tx, data, 60);
	CHECK(g_tx_done(g, &tx) == 0 && g_tx_done(g, &tx) == 65535);
	CHECK(g_tx_done(g, &tx) == -1);
	CHECK(!arm(g, "cq-phase sub=2 value=0x12345678"));
	CHECK(!g_inject(g, data, 60));
	CHECK(g_rx(g, &rx, &r) && r.len == 60);
	/* The entry behind it has the phase of a completion */
	e = g_ptr(g, rx.cring + 16);
	CHECK(e[0] == (0x12345678 | RXC_PHASE));
	CHECK(e[1] == 0x12345678 && e[3] == 0x12345678);
	g_free(g);
}

static void test_rx_bad_id(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "rx-bad-id"));
	CHECK(!arm(g, "rx-bad-id value=99 skip=0"));
	g_inject(g, data, 60);
	g_inject(g, data, 60);
	g_inject(g, data, 60);
	CHECK(g_rx(g, &rx, &r) && r.id[0] == 65535);
	CHECK(g_rx(g, &rx, &r) && r.id[0] == 99);
	CHECK(g_rx(g, &rx, &r) && r.id[0] == 2);
	g_free(g);
}

static void test_rx_reuse(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "rx-reuse skip=1"));
	g_inject(g, data, 60);
	g_inject(g, data, 60);
	g_inject(g, data, 60);
	CHECK(g_rx(g, &rx, &r) && r.id[0] == 0);
	CHECK(g_rx(g, &rx, &r) && r.id[0] == 0);
	CHECK(g_rx(g, &rx, &r) && r.id[0] == 2);
	g_free(g);
}

static void test_rx_len(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "rx-len skip=1"));
	CHECK(!arm(g, "rx-len value=10"));
	g_inject(g, data, 60);
	g_inject(g, data, 60);
	CHECK(g_rx(g, &rx, &r) && r.len == 10);
	CHECK(g_rx(g, &rx, &r) && r.len == 65535);
	g_free(g);
}

static void test_rx_many(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "rx-many"));
	CHECK(!arm(g, "rx-many value=50"));
	CHECK(!arm(g, "rx-many value=1000"));
	CHECK(!arm(g, "rx-many value=0"));
	g_inject(g, data, 60);
	CHECK(g_rx(g, &rx, &r) && r.n == 20);
	g_inject(g, data, 150);
	CHECK(g_rx(g, &rx, &r) && r.n == 50);
	/* No more than are posted */
	g_inject(g, data, 150);
	CHECK(g_rx(g, &rx, &r) && r.n == 30);
	g_post(g, &rx, 10, 100);
	g_inject(g, data, 150);
	CHECK(g_rx(g, &rx, &r) && r.n == 2);
	g_inject(g, data, 150);
	CHECK(g_rx(g, &rx, &r) && r.n == 2);
	CHECK(!memcmp(r.data, data, 150));
	g_free(g);
}

static void test_rx_first(void)
{
	struct guest *g = up("");
	u32 *e;

	CHECK(!arm(g, "rx-first"));
	g_inject(g, data, 250);
	CHECK(g_rx(g, &rx, &r) && r.n == 3);
	e = g_ptr(g, rx.cring);
	CHECK(e[0] & RXC_FIRST && e[4] & RXC_FIRST && !(e[8] & RXC_FIRST));
	g_free(g);
}

static void test_rx_nolast(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "rx-nolast"));
	g_inject(g, data, 60);
	CHECK(!g_rx(g, &rx, &r));
	g_inject(g, data, 60);
	CHECK(g_rx(g, &rx, &r) && r.n == 2 && r.len == 120);
	g_free(g);
}

static void test_rx_starve(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "rx-starve"));
	CHECK(!g_inject(g, data, 60) && !g_inject(g, data, 60));
	CHECK(!g_rx(g, &rx, &r) && g->d.count.rx_drop == 2);
	CHECK(g->d.count.rx_overrun == 2);
	CHECK(!fault_clear(&g->d.fault, "rx-starve"));
	CHECK(!g_inject(g, data, 60));
	CHECK(g_rx(g, &rx, &r) && r.id[0] == 0);
	g_free(g);
}

static void test_irq_lost(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "irq-lost key=1"));
	g_unmask(g, &tx, 0, 0);
	g_send(g, &tx, data, 60);
	ena_intr_flush(&g->d);
	CHECK(g->irq[1] == 0 && g->d.count.irq_lost == 1);
	/* The device thinks that it has sent it: masked until told */
	g_send(g, &tx, data, 60);
	ena_intr_flush(&g->d);
	CHECK(g->irq[1] == 0);
	g_unmask(g, &tx, 0, 0);
	CHECK(g->irq[1] == 1);
	CHECK(!arm(g, "irq-lost key=0"));
	CHECK(ready(g) && g->irq[0] == 0);
	CHECK(ready(g) && g->irq[0] == 1);
	g_free(g);
}

static void test_irq_extra(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "irq-extra key=1"));
	CHECK(ready(g) && g->irq[0] == 1);
	g_unmask(g, &tx, 0, 0);
	g_send(g, &tx, data, 60);
	ena_intr_flush(&g->d);
	CHECK(g->irq[1] == 2);
	g_free(g);
}

static void test_admin_drop(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "admin-drop key=8 sub=14"));
	CHECK(ready(g));
	CHECK(g_get(g, FEAT_MTU, 0, 0, NULL) == G_SILENT);
	CHECK(g_get(g, FEAT_MTU, 0, 0, NULL) == ST_UNSUPPORTED);
	/* It is carried out all the same */
	CHECK(!arm(g, "admin-drop key=9"));
	CHECK(g_set_word(g, FEAT_MTU, 0, 777) == G_SILENT);
	CHECK(g->d.mtu == 777);
	g_free(g);
}

static void test_admin_late(void)
{
	struct guest *g = up("clock groups=1");
	struct acq_entry a;
	u16 id;

	CHECK(!arm(g, "admin-late value=50"));
	CHECK(!ready(g));
	id = g->cmd_id;
	CHECK(ready(g));
	CHECK(g_tick(g, 0) == g->now + 50 * NSEC_PER_MSEC);
	g_tick(g, 50 * NSEC_PER_MSEC - 1);
	CHECK(!g_answer(g, &a));
	g_tick(g, 1);
	CHECK(g_answer(g, &a) && a.id == id && a.status == ST_OK);
	CHECK(a.u.attr.max_mtu == 9216);
	CHECK(g_tick(g, 0) == TIME_NEVER);
	g_free(g);
}

static void test_admin_late_released(void)
{
	struct guest *g = up("");
	struct acq_entry a;
	u16 id;
	int i;

	CHECK(!arm(g, "admin-late count=2 value=5"));
	CHECK(!ready(g) && !ready(g));
	id = g->cmd_id;
	ena_tick(&g->d, 100 * NSEC_PER_SEC);
	CHECK(!g_answer(g, &a));
	ena_release(&g->d);
	CHECK(g_answer(g, &a) && a.id == id - 1);
	CHECK(g_answer(g, &a) && a.id == id);
	CHECK(!g_answer(g, &a));
	/* Forgotten at reset; and there is an end to what can be held */
	CHECK(!arm(g, "admin-late count=all"));
	CHECK(!ready(g));
	CHECK(g_reset(g, 0));
	g_admin(g, 64);
	ena_release(&g->d);
	CHECK(!g_answer(g, &a));
	for (i = 0; i < 40; i++)
		CHECK(!ready(g));
	ena_release(&g->d);
	for (i = 0; g_answer(g, &a); i++)
		;
	CHECK(i == ENA_LATE_MAX);
	g_free(g);
}

static void test_admin_status(void)
{
	struct guest *g = up("");
	struct acq_entry a;

	CHECK(!arm(g, "admin-status key=9 sub=14 value=1"));
	CHECK(!arm(g, "admin-status key=8"));
	CHECK(g_set_word(g, FEAT_MTU, 0, 999) == ST_NO_RESOURCE);
	CHECK(g->d.mtu == 0);
	CHECK(g_get(g, FEAT_DEV_ATTR, 0, 0, &a) == ST_UNKNOWN);
	CHECK(a.u.attr.max_mtu == 0);
	CHECK(g_set_word(g, FEAT_MTU, 0, 999) == ST_OK && ready(g));
	CHECK(g->d.mtu == 999);
	g_free(g);
}

static void test_admin_bad_id(void)
{
	struct guest *g = up("");
	struct acq_entry a;

	CHECK(!arm(g, "admin-bad-id"));
	CHECK(!arm(g, "admin-bad-id value=5"));
	CHECK(g_get(g, FEAT_DEV_ATTR, 0, 0, &a) == G_WRONG && a.id == 4095);
	CHECK(g_get(g, FEAT_DEV_ATTR, 0, 0, &a) == G_WRONG && a.id == 5);
	CHECK(ready(g));
	g_free(g);
}

static void test_admin_dup(void)
{
	struct guest *g = up("");
	struct acq_entry a, b;

	CHECK(!arm(g, "admin-dup"));
	CHECK(g_get(g, FEAT_DEV_ATTR, 0, 0, &a) == ST_OK);
	CHECK(g_answer(g, &b) && b.id == a.id && b.status == a.status);
	CHECK(!g_answer(g, &b));
	CHECK(ready(g));
	g_free(g);
}

static void test_keepalive(void)
{
	struct guest *g = up("clock");
	u64 sent = g->d.count.aenq_sent;

	CHECK(!arm(g, "keepalive"));
	g_tick(g, NSEC_PER_SEC);
	g_tick(g, NSEC_PER_SEC);
	CHECK(g->d.count.aenq_sent == sent);
	CHECK(!fault_clear(&g->d.fault, NULL));
	g_tick(g, NSEC_PER_SEC);
	CHECK(g->d.count.aenq_sent == sent + 1);
	g_free(g);
}

static void test_not_ready(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "not-ready"));
	CHECK(!g_reset(g, 1) && g->d.count.reset == 1);
	CHECK(!fault_clear(&g->d.fault, NULL));
	CHECK(g_reset(g, 1));
	g_free(g);
}

static void test_reset_ignored(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "reset-ignored"));
	CHECK(!g_reset(g, 1));
	CHECK(!fault_clear(&g->d.fault, NULL));
	g_write(g, REG_DEV_CTL, 0);
	CHECK(g_reset(g, 1));
	g_free(g);
}

static void test_reset_stuck(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "reset-stuck"));
	CHECK(!g_reset(g, 1));
	CHECK(g->d.sts & STS_RESET_IN_PROGRESS);
	CHECK(!fault_clear(&g->d.fault, NULL));
	g_write(g, REG_DEV_CTL, 0);
	CHECK(!(g->d.sts & STS_RESET_IN_PROGRESS));
	CHECK(g_reset(g, 1));
	g_free(g);
}

static void test_reg(void)
{
	struct guest *g = up("");
	u32 val;

	CHECK(!arm(g, "reg-drop key=0x58"));
	CHECK(g_read(g, REG_VERSION, &val));
	CHECK(!g_read(g, REG_DEV_STS, &val));
	CHECK(g_read(g, REG_DEV_STS, &val));
	CHECK(!arm(g, "reg-offset value=0x54"));
	CHECK(!g_read(g, REG_DEV_STS, &val));
	CHECK(*(u16 *)g_ptr(g, g->resp + 2) == 0x54);
	CHECK(g_read(g, REG_DEV_STS, &val));
	CHECK(!arm(g, "reg-value key=8 value=0x12345678"));
	CHECK(g_read(g, REG_VERSION, &val) && val == 0xa);
	CHECK(g_read(g, REG_CAPS, &val) && val == 0x12345678);
	CHECK(g_read(g, REG_CAPS, &val) && val != 0x12345678);
	g_free(g);
}

static void test_gone(void)
{
	struct guest *g = up("clock");
	struct aenq_entry e;
	u64 writes;
	u32 val;

	g->room = 0;
	g_unmask(g, &tx, 100, 100);
	g_send(g, &tx, data, 60);
	CHECK(!arm(g, "tx-hold"));
	CHECK(!arm(g, "gone"));
	while (g_event(g, &e))
		;
	writes = g->d.count.tx_complete;
	memset(g->irq, 0, sizeof(g->irq));
	CHECK(ena_reg_read(&g->d, REG_DEV_STS) == ~0U);
	CHECK(!g_read(g, REG_DEV_STS, &val));
	CHECK(!ready(g));
	g->room = ~0U;
	g_send(g, &tx, data, 60);
	/* Nor does what was under way go on */
	ena_tx_kick(&g->d);
	ena_release(&g->d);
	ena_link(&g->d, false);
	g_tick(g, 5 * NSEC_PER_SEC);
	CHECK(!g_inject(g, data, 60) && !g_rx(g, &rx, &r));
	CHECK(g->frames == 0 && g->d.count.tx_complete == writes);
	CHECK(!g_event(g, &e));
	CHECK(g->irq[0] == 0 && g->irq[1] == 0);
	g_free(g);
}

static void test_phc(void)
{
	struct guest *g = up("");
	union aq_entry c = { 0 };
	struct phc_resp *p;

	c.feature.u.phc.output.lo = g_alloc(g, 64);
	c.feature.u.phc.output_length = 64;
	CHECK(!g_set(g, FEAT_PHC, 0, 0, &c));
	p = g_ptr(g, c.feature.u.phc.output.lo);
	CHECK(!arm(g, "phc-drop") && !arm(g, "phc-error"));
	g_write(g, REG_PHC_DB, 1);
	CHECK(p->req_id == 0);
	g_write(g, REG_PHC_DB, 2);
	CHECK(p->req_id == 2 && p->error);
	g_write(g, REG_PHC_DB, 3);
	CHECK(p->req_id == 3 && !p->error);
	g_free(g);
}

static void test_wire_drop(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "wire-drop skip=1"));
	g_send(g, &tx, data, 60);
	g_send(g, &tx, data, 61);
	g_send(g, &tx, data, 62);
	CHECK(g->frames == 2 && g->frame[1].len == 62);
	CHECK(g_tx_done(g, &tx) == 0 && g_tx_done(g, &tx) == 1);
	g_free(g);
}

static void test_wire_dup(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "wire-dup"));
	g_send(g, &tx, data, 60);
	CHECK(g->frames == 2 && g->frame[1].len == 60);
	CHECK(!memcmp(g->frame[1].data, data, 60));
	CHECK(g_tx_done(g, &tx) == 0 && g_tx_done(g, &tx) == -1);
	g_free(g);
}

static void test_wire_corrupt(void)
{
	static const u32 len[] = { 60, 320, 321, 1000 };
	struct guest *g = up("");
	u8 *p;
	u32 i;

	CHECK(!arm(g, "wire-corrupt count=4"));
	for (i = 0; i < ARRAY_SIZE(len); i++) {
		g_send(g, &tx, data, len[i]);
		p = g->frame[i].data;
		CHECK(g->frame[i].len == len[i] && !g->frame[i].csum_good);
		CHECK(!memcmp(p, data, len[i] - 1));
		CHECK((p[len[i] - 1] ^ data[len[i] - 1]) == 255);
		/* The guest's own bytes are not touched */
		CHECK(((u8 *)g_ptr(g, g->iova + g->brk))[-1] ==
		      data[len[i] - 1]);
	}
	g_send(g, &tx, data, 60);
	CHECK(!memcmp(g->frame[4].data, data, 60));
	g_free(g);
}

/* An occasion is a packet on the wire, not a try of one that has to wait */
static void test_wire_blocked(void)
{
	struct guest *g = up("");

	CHECK(!arm(g, "wire-corrupt"));
	g->room = 0;
	g_send(g, &tx, data, 60);
	g->room = ~0U;
	ena_tx_kick(&g->d);
	CHECK(g->frames == 1);
	CHECK((g->frame[0].data[59] ^ data[59]) == 255);
	g_free(g);
}

static void test_corrupt_is_seen(void)
{
	struct g_tx x = { .data = data, .meta = true };
	struct guest *g = up(""), *to = up("");
	struct flow f = FLOW_TCP4;
	struct gq out;

	g->peer = to;
	to->peer = g;
	g_queue(g, &out, SQ_DIR_TX, 256, 1, false);
	x.len = f_make(data, &f, 33, false);
	x.w1 = L3_IP4 | L4_TCP << TXD_L4_SHIFT | TXD_L4_CSUM | TXD_L4_PARTIAL;
	x.l3_off = 14;
	x.l3_len = 20;
	CHECK(!arm(g, "wire-corrupt"));
	g_tx(g, &out, &x);
	CHECK(g_rx(to, &rx, &r) && r.status & RXC_L4_ERR);
	g_free(to);
	g_free(g);
}

int main(void)
{
	static const struct test t[] = {
		{ "fault_words", test_words },
		{ "fault_names", test_names },
		{ "fault_counting", test_counting },
		{ "fault_tx_bad_id", test_tx_bad_id },
		{ "fault_tx_dup", test_tx_dup },
		{ "fault_tx_hold", test_tx_hold },
		{ "fault_tx_hold_destroyed", test_tx_hold_destroyed },
		{ "fault_tx_hold_many", test_tx_hold_many },
		{ "fault_tx_stall", test_tx_stall },
		{ "fault_cq_phase", test_cq_phase },
		{ "fault_rx_bad_id", test_rx_bad_id },
		{ "fault_rx_reuse", test_rx_reuse },
		{ "fault_rx_len", test_rx_len },
		{ "fault_rx_many", test_rx_many },
		{ "fault_rx_first", test_rx_first },
		{ "fault_rx_nolast", test_rx_nolast },
		{ "fault_rx_starve", test_rx_starve },
		{ "fault_irq_lost", test_irq_lost },
		{ "fault_irq_extra", test_irq_extra },
		{ "fault_admin_drop", test_admin_drop },
		{ "fault_admin_late", test_admin_late },
		{ "fault_admin_late_released", test_admin_late_released },
		{ "fault_admin_status", test_admin_status },
		{ "fault_admin_bad_id", test_admin_bad_id },
		{ "fault_admin_dup", test_admin_dup },
		{ "fault_keepalive", test_keepalive },
		{ "fault_not_ready", test_not_ready },
		{ "fault_reset_ignored", test_reset_ignored },
		{ "fault_reset_stuck", test_reset_stuck },
		{ "fault_reg", test_reg },
		{ "fault_gone", test_gone },
		{ "fault_phc", test_phc },
		{ "fault_wire_drop", test_wire_drop },
		{ "fault_wire_dup", test_wire_dup },
		{ "fault_wire_corrupt", test_wire_corrupt },
		{ "fault_wire_blocked", test_wire_blocked },
		{ "fault_corrupt_is_seen", test_corrupt_is_seen },
	};

	return g_run(t, ARRAY_SIZE(t));
}
