// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of stats.c, of numbers, names and arrays, and of events' functions.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

#define CHECK(cond)	check(cond, #cond, __LINE__)

struct test {
	const char *name;
	void (*fn)(void);
};

static int bad;

static void check(bool good, const char *what, int line)
{
	if (good)
		return;
	printf("# test_stats.c:%d: %s\n", line, what);
	bad++;
}

static void test_median(void)
{
	double one[] = { 7 }, two[] = { 9, 4 }, three[] = { 9, -1, 4 };
	double same[] = { 3, 3, 3, 3 }, four[] = { 8, 2, 1, 100 };

	CHECK(median(one, 1) == 7);
	CHECK(median(two, 2) == 6.5);
	CHECK(median(three, 3) == 4);
	CHECK(median(four, 4) == 5);
	CHECK(median(same, 4) == 3);
}

static void test_judge(void)
{
	CHECK(judge(100, 100, 0) == SAME);
	CHECK(judge(100, 101, 1) == SAME);
	CHECK(judge(101, 100, 1) == SAME);
	CHECK(judge(100, 101.001, 1) == WORSE);
	CHECK(judge(101.001, 100, 1) == BETTER);
	CHECK(judge(0, 1, 0) == WORSE);
	CHECK(judge(1, 0, 0) == BETTER);
	CHECK(judge(100, 101, NAN) == ONE_BOOT);
	CHECK(judge(100, 100, NAN) == ONE_BOOT);
	CHECK(judge(NAN, 1, 0) == NO_VALUE);
	CHECK(judge(1, NAN, NAN) == NO_VALUE);
	/* 0.1 + 0.2 is not 0.3 */
	CHECK(judge(0.3, 0.1 + 0.2, 0) == SAME);
	CHECK(judge(1e15 / 3, 1e15 / 3 + 0.125, 0) == SAME);
}

static void test_verdict_text(void)
{
	unsigned int i, j;

	for (i = 0; i < VERDICTS; i++)
		for (j = 0; j < i; j++)
			CHECK(strcmp(verdict_text(i), verdict_text(j)));
}

static void test_per_unit(void)
{
	struct sample s = { .kind = TOTAL, .name = "insns", .v = { 5000, 3 } };
	struct window w = { .count = 2000 };

	CHECK(per_unit(&s, &w, INSNS) == 2.5);
	CHECK(per_unit(&s, &w, CALLS) == 0.0015);
	s.name = "rtnl-held-max";
	CHECK(per_unit(&s, &w, INSNS) == 5000);
	s.kind = FN;
	CHECK(per_unit(&s, &w, INSNS) == 2.5);
	CHECK(!is_max(TOTAL, "-max"));
	CHECK(!is_max(TOTAL, "maximum"));
}

static void test_number(void)
{
	static const char * const wrong[] = {
		"", " 1", "1 ", "0x10", "nan", "inf", "1e999", "--1", "1.2.3",
		"1,5", "-", "e", "+",
	};
	unsigned int i;
	double v;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		if (number(wrong[i], &v))
			printf("# '%s'\n", wrong[i]);
		CHECK(!number(wrong[i], &v));
	}
	CHECK(number("0", &v) && v == 0);
	CHECK(number("-12.5", &v) && v == -12.5);
	CHECK(number("9007199254740992", &v) && v == 9007199254740992.0);
}

static void test_intern(void)
{
	unsigned int i, wrong = 0;
	const char *first[5000];
	char s[16];

	for (i = 0; i < ARRAY_SIZE(first); i++) {
		snprintf(s, sizeof(s), "fn_%u", i);
		first[i] = intern(s);
	}
	for (i = 0; i < ARRAY_SIZE(first); i++) {
		snprintf(s, sizeof(s), "fn_%u", i);
		wrong += intern(s) != first[i] || strcmp(first[i], s);
	}
	CHECK(!wrong);
	CHECK(intern("") == intern(""));
}

static void test_more(void)
{
	unsigned int i, wrong = 0;
	unsigned int *v = NULL;

	for (i = 0; i < 3000; i++) {
		v = more(v, i, sizeof(*v));
		v[i] = i;
	}
	for (i = 0; i < 3000; i++)
		wrong += v[i] != i;
	CHECK(!wrong);
	free(v);
}

static void test_split(void)
{
	char line[] = "a\t\tc d\te\tf";
	char *field[4];

	CHECK(split(line, field, 4) == 4);
	CHECK(!strcmp(field[0], "a") && !*field[1]);
	CHECK(!strcmp(field[2], "c d"));
	CHECK(!strcmp(field[3], "e\tf"));
	CHECK(split(field[2], field, 4) == 1);
}

static void test_event_fns(void)
{
	struct called fns[] = {
		{ .fn = "a", .event = 0 }, { .fn = "a", .event = 3 },
		{ .fn = "b", .event = 1 }, { .fn = "b.part.0", .event = 2 },
	};
	struct events ev = { .n = 4, .fn = fns, .fns = ARRAY_SIZE(fns) };
	struct events none = { 0 };
	size_t n;

	CHECK(event_fns(&ev, "a", &n) == fns && n == 2);
	CHECK(event_fns(&ev, "b", &n) == fns + 2 && n == 1);
	CHECK(event_fns(&ev, "b.isra.0", &n) == fns + 2 && n == 1);
	CHECK(event_fns(&ev, "b.constprop.3.isra.1", &n) == fns + 2 && n == 1);
	CHECK(event_fns(&ev, "b.part.0", &n) == fns + 3 && n == 1);
	CHECK(!event_fns(&ev, "a.part.0", &n) && !n);
	CHECK(!event_fns(&ev, "a.isra.0.cold", &n) && !n);
	CHECK(!event_fns(&ev, "ab", &n) && !n);
	CHECK(!event_fns(&ev, ".a", &n) && !n);
	CHECK(!event_fns(&none, "a", &n) && !n);
}

static void test_row_way(void)
{
	struct row r = { .verdict = WORSE, .diff = 1 };

	CHECK(row_way(&r) == 1);
	r.verdict = BETTER;
	CHECK(row_way(&r) == -1);
	r.verdict = SAME;
	CHECK(row_way(&r) == 0);
	r.verdict = ONE_BOOT;
	CHECK(row_way(&r) == 1);
	r.diff = -1;
	CHECK(row_way(&r) == -1);
	r.diff = 0;
	CHECK(row_way(&r) == 0);
	r.verdict = NO_VALUE;
	r.diff = NAN;
	CHECK(row_way(&r) == 0);
}

int main(void)
{
	static const struct test tests[] = {
		{ "median", test_median },
		{ "judge", test_judge },
		{ "verdicts have names of their own", test_verdict_text },
		{ "per unit, but for maxima", test_per_unit },
		{ "number", test_number },
		{ "intern", test_intern },
		{ "more", test_more },
		{ "split", test_split },
		{ "functions of events", test_event_fns },
		{ "which way", test_row_way },
	};
	int failed = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		bad = 0;
		tests[i].fn();
		printf("%sok %s\n", bad ? "not " : "", tests[i].name);
		failed += !!bad;
	}
	return !!failed;
}
