// SPDX-License-Identifier: GPL-2.0
/* What one kernel does, as text. */
#include <math.h>
#include <stdlib.h>

#include "report.h"

static void figures(const struct work *w, enum row_kind kind, const char *title,
		    const char *what)
{
	struct table t = { .cols = 5, .left = 1 };
	size_t i;

	if (w->first[kind] == w->first[kind + 1])
		return;
	printf("\n%s\n", title);
	cell(&t, "%s", what);
	cell(&t, "median");
	cell(&t, "min");
	cell(&t, "max");
	cell(&t, "rep spread");
	for (i = w->first[kind]; i < w->first[kind + 1]; i++) {
		const struct side *s = &w->row[i].side[A];

		cell(&t, "%s", w->row[i].name);
		cell_num(&t, s->mid[INSNS], "n/a");
		cell_num(&t, s->min, "-");
		cell_num(&t, s->max, "-");
		cell_num(&t, s->reps, "-");
	}
	table_end(&t);
}

static void shares(const struct report *r, const struct work *w,
		   enum row_kind kind, const char *title, const char *what)
{
	double all = w->row[0].side[A].mid[INSNS], v, rest = 0;
	struct table t = { .cols = 5, .left = 2 };
	const struct row **p;
	size_t n, i;

	p = pick(w, kind, BY_VALUE, &n);
	if (!n) {
		free(p);
		return;
	}
	printf("\n%s\n", title);
	cell(&t, "%s", what);
	cell(&t, "%s", kind == FN ? "directory" : "");
	cell(&t, "%s", kind == FN ? "calls" : "");
	cell(&t, "insns");
	cell(&t, "share");
	for (i = 0; i < n; i++) {
		v = p[i]->side[A].mid[INSNS];
		if (i >= r->top) {
			rest += v;
			continue;
		}
		cell(&t, "%s", p[i]->name);
		cell(&t, "%s", p[i]->dir);
		if (kind == FN)
			cell_num(&t, p[i]->side[A].mid[CALLS], "-");
		else
			cell(&t, "%s", "");
		cell_num(&t, v, "-");
		cell(&t, "%.2f %%", all ? 100 * v / all : 0);
	}
	if (n > r->top) {
		cell(&t, n - r->top > 1 ? "%zu others" : "%zu other",
		     n - r->top);
		cell(&t, "%s", "");
		cell(&t, "%s", "");
		cell_num(&t, rest, "-");
		cell(&t, "%.2f %%", all ? 100 * rest / all : 0);
	}
	table_end(&t);
	free(p);
}

void profile_print(const struct report *r)
{
	struct table t = { .cols = 6, .left = 2 };
	size_t i;

	if (r->title)
		printf("%s\n\n", r->title);
	for (i = 0; i < r->works; i++) {
		const struct work *w = &r->work[i];

		if (i)
			putchar('\n');
		text_work_head(r, w);
		figures(w, TOTAL, "Totals", "metric");
		shares(r, w, FOLDER, "By directory", "directory");
		shares(r, w, FN, "Top functions", "function");
		figures(w, EVENT, "Events", "event");
		figures(w, COUNT, "Counters", "counter");
	}
	puts("\n== Summary: insns per unit ==");
	cell(&t, "workload");
	cell(&t, "unit");
	cell(&t, "median");
	cell(&t, "min");
	cell(&t, "max");
	cell(&t, "rep spread");
	for (i = 0; i < r->works; i++) {
		const struct side *s = &r->work[i].row[0].side[A];

		cell(&t, "%s", r->work[i].name);
		cell(&t, "%s", r->work[i].unit);
		cell_num(&t, s->mid[INSNS], "n/a");
		cell_num(&t, s->min, "-");
		cell_num(&t, s->max, "-");
		cell_num(&t, s->reps, "-");
	}
	table_end(&t);
}
