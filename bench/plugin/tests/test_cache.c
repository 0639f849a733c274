// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of cache.c: sets and ways, lines between CPUs, windows, limits, and
 * random accesses beside a model that is written another way.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../cache.h"
#include "test.h"

#define L1	0x000001U
#define L2	0x000100U
#define TR	0x010000U
#define MISS	(L1 | L2)

/* L1: 4 sets of 2 ways; L2: 8 sets of 4 ways */
static const struct cache_config tiny = {
	.line = 64,
	.l1_size = 512,
	.l1_ways = 2,
	.l2_size = 2048,
	.l2_ways = 4,
};

static struct cache_model *m;

static void new(const struct cache_config *c, unsigned int cpus)
{
	m = cache_new(c, cpus);
	if (!m)
		abort();
}

/* 4 bytes */
static unsigned int rd(unsigned int cpu, u64 addr)
{
	return cache_access(m, cpu, addr, 4, false);
}

static unsigned int wr(unsigned int cpu, u64 addr)
{
	return cache_access(m, cpu, addr, 4, true);
}

static void test_hit(void)
{
	new(&tiny, 1);
	CHECK(rd(0, 0x1000) == MISS && rd(0, 0x1000) == 0);
	CHECK(rd(0, 0x103c) == 0 && wr(0, 0x1020) == 0);
	CHECK(rd(0, 0x1040) == MISS && wr(0, 0xffc) == MISS);
	CHECK(rd(0, 0) == MISS && rd(0, 0) == 0);
	CHECK(rd(0, ~0ULL - 3) == MISS && rd(0, ~0ULL - 63) == 0);
	CHECK(cache_totals(m)->accesses == 10);
	CHECK(cache_totals(m)->l1_miss == 5);
	CHECK(cache_totals(m)->l2_miss == 5);
	CHECK(cache_totals(m)->transfers == 0);
	cache_free(m);
}

static void test_lru(void)
{
	new(&tiny, 1);
	/* 0x100 apart is the same set of L1, 0x200 apart that of L2 */
	CHECK(rd(0, 0x0000) == MISS && rd(0, 0x0200) == MISS);
	CHECK(rd(0, 0x0000) == 0);
	CHECK(rd(0, 0x0400) == MISS);
	/* 0x200 was the older one */
	CHECK(rd(0, 0x0000) == 0 && rd(0, 0x0200) == L1);
	/* now 0x400 left L1; L2 has 3, takes one more, then the oldest goes */
	CHECK(rd(0, 0x0400) == L1);
	CHECK(rd(0, 0x0600) == MISS && rd(0, 0x0800) == MISS);
	/* L2 saw 0 only once: that is the oldest there */
	CHECK(rd(0, 0x0200) == L1 && rd(0, 0x0400) == L1);
	CHECK(rd(0, 0x0000) == MISS);
	/* and then it was 0x600 */
	CHECK(rd(0, 0x0800) == L1 && rd(0, 0x0600) == MISS);
	cache_free(m);
}

/* What L2 gave up is still a hit where L1 kept it */
static void test_not_inclusive(void)
{
	unsigned int i;

	new(&tiny, 1);
	CHECK(rd(0, 0) == MISS);
	for (i = 1; i < 20; i++) {
		CHECK(rd(0, i * 0x200) == MISS);
		CHECK(rd(0, 0) == 0);
	}
	cache_free(m);
}

static void test_sets(void)
{
	unsigned int i;

	new(&tiny, 1);
	/* 4 sets * 2 ways fit; each other set of L2 stays empty or half full */
	for (i = 0; i < 8; i++)
		CHECK(rd(0, i * 64) == MISS);
	for (i = 0; i < 8; i++)
		CHECK(rd(0, i * 64) == 0);
	for (i = 8; i < 32; i++)
		CHECK(rd(0, i * 64) == MISS);
	for (i = 0; i < 32; i++)
		CHECK(rd(0, i * 64) == L1);
	for (i = 32; i < 40; i++)
		CHECK(rd(0, i * 64) == MISS);
	for (i = 0; i < 8; i++)
		CHECK(rd(0, i * 64) == MISS);
	cache_free(m);
}

