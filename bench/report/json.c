// SPDX-License-Identifier: GPL-2.0
/*
 * Everything as JSON. What is unknown, or is not on one side, is null. Seeds
 * are in the order of "boots".
 */
#include <math.h>
#include <string.h>

#include "report.h"

static const char * const kind_names[KINDS] = {
	[TOTAL] = "totals", [EVENT] = "events", [COUNT] = "counters",
	[FN] = "functions", [FOLDER] = "dirs",
};

/* Bytes of the UTF-8 character at @s, 0 if it is none */
static int utf8(const unsigned char *s)
{
	int n, i;

	if (*s < 0x80)
		return 1;
	if (*s >= 0xc2 && *s < 0xe0)
		n = 2;
	else if ((*s & 0xf0) == 0xe0)
		n = 3;
	else if (*s >= 0xf0 && *s < 0xf5)
		n = 4;
	else
		return 0;
	for (i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* Too long, surrogates, and what is behind the last character */
	if ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] >= 0xa0) ||
	    (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] >= 0x90))
		return 0;
	return n;
}

static void string(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	putchar('"');
	while (*s) {
		int n = utf8(s);

		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if (*s < ' ' || *s == 0x7f)
			printf("\\u%04x", *s);
		else if (!n)
			fputs("\\ufffd", stdout);
		else
			fwrite(s, 1, n, stdout);
		s += n ? n : 1;
	}
	putchar('"');
}

/* As exact as a quotient of counts can mean something */
static void value(double v)
{
	char s[400];
	size_t n;

	if (!isfinite(v)) {
		fputs("null", stdout);
		return;
	}
	snprintf(s, sizeof(s), "%.6f", v);
	for (n = strlen(s); s[n - 1] == '0'; n--)
		;
	if (s[n - 1] == '.')
		n--;
	s[n] = 0;
	fputs(strcmp(s, "-0") ? s : "0", stdout);
}

static void num(const char *key, double v)
{
	printf("\"%s\": ", key);
	value(v);
}

static void side(const struct row *r, const struct work *w, unsigned int i)
{
	const struct side *s = &r->side[i];
	size_t j;

	printf(", \"%c\": ", "ab"[i]);
	if (!s->here) {
		fputs("null", stdout);
		return;
	}
	putchar('{');
	num("median", s->mid[INSNS]);
	fputs(", ", stdout);
	num("min", s->min);
	fputs(", ", stdout);
	num("max", s->max);
	fputs(", ", stdout);
	num("rep_spread", s->reps);
	if (r->kind == FN) {
		fputs(", ", stdout);
		num("calls", s->mid[CALLS]);
		fputs(", ", stdout);
		num("locked", s->mid[LOCKED]);
		fputs(", ", stdout);
		num("indirect", s->mid[INDIRECT]);
		fputs(", ", stdout);
		num("rep", s->mid[REP]);
	}
	fputs(", \"seeds\": [", stdout);
	for (j = 0; j < w->boots; j++) {
		if (j)
			fputs(", ", stdout);
		value(s->seed[j]);
	}
	fputs("]}", stdout);
}

static void row(const struct report *r, const struct work *w,
		const struct row *row)
{
	unsigned int i;

	fputs("{\"name\": ", stdout);
	string(row->name);
	if (row->kind == FN) {
		fputs(", \"dir\": ", stdout);
		string(row->dir);
	}
	if (is_max(row->kind, row->name))
		fputs(", \"per_unit\": false", stdout);
	for (i = 0; i < r->sides; i++)
		side(row, w, i);
	if (r->sides == 2) {
		fputs(", ", stdout);
		num("diff", row->diff);
		fputs(", ", stdout);
		num("diff_percent", row_percent(row));
	}
	fputs(", ", stdout);
	num("floor", row->floor);
	if (r->sides == 2)
		printf(", \"verdict\": \"%s\"", verdict_text(row->verdict));
	putchar('}');
}

static void work(const struct report *r, const struct work *w)
{
	enum row_kind k;
	unsigned int s;
	size_t i;

	fputs("  {\"name\": ", stdout);
	string(w->name);
	fputs(", \"unit\": ", stdout);
	string(w->unit);
	fputs(", \"reps\": [", stdout);
	for (i = 0; i < w->reps; i++)
		printf("%s%u", i ? ", " : "", w->w[A][i]->rep);
	printf("], \"rep\": %u, \"seeds\": %zu, \"count\": {",
	       w->w[A][w->rep]->rep, w->boots);
	for (s = 0; s < r->sides; s++) {
		printf("%s\"%c\": [", s ? ", " : "", "ab"[s]);
		for (i = 0; i < w->boots; i++)
			printf("%s%.0f", i ? ", " : "",
			       w->w[s][i * w->reps + w->rep]->count);
		putchar(']');
	}
	putchar('}');
	for (k = 0; k < KINDS; k++) {
		printf(",\n   \"%s\": [", kind_names[k]);
		for (i = w->first[k]; i < w->first[k + 1]; i++) {
			printf("%s\n    ", i > w->first[k] ? "," : "");
			row(r, w, &w->row[i]);
		}
		putchar(']');
	}
	putchar('}');
}

void json_print(const struct report *r)
{
	unsigned int s;
	size_t i;

	fputs("{\"title\": ", stdout);
	if (r->title)
		string(r->title);
	else
		fputs("null", stdout);
	fputs(",\n \"labels\": {", stdout);
	for (s = 0; s < r->sides; s++) {
		printf("%s\"%c\": ", s ? ", " : "", "ab"[s]);
		string(r->label[s]);
	}
	fputs("},\n \"boots\": {", stdout);
	for (s = 0; s < r->sides; s++) {
		printf("%s\"%c\": [", s ? ", " : "", "ab"[s]);
		for (i = 0; i < r->boots; i++) {
			fputs(i ? ", " : "", stdout);
			string(r->boot[s][i].dir);
		}
		putchar(']');
	}
	fputs("},\n \"workloads\": [\n", stdout);
	for (i = 0; i < r->works; i++) {
		fputs(i ? ",\n" : "", stdout);
		work(r, &r->work[i]);
	}
	puts("]}");
}
