// SPDX-License-Identifier: GPL-2.0
/*
 * The comparison as text. What got worse stands before what got better, in the
 * same table, and once more at the end.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

static const char * const kind_words[KINDS] = {
	[TOTAL] = "", [EVENT] = "event ", [COUNT] = "counter ",
	[FN] = "function ", [FOLDER] = "directory ",
};

void text_work_head(const struct report *r, const struct work *w)
{
	struct window **win = w->w[A];
	enum row_kind k;
	size_t i;

	printf("== %s: per %s, %.0f", w->name, w->unit, w->min);
	if (w->max != w->min)
		printf(" to %.0f", w->max);
	printf(" in a window, repetition %u of %u to %u, %zu %s of %s",
	       win[w->rep]->rep, win[0]->rep, win[w->reps - 1]->rep, w->boots,
	       w->boots == 1 ? "seed" : "seeds", r->label[A]);
	if (r->sides == 2)
		printf(" and %s", r->label[B]);
	puts(" ==");
	for (k = 0; k < KINDS; k++)
		for (i = w->first[k]; i < w->first[k + 1]; i++)
			if (is_max(k, w->row[i].name)) {
				puts("   (names with -max: not per unit)");
				return;
			}
}

static const char *none(const struct row *r)
{
	return r->kind == TOTAL || r->kind == EVENT ? "n/a" : "-";
}

/* Its median, or a dash if that side has no such function */
static double value(const struct row *r, unsigned int side, enum field f)
{
	return r->side[side].here ? r->side[side].mid[f] : NAN;
}

static void percent(struct table *t, const struct row *r)
{
	double v = row_percent(r);

	if (isnan(v))
		cell(t, "-");
	else if (fabs(v) < 0.005)
		cell(t, "0.00 %%");
	else
		cell(t, "%+.2f %%", v);
}

static void figure(struct table *t, const struct row *r)
{
	cell(t, "%s", r->name);
	cell_num(t, value(r, A, INSNS), none(r));
	cell_num(t, value(r, B, INSNS), none(r));
	cell_diff(t, r->diff, "-");
	percent(t, r);
	cell_num(t, r->floor, "-");
	/* NAN stays if there is one repetition only */
	cell_num(t, most(r->side[A].reps, r->side[B].reps), "-");
	cell(t, "%s", verdict_text(r->verdict));
}

static void figure_head(const struct report *r, struct table *t,
			const char *what)
{
	cell(t, "%s", what);
	cell(t, "%s", r->label[A]);
	cell(t, "%s", r->label[B]);
	cell(t, "diff");
	cell(t, "diff %%");
	cell(t, "floor");
	cell(t, "rep spread");
	cell(t, "verdict");
}

static void figures(const struct report *r, const struct work *w,
		    enum row_kind kind, const char *title, const char *what)
{
	struct table t = { .cols = 8, .left = 1 };
	size_t i;

	if (w->first[kind] == w->first[kind + 1])
		return;
	printf("\n%s\n", title);
	figure_head(r, &t, what);
	for (i = w->first[kind]; i < w->first[kind + 1]; i++)
		figure(&t, &w->row[i]);
	table_end(&t);
}

static void folders(const struct report *r, const struct work *w)
{
	struct table t = { .cols = 8, .left = 1 };
	const struct row **p;
	size_t n, i;

	if (w->first[FOLDER] == w->first[FOLDER + 1])
		return;
	p = pick(w, FOLDER, BY_DIFF, &n);
	puts("\nBy directory (insns)");
	for (i = 0; i < n && row_way(p[i]); i++) {
		if (!i)
			figure_head(r, &t, "directory");
		figure(&t, p[i]);
	}
	table_end(&t);
	if (i < n)
		printf("  %zu %s, no difference%s\n", n - i,
		       !i ? "in all" : n - i > 1 ? "others" : "other",
		       p[i]->verdict == ONE_BOOT ? " in this one boot" : "");
	free(p);
}

static void mover_head(const struct report *r, struct table *t)
{
	cell(t, "function");
	cell(t, "directory");
	cell(t, "%s", r->label[A]);
	cell(t, "%s", r->label[B]);
	cell(t, "diff");
	cell(t, "floor");
	cell(t, "calls %s", r->label[A]);
	cell(t, "calls %s", r->label[B]);
	cell(t, "verdict");
}

static void mover(struct table *t, const struct row *r)
{
	cell(t, "%s", r->name);
	cell(t, "%s", r->dir);
	cell_num(t, value(r, A, INSNS), none(r));
	cell_num(t, value(r, B, INSNS), none(r));
	cell_diff(t, r->diff, "-");
	cell_num(t, r->floor, "-");
	cell_num(t, value(r, A, CALLS), none(r));
	cell_num(t, value(r, B, CALLS), none(r));
	cell(t, "%s", r->verdict == ONE_BOOT ? row_way(r) > 0 ?
	     "more, not judged" : "less, not judged" :
	     verdict_text(r->verdict));
}

