// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of offload.c: checksums and segments, compared with what guest.c
 * computes byte by byte.
 */
#include <stdlib.h>
#include <string.h>

#include "guest.h"

#define FIN	0x01
#define PSH	0x08
#define ACK	0x10
#define ECE	0x40
#define CWR	0x80

static struct gq q;
static u8 data[70000];

static struct guest *up(void)
{
	struct guest *g = g_up("tx-descs=64");

	g_queue(g, &q, SQ_DIR_TX, 256, 1, false);
	return g;
}

static struct g_tx csum_job(const struct flow *f, u32 len)
{
	struct g_tx x = { .data = data, .len = len, .meta = true };

	x.w1 = (f->v6 ? L3_IP6 : L3_IP4) | TXD_L4_CSUM | TXD_L4_PARTIAL;
	x.w1 |= (f->proto == 6 ? L4_TCP : L4_UDP) << TXD_L4_SHIFT;
	x.l3_off = 14;
	x.l3_len = f->v6 ? 40 : 20;
	return x;
}

static struct g_tx tso_job(const struct flow *f, u32 len, u32 mss)
{
	struct g_tx x = csum_job(f, len);

	x.w1 &= ~TXD_L4_PARTIAL;
	x.w1 |= TXD_TSO;
	if (!f->v6)
		x.w1 |= TXD_L3_CSUM | TXD_DF;
	x.l4_words = (20 + f->tcp_opts) / 4;
	x.mss = mss;
	return x;
}

static void partial(const struct flow *f)
{
	static const u32 part[] = { 0, 14, 33, 54, 101, 320, 1001 };
	struct guest *g = up();
	struct g_frame *out;
	struct g_tx x;
	u32 len, i;

	for (len = 0; len < 1400; len += len < 40 ? 1 : 97) {
		for (i = 0; i < ARRAY_SIZE(part); i++) {
			x = csum_job(f, f_make(data, f, len, false));
			x.part = part[i];
			if (x.part && x.len / x.part > 60)
				continue;
			g->brk = 4 << 20;
			g_tx(g, &q, &x);
			CHECK(g->frames == 1);
			if (!g->frames)
				break;
			out = &g->frame[0];
			CHECK(ref_good(out->data, out->len));
			CHECK(out->csum_good && out->len == x.len);
			CHECK(!memcmp(out->data + f_head(f), data + f_head(f),
				      len));
			g_drop_frames(g);
		}
	}
	CHECK(g->d.count.tx_drop == 0);
	g_free(g);
}

static void test_csum_tcp4(void)
{
	partial(&(struct flow)FLOW_TCP4);
}

static void test_csum_udp4(void)
{
	partial(&(struct flow)FLOW_UDP4);
}

static void test_csum_tcp6(void)
{
	partial(&(struct flow)FLOW_TCP6);
}

static void test_csum_udp6(void)
{
	partial(&(struct flow)FLOW_UDP6);
}

/* A UDP checksum of 0 means none: 0xffff is sent in its place */
static void test_csum_udp_zero(void)
{
	struct flow f = FLOW_UDP4;
	struct guest *g = up();
	u32 n, zero = 0;
	struct g_tx x;
	u8 *c;

	for (n = 0; n < 65536; n++) {
		x = csum_job(&f, f_make(data, &f, 2, false));
		data[42] = n >> 8;
		data[43] = n;
		g->brk = 4 << 20;
		g_tx(g, &q, &x);
		c = g->frame[0].data + 40;
		CHECK(c[0] || c[1]);
		zero += c[0] == 0xff && c[1] == 0xff;
		if (n % 256 == 0)
			CHECK(ref_good(g->frame[0].data, x.len));
		g_drop_frames(g);
		if (bad)
			break;
	}
	CHECK(zero == 1 || zero == 2);
	g_free(g);
}

static void test_csum_padding(void)
{
	struct flow f = FLOW_UDP4;
	struct guest *g = up();
	struct g_tx x;
	u32 len;

	/* Bytes behind the IP packet (a short frame) are not summed */
	len = f_make(data, &f, 3, false);
	memset(data + len, 0xee, 60 - len);
	x = csum_job(&f, 60);
	g_tx(g, &q, &x);
	CHECK(g->frames == 1 && g->frame[0].len == 60);
	CHECK(ref_good(g->frame[0].data, len));
	CHECK(g->frame[0].data[59] == 0xee);
	g_free(g);
}

