// SPDX-License-Identifier: GPL-2.0
/*
 * bench-time [OPTION...] A=DIR[,DIR...] B=DIR[,DIR...] - is a kernel faster
 * than another, as far as these boots can tell?
 *
 * Every DIR is what one boot of one workload file left; the i-th of A and the
 * i-th of B ran one after the other and make a pair. A difference is only
 * printed where the interval of confidence excludes zero: see usage[], stats.c.
 *
 * The interval of each row is wider the more rows there are (Bonferroni), so
 * that 19 of 20 reports about equal kernels find no difference in any row.
 *
 * Exit status: 0 compared, whatever came of it; 1 bad input; 2 not measured, or
 * fewer than 5 pairs.
 */
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pairs.h"

#define NEEDED_MAX	100000

static const char usage[] =
"usage: bench-time [OPTION...] A=DIR[,DIR...] B=DIR[,DIR...]\n"
"  --format text|csv\n"
"  --label-a TEXT, --label-b TEXT\n"
"                                names of the kernels (base, with)\n"
"At least 5 pairs: the i-th of A and the i-th of B.\n";

/* Values of options[] that no letter has */
enum { FORMAT = 256, LABEL_A, LABEL_B, HELP };

static const struct option options[] = {
	{ "format", required_argument, NULL, FORMAT },
	{ "label-a", required_argument, NULL, LABEL_A },
	{ "label-b", required_argument, NULL, LABEL_B },
	{ "help", no_argument, NULL, HELP },
	{ }
};

static const char * const verdicts[] = {
	[CANNOT_TELL] = "cannot tell",
	[FASTER] = "faster",
	[SLOWER] = "slower",
};

static const char *label_a = "base", *label_b = "with";
static struct boot *boots[2];
static size_t nr_boots[2];
static struct row *rows;
static size_t nr_rows;
static double confidence;

static void side(const char *arg)
{
	unsigned int s = *arg == 'B';
	const char *list, *end;
	char *dir;

	if ((*arg != 'A' && !s) || arg[1] != '=')
		die(EXIT_BAD, "'%s' is neither A=DIR nor B=DIR", arg);
	if (nr_boots[s])
		die(EXIT_BAD, "%c= twice", *arg);
	for (list = arg + 2;; list = end + 1) {
		end = list + strcspn(list, ",");
		if (end == list)
			die(EXIT_BAD, "a directory without a name");
		dir = strndup(list, end - list);
		if (!dir)
			die(EXIT_UNKNOWN, "out of memory");
		boots[s] = more(boots[s], nr_boots[s], sizeof(**boots));
		boots[s][nr_boots[s]++] = (struct boot){ .dir = dir };
		if (!*end)
			return;
	}
}

static struct row *row_find(const struct work *w)
{
	struct row *r;

	for (r = rows; r < rows + nr_rows; r++)
		if (!strcmp(r->name, w->name))
			return r;
	rows = more(rows, nr_rows, sizeof(*rows));
	r = &rows[nr_rows++];
	*r = (struct row){ .name = w->name, .unit = w->unit };
	return r;
}

static void pair_add(const struct boot *a, const struct boot *b)
{
	struct row *r;
	size_t i;

	if (a->n != b->n)
		die(EXIT_UNKNOWN, "%zu workloads in %s, %zu in %s", a->n,
		    a->dir, b->n, b->dir);
	for (i = 0; i < a->n; i++) {
		const struct work *x = &a->w[i], *y = &b->w[i];

		r = row_find(x);
		if (strcmp(x->name, y->name) || strcmp(x->unit, y->unit) ||
		    strcmp(x->unit, r->unit))
			die(EXIT_UNKNOWN, "%s, %s in %s: %s, %s in %s", x->name,
			    x->unit, a->dir, y->name, y->unit, b->dir);
		r->ns = more(r->ns, r->n, sizeof(*r->ns));
		r->diff = more(r->diff, r->n, sizeof(*r->diff));
		r->ns[r->n] = x->ns;
		r->diff[r->n++] = log(y->ns / x->ns);
	}
}

static void compare(void)
{
	struct row *r;
	size_t i;

	for (i = 0; i < nr_boots[0]; i++) {
		boot_read(&boots[0][i]);
		boot_read(&boots[1][i]);
		pair_add(&boots[0][i], &boots[1][i]);
	}
	confidence = 1 - (1 - CONFIDENCE) / nr_rows;
	for (r = rows; r < rows + nr_rows; r++) {
		if (r->n < PAIRS_MIN)
			die(EXIT_UNKNOWN, "%s: %zu pairs, %d are needed",
			    r->name, r->n, PAIRS_MIN);
		row_judge(r, confidence);
	}
}

static double percent(double log_ratio)
{
	return 100 * expm1(log_ratio);
}

/* With one digit, rounded away from what the interval has in it */
static double down(double log_ratio)
{
	return floor(percent(log_ratio) * 10) / 10;
}

