// SPDX-License-Identifier: GPL-2.0
/* From boots to workloads, and from the samples of a name to a row. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

static bool ran(const struct boot *b, const char *workload)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		if (b->w[i].workload == workload)
			return true;
	return false;
}

/*
 * Boots of one workload file did the same, window by window. Where that is
 * not so, one of them has not done everything.
 */
static void check_same(const struct boot *x, const struct boot *y)
{
	size_t i, n = x->n < y->n ? x->n : y->n;

	for (i = 0; i < n; i++)
		if (x->w[i].workload != y->w[i].workload ||
		    x->w[i].unit != y->w[i].unit ||
		    x->w[i].rep != y->w[i].rep)
			die(EXIT_UNKNOWN,
			    "result %zu: %s %u, %s in %s; %s %u, %s in %s",
			    i + 1, x->w[i].workload, x->w[i].rep, x->w[i].unit,
			    x->dir, y->w[i].workload, y->w[i].rep,
			    y->w[i].unit, y->dir);
	if (x->n != y->n)
		die(EXIT_UNKNOWN, "%zu results in %s, %zu in %s", x->n, x->dir,
		    y->n, y->dir);
}

static void check_boots(const struct report *r)
{
	size_t i, j, k;

	for (i = 0; i < r->boots; i++) {
		const struct boot *b = &r->boot[A][i];

		if (r->sides == 2)
			check_same(b, &r->boot[B][i]);
		for (j = 0; j < i; j++)
			for (k = 0; k < b->n; k++)
				if (ran(&r->boot[A][j], b->w[k].workload)) {
					check_same(&r->boot[A][j], b);
					break;
				}
	}
}

/* Finds the windows of @w, of which the name is known */
static void windows(const struct report *r, struct work *w)
{
	size_t i, j, n;
	unsigned int s;

	for (i = 0; i < r->boots; i++)
		w->boots += ran(&r->boot[A][i], w->name);
	for (s = 0; s < r->sides; s++) {
		w->w[s] = NULL;
		for (i = n = 0; i < r->boots; i++) {
			struct boot *b = &r->boot[s][i];

			for (j = 0; j < b->n; j++) {
				if (b->w[j].workload != w->name)
					continue;
				w->w[s] = more(w->w[s], n, sizeof(*w->w[s]));
				w->w[s][n++] = &b->w[j];
			}
		}
		w->reps = n / w->boots;
	}
	while (!w->w[A][w->rep]->compared)
		w->rep++;
	w->unit = w->w[A][0]->unit;
	w->min = INFINITY;
	for (s = 0; s < r->sides; s++)
		for (i = 0; i < w->boots; i++) {
			double n = w->w[s][i * w->reps + w->rep]->count;

			w->min = least(n, w->min);
			w->max = most(n, w->max);
		}
}

static const struct sample *find(const struct window *w, const struct row *r)
{
	const struct sample key = {
		.kind = r->kind, .rank = r->rank, .name = r->name,
		.dir = r->dir,
	};

	return bsearch(&key, w->s, w->n, sizeof(key), sample_cmp);
}

/*
 * A function that is not there has done nothing, and the guest leaves out the
 * counters that did not change. Totals are always there, as are events.
 */
static double absent(const struct row *r)
{
	return r->kind == TOTAL || r->kind == EVENT ? NAN : 0;
}

static double in_window(const struct window *w, const struct row *r)
{
	const struct sample *s = find(w, r);

	return s ? per_unit(s, w, INSNS) : absent(r);
}

/* Spread between repetitions, in the boot where it is greatest */
static double spread(struct window **w, const struct work *work,
		     const struct row *r)
{
	double greatest = -1, min, max, v;
	size_t i, j, n;

	if (r->kind == FN)
		return NAN;
	for (i = 0; i < work->boots; i++, w += work->reps) {
		min = INFINITY;
		max = -INFINITY;
		for (j = n = 0; j < work->reps; j++) {
			if (!w[j]->rep)
				continue;
			v = in_window(w[j], r);
			if (isnan(v))
				return NAN;
			min = least(v, min);
			max = most(v, max);
			n++;
		}
		if (n > 1)
			greatest = most(max - min, greatest);
	}
	return greatest < 0 ? NAN : greatest;
}

static void side_make(const struct work *w, unsigned int side, struct row *r,
		      double *tmp)
{
	struct window **win = w->w[side];
	struct side *s = &r->side[side];
	const struct sample *sample;
	size_t i, f;

	s->min = INFINITY;
	s->max = -INFINITY;
	for (f = 0; f < FIELDS; f++) {
		bool known = true;

		for (i = 0; i < w->boots; i++) {
			const struct window *v = win[i * w->reps + w->rep];

			sample = find(v, r);
			tmp[i] = sample ? per_unit(sample, v, f) : absent(r);
			if (f == INSNS) {
				s->here |= !!sample;
				s->seed[i] = tmp[i];
				s->min = least(tmp[i], s->min);
				s->max = most(tmp[i], s->max);
			}
			known &= !isnan(tmp[i]);
		}
		s->mid[f] = known ? median(tmp, w->boots) : NAN;
	}
	if (isnan(s->mid[INSNS])) {
		s->min = NAN;
		s->max = NAN;
	}
	s->reps = spread(win, w, r);
}

