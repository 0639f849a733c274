// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target of the admin queue: a device that is set up and has some queues,
 * and commands from the input. Every command has to be answered, once.
 *
 * The input is records: a byte that tells what it is, a byte of length, and
 * that many bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "../tests/guest.h"

#define RECORDS	64

static struct guest *g;
static struct guest *fresh;
static u8 *ram;
static struct gq q[3];

static void setup(void)
{
	g = g_up("ram=24576 iova=0 holes queues=3 depth=256 clock groups=0x1e "
		 "features=0xffffffff llq-accel=3");
	if (g_llq(g, LLQ_ENTRY_128, 0))
		abort();
	g_queue(g, &q[0], SQ_DIR_TX, 16, 1, false);
	g_queue(g, &q[1], SQ_DIR_TX, 16, 2, true);
	g_queue(g, &q[2], SQ_DIR_RX, 16, 1, false);
	g_post(g, &q[2], 8, 256);
	fresh = malloc(sizeof(*fresh));
	ram = malloc(g->ram_size);
	if (!fresh || !ram)
		abort();
	memcpy(fresh, g, sizeof(*g));
	memcpy(ram, g->ram, g->ram_size);
}

static void command(const u8 *p, u32 len)
{
	u64 commands = g->d.count.admin_cmd, faults = g->d.count.dma_fault;
	u16 answers = g->d.acq_tail, head = g->d.aq_head;
	union aq_entry c = { 0 };

	memcpy(c.raw, p, len < sizeof(c) ? len : sizeof(c));
	/* The opcodes that there are, more often than others */
	if (c.common.opcode >= 0x80)
		c.common.opcode = "\1\2\3\4\10\11\13\11"[c.common.opcode & 7];
	g_submit(g, &c);
	if (g->d.count.admin_cmd != commands + 1 ||
	    (u16)(g->d.aq_head - head) != 1 ||
	    (u16)(g->d.acq_tail - answers) != 1)
		abort();
	/* A command may fill a hole; only its own buffer can be refused */
	if (g->d.count.dma_fault > faults + 1)
		abort();
}

static void check(void)
{
	u32 sqs[ENA_CQS_MAX] = { 0 }, rx = 0, i;
	const struct ena_sq *sq;

	for (i = 0; i < 2 * ENA_SQS_MAX; i++) {
		sq = &g->d.sq[i];
		if (!sq->used)
			continue;
		if (!g->d.cq[sq->cq].used || g->d.cq[sq->cq].dir != sq->dir ||
		    !is_pow2(sq->depth) || sq->idx != i % ENA_SQS_MAX)
			abort();
		sqs[sq->cq]++;
		rx += sq->dir == SQ_DIR_RX;
	}
	if (rx != g->d.n_rx)
		abort();
	for (i = 0; i < ENA_CQS_MAX; i++)
		if (g->d.cq[i].sqs != sqs[i] ||
		    g->d.cq[i].vector >= ENA_VECTORS_MAX)
			abort();
	for (i = 0; i < ENA_RSS_SIZE; i++)
		if (g->d.rss.table[i] >= ENA_SQS_MAX)
			abort();
}

static void record(u8 what, const u8 *p, u32 len)
{
	u8 frame[256] = { 0 };
	u32 at;

	switch (what % 8) {
	default:
		command(p, len);
		break;
	case 4:
		/* Buffers of commands, at any place */
		if (len < 2)
			break;
		at = (p[0] | p[1] << 8) % g->ram_size;
		memcpy(g->ram + at, p + 2, min(len - 2, g->ram_size - at));
		break;
	case 5:
		memcpy(frame, p, len);
		g_inject(g, frame, max(len, 14U));
		break;
	case 6:
		g_tick(g, len * NSEC_PER_MSEC * 10);
		g_write(g, REG_AENQ_HEAD_DB, g->d.aenq_tail + (len & 31));
		break;
	case 7:
		if (len >= 4)
			g_write(g, REG_SQ_DB + (p[0] & 0xff) * 4,
				p[1] | p[2] << 8);
		ena_tx_kick(&g->d);
		break;
	}
}

int fuzz_one(const u8 *data, size_t size) __asm__("LLVMFuzzerTestOneInput");

int fuzz_one(const u8 *data, size_t size)
{
	u32 n, len;

	if (!g)
		setup();
	g_drop_frames(g);
	/* All but the frames, which are the guest's last members */
	memcpy(g, fresh, offsetof(struct guest, frame));
	memcpy(g->ram, ram, g->ram_size);
	memset(g->d.env.llq + q[1].at, 0, 16 * 256);
	for (n = 0; size >= 2 && n < RECORDS; n++) {
		len = min((size_t)data[1], size - 2);
		record(data[0], data + 2, len);
		data += 2 + len;
		size -= 2 + len;
	}
	check();
	return 0;
}
