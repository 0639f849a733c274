// SPDX-License-Identifier: GPL-2.0
/*
 * report table|ktap|junit|json <RESULTS - the verdicts in the form asked for
 *
 * RESULTS has one line per patch, fields split by tabs:
 *   patch kind applied built base with without verdict reason
 * kind is "code" or "test"; base, with and without are "VERDICT: reason" or
 * "-"; verdict is proven, wrong, unknown, carried (a test that its code patch
 * proves) or skipped (the base has the patch already).
 *
 * Exit status: 0 all proven, 1 something is wrong, 2 something is unknown or
 * there is nothing at all, 4 all skipped.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
	PATCH, KIND, APPLIED, BUILT, BASE, WITH, WITHOUT, VERDICT, REASON,
	FIELDS
};

static const char *const names[FIELDS] = {
	"patch", "kind", "applied", "built", "base", "with", "without",
	"verdict", "reason"
};

static int split(char *line, char **field)
{
	int n = 0;
	char *s;

	line[strcspn(line, "\n")] = 0;
	for (s = line; n < FIELDS; n++) {
		field[n] = s;
		s = strchr(s, '\t');
		if (!s)
			return n + 1;
		*s++ = 0;
	}
	return n;
}

/* The word in front of ": " */
static const char *word(const char *s)
{
	static char buf[4][32];
	static int i;
	char *out = buf[i++ % 4];

	snprintf(out, sizeof(buf[0]), "%.*s", (int)strcspn(s, ":"), s);
	return out;
}

static void quoted(const char *s, int xml)
{
	for (; *s; s++) {
		unsigned char c = *s;

		if (xml && c == '<')
			fputs("&lt;", stdout);
		else if (xml && c == '&')
			fputs("&amp;", stdout);
		else if (xml && c == '"')
			fputs("&quot;", stdout);
		else if (!xml && (c == '"' || c == '\\'))
			printf("\\%c", c);
		else if (c < 0x20)
			putchar(' ');
		else
			putchar(c);
	}
}

static bool is(char **f, const char *verdict)
{
	return !strcmp(f[VERDICT], verdict);
}

static bool bad(char **f)
{
	return !is(f, "proven") && !is(f, "carried") && !is(f, "skipped");
}

static void table(char **f, int n)
{
	if (n == 1)
		printf("%-52s %-8s %-6s %-8s %-8s %-8s %s\n", "patch",
		       "applied", "built", "base", "with", "without",
		       "verdict");
	printf("%-52.52s %-8s %-6s %-8s %-8s %-8s %s\n", f[PATCH], f[APPLIED],
	       f[BUILT], word(f[BASE]), word(f[WITH]), word(f[WITHOUT]),
	       f[VERDICT]);
}

static void ktap(char **f, int n)
{
	printf("# base: %s\n# with: %s\n# without: %s\n", f[BASE], f[WITH],
	       f[WITHOUT]);
	printf("%sok %d %s", bad(f) ? "not " : "", n, f[PATCH]);
	if (is(f, "skipped"))
		printf(" # SKIP %s", f[REASON]);
	else if (bad(f))
		printf(" # %s: %s", f[VERDICT], f[REASON]);
	putchar('\n');
}

static void junit(char **f)
{
	fputs("  <testcase classname=\"podpath\" name=\"", stdout);
	quoted(f[PATCH], 1);
	fputs("\">", stdout);
	if (is(f, "skipped"))
		fputs("<skipped/>", stdout);
	if (bad(f)) {
		printf("<%s message=\"", is(f, "wrong") ? "failure" : "error");
		quoted(f[REASON], 1);
		fputs("\"/>", stdout);
	}
	fputs("<system-out>", stdout);
	quoted(f[BASE], 1);
	fputs("; ", stdout);
	quoted(f[WITH], 1);
	fputs("; ", stdout);
	quoted(f[WITHOUT], 1);
	fputs("</system-out></testcase>\n", stdout);
}

static void json(char **f, int n)
{
	int i;

	fputs(n == 1 ? "  {" : ",\n  {", stdout);
	for (i = 0; i < FIELDS; i++) {
		printf("%s\"%s\": \"", i ? ", " : "", names[i]);
		quoted(f[i], 0);
		putchar('"');
	}
	putchar('}');
}

int main(int argc, char **argv)
{
	int n = 0, wrong = 0, unknown = 0, skipped = 0;
	const char *form = argc == 2 ? argv[1] : "";
	char line[8192];
	char *f[FIELDS];

	if (strcmp(form, "table") && strcmp(form, "ktap") &&
	    strcmp(form, "junit") && strcmp(form, "json")) {
		fprintf(stderr, "usage: report table|ktap|junit|json\n");
		return 2;
	}
	if (!strcmp(form, "ktap"))
		puts("TAP version 13");
	else if (!strcmp(form, "junit"))
		puts("<testsuite name=\"podpath\">");
	else if (!strcmp(form, "json"))
		puts("[");
	while (fgets(line, sizeof(line), stdin)) {
		if (split(line, f) != FIELDS) {
			fprintf(stderr, "report: line %d: not %d fields\n",
				n + 1, FIELDS);
			return 2;
		}
		n++;
		if (is(f, "wrong"))
			wrong++;
		else if (is(f, "skipped"))
			skipped++;
		else if (bad(f))
			unknown++;
		if (!strcmp(form, "table"))
			table(f, n);
		else if (!strcmp(form, "ktap"))
			ktap(f, n);
		else if (!strcmp(form, "junit"))
			junit(f);
		else
			json(f, n);
	}
	if (!strcmp(form, "ktap"))
		printf("1..%d\n", n);
	else if (!strcmp(form, "junit"))
		puts("</testsuite>");
	else if (!strcmp(form, "json"))
		puts("\n]");
	if (wrong)
		return 1;
	if (unknown || !n)
		return 2;
	return skipped == n ? 4 : 0;
}
