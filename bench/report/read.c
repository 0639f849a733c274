// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a boot: "results" of the guest, then "counts" of the plugin, whose
 * K-th window belongs to the K-th result. A boot that is not complete ends the
 * program: what is unknown must not look like no difference.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

/* Totals that come first in every table */
static const char * const first_totals[] = {
	"insns", "locked", "indirect", "rep", "user",
};

/* A function outside vmlinux */
struct symbol {
	unsigned long long addr;
	size_t line;
	const char *name;
	const char *dir;
};

struct reader {
	const struct report *r;
	struct boot *b;
	struct lines l;
	struct symbol *sym;
	size_t syms;
	struct window *w;	/* that the lines belong to, or NULL */
	size_t n;		/* windows so far */
	double *event;		/* what was counted in this window */
	bool *known;		/* events that this kernel can have */
};

/*
 * A kind of line: its word, its fields with it, whether the last one is text
 * that may have tabs, and who reads them
 */
struct word {
	const char *name;
	unsigned int fields;
	bool text;
	void (*read)(struct reader *rd, char **f);
};

int sample_cmp(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;
	int d;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	d = x->dir == y->dir ? 0 : strcmp(x->dir, y->dir);
	if (!d && x->name != y->name)
		d = strcmp(x->name, y->name);
	return d;
}

