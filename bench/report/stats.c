// SPDX-License-Identifier: GPL-2.0
/* Medians, what is a difference, and what it is worth. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

static const char * const texts[VERDICTS] = {
	[SAME] = "no difference",
	[BETTER] = "better",
	[WORSE] = "worse",
	[LESS] = "less",
	[MORE] = "more",
	[ONE_BOOT] = "not judged (one boot)",
	[NO_VALUE] = "n/a",
};

bool above(double a, double b)
{
	/* Quotients are not exact, nor are figures that were printed */
	return a - b > 0.000001 + (fabs(a) + fabs(b)) / 1e12;
}

enum verdict judge(double a, double b, double floor)
{
	if (isnan(a) || isnan(b))
		return NO_VALUE;
	if (isnan(floor))
		return ONE_BOOT;
	if (above(b, a + floor))
		return WORSE;
	return above(a, b + floor) ? BETTER : SAME;
}

const char *verdict_text(enum verdict v)
{
	return texts[v];
}

bool is_max(enum row_kind kind, const char *name)
{
	size_t n = strlen(name);

	return (kind == TOTAL || kind == COUNT) && n > 4 &&
	       !strcmp(name + n - 4, "-max");
}

double per_unit(const struct sample *s, const struct window *w, enum field f)
{
	return is_max(s->kind, s->name) ? s->v[f] : s->v[f] / w->count;
}
