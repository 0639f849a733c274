// SPDX-License-Identifier: GPL-2.0
/* Trace lines: the ring, and the file. */
#include <stdarg.h>

#include "trace.h"

void trace_line(struct trace *t, int dev, const char *fmt, ...)
{
	char *line = t->line[t->seq % TRACE_LINES];
	va_list ap;
	int n;

	n = snprintf(line, TRACE_LINE_MAX, "%llu %d ", t->seq, dev);
	va_start(ap, fmt);
	vsnprintf(line + n, TRACE_LINE_MAX - n, fmt, ap);
	va_end(ap);
	t->seq++;
	if (!t->file || t->written >= TRACE_FILE_MAX)
		return;
	n = fprintf(t->file, "%s\n", line);
	t->written += max(n, 0);
	if (t->written >= TRACE_FILE_MAX)
		fputs("the trace is too long: the rest is left out\n", t->file);
}

const char *trace_get(const struct trace *t, u64 seq)
{
	if (seq >= t->seq || t->seq - seq > TRACE_LINES)
		return NULL;
	return t->line[seq % TRACE_LINES];
}
