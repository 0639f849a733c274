// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of rxq.c: packets into buffers, what is told of them, and what happens
 * without buffers.
 */
#include <errno.h>
#include <string.h>

#include "guest.h"

static struct gq q;
static struct g_rx r;
static u8 data[20000];

static struct guest *up(const char *props)
{
	struct guest *g = g_up(props);
	u32 i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i * 11 + (i >> 5);
	data[12] = 0x88;
	data[13] = 0xb5;
	g_queue(g, &q, SQ_DIR_RX, 256, 1, false);
	return g;
}

static bool got(struct guest *g, const u8 *p, u32 len)
{
	return g_rx(g, &q, &r) && r.len == len && !memcmp(r.data, p, len);
}

static void test_plain(void)
{
	struct guest *g = up("");

	g_post(g, &q, 3, 2048);
	CHECK(g_inject(g, data, 60) == 0);
	CHECK(g_inject(g, data + 1, 1514) == 0);
	CHECK(got(g, data, 60) && r.n == 1 && r.id[0] == 0);
	CHECK(r.status & RXC_FIRST && r.status & RXC_LAST);
	CHECK(r.status & RXC_BUFFER && (r.status & 0x1f1f) == 0);
	CHECK(got(g, data + 1, 1514) && r.id[0] == 1);
	CHECK(!g_rx(g, &q, &r));
	CHECK(g->d.count.rx_packet == 2 && g->d.count.rx_byte == 1574);
	g_free(g);
}

static void test_many_buffers(void)
{
	static const u32 size[] = { 1664, 100, 3712, 1, 2048, 333, 64, 4096 };
	struct guest *g = up("");
	u32 i, len, next = 0;
	u16 id = 0;

	/* Buffers of different sizes, filled in order and to the end */
	for (len = 14; len < 9000; len += 331) {
		while ((u16)(q.tail - id) < 60) {
			i = size[next++ % ARRAY_SIZE(size)];
			g->brk = (4 << 20) + (q.tail & 255) * 4096;
			g_rx_put(g, &q, g_alloc(g, i), i);
		}
		g_db(g, &q);
		CHECK(g_inject(g, data, len) == 0);
		CHECK(got(g, data, len));
		CHECK(r.first & RXC_FIRST);
		CHECK(r.n == 1 || !(r.status & RXC_FIRST));
		for (i = 0; i < r.n; i++, id++) {
			CHECK(r.id[i] == (id & 255));
			CHECK(i == r.n - 1 ||
			      r.part[i] == size[id % ARRAY_SIZE(size)]);
		}
	}
	CHECK(g->d.count.rx_drop == 0);
	g_free(g);
}

static void test_exact_fit(void)
{
	struct guest *g = up("");

	g_post(g, &q, 4, 100);
	g_inject(g, data, 100);
	g_inject(g, data, 200);
	CHECK(got(g, data, 100) && r.n == 1);
	CHECK(got(g, data, 200) && r.n == 2);
	g_free(g);
}

static void test_phase_wrap(void)
{
	struct guest *g = up("wait=0");
	u32 i, wrong = 0, len;

	for (i = 0; i < 40000; i++) {
		len = 14 + i % 600;
		while ((u16)(q.tail - q.head) < 8) {
			g->brk = (4 << 20) + (q.tail & 255) * 256;
			g_rx_put(g, &q, g_alloc(g, 200), 200);
		}
		g_db(g, &q);
		wrong += g_inject(g, data + i % 7, len) != 0;
		wrong += !got(g, data + i % 7, len);
	}
	CHECK(wrong == 0 && g->d.count.rx_desc > 65536);
	g_free(g);
}

static void test_64k_buffer(void)
{
	struct guest *g = up("");

	/* Length 0 stands for 64 KiB */
	g_rx_put(g, &q, g_alloc(g, 65536), 65536);
	g_db(g, &q);
	g_inject(g, data, 9000);
	CHECK(got(g, data, 9000) && r.n == 1);
	g_free(g);
}

