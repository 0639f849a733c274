/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bench-report: what it reads of boots, and what it makes of that.
 *
 * A boot (read.c) has windows, and a window has samples: everything that was
 * counted in it under a name. A workload (work.c) has the same window of all
 * boots, and rows: one name's samples of both kernels, judged. The other files
 * print rows. All is read and judged before the first line is printed, and
 * nothing is freed: the program ends then.
 */
#ifndef PODPATH_BENCH_REPORT_H
#define PODPATH_BENCH_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib.h"

/*
 * The floor is so many times the range of a few boots: the medians of three
 * and three boots of one kernel are often further apart than one range
 */
#define FLOOR_RANGES 2

/**
 * enum row_kind - what a name stands for; rows are in this order
 * @TOTAL: of a window, by the plugin
 * @EVENT: calls of the functions that --events names
 * @COUNT: a counter of the kernel or of the NIC model
 * @FN: a function
 * @FOLDER: instructions of a source folder
 * @KINDS: how many there are
 */
enum row_kind { TOTAL, EVENT, COUNT, FN, FOLDER, KINDS };

/* What is known of a function; the other kinds have a value, in [INSNS] */
enum field { INSNS, CALLS, LOCKED, INDIRECT, REP, FIELDS };

/* The two kernels */
enum { A, B, SIDES };

/**
 * struct sample - what one window counted under one name
 * @kind: what the name stands for
 * @rank: place among its kind, before the name is looked at
 * @name: the name, by intern()
 * @dir: source folder of a function, else ""
 * @v: the values as they were counted; [INSNS] is NAN if it is unknown
 */
struct sample {
	enum row_kind kind;
	unsigned int rank;
	const char *name;
	const char *dir;
	double v[FIELDS];
};

/**
 * struct window - one repetition of a workload
 * @workload: its name, by intern()
 * @unit: what the workload does
 * @rep: number of the repetition; 0 is the warm-up
 * @count: units done
 * @compared: this is the repetition to compare; others keep no functions
 * @s: samples in the order of sample_cmp(), no two of them equal
 * @n: their number
 */
struct window {
	const char *workload;
	const char *unit;
	unsigned int rep;
	double count;
	bool compared;
	struct sample *s;
	size_t n;
};

/**
 * struct boot - one boot of one kernel
 * @dir: where it was recorded
 * @w: windows in the order of the run
 * @n: their number
 */
struct boot {
	const char *dir;
	struct window *w;
	size_t n;
};

/**
 * struct called - a function that belongs to an event
 * @fn: its name, by intern()
 * @event: index of the event
 * @field: what of the function counts: its calls, or its locked instructions
 * @each: how many of these make one
 */
struct called {
	const char *fn;
	unsigned int event;
	enum field field;
	double each;
};

/**
 * struct events - what --events says
 * @name: names of events, by intern()
 * @n: their number
 * @fn: all functions, sorted by event_fns()'s order
 * @fns: their number
 */
struct events {
	const char **name;
	size_t n;
	struct called *fn;
	size_t fns;
};

/**
 * enum verdict - of a row
 * @SAME: no difference that the floor would not explain
 * @BETTER: less
 * @WORSE: more
 * @LESS: less of a counter, which may be good or bad
 * @MORE: more of a counter
 * @ONE_BOOT: not judged, as the floor is not known
 * @NO_VALUE: not judged, as a side has no value
 * @VERDICTS: how many there are
 */
enum verdict {
	SAME, BETTER, WORSE, LESS, MORE, ONE_BOOT, NO_VALUE, VERDICTS
};

/**
 * struct side - one kernel's part of a row; values are per unit
 * @here: at least one of its boots has the sample
 * @seed: value of each boot, NAN if unknown
 * @mid: medians of the boots; [INSNS] is NAN if it is unknown in one boot
 * @min: least of @seed
 * @max: greatest of @seed
 * @reps: greatest spread of the repetitions of a boot, NAN if unknown
 */
struct side {
	bool here;
	double *seed;
	double mid[FIELDS];
	double min;
	double max;
	double reps;
};

/**
 * struct row - one name of a workload on both sides
 * @kind: as in struct sample
 * @rank: as in struct sample
 * @name: as in struct sample
 * @dir: as in struct sample
 * @side: both kernels
 * @diff: B's median less A's, NAN if one is unknown
 * @floor: a difference up to here means nothing, NAN if unknown
 * @verdict: what it comes to
 */
struct row {
	enum row_kind kind;
	unsigned int rank;
	const char *name;
	const char *dir;
	struct side side[SIDES];
	double diff;
	double floor;
	enum verdict verdict;
};

/**
 * struct work - a workload
 * @name: by intern()
 * @unit: what it does
 * @boots: of each side that ran it
 * @reps: windows that each boot has of it
 * @rep: the one of @reps that is compared
 * @w: @reps windows of each boot
 * @min: least units of a compared window
 * @max: most units of a compared window
 * @row: rows in the order of sample_cmp()
 * @first: @first[kind] is the first row of a kind, @first[kind + 1] ends it
 */