static void test_defaults(void)
{
	u64 i;

	new(NULL, 1);
	for (i = 0; i < 512; i++)
		CHECK(rd(0, i * 64) == MISS);
	for (i = 0; i < 512; i++)
		CHECK(rd(0, i * 64 + 60) == 0);
	CHECK(rd(0, i++ * 64) == MISS && rd(0, 0) == L1);
	for (; i < 16384; i++)
		CHECK(rd(0, i * 64) == MISS);
	for (i = 0; i < 16384; i++)
		CHECK(rd(0, i * 64) == L1);
	CHECK(rd(0, i * 64) == MISS && rd(0, 0) == MISS);
	cache_free(m);
	/* One set of each: 8 ways of L1, 16 ways of L2 */
	new(NULL, 1);
	for (i = 0; i < 16; i++)
		CHECK(rd(0, i << 20) == MISS);
	for (i = 8; i < 16; i++)
		CHECK(rd(0, i << 20) == 0);
	for (i = 0; i < 16; i++)
		CHECK(rd(0, i << 20) == L1);
	CHECK(rd(0, 16 << 20) == MISS && rd(0, 0) == MISS);
	cache_free(m);
}

static void test_straddle(void)
{
	new(&tiny, 2);
	CHECK(cache_access(m, 0, 0x103e, 4, true) == 2 * MISS);
	CHECK(cache_access(m, 0, 0x103e, 2, true) == 0);
	CHECK(cache_access(m, 0, 0x1040, 64, true) == 0);
	CHECK(cache_access(m, 0, 0x103f, 65, false) == 0);
	CHECK(cache_access(m, 0, 0x107f, 2, false) == MISS);
	CHECK(cache_access(m, 1, 0x103e, 4, false) == 2 * MISS + 2 * TR);
	CHECK(cache_totals(m)->accesses == 2 + 1 + 1 + 2 + 2 + 2);
	CHECK(cache_totals(m)->transfers == 2);
	CHECK(cache_totals(m)->lines == 3 && cache_totals(m)->lines_written == 2);
	/* The end of the address space, and on from its beginning */
	CHECK(cache_access(m, 0, ~0ULL, 2, false) == 2 * MISS);
	CHECK(rd(0, 0) == 0 && rd(0, ~0ULL - 3) == 0);
	cache_free(m);
}

static void test_sizes(void)
{
	static const struct cache_config c = { .line = 16 };
	unsigned int r;

	new(&c, 1);
	CHECK(cache_access(m, 0, 0x1000, 0, true) == 0);
	CHECK(cache_totals(m)->accesses == 0);
	r = cache_access(m, 0, 0x1001, CACHE_BYTES_MAX, true);
	CHECK(cache_count(r, CACHE_L1_MISS) == 129);
	CHECK(cache_count(r, CACHE_L2_MISS) == 129);
	CHECK(cache_count(r, CACHE_TRANSFER) == 0);
	CHECK(cache_access(m, 0, 0x1001, ~0U, true) == 0);
	CHECK(cache_totals(m)->accesses == 2 * 129);
	CHECK(cache_access(m, 1, 0x1000, 4, true) == 0);
	CHECK(cache_access(m, ~0U, 0x1000, 4, true) == 0);
	CHECK(cache_totals(m)->accesses == 2 * 129);
	cache_free(m);
}

static void test_transfer(void)
{
	new(&tiny, 3);
	/* Nobody wrote: readers take it from memory */
	CHECK(rd(0, 0) == MISS && rd(1, 0) == MISS && rd(0, 0) == 0);
	/* A write takes it from a reader, once */
	CHECK(wr(0, 0) == TR && wr(0, 0) == 0 && rd(0, 0) == 0);
	/* Each reader gets it from the writer, once */
	CHECK(rd(1, 0) == (MISS | TR) && rd(1, 0) == 0);
	CHECK(rd(2, 0) == (MISS | TR) && rd(2, 0) == 0);
	/* The writer had it all the time; the readers lose it, as one */
	CHECK(rd(0, 0) == 0 && wr(0, 0) == TR && wr(0, 0) == 0);
	CHECK(wr(2, 0) == (MISS | TR) && wr(2, 0) == 0);
	CHECK(wr(1, 0) == (MISS | TR) && wr(2, 0) == (MISS | TR));
	/* Read, then written: fetched, then taken */
	CHECK(rd(0, 0) == (MISS | TR) && wr(0, 0) == TR);
	CHECK(rd(2, 0) == (MISS | TR));
	/* Never shared */
	CHECK(wr(0, 0x40) == MISS && wr(0, 0x40) == 0 && rd(0, 0x40) == 0);
	CHECK(rd(1, 0x80) == MISS && wr(1, 0x80) == 0 && rd(1, 0x80) == 0);
	CHECK(cache_totals(m)->transfers == 10);
	cache_free(m);
}

