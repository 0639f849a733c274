// SPDX-License-Identifier: GPL-2.0
/* Which rows to print, and in which order. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

int row_way(const struct row *r)
{
	switch (r->verdict) {
	case WORSE:
	case MORE:
		return 1;
	case BETTER:
	case LESS:
		return -1;
	case ONE_BOOT:
		return above(r->diff, 0) - above(0, r->diff);
	default:
		return 0;
	}
}

static int by_name(const struct row *x, const struct row *y)
{
	int d = strcmp(x->name, y->name);

	return d ? d : strcmp(x->dir, y->dir);
}

/* The greater one first */
static int descending(double x, double y)
{
	return (x < y) - (x > y);
}

static int by_diff(const void *a, const void *b)
{
	const struct row *x = *(const struct row **)a;
	const struct row *y = *(const struct row **)b;
	int d = !row_way(x) - !row_way(y);

	if (!d)
		d = descending(fabs(x->diff), fabs(y->diff));
	return d ? d : by_name(x, y);
}

static int by_way(const void *a, const void *b)
{
	const struct row *x = *(const struct row **)a;
	const struct row *y = *(const struct row **)b;
	int d = (row_way(x) < 0) - (row_way(y) < 0);

	/* by_diff() has those without a difference last */
	if (d && row_way(x) && row_way(y))
		return d;
	return by_diff(a, b);
}

static int by_value(const void *a, const void *b)
{
	const struct row *x = *(const struct row **)a;
	const struct row *y = *(const struct row **)b;
	int d = descending(x->side[A].mid[INSNS], y->side[A].mid[INSNS]);

	return d ? d : by_name(x, y);
}

const struct row **pick(const struct work *w, enum row_kind kind,
			enum row_order order, size_t *n)
{
	int (*const cmp[])(const void *a, const void *b) = {
		[BY_DIFF] = by_diff, [BY_WAY] = by_way, [BY_VALUE] = by_value,
	};
	const struct row **p;
	size_t i;

	*n = w->first[kind + 1] - w->first[kind];
	p = zalloc(*n, sizeof(*p));
	for (i = 0; i < *n; i++)
		p[i] = &w->row[w->first[kind] + i];
	qsort(p, *n, sizeof(*p), cmp[order]);
	return p;
}

size_t row_count(const struct work *w, enum row_kind kind, enum verdict v)
{
	size_t i, n = 0;

	for (i = w->first[kind]; i < w->first[kind + 1]; i++)
		n += w->row[i].verdict == v;
	return n;
}
