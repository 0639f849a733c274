// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of dev.c: registers, readless reads, and what a reset forgets.
 */
#include <stdlib.h>
#include <string.h>

#include "guest.h"

static void test_readless(void)
{
	struct guest *g = g_new("");
	u32 val;

	g->resp = g_alloc(g, 8);
	CHECK(!g_read(g, REG_VERSION, &val));
	CHECK(g->d.count.dma_fault == 1);
	g_write(g, REG_MMIO_RESP_LO, g->resp);
	g_write(g, REG_MMIO_RESP_HI, g->resp >> 32);
	CHECK(g_read(g, REG_VERSION, &val) && val == 0x0a);
	CHECK(g_read(g, REG_CTRL_VERSION, &val) && (val & 0xffffff) >= 1);
	CHECK(g_read(g, REG_CAPS, &val));
	CHECK((val & 1) && (val >> 1 & 31) == 10 && (val >> 8 & 255) == 48);
	CHECK(g_read(g, REG_DEV_STS, &val) && val == STS_READY);
	CHECK(g_read(g, REG_AQ_DB, &val) && val == 0);
	CHECK(g_read(g, 0xffff, &val) && val == 0);
	CHECK(g->d.count.mmio_read == 7);
	CHECK(g->d.count.dma_fault == 1);
	g_free(g);
}

static void test_readless_nowhere(void)
{
	struct guest *g = g_new("");
	u32 val;

	g->resp = g_alloc(g, 16);
	/* Not aligned, out of memory, high half forgotten */
	g_write(g, REG_MMIO_RESP_LO, g->resp + 4);
	CHECK(!g_read(g, REG_VERSION, &val));
	g_write(g, REG_MMIO_RESP_LO, g->iova + g->ram_size);
	CHECK(!g_read(g, REG_VERSION, &val));
	g_write(g, REG_MMIO_RESP_LO, g->resp);
	g_write(g, REG_MMIO_RESP_HI, 1);
	CHECK(!g_read(g, REG_VERSION, &val));
	CHECK(g->d.count.dma_fault == 3 && g->d.count.dma_disabled == 0);
	g_write(g, REG_MMIO_RESP_HI, 0);
	g->d.bus_master = false;
	CHECK(!g_read(g, REG_VERSION, &val));
	CHECK(g->d.count.dma_fault == 4 && g->d.count.dma_disabled == 1);
	g->d.bus_master = true;
	CHECK(g_read(g, REG_VERSION, &val));
	g_free(g);
}

static void test_readless_answer_at_end(void)
{
	struct guest *g = g_new("");
	u32 val;

	/* The last eight bytes of memory will do, eight behind will not */
	g->resp = g->iova + g->ram_size - 8;
	g_write(g, REG_MMIO_RESP_LO, g->resp);
	CHECK(g_read(g, REG_VERSION, &val) && val == 0x0a);
	g_free(g);
}

static void test_not_shared(void)
{
	struct guest *g = g_new("");

	g->resp = g_alloc(g, 8);
	g_write(g, REG_MMIO_RESP_LO, g->resp);
	/* The driver's own id is not there: the memory is not the guest's */
	g_write(g, REG_MMIO_READ, REG_VERSION << 16 | 1);
	CHECK(g->warns == 1);
	memset(g_ptr(g, g->resp), 0, 8);
	g_write(g, REG_MMIO_READ, REG_VERSION << 16 | 2);
	CHECK(g->warns == 1);
	g_free(g);
}

static void test_direct(void)
{
	struct guest *g = g_new("direct=on reset-timeout=5 admin-timeout=3");

	CHECK(ena_reg_read(&g->d, REG_VERSION) == 0x0a);
	CHECK(ena_reg_read(&g->d, REG_CAPS) ==
	      (1 | 5 << 1 | 48 << 8 | 3 << 16));
	CHECK(ena_reg_read(&g->d, REG_DEV_STS) == STS_READY);
	CHECK(ena_reg_read(&g->d, REG_SQ_DB) == 0);
	CHECK(ena_reg_read(&g->d, REG_BAR_SIZE - 4) == 0);
	CHECK(g->d.count.reg_read == 5 && g->d.count.mmio_read == 0);
	g_free(g);
}

static void test_reset_handshake(void)
{
	struct guest *g = g_new("");
	u32 reason;

	for (reason = 0; reason < 16; reason++) {
		CHECK(g_reset(g, reason));
		CHECK(g->d.reason == reason);
		CHECK(g->d.count.reset == reason + 1);
		CHECK(g->d.count.reset_done == reason + 1);
	}
	/* Writing the same again is no new reset, nor the end of none */
	g_write(g, REG_DEV_CTL, 1 | 3U << 28);
	g_write(g, REG_DEV_CTL, 1 | 4U << 28);
	CHECK(g->d.reason == 3 && g->d.count.reset == 17);
	g_write(g, REG_DEV_CTL, 0);
	g_write(g, REG_DEV_CTL, 0);
	CHECK(g->d.count.reset_done == 17);
	CHECK(ena_reg_read(&g->d, REG_DEV_STS) & STS_RESET_FINISHED);
	g_free(g);
}

