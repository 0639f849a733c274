/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest memory as a device sees it: ranges of DMA addresses that were granted,
 * and where they are mapped here.
 *
 * Owns: the table of ranges and the check of every guest address. It does not
 * own the mappings: who adds a range unmaps it after mem_del(). The transport
 * fills it from DMA_MAP messages, tests and fuzzers with plain buffers.
 *
 * An address is valid only for the call that it was given to: the guest may
 * revoke a range between two messages, so no caller keeps a pointer.
 */
#ifndef PODPATH_MEM_H
#define PODPATH_MEM_H

#include "types.h"

#define MEM_REGIONS_MAX	1024

/**
 * struct mem_region - a granted range of DMA addresses
 * @iova: first DMA address
 * @size: bytes, not zero; @iova + @size does not wrap
 * @ptr: where it is mapped here; NULL when it cannot be reached from here
 * @writable: the device may write to it
 */
struct mem_region {
	u64 iova;
	u64 size;
	u8 *ptr;
	bool writable;
};

/**
 * struct mem - the ranges of one device
 * @region: ranges in ascending order, none overlaps another
 * @n: how many of @region are in use
 * @hit: index of the range that was used last
 * @gen: changes with every mem_add() and mem_del()
 * @faults: accesses refused because no range granted them
 * @fault_iova: the address of the last one
 */
struct mem {
	struct mem_region region[MEM_REGIONS_MAX];
	unsigned int n;
	unsigned int hit;
	u64 gen;
	u64 faults;
	u64 fault_iova;
};

/**
 * mem_add() - grant a range
 * @m: the ranges
 * @r: the range to add; copied
 *
 * Return: 0, -EINVAL for a size of 0 or a range that wraps, -EEXIST when it
 * overlaps another, -ENOSPC when there are too many.
 */
int mem_add(struct mem *m, const struct mem_region *r);

/**
 * mem_del() - revoke the range that begins at @iova and has @size bytes
 * @m: the ranges
 * @iova: first address, exactly as it was added
 * @size: bytes, exactly as it was added
 * @old: the range that went; the caller unmaps @old->ptr
 *
 * Return: 0, or -ENOENT when there is no such range.
 */
int mem_del(struct mem *m, u64 iova, u64 size, struct mem_region *old);

/**
 * mem_chunk() - the longest piece of guest memory at an address
 * @m: the ranges
 * @iova: DMA address
 * @len: in: bytes wanted, out: bytes that are contiguous at the pointer
 * @write: the device wants to write
 *
 * Return: where the first byte is mapped, or NULL (and one fault counted) when
 * the address was not granted. Never more than up to the end of the range.
 */
void *mem_chunk(struct mem *m, u64 iova, u64 *len, bool write);

/**
 * mem_ptr() - guest memory that lies in one range
 * @m: the ranges
 * @iova: DMA address
 * @len: bytes
 * @write: the device wants to write
 *
 * For rings and answers: the driver allocates each in one piece.
 *
 * Return: where it is mapped, or NULL (and one fault counted).
 */
void *mem_ptr(struct mem *m, u64 iova, u64 len, bool write);

/**
 * mem_read() - copy from guest memory, over the borders of ranges
 * @m: the ranges
 * @iova: DMA address
 * @dst: @len bytes
 * @len: bytes
 *
 * Return: 0, or -EFAULT when a byte was not granted; then @dst is undefined.
 */
int mem_read(struct mem *m, u64 iova, void *dst, u64 len);

/**
 * mem_write() - copy to guest memory, over the borders of ranges
 * @m: the ranges
 * @iova: DMA address
 * @src: @len bytes
 * @len: bytes
 *
 * Return: 0, or -EFAULT when a byte was not granted; what comes before that
 * byte may have been written.
 */
int mem_write(struct mem *m, u64 iova, const void *src, u64 len);

#endif /* PODPATH_MEM_H */
