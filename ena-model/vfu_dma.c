// SPDX-License-Identifier: GPL-2.0
/*
 * Guest memory that the vfio-user client grants and revokes.
 *
 * Owns: the mappings, and the entries of struct mem that point to them.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <linux/vfio.h>

#include "vfu_priv.h"

/*
 * A mapping that reaches over the end of its file would kill the process at
 * the first access. Only regular files have an end that fstat() tells: shared
 * memory, memfds and huge pages are such. A client that truncates the file
 * afterwards kills the process; the guest cannot. An odd offset and no size are
 * refused by mmap() and mem_add().
 */
static int dma_mmap(struct mem_region *r, int fd, u64 off)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || off > (u64)st.st_size ||
	    r->size > (u64)st.st_size - off)
		return -EINVAL;
	p = mmap(NULL, r->size, PROT_READ | (r->writable ? PROT_WRITE : 0),
		 MAP_SHARED, fd, off);
	if (p == MAP_FAILED)
		return -errno;
	r->ptr = p;
	return 0;
}

static void dma_munmap(const struct mem_region *r)
{
	if (r->ptr)
		munmap(r->ptr, r->size);
}

int vfu_dma_map(struct vfu *v, struct vfu_msg *m)
{
	struct mem_region r = {};
	struct vfu_dma_map d;
	int rc;

	memcpy(&d, m->data, sizeof(d));
	/* Memory that can be written but not read: struct mem has no such */
	if (d.argsz < sizeof(d) || !(d.flags & VFIO_DMA_MAP_FLAG_READ) ||
	    d.flags & ~(VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE) ||
	    m->fds->n > 1)
		return -EINVAL;
	r.iova = d.iova;
	r.size = d.size;
	r.writable = d.flags & VFIO_DMA_MAP_FLAG_WRITE;
	if (m->fds->n) {
		rc = dma_mmap(&r, m->fds->fd[0], d.offset);
		if (rc)
			return rc;
	}
	rc = mem_add(v->mem, &r);
	if (rc) {
		dma_munmap(&r);
		return rc;
	}
	if (v->ops->map)
		v->ops->map(v->ctx, &r, true);
	return 0;
}

static void dma_del(struct vfu *v, struct mem_region r, bool tell)
{
	if (tell && v->ops->map)
		v->ops->map(v->ctx, &r, false);
	if (!mem_del(v->mem, r.iova, r.size, &r))
		dma_munmap(&r);
}

void vfu_dma_drop(struct vfu *v, bool tell)
{
	while (v->mem->n)
		dma_del(v, v->mem->region[v->mem->n - 1], tell);
}

int vfu_dma_unmap(struct vfu *v, struct vfu_msg *m)
{
	struct vfio_iommu_type1_dma_unmap d;
	unsigned int i;

	memcpy(&d, m->data, sizeof(d));
	if (d.argsz < sizeof(d))
		return -EINVAL;
	/* The reply repeats the request */
	memcpy(v->out, &d, sizeof(d));
	if (d.flags == VFIO_DMA_UNMAP_FLAG_ALL && !d.iova && !d.size) {
		vfu_dma_drop(v, true);
		return sizeof(d);
	}
	if (d.flags)
		return -EINVAL;
	for (i = 0; i < v->mem->n; i++) {
		if (v->mem->region[i].iova != d.iova ||
		    v->mem->region[i].size != d.size)
			continue;
		dma_del(v, v->mem->region[i], true);
		return sizeof(d);
	}
	return -ENOENT;
}
