// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of stats.c, with quantiles from tables that others have printed.
 */
#include <math.h>
#include <stdio.h>

#include "pairs.h"

/* A rounding error, no more */
#define TINY 0.000000000001

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

static bool near(double a, double b, double by)
{
	return fabs(a - b) <= by;
}

static void test_median(void)
{
	double one[] = { 7 }, two[] = { 9, 4 }, three[] = { 9, -1, 4 };
	double four[] = { 8, 2, 1, 100 };

	CHECK(median(one, 1) == 7);
	CHECK(median(two, 2) == 6.5);
	CHECK(median(three, 3) == 4);
	CHECK(median(four, 4) == 5);
}

static void test_cdf(void)
{
	size_t df;

	for (df = 1; df < 40; df++) {
		CHECK(near(t_cdf(0, df), 0.5, TINY));
		CHECK(t_cdf(1e9, df) > 0.999999);
		CHECK(t_cdf(1, df) < t_cdf(1, df + 1));
	}
	/* Of 1 and 2 degrees of freedom there are formulas */
	CHECK(near(t_cdf(3, 1), 0.5 + atan(3) / M_PI, TINY));
	CHECK(near(t_cdf(3, 2), 0.5 + 3 / (2 * sqrt(2 + 9)), TINY));
}

static void test_quantile(void)
{
	static const struct {
		size_t df;
		double p975;
		double p995;
	} table[] = {
		{ 1, 12.706, 63.657 }, { 2, 4.303, 9.925 },
		{ 3, 3.182, 5.841 }, { 4, 2.776, 4.604 },
		{ 5, 2.571, 4.032 }, { 6, 2.447, 3.707 },
		{ 7, 2.365, 3.499 }, { 8, 2.306, 3.355 },
		{ 9, 2.262, 3.250 }, { 10, 2.228, 3.169 },
		{ 11, 2.201, 3.106 }, { 12, 2.179, 3.055 },
		{ 13, 2.160, 3.012 }, { 14, 2.145, 2.977 },
		{ 15, 2.131, 2.947 }, { 16, 2.120, 2.921 },
		{ 17, 2.110, 2.898 }, { 18, 2.101, 2.878 },
		{ 19, 2.093, 2.861 }, { 20, 2.086, 2.845 },
		{ 24, 2.064, 2.797 }, { 30, 2.042, 2.750 },
		{ 40, 2.021, 2.704 }, { 60, 2.000, 2.660 },
		{ 120, 1.980, 2.617 }, { 100000, 1.960, 2.576 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		CHECK(near(t_quantile(0.975, table[i].df), table[i].p975,
			   0.00051));
		CHECK(near(t_quantile(0.995, table[i].df), table[i].p995,
			   0.00051));
	}
	CHECK(t_quantile(0.5, 7) < 0.000001);
}

static void test_row(void)
{
	double diff[] = { 1, 2, 3, 4, 5 };
	struct row r = { .diff = diff, .n = ARRAY_SIZE(diff) };
	size_t i;

	row_judge(&r, 0.95);
	CHECK(near(r.mean, 3, TINY));
	CHECK(near(r.sd, sqrt(2.5), TINY));
	CHECK(near(r.half, 2.7764451 * sqrt(2.5) / sqrt(5), 0.000001));
	CHECK(r.verdict == SLOWER);
	/* Wider, and zero is in it */
	row_judge(&r, 0.99);
	CHECK(near(r.half, 4.6040949 * sqrt(2.5) / sqrt(5), 0.000001));
	CHECK(r.verdict == CANNOT_TELL);
	for (i = 0; i < r.n; i++)
		diff[i] = -diff[i];
	row_judge(&r, 0.95);
	CHECK(r.verdict == FASTER);
	diff[0] = 8;
	row_judge(&r, 0.95);
	CHECK(r.verdict == CANNOT_TELL);
	for (i = 0; i < r.n; i++)
		diff[i] = 0;
	row_judge(&r, 0.95);
	CHECK(r.verdict == CANNOT_TELL && !r.half);
}

static double half(double sd, double confidence, size_t n)
{
	return t_quantile((1 + confidence) / 2, n - 1) * sd / sqrt(n);
}

static void test_needed(void)
{
	static const double sds[] = { 0.003, 0.01, 0.04, 0.1 };
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(sds); i++) {
		n = pairs_needed(sds[i], 0.95, 0.01, 100000);
		CHECK(n >= PAIRS_MIN && half(sds[i], 0.95, n) <= 0.01);
		CHECK(n == PAIRS_MIN || half(sds[i], 0.95, n - 1) > 0.01);
	}
	CHECK(pairs_needed(0, 0.95, 0.01, 100) == PAIRS_MIN);
	CHECK(!pairs_needed(10, 0.95, 0.01, 100000));
}

/* A generator of its own: the same numbers everywhere */
static double normal(void)
{
	static unsigned long long s = 42;
	double sum = 0;
	int i;

	for (i = 0; i < 12; i++) {
		s = s * 6364136223846793005ULL + 1442695040888963407ULL;
		sum += (s >> 11) / 9007199254740992.0;
	}
	return sum - 6;
}

/* How often equal kernels are said to differ */
static void test_false_alarms(void)
{
	double diff[6];
	struct row r = { .diff = diff, .n = ARRAY_SIZE(diff) };
	unsigned int alarms = 0, i, j;

	for (i = 0; i < 20000; i++) {
		for (j = 0; j < r.n; j++)
			diff[j] = normal();
		row_judge(&r, 0.95);
		alarms += r.verdict != CANNOT_TELL;
	}
	CHECK(alarms > 900 && alarms < 1100);
}

int main(void)
{
	static const struct test tests[] = {
		{ "median", test_median },
		{ "distribution", test_cdf },
		{ "quantiles as in tables", test_quantile },
		{ "mean, interval, verdict", test_row },
		{ "pairs that are needed", test_needed },
		{ "one false alarm in 20", test_false_alarms },
	};
	int failed = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		bad = 0;
		tests[i].fn();
		printf("%sok time: %s\n", bad ? "not " : "", tests[i].name);
		failed += !!bad;
	}
	return !!failed;
}
