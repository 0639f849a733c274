// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of mem.c: the table of granted ranges and the check of addresses.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../mem.h"

static struct mem m;
static u8 ram[3][4096];
static int bad;

#define CHECK(c) \
	do { \
		if (!(c)) { \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #c); \
			bad++; \
		} \
	} while (0)

static int add(u64 iova, u64 size, void *ptr, bool writable)
{
	struct mem_region r = { iova, size, ptr, writable };

	return mem_add(&m, &r);
}

static int del(u64 iova, u64 size)
{
	struct mem_region old;

	return mem_del(&m, iova, size, &old);
}

static void test_add_refuses(void)
{
	CHECK(add(0x1000, 0, ram[0], true) == -EINVAL);
	CHECK(add(~0ULL, 2, ram[0], true) == -EINVAL);
	CHECK(add(0x1000, ~0ULL, ram[0], true) == -EINVAL);
	CHECK(add(0x1000, 0x1000, ram[0], true) == 0);
	CHECK(add(0x1000, 0x1000, ram[0], true) == -EEXIST);
	CHECK(add(0x1fff, 1, ram[0], true) == -EEXIST);
	CHECK(add(0xfff, 2, ram[0], true) == -EEXIST);
	CHECK(add(0, 0x10000, ram[0], true) == -EEXIST);
	CHECK(add(0x1800, 0x10, ram[0], true) == -EEXIST);
	CHECK(add(0x2000, 1, ram[0], true) == 0);
	CHECK(add(0xfff, 1, ram[0], true) == 0);
	CHECK(add(~0ULL, 1, ram[0], true) == 0);
	CHECK(m.n == 4);
}

static void test_sorted(void)
{
	static const u64 at[] = { 5, 1, 9, 3, 7, 0, 8, 2, 6, 4 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(at); i++)
		CHECK(add(at[i] << 12, 4096, ram[0], true) == 0);
	for (i = 0; i < m.n; i++)
		CHECK(m.region[i].iova == (u64)i << 12);
	CHECK(del(4 << 12, 4096) == 0);
	for (i = 1; i < m.n; i++)
		CHECK(m.region[i - 1].iova < m.region[i].iova);
	CHECK(m.n == 9);
}

static void test_full(void)
{
	unsigned int i;

	for (i = 0; i < MEM_REGIONS_MAX; i++)
		CHECK(add(i * 4096ULL, 4096, ram[0], true) == 0);
	CHECK(add(1ULL << 40, 4096, ram[0], true) == -ENOSPC);
	CHECK(!mem_ptr(&m, 1ULL << 40, 1, false));
	CHECK(mem_ptr(&m, (MEM_REGIONS_MAX - 1) * 4096ULL, 4096, false) ==
	      ram[0]);
	CHECK(del(0, 4096) == 0);
	CHECK(add(1ULL << 40, 4096, ram[0], true) == 0);
}

static void test_del_exact(void)
{
	struct mem_region old = {};
	u64 gen;

	CHECK(del(0, 1) == -ENOENT);
	CHECK(add(0x1000, 0x1000, ram[1], false) == 0);
	gen = m.gen;
	CHECK(del(0x1000, 0x800) == -ENOENT);
	CHECK(del(0x1800, 0x800) == -ENOENT);
	CHECK(del(0x800, 0x1000) == -ENOENT);
	CHECK(m.gen == gen && m.n == 1);
	CHECK(mem_del(&m, 0x1000, 0x1000, &old) == 0);
	CHECK(old.ptr == ram[1] && old.size == 0x1000 && !old.writable);
	CHECK(m.gen != gen && m.n == 0);
	CHECK(!mem_ptr(&m, 0x1000, 1, false));
}

static void test_bounds(void)
{
	u64 len = 0x2000;

	CHECK(add(0x1000, 0x1000, ram[0], true) == 0);
	CHECK(mem_chunk(&m, 0x1ff0, &len, true) == ram[0] + 0xff0);
	CHECK(len == 0x10);
	CHECK(mem_ptr(&m, 0x1000, 0x1000, true) == ram[0]);
	CHECK(m.faults == 0);
	CHECK(!mem_ptr(&m, 0x1000, 0x1001, true));
	CHECK(m.faults == 1 && m.fault_iova == 0x2000);
	CHECK(!mem_ptr(&m, 0xfff, 1, true));
	CHECK(m.faults == 2 && m.fault_iova == 0xfff);
	CHECK(!mem_ptr(&m, 0x2000, 1, true));
	CHECK(!mem_ptr(&m, 0x1fff, ~0ULL, true));
	CHECK(m.faults == 4);
}

