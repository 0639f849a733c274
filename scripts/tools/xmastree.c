// SPDX-License-Identifier: GPL-2.0
/*
 * xmastree FILE <ADDED - netdev's order of local variables: longest first
 *
 * FILE is a C source as it is with the patch; ADDED lists the numbers of the
 * lines that the patch adds, one per line. Looks at each block of declarations
 * behind an opening brace and prints "LINE: text" where a declaration is longer
 * than the one before it and the patch added one of the two.
 *
 * A declaration that needs an earlier one (its initialiser names it) has to
 * come later, and is left alone. Of a declaration over several lines the first
 * line counts.
 *
 * Exit status: 0 in order, 1 not in order, 2 on a usage or read error.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINES 100000
#define MAX_NAMES 64

static unsigned char added[MAX_LINES + 1];

/* Statements that look like "word word;" and are none */
static const char *const no_types[] = {
	"return", "goto", "else", "case", "default", "do", "break", "continue",
	"typedef", "delete",
};

/* Columns that @s takes, with tabs of 8 */
static size_t width(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n = *s == '\t' ? (n / 8 + 1) * 8 : n + 1;
	return n;
}

/* Skips one identifier and the blanks behind it; NULL if there is none */
static const char *ident(const char *s)
{
	if (!isalpha((unsigned char)*s) && *s != '_')
		return NULL;
	while (isalnum((unsigned char)*s) || *s == '_')
		s++;
	while (*s == ' ')
		s++;
	return s;
}

/*
 * "type name", "struct x *name = ...", "u8 a, b[2];": at least two words, or
 * a word, stars and a word, before one of "=;,[".
 */
static bool declares(const char *line)
{
	const char *s = line, *e;
	int words = 0;
	size_t i, len;

	if (*s != '\t')
		return false;
	while (*s == '\t')
		s++;
	for (i = 0; i < sizeof(no_types) / sizeof(no_types[0]); i++) {
		len = strlen(no_types[i]);
		if (!strncmp(s, no_types[i], len) &&
		    !isalnum((unsigned char)s[len]) && s[len] != '_')
			return false;
	}
	while ((e = ident(s))) {
		words++;
		s = e;
		/* LIST_HEAD(x); and the like are declarations too: not judged */
		while (*s == '*' || *s == ' ')
			s++;
	}
	return words >= 2 && *s && strchr("=;,[", *s);
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Does the initialiser in @line name something that @earlier declares? */
static bool uses(const char *line, const char *earlier)
{
	const char *s = strchr(line, '='), *hit;
	size_t len;

	while (s && *s) {
		if (!is_word(*s)) {
			s++;
			continue;
		}
		for (len = 0; is_word(s[len]); len++)
			;
		for (hit = earlier; (hit = strchr(hit, *s)); hit++)
			if (!strncmp(hit, s, len) && !is_word(hit[len]) &&
			    (hit == earlier || !is_word(hit[-1])) &&
			    strncmp(s, "struct", len))
				return true;
		s += len;
	}
	return false;
}

/* The brace of a function, or of a block in one; not that of a struct */
static bool opens_block(const char *line, size_t len)
{
	if (!len || line[len - 1] != '{')
		return false;
	if (len == 1)
		return true;
	return *line == '\t' && !strchr(line, '=') &&
	       (line[len - 3] == ')' || strstr(line, "else {") ||
		strstr(line, "do {") || line[strspn(line, "\t")] == '{');
}

int main(int argc, char **argv)
{
	size_t n = 0, n_before = 0, names = 0, i;
	static char earlier[MAX_NAMES][256];
	bool in_block = false, more = false;
	char line[1024], before[1024] = "";
	int bad = 0;
	FILE *f;

	while (scanf("%zu", &n) == 1)
		if (n <= MAX_LINES)
			added[n] = 1;
	f = argc == 2 ? fopen(argv[1], "r") : NULL;
	if (!f) {
		fprintf(stderr, "usage: xmastree FILE <ADDED\n");
		return 2;
	}
	for (n = 1; fgets(line, sizeof(line), f) && n <= MAX_LINES; n++) {
		size_t len = strcspn(line, "\n");

		line[len] = 0;
		if (more) {
			more = !strchr(line, ';');
			continue;
		}
		if (opens_block(line, len)) {
			in_block = true;
			*before = 0;
			names = 0;
			continue;
		}
		if (!in_block)
			continue;
		if (!declares(line)) {
			/* A comment between declarations does not end them */
			in_block = line[strspn(line, "\t ")] == '/' ||
				   line[strspn(line, "\t ")] == '*';
			continue;
		}
		for (i = 0; i < names && !uses(line, earlier[i]); i++)
			;
		if (*before && width(line) > width(before) &&
		    (added[n] || added[n_before]) && i == names) {
			printf("%zu: %s\n", n, line + strspn(line, "\t"));
			bad = 1;
		}
		more = !strchr(line, ';');
		strcpy(before, line);
		if (names < MAX_NAMES)
			snprintf(earlier[names++], sizeof(earlier[0]),
				 "%.255s", line);
		n_before = n;
	}
	fclose(f);
	return bad;
}
