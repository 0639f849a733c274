// SPDX-License-Identifier: GPL-2.0
/*
 * Guest memory, as the device may use it: with bus master, and inside what the
 * guest has granted. What is refused is counted and traced: that is how a
 * driver is caught that frees memory which the device still owns.
 */
#include <errno.h>

#include "ena.h"

void ena_dma_fault(struct ena_dev *d, u64 addr, u64 len, const char *what)
{
	if (!d->bus_master)
		d->count.dma_disabled++;
	d->count.dma_fault++;
	trace(d, "dma-fault what=%s addr=0x%llx len=%llu%s", what, addr, len,
	      d->bus_master ? "" : " bus-master=off");
}

void *ena_dma(struct ena_dev *d, u64 addr, u64 len, bool write,
	      const char *what)
{
	void *p = NULL;

	if (likely(d->bus_master))
		p = mem_ptr(d->mem, addr, len, write);
	if (likely(p && !((uintptr_t)p & 7)))
		return p;
	ena_dma_fault(d, addr, len, what);
	return NULL;
}

int ena_dma_read(struct ena_dev *d, u64 addr, void *dst, u64 len,
		 const char *what)
{
	if (d->bus_master && !mem_read(d->mem, addr, dst, len))
		return 0;
	ena_dma_fault(d, addr, len, what);
	return -EFAULT;
}

int ena_dma_write(struct ena_dev *d, u64 addr, const void *src, u64 len,
		  const char *what)
{
	if (d->bus_master && !mem_write(d->mem, addr, src, len))
		return 0;
	ena_dma_fault(d, addr, len, what);
	return -EFAULT;
}

void ena_not_shared(struct ena_dev *d)
{
	if (d->not_shared || !d->env.warn)
		return;
	d->not_shared = true;
	d->env.warn(d->env.ctx,
		    "the guest's memory is not what was granted: QEMU needs share=on");
}
