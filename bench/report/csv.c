// SPDX-License-Identifier: GPL-2.0
/* Every row as comma separated values; what is unknown is empty. */
#include <math.h>
#include <string.h>

#include "report.h"

static const char * const kind_names[KINDS] = {
	[TOTAL] = "total", [EVENT] = "event", [COUNT] = "count",
	[FN] = "fn", [FOLDER] = "dir",
};

static void field(const char *s)
{
	if (!s[strcspn(s, ",\"\r\n")]) {
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

static void num(double v)
{
	if (isfinite(v))
		printf("%.6f", v);
	putchar(',');
}

static void side(const struct report *r, const struct row *row, unsigned int i)
{
	num(i < r->sides && row->side[i].here ? row->side[i].mid[INSNS] : NAN);
}

void csv_print(const struct report *r)
{
	size_t i, j;

	puts("workload,unit,kind,name,dir,a,b,diff,floor,verdict");
	for (i = 0; i < r->works; i++) {
		const struct work *w = &r->work[i];

		for (j = 0; j < w->first[KINDS]; j++) {
			const struct row *row = &w->row[j];

			field(w->name);
			field(w->unit);
			field(kind_names[row->kind]);
			field(row->name);
			field(row->dir);
			side(r, row, A);
			side(r, row, B);
			num(r->sides == 2 ? row->diff : NAN);
			num(row->floor);
			puts(r->sides == 2 ? verdict_text(row->verdict) : "");
		}
	}
}
