// SPDX-License-Identifier: GPL-2.0
/*
 * verdict STATUS SPLAT SYMPTOM <LOG - what one run of a selftest proves
 *
 * STATUS   what PID 1 reported ("exit 0"), or why there is no report
 * SPLAT    the kernel's complaint, as splat prints it; empty for none
 * SYMPTOM  extended regular expression that must match one line of the log
 *          for the test to count as RED; with "splat:" in front it must match
 *          SPLAT instead, for a bug that shows as a crash
 *
 * Prints one line, "GREEN|RED|UNKNOWN<tab>reason". Only a run that came to its
 * end counts. A skip, a crash that SYMPTOM does not name, a time-out, a test
 * that prints nothing or contradicts its own exit status: all UNKNOWN.
 *
 * Reads both forms that net selftests print: KTAP ("ok 1 name", "not ok 2
 * name", "# SKIP") and lib.sh's ("TEST: name   [ OK ]").
 */
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum result { NONE, PASS, FAIL, SKIP };

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), t = strlen(tail);

	return n >= t && !strcmp(s + n - t, tail);
}

static enum result ktap(const char *s)
{
	bool fail = !strncmp(s, "not ok ", 7);

	if (!fail && strncmp(s, "ok ", 3))
		return NONE;
	/* An expected failure is no proof of anything either */
	if (strstr(s, "# SKIP") || strstr(s, "# XFAIL") || strstr(s, "# TODO"))
		return SKIP;
	return fail ? FAIL : PASS;
}

static enum result lib_sh(const char *s)
{
	if (strncmp(s, "TEST: ", 6))
		return NONE;
	if (ends_with(s, "[ OK ]"))
		return PASS;
	if (ends_with(s, "[FAIL]"))
		return FAIL;
	if (ends_with(s, "[SKIP]") || ends_with(s, "[XFAIL]"))
		return SKIP;
	return NONE;
}

static int say(const char *verdict, const char *fmt, const char *what)
{
	char text[512];
	size_t i;

	snprintf(text, sizeof(text), fmt, what);
	/* Tabs divide the fields of what this goes into */
	for (i = 0; text[i]; i++)
		if (text[i] == '\t')
			text[i] = ' ';
	printf("%s\t%s\n", verdict, text);
	return 0;
}

int main(int argc, char **argv)
{
	char line[4096], seen[256] = "", first_fail[256] = "";
	const char *status, *splat, *symptom;
	bool want_splat, bailed = false;
	int count[4] = { 0 }, plan = 0;
	char num[32];
	regex_t re;

	if (argc != 4) {
		fprintf(stderr, "usage: verdict STATUS SPLAT SYMPTOM <LOG\n");
		return 2;
	}
	status = argv[1];
	splat = argv[2];
	symptom = argv[3];
	want_splat = !strncmp(symptom, "splat:", 6);
	if (want_splat)
		symptom += 6;
	while (*symptom == ' ')
		symptom++;
	if (!*symptom || regcomp(&re, symptom, REG_EXTENDED | REG_NOSUB)) {
		fprintf(stderr, "verdict: bad symptom '%s'\n", symptom);
		return 2;
	}

	while (fgets(line, sizeof(line), stdin)) {
		char *s = line;
		enum result r;

		line[strcspn(line, "\r\n")] = 0;
		r = lib_sh(s);
		if (r == NONE) {
			while (*s == ' ')
				s++;
			r = ktap(s);
		}
		count[r]++;
		if (sscanf(line, "1..%d", &plan) == 1)
			continue;
		if (!strncmp(line, "Bail out!", 9))
			bailed = true;
		if (r == FAIL && !*first_fail)
			snprintf(first_fail, sizeof(first_fail), "%s", s);
		s += strspn(s, " \t");
		if (!want_splat && !*seen && !regexec(&re, s, 0, NULL, 0))
			snprintf(seen, sizeof(seen), "%s", s);
	}

	if (*splat) {
		if (want_splat && !regexec(&re, splat, 0, NULL, 0))
			return say("RED", "%s", splat);
		return say("UNKNOWN", "kernel complained: %s", splat);
	}
	if (strncmp(status, "exit ", 5))
		return say("UNKNOWN", "%s", status);
	if (!strcmp(status, "exit 4"))
		return say("UNKNOWN", "%s", "the test skipped itself");
	if (count[SKIP]) {
		snprintf(num, sizeof(num), "%d", count[SKIP]);
		return say("UNKNOWN", "skipped %s cases", num);
	}
	if (bailed)
		return say("UNKNOWN", "%s", "the test bailed out");
	if (plan && plan > count[PASS] + count[FAIL])
		return say("UNKNOWN", "%s", "fewer results than planned");
	if (!strcmp(status, "exit 0")) {
		if (count[FAIL])
			return say("UNKNOWN", "exit 0, yet: %s", first_fail);
		if (!count[PASS])
			return say("UNKNOWN", "%s",
				   "the test printed no result");
		snprintf(num, sizeof(num), "%d", count[PASS]);
		return say("GREEN", "%s cases passed", num);
	}
	if (strcmp(status, "exit 1"))
		return say("UNKNOWN", "the test ended with %s", status);
	if (!count[FAIL])
		return say("UNKNOWN", "%s", "exit 1 without a failed case");
	if (!*seen)
		return say("UNKNOWN", "failed without the symptom: %s",
			   first_fail);
	return say("RED", "%s", seen);
}
