// SPDX-License-Identifier: GPL-2.0
/*
 * bench-report [OPTION...] A=DIR[,DIR...] [B=DIR[,DIR...]] - what two kernels
 * did for the same work
 *
 * Every DIR is what one boot of one workload file left: counts, results and
 * functions. The lists of A and B are in the same order of seeds. See usage[]
 * for the options, read.c for the files, stats.c for what is a difference.
 *
 * Exit status: 0 compared, whatever came of it; 1 bad input, or with --gate
 * something is worse than recorded; 2 something is not measured.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

static const char usage[] =
"usage: bench-report [OPTION...] A=DIR[,DIR...] [B=DIR[,DIR...]]\n"
"  --format text|json|csv|chart  chart is a script for gnuplot\n"
"  --top N                       functions to show in each direction (10)\n"
"  --rep N                       repetition to compare (the last)\n"
"  --floor PERCENT               a difference up to here means nothing\n"
"  --events FILE                 lines: EVENT, tab, FUNCTION[ FUNCTION...]\n"
"  --label-a TEXT, --label-b TEXT\n"
"                                names of the kernels (base, with)\n"
"  --title TEXT                  of the report\n"
"  --gate FILE                   is B, or A alone, as good as recorded?\n"
"  --record                      print the FILE for --gate\n";

/* Values of options[] that no letter has */
enum {
	FORMAT = 256, TOP, REPETITION, FLOOR, EVENTS, LABEL_A, LABEL_B, TITLE,
	GATE, RECORD, HELP
};

static const struct option options[] = {
	{ "format", required_argument, NULL, FORMAT },
	{ "top", required_argument, NULL, TOP },
	{ "rep", required_argument, NULL, REPETITION },
	{ "floor", required_argument, NULL, FLOOR },
	{ "events", required_argument, NULL, EVENTS },
	{ "label-a", required_argument, NULL, LABEL_A },
	{ "label-b", required_argument, NULL, LABEL_B },
	{ "title", required_argument, NULL, TITLE },
	{ "gate", required_argument, NULL, GATE },
	{ "record", no_argument, NULL, RECORD },
	{ "help", no_argument, NULL, HELP },
	{ }
};

static const struct format {
	const char *name;
	void (*print)(const struct report *r);
} formats[] = {
	{ "text", text_print },
	{ "json", json_print },
	{ "csv", csv_print },
	{ "chart", chart_print },
	{ }
};

/* A whole number of an option */
static long whole(const char *option, const char *s)
{
	double v;

	if (!number(s, &v) || v < 0 || v > 1000000 || v != (long)v)
		die(EXIT_BAD, "--%s: '%s' is not a number", option, s);
	return v;
}

static const struct format *format_find(const char *name)
{
	const struct format *f;

	for (f = formats; f->name; f++)
		if (!strcmp(f->name, name))
			return f;
	die(EXIT_BAD, "--format: '%s' is not known", name);
}

/* The boots behind "A=" */
static struct boot *dirs(const char *list, size_t *n)
{
	struct boot *b = NULL;
	const char *end;

	for (*n = 0;; list = end + 1) {
		end = list + strcspn(list, ",");
		if (end == list)
			die(EXIT_BAD, "a directory without a name");
		b = more(b, *n, sizeof(*b));
		b[(*n)++] = (struct boot){ .dir = strndup(list, end - list) };
		if (!*end)
			return b;
	}
}

static void sides(struct report *r, char **arg)
{
	size_t n[SIDES] = { 0 };
	unsigned int s;

	for (; *arg; arg++) {
		s = **arg == 'B';
		if ((**arg != 'A' && !s) || (*arg)[1] != '=')
			die(EXIT_BAD, "'%s' is neither A=DIR nor B=DIR", *arg);
		if (n[s])
			die(EXIT_BAD, "%c= twice", "AB"[s]);
		r->boot[s] = dirs(*arg + 2, &n[s]);
	}
	if (!n[A])
		die(EXIT_BAD, "no A=DIR");
	if (n[B] && n[A] != n[B])
		die(EXIT_BAD, "%zu boots of A, %zu of B", n[A], n[B]);
	r->boots = n[A];
	r->sides = n[B] ? 2 : 1;
}

int main(int argc, char **argv)
{
	const char *events = NULL, *figures = NULL;
	const struct format *f = formats;
	static struct report r = {
		.label = { "base", "with" }, .top = 10, .rep = -1,
		.percent = -1,
	};
	bool to_record = false;
	int c, status = 0;
	unsigned int s;
	size_t i;

	program = "bench-report";
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", options, NULL)) >= 0) {
		switch (c) {
		case FORMAT:
			f = format_find(optarg);
			break;
		case TOP:
			r.top = whole("top", optarg);
			break;
		case REPETITION:
			r.rep = whole("rep", optarg);
			break;
		case FLOOR:
			if (!number(optarg, &r.percent) || r.percent < 0)
				die(EXIT_BAD, "--floor: '%s' is not a number",
				    optarg);
			break;
		case EVENTS:
			events = optarg;
			break;
		case LABEL_A:
			r.label[A] = optarg;
			break;
		case LABEL_B:
			r.label[B] = optarg;
			break;
		case TITLE:
			r.title = optarg;
			break;
		case GATE:
			figures = optarg;
			break;
		case RECORD:
			to_record = true;
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
	if (figures && to_record)
		die(EXIT_BAD, "--gate and --record exclude each other");
	sides(&r, argv + optind);
	if (events)
		events_read(&r.ev, events);
	for (s = 0; s < r.sides; s++)
		for (i = 0; i < r.boots; i++)
			boot_read(&r, &r.boot[s][i]);
	works_make(&r);

	if (figures)
		status = gate(&r, figures);
	else if (to_record)
		record(&r);
	else if (r.sides == 1 && f->print == text_print)
		profile_print(&r);
	else
		f->print(&r);
	if (fflush(stdout) || ferror(stdout))
		die(EXIT_BAD, "the report cannot be written");
	return status;
}