static void test_offset(void)
{
	struct guest *g = up("rx-offset=18");
	u32 features = HOST_RX_OFFSET;
	union aq_entry c = { 0 };
	u64 info;

	/* The driver has to say that it knows of offsets */
	g_post(g, &q, 1, 2048);
	g_inject(g, data, 60);
	CHECK(got(g, data, 60) && r.offset == 0);
	info = g_alloc(g, HOST_INFO_SIZE);
	memcpy((u8 *)g_ptr(g, info) + HOST_INFO_FEATURES, &features, 4);
	c.feature.u.host.info.lo = info;
	CHECK(!g_set(g, FEAT_HOST_ATTR, 0, 0, &c));
	g_post(g, &q, 3, 100);
	memset(g_ptr(g, q.buf[1]), 0xcc, 100);
	memset(g_ptr(g, q.buf[2]), 0xcc, 100);
	g_inject(g, data, 170);
	CHECK(got(g, data, 170));
	CHECK(r.offset == 18 && r.n == 2);
	/* The first buffer has less room, the second all of it */
	CHECK(r.part[0] == 82 && r.part[1] == 88);
	CHECK(((u8 *)g_ptr(g, q.buf[1]))[17] == 0xcc);
	CHECK(((u8 *)g_ptr(g, q.buf[2]))[88] == 0xcc);
	/* No room for the offset: the driver's mistake */
	g_inject(g, data, 60);
	g_post(g, &q, 1, 18);
	CHECK(g->d.count.queue_error == 0);
	g_inject(g, data, 60);
	CHECK(g->d.count.queue_error == 1);
	g_free(g);
}

/* What is told of a frame: bits of the status that have to be there */
static u32 verdict(const char *props, const u8 *f, u32 len)
{
	struct guest *g = g_up(props);
	u32 st = 0;

	g_queue(g, &q, SQ_DIR_RX, 256, 1, false);
	g_post(g, &q, 8, 2048);
	CHECK(g_inject(g, f, len) == 0);
	if (g_rx(g, &q, &r))
		st = r.status;
	CHECK(st & RXC_LAST);
	g_free(g);
	return st & (0x1f1f | RXC_L3_ERR | RXC_L4_ERR | RXC_L4_CHECKED |
		     RXC_FRAG);
}

static void good_and_bad(const struct flow *f)
{
	u32 want = f->v6 ? L3_IP6 : L3_IP4, len, st, i;
	u32 head = 14 + (f->v6 ? 40 : 20);
	u8 frame[2000];

	want |= (f->proto == 6 ? L4_TCP : L4_UDP) << 8 | RXC_L4_CHECKED;
	for (i = 0; i < 1400; i += 199) {
		len = f_make(frame, f, i, true);
		CHECK(verdict("", frame, len) == want);
		/* Behind the IP packet comes padding */
		memset(frame + len, 0x77, 9);
		CHECK(verdict("", frame, len + 9) == want);
		/* Each of these bytes spoils it */
		frame[len - 1] ^= 1;
		CHECK(verdict("", frame, len) == (want | RXC_L4_ERR));
		frame[len - 1] ^= 1;
		frame[head + 1] ^= 0x80;
		CHECK(verdict("", frame, len) == (want | RXC_L4_ERR));
		frame[head + 1] ^= 0x80;
		frame[head - 1] ^= 4;
		st = want | RXC_L4_ERR | (f->v6 ? 0 : RXC_L3_ERR);
		CHECK(verdict("", frame, len) == st);
	}
}

static void test_verdicts(void)
{
	good_and_bad(&(struct flow)FLOW_TCP4);
	good_and_bad(&(struct flow)FLOW_UDP4);
	good_and_bad(&(struct flow)FLOW_TCP6);
	good_and_bad(&(struct flow)FLOW_UDP6);
}

static void test_verdict_ip_header(void)
{
	struct flow f = FLOW_TCP4;
	u32 len = f_make(data, &f, 50, true);

	/* TTL: in the header's sum, not in the pseudo header */
	data[22]--;
	CHECK(verdict("", data, len) == (L3_IP4 | L4_TCP << 8 | RXC_L3_ERR |
					 RXC_L4_CHECKED));
	f.proto = 47;
	len = f_make(data, &f, 50, true);
	CHECK(verdict("", data, len) == L3_IP4);
}

