// SPDX-License-Identifier: GPL-2.0
/*
 * Data caches: tags by CPU, set and way, the most recent first, and beside them
 * the directory, a hash table of lines that grows up to a limit.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cache.h"

#define LINE_MIN	16
#define LINE_MAX	256
#define WAYS_MAX	64
#define ROOM_MIN	2048
#define ROOM_MAX	BIT(26)
#define CPU_NONE	0xff

/*
 * One level of all CPUs
 * @tag: cpus * sets * ways addresses of lines, each plus 1: 0 is an empty way
 * @sets: sets of one CPU, a power of 2
 * @ways: tags of one set
 */
struct level {
	u64 *tag;
	u32 sets;
	u32 ways;
};

/*
 * A line of the directory
 * @s: what cache_each_line() tells
 * @since: CPUs that accessed it since it was last written, the writer included
 * @window: the window that it was last accessed in, times 2, plus 1 if written
 * @last: the last access
 * @before: the last access of a CPU that is not that of @last, or CPU_NONE
 * @wrote: the last write, or CPU_NONE
 */
struct line {
	struct cache_shared s;
	u64 since;
	u64 window;
	struct cache_piece last;
	struct cache_piece before;
	struct cache_piece wrote;
};

/*
 * @l1: of all CPUs
 * @l2: of all CPUs
 * @cpus: their number
 * @shift: log2 of a line's bytes
 * @line: the directory, in order of the first access
 * @lines: how many there are
 * @max_lines: how many there may be
 * @room: how many @line has memory for, a power of 2
 * @slot: hash table of 2 * @room indices of @line, each plus 1: 0 is empty
 * @hash_shift: makes a place in @slot of a hash
 * @window: number of the present one, from 1
 * @total: what was counted
 */
struct cache_model {
	struct level l1;
	struct level l2;
	unsigned int cpus;
	unsigned int shift;
	struct line *line;
	u32 lines;
	u32 max_lines;
	u32 room;
	u32 *slot;
	unsigned int hash_shift;
	u64 window;
	struct cache_totals total;
};

static u64 *level_set(const struct level *l, unsigned int cpu, u64 number)
{
	u64 set = (u64)cpu * l->sets + (number & (l->sets - 1));

	return l->tag + set * l->ways;
}

/* Makes the line the most recent of its set; returns whether it was there */
static bool level_hit(struct level *l, unsigned int cpu, u64 number, u64 addr)
{
	u64 *set = level_set(l, cpu, number), tag = addr + 1;
	unsigned int i;

	for (i = 0; i < l->ways && set[i] != tag; i++)
		;
	memmove(set + 1, set, min(i, l->ways - 1) * sizeof(*set));
	set[0] = tag;
	return i < l->ways;
}

static void level_drop(struct level *l, unsigned int cpu, u64 number, u64 addr)
{
	u64 *set = level_set(l, cpu, number), tag = addr + 1;
	unsigned int i;

	for (i = 0; i < l->ways && set[i] != tag; i++)
		;
	if (i == l->ways)
		return;
	memmove(set + i, set + i + 1, (l->ways - 1 - i) * sizeof(*set));
	set[l->ways - 1] = 0;
}

/* The place of a line in the hash table: its index, or where to put that */
static u32 *dir_slot(const struct cache_model *m, u64 addr)
{
	u64 hash = (addr >> m->shift) * 0x9e3779b97f4a7c15ULL;
	u32 i = hash >> m->hash_shift;

	/* No more than half of them are used: the search ends */
	while (m->slot[i] && m->line[m->slot[i] - 1].s.addr != addr)
		i = (i + 1) & (2 * m->room - 1);
	return &m->slot[i];
}

static bool dir_grow(struct cache_model *m)
{
	u32 room = m->room ? 2 * m->room : ROOM_MIN;
	struct line *line;
	u32 *slot, i;

	line = realloc(m->line, room * sizeof(*line));
	if (!line)
		return false;
	m->line = line;
	slot = calloc(2 * (size_t)room, sizeof(*slot));
	if (!slot)
		return false;
	free(m->slot);
	m->slot = slot;
	m->room = room;
	m->hash_shift = __builtin_clz(room) + 32;
	for (i = 0; i < m->lines; i++)
		*dir_slot(m, m->line[i].s.addr) = i + 1;
	return true;
}

/* The line in the directory, which is added; NULL when there is no room */
static struct line *dir_get(struct cache_model *m, u64 addr)
{
	static const struct cache_piece nobody = { .cpu = CPU_NONE };
	u32 *slot = dir_slot(m, addr);
	struct line *l;

	if (*slot)
		return &m->line[*slot - 1];
	if (m->lines == m->max_lines)
		return NULL;
	if (m->lines == m->room) {
		if (!dir_grow(m)) {
			m->max_lines = m->lines;
			return NULL;
		}
		slot = dir_slot(m, addr);
	}
	l = &m->line[m->lines++];
	*slot = m->lines;
	*l = (struct line){
		.s.addr = addr,
		.last = nobody,
		.before = nobody,
		.wrote = nobody,
	};
	return l;
}

/* Takes a line into the window, whose counts begin when it is first accessed */
static void in_window(struct cache_model *m, struct line *l, bool write)
{
	if (l->window >> 1 != m->window) {
		l->window = m->window << 1;
		l->s.transfers = 0;
		l->s.overlaps = 0;
		m->total.lines++;
	}
	if (write && !(l->window & 1)) {
		l->window |= 1;
		m->total.lines_written++;
	}
}