/* The directory has no capacity: what a CPU evicted it still has */
static void test_transfer_evicted(void)
{
	unsigned int i;

	new(&tiny, 2);
	CHECK(wr(0, 0) == MISS && rd(1, 0) == (MISS | TR));
	for (i = 1; i < 20; i++)
		CHECK(rd(1, i * 0x200) == MISS && rd(0, i * 0x200) == MISS);
	CHECK(rd(1, 0) == MISS);
	CHECK(wr(0, 0) == (MISS | TR));
	CHECK(rd(1, 0) == (MISS | TR));
	cache_free(m);
}

/* CPUs have caches of their own, and lose lines only by another's write */
static void test_invalidate(void)
{
	new(&tiny, 64);
	CHECK(rd(0, 0x000) == MISS && rd(0, 0x100) == MISS);
	CHECK(rd(63, 0x000) == MISS && rd(63, 0x100) == MISS);
	CHECK(rd(0, 0x000) == 0 && rd(0, 0x100) == 0);
	CHECK(wr(63, 0x100) == TR);
	CHECK(rd(0, 0x000) == 0 && rd(63, 0x000) == 0);
	CHECK(rd(0, 0x100) == (MISS | TR));
	/* The way that is free is used before another line has to go */
	CHECK(wr(63, 0x100) == TR);
	CHECK(rd(0, 0x200) == MISS && rd(0, 0x000) == 0);
	cache_free(m);
}

static void test_window(void)
{
	const struct cache_totals *t;
	u64 i;

	new(&tiny, 2);
	t = cache_totals(m);
	for (i = 0; i < 5000; i++)
		rd(0, i * 64);
	wr(0, 0);
	wr(1, 4);
	CHECK(t->lines == 5000 && t->lines_written == 1);
	cache_mark(m);
	CHECK(t->lines == 0 && t->lines_written == 0);
	CHECK(t->accesses == 5002 && t->l1_miss == 5002 && t->transfers == 1);
	rd(0, 64);
	rd(1, 64);
	rd(0, 128);
	wr(0, 128);
	wr(0, 128);
	wr(1, 192);
	rd(1, 192);
	CHECK(t->lines == 3 && t->lines_written == 2);
	rd(0, 5000 * 64);
	CHECK(t->lines == 4 && t->lines_written == 2);
	cache_mark(m);
	cache_mark(m);
	CHECK(t->lines == 0 && t->lines_written == 0);
	rd(0, 128);
	CHECK(t->lines == 1 && t->lines_written == 0);
	cache_free(m);
}

/* Above the limit misses are counted, and nothing else */
static void test_bounded(void)
{
	struct cache_config c = tiny;
	const struct cache_totals *t;
	u64 i;

	c.max_lines = 3000;
	new(&c, 2);
	t = cache_totals(m);
	for (i = 0; i < 3000; i++)
		CHECK(wr(0, i * 64) == MISS);
	CHECK(t->untracked == 0 && t->lines == 3000);
	for (; i < 10000; i++)
		CHECK(wr(0, i * 64) == MISS);
	CHECK(t->untracked == 7000 && t->lines == 3000);
	CHECK(t->lines_written == 3000 && t->accesses == 10000);
	/* Those that are known stay so */
	CHECK(rd(1, 2999 * 64) == (MISS | TR));
	CHECK(t->untracked == 7000);
	/* An unknown one does not travel, but a write takes it from others */
	CHECK(rd(0, 9999 * 64) == 0 && rd(1, 9999 * 64) == MISS);
	CHECK(rd(0, 9999 * 64) == 0 && wr(1, 9999 * 64) == 0);
	CHECK(rd(0, 9999 * 64) == MISS && rd(1, 9999 * 64) == 0);
	CHECK(wr(0, 9999 * 64) == 0 && rd(1, 9999 * 64) == MISS);
	CHECK(t->untracked == 7008 && t->transfers == 1);
	cache_free(m);
}