static void test_csum_ip_options(void)
{
	struct flow f = FLOW_UDP4;
	struct guest *g = up();
	struct g_tx x;
	u32 len;

	/* Eight bytes of options: the metadata has the length */
	len = f_make(data, &f, 30, false);
	memmove(data + 42, data + 34, len - 34);
	memset(data + 34, 1, 8);
	data[14] = 0x47;
	data[17] += 8;
	memset(data + 24, 0, 2);
	x = csum_job(&f, len + 8);
	x.l3_len = 28;
	x.w1 |= TXD_L3_CSUM;
	g_tx(g, &q, &x);
	CHECK(g->frames == 1);
	CHECK(ref_good(g->frame[0].data, len + 8));
	g_free(g);
}

static void test_csum_ip_only(void)
{
	struct flow f = { .proto = 47, .src = { 1, 2, 3, 4 }, .dst = { 5 } };
	struct guest *g = up();
	struct g_tx x;

	x = (struct g_tx){ .data = data, .w1 = L3_IP4 | TXD_L3_CSUM };
	x.len = f_make(data, &f, 99, false);
	data[24] ^= 0x55;
	g_tx(g, &q, &x);
	CHECK(g->frames == 1);
	CHECK(ref_sum(g->frame[0].data + 14, 20, 0) == 0xffff);
	CHECK(!g->frame[0].csum_good);
	g_free(g);
}

static u32 tag(u32 len, const u8 *tags, u32 n)
{
	memmove(data + 12 + n, data + 12, len - 12);
	memcpy(data + 12, tags, n);
	return len + n;
}

/* The driver offers all of this for VLAN devices, too (vlan_features) */
static void test_vlan(void)
{
	static const u8 tags[] = { 0x88, 0xa8, 0, 5, 0x81, 0, 0, 9 };
	static const struct flow flow[] = { FLOW_TCP4, FLOW_TCP6 };
	struct g_frame *out;
	struct guest *g;
	u8 plain[3000];
	struct g_tx x;
	u32 i, n, len;

	for (i = 0; i < 4; i++) {
		g = up();
		n = i & 2 ? 8 : 4;
		len = f_make(data, &flow[i & 1], 2501, false);
		len = tag(len, tags + 8 - n, n);
		x = csum_job(&flow[i & 1], len);
		x.l3_off += n;
		g_tx(g, &q, &x);
		x = tso_job(&flow[i & 1], len, 1000);
		x.l3_off += n;
		g_tx(g, &q, &x);
		CHECK(g->frames == 4 && g->d.count.tx_drop == 0);
		for (; g->frames; free(out->data)) {
			out = &g->frame[--g->frames];
			CHECK(!memcmp(out->data, data, 12 + n));
			memcpy(plain, out->data, 12);
			memcpy(plain + 12, out->data + 12 + n,
			       out->len - 12 - n);
			CHECK(ref_good(plain, out->len - n));
		}
		g_free(g);
	}
}

static void test_no_offload_untouched(void)
{
	struct flow f = FLOW_TCP4;
	struct guest *g = up();
	u32 len = f_make(data, &f, 100, true);

	data[30] ^= 1;
	data[24] ^= 1;
	g_send(g, &q, data, len);
	CHECK(g->frames == 1 && g->frame[0].len == len);
	CHECK(!memcmp(g->frame[0].data, data, len));
	CHECK(!g->frame[0].csum_good);
	g_free(g);
}

static void test_meta_cached(void)
{
	struct flow f = FLOW_TCP4;
	struct guest *g = up();
	struct g_tx x;
	int i;

	/* The driver sends metadata when it changes, and not again */
	for (i = 0; i < 5; i++) {
		x = csum_job(&f, f_make(data, &f, 100 + i, false));
		x.meta = !i;
		g_tx(g, &q, &x);
		CHECK(g->frames == (u32)i + 1);
		CHECK(ref_good(g->frame[i].data, x.len));
	}
	CHECK(g->d.count.tx_meta == 1);
	/* Each queue has its own, and a new queue has none */
	CHECK(!g_destroy_sq(g, SQ_DIR_TX, q.sq));
	g_queue(g, &q, SQ_DIR_TX, 256, 1, false);
	CHECK(!g->d.sq[q.sq].has_meta);
	g_free(g);
}

