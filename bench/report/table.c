// SPDX-License-Identifier: GPL-2.0
/* Text in columns that are as wide as what is in them. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

void cell(struct table *t, const char *fmt, ...)
{
	va_list ap, again;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	t->cell = more(t->cell, t->n, sizeof(*t->cell));
	t->cell[t->n] = zalloc(len + 1, 1);
	vsnprintf(t->cell[t->n++], len + 1, fmt, again);
	va_end(again);
}

void cell_num(struct table *t, double v, const char *none)
{
	if (isnan(v))
		cell(t, "%s", none);
	else
		cell(t, "%.3f", v);
}

void cell_diff(struct table *t, double v, const char *none)
{
	if (isnan(v))
		cell(t, "%s", none);
	else if (fabs(v) < 0.0005)
		cell(t, "0.000");
	else
		cell(t, "%+.3f", v);
}

/* Characters, not bytes: a label may have any */
static int width(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

void table_end(struct table *t)
{
	int *wide = zalloc(t->cols, sizeof(*wide));
	unsigned int col;
	size_t i;
	int pad;

	for (i = 0; i < t->n; i++)
		if (width(t->cell[i]) > wide[i % t->cols])
			wide[i % t->cols] = width(t->cell[i]);
	for (i = 0; i < t->n; i++) {
		col = i % t->cols;
		pad = wide[col] - width(t->cell[i]);
		fputs("  ", stdout);
		if (col + 1 == t->cols)
			printf("%s\n", t->cell[i]);
		else if (col < t->left)
			printf("%s%*s", t->cell[i], pad, "");
		else
			printf("%*s%s", pad, "", t->cell[i]);
		free(t->cell[i]);
	}
	free(t->cell);
	free(wide);
	t->cell = NULL;
	t->n = 0;
}
