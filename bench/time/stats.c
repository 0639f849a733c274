// SPDX-License-Identifier: GPL-2.0
/*
 * Medians, Student's t, and what a row of ratios says.
 *
 * The quantiles come from the distribution itself, which is a finite sum for
 * whole degrees of freedom: a table has no column for every number of rows.
 */
#include <math.h>
#include <stdlib.h>

#include "pairs.h"

double t_cdf(double t, size_t df)
{
	double angle = atan(t / sqrt(df)), c = cos(angle);
	double term = df % 2 ? c : 1, sum = 0;
	size_t k;

	/* The first is cos for an odd df, 1 for an even one; then by cos^2 */
	for (k = df % 2 ? 3 : 2; k <= df; k += 2) {
		sum += term;
		term *= c * c * (k - 1) / k;
	}
	sum *= sin(angle);
	if (df % 2)
		sum = (angle + sum) * M_2_PI;
	return (1 + sum) / 2;
}

double t_quantile(double p, size_t df)
{
	double low = 0, high = 1, mid;

	while (t_cdf(high, df) < p && high < 1e12)
		high *= 2;
	/* As far as doubles go */
	for (;;) {
		mid = low + (high - low) / 2;
		if (mid <= low || mid >= high)
			return mid;
		if (t_cdf(mid, df) < p)
			low = mid;
		else
			high = mid;
	}
}

static double half_width(double sd, double confidence, size_t n)
{
	return t_quantile((1 + confidence) / 2, n - 1) * sd / sqrt(n);
}

void row_judge(struct row *r, double confidence)
{
	double sum = 0, squares = 0;
	size_t i;

	for (i = 0; i < r->n; i++)
		sum += r->diff[i];
	r->mean = sum / r->n;
	for (i = 0; i < r->n; i++)
		squares += (r->diff[i] - r->mean) * (r->diff[i] - r->mean);
	r->sd = sqrt(squares / (r->n - 1));
	r->half = half_width(r->sd, confidence, r->n);
	r->verdict = CANNOT_TELL;
	if (r->mean - r->half > 0)
		r->verdict = SLOWER;
	else if (r->mean + r->half < 0)
		r->verdict = FASTER;
}

size_t pairs_needed(double sd, double confidence, double want, size_t max)
{
	size_t low = PAIRS_MIN, high = max, mid;

	if (half_width(sd, confidence, max) > want)
		return 0;
	while (low < high) {
		mid = low + (high - low) / 2;
		if (half_width(sd, confidence, mid) > want)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}