static void top_movers(const struct report *r, const struct work *w)
{
	struct table t = { .cols = 9, .left = 2 };
	size_t n, i, shown = 0, past[2] = { 0 };
	const struct row **p;

	if (w->first[FN] == w->first[FN + 1])
		return;
	p = pick(w, FN, BY_WAY, &n);
	puts("\nTop movers (functions, insns)");
	for (i = 0; i < n && row_way(p[i]); i++) {
		if (past[row_way(p[i]) < 0]++ >= r->top)
			continue;
		if (!shown++)
			mover_head(r, &t);
		mover(&t, p[i]);
	}
	table_end(&t);
	if (i == 0)
		puts("  none");
	else
		printf("  %zu got more, %zu got less, %zu not shown\n",
		       past[0], past[1], i - shown);
	free(p);
}

static void summary(const struct report *r)
{
	struct table t = { .cols = 12, .left = 2 };
	size_t i, n[VERDICTS];
	enum verdict v;

	puts("\n== Summary: insns per unit; how many figures, functions (fn) ==");
	cell(&t, "workload");
	cell(&t, "unit");
	cell(&t, "%s", r->label[A]);
	cell(&t, "%s", r->label[B]);
	cell(&t, "diff");
	cell(&t, "diff %%");
	cell(&t, "floor");
	cell(&t, "better");
	cell(&t, "worse");
	cell(&t, "fn better");
	cell(&t, "fn worse");
	cell(&t, "verdict");
	for (i = 0; i < r->works; i++) {
		const struct work *w = &r->work[i];
		const struct row *row = &w->row[0];

		for (v = 0; v < VERDICTS; v++)
			n[v] = row_count(w, TOTAL, v) + row_count(w, EVENT, v) +
			       row_count(w, COUNT, v);
		cell(&t, "%s", w->name);
		cell(&t, "%s", w->unit);
		cell_num(&t, value(row, A, INSNS), "n/a");
		cell_num(&t, value(row, B, INSNS), "n/a");
		cell_diff(&t, row->diff, "-");
		percent(&t, row);
		cell_num(&t, row->floor, "-");
		if (row->verdict == ONE_BOOT) {
			cell(&t, "-");
			cell(&t, "-");
			cell(&t, "-");
			cell(&t, "-");
		} else {
			cell(&t, "%zu", n[BETTER]);
			cell(&t, "%zu", n[WORSE]);
			cell(&t, "%zu", row_count(w, FN, BETTER));
			cell(&t, "%zu", row_count(w, FN, WORSE));
		}
		cell(&t, "%s", verdict_text(row->verdict));
	}
	table_end(&t);
}

/* All that got worse in one workload; of the functions the top ones */
static bool what_got_worse(const struct report *r, const struct work *w)
{
	static const enum row_kind order[] = {
		TOTAL, EVENT, COUNT, FOLDER, FN,
	};
	const char *lead = "";
	const struct row **p;
	size_t n, i, j, fns;
	enum row_kind k;

	if (w->row[0].verdict == ONE_BOOT) {
		printf("worse: %s: %s\n", w->name, verdict_text(ONE_BOOT));
		return true;
	}
	for (j = 0; j < ARRAY_SIZE(order); j++) {
		k = order[j];
		p = pick(w, k, BY_WAY, &n);
		for (i = fns = 0; i < n && p[i]->verdict == WORSE; i++) {
			if (k == FN && fns++ >= r->top)
				continue;
			if (!*lead)
				printf("worse: %s: ", w->name);
			printf("%s%s%s %+.3f", lead, kind_words[k], p[i]->name,
			       p[i]->diff);
			if (k == FN)
				printf(" (%s)", p[i]->dir);
			lead = ", ";
		}
		if (fns > r->top) {
			if (!*lead)
				printf("worse: %s: ", w->name);
			printf("%s%zu more function%s", lead, fns - r->top,
			       fns - r->top > 1 ? "s" : "");
			lead = ", ";
		}
		free(p);
	}
	if (*lead)
		putchar('\n');
	return *lead;
}

/* What only one kernel has, or not all of its boots */
static void not_judged(const struct report *r, const struct work *w)
{
	size_t i, n = 0;

	for (i = 0; i < w->first[KINDS]; i++) {
		const struct row *row = &w->row[i];

		if (row->verdict != NO_VALUE ||
		    (isnan(row->side[A].mid[INSNS]) &&
		     isnan(row->side[B].mid[INSNS]) && row->kind == EVENT))
			continue;
		if (!n++)
			printf("not judged: %s: ", w->name);
		else
			fputs(", ", stdout);
		printf("%s%s (n/a in %s)", kind_words[row->kind], row->name,
		       !isnan(row->side[A].mid[INSNS]) ? r->label[B] :
		       !isnan(row->side[B].mid[INSNS]) ? r->label[A] : "both");
	}
	if (n)
		putchar('\n');
}

void text_print(const struct report *r)
{
	bool any = false;
	size_t i;

	if (r->title)
		printf("%s\n\n", r->title);
	for (i = 0; i < r->works; i++) {
		const struct work *w = &r->work[i];

		if (i)
			putchar('\n');
		text_work_head(r, w);
		figures(r, w, TOTAL, "Totals", "metric");
		folders(r, w);
		top_movers(r, w);
		figures(r, w, EVENT, "Events", "event");
		figures(r, w, COUNT, "Counters", "counter");
	}
	summary(r);
	for (i = 0; i < r->works; i++)
		any |= what_got_worse(r, &r->work[i]);
	if (!any)
		puts("worse: nothing");
	for (i = 0; i < r->works; i++)
		not_judged(r, &r->work[i]);
}
