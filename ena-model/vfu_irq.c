// SPDX-License-Identifier: GPL-2.0
/*
 * MSI-X vectors of the vfio-user server: one eventfd each.
 *
 * Owns: the eventfds that the client sends. Masks and pending bits are the
 * client's.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "vfu_priv.h"

#define IRQ_DISABLE	(VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER)
#define IRQ_EVENTFD	(VFIO_IRQ_SET_DATA_EVENTFD | \
			 VFIO_IRQ_SET_ACTION_TRIGGER)

static void irq_put(struct vfu *v, unsigned int i, int fd)
{
	if (v->irq[i] >= 0)
		close(v->irq[i]);
	v->irq[i] = fd;
}

void vfu_irq_drop(struct vfu *v)
{
	unsigned int i;

	for (i = 0; i < VFU_VECTORS_MAX; i++)
		irq_put(v, i, -1);
}

/* A write to anything else may block, or do what nobody expects */
static bool is_eventfd(int fd)
{
	static const char want[] = "anon_inode:[eventfd]";
	char path[32], got[sizeof(want)];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, got, sizeof(got));
	return n == sizeof(want) - 1 && !memcmp(got, want, n);
}

/*
 * With NORESIZE not set the client wires vectors one at a time, and once more
 * with a new duplicate whenever the guest unmasks one.
 */
int vfu_set_irqs(struct vfu *v, struct vfu_msg *m)
{
	struct vfio_irq_set s;
	u32 i;

	memcpy(&s, m->data, sizeof(s));
	if (s.argsz < sizeof(s) || s.index != VFIO_PCI_MSIX_IRQ_INDEX ||
	    s.start >= v->desc.vectors || s.count > v->desc.vectors - s.start)
		return -EINVAL;
	if (s.flags == IRQ_DISABLE && !s.count) {
		vfu_irq_drop(v);
		return 0;
	}
	if (s.flags != IRQ_EVENTFD || !s.count)
		return -EINVAL;
	if (m->fds->n && m->fds->n != s.count)
		return -EINVAL;
	for (i = 0; i < m->fds->n; i++)
		if (!is_eventfd(m->fds->fd[i]))
			return -EINVAL;
	for (i = 0; i < s.count; i++)
		irq_put(v, s.start + i, m->fds->n ? m->fds->fd[i] : -1);
	m->fds->n = 0;
	return 0;
}

int vfu_irq_info(struct vfu *v, struct vfu_msg *m)
{
	struct vfio_irq_info info;

	memcpy(&info, m->data, sizeof(info));
	if (info.argsz < sizeof(info) || info.index >= VFIO_PCI_NUM_IRQS)
		return -EINVAL;
	info.argsz = sizeof(info);
	info.flags = 0;
	info.count = 0;
	if (info.index == VFIO_PCI_MSIX_IRQ_INDEX) {
		info.flags = VFIO_IRQ_INFO_EVENTFD;
		info.count = v->desc.vectors;
	}
	memcpy(v->out, &info, sizeof(info));
	return sizeof(info);
}

/*
 * Whether a write blocks is a flag of the file that the client shares, so it
 * is neither set nor trusted here: poll() tells whether the counter is full.
 * Full means raised. A client could still fill it between the two calls; the
 * thread that it stops then serves nobody but that client.
 */
bool vfu_irq(struct vfu *v, unsigned int vector)
{
	struct pollfd p = { .events = POLLOUT };
	const u64 one = 1;

	if (vector >= v->desc.vectors || v->irq[vector] < 0)
		return false;
	p.fd = v->irq[vector];
	if (!poll(&p, 1, 0))
		return true;
	return write(p.fd, &one, sizeof(one)) == sizeof(one);
}
