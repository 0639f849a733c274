// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of rss.c: the Toeplitz hash against the vectors that Microsoft gives to
 * verify RSS, and the queue that a packet goes to.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

#define L4	(RSS_L3_SA | RSS_L3_DA | RSS_L4_SP | RSS_L4_DP)
#define L3	(RSS_L3_SA | RSS_L3_DA)

static const u8 key[40] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2,
	0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0,
	0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4,
	0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c,
	0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static const struct {
	const char *dst;
	u16 dport;
	const char *src;
	u16 sport;
	u32 with_ports;
	u32 without;
} vector[] = {
	{ "161.142.100.80", 1766, "66.9.149.187", 2794,
	  0x51ccc178, 0x323e8fc2 },
	{ "65.69.140.83", 4739, "199.92.111.2", 14230,
	  0xc626b0ea, 0xd718262a },
	{ "12.22.207.184", 38024, "24.19.198.95", 12898,
	  0x5c2b394a, 0xd2d0a5de },
	{ "209.142.163.6", 2217, "38.27.205.30", 48228,
	  0xafc7327f, 0x82989176 },
	{ "202.188.127.2", 1303, "153.39.163.191", 44251,
	  0x10e828a2, 0x5d1809c5 },
	{ "3ffe:2501:200:3::1", 1766, "3ffe:2501:200:1fff::7", 2794,
	  0x40207d3d, 0x2cc18cd5 },
	{ "ff02::1", 4739, "3ffe:501:8::260:97ff:fe40:efab", 14230,
	  0xdde51bbf, 0x0f0c461c },
	{ "fe80::200:f8ff:fe21:67cf", 38024,
	  "3ffe:1900:4545:3:200:f8ff:fe21:67cf", 44251,
	  0x02d1feef, 0x4b61e985 },
};

static struct gq rx[4];
static struct g_rx r;
static u8 frame[256];

static struct guest *up(u16 l4, u16 l3)
{
	static const u16 queue[] = { 0, 1, 2, 3 };
	struct guest *g = g_up("queues=4");
	u32 i;

	for (i = 0; i < 4; i++) {
		g_queue(g, &rx[i], SQ_DIR_RX, 256, 1 + i, false);
		g_post(g, &rx[i], 200, 256);
	}
	g_table(g, queue, 4);
	g_key(g, key);
	g_fields(g, l4, l3);
	return g;
}

static struct flow flow(u32 i, u8 proto)
{
	struct flow f = { .proto = proto };
	int af;

	f.v6 = strchr(vector[i].dst, ':');
	af = f.v6 ? AF_INET6 : AF_INET;
	if (inet_pton(af, vector[i].src, f.src) != 1 ||
	    inet_pton(af, vector[i].dst, f.dst) != 1)
		abort();
	f.sport = vector[i].sport;
	f.dport = vector[i].dport;
	return f;
}

/* The frame has to be in the queue that its hash tells, and say the hash */
static void arrives(struct guest *g, const struct flow *f, u32 hash)
{
	u32 len = f_make(frame, f, 20, true), i;

	CHECK(g_inject(g, frame, len) == 0);
	for (i = 0; i < 4; i++) {
		if (i == (hash & 3)) {
			CHECK(g_rx(g, &rx[i], &r));
			CHECK(r.hash == hash);
		}
		CHECK(!g_rx(g, &rx[i], &r));
	}
}

static bool bit(const u8 *p, u32 i)
{
	return p[i / 8] >> (7 - i % 8) & 1;
}

/* By the definition: bit I of the input adds the 32 bits of the key from I on */
static u32 toeplitz(const u8 *k, const u8 *in, u32 len)
{
	u32 hash = 0, i, j;

	for (i = 0; i < len * 8; i++)
		for (j = 0; j < 32 && bit(in, i); j++)
			hash ^= (u32)bit(k, i + j) << (31 - j);
	return hash;
}

static void test_vectors(void)
{
	static const u8 proto[] = { 6, 17, 47 };
	struct guest *g = up(L4, L3);
	struct flow f;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(vector); i++) {
		for (j = 0; j < ARRAY_SIZE(proto); j++) {
			f = flow(i, proto[j]);
			arrives(g, &f, proto[j] == 47 ? vector[i].without :
				vector[i].with_ports);
		}
	}
	g_free(g);
}

static void test_without_ports(void)
{
	struct guest *g = up(L3, L3);
	struct flow f;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(vector); i++) {
		f = flow(i, 6);
		arrives(g, &f, vector[i].without);
	}
	g_free(g);
}

static void test_no_fields(void)
{
	struct guest *g = up(0, 0);
	struct flow f;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(vector); i++) {
		f = flow(i, 17);
		arrives(g, &f, 0);
	}
	g_free(g);
}

/* One field alone: the others are not in the input, not even as zeros */
static void test_each_field(void)
{
	static const u16 field[] = { RSS_L3_SA, RSS_L3_DA, RSS_L4_SP,
				     RSS_L4_DP };
	struct guest *g = up(L4, L3);
	struct flow f = flow(0, 6);
	u8 in[4][4];
	u32 i;

	memcpy(in[0], f.src, 4);
	memcpy(in[1], f.dst, 4);
	put_be16(in[2], f.sport);
	put_be16(in[3], f.dport);
	for (i = 0; i < 4; i++) {
		g_fields(g, field[i], 0);
		arrives(g, &f, toeplitz(key, in[i], i < 2 ? 4 : 2));
	}
	g_free(g);
}

