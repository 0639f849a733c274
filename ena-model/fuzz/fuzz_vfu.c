// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target of the vfio-user server.
 *
 * The first byte of the input chooses: bit 0 through a socket, else straight
 * into the parser; bit 1 the input says VERSION itself. Records follow, each
 * what one receive call brings: a byte that says which descriptors come with
 * it, two bytes of length, and that many bytes. After all records no
 * descriptor and no mapping may be left.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../vfu_priv.h"

#define RAM	(16 * 4096)

enum { FILES = 4 };

static struct vfu *v;
static struct mem mem;
static int file[FILES];
static int peer = -1;

static void touch(void)
{
	unsigned int i;
	u64 len;
	u8 *p;

	/* Whatever was granted can be reached, to its last byte */
	for (i = 0; i < mem.n; i++) {
		len = 1;
		p = mem_chunk(&mem, mem.region[i].iova + mem.region[i].size - 1,
			      &len, mem.region[i].writable);
		if (p && mem.region[i].writable)
			__atomic_store_n(p, 1, __ATOMIC_RELAXED);
		else if (p)
			__atomic_load_n(p, __ATOMIC_RELAXED);
	}
}

static u64 dev_read(void *ctx, unsigned int bar, u64 off, unsigned int size)
{
	(void)ctx;
	if (bar >= VFU_BARS || off + size > v->desc.bar[bar].size ||
	    off % size)
		abort();
	return off;
}

static void dev_write(void *ctx, unsigned int bar, u64 off, unsigned int size,
		      u64 val)
{
	dev_read(ctx, bar, off, size);
	vfu_irq(v, val);
	touch();
	if (val == 0xdead)
		vfu_close(v);
}

static void dev_reset(void *ctx)
{
	(void)ctx;
	if (vfu_bus_master(v))
		abort();
}

static void dev_map(void *ctx, const struct mem_region *r, bool add)
{
	(void)ctx;
	if (!r->size || (add && mem.n > MEM_REGIONS_MAX))
		abort();
	touch();
}

static void dev_gone(void *ctx)
{
	(void)ctx;
	if (mem.n)
		abort();
}

static const struct vfu_ops ops = {
	dev_read, dev_write, dev_reset, dev_map, dev_gone
};

static void setup(void)
{
	static const struct vfu_desc desc = {
		.vendor = 1, .device = 2, .class = 0x020000,
		.bar = {
			{ .size = 0x4000, .fd = -1 },
			{ .size = 0x1000, .fd = -1 },
			{ .size = 0x10000, .fd = 0, .is64 = true },
		},
		.vectors = 20, .msix_bar = 1, .msix_pba = 0x800,
	};

	v = vfu_new(&desc, &ops, NULL, &mem);
	file[0] = memfd_create("fuzz", MFD_CLOEXEC);
	file[1] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	file[2] = eventfd(0, EFD_CLOEXEC);
	file[3] = memfd_create("short", MFD_CLOEXEC);
	if (!v || ftruncate(file[0], RAM) || ftruncate(file[3], 4097))
		abort();
	v->desc.bar[2].fd = file[0];
	/* A client that reads nothing is dropped at once */
	v->patience = 0;
}

static void feed(const u8 *p, size_t n, const struct vfu_fds *fds)
{
	union {
		char buf[CMSG_SPACE(VFU_FDS * sizeof(int))];
		struct cmsghdr h;
	} c = {};
	struct iovec iov = { (void *)p, n };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	static u8 sink[VFU_BUF];
	struct vfu_fds own = {};
	size_t len;

	if (peer < 0) {
		n = min(n, VFU_BUF - v->len);
		memcpy(v->in + v->len, p, n);
		for (; own.n < fds->n; own.n++)
			own.fd[own.n] = dup(fds->fd[own.n]);
		/* What vfu_ready() does, but for the socket */
		if (vfu_input(v, n, &own) < 0)
			vfu_close(v);
		return;
	}
	if (fds->n) {
		len = fds->n * sizeof(int);
		mh.msg_control = &c;
		mh.msg_controllen = CMSG_SPACE(len);
		c.h.cmsg_level = SOL_SOCKET;
		c.h.cmsg_type = SCM_RIGHTS;
		c.h.cmsg_len = CMSG_LEN(len);
		memcpy(CMSG_DATA(&c.h), fds->fd, len);
	}
	if (sendmsg(peer, &mh, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;
	vfu_ready(v);
	while (recv(peer, sink, sizeof(sink), MSG_DONTWAIT) > 0)
		;
}

int fuzz_one(const u8 *data, size_t size) __asm__("LLVMFuzzerTestOneInput");

int fuzz_one(const u8 *data, size_t size)
{
	const struct vfu_hdr hello = { 1, VFU_VERSION, 20, VFU_NO_REPLY, 0 };
	struct vfu_fds fds, none = {};
	u8 first[20] = {};
	int sv[2], spare;
	size_t n, i;
	u8 how;

	if (!v)
		setup();
	if (size < 1)
		return 0;
	how = *data++;
	size--;
	spare = dup(0);
	close(spare);
	if (how & 1) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv))
			abort();
		peer = sv[1];
		vfu_attach(v, sv[0]);
	} else {
		v->up = true;
	}
	memcpy(first, &hello, sizeof(hello));
	if (!(how & 2))
		feed(first, sizeof(first), &none);
	while (size > 3 && v->up) {
		fds.n = min(data[0] & 31, VFU_FDS);
		for (i = 0; i < fds.n; i++)
			fds.fd[i] = file[(data[0] / 32 + i / 2) % FILES];
		n = min((size_t)(data[1] | data[2] << 8), size - 3);
		data += 3;
		size -= 3;
		if (n)
			feed(data, n, &fds);
		data += n;
		size -= n;
	}
	vfu_close(v);
	if (peer >= 0)
		close(peer);
	peer = -1;
	/* Nothing is left open: the lowest free descriptor is the same */
	sv[0] = dup(0);
	if (sv[0] != spare || mem.n || v->len || v->carry.n)
		abort();
	close(sv[0]);
	return 0;
}
