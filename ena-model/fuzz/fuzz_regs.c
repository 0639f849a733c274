// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target of the registers: a device that nobody has set up, and a guest
 * that writes what it likes, where it likes, with rings at any address.
 *
 * The first byte of the input chooses what the device is. Records of six bytes
 * follow: what to do, a small number, and a value.
 */
#include <stdlib.h>
#include <string.h>

#include "../tests/guest.h"

#define RAM	"16384"
#define RECORDS	96

static const u16 regs[] = {
	REG_AQ_BASE_LO, REG_AQ_CAPS, REG_ACQ_BASE_LO, REG_ACQ_CAPS, REG_AQ_DB,
	REG_AENQ_CAPS, REG_AENQ_BASE_LO, REG_AENQ_HEAD_DB, REG_INTR_MASK,
	REG_DEV_CTL, REG_MMIO_READ, REG_MMIO_RESP_LO, REG_PHC_DB,
	REG_AQ_BASE_HI, REG_ACQ_BASE_HI, REG_AENQ_BASE_HI, REG_MMIO_RESP_HI,
	REG_SQ_DB, REG_SQ_DB + 4, REG_SQ_DB + 4 * ENA_SQS_MAX,
	REG_SQ_DB + 4 * ENA_SQS_MAX + 4, REG_UNMASK + 4, REG_UNMASK + 8,
	REG_NUMA, REG_SQ_DB + 8 * ENA_SQS_MAX, REG_UNMASK,
	REG_SQ_DB + 8 * ENA_SQS_MAX + 4,
};

/* What a driver would write, so that the input need not guess it */
static const u32 vals[] = {
	32 | 64 << 16, 1 | 64 << 16, 16 | 64 << 16, 1, 0, 2, INTR_UNMASK,
};

static struct guest *g;
static struct ena_dev *fresh;

static void setup(void)
{
	g = g_new("ram=" RAM " iova=0 holes queues=2 depth=256");
	fresh = malloc(sizeof(*fresh));
	if (!fresh)
		abort();
	*fresh = g->d;
}

static void special(u8 what, u32 val)
{
	const char *why;
	char line[64];
	u8 frame[60];

	switch (what % 8) {
	case 0:
		g_tick(g, val);
		break;
	case 1:
		memset(frame, val, sizeof(frame));
		g_inject(g, frame, 14 + val % 47);
		break;
	case 2:
		ena_tx_kick(&g->d);
		ena_release(&g->d);
		break;
	case 3:
		ena_link(&g->d, val & 1);
		ena_event(&g->d, val >> 8, val, &val, sizeof(val));
		break;
	case 4:
		snprintf(line, sizeof(line), "%s count=%u value=%u",
			 fault_name(val % FAULT_NUM), 1 + (val >> 8 & 7),
			 val >> 16);
		if (g->d.fault.n < FAULT_RULES &&
		    fault_arm(&g->d.fault, line, &why))
			abort();
		break;
	case 5:
		fault_clear(&g->d.fault, NULL);
		break;
	case 6:
		g->d.bus_master = val & 1;
		break;
	case 7:
		ena_power_reset(&g->d);
		break;
	}
}

static void record(const u8 *p)
{
	u32 val;

	memcpy(&val, p + 2, sizeof(val));
	switch (p[0] & 7) {
	case 0:
	case 1:
		g_write(g, regs[p[1] % ARRAY_SIZE(regs)], val);
		break;
	case 2:
		g_write(g, regs[p[1] % ARRAY_SIZE(regs)],
			vals[val % ARRAY_SIZE(vals)]);
		break;
	case 3:
		g_write(g, regs[p[1] % ARRAY_SIZE(regs)], val & 0x7ff8);
		break;
	case 4:
		g_write(g, ((u32)p[1] << 8 | p[0]) & (REG_BAR_SIZE - 4), val);
		break;
	case 5:
		ena_reg_read(&g->d, val & (REG_BAR_SIZE - 1));
		break;
	case 6:
		/* Memory: admin commands and descriptors, word by word */
		val = p[1] * 4 + (p[0] >> 3) * 1024;
		if (val + 4 <= g->ram_size)
			memcpy(g->ram + val, p + 2, 4);
		break;
	case 7:
		special(p[1], val);
		break;
	}
}

int fuzz_one(const u8 *data, size_t size) __asm__("LLVMFuzzerTestOneInput");

int fuzz_one(const u8 *data, size_t size)
{
	bool reset;
	u32 n;

	if (!g)
		setup();
	if (!size)
		return 0;
	g->d = *fresh;
	g->mem.faults = 0;
	memset(g->ram, 0, g->ram_size);
	g_drop_frames(g);
	g->d.cfg.wait_ms = data[0] & 1;
	g->d.cfg.direct = data[0] >> 1 & 1;
	if (data[0] & 4)
		g->d.env.llq = NULL;
	if (data[0] & 8)
		g->d.cfg.features = ~0U;
	g->d.bus_master = !(data[0] & 16);
	reset = data[0] & 32;
	for (data++, size--, n = 0; size >= 6 && n < RECORDS; n++) {
		record(data);
		data += 6;
		size -= 6;
	}
	ena_intr_flush(&g->d);
	/* What is refused without bus master is refused, too */
	if (g->d.count.dma_fault < g->d.count.dma_disabled)
		abort();
	/* Not each time: the table of the hash is slow to make */
	if (reset)
		ena_power_reset(&g->d);
	if (reset && (g->d.n_rx || g->d.tx_blocked || g->d.n_late ||
		      g->d.n_held || g->d.n_event || g->d.aq_depth))
		abort();
	return 0;
}
