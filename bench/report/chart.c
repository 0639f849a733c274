// SPDX-License-Identifier: GPL-2.0
/*
 * A script for gnuplot 5: a panel per workload, as their units cannot share an
 * axis, with a bar per kernel; and a last panel that says which colour is
 * which folder. Terminal and output are the caller's.
 */
#include <stdlib.h>

#include "report.h"

#define SHOWN		8
#define PANELS_WIDE	4

/* The last one is for all other folders */
static const char * const colours[SHOWN + 1] = {
	"#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377",
	"#ee8866", "#44aa99", "#bbbbbb",
};

struct folder {
	const char *name;
	double weight;
};

static int heavier(const void *a, const void *b)
{
	const struct folder *x = a, *y = b;

	return (x->weight < y->weight) - (x->weight > y->weight);
}

/* Folders by their shares of the workloads: those differ in size too much */
static struct folder *folders(const struct report *r, size_t *n)
{
	struct folder *f = NULL;
	size_t i, j, k;
	unsigned int s;

	for (*n = i = 0; i < r->works; i++) {
		const struct work *w = &r->work[i];

		for (j = w->first[FOLDER]; j < w->first[FOLDER + 1]; j++) {
			const struct row *row = &w->row[j];

			for (k = 0; k < *n && f[k].name != row->name; k++)
				;
			if (k == *n) {
				f = more(f, k, sizeof(*f));
				f[(*n)++] = (struct folder){ row->name, 0 };
			}
			for (s = 0; s < r->sides; s++)
				if (w->row[0].side[s].mid[INSNS] > 0)
					f[k].weight +=
						row->side[s].mid[INSNS] /
						w->row[0].side[s].mid[INSNS];
		}
	}
	if (*n)
		qsort(f, *n, sizeof(*f), heavier);
	return f;
}

/* In single quotes, where only these are special to gnuplot */
static void quoted(const char *s)
{
	putchar('\'');
	for (; *s; s++) {
		if (*s == '\'')
			putchar('\'');
		putchar(*s == '\\' || *s == '\n' ? ' ' : *s);
	}
	putchar('\'');
}

/* The name of a bar: data has double quotes, and no way around them */
static void name(const char *s)
{
	putchar('"');
	for (; *s; s++)
		putchar(*s == '"' || *s == '\\' || *s == '\n' ? ' ' : *s);
	putchar('"');
}

static void bar(const struct report *r, const struct work *w, unsigned int s,
		const struct folder *f, size_t shown)
{
	double others = 0, v[SHOWN] = { 0 };
	size_t i, j;

	for (i = w->first[FOLDER]; i < w->first[FOLDER + 1]; i++) {
		const struct row *row = &w->row[i];

		for (j = 0; j < shown && f[j].name != row->name; j++)
			;
		if (j < shown)
			v[j] = row->side[s].mid[INSNS];
		else
			others += row->side[s].mid[INSNS];
	}
	name(r->label[s]);
	for (j = 0; j < shown; j++)
		printf(" %.3f", v[j]);
	printf(" %.3f\n", others);
}

void chart_print(const struct report *r)
{
	size_t n, shown, i, j, wide;
	struct folder *f;
	unsigned int s;

	f = folders(r, &n);
	if (!n)
		die(EXIT_UNKNOWN, "no functions were counted");
	shown = n < SHOWN ? n : SHOWN;

	puts("# A block per workload, a line per kernel, a column per folder");
	puts("$data << EOD");
	for (i = 0; i < r->works; i++) {
		/* Blocks have two empty lines between them */
		fputs(i ? "\n\n" : "", stdout);
		for (s = 0; s < r->sides; s++)
			bar(r, &r->work[i], s, f, shown);
	}
	puts("EOD");
	puts("set style data histograms\nset style histogram rowstacked");
	puts("set style fill solid border -1\nset boxwidth 0.7 relative");
	puts("set xtics noenhanced\nset ylabel 'instructions' noenhanced");
	puts("set yrange [0:*]\nunset key");
	wide = r->works < PANELS_WIDE ? r->works + 1 : PANELS_WIDE;
	printf("set multiplot layout %zu,%zu", (r->works + wide) / wide, wide);
	if (r->title) {
		fputs(" title ", stdout);
		quoted(r->title);
		fputs(" noenhanced", stdout);
	}
	putchar('\n');
	for (i = 0; i < r->works; i++) {
		const struct work *w = &r->work[i];
		char title[256];

		snprintf(title, sizeof(title), "%s, per %s", w->name, w->unit);
		fputs("set title ", stdout);
		quoted(title);
		puts(" noenhanced");
		for (j = 0; j <= shown; j++)
			printf("%s index %zu using %zu%s lc rgb '%s'%s\n",
			       j ? "     ''" : "plot $data", i, j + 2,
			       j ? "" : ":xtic(1)",
			       colours[j < shown ? j : SHOWN],
			       j < shown ? ", \\" : "");
	}
	puts("unset title\nunset border\nunset tics\nunset ylabel");
	puts("set key center noenhanced invert\nset xrange [0:1]");
	puts("set yrange [0:1]");
	for (j = 0; j <= shown; j++) {
		fputs(j ? "     NaN" : "plot NaN", stdout);
		printf(" with boxes lc rgb '%s' title ",
		       colours[j < shown ? j : SHOWN]);
		quoted(j < shown ? f[j].name : "others");
		puts(j < shown ? ", \\" : "");
	}
	puts("unset multiplot");
	free(f);
}
