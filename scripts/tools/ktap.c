// SPDX-License-Identifier: GPL-2.0
/*
 * ktap TEST STATUS SPLAT <LOG - one line per test case of one test program
 *
 * TEST    what to call the program, as "drivers/net/ping.py"
 * STATUS  how it ended: "exit N", "timeout", or a word of why nobody knows
 * SPLAT   the kernel's complaint, as splat prints it; empty for none
 *
 * Prints "TEST CASE VERDICT" and, where there is one, " # REASON". VERDICT is
 * pass, fail, skip, xfail, error or timeout. CASE is "-" for what concerns the
 * program as a whole: a skip of all of it, a crash, a case that never reported,
 * an exit status that its cases do not explain; "kernel" for SPLAT.
 *
 * Reads both forms that net selftests print: KTAP ("ok 1 name", "# SKIP why")
 * and lib.sh's ("TEST: name   [ OK ]", the reason on the next line).
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CASES 2048
#define TEXT 200

struct result {
	char name[TEXT];
	const char *verdict;
	char why[TEXT];
};

static struct result results[MAX_CASES];
static int nr_results;

/* As much of SRC as fits, without space around it */
static void take(char *dst, const char *src)
{
	size_t len;

	src += strspn(src, " \t");
	snprintf(dst, TEXT, "%s", src);
	len = strlen(dst);
	while (len && strchr(" \t", dst[len - 1]))
		dst[--len] = 0;
}

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/* A name is one word, and no two cases have the same */
static struct result *add(const char *name, const char *verdict,
			  const char *why)
{
	struct result *r = &results[nr_results];
	int i, same = 1;
	size_t len;
	char *c;

	if (nr_results == MAX_CASES) {
		fprintf(stderr, "ktap: more than %d cases\n", MAX_CASES);
		exit(2);
	}
	take(r->name, *name ? name : "unnamed");
	for (c = r->name; *c; c++)
		if (*c == ' ' || *c == '\t' || *c == '#')
			*c = '_';
	len = strlen(r->name);
	for (i = 0; i < nr_results; i++)
		if (starts(results[i].name, r->name) &&
		    (!results[i].name[len] || results[i].name[len] == '#'))
			same++;
	if (same > 1)
		snprintf(r->name + len, TEXT - len, "#%d", same);
	r->verdict = verdict;
	take(r->why, why);
	nr_results++;
	return r;
}

/* "ok 3 name # SKIP why"; LAST is what the program said went wrong */
static bool ktap(char *s, const char *last)
{
	bool ok = starts(s, "ok ");
	const char *verdict = ok ? "pass" : "fail", *why = ok ? "" : last;
	char *name, *mark;

	if (!ok && !starts(s, "not ok "))
		return false;
	name = s + (ok ? 3 : 7);
	/* "ok" at the start of prose is no result */
	if (!strspn(name, "0123456789"))
		return false;
	name += strspn(name, "0123456789");
	name += strspn(name, " -");
	mark = strstr(name, "# ");
	if (mark) {
		*mark = 0;
		mark += 2;
		if (starts(mark, "SKIP")) {
			verdict = "skip";
			why = mark + 4;
		} else if (starts(mark, "XFAIL")) {
			verdict = "xfail";
			why = mark + 5;
		} else {
			why = mark;
		}
	}
	add(name, verdict, why);
	return true;
}

/* "TEST: name     [FAIL]"; a reason may follow on the next line */
static struct result *lib_sh(char *s)
{
	static const char *const mark[][2] = {
		{ "[ OK ]", "pass" }, { "[FAIL]", "fail" },
		{ "[SKIP]", "skip" }, { "[XFAIL]", "xfail" },
	};
	unsigned int i;
	char *at;

	if (!starts(s, "TEST: "))
		return NULL;
	for (i = 0; i < sizeof(mark) / sizeof(mark[0]); i++) {
		at = strstr(s, mark[i][0]);
		if (!at)
			continue;
		*at = 0;
		/* How some say that there is nothing to test */
		if (starts(s + 6, "SKIP: "))
			return add("-", "skip", s + 12);
		return add(s + 6, mark[i][1], "");
	}
	return NULL;
}

/* The folders above the selftests are of no interest, and not the same twice */
static void shorten(char *s)
{
	static const char mark[] = "/selftests/";
	char *at, *word;

	while ((at = strstr(s, mark))) {
		word = at;
		while (word > s && word[-1] != ' ')
			word--;
		at += sizeof(mark) - 1;
		memmove(word, at, strlen(at) + 1);
	}
}

/* What a program says of a failure, the most telling line of it */
static void failure(char *last, char *s)
{
	shorten(s);
	if (starts(s, "# Check failed")) {
		take(last, s + 2);
	} else if (starts(s, "# Exception|")) {
		s += 12;
		/* The traceback's last line is not indented, and names it */
		if (s[0] == ' ' && s[1] != ' ' && s[1] && strchr(s, ':') &&
		    !starts(s, " Traceback"))
			take(last, s + 1);
	}
}

int main(int argc, char **argv)
{
	char line[8192], last[TEXT] = "", said[TEXT] = "", num[TEXT];
	const char *status, *splat, *test;
	int i, fails = 0, plan = -1;
	struct result *r = NULL;

	if (argc != 4) {
		fprintf(stderr, "usage: ktap TEST STATUS SPLAT <LOG\n");
		return 2;
	}
	test = argv[1];
	status = argv[2];
	splat = argv[3];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\r\n")] = 0;
		if (r && line[0] == '\t' && !*r->why) {
			take(r->why, line);
			continue;
		}
		r = NULL;
		failure(last, line);
		if (sscanf(line, "1..%d", &plan) == 1) {
			if (!plan && strstr(line, "# SKIP"))
				take(said, strstr(line, "# SKIP") + 6);
			continue;
		}
		/* Of a plan of nothing, the first remark says why */
		if (!plan && !*said && starts(line, "# ") &&
		    !starts(line, "# Totals"))
			take(said, line + 2);
		if (ktap(line, last)) {
			last[0] = 0;
			continue;
		}
		r = lib_sh(line);
		if (r)
			continue;
		/* What is left of a program that reported no case */
		if (starts(line, "SKIP:"))
			take(said, line + 5);
		else if (line[0] && line[0] != '#' &&
			 !starts(line, "TAP version"))
			take(said, line);
	}

	for (i = 0; i < nr_results; i++)
		fails += !strcmp(results[i].verdict, "fail");
	if (plan > nr_results)
		snprintf(num, sizeof(num), "%d of %d cases reported",
			 nr_results, plan);
	if (!strcmp(status, "timeout"))
		add("-", "timeout", "");
	else if (!starts(status, "exit "))
		add("-", "error", status);
	else if (!nr_results && (!plan || !strcmp(status, "exit 4")))
		add("-", "skip", said);
	else if (!nr_results && strcmp(status, "exit 0"))
		add("-", "error", *said ? said : status);
	else if (!nr_results)
		add("-", "error", "it reported no case");
	else if (plan > nr_results)
		add("-", "error", num);
	else if (strcmp(status, "exit 0") && strcmp(status, "exit 4") && !fails)
		add("-", "error", status);
	if (*splat)
		add("kernel", "error", splat);

	for (i = 0; i < nr_results; i++)
		printf("%s %s %s%s%s\n", test, results[i].name,
		       results[i].verdict, *results[i].why ? " # " : "",
		       results[i].why);
	return 0;
}
