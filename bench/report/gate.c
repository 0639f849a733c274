// SPDX-License-Identifier: GPL-2.0
/*
 * Figures that were recorded once, and whether a kernel is still as good.
 *
 * Lines of workload, kind, metric, value and floor, split by tabs. A figure
 * that is recorded and not measured is unknown, and passes no more than one
 * that got worse.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

struct figure {
	const char *workload;
	const char *metric;
	enum row_kind kind;
	double value;
	double floor;
};

/* Depend on when the boot was interrupted, or are not the kernel's */
static const char * const not_recorded[] = { "user", "irq", "exception" };

static const char *kind_name(enum row_kind k)
{
	return k == TOTAL ? "total" : "event";
}

static const struct work *work_find(const struct report *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->works; i++)
		if (r->work[i].name == name)
			return &r->work[i];
	return NULL;
}

static struct figure *gate_read(const char *path, size_t *n)
{
	struct figure *all = NULL, f;
	struct lines l;
	char *field[6];
	size_t i;

	*n = 0;
	lines_open(&l, NULL, path);
	while (lines_next(&l)) {
		if (split(l.line, field, 6) != 5)
			lines_die(&l, EXIT_BAD, "not 5 fields");
		if (strcmp(field[1], "total") && strcmp(field[1], "event"))
			lines_die(&l, EXIT_BAD, "'%s' is no kind", field[1]);
		f.workload = intern(field[0]);
		f.kind = *field[1] == 't' ? TOTAL : EVENT;
		f.metric = intern(field[2]);
		if (!number(field[3], &f.value) || f.value < 0)
			lines_die(&l, EXIT_BAD, "'%s' is no value", field[3]);
		if (!number(field[4], &f.floor) || f.floor < 0)
			lines_die(&l, EXIT_BAD, "'%s' is no floor", field[4]);
		for (i = 0; i < *n; i++)
			if (all[i].workload == f.workload &&
			    all[i].kind == f.kind && all[i].metric == f.metric)
				lines_die(&l, EXIT_BAD, "%s %s %s again",
					  field[0], field[1], field[2]);
		all = more(all, *n, sizeof(*all));
		all[(*n)++] = f;
	}
	return all;
}

/*
 * What the figure may differ by: its recorded floor, or what --floor says if
 * that is more. Not what the boots differ by now: a loss that comes and goes
 * would excuse itself.
 */
static double floor_of(const struct report *r, const struct figure *f)
{
	return r->percent < 0 ? f->floor :
	       most(r->percent / 100 * fabs(f->value), f->floor);
}

/* Do the boots differ by much more than they did when it was recorded? */
static bool unsteady(const struct report *r, const struct figure *f,
		     const struct side *s)
{
	return above(s->max - s->min, 2 * floor_of(r, f)) &&
	       above(s->max - s->min, fabs(s->mid[INSNS]) / 100);
}

/* Prints what is to be said of a figure; NO_VALUE if it is not measured */
static enum verdict check(const struct report *r, const struct figure *f)
{
	const struct work *w = work_find(r, f->workload);
	const struct row *row = w ? row_find(w, f->kind, f->metric) : NULL;
	const struct side *s = row ? &row->side[r->sides - 1] : NULL;
	double now = NAN, floor = NAN;
	enum verdict v = NO_VALUE;

	if (s) {
		now = s->mid[INSNS];
		floor = floor_of(r, f);
		v = judge(f->value, now, floor);
		if (v != WORSE && unsteady(r, f, s)) {
			printf("unsteady: %s %s %s %.3f to %.3f, recorded %.3f\n",
			       f->workload, kind_name(f->kind), f->metric,
			       s->min, s->max, f->value);
			return NO_VALUE;
		}
	}
	if (v == SAME)
		return v;
	printf("%s: %s %s %s", v == WORSE ? "worse" : v == BETTER ?
	       "improved: record anew" : "unknown", f->workload,
	       kind_name(f->kind), f->metric);
	if (v == NO_VALUE)
		printf(" was not measured, recorded %.3f\n", f->value);
	else
		printf(" %.3f, recorded %.3f, diff %+.3f, floor %.3f\n", now,
		       f->value, now - f->value, floor);
	return v;
}

int gate(const struct report *r, const char *path)
{
	size_t seen[VERDICTS] = { 0 }, n, i, j;
	struct figure *f;

	f = gate_read(path, &n);
	if (!n)
		die(EXIT_UNKNOWN, "%s: no figures", path);
	if (r->title)
		printf("%s\n\n", r->title);
	for (i = 0; i < n; i++)
		seen[check(r, &f[i])]++;
	for (i = 0; i < r->works; i++) {
		for (j = 0; j < n && f[j].workload != r->work[i].name; j++)
			;
		if (j == n)
			printf("not recorded: %s\n", r->work[i].name);
	}
	printf("%s: %zu figures, %zu as recorded, %zu worse, %zu improved, ",
	       r->label[r->sides - 1], n, seen[SAME], seen[WORSE],
	       seen[BETTER]);
	printf("%zu unknown\n", seen[NO_VALUE]);
	free(f);
	if (seen[WORSE])
		return EXIT_BAD;
	return seen[NO_VALUE] ? EXIT_UNKNOWN : 0;
}

static bool recorded(const struct row *r)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(not_recorded); i++)
		if (r->kind == TOTAL && !strcmp(r->name, not_recorded[i]))
			return false;
	return true;
}

void record(const struct report *r)
{
	size_t i, j;

	for (i = 0; i < r->works; i++)
		if (r->work[i].boots == 1 && r->percent < 0)
			die(EXIT_UNKNOWN, "%s: one boot has no floor",
			    r->work[i].name);
	puts("# workload\tkind\tmetric\tper unit\tfloor");
	for (i = 0; i < r->works; i++) {
		const struct work *w = &r->work[i];

		for (j = w->first[TOTAL]; j < w->first[EVENT + 1]; j++) {
			const struct row *row = &w->row[j];
			const struct side *s = &row->side[r->sides - 1];

			if (!recorded(row) || isnan(s->mid[INSNS]))
				continue;
			printf("%s\t%s\t%s\t%.6f\t%.6f\n", w->name,
			       kind_name(row->kind), row->name,
			       s->mid[INSNS], row->floor);
		}
	}
}
