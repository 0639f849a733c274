// SPDX-License-Identifier: GPL-2.0
/*
 * kcount - a QEMU plugin that counts what the guest's kernel executes
 *
 *   -plugin kcount.so,out=FILE,sym=FILE[,mutex=NAME:ADDRESS]
 *           [,cache=on][,threads=on]
 *
 * Owns the windows: the guest marks their begin and end by an instruction that
 * does nothing (insn.h), and at each end one block of lines is added to FILE.
 * All that is counted is counted when a translation block is entered: a fault
 * within one counts its rest, too, and always in the same way.
 *
 * To be used with -icount, where one thread runs all CPUs. threads=on is for
 * QEMU without it, and takes a lock.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "insn.h"
#include "qplugin.h"
#include "symtab.h"

#define KERNEL BIT_ULL(63)
#define MAX_HOLDS 4
#define MAX_INSN 16

/* Marks of the guest */
enum { MARK_BEGIN = 1, MARK_END = 2 };

/**
 * struct counts - what is counted of a function in a window
 * @calls: how often its first instruction was executed
 * @insns: instructions, without repeated string instructions
 * @locked: of these, with the lock prefix or xchg with memory
 * @indirect: of these, calls and jumps through a register or memory, and
 *	entries of retpolines
 * @rep: iterations of repeated string instructions
 */
struct counts {
	u64 calls, insns, locked, indirect, rep;
};

/**
 * struct part - the instructions of one block that belong to one function
 * @to: where they are added
 * @add: how many
 */
struct part {
	struct counts *to;
	struct counts add;
};

/**
 * struct block - what entering a translation block adds
 * @user: instructions outside the kernel
 * @insns: instructions of the kernel, repeated ones apart
 * @rep: is the first instruction a repeated one, which -icount enters anew for
 *	each iteration?
 * @nr: number of parts
 * @parts: one for each run of instructions of one function
 */
struct block {
	u64 user, insns, rep;
	unsigned int nr;
	struct part parts[];
};

/**
 * struct outside - a place outside the kernel's own text: modules, BPF
 * @addr: the first instruction
 * @c: what was counted there
 * @next: in the same bucket
 */
struct outside {
	u64 addr;
	struct counts c;
	struct outside *next;
};

/**
 * struct hold - a mutex whose holding is measured in executed instructions
 * @name: what to call it
 * @addr: the mutex
 * @held: somebody has it
 * @waiting: how many came while it was held
 * @since: the clock when it was taken
 * @times: how often it was taken in this window
 * @total: how long it was held in this window
 * @longest: the longest time in this window
 */
struct hold {
	const char *name;
	u64 addr;
	bool held;
	unsigned int waiting;
	u64 since, times, total, longest;
};

static struct outside *outside[4096];
static struct qemu_plugin_register *rdi;
static struct hold holds[MAX_HOLDS];
static struct counts *counts;		/* by number of the symbol */
static struct cache_totals cache_before;	/* at the window's begin */
static struct cache_model *cache;
static u64 insns, user, rep, irqs, exceptions;
static u64 clock_;			/* instructions of all kinds, always */
static struct symtab *symtab;
static unsigned int nr_holds;
static unsigned int window;
static const char *out;
static bool counting;
static bool threads;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void lock(void)
{
	if (threads)
		pthread_mutex_lock(&mutex);
}

static void unlock(void)
{
	if (threads)
		pthread_mutex_unlock(&mutex);
}

static void add(struct counts *to, const struct counts *c)
{
	to->calls += c->calls;
	to->insns += c->insns;
	to->locked += c->locked;
	to->indirect += c->indirect;
	to->rep += c->rep;
}

static void print(FILE *f, const struct counts *c)
{
	fprintf(f, "\t%llu\t%llu\t%llu\t%llu\t%llu\n", c->calls, c->insns,
		c->locked, c->indirect, c->rep);
}

static void print_total(FILE *f, const char *name, u64 value)
{
	fprintf(f, "total\t%s\t%llu\n", name, value);
}

static int print_line(const struct cache_shared *s, void *arg)
{
	fprintf(arg, "line\t%llx\t%llu\t%llu\t%u:%u-%u\t%u:%u-%u\n",
		s->addr, s->transfers, s->overlaps, s->mine.cpu, s->mine.from,
		s->mine.to, s->other.cpu, s->other.from, s->other.to);
	return 0;
}