static void test_growth(void)
{
	const u64 n = 300000, base = 0xffff888000000000ULL;
	unsigned int wrong = 0;
	u64 i;

	new(NULL, 2);
	for (i = 0; i < n; i++)
		wrong += wr(0, base + i * 4096) != MISS;
	CHECK(cache_totals(m)->lines == n);
	for (i = 0; i < n; i++)
		wrong += rd(1, base + i * 4096) != (MISS | TR);
	CHECK(cache_totals(m)->lines == n && wrong == 0);
	CHECK(cache_totals(m)->transfers == n);
	CHECK(cache_totals(m)->untracked == 0);
	cache_free(m);
}

struct list {
	struct cache_shared s[64];
	unsigned int n;
	unsigned int stop;
};

static int add(const struct cache_shared *s, void *arg)
{
	struct list *l = arg;

	l->s[l->n++] = *s;
	return l->n == l->stop ? -7 : 0;
}

/* Who has a line outlives the window, what was counted of it does not */
static void test_each_line_window(void)
{
	struct list l = { .n = 0 };

	new(&tiny, 2);
	wr(0, 0);
	wr(1, 0);
	wr(0, 64);
	wr(1, 64);
	wr(0, 64);
	cache_mark(m);
	CHECK(cache_each_line(m, add, &l) == 0 && l.n == 0);
	CHECK(rd(1, 0) == 0 && wr(0, 64) == 0);
	CHECK(cache_each_line(m, add, &l) == 0 && l.n == 0);
	CHECK(wr(0, 4) == (MISS | TR));
	CHECK(cache_each_line(m, add, &l) == 0 && l.n == 1);
	CHECK(l.s[0].addr == 0 && l.s[0].transfers == 1);
	CHECK(l.s[0].overlaps == 0);
	CHECK(cache_totals(m)->transfers == 4);
	cache_free(m);
}

static void test_each_line(void)
{
	static const u8 times[] = { 3, 0, 5, 1, 3, 7, 1 };
	static const u8 order[] = { 5, 2, 0, 4, 3, 6 };
	struct list l = { .n = 0 };
	unsigned int i, n;

	new(&tiny, 2);
	CHECK(cache_each_line(m, add, &l) == 0 && l.n == 0);
	for (i = ARRAY_SIZE(times); i--;)
		for (n = 0; n <= times[i]; n++)
			wr(n % 2, i * 64 + 8);
	CHECK(cache_each_line(m, add, &l) == 0);
	CHECK(l.n == ARRAY_SIZE(order));
	for (i = 0; i < l.n; i++) {
		CHECK(l.s[i].addr == order[i] * 64U);
		CHECK(l.s[i].transfers == times[order[i]]);
		CHECK(l.s[i].overlaps == times[order[i]]);
	}
	l = (struct list){ .stop = 2 };
	CHECK(cache_each_line(m, add, &l) == -7 && l.n == 2);
	cache_free(m);
}

static bool piece(const struct cache_piece *p, u8 cpu, u8 from, u8 to)
{
	return p->cpu == cpu && p->from == from && p->to == to;
}

/* The only line with transfers */
static struct cache_shared only(void)
{
	struct list l = { .n = 0 };

	CHECK(cache_each_line(m, add, &l) == 0 && l.n == 1);
	return l.s[0];
}

static void test_false_sharing(void)
{
	struct cache_shared s;
	unsigned int i;

	new(&tiny, 2);
	for (i = 0; i < 10; i++) {
		wr(0, 0x1000);
		wr(1, 0x1004);
	}
	s = only();
	CHECK(s.addr == 0x1000 && s.transfers == 19 && s.overlaps == 0);
	CHECK(piece(&s.mine, 1, 4, 7) && piece(&s.other, 0, 0, 3));
	/* One byte in common at either end */
	cache_access(m, 0, 0x1007, 8, true);
	s = only();
	CHECK(s.transfers == 20 && s.overlaps == 1);
	CHECK(piece(&s.mine, 0, 7, 14) && piece(&s.other, 1, 4, 7));
	cache_access(m, 1, 0x1000, 8, true);
	s = only();
	CHECK(s.transfers == 21 && s.overlaps == 2);
	cache_access(m, 0, 0x1008, 56, true);
	s = only();
	CHECK(s.transfers == 22 && s.overlaps == 2);
	CHECK(piece(&s.mine, 0, 8, 63) && piece(&s.other, 1, 0, 7));
	cache_free(m);
}