static void test_rights(void)
{
	CHECK(add(0, 0x1000, ram[0], false) == 0);
	CHECK(add(0x1000, 0x1000, NULL, true) == 0);
	CHECK(mem_ptr(&m, 0, 16, false) == ram[0]);
	CHECK(!mem_ptr(&m, 0, 16, true));
	CHECK(!mem_ptr(&m, 0x1000, 16, false));
	CHECK(!mem_ptr(&m, 0x1000, 16, true));
	CHECK(m.faults == 3);
}

static void test_copy_over_borders(void)
{
	u8 in[0x1200], out[0x1200] = {};
	unsigned int i;

	for (i = 0; i < sizeof(in); i++)
		in[i] = i * 7 + i / 256;
	CHECK(add(0x1000, 0x1000, ram[0], true) == 0);
	CHECK(add(0x2000, 0x1000, ram[1], true) == 0);
	CHECK(add(0x3000, 0x1000, ram[2], false) == 0);
	CHECK(mem_write(&m, 0x1e00, in, sizeof(in)) == 0);
	CHECK(!memcmp(ram[0] + 0xe00, in, 0x200));
	CHECK(!memcmp(ram[1], in + 0x200, 0x1000));
	CHECK(mem_read(&m, 0x1e00, out, sizeof(out)) == 0);
	CHECK(!memcmp(in, out, sizeof(in)));
	CHECK(mem_write(&m, 0x1f00, in, sizeof(in)) == -EFAULT);
	CHECK(m.faults == 1 && m.fault_iova == 0x3000);
	CHECK(mem_read(&m, 0x3f00, out, 0x101) == -EFAULT);
	CHECK(mem_read(&m, 0x9000, out, 0) == 0);
	CHECK(m.faults == 2 && m.fault_iova == 0x4000);
}

static void test_hit_survives_changes(void)
{
	CHECK(add(0x5000, 0x1000, ram[0], true) == 0);
	CHECK(mem_ptr(&m, 0x5000, 1, false) == ram[0]);
	CHECK(add(0x1000, 0x1000, ram[1], true) == 0);
	CHECK(mem_ptr(&m, 0x5000, 1, false) == ram[0]);
	CHECK(mem_ptr(&m, 0x1000, 1, false) == ram[1]);
	CHECK(del(0x1000, 0x1000) == 0);
	CHECK(!mem_ptr(&m, 0x1000, 1, false));
	CHECK(mem_ptr(&m, 0x5000, 1, false) == ram[0]);
	CHECK(del(0x5000, 0x1000) == 0);
	CHECK(!mem_ptr(&m, 0x5000, 1, false));
}

static void test_end_of_space(void)
{
	CHECK(add(-4096ULL, 4096, ram[0], true) == 0);
	CHECK(mem_ptr(&m, -1ULL, 1, true) == ram[0] + 4095);
	CHECK(mem_ptr(&m, -4096ULL, 4096, true) == ram[0]);
	CHECK(!mem_ptr(&m, -1ULL, 2, true));
	CHECK(!mem_ptr(&m, 0, 1, true));
}

int main(void)
{
	static const struct {
		const char *name;
		void (*fn)(void);
	} t[] = {
		{ "mem_add_refuses", test_add_refuses },
		{ "mem_sorted", test_sorted },
		{ "mem_full", test_full },
		{ "mem_del_exact", test_del_exact },
		{ "mem_bounds", test_bounds },
		{ "mem_rights", test_rights },
		{ "mem_copy_over_borders", test_copy_over_borders },
		{ "mem_hit_survives_changes", test_hit_survives_changes },
		{ "mem_end_of_space", test_end_of_space },
	};
	int failed = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		memset(&m, 0, sizeof(m));
		memset(ram, 0, sizeof(ram));
		bad = 0;
		t[i].fn();
		printf("%sok %s\n", bad ? "not " : "", t[i].name);
		failed += !!bad;
	}
	return !!failed;
}