static void test_verdict_udp_zero(void)
{
	struct flow f4 = FLOW_UDP4, f6 = FLOW_UDP6;
	u32 len;

	len = f_make(data, &f4, 50, true);
	memset(data + 40, 0, 2);
	CHECK(verdict("", data, len) == (L3_IP4 | L4_UDP << 8));
	len = f_make(data, &f6, 50, true);
	memset(data + 60, 0, 2);
	CHECK(verdict("", data, len) == (L3_IP6 | L4_UDP << 8));
}

static void test_verdict_fragments(void)
{
	static const u16 frag[] = { 0x2000, 0x0001, 0x2001, 0x1fff };
	struct flow f = FLOW_UDP4;
	u32 len, i;
	u16 sum;

	for (i = 0; i < ARRAY_SIZE(frag); i++) {
		len = f_make(data, &f, 50, true);
		put_be16(data + 20, frag[i]);
		put_be16(data + 24, 0);
		sum = 0xffff - ref_sum(data + 14, 20, 0);
		put_be16(data + 24, sum);
		CHECK(verdict("", data, len) == (L3_IP4 | RXC_FRAG));
	}
	/* "Do not fragment" is no fragment */
	len = f_make(data, &f, 50, true);
	put_be16(data + 20, 0x4000);
	put_be16(data + 24, 0);
	sum = 0xffff - ref_sum(data + 14, 20, 0);
	put_be16(data + 24, sum);
	CHECK(verdict("", data, len) == (L3_IP4 | L4_UDP << 8 |
					 RXC_L4_CHECKED));
}

static void test_verdict_odd_headers(void)
{
	struct flow f = FLOW_TCP4;
	u32 len = f_make(data, &f, 50, true);

	/* Lies about lengths: no IP packet, and nothing is read beyond */
	data[14] = 0x44;
	CHECK(verdict("", data, len) == 0);
	data[14] = 0x4f;
	verdict("", data, len);
	data[14] = 0x45;
	put_be16(data + 16, len);
	CHECK(verdict("", data, len) == 0);
	put_be16(data + 16, 19);
	CHECK(verdict("", data, len) == 0);
	data[14] = 0x55;
	CHECK(verdict("", data, len) == 0);
	for (len = 14; len < 54; len++) {
		f_make(data, &f, 50, true);
		CHECK(verdict("", data, len) == 0);
	}
	f = (struct flow)FLOW_UDP6;
	len = f_make(data, &f, 50, true);
	put_be16(data + 18, 59);
	CHECK(verdict("", data, len) == 0);
	put_be16(data + 18, 7);
	CHECK(verdict("", data, len) == L3_IP6);
}

static void test_verdict_vlan(void)
{
	u32 good = L3_IP4 | L4_TCP << 8 | RXC_L4_CHECKED, len;
	struct flow f = FLOW_TCP4;

	len = f_make(data, &f, 50, true);
	memmove(data + 16, data + 12, len - 12);
	memcpy(data + 12, "\x81\0\0\7", 4);
	CHECK(verdict("", data, len + 4) == good);
	data[len + 3] ^= 1;
	CHECK(verdict("", data, len + 4) == (good | RXC_L4_ERR));
	/* The tag is all that there is */
	CHECK(verdict("", data, 16) == 0);
	CHECK(verdict("", data, 18) == 0);
}

static void test_verdict_not_offered(void)
{
	struct flow f = FLOW_TCP6;
	u32 len = f_make(data, &f, 50, true);

	CHECK(verdict("rx-offload=0", data, len) == (L3_IP6 | L4_TCP << 8));
	CHECK(verdict("rx-offload=3", data, len) == (L3_IP6 | L4_TCP << 8));
	CHECK(verdict("rx-offload=4", data, len) ==
	      (L3_IP6 | L4_TCP << 8 | RXC_L4_CHECKED));
	f = (struct flow)FLOW_TCP4;
	len = f_make(data, &f, 50, true);
	CHECK(verdict("rx-offload=5", data, len) == (L3_IP4 | L4_TCP << 8));
}

