/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What bench-report and bench-time have in common: how they end, their memory,
 * and the files of a boot, line by line.
 */
#ifndef PODPATH_BENCH_LIB_H
#define PODPATH_BENCH_LIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define __printf(f, a)	__attribute__((__format__(__printf__, f, a)))
#define __noreturn	__attribute__((__noreturn__))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Exit statuses; 0 also for a comparison that found something worse */
#define EXIT_BAD	1	/* bad input, or worse than recorded */
#define EXIT_UNKNOWN	2	/* not measured, not completely or too seldom */

/* util.c */

/* What its error lines begin with; main() sets it */
extern const char *program;

/**
 * die() - say what is wrong and end
 * @status: exit status
 * @fmt: one line without its end
 */
void die(int status, const char *fmt, ...) __printf(2, 3) __noreturn;

/* Zeroed memory of at least a byte */
void *zalloc(size_t n, size_t size);

/**
 * more() - room for one more
 * @p: an array that got all its room here
 * @n: elements in use
 * @size: of one
 *
 * Return: where the array is now.
 */
void *more(void *p, size_t n, size_t size);

/* A copy of @s that is the same pointer for the same text */
const char *intern(const char *s);

/* Is @s a decimal number? Nothing before or behind it, not endless */
bool number(const char *s, double *v);

/* line.c */

/**
 * struct lines - a file that is read by lines
 * @f: the file
 * @path: its name
 * @line: the line that was read last
 * @room: bytes at @line
 * @n: its number
 * @by_hand: people write it: comments, empty lines, and an end without '\n'
 */
struct lines {
	FILE *f;
	const char *path;
	char *line;
	size_t room;
	unsigned long n;
	bool by_hand;
};

/* Opens @file of @dir, or a file that people write if @dir is NULL */
void lines_open(struct lines *l, const char *dir, const char *file);

/* The next line without its end, or NULL, and the file is closed */
char *lines_next(struct lines *l);

/* Ends the program because of the line that was read last */
void lines_die(const struct lines *l, int status, const char *fmt, ...)
	__printf(3, 4) __noreturn;

/**
 * split() - the fields of a line
 * @line: tabs in it are overwritten
 * @field: filled in
 * @max: room in @field; the last one has the rest of the line
 *
 * Return: how many there are.
 */
unsigned int split(char *line, char **field, unsigned int max);

/* median.c */

/* For qsort(): doubles, the least first */
int double_cmp(const void *a, const void *b);

/**
 * median() - of @n values, at least one, which get sorted
 * @v: the values
 * @n: their number
 */
double median(double *v, size_t n);

#endif