/* Of an access to two lines each has its part */
static void test_false_sharing_straddle(void)
{
	struct list l = { .n = 0 };

	new(&tiny, 2);
	cache_access(m, 0, 0x103c, 8, true);
	cache_access(m, 1, 0x1038, 16, false);
	CHECK(cache_each_line(m, add, &l) == 0 && l.n == 2);
	CHECK(l.s[0].addr == 0x1000 && l.s[1].addr == 0x1040);
	CHECK(piece(&l.s[0].mine, 1, 56, 63) && piece(&l.s[0].other, 0, 60, 63));
	CHECK(piece(&l.s[1].mine, 1, 0, 7) && piece(&l.s[1].other, 0, 0, 3));
	cache_free(m);
}

/* Whose access it is that a transfer is because of */
static void test_other(void)
{
	struct cache_shared s;

	new(&tiny, 3);
	/* A reader: of the writer's last write, not of what it or others read */
	wr(0, 0x1000);
	wr(0, 0x1010);
	rd(0, 0x1020);
	rd(1, 0x1010);
	s = only();
	CHECK(piece(&s.mine, 1, 16, 19) && piece(&s.other, 0, 16, 19));
	CHECK(s.overlaps == 1);
	rd(2, 0x1024);
	s = only();
	CHECK(piece(&s.mine, 2, 36, 39) && piece(&s.other, 0, 16, 19));
	/* A writer that has it: of the last access of another CPU */
	wr(0, 0x1008);
	s = only();
	CHECK(piece(&s.mine, 0, 8, 11) && piece(&s.other, 2, 36, 39));
	rd(1, 0x1008);
	rd(1, 0x1030);
	rd(0, 0x1028);
	rd(0, 0x102c);
	wr(0, 0x1030);
	s = only();
	CHECK(piece(&s.mine, 0, 48, 51) && piece(&s.other, 1, 48, 51));
	/* A writer that has it not: of the last write */
	rd(2, 0x1000);
	wr(1, 0x1004);
	s = only();
	CHECK(piece(&s.mine, 1, 4, 7) && piece(&s.other, 0, 48, 51));
	CHECK(s.transfers == 6 + 1 && s.overlaps == 3);
	cache_free(m);
}