/* The checksum is made at one side and not computed again at the other */
static void test_made_by_peer(void)
{
	struct g_tx x = { .data = data, .meta = true };
	struct guest *g = up(""), *from = g_up("");
	struct flow f = FLOW_TCP4;
	struct gq tx;

	from->peer = g;
	g->peer = from;
	g_queue(from, &tx, SQ_DIR_TX, 256, 1, false);
	g_post(g, &q, 2, 2048);
	x.len = f_make(data, &f, 1000, false);
	x.w1 = L3_IP4 | L4_TCP << TXD_L4_SHIFT | TXD_L4_CSUM | TXD_L4_PARTIAL;
	x.l3_off = 14;
	x.l3_len = 20;
	g_tx(from, &tx, &x);
	CHECK(g_rx(g, &q, &r) && ref_good(r.data, r.len));
	CHECK(r.status & RXC_L4_CHECKED && !(r.status & RXC_L4_ERR));
	/* Without offload the sender's word is not enough */
	g_send(from, &tx, data, x.len);
	CHECK(g_rx(g, &q, &r) && r.status & RXC_L4_ERR);
	g_free(from);
	g_free(g);
}

static void test_no_queue(void)
{
	struct guest *g = g_up("");

	CHECK(g_inject(g, data, 60) == 0);
	CHECK(g->d.count.rx_packet == 0 && g->d.count.dma_fault == 0);
	g_free(g);
}

static void test_too_long(void)
{
	struct guest *g = up("max-mtu=1500");

	g_post(g, &q, 8, 2048);
	/* The MTU, an Ethernet header and two VLAN tags */
	CHECK(g_inject(g, data, 1523) == 0);
	CHECK(!g_rx(g, &q, &r) && g->d.count.rx_drop == 1);
	CHECK(g_inject(g, data, 1522) == 0);
	CHECK(got(g, data, 1522));
	g_free(g);
}

static void test_too_many_descs(void)
{
	struct guest *g = up("rx-descs=3");

	g_post(g, &q, 8, 100);
	CHECK(g_inject(g, data, 301) == 0);
	CHECK(!g_rx(g, &q, &r) && g->d.count.rx_drop == 1);
	CHECK(g_inject(g, data, 300) == 0);
	CHECK(got(g, data, 300) && r.n == 3);
	g_free(g);
}

static void test_link_down(void)
{
	struct guest *g = up("");

	g_post(g, &q, 2, 2048);
	ena_link(&g->d, false);
	CHECK(g_inject(g, data, 60) == 0);
	CHECK(!g_rx(g, &q, &r));
	ena_link(&g->d, true);
	CHECK(g_inject(g, data, 60) == 0);
	CHECK(got(g, data, 60));
	g_free(g);
}

static void test_again(void)
{
	struct guest *g = up("");
	unsigned int rooms;

	g_post(g, &q, 1, 100);
	/* It needs two, one is there: nothing is touched */
	memset(g_ptr(g, q.buf[0]), 0xcc, 100);
	CHECK(g_inject(g, data, 150) == -EAGAIN);
	CHECK(((u8 *)g_ptr(g, q.buf[0]))[0] == 0xcc);
	CHECK(!g_rx(g, &q, &r) && g->d.count.rx_drop == 0);
	rooms = g->rooms;
	g_post(g, &q, 1, 100);
	CHECK(g->rooms == rooms + 1);
	CHECK(g_inject(g, data, 150) == 0);
	CHECK(got(g, data, 150) && r.n == 2);
	g_free(g);
}

static void test_drop_at_once(void)
{
	struct guest *g = up("wait=0");

	CHECK(g_inject(g, data, 60) == 0);
	CHECK(g->d.count.rx_drop == 1 && g->d.count.rx_overrun == 1);
	g_post(g, &q, 1, 100);
	CHECK(g_inject(g, data, 60) == 0);
	CHECK(got(g, data, 60));
	g_free(g);
}

static void test_last_try(void)
{
	struct pkt p = { .last_try = true };
	struct guest *g = up("");

	CHECK(!pkt_add(&p, data, 60));
	pkt_parse(&p);
	CHECK(ena_rx(&g->d, &p) == 0);
	CHECK(g->d.count.rx_drop == 1);
	/* Who starves makes nobody wait a second time ... */
	CHECK(g_inject(g, data, 60) == 0);
	CHECK(g->d.count.rx_drop == 2);
	/* ... until it has given buffers */
	g_post(g, &q, 1, 100);
	CHECK(g_inject(g, data, 60) == 0);
	CHECK(got(g, data, 60));
	CHECK(g_inject(g, data, 60) == -EAGAIN);
	g_free(g);
}

