/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A model of data caches, to count with: which accesses a small cache would
 * miss, and which make a line travel from one CPU to another.
 *
 * Each CPU has an L1 and an L2, set associative, the least recently used line
 * of a set goes first. An access that misses L1 asks L2 and fills both; an L1
 * hit is not seen by L2, and what leaves one stays in the other (neither
 * inclusive nor exclusive). A write takes the line from the caches of all other
 * CPUs.
 *
 * Beside them is a directory of all lines that were ever accessed: which CPU
 * wrote a line last, and which CPUs have it since. It knows no capacity: a line
 * that was evicted counts as held. A transfer is thus communication between
 * CPUs and does not depend on the size of caches.
 *
 * It is a model: no prefetch, no instructions, no page walks, no timing, no
 * third level. Addresses are what the caller says, virtual or physical; equal
 * accesses in equal order give equal numbers. It does not lock: the caller
 * makes one call at a time.
 *
 * Owns: the tags of the caches and the directory. Both are bounded.
 */
#ifndef PODPATH_CACHE_H
#define PODPATH_CACHE_H

#include "../../ena-model/types.h"

#define CACHE_CPUS_MAX	64
/* An access has no more bytes; what lies behind them is not counted */
#define CACHE_BYTES_MAX	2048U

/*
 * What cache_access() returns: three counts of lines in one word. A mask tells
 * whether there is any, cache_count() how many. A transfer is one of
 *  - a read or write of a line that another CPU wrote last, the first since;
 *  - a write that invalidates the line of CPUs that have it since.
 */
#define CACHE_L1_MISS	0x0000ffU
#define CACHE_L2_MISS	0x00ff00U
#define CACHE_TRANSFER	0xff0000U

static inline unsigned int cache_count(unsigned int result, unsigned int mask)
{
	return (result & mask) / (mask & -mask);
}

/**
 * struct cache_config - sizes; 0 stands for the default
 * @line: bytes of a line, a power of 2 from 16 to 256; 64
 * @l1_size: bytes of each L1; 32 KiB
 * @l1_ways: lines of a set, up to 64; 8
 * @l2_size: bytes of each L2; 1 MiB
 * @l2_ways: lines of a set, up to 64; 16
 * @max_lines: lines that the directory holds, up to 1 << 26; 1 << 20. Each
 *	needs 72 bytes
 *
 * The number of sets, size / ways / line, has to be a power of 2.
 */
struct cache_config {
	u32 line;
	u32 l1_size;
	u32 l1_ways;
	u32 l2_size;
	u32 l2_ways;
	u32 max_lines;
};

/**
 * struct cache_totals - what was counted; an access of two lines counts twice
 * @accesses: lines accessed
 * @l1_miss: of these, not in L1
 * @l2_miss: of these, not in L2 either
 * @transfers: of @accesses, see CACHE_TRANSFER; hits of L1 may be among them
 * @untracked: of @accesses, to lines that the directory had no room for: those
 *	have no transfers and are not in @lines, misses are counted
 * @lines: different lines that were accessed since cache_mark()
 * @lines_written: of these, written since cache_mark()
 *
 * All but the last two are since cache_new(), which does a cache_mark(), too.
 */
struct cache_totals {
	u64 accesses;
	u64 l1_miss;
	u64 l2_miss;
	u64 transfers;
	u64 untracked;
	u64 lines;
	u64 lines_written;
};

/**
 * struct cache_piece - the bytes of a line that an access used
 * @cpu: who
 * @from: offset of the first byte in the line
 * @to: offset of the last byte in the line
 */
struct cache_piece {
	u8 cpu;
	u8 from;
	u8 to;
};

/**
 * struct cache_shared - a line with transfers since cache_mark()
 * @addr: its first byte
 * @transfers: their number, at least 1
 * @overlaps: of these, where @mine and @other had a byte in common (true
 *	sharing); the rest used different bytes of the line (false sharing)
 * @mine: the access that made the last transfer
 * @other: the access that it is because of: the last write, where another CPU
 *	wrote the line since @mine.cpu had it; else, @mine being a write, the
 *	last access of another CPU
 */
struct cache_shared {
	u64 addr;
	u64 transfers;
	u64 overlaps;
	struct cache_piece mine;
	struct cache_piece other;
};

struct cache_model;

/**
 * cache_new() - caches that are empty
 * @c: their sizes; NULL for all defaults
 * @cpus: number of CPUs, 1 to CACHE_CPUS_MAX
 *
 * Return: the model, for cache_free(), or NULL with errno EINVAL or ENOMEM.
 */
struct cache_model *cache_new(const struct cache_config *c, unsigned int cpus);

/**
 * cache_free() - free a model
 * @m: the model; may be NULL
 */
void cache_free(struct cache_model *m);

/**
 * cache_access() - a CPU reads or writes memory
 * @m: the model
 * @cpu: which CPU, from 0; the access of one that is not there is ignored
 * @addr: address of the first byte
 * @size: bytes; with 0 nothing is accessed
 * @write: a write, or a read and write in one
 *
 * Never fails: where there is no memory for the directory to grow, lines that
 * it does not have yet are untracked from then on.
 *
 * Return: misses and transfers of this access, see CACHE_L1_MISS.
 */
unsigned int cache_access(struct cache_model *m, unsigned int cpu, u64 addr,
			  unsigned int size, bool write);

/**
 * cache_mark() - begin a new window
 * @m: the model
 *
 * No line was accessed in it yet and none has transfers. The caches, who has
 * which line, and the other counts stay.
 */
void cache_mark(struct cache_model *m);

/* What was counted up to now; valid as long as the model */
const struct cache_totals *cache_totals(const struct cache_model *m);

/**
 * cache_each_line() - the lines with transfers since cache_mark()
 * @m: the model; @fn does not call it
 * @fn: called for each, most transfers first, then in the order of addresses;
 *	what it gets is valid for the call. Not 0: no more lines
 * @arg: for @fn
 *
 * Return: 0, what @fn returned, or -ENOMEM.
 */
int cache_each_line(const struct cache_model *m,
		    int (*fn)(const struct cache_shared *s, void *arg),
		    void *arg);

#endif /* PODPATH_CACHE_H */