static int symbol_cmp(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static double value(const struct reader *rd, const char *s)
{
	double v;

	if (!number(s, &v))
		lines_die(&rd->l, EXIT_BAD, "'%s' is not a number", s);
	return v;
}

static double amount(const struct reader *rd, const char *s)
{
	double v = value(rd, s);

	if (v < 0)
		lines_die(&rd->l, EXIT_BAD, "'%s' is negative", s);
	return v;
}

static unsigned long long hex(const struct reader *rd, const char *s)
{
	if (!*s || strlen(s) > 16 || s[strspn(s, "0123456789abcdefABCDEF")])
		lines_die(&rd->l, EXIT_BAD, "'%s' is not an address", s);
	return strtoull(s, NULL, 16);
}

static const char *text(const struct reader *rd, const char *s)
{
	if (!*s)
		lines_die(&rd->l, EXIT_BAD, "an empty name");
	return intern(s);
}

static struct sample *add(struct window *w, enum row_kind kind,
			  const char *name)
{
	struct sample *s;

	w->s = more(w->s, w->n, sizeof(*w->s));
	s = &w->s[w->n++];
	*s = (struct sample){ .kind = kind, .name = name, .dir = intern("") };
	return s;
}

static void result(struct reader *rd, char **f)
{
	double rep = amount(rd, f[2]);
	struct boot *b = rd->b;
	struct window w = {
		.workload = text(rd, f[1]),
		.unit = text(rd, f[4]),
		.rep = rep,
		.count = amount(rd, f[3]),
	};
	size_t i;

	if (rep > 1000000 || w.rep != rep)
		lines_die(&rd->l, EXIT_BAD, "'%s' is not a repetition", f[2]);
	if (w.count <= 0)
		lines_die(&rd->l, EXIT_UNKNOWN, "%s did nothing", w.workload);
	for (i = 0; i < b->n; i++)
		if (b->w[i].workload == w.workload && b->w[i].rep == w.rep)
			lines_die(&rd->l, EXIT_BAD, "%s, repetition %u again",
				  w.workload, w.rep);
	b->w = more(b->w, b->n, sizeof(*b->w));
	b->w[b->n] = w;
	rd->w = &b->w[b->n++];
}

static void result_count(struct reader *rd, char **f)
{
	if (!rd->w)
		lines_die(&rd->l, EXIT_BAD, "a count before any result");
	add(rd->w, COUNT, text(rd, f[1]))->v[INSNS] = value(rd, f[2]);
}

static void result_symbol(struct reader *rd, char **f)
{
	char dir[128];

	snprintf(dir, sizeof(dir), *f[3] == '[' ? "%s" : "[%s]",
		 text(rd, f[3]));
	rd->sym = more(rd->sym, rd->syms, sizeof(*rd->sym));
	rd->sym[rd->syms] = (struct symbol){
		.addr = hex(rd, f[1]),
		.line = rd->l.n,
		.name = text(rd, f[2]),
		.dir = intern(dir),
	};
	rd->syms++;
}

static void result_error(struct reader *rd, char **f)
{
	lines_die(&rd->l, EXIT_UNKNOWN, "the workload failed: %s", f[1]);
}

/* Not for this program, or said by the end of the file as well */
static void nothing(struct reader *rd, char **f)
{
	(void)rd;
	(void)f;
}

static void window_begin(struct reader *rd, char **f)
{
	if (rd->w)
		lines_die(&rd->l, EXIT_UNKNOWN, "window %zu has no end", rd->n);
	if (amount(rd, f[1]) != rd->n + 1)
		lines_die(&rd->l, EXIT_BAD, "window %s is not the next", f[1]);
	if (rd->n == rd->b->n)
		lines_die(&rd->l, EXIT_UNKNOWN, "window %s has no result",
			  f[1]);
	rd->w = &rd->b->w[rd->n++];
	memset(rd->event, 0, rd->r->ev.n * sizeof(*rd->event));
}

static void need_window(const struct reader *rd)
{
	if (!rd->w)
		lines_die(&rd->l, EXIT_BAD, "outside of a window");
}

static void total(struct reader *rd, char **f)
{
	struct sample *s;
	size_t i;

	need_window(rd);
	s = add(rd->w, TOTAL, text(rd, f[1]));
	for (i = 0; i < ARRAY_SIZE(first_totals); i++)
		if (!strcmp(s->name, first_totals[i]))
			break;
	s->rank = i;
	s->v[INSNS] = amount(rd, f[2]);
}

static void function(struct reader *rd, const char *name, const char *dir,
		     const double *v)
{
	const struct called *c;
	struct sample *s;
	size_t n;

	s = add(rd->w, FN, name);
	s->dir = dir;
	memcpy(s->v, v, sizeof(s->v));
	c = event_fns(&rd->r->ev, name, &n);
	while (n) {
		n--;
		rd->event[c[n].event] += v[c[n].field] / c[n].each;
	}
}

static void values(const struct reader *rd, char **f, double *v)
{
	v[CALLS] = amount(rd, f[0]);
	v[INSNS] = amount(rd, f[1]);
	v[LOCKED] = amount(rd, f[2]);
	v[INDIRECT] = amount(rd, f[3]);
	v[REP] = amount(rd, f[4]);
}

static void fn_line(struct reader *rd, char **f)
{
	double v[FIELDS];

	need_window(rd);
	values(rd, f + 3, v);
	function(rd, text(rd, f[1]), text(rd, f[2]), v);
}

static void raw_line(struct reader *rd, char **f)
{
	unsigned long long addr = hex(rd, f[1]);
	size_t low = 0, high = rd->syms, mid;
	const struct symbol *sym;
	double v[FIELDS];

	need_window(rd);
	values(rd, f + 2, v);
	/* The last symbol that is not behind the address */
	while (low < high) {
		mid = low + (high - low) / 2;
		if (rd->sym[mid].addr <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	sym = low ? &rd->sym[low - 1] : NULL;
	/* A block that is no function's first one was not called */
	if (!sym || sym->addr != addr)
		v[CALLS] = 0;
	function(rd, sym ? sym->name : intern("?"),
		 sym ? sym->dir : intern("[unknown]"), v);
}

/* Sorts, and adds up what has the same name and folder */
static void merge(const struct reader *rd, struct window *w)
{
	size_t i, n = 0, f;

	qsort(w->s, w->n, sizeof(*w->s), sample_cmp);
	for (i = 0; i < w->n; i++) {
		if (!n || sample_cmp(&w->s[n - 1], &w->s[i])) {
			w->s[n++] = w->s[i];
			continue;
		}
		if (w->s[i].kind != FN)
			die(EXIT_BAD, "%s: %s twice in window %zu", rd->b->dir,
			    w->s[i].name, rd->n);
		for (f = 0; f < FIELDS; f++)
			w->s[n - 1].v[f] += w->s[i].v[f];
	}
	w->n = n;
}

/* Sums by folder: functions are sorted by it, and are still the last kind */
static void folders(struct window *w)
{
	size_t fn = w->n, n = w->n, i;
	struct sample *s = NULL;

	while (fn && w->s[fn - 1].kind == FN)
		fn--;
	for (i = fn; i < n; i++) {
		if (i == fn || s->name != w->s[i].dir)
			s = add(w, FOLDER, w->s[i].dir);
		s->v[INSNS] += w->s[i].v[INSNS];
	}
	if (!w->compared) {
		memmove(w->s + fn, w->s + n, (w->n - n) * sizeof(*w->s));
		w->n -= n - fn;
	}
}

static void window_end(struct reader *rd, char **f)
{
	const struct events *ev = &rd->r->ev;
	struct window *w = rd->w;
	struct sample *s;
	size_t i;

	need_window(rd);
	if (amount(rd, f[1]) != rd->n)
		lines_die(&rd->l, EXIT_BAD, "window %s ends in window %zu",
			  f[1], rd->n);
	for (i = 0; i < ev->n; i++) {
		s = add(w, EVENT, ev->name[i]);
		s->rank = i;
		s->v[INSNS] = rd->known[i] ? rd->event[i] : NAN;
	}
	merge(rd, w);
	if (!w->n || strcmp(w->s[0].name, first_totals[0]))
		lines_die(&rd->l, EXIT_UNKNOWN, "window %zu has no total of %s",
			  rd->n, first_totals[0]);
	folders(w);
	rd->w = NULL;
}

static const struct word result_words[] = {
	{ "result", 5, false, result },
	{ "count", 3, false, result_count },
	{ "symbol", 4, false, result_symbol },
	{ "error", 2, true, result_error },
	{ "done", 2, true, nothing },
	{ }
};

static const struct word count_words[] = {
	{ "fn", 8, false, fn_line },
	{ "raw", 7, false, raw_line },
	{ "total", 3, false, total },
	{ "window", 2, false, window_begin },
	{ "end", 2, false, window_end },
	{ "line", 6, false, nothing },
	{ }
};

static void read_words(struct reader *rd, const char *file,
		       const struct word *words)
{
	const struct word *w;
	char *field[9];
	unsigned int n;

	rd->w = NULL;
	lines_open(&rd->l, rd->b->dir, file);
	while (lines_next(&rd->l)) {
		n = split(rd->l.line, field, 2);
		for (w = words; w->name && strcmp(w->name, field[0]); w++)
			;
		if (!w->name)
			lines_die(&rd->l, EXIT_BAD, "'%s' is not known",
				  field[0]);
		if (n == 2 && !w->text)
			n = 1 + split(field[1], field + 1, 8);
		if (n != w->fields)
			lines_die(&rd->l, EXIT_BAD, "%u fields, '%s' has %u", n,
				  w->name, w->fields);
		w->read(rd, field);
	}
}

/* Which repetition of each workload is compared */
static void choose(struct boot *b, long rep)
{
	struct window *w, *v, *best;

	for (w = b->w; w < b->w + b->n; w++) {
		for (best = NULL, v = b->w; v < b->w + b->n; v++)
			if (v->workload == w->workload &&
			    (rep < 0 ? !best || v->rep > best->rep :
				       v->rep == rep))
				best = v;
		if (!best)
			die(EXIT_UNKNOWN, "%s: %s has no repetition %ld",
			    b->dir, w->workload, rep);
		best->compared = true;
	}
}

void boot_read(const struct report *r, struct boot *b)
{
	struct reader rd = { .r = r, .b = b };
	size_t i, n;

	rd.event = zalloc(r->ev.n, sizeof(*rd.event));
	rd.known = zalloc(r->ev.n, sizeof(*rd.known));
	read_words(&rd, "results", result_words);
	if (!b->n)
		die(EXIT_UNKNOWN, "%s/results: no results", b->dir);
	choose(b, r->rep);
	if (rd.syms)
		qsort(rd.sym, rd.syms, sizeof(*rd.sym), symbol_cmp);
	/* The first of those at one address */
	for (i = n = 0; i < rd.syms; i++)
		if (!n || rd.sym[n - 1].addr != rd.sym[i].addr)
			rd.sym[n++] = rd.sym[i];
	rd.syms = n;
	if (r->ev.n)
		events_known(&r->ev, b->dir, rd.known);
	for (i = 0; i < rd.syms; i++) {
		const struct called *c;

		c = event_fns(&r->ev, rd.sym[i].name, &n);
		while (n)
			rd.known[c[--n].event] = true;
	}
	read_words(&rd, "counts", count_words);
	if (rd.w)
		die(EXIT_UNKNOWN, "%s: window %zu has no end", rd.l.path, rd.n);
	if (rd.n < b->n)
		die(EXIT_UNKNOWN, "%s: no window for %s, repetition %u",
		    rd.l.path, b->w[rd.n].workload, b->w[rd.n].rep);
	free(rd.sym);
	free(rd.event);
	free(rd.known);
}