/* Nothing that the driver has set up may be used after a reset */
static void forgotten(void (*reset)(struct guest *g))
{
	struct guest *g = g_up("queues=2 clock phc-expire=9");
	union aq_entry c = { 0 };
	struct gq tx, rx, llq;
	u8 frame[64] = { 1 };
	struct acq_entry a;
	u16 zero = 0;
	u64 before;
	u32 val;

	CHECK(!g_llq(g, LLQ_ENTRY_128, 0));
	g_queue(g, &tx, SQ_DIR_TX, 256, 1, false);
	g_queue(g, &llq, SQ_DIR_TX, 256, 1, true);
	g_queue(g, &rx, SQ_DIR_RX, 256, 1, false);
	g_table(g, &zero, 1);
	g_fields(g, 0x3c, 0xc);
	g_post(g, &rx, 8, 2048);
	c.feature.u.phc.output.lo = g_alloc(g, 64);
	c.feature.u.phc.output_length = 64;
	CHECK(!g_set(g, FEAT_PHC, 0, 0, &c));
	CHECK(!g_set_word(g, FEAT_MTU, 0, 1500));
	g_unmask(g, &tx, 0, 0);
	g_write(g, REG_PHC_DB, 1);
	CHECK(g->d.count.dma_fault == 0);
	reset(g);
	memset(g->irq, 0, sizeof(g->irq));
	before = g->d.count.dma_fault;
	memset(g->ram, 0x5a, g->ram_size);
	g_db(g, &tx);
	g_write(g, tx.db, 1);
	g_write(g, llq.db, 1);
	g_write(g, rx.db, 255);
	g_write(g, REG_AQ_DB, 5);
	g_write(g, REG_PHC_DB, 2);
	g_write(g, REG_AENQ_HEAD_DB, 32);
	g_inject(g, frame, sizeof(frame));
	ena_keepalive(&g->d);
	ena_link(&g->d, true);
	g_tick(g, 10 * NSEC_PER_SEC);
	for (val = 0; val < g->ram_size && g->ram[val] == 0x5a; val++)
		;
	CHECK(val == g->ram_size);
	CHECK(g->d.count.dma_fault == before);
	CHECK(g->d.count.wire == 0 && g->d.count.rx_packet == 0);
	for (val = 0; val < ENA_VECTORS_MAX; val++)
		CHECK(g->irq[val] == 0);
	/* And the state before set-up: masked, LLQ off, table and fields gone */
	CHECK(g->d.mgmt_masked && g->d.vec[1].masked && !g->d.llq_on);
	CHECK(!g->d.rss.table_set && !g->d.rss.selected[RSS_TCP4].fields);
	CHECK(!g->d.mtu && !g->d.phc_addr && !g->d.aenq_groups);
	CHECK(!g->d.resp && !g->d.aq_depth && !g->d.n_rx);
	/* It works again */
	g->brk = 0;
	g->resp = 0;
	g_write(g, REG_DEV_CTL, 0);
	CHECK(g_reset(g, 0));
	g_admin(g, 32);
	CHECK(g_get(g, FEAT_DEV_ATTR, 0, 0, &a) == ST_OK);
	CHECK(g_create_sq(g, SQ_DIR_TX, tx.cq, 256, SQ_HOST, tx.ring, &a) ==
	      ST_ILLEGAL);
	g_free(g);
}

static void by_register(struct guest *g)
{
	g_write(g, REG_DEV_CTL, 1);
}

static void by_pci(struct guest *g)
{
	ena_power_reset(&g->d);
	CHECK(ena_reg_read(&g->d, REG_DEV_STS) == STS_READY);
}

static void test_reset_forgets(void)
{
	forgotten(by_register);
}

static void test_power_reset_forgets(void)
{
	forgotten(by_pci);
}

static void test_reset_clears_drops(void)
{
	struct guest *g = g_up("");
	union aq_entry c = { 0 };
	struct acq_entry a;

	ena_rx_drop(&g->d);
	c.common.opcode = OP_GET_STATS;
	CHECK(g_cmd(g, &c, &a) == ST_OK && a.u.raw64[4] == 1);
	CHECK(g_reset(g, 1));
	g_admin(g, 32);
	CHECK(g_cmd(g, &c, &a) == ST_OK && a.u.raw64[4] == 0);
	CHECK(g->d.count.rx_drop == 1);
	g_free(g);
}