struct work {
	const char *name;
	const char *unit;
	size_t boots;
	size_t reps;
	size_t rep;
	struct window **w[SIDES];
	double min;
	double max;
	struct row *row;
	size_t first[KINDS + 1];
};

/**
 * struct report - the command line and what has come of it
 * @label: names of the kernels
 * @title: of the report, or NULL
 * @top: functions to print in each direction
 * @rep: the repetition to compare, -1 for the last
 * @percent: --floor, -1 for none
 * @sides: 1 or 2
 * @boots: of each side
 * @boot: the boots
 * @ev: events
 * @work: workloads in the order of the run
 * @works: their number
 */
struct report {
	const char *label[SIDES];
	const char *title;
	size_t top;
	long rep;
	double percent;
	unsigned int sides;
	size_t boots;
	struct boot *boot[SIDES];
	struct events ev;
	struct work *work;
	size_t works;
};

/* event.c */

/**
 * events_read() - read --events
 * @ev: filled in
 * @path: the file
 */
void events_read(struct events *ev, const char *path);

/**
 * event_fns() - what a function counts for
 * @ev: the events
 * @fn: name of the function; a copy that the compiler made of a function
 *	counts as that function, a part that it split off does not
 * @n: set to how many of the answer are for @fn
 *
 * Return: events of @fn, or NULL.
 */
const struct called *event_fns(const struct events *ev, const char *fn,
			       size_t *n);

/**
 * events_known() - mark events with a function that the kernel has
 * @ev: the events
 * @dir: of a boot with the file "functions"
 * @known: a flag for each event
 */
void events_known(const struct events *ev, const char *dir, bool *known);

/* read.c */

/* Order of samples, as qsort() wants it */
int sample_cmp(const void *a, const void *b);

/**
 * boot_read() - read all that a boot left
 * @r: the report
 * @b: its directory; the rest is filled in
 */
void boot_read(const struct report *r, struct boot *b);

/* @a if it is less, else @b, also if @a is NAN */
static inline double least(double a, double b)
{
	return a < b ? a : b;
}

/* @a if it is more, else @b, also if @a is NAN */
static inline double most(double a, double b)
{
	return a > b ? a : b;
}

/* stats.c */

/* What goes from @a to @b is worth; @floor is NAN if unknown */
enum verdict judge(double a, double b, double floor);

/* Is @a more than @b, by more than what rounding does? */
bool above(double a, double b);

/* "no difference", "better" ... */
const char *verdict_text(enum verdict v);

/* Value @f of a sample per unit; of a maximum: in the window */
double per_unit(const struct sample *s, const struct window *w, enum field f);

/* Names of maxima end in "-max"; they are not sums, and not divided */
bool is_max(enum row_kind kind, const char *name);

/* work.c */

/* Boots to workloads, and their rows */
void works_make(struct report *r);

/* The row of a name, or NULL */
const struct row *row_find(const struct work *w, enum row_kind kind,
			   const char *name);

/* Percent from A to B, NAN if there are none */
double row_percent(const struct row *r);

/* pick.c: choosing rows */

/**
 * enum row_order - in which rows are wanted
 * @BY_DIFF: differences first, the greatest first
 * @BY_WAY: what got more, then what got less, then the rest; greatest first
 * @BY_VALUE: greatest value of A first
 */
enum row_order { BY_DIFF, BY_WAY, BY_VALUE };

/* 1 got more, -1 got less, 0 did not change as far as one can say */
int row_way(const struct row *r);

/**
 * pick() - rows of a kind in an order
 * @w: the workload
 * @kind: which rows
 * @order: how
 * @n: set to their number
 *
 * Return: pointers to be freed by the caller.
 */
const struct row **pick(const struct work *w, enum row_kind kind,
			enum row_order order, size_t *n);

/* How many rows of @kind have @v */
size_t row_count(const struct work *w, enum row_kind kind, enum verdict v);

/* table.c */

/**
 * struct table - text in columns; the first @left columns are words
 * @cols: number of columns
 * @left: columns that are aligned to the left, and so is the last one
 * @n: cells so far
 * @cell: the cells
 */
struct table {
	unsigned int cols;
	unsigned int left;
	size_t n;
	char **cell;
};

/* One more cell */
void cell(struct table *t, const char *fmt, ...) __printf(2, 3);

/* A cell with a number per unit; @none if it is NAN */
void cell_num(struct table *t, double v, const char *none);

/* As cell_num(), with a sign */
void cell_diff(struct table *t, double v, const char *none);

/* Prints and empties it */
void table_end(struct table *t);

/* What is printed: text.c, profile.c, json.c, csv.c, chart.c */
void text_print(const struct report *r);
void text_work_head(const struct report *r, const struct work *w);
void profile_print(const struct report *r);
void json_print(const struct report *r);
void csv_print(const struct report *r);
void chart_print(const struct report *r);

/* gate.c */

/**
 * gate() - compare the last side with recorded figures
 * @r: the report
 * @path: file with the figures
 *
 * Return: exit status.
 */
int gate(const struct report *r, const char *path);

/* Prints the file that gate() reads */
void record(const struct report *r);

#endif /* PODPATH_BENCH_REPORT_H */