/* Two devices: none of the packets is lost or overtaken, however slow */
static void test_backpressure(void)
{
	struct guest *g = up("clock"), *from = g_up("clock");
	struct g_tx x = { .data = data };
	u32 sent = 0, n = 0;
	struct gq tx;

	from->peer = g;
	g->peer = from;
	g_queue(from, &tx, SQ_DIR_TX, 256, 1, false);
	while (n < 3000 && !bad) {
		while (sent < 3000 && (u16)(tx.tail - tx.head) < 100) {
			from->brk = (4 << 20) + (tx.tail & 255) * 1024;
			x.len = 300 + sent % 700;
			memcpy(data, &sent, 4);
			g_tx_put(from, &tx, &x);
			sent++;
		}
		g_db(from, &tx);
		while (g_tx_done(from, &tx) >= 0)
			;
		g->brk = (4 << 20) + (q.tail & 255) * 256;
		g_rx_put(g, &q, g_alloc(g, 200), 200);
		g_db(g, &q);
		g_tick(g, NSEC_PER_MSEC);
		g_tick(from, NSEC_PER_MSEC);
		while (g_rx(g, &q, &r)) {
			CHECK(r.len == 300 + n % 700);
			CHECK(!memcmp(r.data, &n, 4));
			CHECK(!memcmp(r.data + 4, data + 4, r.len - 4));
			n++;
		}
	}
	CHECK(n == 3000 && g->d.count.rx_drop == 0);
	CHECK(from->d.count.tx_blocked > 0);
	g_free(from);
	g_free(g);
}

static void test_wait_ends(void)
{
	struct guest *g = up("clock"), *from = g_up("clock groups=1 wait=50");
	struct gq tx;
	int i;

	from->peer = g;
	g->peer = from;
	g_queue(from, &tx, SQ_DIR_TX, 256, 1, false);
	for (i = 0; i < 10; i++)
		g_send(from, &tx, data, 60);
	CHECK(g_tx_done(from, &tx) == -1);
	g_tick(from, 49 * NSEC_PER_MSEC);
	CHECK(g_tx_done(from, &tx) == -1 && g->d.count.rx_drop == 0);
	/* Time is up: this one is lost, and the rest does not wait as well */
	g_tick(from, NSEC_PER_MSEC);
	for (i = 0; i < 10; i++)
		CHECK(g_tx_done(from, &tx) == i);
	CHECK(g->d.count.rx_drop == 10 && from->d.tx_blocked == 0);
	g_post(g, &q, 1, 100);
	g_send(from, &tx, data, 60);
	CHECK(got(g, data, 60));
	g_free(from);
	g_free(g);
}

/* Who waits for a queue that goes away waits no longer */
static void test_destroy_frees_sender(void)
{
	struct guest *g = up(""), *from = g_up("");
	struct gq tx;

	from->peer = g;
	g->peer = from;
	g_queue(from, &tx, SQ_DIR_TX, 256, 1, false);
	g_send(from, &tx, data, 60);
	CHECK(g_tx_done(from, &tx) == -1);
	CHECK(!g_destroy_sq(g, SQ_DIR_RX, q.sq));
	CHECK(g_tx_done(from, &tx) == 0);
	g_queue(g, &q, SQ_DIR_RX, 256, 1, false);
	g_send(from, &tx, data, 60);
	CHECK(g_tx_done(from, &tx) == -1);
	g_write(g, REG_DEV_CTL, 1);
	CHECK(g_tx_done(from, &tx) == 1);
	g_free(from);
	g_free(g);
}

