// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target of the data path: two devices back to back, each with two TX
 * queues (one of them LLQ) and two RX queues, and a guest that fills
 * descriptors, lines and headers with the input.
 *
 * The input is records: a byte that tells what it is and whose, a byte of
 * length, and that many bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "../tests/guest.h"

#define RECORDS	48
#define DEPTH	16
/* Frames that one input may make: small segments of long packets are slow */
#define FRAMES	300

enum { TX, LLQ, RX0, RX1, QUEUES };

static struct side {
	struct guest *g;
	struct guest *fresh;
	u8 *ram;
	struct gq q[QUEUES];
	struct gq fresh_q[QUEUES];
	u32 buf;
} side[2];

static void setup(void)
{
	static const u16 table[] = { 0, 1 };
	struct side *s;
	int i;

	for (i = 0; i < 2; i++) {
		s = &side[i];
		s->g = g_up("ram=32768 iova=0 holes queues=2 depth=256 clock "
			    "rx-offset=7 wait=2 max-mtu=4000");
		if (g_llq(s->g, i ? LLQ_ENTRY_256 : LLQ_ENTRY_128, 0))
			abort();
		g_queue(s->g, &s->q[TX], SQ_DIR_TX, DEPTH, 1, false);
		g_queue(s->g, &s->q[LLQ], SQ_DIR_TX, DEPTH, 2, true);
		g_queue(s->g, &s->q[RX0], SQ_DIR_RX, DEPTH, 1, false);
		g_queue(s->g, &s->q[RX1], SQ_DIR_RX, DEPTH, 2, false);
		g_table(s->g, table, 2);
		g_fields(s->g, 0x3c, 0xc);
		g_post(s->g, &s->q[RX0], 8, 200);
		g_post(s->g, &s->q[RX1], 4, 700);
		s->buf = (s->g->brk + 63) & ~63U;
	}
	side[0].g->peer = side[1].g;
	side[1].g->peer = side[0].g;
	for (i = 0; i < 2; i++) {
		s = &side[i];
		s->fresh = malloc(sizeof(*s->fresh));
		s->ram = malloc(s->g->ram_size);
		if (!s->fresh || !s->ram)
			abort();
		memcpy(s->fresh, s->g, sizeof(*s->g));
		memcpy(s->ram, s->g->ram, s->g->ram_size);
		memcpy(s->fresh_q, s->q, sizeof(s->q));
	}
}

/* A packet as the driver would send it, with numbers of the input */
static void packet(struct side *s, struct gq *q, const u8 *p, u32 len)
{
	struct flow f = { .src = { 1 }, .dst = { 2 } };
	static u8 frame[24000];
	struct g_tx x = { .data = frame };
	struct tx_desc *t;
	u32 n, last;

	if (len < 12)
		return;
	f.v6 = p[0] & 1;
	f.proto = p[0] & 2 ? 6 : 17;
	f.tcp_opts = p[0] & 4 ? 12 : 0;
	f.tcp_flags = p[1];
	f.src[3] = p[2];
	x.len = f_make(frame, &f, (p[3] | p[4] << 8) % 20000, p[0] & 8);
	memcpy(frame + p[5] % 80, p + 11, min(len - 11, 40U));
	x.w1 = (f.v6 ? L3_IP6 : L3_IP4) |
		(f.proto == 6 ? L4_TCP : L4_UDP) << TXD_L4_SHIFT;
	x.w1 |= (u32)(p[0] >> 4) << 13 | (p[6] & 1) * TXD_TSO;
	x.l3_off = 14;
	x.l3_len = f.v6 ? 40 : 20;
	x.l4_words = 5 + f.tcp_opts / 4;
	x.mss = p[7] << 2 | (p[8] & 3) << 10;
	x.meta = p[6] & 2;
	x.push = q->llq ? min(p[9] % (q->line - 31U), x.len) : 0;
	x.part = 600 + p[10] * 16;
	if (p[6] & 4)
		x.l3_off = p[11];
	if (p[6] & 8)
		x.l3_len = p[11];
	if (p[6] & 16)
		x.l4_words = p[11] & 63;
	n = (x.len - x.push) / x.part;
	last = x.len - x.push - n * x.part;
	n = n * ((x.part + 63) & ~63U) + last;
	if (n + 64 > s->g->ram_size - s->buf)
		return;
	/* Up to the end of memory, or nearly so, and maybe beyond it */
	s->g->brk = (s->g->ram_size - n) & ~63U;
	g_tx_put(s->g, q, &x);
	if (p[6] & 64 && !q->llq) {
		t = g_ptr(s->g, q->ring + (u16)(q->tail - 1) % DEPTH * 16);
		t->w0 += p[10];
	}
	if (p[6] & 32)
		g_db(s->g, q);
}

