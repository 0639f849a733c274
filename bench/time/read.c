// SPDX-License-Identifier: GPL-2.0
/*
 * DIR/results of one boot: lines of words, split by tabs. Of what load counted
 * in a window only its time is taken.
 */
#include <stdlib.h>
#include <string.h>

#include "pairs.h"

/**
 * struct reader - a file that is read
 * @b: what it goes to
 * @l: the file
 * @w: the workload of the last result, or NULL
 * @count: units of the last result
 * @done: the workload came to its end
 */
struct reader {
	struct boot *b;
	struct lines l;
	struct work *w;
	double count;
	bool done;
};

/**
 * struct word - a first word of lines
 * @name: the word
 * @fields: how many the line has
 * @text: the second is all that follows, tabs included
 * @read: takes them
 */
struct word {
	const char *name;
	unsigned int fields;
	bool text;
	void (*read)(struct reader *rd, char **f);
};

static double whole(const struct reader *rd, const char *s)
{
	/* 15 digits are what a double has */
	if (!*s || strlen(s) > 15 || s[strspn(s, "0123456789")])
		lines_die(&rd->l, EXIT_BAD, "'%s' is not a number", s);
	return strtod(s, NULL);
}

static const char *text(const struct reader *rd, const char *s)
{
	if (!*s)
		lines_die(&rd->l, EXIT_BAD, "an empty name");
	return intern(s);
}

static void window_end(const struct reader *rd)
{
	if (rd->w && !rd->w->per_unit[rd->w->reps - 1])
		lines_die(&rd->l, EXIT_UNKNOWN, "%s, repetition %lu has no time",
			  rd->w->name, rd->w->rep[rd->w->reps - 1]);
}

static struct work *work_find(struct reader *rd, char **f)
{
	struct boot *b = rd->b;
	size_t i;

	for (i = 0; i < b->n; i++) {
		if (strcmp(b->w[i].name, f[1]))
			continue;
		if (strcmp(b->w[i].unit, f[4]))
			lines_die(&rd->l, EXIT_BAD, "%s: '%s' was '%s'", f[1], f[4],
				  b->w[i].unit);
		return &b->w[i];
	}
	b->w = more(b->w, b->n, sizeof(*b->w));
	b->w[b->n] = (struct work){
		.name = text(rd, f[1]), .unit = text(rd, f[4]),
	};
	return &b->w[b->n++];
}

static void result(struct reader *rd, char **f)
{
	struct work *w;
	double rep;
	size_t i;

	window_end(rd);
	rep = whole(rd, f[2]);
	rd->count = whole(rd, f[3]);
	if (!rd->count)
		lines_die(&rd->l, EXIT_UNKNOWN, "%s did nothing", f[1]);
	w = work_find(rd, f);
	for (i = 0; i < w->reps; i++)
		if (w->rep[i] == rep)
			lines_die(&rd->l, EXIT_BAD, "%s, repetition %s again", f[1],
				  f[2]);
	w->rep = more(w->rep, w->reps, sizeof(*w->rep));
	w->per_unit = more(w->per_unit, w->reps, sizeof(*w->per_unit));
	w->rep[w->reps] = rep;
	w->per_unit[w->reps++] = 0;
	rd->w = w;
}

static void result_count(struct reader *rd, char **f)
{
	double *v;

	if (!rd->w)
		lines_die(&rd->l, EXIT_BAD, "a count before any result");
	if (strcmp(f[1], "ns"))
		return;
	v = &rd->w->per_unit[rd->w->reps - 1];
	if (*v)
		lines_die(&rd->l, EXIT_BAD, "ns again");
	*v = whole(rd, f[2]) / rd->count;
	if (!*v)
		lines_die(&rd->l, EXIT_UNKNOWN, "a window of no time");
}

static void result_error(struct reader *rd, char **f)
{
	lines_die(&rd->l, EXIT_UNKNOWN, "the workload failed: %s", f[1]);
}

static void result_done(struct reader *rd, char **f)
{
	(void)f;
	rd->done = true;
}

static void nothing(struct reader *rd, char **f)
{
	(void)rd;
	(void)f;
}

static const struct word words[] = {
	{ "result", 5, false, result },
	{ "count", 3, false, result_count },
	{ "symbol", 4, false, nothing },
	{ "error", 2, true, result_error },
	{ "done", 2, true, result_done },
	{ }
};

static void line_read(struct reader *rd, char *line)
{
	const struct word *w;
	char *field[6];
	unsigned int n;

	n = split(line, field, 2);
	for (w = words; w->name && strcmp(w->name, field[0]); w++)
		;
	if (!w->name)
		lines_die(&rd->l, EXIT_BAD, "'%s' is not known", field[0]);
	if (n == 2 && !w->text)
		n = 1 + split(field[1], field + 1, 5);
	if (n != w->fields)
		lines_die(&rd->l, EXIT_BAD, "%u fields, '%s' has %u", n, w->name,
			  w->fields);
	w->read(rd, field);
}

/* The median of all repetitions but the warm-up */
static void work_end(const struct boot *b, struct work *w)
{
	size_t i, n = 0;

	for (i = 0; i < w->reps; i++)
		if (w->rep[i])
			w->per_unit[n++] = w->per_unit[i];
	if (!n)
		die(EXIT_UNKNOWN, "%s: %s has a warm-up and nothing else",
		    b->dir, w->name);
	w->ns = median(w->per_unit, n);
}

void boot_read(struct boot *b)
{
	struct reader rd = { .b = b };
	char *line;
	size_t i;

	lines_open(&rd.l, b->dir, "results");
	while ((line = lines_next(&rd.l)))
		line_read(&rd, line);
	window_end(&rd);
	if (!rd.done || !b->n)
		die(EXIT_UNKNOWN, "%s: the workload has not come to its end",
		    rd.l.path);
	for (i = 0; i < b->n; i++)
		work_end(b, &b->w[i]);
}
