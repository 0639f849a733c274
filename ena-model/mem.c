// SPDX-License-Identifier: GPL-2.0
/* Guest memory by DMA address: a sorted table, and the entry used last. */
#include <errno.h>
#include <string.h>

#include "mem.h"

/* Index of the first range that ends behind the address */
static unsigned int mem_find(const struct mem *m, u64 iova)
{
	unsigned int lo = 0, hi = m->n, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (m->region[mid].iova + (m->region[mid].size - 1) < iova)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int mem_add(struct mem *m, const struct mem_region *r)
{
	unsigned int i;

	if (!r->size || r->iova + (r->size - 1) < r->iova)
		return -EINVAL;
	i = mem_find(m, r->iova);
	if (i < m->n && m->region[i].iova <= r->iova + (r->size - 1))
		return -EEXIST;
	if (m->n == MEM_REGIONS_MAX)
		return -ENOSPC;
	memmove(&m->region[i + 1], &m->region[i],
		(m->n - i) * sizeof(m->region[0]));
	m->region[i] = *r;
	m->n++;
	m->gen++;
	return 0;
}

int mem_del(struct mem *m, u64 iova, u64 size, struct mem_region *old)
{
	unsigned int i = mem_find(m, iova);

	if (i == m->n || m->region[i].iova != iova || m->region[i].size != size)
		return -ENOENT;
	*old = m->region[i];
	m->n--;
	memmove(&m->region[i], &m->region[i + 1],
		(m->n - i) * sizeof(m->region[0]));
	m->hit = 0;
	m->gen++;
	return 0;
}

void *mem_chunk(struct mem *m, u64 iova, u64 *len, bool write)
{
	struct mem_region *r = &m->region[m->hit];
	u64 off;

	if (m->hit >= m->n || iova < r->iova || iova - r->iova >= r->size) {
		m->hit = mem_find(m, iova);
		r = &m->region[m->hit];
		if (m->hit >= m->n || iova < r->iova) {
			m->hit = 0;
			goto fault;
		}
	}
	if (!r->ptr || (write && !r->writable))
		goto fault;
	off = iova - r->iova;
	*len = min(*len, r->size - off);
	return r->ptr + off;
fault:
	m->faults++;
	m->fault_iova = iova;
	return NULL;
}

void *mem_ptr(struct mem *m, u64 iova, u64 len, bool write)
{
	u64 got = len;
	void *p;

	p = mem_chunk(m, iova, &got, write);
	if (p && got == len)
		return p;
	if (p) {
		m->faults++;
		m->fault_iova = iova + got;
	}
	return NULL;
}

int mem_read(struct mem *m, u64 iova, void *dst, u64 len)
{
	u64 got;
	void *p;

	if (iova + len < iova)
		return -EFAULT;
	while (len) {
		got = len;
		p = mem_chunk(m, iova, &got, false);
		if (!p)
			return -EFAULT;
		memcpy(dst, p, got);
		dst = (u8 *)dst + got;
		iova += got;
		len -= got;
	}
	return 0;
}

int mem_write(struct mem *m, u64 iova, const void *src, u64 len)
{
	u64 got;
	void *p;

	if (iova + len < iova)
		return -EFAULT;
	while (len) {
		got = len;
		p = mem_chunk(m, iova, &got, true);
		if (!p)
			return -EFAULT;
		memcpy(p, src, got);
		src = (const u8 *)src + got;
		iova += got;
		len -= got;
	}
	return 0;
}