/* Counters of what costs: less is better */
static bool is_cost(const char *name)
{
	static const char * const ends[] = {
		"-doorbell", "-irq", "-admin", "ipi", "interrupts", "-unmask",
		"-reg-read", "-reg-write",
	};
	size_t n = strlen(name), len, i;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		len = strlen(ends[i]);
		if (n >= len && !strcmp(name + n - len, ends[i]))
			return true;
	}
	return false;
}

static void row_make(const struct report *r, const struct work *w,
		     struct row *row, double *tmp)
{
	double *mid[SIDES] = {
		row->side[A].mid, row->side[r->sides - 1].mid,
	};
	unsigned int s;

	row->floor = w->boots > 1 ? 0 : NAN;
	for (s = 0; s < r->sides; s++) {
		side_make(w, s, row, tmp);
		if (w->boots > 1)
			row->floor = most(FLOOR_RANGES * (row->side[s].max -
							  row->side[s].min),
					  row->floor);
	}
	if (r->percent >= 0) {
		double least_floor = r->percent / 100 * fabs(mid[A][INSNS]);

		row->floor = w->boots > 1 ? most(least_floor, row->floor) :
					    least_floor;
	}
	row->diff = mid[B][INSNS] - mid[A][INSNS];
	if (isnan(row->diff))
		row->floor = NAN;
	row->verdict = judge(mid[A][INSNS], mid[B][INSNS], row->floor);
	if (row->kind == COUNT && !is_cost(row->name)) {
		if (row->verdict == WORSE)
			row->verdict = MORE;
		else if (row->verdict == BETTER)
			row->verdict = LESS;
	}
}

/* A row for every name in a window that is compared */
static void rows(const struct report *r, struct work *w)
{
	size_t all = 0, n = 0, i;
	struct sample *s = NULL;
	double *seed, *tmp;
	unsigned int side;
	enum row_kind k;

	for (side = 0; side < r->sides; side++)
		for (i = 0; i < w->boots; i++)
			all += w->w[side][i * w->reps + w->rep]->n;
	s = zalloc(all, sizeof(*s));
	for (all = side = 0; side < r->sides; side++)
		for (i = 0; i < w->boots; i++) {
			const struct window *v =
				w->w[side][i * w->reps + w->rep];

			memcpy(s + all, v->s, v->n * sizeof(*s));
			all += v->n;
		}
	qsort(s, all, sizeof(*s), sample_cmp);
	for (i = 0; i < all; i++)
		if (!n || sample_cmp(&s[n - 1], &s[i]))
			s[n++] = s[i];

	w->row = zalloc(n, sizeof(*w->row));
	seed = zalloc(n * SIDES * w->boots, sizeof(*seed));
	tmp = zalloc(w->boots, sizeof(*tmp));
	for (i = 0; i < n; i++) {
		struct row *row = &w->row[i];

		row->kind = s[i].kind;
		row->rank = s[i].rank;
		row->name = s[i].name;
		row->dir = s[i].dir;
		for (side = 0; side < SIDES; side++, seed += w->boots)
			row->side[side].seed = seed;
		row_make(r, w, row, tmp);
	}
	for (i = k = 0; k < KINDS; k++) {
		w->first[k] = i;
		while (i < n && s[i].kind == k)
			i++;
	}
	w->first[KINDS] = n;
	free(tmp);
	free(s);
}

void works_make(struct report *r)
{
	struct work *w;
	size_t i, j, k;

	check_boots(r);
	for (i = 0; i < r->boots; i++)
		for (j = 0; j < r->boot[A][i].n; j++) {
			const char *name = r->boot[A][i].w[j].workload;

			for (k = 0; k < r->works; k++)
				if (r->work[k].name == name)
					break;
			if (k < r->works)
				continue;
			r->work = more(r->work, k, sizeof(*r->work));
			w = &r->work[r->works++];
			*w = (struct work){ .name = name };
			windows(r, w);
			rows(r, w);
		}
}

const struct row *row_find(const struct work *w, enum row_kind kind,
			   const char *name)
{
	size_t i;

	for (i = w->first[kind]; i < w->first[kind + 1]; i++)
		if (!strcmp(w->row[i].name, name))
			return &w->row[i];
	return NULL;
}

double row_percent(const struct row *r)
{
	double a = r->side[A].mid[INSNS];

	return a ? 100 * r->diff / fabs(a) : NAN;
}