/* An access in the directory; returns whether it is a transfer */
static bool dir_access(struct line *l, const struct cache_piece *p, bool write)
{
	const struct cache_piece *other = NULL;
	u64 me = BIT_ULL(p->cpu);

	if (!(l->since & me) && l->wrote.cpu != CPU_NONE)
		other = &l->wrote;
	else if (write && l->since & ~me)
		other = l->last.cpu == p->cpu ? &l->before : &l->last;
	if (other) {
		l->s.transfers++;
		if (p->from <= other->to && other->from <= p->to)
			l->s.overlaps++;
		l->s.mine = *p;
		l->s.other = *other;
	}
	if (l->last.cpu != p->cpu)
		l->before = l->last;
	l->last = *p;
	l->since |= me;
	if (write) {
		l->since = me;
		l->wrote = *p;
	}
	return other;
}

/* The part of an access that is in the line at @addr */
static unsigned int access_line(struct cache_model *m, u64 addr,
				const struct cache_piece *p, bool write)
{
	u64 number = addr >> m->shift, drop;
	struct line *l = dir_get(m, addr);
	unsigned int cpu, result = 0;

	m->total.accesses++;
	/* Who has a line that the directory does not have? Maybe all */
	drop = l ? l->since : ~0ULL >> (64 - m->cpus);
	if (!l) {
		m->total.untracked++;
	} else {
		in_window(m, l, write);
		if (dir_access(l, p, write)) {
			m->total.transfers++;
			result += CACHE_TRANSFER & -CACHE_TRANSFER;
		}
	}
	drop = write ? drop & ~BIT_ULL(p->cpu) : 0;
	for (; drop; drop &= drop - 1) {
		cpu = __builtin_ctzll(drop);
		level_drop(&m->l1, cpu, number, addr);
		level_drop(&m->l2, cpu, number, addr);
	}
	if (level_hit(&m->l1, p->cpu, number, addr))
		return result;
	m->total.l1_miss++;
	result += CACHE_L1_MISS & -CACHE_L1_MISS;
	if (level_hit(&m->l2, p->cpu, number, addr))
		return result;
	m->total.l2_miss++;
	return result + (CACHE_L2_MISS & -CACHE_L2_MISS);
}

unsigned int cache_access(struct cache_model *m, unsigned int cpu, u64 addr,
			  unsigned int size, bool write)
{
	unsigned int line = 1U << m->shift, result = 0, off, n;
	struct cache_piece p = { .cpu = cpu };

	if (cpu >= m->cpus)
		return 0;
	size = min(size, CACHE_BYTES_MAX);
	while (size) {
		off = addr & (line - 1);
		n = min(size, line - off);
		p.from = off;
		p.to = off + n - 1;
		result += access_line(m, addr - off, &p, write);
		addr += n;
		size -= n;
	}
	return result;
}

static int level_init(struct level *l, u32 size, u32 ways, u32 line,
		      unsigned int cpus)
{
	if (ways > WAYS_MAX || size % (ways * line) ||
	    !is_pow2(size / (ways * line)))
		return -EINVAL;
	l->ways = ways;
	l->sets = size / (ways * line);
	l->tag = calloc((size_t)cpus * l->sets * ways, sizeof(*l->tag));
	return l->tag ? 0 : -ENOMEM;
}

static int model_init(struct cache_model *m, const struct cache_config *c)
{
	u32 line = c->line ?: 64;
	int err;

	if (!is_pow2(line) || line < LINE_MIN || line > LINE_MAX)
		return -EINVAL;
	m->shift = __builtin_ctz(line);
	m->window = 1;
	m->max_lines = c->max_lines ?: 1 << 20;
	if (m->max_lines > ROOM_MAX)
		return -EINVAL;
	err = level_init(&m->l1, c->l1_size ?: 32 << 10, c->l1_ways ?: 8, line,
			 m->cpus);
	if (!err)
		err = level_init(&m->l2, c->l2_size ?: 1 << 20,
				 c->l2_ways ?: 16, line, m->cpus);
	if (!err && !dir_grow(m))
		err = -ENOMEM;
	return err;
}

struct cache_model *cache_new(const struct cache_config *c, unsigned int cpus)
{
	static const struct cache_config defaults;
	struct cache_model *m;
	int err;

	if (!cpus || cpus > CACHE_CPUS_MAX) {
		errno = EINVAL;
		return NULL;
	}
	m = calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	m->cpus = cpus;
	err = model_init(m, c ?: &defaults);
	if (err) {
		cache_free(m);
		errno = -err;
		return NULL;
	}
	return m;
}

void cache_free(struct cache_model *m)
{
	if (!m)
		return;
	free(m->l1.tag);
	free(m->l2.tag);
	free(m->line);
	free(m->slot);
	free(m);
}

void cache_mark(struct cache_model *m)
{
	m->window++;
	m->total.lines = 0;
	m->total.lines_written = 0;
}

const struct cache_totals *cache_totals(const struct cache_model *m)
{
	return &m->total;
}

static int most_first(const void *a, const void *b)
{
	const struct cache_shared *x = *(const struct cache_shared **)a;
	const struct cache_shared *y = *(const struct cache_shared **)b;

	if (x->transfers != y->transfers)
		return x->transfers > y->transfers ? -1 : 1;
	return x->addr < y->addr ? -1 : 1;
}

int cache_each_line(const struct cache_model *m,
		    int (*fn)(const struct cache_shared *s, void *arg),
		    void *arg)
{
	const struct cache_shared **list;
	const struct line *l;
	size_t n = 0, i;
	int rc = 0;

	list = calloc(m->lines + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (l = m->line; l < m->line + m->lines; l++)
		if (l->window >> 1 == m->window && l->s.transfers)
			list[n++] = &l->s;
	qsort(list, n, sizeof(*list), most_first);
	for (i = 0; i < n && !rc; i++)
		rc = fn(list[i], arg);
	free(list);
	return rc;
}
