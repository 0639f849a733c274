// SPDX-License-Identifier: GPL-2.0
/* Files that are read by lines, and what is said of a bad line. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib.h"

void lines_open(struct lines *l, const char *dir, const char *file)
{
	char *path = zalloc((dir ? strlen(dir) : 0) + strlen(file) + 2, 1);

	sprintf(path, "%s%s%s", dir ? dir : "", dir ? "/" : "", file);
	*l = (struct lines){ .path = intern(path), .by_hand = !dir };
	free(path);
	l->f = fopen(l->path, "r");
	if (!l->f)
		die(EXIT_BAD, "%s: %s", l->path, strerror(errno));
}

void lines_die(const struct lines *l, int status, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	die(status, "%s: line %lu: %s", l->path, l->n, text);
}

static void lines_close(struct lines *l)
{
	if (ferror(l->f))
		die(EXIT_BAD, "%s: %s", l->path, strerror(errno));
	fclose(l->f);
	free(l->line);
	l->line = NULL;
}

char *lines_next(struct lines *l)
{
	ssize_t len, i;

	do {
		len = getline(&l->line, &l->room, l->f);
		if (len < 0) {
			lines_close(l);
			return NULL;
		}
		l->n++;
		if (l->line[len - 1] == '\n')
			l->line[--len] = 0;
		else if (!l->by_hand)
			lines_die(l, EXIT_UNKNOWN, "cut short");
		if (len && l->line[len - 1] == '\r')
			l->line[--len] = 0;
		/* It may end on a terminal; a NUL would hide the rest */
		for (i = 0; i < len; i++)
			if ((unsigned char)l->line[i] < ' ' &&
			    l->line[i] != '\t')
				l->line[i] = '?';
	} while (l->by_hand && (!*l->line || *l->line == '#'));
	return l->line;
}

unsigned int split(char *line, char **field, unsigned int max)
{
	unsigned int n = 0;

	while (n < max) {
		field[n++] = line;
		line = strchr(line, '\t');
		if (!line || n == max)
			break;
		*line++ = 0;
	}
	return n;
}
