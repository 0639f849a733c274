// SPDX-License-Identifier: GPL-2.0
/* Tests of symtab.c: files that are right and wrong, and each kind of gap. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../symtab.h"
#include "test.h"

#define BASE 0xffffffff81000000ULL

/* Where the tests write their file: beside the program */
static char path[4096];
static char err[sizeof(path) + 256];

static struct symtab *load(const char *text, size_t len)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(text, 1, len, f) != len || fclose(f))
		abort();
	snprintf(err, sizeof(err), "untouched");
	return symtab_load(path, err, sizeof(err));
}

static struct symtab *load_text(const char *text)
{
	return load(text, strlen(text));
}

/* Is loading refused, with this behind the path? */
static bool refused(const char *text, size_t len, const char *why)
{
	struct symtab *t = load(text, len);
	size_t n = strlen(path);

	symtab_free(t);
	if (!t && !strncmp(err, path, n) && !strcmp(err + n, why))
		return true;
	printf("# %s\n", err);
	return false;
}

static bool is(const struct symtab *t, u64 addr, const char *name)
{
	const struct symbol *s = symtab_find(t, addr);

	if (!s || !name)
		return !s && !name;
	return !strcmp(s->name, name);
}

static void test_load(void)
{
	struct symtab *t = load_text("ffffffff81000000 10 _text arch/x86\n"
				     "FFFFFFFF81000010\t2A  tcp_v4_rcv \tnet\n"
				     "  ffffffff8100003a 1 a.b$c mm and more");
	const struct symbol *s;

	CHECK(t && symtab_count(t) == 3);
	CHECK(!strcmp(err, "untouched"));
	s = symtab_at(t, 0);
	CHECK(s->addr == BASE && s->size == 0x10);
	CHECK(!strcmp(s->name, "_text") && !strcmp(s->dir, "arch/x86"));
	s = symtab_at(t, 1);
	CHECK(s->addr == BASE + 0x10 && s->size == 0x2a);
	CHECK(!strcmp(s->name, "tcp_v4_rcv") && !strcmp(s->dir, "net"));
	s = symtab_at(t, 2);
	CHECK(s->addr == BASE + 0x3a && s->size == 1);
	CHECK(!strcmp(s->name, "a.b$c") && !strcmp(s->dir, "mm and more"));
	CHECK(!symtab_at(t, 3) && !symtab_at(t, ~0ULL));
	CHECK(symtab_index(t, s) == 2);
	symtab_free(t);
}

static void test_empty(void)
{
	struct symtab *t = load_text("");

	CHECK(t && symtab_count(t) == 0 && !symtab_at(t, 0));
	CHECK(!symtab_find(t, 0) && !symtab_find(t, ~0ULL));
	symtab_free(t);
	symtab_free(NULL);
}

static void test_find(void)
{
	struct symtab *t = load_text("1000 10 a x\n1010 8 b x\n1020 10 c x\n");

	CHECK(is(t, 0, NULL) && is(t, 0xfff, NULL));
	CHECK(is(t, 0x1000, "a") && is(t, 0x100f, "a"));
	CHECK(is(t, 0x1010, "b") && is(t, 0x1017, "b"));
	CHECK(is(t, 0x1018, NULL) && is(t, 0x101f, NULL));
	CHECK(is(t, 0x1020, "c") && is(t, 0x102f, "c"));
	CHECK(is(t, 0x1030, NULL) && is(t, ~0ULL, NULL));
	symtab_free(t);
}

/* One that begins later is further inside; behind it the outer goes on */
static void test_overlap(void)
{
	struct symtab *t = load_text("1000 100 outer x\n1010 10 in x\n"
				     "1018 10 across x\n1080 8 late x\n"
				     "2000 10 next x\n");

	CHECK(is(t, 0x100f, "outer") && is(t, 0x1010, "in"));
	CHECK(is(t, 0x1017, "in") && is(t, 0x1018, "across"));
	CHECK(is(t, 0x1027, "across") && is(t, 0x1028, "outer"));
	CHECK(is(t, 0x1087, "late") && is(t, 0x1088, "outer"));
	CHECK(is(t, 0x10ff, "outer") && is(t, 0x1100, NULL));
	CHECK(is(t, 0x1fff, NULL) && is(t, 0x200f, "next"));
	symtab_free(t);
}

static void test_alias(void)
{
	struct symtab *t = load_text("1000 10 first x\n1000 10 second x\n"
				     "1000 20 longer x\n1000 8 short x\n"
				     "1040 8 c x\n1040 10 d x\n");

	CHECK(is(t, 0x1000, "first") && is(t, 0x100f, "first"));
	CHECK(is(t, 0x1010, "longer") && is(t, 0x101f, "longer"));
	CHECK(is(t, 0x1020, NULL));
	CHECK(is(t, 0x1047, "c") && is(t, 0x1048, "d"));
	CHECK(symtab_index(t, symtab_find(t, 0x1000)) == 0);
	CHECK(symtab_index(t, symtab_find(t, 0x1048)) == 5);
	symtab_free(t);
}

static void test_open_size(void)
{
	struct symtab *t = load_text("1000 0 a x\n1010 0 b x\n1010 4 b2 x\n"
				     "1020 8 c x\n1030 0 last x\n"
				     "1030 0 last2 x\n");

	CHECK(is(t, 0x1000, "a") && is(t, 0x100f, "a"));
	CHECK(is(t, 0x1010, "b") && is(t, 0x101f, "b"));
	CHECK(symtab_at(t, 1)->size == 0x10);
	CHECK(is(t, 0x1027, "c") && is(t, 0x1028, NULL));
	CHECK(is(t, 0x1030, "last") && is(t, 0x1031, NULL));
	CHECK(symtab_at(t, 4)->size == 1 && symtab_at(t, 5)->size == 1);
	symtab_free(t);
}