static void raw_desc(struct side *s, struct gq *q, const u8 *p, u32 len)
{
	struct tx_desc t = { 0 };
	struct rx_desc *r;
	u8 *line;
	u32 i;

	if (q->dir == SQ_DIR_RX) {
		r = g_ptr(s->g, q->ring + q->tail % DEPTH * 16);
		memset(r, 0, sizeof(*r));
		memcpy(r, p, min(len, 16U));
		r->ctrl = (r->ctrl & ~1) | !(q->tail & DEPTH);
		/* A buffer at the border of memory, or over it */
		if (r->reserved3 & 1) {
			r->addr_lo = s->g->ram_size - (r->addr_lo & 0xff);
			r->addr_hi = 0;
		}
		q->tail++;
		return;
	}
	if (!q->llq) {
		memcpy(&t, p, min(len, 16U));
		g_tx_desc(s->g, q, &t);
		return;
	}
	line = s->g->d.env.llq + q->at + q->tail % DEPTH * q->line;
	memset(line, 0, q->line);
	memcpy(line, p, len < q->line ? len : q->line);
	for (i = 3; i < q->line; i += 16)
		line[i] = (line[i] & ~1) | !(q->tail & DEPTH);
	q->tail++;
}

static void control(struct side *s, const u8 *p, u32 len)
{
	const char *why;
	char text[64];

	if (len < 4)
		return;
	switch (p[0] % 8) {
	case 0:
		s->g->d.host_features = p[1];
		break;
	case 1:
		ena_link(&s->g->d, p[1] & 1);
		break;
	case 2:
		snprintf(text, sizeof(text), "%s count=%u value=%u",
			 fault_name(p[1] % FAULT_NUM), 1 + p[2] % 8, p[3] * 17);
		if (s->g->d.fault.n < FAULT_RULES &&
		    fault_arm(&s->g->d.fault, text, &why))
			abort();
		break;
	case 3:
		ena_release(&s->g->d);
		ena_tx_resume(&s->g->d);
		break;
	case 4:
		g_destroy_sq(s->g, p[1] & 1 ? SQ_DIR_TX : SQ_DIR_RX, p[2] & 1);
		break;
	case 5:
		s->g->d.bus_master = p[1] & 1;
		break;
	case 6:
		g_write(s->g, REG_DEV_CTL, p[1] & 1);
		break;
	case 7:
		s->g->d.cfg.rx_descs = 1 + p[1] % 64;
		s->g->d.cfg.tx_descs = 2 + p[2] % 63;
		break;
	}
}

static void record(u8 what, const u8 *p, u32 len)
{
	struct side *s = &side[what >> 7];
	struct gq *q = &s->q[what >> 5 & 3];
	u32 at;

	switch (what & 7) {
	case 0:
	case 1:
		if (q->dir == SQ_DIR_TX)
			packet(s, q, p, len);
		else
			raw_desc(s, q, p, len);
		break;
	case 2:
		raw_desc(s, q, p, len);
		break;
	case 3:
		g_db(s->g, q);
		break;
	case 4:
		if (len < 2)
			break;
		at = (p[0] | p[1] << 8) % s->g->ram_size;
		memcpy(s->g->ram + at, p + 2,
		       min(len - 2, s->g->ram_size - at));
		break;
	case 5:
		g_tick(s->g, len * 100 * NSEC_PER_USEC);
		break;
	case 6:
		at = len > 1 ? p[0] | p[1] << 8 : 0;
		g_write(s->g, what & 8 ? q->unmask : q->db,
			what & 8 ? at << 14 | at : at);
		break;
	case 7:
		control(s, p, len);
		break;
	}
}

static void check(const struct ena_dev *d)
{
	const struct ena_sq *q;
	u32 i;

	for (i = 0; i < 2 * ENA_SQS_MAX; i++) {
		q = &d->sq[i];
		if (!q->used)
			continue;
		if ((u16)(q->tail - q->head) > q->depth)
			abort();
		if (q->dir == SQ_DIR_TX &&
		    q->blocked != !!(d->tx_blocked & BIT(q->idx)))
			abort();
	}
}

int fuzz_one(const u8 *data, size_t size) __asm__("LLVMFuzzerTestOneInput");

int fuzz_one(const u8 *data, size_t size)
{
	u32 n, len, i;

	if (!side[0].g)
		setup();
	for (i = 0; i < 2; i++) {
		memcpy(side[i].g, side[i].fresh, offsetof(struct guest, frame));
		memcpy(side[i].g->ram, side[i].ram, side[i].g->ram_size);
		memcpy(side[i].q, side[i].fresh_q, sizeof(side[i].q));
		memset(side[i].g->d.env.llq + side[i].q[LLQ].at, 0,
		       DEPTH * 256);
	}
	for (n = 0; size >= 2 && n < RECORDS; n++) {
		len = min((size_t)data[1], size - 2);
		record(data[0], data + 2, len);
		data += 2 + len;
		size -= 2 + len;
		if (side[0].g->d.count.wire + side[1].g->d.count.wire > FRAMES)
			break;
	}
	for (i = 0; i < 2; i++) {
		g_tick(side[i].g, NSEC_PER_SEC);
		check(&side[i].g->d);
	}
	return 0;
}