static u32 get32(const u8 *p)
{
	return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* Every segment as a stack without TSO would have made it */
static void check_segments(struct guest *g, const struct flow *f, u32 payload,
			   u32 mss)
{
	u32 head = f_head(f), n = (payload + mss - 1) / mss, i, off = 0, len;
	const u8 *p, *tcp;
	u8 flags;

	CHECK(g->frames == n);
	for (i = 0; i < g->frames && i < n; i++) {
		p = g->frame[i].data;
		tcp = p + 14 + (f->v6 ? 40 : 20);
		len = g->frame[i].len - head;
		CHECK(g->frame[i].len > head);
		CHECK(len == (i + 1 < n ? mss : payload - off));
		CHECK(ref_good(p, g->frame[i].len));
		CHECK(!memcmp(p, data, 14));
		CHECK(!memcmp(p + head, data + head + off, len));
		CHECK(get32(tcp + 4) == f->seq + off);
		flags = f->tcp_flags;
		if (i)
			flags &= ~CWR;
		if (i + 1 < n)
			flags &= ~(FIN | PSH);
		CHECK(tcp[13] == flags);
		CHECK(tcp[12] == (20 + f->tcp_opts) / 4 << 4);
		CHECK(!memcmp(tcp + 20, "\1\1\1\1\1\1\1\1\1\1\1\1",
			      f->tcp_opts));
		if (!f->v6)
			CHECK((u16)(p[18] << 8 | p[19]) ==
			      (u16)(f->ip_id + i));
		CHECK(g->frame[i].csum_good);
		off += len;
	}
	CHECK(off == payload);
}

static void tso(const struct flow *f, u32 payload, u32 mss, u32 part)
{
	struct guest *g = up();
	struct g_tx x;

	x = tso_job(f, f_make(data, f, payload, false), mss);
	x.part = part;
	g_tx(g, &q, &x);
	check_segments(g, f, payload, mss);
	CHECK(g_tx_done(g, &q) == 0 && g_tx_done(g, &q) == -1);
	CHECK(g->d.count.tx_packet == 1);
	CHECK(g->d.count.tx_segment == (payload + mss - 1) / mss);
	g_free(g);
}

static void test_tso4(void)
{
	struct flow f = FLOW_TCP4;

	tso(&f, 10000, 1448, 4096);
	tso(&f, 60000, 1460, 4096);
	tso(&f, 65000, 9000, 32000);
}

static void test_tso6(void)
{
	struct flow f = FLOW_TCP6;

	tso(&f, 10000, 1428, 4096);
	tso(&f, 60000, 1440, 4096);
	tso(&f, 65000, 8940, 20000);
}

static void test_tso_boundaries(void)
{
	struct flow f = FLOW_TCP4;
	int d;

	/* Around one, two and three times the MSS; odd sizes throughout */
	for (d = -1; d <= 1; d++) {
		tso(&f, 1001 + d, 1001, 0);
		tso(&f, 2002 + d, 1001, 0);
		tso(&f, 3003 + d, 1001, 777);
		tso(&f, 2 * 1448 + d, 1448, 1449);
	}
	tso(&f, 1, 1448, 0);
	tso(&f, 2, 1448, 0);
	/* The MSS has four bits elsewhere: above and below 1024 */
	tso(&f, 5000, 1023, 0);
	tso(&f, 5000, 1024, 0);
	tso(&f, 40000, 16383, 16000);
	tso(&f, 100, 8, 0);
}

static void test_tso_odd_buffers(void)
{
	struct flow f = FLOW_TCP6;
	u32 part;

	/* Segments and buffers end everywhere; buffers of odd size */
	for (part = 101; part < 400; part += 13)
		tso(&f, 5003, 337, part);
	f.v6 = false;
	for (part = 101; part < 400; part += 13)
		tso(&f, 5003, 336, part);
}

static void test_tso_flags(void)
{
	struct flow f = FLOW_TCP4;
	u32 flags;

	for (flags = 0; flags < 256; flags++) {
		f.tcp_flags = flags;
		tso(&f, 3000, 1000, 0);
	}
	f.tcp_flags = ACK | ECE | CWR | FIN | PSH;
	tso(&f, 999, 1000, 0);
}

static void test_tso_options(void)
{
	struct flow f4 = FLOW_TCP4, f6 = FLOW_TCP6;
	u32 opts;

	for (opts = 0; opts <= 12; opts += 4) {
		f4.tcp_opts = opts;
		f6.tcp_opts = opts;
		tso(&f4, 4000, 1448, 0);
		tso(&f6, 4000, 1428, 0);
	}
}

static void test_tso_too_long_for_ip(void)
{
	struct flow f = FLOW_TCP4;

	/* More than 65535 bytes: the length in the IP header says nothing */
	tso(&f, 66000, 1448, 30000);
	f = (struct flow)FLOW_TCP6;
	tso(&f, 66000, 1428, 30000);
}

static void test_tso_blocked(void)
{
	struct flow f = FLOW_TCP4;
	struct guest *g = up();
	struct g_tx x;
	u32 i;

	/* Resumes with the segment that found no room, none twice */
	x = tso_job(&f, f_make(data, &f, 20000, false), 1000);
	g->room = 0;
	g_tx(g, &q, &x);
	CHECK(g->frames == 0);
	for (i = 1; i <= 7; i++) {
		g->room = 3;
		ena_tx_kick(&g->d);
		CHECK(g->frames == min(3 * i, 20U));
		CHECK((g_tx_done(g, &q) == 0) == (i == 7));
	}
	check_segments(g, &f, 20000, 1000);
	g_free(g);
}

static void refused(const struct g_tx *x)
{
	struct guest *g = up();

	g_tx(g, &q, x);
	CHECK(g->frames == 0 && g->d.count.tx_drop == 1);
	/* The packet is lost, the queue goes on */
	CHECK(g_tx_done(g, &q) == 0);
	g_send(g, &q, data, 60);
	CHECK(g->frames == 1 && g_tx_done(g, &q) == 1);
	g_free(g);
}

static void test_tso_refused(void)
{
	struct flow f = FLOW_TCP4;
	struct g_tx x;
	u32 len;

	len = f_make(data, &f, 3000, false);
	x = tso_job(&f, len, 0);
	refused(&x);
	x = tso_job(&f, len, 7);
	refused(&x);
	x = tso_job(&f, len, 1000);
	x.l4_words = 4;
	refused(&x);
	x = tso_job(&f, len, 1000);
	x.l4_words = 63;
	x.l3_len = 255;
	refused(&x);
	x = tso_job(&f, len, 1000);
	x.l3_off = 20;
	refused(&x);
	x = tso_job(&f, len, 1000);
	x.l3_len = 16;
	refused(&x);
	/* Says IPv6 and TCP, is not */
	x = tso_job(&f, len, 1000);
	x.w1 = (x.w1 & ~TXD_L3) | L3_IP6;
	x.l3_len = 40;
	refused(&x);
	x = tso_job(&f, len, 1000);
	x.w1 = (x.w1 & ~(TXD_L4 << TXD_L4_SHIFT)) | L4_UDP << TXD_L4_SHIFT;
	refused(&x);
	x = tso_job(&f, len, 1000);
	x.w1 &= ~(TXD_L4 << TXD_L4_SHIFT);
	refused(&x);
	/* Nothing behind the headers */
	x = tso_job(&f, f_make(data, &f, 0, false), 1000);
	refused(&x);
	x = tso_job(&f, 40, 1000);
	refused(&x);
}

static void test_csum_refused(void)
{
	struct flow f = FLOW_TCP4;
	struct g_tx x;
	u32 len;

	len = f_make(data, &f, 100, false);
	/* The L4 header is not all there */
	x = csum_job(&f, 53);
	refused(&x);
	x = csum_job(&f, len);
	x.l3_len = 255;
	refused(&x);
	x = csum_job(&f, len);
	x.w1 &= ~(TXD_L4 << TXD_L4_SHIFT);
	refused(&x);
	x = csum_job(&f, len);
	x.l3_len = 12;
	refused(&x);
	/* The IP header says that there is no room for the L4 header */
	data[16] = 0;
	data[17] = 39;
	x = csum_job(&f, len);
	refused(&x);
}

int main(void)
{
	static const struct test t[] = {
		{ "offload_csum_tcp4", test_csum_tcp4 },
		{ "offload_csum_udp4", test_csum_udp4 },
		{ "offload_csum_tcp6", test_csum_tcp6 },
		{ "offload_csum_udp6", test_csum_udp6 },
		{ "offload_csum_udp_zero", test_csum_udp_zero },
		{ "offload_csum_padding", test_csum_padding },
		{ "offload_csum_ip_options", test_csum_ip_options },
		{ "offload_csum_ip_only", test_csum_ip_only },
		{ "offload_vlan", test_vlan },
		{ "offload_none_untouched", test_no_offload_untouched },
		{ "offload_meta_cached", test_meta_cached },
		{ "offload_tso4", test_tso4 },
		{ "offload_tso6", test_tso6 },
		{ "offload_tso_boundaries", test_tso_boundaries },
		{ "offload_tso_odd_buffers", test_tso_odd_buffers },
		{ "offload_tso_flags", test_tso_flags },
		{ "offload_tso_options", test_tso_options },
		{ "offload_tso_too_long_for_ip", test_tso_too_long_for_ip },
		{ "offload_tso_blocked", test_tso_blocked },
		{ "offload_tso_refused", test_tso_refused },
		{ "offload_csum_refused", test_csum_refused },
	};

	return g_run(t, ARRAY_SIZE(t));
}
