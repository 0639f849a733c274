/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace: what the driver did and what the device made of it, one line each.
 *
 * Owns: the ring of the last lines, their numbers, and the file they go to.
 * A line is "SEQ DEV EVENT key=value ...", the same words in file and ring, so
 * that a test can match them. No line carries a time: a trace of a run in
 * deterministic mode is equal to that of the next run.
 */
#ifndef PODPATH_TRACE_H
#define PODPATH_TRACE_H

#include <stdio.h>

#include "types.h"

#define TRACE_LINES	4096
#define TRACE_LINE_MAX	160
/* A guest that provokes lines without end shall not fill the disk */
#define TRACE_FILE_MAX	(256 << 20)

/**
 * struct trace - lines of all devices of this process
 * @file: where lines go too, or NULL
 * @level: 0 nothing, 1 control path, 2 data path too
 * @written: bytes that went to @file, not more than TRACE_FILE_MAX
 * @seq: number of the next line
 * @line: the last TRACE_LINES lines; line N is at N % TRACE_LINES
 */
struct trace {
	FILE *file;
	unsigned int level;
	u64 written;
	u64 seq;
	char line[TRACE_LINES][TRACE_LINE_MAX];
};

/**
 * trace_line() - add a line; use the macros below
 * @t: the trace
 * @dev: number of the device
 * @fmt: printf format of "EVENT key=value ..."
 */
void trace_line(struct trace *t, int dev, const char *fmt, ...) __printf(3, 4);

/**
 * trace_get() - a line by its number
 * @t: the trace
 * @seq: its number
 *
 * Return: the line, or NULL when it is not there yet or no more.
 */
const char *trace_get(const struct trace *t, u64 seq);

#define trace_at(min, d, ...) \
	do { \
		__typeof__(d) _d = (d); \
		if (unlikely(_d->trace && _d->trace->level >= (min))) \
			trace_line(_d->trace, _d->id, __VA_ARGS__); \
	} while (0)

#define trace(d, ...)		trace_at(1, d, __VA_ARGS__)
#define trace_data(d, ...)	trace_at(2, d, __VA_ARGS__)

#endif /* PODPATH_TRACE_H */