static void print_cache(FILE *f)
{
	const struct cache_totals *t = cache_totals(cache);

	print_total(f, "access", t->accesses - cache_before.accesses);
	print_total(f, "l1-miss", t->l1_miss - cache_before.l1_miss);
	print_total(f, "l2-miss", t->l2_miss - cache_before.l2_miss);
	print_total(f, "line-transfer", t->transfers - cache_before.transfers);
	print_total(f, "line-untracked",
		    t->untracked - cache_before.untracked);
	print_total(f, "lines", t->lines);
	print_total(f, "lines-written", t->lines_written);
	cache_each_line(cache, print_line, f);
}

static void window_print(FILE *f)
{
	struct counts all = {};
	struct outside *o;
	struct hold *h;
	size_t i;

	for (i = 0; i < symtab_count(symtab); i++)
		add(&all, &counts[i]);
	for (i = 0; i < sizeof(outside) / sizeof(*outside); i++)
		for (o = outside[i]; o; o = o->next)
			add(&all, &o->c);
	fprintf(f, "window\t%u\n", window);
	print_total(f, "insns", insns);
	print_total(f, "locked", all.locked);
	print_total(f, "indirect", all.indirect);
	print_total(f, "rep", rep);
	print_total(f, "user", user);
	print_total(f, "irq", irqs);
	print_total(f, "exception", exceptions);
	for (h = holds; h < holds + nr_holds; h++) {
		fprintf(f, "total\t%s-acquired\t%llu\n", h->name,
			h->times);
		fprintf(f, "total\t%s-held\t%llu\n", h->name, h->total);
		fprintf(f, "total\t%s-held-max\t%llu\n", h->name,
			h->longest);
	}
	if (cache)
		print_cache(f);
	for (i = 0; i < symtab_count(symtab); i++) {
		if (!counts[i].insns && !counts[i].rep)
			continue;
		fprintf(f, "fn\t%s\t%s", symtab_at(symtab, i)->name,
			symtab_at(symtab, i)->dir);
		print(f, &counts[i]);
	}
	for (i = 0; i < sizeof(outside) / sizeof(*outside); i++)
		for (o = outside[i]; o; o = o->next) {
			if (!o->c.insns && !o->c.rep)
				continue;
			fprintf(f, "raw\t%llx", o->addr);
			print(f, &o->c);
		}
	fprintf(f, "end\t%u\n", window);
}

static void window_begin(void)
{
	struct outside *o;
	struct hold *h;
	size_t i;

	memset(counts, 0, symtab_count(symtab) * sizeof(*counts));
	for (i = 0; i < sizeof(outside) / sizeof(*outside); i++)
		for (o = outside[i]; o; o = o->next)
			memset(&o->c, 0, sizeof(o->c));
	for (h = holds; h < holds + nr_holds; h++) {
		h->times = 0;
		h->total = 0;
		h->longest = 0;
		h->since = clock_;
	}
	insns = 0;
	user = 0;
	rep = 0;
	irqs = 0;
	exceptions = 0;
	if (cache) {
		cache_mark(cache);
		cache_before = *cache_totals(cache);
	}
	window++;
	counting = true;
}

static void hold_account(struct hold *h)
{
	u64 time = clock_ - h->since;

	h->total += time;
	if (time > h->longest)
		h->longest = time;
	h->since = clock_;
}

static void window_end(void)
{
	struct hold *h;
	FILE *f;

	if (!counting)
		return;
	counting = false;
	/* What is still held was held in this window, too */
	for (h = holds; h < holds + nr_holds; h++)
		if (h->held)
			hold_account(h);
	f = fopen(out, "a");
	if (f)
		window_print(f);
	/* A line that is missing is an error to whoever reads the file */
	if (!f || fclose(f))
		qemu_plugin_outs("kcount: cannot write\n");
}

static void on_mark(unsigned int cpu, void *data)
{
	uintptr_t mark = (uintptr_t)data;

	(void)cpu;
	lock();
	if (mark == MARK_BEGIN)
		window_begin();
	else if (mark == MARK_END)
		window_end();
	unlock();
}

static void on_block(unsigned int cpu, void *data)
{
	struct block *b = data;
	unsigned int i;

	(void)cpu;
	lock();
	clock_ += b->user + b->insns + b->rep;
	if (counting) {
		user += b->user;
		insns += b->insns;
		rep += b->rep;
		for (i = 0; i < b->nr; i++)
			add(b->parts[i].to, &b->parts[i].add);
	}
	unlock();
}

static void hold_begin(struct hold *h)
{
	h->held = true;
	h->since = clock_;
	h->times++;
}

