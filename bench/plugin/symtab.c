// SPDX-License-Identifier: GPL-2.0
/*
 * Symbols by address: an array in the order of the file, whose names point into
 * the text of the file, and a binary search.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symtab.h"

#define BLANKS " \t"

/*
 * @sym: the symbols
 * @reach: for each the last address that it or one before it has: a search that
 *	goes back from symbol to symbol ends where this is too low
 * @count: of both
 * @text: the file; each word that is in use ends with a 0
 */
struct symtab {
	struct symbol *sym;
	u64 *reach;
	size_t count;
	char *text;
};

/* The whole file with a 0 behind it; NULL with errno set */
static char *read_all(const char *path, size_t *len)
{
	char *text = NULL, *more;
	size_t room = 1 << 16;
	int saved = 0;
	FILE *f;

	f = fopen(path, "re");
	if (!f)
		return NULL;
	*len = 0;
	do {
		room *= 2;
		more = realloc(text, room);
		if (!more) {
			saved = ENOMEM;
			break;
		}
		text = more;
		*len += fread(text + *len, 1, room - 1 - *len, f);
		if (ferror(f))
			saved = errno ?: EIO;
	} while (!saved && *len == room - 1);
	fclose(f);
	if (saved) {
		free(text);
		errno = saved;
		return NULL;
	}
	text[*len] = 0;
	return text;
}

/* Takes a word and the blanks around it off @s; NULL if there is none */
static char *take_word(char **s)
{
	char *w = *s + strspn(*s, BLANKS), *end = w + strcspn(w, BLANKS);

	if (end == w)
		return NULL;
	*s = end + strspn(end, BLANKS);
	*end = 0;
	return w;
}

static bool take_hex(char **s, u64 *val)
{
	char *w = take_word(s);
	size_t n;

	if (!w)
		return false;
	n = strspn(w, "0123456789abcdefABCDEF");
	if (w[n] || n > 16)
		return false;
	*val = strtoull(w, NULL, 16);
	return true;
}

static bool parse(char *line, struct symbol *s)
{
	if (!take_hex(&line, &s->addr) || !take_hex(&line, &s->size))
		return false;
	if (s->size && s->addr + (s->size - 1) < s->addr)
		return false;
	s->name = take_word(&line);
	s->dir = line;
	return s->name && *line;
}

/* One line after the other; NULL, or what is wrong with line @count + 1 */
static const char *parse_all(struct symtab *t, size_t len)
{
	char *line = t->text, *end = line + len, *next;
	struct symbol *s;

	for (; line < end; line = next) {
		next = memchr(line, '\n', end - line);
		if (!next)
			next = end;
		*next++ = 0;
		s = &t->sym[t->count];
		/* A 0 byte in the line would hide the rest of it */
		if (line + strlen(line) + 1 != next || !parse(line, s))
			return "malformed line";
		if (t->count && s->addr < s[-1].addr)
			return "not sorted";
		t->count++;
	}
	return NULL;
}

/* Sizes that the file leaves open, and what a search has to know */
static void finish(struct symtab *t)
{
	struct symbol *s;
	u64 next = 0;
	size_t i;

	/* No address is behind the last one: next is then below it */
	for (i = t->count; i--;) {
		s = &t->sym[i];
		if (i + 1 < t->count && s[1].addr != s->addr)
			next = s[1].addr;
		if (!s->size)
			s->size = next > s->addr ? next - s->addr : 1;
	}
	for (i = 0; i < t->count; i++) {
		s = &t->sym[i];
		t->reach[i] = s->addr + (s->size - 1);
		if (i)
			t->reach[i] = max(t->reach[i], t->reach[i - 1]);
	}
}

static size_t count_lines(const char *p, size_t len)
{
	size_t n = 1;

	while (len--)
		n += *p++ == '\n';
	return n;
}

struct symtab *symtab_load(const char *path, char *err, size_t errlen)
{
	struct symtab *t = calloc(1, sizeof(*t));
	const char *why;
	size_t len, n;

	if (!t)
		goto failed;
	t->text = read_all(path, &len);
	if (!t->text)
		goto failed;
	n = count_lines(t->text, len);
	t->sym = calloc(n, sizeof(*t->sym));
	t->reach = calloc(n, sizeof(*t->reach));
	if (!t->sym || !t->reach)
		goto failed;
	why = parse_all(t, len);
	if (why) {
		snprintf(err, errlen, "%s:%zu: %s", path, t->count + 1, why);
		symtab_free(t);
		return NULL;
	}
	finish(t);
	return t;
failed:
	snprintf(err, errlen, "%s: %s", path, strerror(errno));
	symtab_free(t);
	return NULL;
}

void symtab_free(struct symtab *t)
{
	if (!t)
		return;
	free(t->sym);
	free(t->reach);
	free(t->text);
	free(t);
}

const struct symbol *symtab_find(const struct symtab *t, u64 addr)
{
	const struct symbol *s, *hit = NULL;
	size_t lo = 0, hi = t->count, mid;

	/* How many begin at the address or before it */
	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (t->sym[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo-- && t->reach[lo] >= addr) {
		s = &t->sym[lo];
		if (hit && s->addr != hit->addr)
			break;
		if (addr - s->addr < s->size)
			hit = s;
	}
	return hit;
}

size_t symtab_count(const struct symtab *t)
{
	return t->count;
}

const struct symbol *symtab_at(const struct symtab *t, size_t i)
{
	return i < t->count ? &t->sym[i] : NULL;
}

size_t symtab_index(const struct symtab *t, const struct symbol *s)
{
	return s - t->sym;
}