static void test_admin_registers(void)
{
	static const u32 refused[] = {
		0 | 64 << 16, 31 | 64 << 16, 2048 | 64 << 16, 32 | 32 << 16, 32,
	};
	struct guest *g = g_new("");
	unsigned int i;

	CHECK(g_reset(g, 0));
	g_admin(g, 32);
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		g_write(g, REG_AQ_CAPS, refused[i]);
		CHECK(g_get(g, FEAT_DEV_ATTR, 0, 0, NULL) == G_SILENT);
		g_write(g, REG_AQ_CAPS, 32 | 64 << 16);
		g_write(g, REG_ACQ_CAPS, refused[i]);
		g->aq_tail = 0;
		CHECK(g_get(g, FEAT_DEV_ATTR, 0, 0, NULL) == G_SILENT);
		g_write(g, REG_ACQ_CAPS, 32 | 64 << 16);
		g->aq_tail = 0;
	}
	CHECK(g->d.count.admin_cmd == 0);
	CHECK(g_get(g, FEAT_DEV_ATTR, 0, 0, NULL) == ST_OK);
	g_free(g);
}

static void test_unknown_registers(void)
{
	struct guest *g = g_up("");
	u32 off;

	/* No queue exists: nothing of this may do anything, or crash */
	for (off = REG_RSS_IND_UPDATE; off < REG_BAR_SIZE; off += 4) {
		g_write(g, off, ~0U);
		g_write(g, off, 0);
	}
	CHECK(g->d.count.queue_error == 0 && g->d.count.tx_doorbell == 0);
	CHECK(g->d.count.rx_doorbell == 0 && g->d.count.dma_fault == 0);
	CHECK(g->d.count.unmask == 2 * (ENA_VECTORS_MAX - 1));
	CHECK(g_get(g, FEAT_DEV_ATTR, 0, 0, NULL) == ST_OK);
	g_free(g);
}

static void test_numa(void)
{
	struct guest *g = g_up("");
	struct acq_entry a;

	CHECK(!g_create_cq(g, SQ_DIR_TX, 256, 1, g_alloc(g, 2048), &a));
	g_write(g, a.u.create_cq.numa, 3);
	CHECK(g->d.count.numa == 1);
	CHECK(a.u.create_cq.unmask < REG_BAR_SIZE);
	g_free(g);
}

static void test_phc(void)
{
	struct guest *g = g_up("clock");
	union aq_entry c = { 0 };
	struct acq_entry a;
	struct phc_resp *r;
	u64 at;

	CHECK(!g_get(g, FEAT_PHC, 0, 0, &a));
	CHECK(a.u.phc.expire_us == 200000 && a.u.phc.doorbell == REG_PHC_DB);
	at = g_alloc(g, 64);
	r = g_ptr(g, at);
	c.feature.u.phc.output.lo = at;
	c.feature.u.phc.output_length = 63;
	CHECK(g_set(g, FEAT_PHC, 0, 0, &c) == ST_ILLEGAL);
	g_write(g, REG_PHC_DB, 77);
	CHECK(r->req_id == 0);
	c.feature.u.phc.output_length = 64;
	CHECK(!g_set(g, FEAT_PHC, 0, 0, &c));
	g_write(g, REG_PHC_DB, 77);
	CHECK(r->req_id == 77 && r->error == 0);
	CHECK(r->timestamp == g->now + 1000 * NSEC_PER_SEC);
	g->now += 5;
	g_write(g, REG_PHC_DB, 78);
	CHECK(r->req_id == 78);
	CHECK(r->timestamp == g->now + 1000 * NSEC_PER_SEC);
	g_free(g);
}

static void test_phc_deterministic(void)
{
	struct guest *g = g_up("");
	union aq_entry c = { 0 };
	struct phc_resp *r;
	u64 at, first;

	at = g_alloc(g, 64);
	r = g_ptr(g, at);
	c.feature.u.phc.output.lo = at;
	c.feature.u.phc.output_length = 64;
	CHECK(!g_set(g, FEAT_PHC, 0, 0, &c));
	g_write(g, REG_PHC_DB, 1);
	first = r->timestamp;
	g_write(g, REG_PHC_DB, 2);
	CHECK(r->timestamp == first + NSEC_PER_USEC && r->req_id == 2);
	g_free(g);
}

int main(void)
{
	static const struct test t[] = {
		{ "regs_readless", test_readless },
		{ "regs_readless_nowhere", test_readless_nowhere },
		{ "regs_readless_answer_at_end", test_readless_answer_at_end },
		{ "regs_not_shared", test_not_shared },
		{ "regs_direct", test_direct },
		{ "regs_reset_handshake", test_reset_handshake },
		{ "regs_reset_forgets", test_reset_forgets },
		{ "regs_power_reset_forgets", test_power_reset_forgets },
		{ "regs_reset_clears_drops", test_reset_clears_drops },
		{ "regs_admin_registers", test_admin_registers },
		{ "regs_unknown_registers", test_unknown_registers },
		{ "regs_numa", test_numa },
		{ "regs_phc", test_phc },
		{ "regs_phc_deterministic", test_phc_deterministic },
	};

	return g_run(t, ARRAY_SIZE(t));
}