/* The mutex that a mutex function was just called with, if it is watched */
static struct hold *hold_of_call(void)
{
	static __thread struct glib_array *buf;
	struct hold *h;
	u64 addr;

	if (!buf)
		buf = g_byte_array_new();
	g_byte_array_set_size(buf, 0);
	if (!rdi || !qemu_plugin_read_register(rdi, buf) ||
	    buf->len < sizeof(addr))
		return NULL;
	memcpy(&addr, buf->data, sizeof(addr));
	for (h = holds; h < holds + nr_holds; h++)
		if (h->addr == addr)
			return h;
	return NULL;
}

static void on_acquire(unsigned int cpu, void *data)
{
	struct hold *h = hold_of_call();

	(void)cpu;
	(void)data;
	lock();
	if (h && h->held)
		h->waiting++;
	else if (h)
		hold_begin(h);
	unlock();
}

/* A try that fails does not wait */
static void on_try(unsigned int cpu, void *data)
{
	struct hold *h = hold_of_call();

	(void)cpu;
	(void)data;
	lock();
	if (h && !h->held)
		hold_begin(h);
	unlock();
}

static void on_release(unsigned int cpu, void *data)
{
	struct hold *h = hold_of_call();

	(void)cpu;
	(void)data;
	lock();
	if (h && h->held) {
		hold_account(h);
		h->held = false;
		if (h->waiting) {
			h->waiting--;
			hold_begin(h);
		}
	}
	unlock();
}

/* All that take or give back a mutex; their first argument is the mutex */
static const struct {
	const char *name;
	qp_vcpu_cb cb;
} mutex_functions[] = {
	{ "mutex_lock", on_acquire },
	{ "mutex_lock_io", on_acquire },
	{ "mutex_lock_killable", on_acquire },
	{ "mutex_lock_interruptible", on_acquire },
	{ "mutex_trylock", on_try },
	{ "mutex_unlock", on_release },
};

static void find_rdi(unsigned int cpu, void *data)
{
	const struct glib_array *regs;
	struct qp_reg_descriptor r;
	unsigned int i;

	(void)cpu;
	(void)data;
	if (rdi)
		return;
	regs = qemu_plugin_get_registers();
	for (i = 0; i < regs->len; i++) {
		memcpy(&r, regs->data + i * sizeof(r), sizeof(r));
		if (!strcmp(r.name, "rdi"))
			rdi = r.handle;
	}
}

static void on_memory(unsigned int cpu, u32 info, u64 addr,
		      void *data)
{
	(void)data;
	lock();
	if (counting && (addr & KERNEL))
		cache_access(cache, cpu, addr,
			     1u << qemu_plugin_mem_size_shift(info),
			     qemu_plugin_mem_is_store(info));
	unlock();
}

static void on_discontinuity(unsigned int cpu,
			     enum qemu_plugin_discon_type type, u64 from,
			     u64 to, void *data)
{
	(void)cpu;
	(void)from;
	(void)to;
	(void)data;
	lock();
	if (counting && type == QEMU_PLUGIN_DISCON_INTERRUPT)
		irqs++;
	else if (counting)
		exceptions++;
	unlock();
}

static struct counts *outside_at(u64 addr)
{
	struct outside **p, *o;

	p = &outside[(addr ^ addr >> 12) % (sizeof(outside) / sizeof(*outside))];
	for (o = *p; o; o = o->next)
		if (o->addr == addr)
			return &o->c;
	o = calloc(1, sizeof(*o));
	if (!o)
		abort();
	o->addr = addr;
	o->next = *p;
	*p = o;
	return &o->c;
}

static void watch_mutexes(struct qemu_plugin_insn *insn, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mutex_functions); i++)
		if (!strcmp(mutex_functions[i].name, name))
			qemu_plugin_register_vcpu_insn_exec_cb(insn,
							       mutex_functions[i].cb,
							       QEMU_PLUGIN_CB_R_REGS,
							       NULL);
}

/* The part of a block that the instruction at @addr belongs to */
static struct part *part_of(struct block *b, u64 addr,
			    const struct symbol **cur)
{
	const struct symbol *s = symtab_find(symtab, addr);
	struct part *p;

	if (b->nr && s == *cur)
		return &b->parts[b->nr - 1];
	*cur = s;
	p = &b->parts[b->nr++];
	p->to = s ? &counts[symtab_index(symtab, s)] : outside_at(addr);
	if (!s)
		p->add.calls = 1;
	return p;
}