static void test_ends_of_space(void)
{
	struct symtab *t = load_text("0 1 zero x\n"
				     "fffffffffffffff0 10 top x\n"
				     "ffffffffffffffff 0 last x\n");

	CHECK(is(t, 0, "zero") && is(t, 1, NULL));
	CHECK(is(t, ~0ULL - 16, NULL) && is(t, ~0ULL - 15, "top"));
	CHECK(is(t, ~0ULL - 1, "top") && is(t, ~0ULL, "last"));
	symtab_free(t);
	t = load_text("0 ffffffffffffffff all x\n");
	CHECK(is(t, 0, "all") && is(t, ~0ULL - 1, "all") && is(t, ~0ULL, NULL));
	symtab_free(t);
}

static void test_malformed(void)
{
	static const char *const line[] = {
		"", " ", "1000", "1000 10", "1000 10 name", "1000 10 name ",
		"0x1000 10 name dir", "1000 0x10 name dir", "-1 10 name dir",
		"+1 10 name dir", "1000 1g name dir", "name 10 1000 dir",
		"00000000000001000 10 name dir", "1000 00000000000000010 n d",
		"ffffffffffffffff 2 name dir", "2 ffffffffffffffff name dir",
	};
	char text[256];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(line); i++) {
		snprintf(text, sizeof(text), "1 1 a x\n%s\n9000 1 b x\n",
			 line[i]);
		CHECK(refused(text, strlen(text), ":2: malformed line"));
	}
	CHECK(refused("\n", 1, ":1: malformed line"));
	CHECK(refused("1 1 a x\n2 1 b", 13, ":2: malformed line"));
	CHECK(refused("1 1 a x\0y\n2 1 b x\n", 18, ":1: malformed line"));
	CHECK(refused("1 1 a x\n\0", 9, ":2: malformed line"));
}

static void test_not_sorted(void)
{
	static const char text[] = "1 1 a x\n3 1 b x\n3 1 c x\n2 1 d x\n";

	CHECK(refused(text, strlen(text), ":4: not sorted"));
}

static void test_unreadable(void)
{
	char small[8];

	CHECK(!symtab_load("/nonexistent/symbols", err, sizeof(err)));
	CHECK(!strcmp(err, "/nonexistent/symbols: No such file or directory"));
	CHECK(!symtab_load("/", err, sizeof(err)));
	CHECK(!strcmp(err, "/: Is a directory"));
	CHECK(!symtab_load("/nonexistent/symbols", small, sizeof(small)));
	CHECK(!strcmp(small, "/nonexi"));
	CHECK(!symtab_load("/nonexistent/symbols", NULL, 0));
}

/* A kernel's worth, more than one read; each address against a plain search */
static void test_large(void)
{
	unsigned int i, n = 60000, wrong = 0;
	struct symtab *t;
	size_t len = 0;
	char *text;

	text = malloc(n * 80);
	for (i = 0; i < n; i++)
		len += sprintf(text + len,
			       "%llx 30 function_with_a_name_%u drivers/%u\n",
			       BASE + i * 64, i, i);
	t = load(text, len);
	free(text);
	CHECK(t && symtab_count(t) == n);
	for (i = 0; t && i < n; i++) {
		wrong += symtab_find(t, BASE + i * 64) != symtab_at(t, i);
		wrong += symtab_find(t, BASE + i * 64 + 47) != symtab_at(t, i);
		wrong += !!symtab_find(t, BASE + i * 64 + 48);
	}
	CHECK(wrong == 0);
	CHECK(is(t, BASE + 59999 * 64, "function_with_a_name_59999"));
	symtab_free(t);
}

/* Random overlaps, against a search through all of them */
static void test_random(void)
{
	unsigned int round, i, n, wrong = 0;
	const struct symbol *s, *want;
	struct symtab *t;
	char text[4096];
	size_t len;
	u64 addr;

	srand(1);
	for (round = 0; round < 300; round++) {
		n = rand() % 24;
		for (i = 0, len = 0, addr = 0x10; i < n; i++) {
			addr += rand() % 4;
			len += sprintf(text + len, "%llx %x s%u x\n", addr,
				       rand() % (rand() % 8 ? 5 : 40), i);
		}
		t = load(text, len);
		CHECK(t && symtab_count(t) == n);
		for (addr = 0; t && addr < 0x90; addr++) {
			want = NULL;
			for (i = 0; i < n; i++) {
				s = symtab_at(t, i);
				if (addr < s->addr || addr >= s->addr + s->size)
					continue;
				if (!want || s->addr > want->addr)
					want = s;
			}
			wrong += symtab_find(t, addr) != want;
		}
		symtab_free(t);
	}
	CHECK(wrong == 0);
}

int main(int argc, char **argv)
{
	static const struct test t[] = {
		{ "symtab_load", test_load },
		{ "symtab_empty", test_empty },
		{ "symtab_find", test_find },
		{ "symtab_overlap", test_overlap },
		{ "symtab_alias", test_alias },
		{ "symtab_open_size", test_open_size },
		{ "symtab_ends_of_space", test_ends_of_space },
		{ "symtab_malformed", test_malformed },
		{ "symtab_not_sorted", test_not_sorted },
		{ "symtab_unreadable", test_unreadable },
		{ "symtab_large", test_large },
		{ "symtab_random", test_random },
	};
	int rc;

	snprintf(path, sizeof(path), "%s.txt", argc ? argv[0] : "symtab");
	rc = run(t, ARRAY_SIZE(t));
	unlink(path);
	return rc;
}