static void test_refused(void)
{
	static const struct cache_config c[] = {
		{ .line = 8 }, { .line = 512 },
		{ .line = 96, .l1_size = 48 << 10, .l2_size = 3 << 18 },
		{ .l1_ways = 128 }, { .l1_ways = 3 }, { .l1_size = 256 },
		{ .l1_size = (32 << 10) + 64 }, { .l1_size = 24 << 10 },
		{ .l2_ways = 128 }, { .l2_ways = 3 }, { .l2_size = 512 },
		{ .l2_size = (1 << 20) + 64 }, { .l2_size = 3 << 20 },
		{ .max_lines = (1 << 26) + 1 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(c); i++) {
		errno = 0;
		CHECK(!cache_new(&c[i], 1) && errno == EINVAL);
	}
	errno = 0;
	CHECK(!cache_new(NULL, 0) && errno == EINVAL);
	errno = 0;
	CHECK(!cache_new(NULL, CACHE_CPUS_MAX + 1) && errno == EINVAL);
	cache_free(NULL);
}

static void test_odd_sizes(void)
{
	/* 48 KiB in 12 ways; one set of 64 ways; lines of 256 bytes */
	static const struct cache_config c = {
		.line = 256, .l1_size = 48 << 10, .l1_ways = 12,
		.l2_size = 16 << 10, .l2_ways = 64, .max_lines = 1 << 26,
	};
	unsigned int i;

	new(&c, 1);
	for (i = 0; i < 192; i++)
		CHECK(rd(0, i * 256 + 252) == MISS);
	for (i = 0; i < 192; i++)
		CHECK(rd(0, i * 256) == 0);
	CHECK(rd(0, 192 * 256) == MISS);
	CHECK(rd(0, 191 * 256) == 0 && rd(0, 0) == MISS);
	cache_free(m);
}

/*
 * The same model with a time for each line, CPU and level instead of lists, and
 * the past of a line as a log that is searched from its end.
 */
#define R_CPUS	3
#define R_LINES	48
#define R_LOG	4096

struct event {
	u8 cpu;
	bool write;
};

static struct {
	unsigned int now;
	unsigned int used[2][R_CPUS][R_LINES];
	struct event log[R_LINES][R_LOG];
	unsigned int events[R_LINES];
} ref;

static bool ref_hit(int level, unsigned int cpu, unsigned int line)
{
	unsigned int sets = level ? 8 : 4, ways = level ? 4 : 2, i, n = 0;
	unsigned int *used = ref.used[level][cpu], old = R_LINES;
	bool hit = used[line];

	used[line] = ++ref.now;
	for (i = line % sets; i < R_LINES; i += sets) {
		if (!used[i])
			continue;
		n++;
		if (old == R_LINES || used[i] < used[old])
			old = i;
	}
	if (n > ways)
		used[old] = 0;
	return hit;
}

static bool ref_transfer(unsigned int cpu, unsigned int line, bool write)
{
	bool had = false, others = false, written = false;
	unsigned int i;

	for (i = ref.events[line]; i-- && !written;) {
		written = ref.log[line][i].write;
		if (ref.log[line][i].cpu == cpu)
			had = true;
		else
			others = true;
	}
	ref.log[line][ref.events[line]++] = (struct event){ cpu, write };
	return (written && !had) || (write && others);
}

static unsigned int ref_access(unsigned int cpu, unsigned int line, bool write)
{
	unsigned int i, result = ref_transfer(cpu, line, write) ? TR : 0;

	for (i = 0; i < R_CPUS; i++) {
		if (!write || i == cpu)
			continue;
		ref.used[0][i][line] = 0;
		ref.used[1][i][line] = 0;
	}
	if (ref_hit(0, cpu, line))
		return result;
	return result | (ref_hit(1, cpu, line) ? L1 : MISS);
}

static void test_random(void)
{
	unsigned int round, i, cpu, line, wrong = 0;
	bool write;

	srand(1);
	for (round = 0; round < 40; round++) {
		memset(&ref, 0, sizeof(ref));
		new(&tiny, R_CPUS);
		for (i = 0; i < R_LOG; i++) {
			cpu = rand() % R_CPUS;
			/* Some lines of many, so that L1 has hits */
			line = rand() % (rand() % 4 ? 12 : R_LINES);
			write = !(rand() % (round + 1));
			wrong += cache_access(m, cpu, line * 64 + rand() % 60,
					      4, write) !=
				 ref_access(cpu, line, write);
		}
		cache_free(m);
	}
	CHECK(wrong == 0);
}

int main(void)
{
	static const struct test t[] = {
		{ "cache_hit", test_hit },
		{ "cache_lru", test_lru },
		{ "cache_not_inclusive", test_not_inclusive },
		{ "cache_sets", test_sets },
		{ "cache_defaults", test_defaults },
		{ "cache_straddle", test_straddle },
		{ "cache_sizes", test_sizes },
		{ "cache_transfer", test_transfer },
		{ "cache_transfer_evicted", test_transfer_evicted },
		{ "cache_invalidate", test_invalidate },
		{ "cache_window", test_window },
		{ "cache_bounded", test_bounded },
		{ "cache_growth", test_growth },
		{ "cache_each_line", test_each_line },
		{ "cache_each_line_window", test_each_line_window },
		{ "cache_false_sharing", test_false_sharing },
		{ "cache_false_sharing_straddle", test_false_sharing_straddle },
		{ "cache_other", test_other },
		{ "cache_refused", test_refused },
		{ "cache_odd_sizes", test_odd_sizes },
		{ "cache_random", test_random },
	};

	return run(t, ARRAY_SIZE(t));
}
