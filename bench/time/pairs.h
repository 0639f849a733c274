/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bench-time: what it reads of boots, and what pairs of them tell.
 *
 * A boot (read.c) has a time per unit for each workload. The same workload of
 * both boots of a pair makes one ratio; those of all pairs make a row, which
 * stats.c judges. Nothing is freed: the program ends then.
 *
 * Ratios are kept as logarithms. Twice and half the time then are as far from
 * no difference; the mean of percents would call equal kernels slower, and the
 * more so the noisier they are.
 */
#ifndef PODPATH_BENCH_TIME_PAIRS_H
#define PODPATH_BENCH_TIME_PAIRS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib.h"

/* Fewer say nothing about how much the next one would differ */
#define PAIRS_MIN	5
/* All rows of a report are right together this often */
#define CONFIDENCE	0.95

/**
 * struct work - one workload in one boot
 * @name: its name
 * @unit: what it does
 * @rep: numbers of its repetitions
 * @per_unit: nanoseconds per unit in each of them, 0: not known yet
 * @reps: how many there are
 * @ns: nanoseconds per unit: the median, without the warm-up
 */
struct work {
	const char *name;
	const char *unit;
	unsigned long *rep;
	double *per_unit;
	size_t reps;
	double ns;
};

/**
 * struct boot - one boot of one kernel
 * @dir: where it was recorded
 * @w: its workloads, in the order of the run
 * @n: their number
 */
struct boot {
	const char *dir;
	struct work *w;
	size_t n;
};

/**
 * enum verdict - of a row, about the second kernel
 * @CANNOT_TELL: no difference is in the interval
 * @FASTER: the whole interval is less time
 * @SLOWER: the whole interval is more time
 */
enum verdict { CANNOT_TELL, FASTER, SLOWER };

/**
 * struct row - one workload in all pairs
 * @name: its name
 * @unit: what it does
 * @ns: of the first kernel, each boot
 * @diff: logarithm of the ratio of each pair, above 0: the second is slower
 * @n: number of pairs
 * @mean: of @diff
 * @sd: standard deviation of @diff
 * @half: half the width of the interval around @mean: what can be resolved
 * @verdict: what it says
 */
struct row {
	const char *name;
	const char *unit;
	double *ns;
	double *diff;
	size_t n;
	double mean;
	double sd;
	double half;
	enum verdict verdict;
};

/* read.c */

/**
 * boot_read() - read what a boot left
 * @b: has the directory
 *
 * Bad input ends the program.
 */
void boot_read(struct boot *b);

/* stats.c */

/**
 * t_cdf() - Student's t: how often it is not above @t
 * @t: 0 or more
 * @df: degrees of freedom, at least 1
 */
double t_cdf(double t, size_t df);

/**
 * t_quantile() - Student's t: what it is not above with probability @p
 * @p: at least 0.5, less than 1
 * @df: degrees of freedom, at least 1
 */
double t_quantile(double p, size_t df);

/**
 * row_judge() - mean, interval and verdict of a row with 2 pairs or more
 * @r: the row
 * @confidence: of the interval
 */
void row_judge(struct row *r, double confidence);

/**
 * pairs_needed() - how many would resolve a difference
 * @sd: standard deviation of one
 * @confidence: of the interval
 * @want: half its width
 * @max: where to give up
 *
 * Return: the number, or 0 if it is above @max.
 */
size_t pairs_needed(double sd, double confidence, double want, size_t max);

#endif