/* Every fragment by its addresses, or a flow would come in wrong order */
static void test_fragments(void)
{
	struct guest *g = up(L4, L3);
	struct flow f = flow(0, 17);
	u32 len;

	len = f_make(frame, &f, 20, true);
	frame[20] = 0x20;
	CHECK(g_inject(g, frame, len) == 0);
	CHECK(g_rx(g, &rx[vector[0].without & 3], &r));
	CHECK(r.hash == vector[0].without && r.status & RXC_FRAG);
	/* They have fields of their own */
	g->d.rss.selected[RSS_IP4_FRAG].fields = 0;
	CHECK(g_inject(g, frame, len) == 0);
	CHECK(g_rx(g, &rx[0], &r) && r.hash == 0);
	g_free(g);
}

static void test_not_ip(void)
{
	struct guest *g = up(L4, L3);
	u32 i;

	for (i = 0; i < 20; i++) {
		memset(frame, i * 37, 60);
		frame[12] = 0x08;
		frame[13] = 0x06;
		CHECK(g_inject(g, frame, 60) == 0);
		CHECK(g_rx(g, &rx[0], &r) && r.hash == 0);
	}
	g_free(g);
}

static void test_new_key(void)
{
	struct guest *g = up(L4, L3);
	u32 i, j, seed = 1, n;
	u8 other[40], in[36];
	struct flow f;

	for (j = 0; j < 100; j++) {
		for (i = 0; i < 40; i++) {
			seed = seed * 1103515245 + 12345;
			other[i] = seed >> 16;
		}
		f = flow(j % ARRAY_SIZE(vector), 17);
		n = f.v6 ? 16 : 4;
		memcpy(in, f.src, n);
		memcpy(in + n, f.dst, n);
		put_be16(in + 2 * n, f.sport);
		put_be16(in + 2 * n + 2, f.dport);
		g->brk = 6 << 20;
		g_key(g, other);
		arrives(g, &f, toeplitz(other, in, 2 * n + 4));
	}
	g_key(g, key);
	f = flow(0, 6);
	arrives(g, &f, vector[0].with_ports);
	g_free(g);
}

static void test_table(void)
{
	static const u16 queue[] = { 3, 1 };
	struct guest *g = up(L4, L3);
	struct flow f;
	u32 i, len;

	g_table(g, queue, 2);
	for (i = 0; i < ARRAY_SIZE(vector); i++) {
		f = flow(i, 6);
		len = f_make(frame, &f, 20, true);
		CHECK(g_inject(g, frame, len) == 0);
		CHECK(g_rx(g, &rx[queue[vector[i].with_ports & 1]], &r));
		CHECK(!g_rx(g, &rx[0], &r) && !g_rx(g, &rx[2], &r));
	}
	g_free(g);
}

/* All 128 entries: the low seven bits of the hash */
static void test_table_entries(void)
{
	struct guest *g = up(L4, L3);
	struct flow f = flow(2, 6);
	u16 queue[128] = { 0 };
	u32 len, at = vector[2].with_ports & 127;

	queue[at] = 2;
	g_table(g, queue, 128);
	len = f_make(frame, &f, 20, true);
	CHECK(g_inject(g, frame, len) == 0);
	CHECK(g_rx(g, &rx[2], &r));
	queue[at] = 1;
	queue[at ^ 64] = 2;
	g_table(g, queue, 128);
	CHECK(g_inject(g, frame, len) == 0);
	CHECK(g_rx(g, &rx[1], &r));
	g_free(g);
}

static void test_queue_gone(void)
{
	struct guest *g = up(L4, L3);
	struct flow f = flow(0, 6);
	u32 i = vector[0].with_ports & 3, len;

	CHECK(!g_destroy_sq(g, SQ_DIR_RX, rx[i].sq));
	len = f_make(frame, &f, 20, true);
	CHECK(g_inject(g, frame, len) == 0);
	CHECK(g->d.count.rx_drop == 1 && g->d.count.rx_packet == 0);
	g_free(g);
}

static void test_without_table(void)
{
	struct guest *g = g_up("queues=4");
	struct flow f = flow(0, 6);
	u32 len, i;

	/* All goes to the first queue that there is */
	for (i = 0; i < 2; i++) {
		g_queue(g, &rx[i], SQ_DIR_RX, 256, 1, false);
		g_post(g, &rx[i], 2, 256);
	}
	len = f_make(frame, &f, 20, true);
	CHECK(g_inject(g, frame, len) == 0 && g_rx(g, &rx[0], &r));
	CHECK(!g_destroy_sq(g, SQ_DIR_RX, rx[0].sq));
	CHECK(g_inject(g, frame, len) == 0 && g_rx(g, &rx[1], &r));
	g_free(g);
}

static void test_hash_not_offered(void)
{
	struct guest *g = up(L4, L3);
	struct flow f = flow(0, 6);
	u32 len;

	g->d.cfg.rx_offload &= ~BIT(3);
	len = f_make(frame, &f, 20, true);
	CHECK(g_inject(g, frame, len) == 0);
	CHECK(g_rx(g, &rx[vector[0].with_ports & 3], &r) && r.hash == 0);
	g_free(g);
}

int main(void)
{
	static const struct test t[] = {
		{ "rss_vectors", test_vectors },
		{ "rss_without_ports", test_without_ports },
		{ "rss_no_fields", test_no_fields },
		{ "rss_each_field", test_each_field },
		{ "rss_fragments", test_fragments },
		{ "rss_not_ip", test_not_ip },
		{ "rss_new_key", test_new_key },
		{ "rss_table", test_table },
		{ "rss_table_entries", test_table_entries },
		{ "rss_queue_gone", test_queue_gone },
		{ "rss_without_table", test_without_table },
		{ "rss_hash_not_offered", test_hash_not_offered },
	};

	return g_run(t, ARRAY_SIZE(t));
}