static void count_insn(struct block *b, struct qemu_plugin_insn *insn,
		       const struct symbol **cur)
{
	u64 addr = qemu_plugin_insn_vaddr(insn);
	u8 bytes[MAX_INSN] = {};
	unsigned int class;
	struct part *p;
	size_t len;

	len = qemu_plugin_insn_data(insn, bytes, sizeof(bytes));
	if (!(addr & KERNEL)) {
		int mark = insn_marker(bytes, len);

		if (mark == MARK_BEGIN || mark == MARK_END)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark,
							       QEMU_PLUGIN_CB_NO_REGS,
							       (void *)(uintptr_t)mark);
		b->user++;
		return;
	}
	class = insn_class(bytes, len);
	p = part_of(b, addr, cur);
	if (class & INSN_REP) {
		p->add.rep++;
		b->rep++;
	} else {
		p->add.insns++;
		b->insns++;
	}
	if (class & INSN_LOCK)
		p->add.locked++;
	if (class & INSN_INDIRECT)
		p->add.indirect++;
	if (*cur && (*cur)->addr == addr) {
		p->add.calls++;
		/* Aliases have their own beginnings */
		if (strstr((*cur)->name, "__x86_indirect_") &&
		    !(class & INSN_INDIRECT))
			p->add.indirect++;
		if (nr_holds)
			watch_mutexes(insn, (*cur)->name);
	}
	/* A locked instruction reads and writes: that is one access */
	if (cache)
		qemu_plugin_register_vcpu_mem_cb(insn, on_memory,
						 QEMU_PLUGIN_CB_NO_REGS,
						 class & INSN_LOCK ?
						 QEMU_PLUGIN_MEM_W :
						 QEMU_PLUGIN_MEM_RW, NULL);
}

static void on_translate(struct qemu_plugin_tb *tb, void *data)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);
	const struct symbol *cur = NULL;
	struct block *b;

	(void)data;
	lock();
	/* Never freed: code that runs may still point to it */
	b = calloc(1, sizeof(*b) + n * sizeof(b->parts[0]));
	if (!b)
		abort();
	for (i = 0; i < n; i++)
		count_insn(b, qemu_plugin_tb_get_insn(tb, i), &cur);
	unlock();
	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block,
					     QEMU_PLUGIN_CB_NO_REGS, b);
}

static int fail(const char *what)
{
	fprintf(stderr, "kcount: error: %s\n", what);
	return -1;
}

static int add_mutex(char *spec)
{
	struct hold *h = &holds[nr_holds];
	char *addr, *end;

	addr = strchr(spec, ':');
	if (nr_holds == MAX_HOLDS || !addr)
		return fail("mutex=NAME:ADDRESS, four at most");
	*addr++ = 0;
	h->name = spec;
	h->addr = strtoull(addr, &end, 16);
	if (!h->addr || *end)
		return fail("mutex=: no address");
	nr_holds++;
	return 0;
}

QPLUGIN_EXPORT int qemu_plugin_version = QPLUGIN_VERSION;

QPLUGIN_EXPORT int qemu_plugin_install(u64 id, const struct qemu_info_t *info,
				       int argc, char **argv)
{
	bool cached = false;
	char err[256];
	int i;

	if (!info->system_emulation || strcmp(info->target_name, "x86_64"))
		return fail("for whole x86-64 machines only");
	for (i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4))
			out = strdup(argv[i] + 4);
		else if (!strncmp(argv[i], "sym=", 4))
			symtab = symtab_load(argv[i] + 4, err, sizeof(err));
		else if (!strncmp(argv[i], "mutex=", 6) &&
			 add_mutex(strdup(argv[i] + 6)))
			return -1;
		else if (!strcmp(argv[i], "cache=on"))
			cached = true;
		else if (!strcmp(argv[i], "threads=on"))
			threads = true;
		else if (strncmp(argv[i], "mutex=", 6))
			return fail(argv[i]);
		if (!strncmp(argv[i], "sym=", 4) && !symtab)
			return fail(err);
	}
	if (!out || !symtab)
		return fail("out=FILE and sym=FILE are needed");
	counts = calloc(symtab_count(symtab) + 1, sizeof(*counts));
	if (cached)
		cache = cache_new(NULL, info->smp_vcpus);
	if (!counts || (cached && !cache))
		return fail("no memory");
	qemu_plugin_register_vcpu_init_cb(id, find_rdi, NULL);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate, NULL);
	qemu_plugin_register_vcpu_discon_cb(id, QEMU_PLUGIN_DISCON_INTERRUPT |
					    QEMU_PLUGIN_DISCON_EXCEPTION,
					    on_discontinuity, NULL);
	return 0;
}
