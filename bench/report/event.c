// SPDX-License-Identifier: GPL-2.0
/* Events: what the calls of some functions together stand for. */
#include <stdlib.h>
#include <string.h>

#include "report.h"

static int fn_cmp(const void *a, const void *b)
{
	const struct called *x = a, *y = b;

	return strcmp(x->fn, y->fn);
}

static int called_cmp(const void *a, const void *b)
{
	const struct called *x = a, *y = b;
	int d = fn_cmp(a, b);

	return d ? d : (x->event > y->event) - (x->event < y->event);
}

void events_read(struct events *ev, const char *path)
{
	char *field[2], *word, *save, *what, *each;
	const char *name, *fn;
	struct called c;
	struct lines l;
	size_t i, had;

	lines_open(&l, NULL, path);
	while (lines_next(&l)) {
		if (split(l.line, field, 2) != 2 || !*field[0])
			lines_die(&l, EXIT_BAD, "not EVENT, tab, FUNCTIONS");
		name = intern(field[0]);
		for (i = 0; i < ev->n; i++)
			if (ev->name[i] == name)
				lines_die(&l, EXIT_BAD, "event %s again", name);
		had = ev->fns;
		for (word = strtok_r(field[1], " \t", &save); word;
		     word = strtok_r(NULL, " \t", &save)) {
			c = (struct called){
				.event = ev->n, .field = CALLS, .each = 1
			};
			what = strchr(word, ':');
			if (what) {
				*what++ = 0;
				each = strchr(what, '/');
				if (each)
					*each++ = 0;
				if (strcmp(what, "locked") ||
				    (each && (!number(each, &c.each) ||
					      c.each <= 0)))
					lines_die(&l, EXIT_BAD,
						  "not FUNCTION:locked/N");
				c.field = LOCKED;
			}
			fn = intern(word);
			for (i = had; i < ev->fns; i++)
				if (ev->fn[i].fn == fn)
					lines_die(&l, EXIT_BAD, "%s again", fn);
			ev->fn = more(ev->fn, ev->fns, sizeof(*ev->fn));
			c.fn = fn;
			ev->fn[ev->fns++] = c;
		}
		if (had == ev->fns)
			lines_die(&l, EXIT_BAD, "event %s has no function",
				  name);
		ev->name = more(ev->name, ev->n, sizeof(*ev->name));
		ev->name[ev->n++] = name;
	}
	if (!ev->n)
		die(EXIT_BAD, "%s: no events", path);
	qsort(ev->fn, ev->fns, sizeof(*ev->fn), called_cmp);
}

static const struct called *find(const struct events *ev, const char *fn,
				 size_t *n)
{
	const struct called key = { .fn = fn }, *p, *last = ev->fn + ev->fns;

	p = bsearch(&key, ev->fn, ev->fns, sizeof(key), fn_cmp);
	if (!p)
		return NULL;
	while (p > ev->fn && !fn_cmp(p - 1, &key))
		p--;
	for (*n = 1; p + *n < last && !fn_cmp(p + *n, &key); ++*n)
		;
	return p;
}

const struct called *event_fns(const struct events *ev, const char *fn,
			       size_t *n)
{
	const char *dot = strchr(fn, '.');
	const struct called *p;
	char name[256];

	*n = 0;
	if (!ev->fns)
		return NULL;
	p = find(ev, fn, n);
	/* f.isra.0 and f.constprop.0 are f; f.part.0 is called by what is f */
	if (p || !dot || dot == fn || (size_t)(dot - fn) >= sizeof(name) ||
	    strstr(dot, ".part.") || strstr(dot, ".cold"))
		return p;
	snprintf(name, sizeof(name), "%.*s", (int)(dot - fn), fn);
	return find(ev, name, n);
}

void events_known(const struct events *ev, const char *dir, bool *known)
{
	const struct called *c;
	char *name, *save;
	struct lines l;
	size_t n;

	lines_open(&l, dir, "functions");
	while (lines_next(&l)) {
		/* ADDR SIZE NAME DIR */
		name = strtok_r(l.line, " \t", &save);
		name = name ? strtok_r(NULL, " \t", &save) : NULL;
		name = name ? strtok_r(NULL, " \t", &save) : NULL;
		if (!name)
			lines_die(&l, EXIT_BAD, "not a function");
		c = event_fns(ev, name, &n);
		while (n)
			known[c[--n].event] = true;
	}
	/* No events at all would look as if the kernel had lost them */
	if (!l.n)
		die(EXIT_UNKNOWN, "%s: empty", l.path);
}