static void test_buffer_not_granted(void)
{
	struct guest *g = up("");

	g_rx_put(g, &q, g->iova + g->ram_size - 59, 100);
	g_rx_put(g, &q, 0x10, 100);
	g_db(g, &q);
	g_post(g, &q, 1, 100);
	CHECK(g_inject(g, data, 60) == 0);
	CHECK(g->d.count.dma_fault == 1 && g->d.count.rx_drop == 1);
	CHECK(g_inject(g, data, 60) == 0);
	CHECK(g->d.count.dma_fault == 2 && g->d.count.rx_drop == 2);
	CHECK(!g_rx(g, &q, &r));
	CHECK(g_inject(g, data, 60) == 0);
	CHECK(got(g, data, 60) && r.id[0] == 2);
	g->d.bus_master = false;
	g_post(g, &q, 1, 100);
	CHECK(g_inject(g, data, 60) == 0);
	CHECK(g->d.count.dma_disabled == 1 && g->d.count.queue_error == 1);
	g_free(g);
}

static void test_read_only_memory(void)
{
	struct mem_region m = { .iova = 1 << 30, .size = 4096 };
	struct guest *g = up("");
	static u8 rom[4096];

	m.ptr = rom;
	CHECK(!mem_add(&g->mem, &m));
	g_rx_put(g, &q, 1 << 30, 2048);
	g_db(g, &q);
	CHECK(g_inject(g, data, 60) == 0);
	CHECK(g->d.count.dma_fault == 1 && !rom[0] && !rom[1]);
	g_free(g);
}

static void test_straddles_regions(void)
{
	struct mem_region m = { .iova = G_IOVA + G_RAM, .size = 4096,
				.writable = true };
	struct guest *g = up("");
	static u8 second[4096];

	m.ptr = second;
	CHECK(!mem_add(&g->mem, &m));
	g_rx_put(g, &q, m.iova - 100, 2048);
	g_db(g, &q);
	CHECK(g_inject(g, data, 700) == 0);
	CHECK(got(g, data, 700));
	CHECK(!memcmp(second, data + 100, 600) && !second[600]);
	g_free(g);
}

static void test_rules(void)
{
	struct guest *g = up("");
	struct rx_desc *d;

	g_post(g, &q, 2, 100);
	d = g_ptr(g, q.ring);
	d->ctrl ^= RXD_PHASE;
	CHECK(g_inject(g, data, 60) == 0);
	CHECK(g->d.count.queue_error == 1 && g->d.count.rx_drop == 1);
	g_free(g);
	g = up("");
	g_write(g, q.db, 257);
	CHECK(g->d.count.queue_error == 1);
	CHECK(g_inject(g, data, 60) == 0 && g->d.count.rx_drop == 1);
	g_free(g);
}

int main(void)
{
	static const struct test t[] = {
		{ "rx_plain", test_plain },
		{ "rx_many_buffers", test_many_buffers },
		{ "rx_exact_fit", test_exact_fit },
		{ "rx_phase_wrap", test_phase_wrap },
		{ "rx_64k_buffer", test_64k_buffer },
		{ "rx_offset", test_offset },
		{ "rx_verdicts", test_verdicts },
		{ "rx_verdict_ip_header", test_verdict_ip_header },
		{ "rx_verdict_udp_zero", test_verdict_udp_zero },
		{ "rx_verdict_fragments", test_verdict_fragments },
		{ "rx_verdict_odd_headers", test_verdict_odd_headers },
		{ "rx_verdict_vlan", test_verdict_vlan },
		{ "rx_verdict_not_offered", test_verdict_not_offered },
		{ "rx_made_by_peer", test_made_by_peer },
		{ "rx_no_queue", test_no_queue },
		{ "rx_too_long", test_too_long },
		{ "rx_too_many_descs", test_too_many_descs },
		{ "rx_link_down", test_link_down },
		{ "rx_again", test_again },
		{ "rx_drop_at_once", test_drop_at_once },
		{ "rx_last_try", test_last_try },
		{ "rx_backpressure", test_backpressure },
		{ "rx_wait_ends", test_wait_ends },
		{ "rx_destroy_frees_sender", test_destroy_frees_sender },
		{ "rx_buffer_not_granted", test_buffer_not_granted },
		{ "rx_read_only_memory", test_read_only_memory },
		{ "rx_straddles_regions", test_straddles_regions },
		{ "rx_rules", test_rules },
	};

	return g_run(t, ARRAY_SIZE(t));
}