static double up(double log_ratio)
{
	return ceil(percent(log_ratio) * 10) / 10;
}

/* Neither end of the interval is farther from zero */
static double bound(const struct row *r)
{
	return fmax(fmax(-down(r->mean - r->half), up(r->mean + r->half)), 0.1);
}

static size_t needed(const struct row *r)
{
	return pairs_needed(r->sd, confidence, log(1.01), NEEDED_MAX);
}

/* Two digits: fewer than a reader could subtract */
static double about(double v)
{
	double unit = pow(10, floor(log10(v)) - 1);

	return round(v / unit) * unit;
}

static void needed_text(char *text, size_t size, const struct row *r)
{
	size_t n = needed(r);

	if (n)
		snprintf(text, size, "%zu", n);
	else
		snprintf(text, size, "> %d", NEEDED_MAX);
}

static void text_print(void)
{
	char range[64], pairs[32];
	const struct row *r;
	int width = 8;

	for (r = rows; r < rows + nr_rows; r++)
		width = fmax(width, strlen(r->name));
	printf("%s against %s: time per unit.\n", label_b, label_a);
	printf("Intervals of %.2f %% each: 95 %% for all %zu together.\n\n",
	       100 * confidence, nr_rows);
	printf("%-*s %-12s %10s %5s %8s %21s %8s %9s  verdict\n", width,
	       "workload", "unit", "ns, about", "pairs", "sd", "interval",
	       "resolves", "1 % needs");
	for (r = rows; r < rows + nr_rows; r++) {
		snprintf(range, sizeof(range), "%+.1f .. %+.1f %%",
			 down(r->mean - r->half), up(r->mean + r->half));
		needed_text(pairs, sizeof(pairs), r);
		printf("%-*s %-12s %10.0f %5zu %6.1f %% %21s %6.1f %% %9s  ",
		       width, r->name, r->unit, about(median(r->ns, r->n)),
		       r->n, percent(r->sd), range, up(r->half), pairs);
		if (r->verdict == CANNOT_TELL)
			printf("%s: less than %.1f %%\n", verdicts[CANNOT_TELL],
			       bound(r));
		else
			printf("%s: %+.1f %%\n", verdicts[r->verdict],
			       percent(r->mean));
	}
}

static void field(const char *s)
{
	if (!s[strcspn(s, ",\"")]) {
		printf("%s,", s);
		return;
	}
	putchar('"');
	for (; *s; s++) {
		if (*s == '"')
			putchar('"');
		putchar(*s);
	}
	fputs("\",", stdout);
}

/* Percents; what cannot be told is empty */
static void csv_print(void)
{
	const struct row *r;

	puts("workload,unit,pairs,ns,sd,low,high,resolves,needs,diff,verdict");
	for (r = rows; r < rows + nr_rows; r++) {
		size_t n = needed(r);

		field(r->name);
		field(r->unit);
		printf("%zu,%.0f,%.3f,%.1f,%.1f,%.1f,", r->n,
		       median(r->ns, r->n), percent(r->sd),
		       down(r->mean - r->half), up(r->mean + r->half),
		       up(r->half));
		if (n)
			printf("%zu", n);
		putchar(',');
		if (r->verdict != CANNOT_TELL)
			printf("%.3f", percent(r->mean));
		printf(",%s\n", verdicts[r->verdict]);
	}
}

int main(int argc, char **argv)
{
	void (*print)(void) = text_print;
	int c;

	program = "bench-time";
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", options, NULL)) >= 0) {
		switch (c) {
		case FORMAT:
			if (!strcmp(optarg, "csv"))
				print = csv_print;
			else if (!strcmp(optarg, "text"))
				print = text_print;
			else
				die(EXIT_BAD, "--format: '%s' is not known",
				    optarg);
			break;
		case LABEL_A:
			label_a = optarg;
			break;
		case LABEL_B:
			label_b = optarg;
			break;
		case HELP:
			fputs(usage, stdout);
			return 0;
		case ':':
			die(EXIT_BAD, "%s needs a value", argv[optind - 1]);
		default:
			if (optopt > 0 && optopt < FORMAT)
				die(EXIT_BAD, "-%c is not an option", optopt);
			die(EXIT_BAD, "'%s' is not an option",
			    argv[optind - 1]);
		}
	}
	for (argv += optind; *argv; argv++)
		side(*argv);
	if (!nr_boots[0] || !nr_boots[1])
		die(EXIT_BAD, "no %c=DIR", nr_boots[0] ? 'B' : 'A');
	if (nr_boots[0] != nr_boots[1])
		die(EXIT_BAD, "%zu boots of A, %zu of B", nr_boots[0],
		    nr_boots[1]);
	if (nr_boots[0] < PAIRS_MIN)
		die(EXIT_UNKNOWN, "%zu pairs, %d are needed", nr_boots[0],
		    PAIRS_MIN);
	compare();
	print();
	if (fflush(stdout) || ferror(stdout))
		die(EXIT_BAD, "the report cannot be written");
	return 0;
}
