// SPDX-License-Identifier: GPL-2.0
/* What ends the program, its memory, its names and its numbers. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib.h"

static struct {
	const char **slot;
	size_t slots;		/* a power of two, or 0 */
	size_t n;
} names;

const char *program = "bench";

void die(int status, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: error: ", program);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	/* Not exit(): half a report must not follow */
	_exit(status);
}

void *zalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		die(EXIT_UNKNOWN, "out of memory");
	return p;
}

void *more(void *p, size_t n, size_t size)
{
	/* It is full at 0 and at powers of two: nobody has to keep the room */
	if (n & (n - 1))
		return p;
	p = reallocarray(p, n ? 2 * n : 1, size);
	if (!p)
		die(EXIT_UNKNOWN, "out of memory");
	return p;
}

static const char **slot(const char *s)
{
	size_t h = 5381, i;

	for (i = 0; s[i]; i++)
		h = h * 33 + (unsigned char)s[i];
	h &= names.slots - 1;
	while (names.slot[h] && strcmp(names.slot[h], s))
		h = (h + 1) & (names.slots - 1);
	return &names.slot[h];
}

static void names_grow(void)
{
	size_t slots = names.slots, i;
	const char **old = names.slot;

	names.slots = slots ? 2 * slots : 1024;
	names.slot = zalloc(names.slots, sizeof(*names.slot));
	for (i = 0; i < slots; i++)
		if (old[i])
			*slot(old[i]) = old[i];
	free(old);
}

const char *intern(const char *s)
{
	const char **p;

	if (2 * names.n >= names.slots)
		names_grow();
	p = slot(s);
	if (!*p) {
		*p = strdup(s);
		if (!*p)
			die(EXIT_UNKNOWN, "out of memory");
		names.n++;
	}
	return *p;
}

bool number(const char *s, double *v)
{
	char *end;

	/* strtod() also takes hex, "inf" and blanks */
	if (!*s || s[strspn(s, "0123456789.eE+-")])
		return false;
	*v = strtod(s, &end);
	return !*end && *v - *v == 0;
}
