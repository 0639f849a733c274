// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the vfio-user server: a client that keeps to the protocol, and one
 * that does not. Every case must leave as many descriptors as it found.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "../vfu_priv.h"

#define VECTORS		20
#define CFG_REGION	VFIO_PCI_CONFIG_REGION_INDEX
#define SET		(VFIO_IRQ_SET_DATA_EVENTFD | \
			 VFIO_IRQ_SET_ACTION_TRIGGER)
#define DISABLE		(VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER)
#define RW		3

#define CHECK(c) \
	do { \
		if (!(c)) { \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #c); \
			bad++; \
		} \
	} while (0)

static int bad;
static struct mem mem;
static struct vfu *v;
static int cl;			/* the client's end */
static int bar2;		/* memfd of BAR 2 */
static u16 id;
static struct vfu_hdr rh;	/* the last reply */
static u8 rep[8192];
static int rep_fd;

/* What the device has seen */
static struct {
	unsigned int reads, writes, resets, adds, dels, gones, bar, size;
	u64 off, val, sum, last_iova;
	bool close;
} dev;

static u64 dev_read(void *ctx, unsigned int bar, u64 off, unsigned int size)
{
	(void)ctx;
	dev.reads++;
	dev.bar = bar;
	dev.off = off;
	dev.size = size;
	return 0x8877665544332211ULL;
}

static void dev_write(void *ctx, unsigned int bar, u64 off, unsigned int size,
		      u64 val)
{
	(void)ctx;
	dev.writes++;
	dev.bar = bar;
	dev.off = off;
	dev.size = size;
	dev.val = val;
	dev.sum = dev.sum * 10 + val;
	if (dev.close)
		vfu_close(v);
}

static void dev_reset(void *ctx)
{
	(void)ctx;
	dev.resets++;
}

static void dev_map(void *ctx, const struct mem_region *r, bool add)
{
	(void)ctx;
	/* It can still be reached while it is being revoked */
	CHECK(!r->ptr || mem_ptr(&mem, r->iova, r->size, false) == r->ptr);
	dev.last_iova = r->iova;
	if (add)
		dev.adds++;
	else
		dev.dels++;
}

static void dev_gone(void *ctx)
{
	(void)ctx;
	CHECK(mem.n == 0);
	dev.gones++;
}

static const struct vfu_ops ops = {
	dev_read, dev_write, dev_reset, dev_map, dev_gone
};

static struct vfu_desc desc = {
	.vendor = 0x1234, .device = 0x5678, .sub_vendor = 0x9abc,
	.sub_device = 0xdef0, .revision = 7, .class = 0x020304,
	.bar = {
		{ .size = 0x4000, .fd = -1 },
		{ .size = 0x1000, .fd = -1 },
		{ .size = 0x10000, .is64 = true, .prefetch = true },
	},
	.vectors = VECTORS, .msix_bar = 1, .msix_pba = 0x800,
};

static int memfd(size_t size)
{
	int fd = memfd_create("vfutest", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, size))
		abort();
	return fd;
}

static int count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static int count_maps(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	char line[512];
	int n = 0;

	while (fgets(line, sizeof(line), f))
		n += !!strstr(line, "vfutest");
	fclose(f);
	return n;
}

static void send_raw(const void *buf, size_t len, const int *fds, int nfds)
{
	union {
		char buf[CMSG_SPACE(32 * sizeof(int))];
		struct cmsghdr h;
	} c = {};
	struct iovec iov = { (void *)buf, len };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (nfds) {
		mh.msg_control = &c;
		mh.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		c.h.cmsg_level = SOL_SOCKET;
		c.h.cmsg_type = SCM_RIGHTS;
		c.h.cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(&c.h), fds, nfds * sizeof(int));
	}
	if (sendmsg(cl, &mh, MSG_NOSIGNAL) != (ssize_t)len)
		CHECK(!"sent");
}

static size_t build(u8 *b, u16 cmd, u32 flags, const void *data, size_t len)
{
	struct vfu_hdr h = { ++id, cmd, sizeof(h) + len, flags, 0 };

	memcpy(b, &h, sizeof(h));
	if (len)
		memcpy(b + sizeof(h), data, len);
	return h.size;
}

static void put(u16 cmd, u32 flags, const void *data, size_t len,
		const int *fds, int nfds)
{
	static u8 b[VFU_BUF];

	send_raw(b, build(b, cmd, flags, data, len), fds, nfds);
}

/* Length of the reply's payload, -errno of an error reply, -EAGAIN for none */
static int get(void)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr h;
	} c;
	struct iovec iov[2] = { { &rh, sizeof(rh) }, { rep, sizeof(rep) } };
	struct msghdr mh = { .msg_iov = iov, .msg_iovlen = 1,
			     .msg_control = &c, .msg_controllen = sizeof(c) };
	ssize_t n;

	rep_fd = -1;
	n = recvmsg(cl, &mh, MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	if (n != sizeof(rh))
		return -EPIPE;
	if (CMSG_FIRSTHDR(&mh))
		memcpy(&rep_fd, CMSG_DATA(&c.h), sizeof(int));
	CHECK((rh.flags & VFU_TYPE) == VFU_REPLY);
	if (rh.flags & VFU_ERROR) {
		CHECK(rh.size == sizeof(rh) && rh.error);
		return -(int)rh.error;
	}
	n = rh.size - sizeof(rh);
	/* The payload has to be there already */
	if (n && recv(cl, rep, n, MSG_DONTWAIT) != n)
		return -EPIPE;
	return n;
}

static int call_fds(u16 cmd, const void *data, size_t len, const int *fds,
		    int nfds)
{
	int rc;

	put(cmd, 0, data, len, fds, nfds);
	rc = vfu_ready(v);
	CHECK(rc == 1);
	rc = get();
	CHECK(rh.id == id && rh.cmd == cmd);
	return rc;
}

static int call(u16 cmd, const void *data, size_t len)
{
	return call_fds(cmd, data, len, NULL, 0);
}

static int hello(size_t text)
{
	u8 b[256] = {};

	return call(VFU_VERSION, b, 4 + text);
}

static void attach(void)
{
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv))
		abort();
	cl = sv[1];
	CHECK(vfu_attach(v, sv[0]) == 0);
}

static int rd(u32 region, u64 off, u32 n)
{
	struct vfu_access a = { off, region, n };

	return call(VFU_REGION_READ, &a, sizeof(a));
}

static size_t build_wr(u8 *b, u32 flags, u32 region, u64 off, u64 val, u32 n)
{
	struct vfu_write_one w = { .a = { off, region, n } };

	memcpy(w.data, &val, 8);
	return build(b, VFU_REGION_WRITE, flags, &w, sizeof(w.a) + n);
}

static int wr(u32 region, u64 off, u64 val, u32 n)
{
	struct vfu_write_one w = { .a = { off, region, n } };

	memcpy(w.data, &val, 8);
	return call(VFU_REGION_WRITE, &w, sizeof(w.a) + n);
}

static u32 cfg(u32 off, u32 n)
{
	u32 val = 0;

	CHECK(rd(CFG_REGION, off, n) == (int)(16 + n));
	memcpy(&val, rep + 16, n);
	return val;
}

static void cfg_set(u32 off, u32 val, u32 n)
{
	CHECK(wr(CFG_REGION, off, val, n) == 16);
}

static int map(u64 iova, u64 size, u64 off, u32 flags, int fd)
{
	struct vfu_dma_map d = { sizeof(d), flags, off, iova, size };

	return call_fds(VFU_DMA_MAP, &d, sizeof(d), &fd, fd >= 0);
}

static int unmap(u64 iova, u64 size, u32 flags)
{
	struct vfio_iommu_type1_dma_unmap d = { sizeof(d), flags, iova, size };

	return call(VFU_DMA_UNMAP, &d, sizeof(d));
}

static int irqs(u32 flags, u32 index, u32 start, u32 count, const int *fds,
		int nfds)
{
	struct vfio_irq_set s = { sizeof(s), flags, index, start, count };

	return call_fds(VFU_SET_IRQS, &s, sizeof(s), fds, nfds);
}

static void test_version(void)
{
	u16 ver[2] = { 1, 0 };

	CHECK(call(VFU_VERSION, ver, 4) == -EINVAL);
	CHECK(call(VFU_VERSION, ver, 2) == -EINVAL);
	CHECK(hello(194) > 4);
	CHECK(rh.size <= 16 + 4 + 194);
	CHECK(!memcmp(rep, "\0\0\0\0{", 5));
	CHECK(rep[rh.size - 17] == 0 && strstr((char *)rep + 4, "}}"));
	CHECK(hello(194) == -EINVAL);
	CHECK(rd(CFG_REGION, 0, 4) == 20);
}

static void test_version_short(void)
{
	CHECK(hello(20) == 4);
	CHECK(rd(CFG_REGION, 0, 4) == 20);
}

static void test_version_first(void)
{
	put(VFU_RESET, 0, NULL, 0, NULL, 0);
	CHECK(vfu_ready(v) == -EPROTO);
	CHECK(strstr(vfu_why(v), "VERSION"));
	CHECK(vfu_conn_fd(v) == -1 && dev.gones == 1 && !dev.resets);
	CHECK(vfu_ready(v) == -ENOTCONN);
}

static void test_info(void)
{
	struct { u32 argsz, flags, regions, irqs; } i = { .argsz = 16 };

	CHECK(call(VFU_GET_INFO, &i, sizeof(i)) == sizeof(i));
	memcpy(&i, rep, sizeof(i));
	CHECK(i.argsz == 16 && i.flags == 3 && i.regions == 9 && i.irqs == 5);
	i.argsz = 15;
	CHECK(call(VFU_GET_INFO, &i, sizeof(i)) == -EINVAL);
	CHECK(call(VFU_GET_INFO, &i, 15) == -EINVAL);
	CHECK(call(VFU_GET_INFO, NULL, 0) == -EINVAL);
}

static void test_region_info(void)
{
	static const u64 size[9] = { 0x4000, 0x1000, 0x10000, [7] = 4096 };
	struct vfio_region_info r = { .argsz = sizeof(r) };
	static const u32 flags[9] = { 3, 3, 7, [7] = 3 };
	char c = 0;
	u32 i;

	for (i = 0; i < 9; i++) {
		r = (struct vfio_region_info){ .argsz = 4096, .index = i };
		CHECK(call(VFU_REGION_INFO, &r, 32) == 32);
		memcpy(&r, rep, 32);
		CHECK(r.argsz == 32 && r.index == i && !r.offset);
		CHECK(r.flags == flags[i] && r.size == size[i]);
		CHECK((rep_fd >= 0) == (i == 2));
		if (rep_fd < 0)
			continue;
		CHECK(pwrite(rep_fd, "x", 1, 77) == 1);
		CHECK(pread(bar2, &c, 1, 77) == 1 && c == 'x');
		close(rep_fd);
	}
	r = (struct vfio_region_info){ .argsz = 32, .index = 9 };
	CHECK(call(VFU_REGION_INFO, &r, 32) == -EINVAL);
	r = (struct vfio_region_info){ .argsz = 31, .index = 2 };
	CHECK(call(VFU_REGION_INFO, &r, 32) == -EINVAL && rep_fd < 0);
	CHECK(call(VFU_REGION_INFO, &r, 31) == -EINVAL);
}

static void test_irq_info(void)
{
	struct vfio_irq_info q;
	u32 i;

	for (i = 0; i < 5; i++) {
		q = (struct vfio_irq_info){ .argsz = 16, .index = i };
		CHECK(call(VFU_IRQ_INFO, &q, 16) == 16);
		memcpy(&q, rep, 16);
		CHECK(q.index == i && q.count == (i == 2 ? VECTORS : 0));
		CHECK(q.flags == (i == 2));
	}
	q = (struct vfio_irq_info){ .argsz = 16, .index = 5 };
	CHECK(call(VFU_IRQ_INFO, &q, 16) == -EINVAL);
	q = (struct vfio_irq_info){ .argsz = 15 };
	CHECK(call(VFU_IRQ_INFO, &q, 16) == -EINVAL);
	CHECK(call(VFU_IRQ_INFO, &q, 12) == -EINVAL);
}

static void test_access(void)
{
	u32 n;

	for (n = 1; n <= 8; n *= 2) {
		CHECK(rd(0, 0x4000 - n, n) == (int)(16 + n));
		CHECK(dev.bar == 0 && dev.off == 0x4000 - n && dev.size == n);
		CHECK(!memcmp(rep + 16, "\x11\x22\x33\x44\x55\x66\x77\x88", n));
		CHECK(wr(2, 8, 0x1122334455667788ULL, n) == 16);
		CHECK(dev.bar == 2 && dev.off == 8 && dev.size == n);
		CHECK(dev.val == 0x1122334455667788ULL << (64 - 8 * n) >>
		      (64 - 8 * n));
	}
	CHECK(dev.reads == 4 && dev.writes == 4);
}

static void test_access_refused(void)
{
	struct vfu_write_one w = { .a = { 0, 0, 4 } };

	CHECK(rd(0, 0, 0) == -EINVAL && rd(0, 0, 3) == -EINVAL);
	CHECK(rd(0, 0, 16) == -EINVAL && rd(0, 2, 4) == -EINVAL);
	CHECK(rd(0, 0x4000, 4) == -EINVAL && rd(0, ~3ULL, 4) == -EINVAL);
	CHECK(rd(0, ~0ULL, 1) == -EINVAL && rd(0, 0, ~0U) == -EINVAL);
	CHECK(rd(3, 0, 4) == -EINVAL && rd(6, 0, 4) == -EINVAL);
	CHECK(rd(8, 0, 4) == -EINVAL && rd(~0U, 0, 4) == -EINVAL);
	CHECK(rd(CFG_REGION, 0, 4097) == -EINVAL);
	CHECK(rd(CFG_REGION, 4095, 2) == -EINVAL);
	CHECK(rd(CFG_REGION, 4096, 1) == -EINVAL);
	CHECK(rd(CFG_REGION, 1ULL << 32, 1) == -EINVAL);
	CHECK(wr(0, 0x4000, 0, 4) == -EINVAL && wr(0, 1, 0, 2) == -EINVAL);
	CHECK(wr(9, 0, 0, 4) == -EINVAL && wr(0, 0, 0, 0) == -EINVAL);
	CHECK(call(VFU_REGION_WRITE, &w, 16 + 3) == -EINVAL);
	CHECK(call(VFU_REGION_WRITE, &w, 16 + 5) == -EINVAL);
	CHECK(call(VFU_REGION_WRITE, &w, 15) == -EINVAL);
	CHECK(call(VFU_REGION_READ, &w, 15) == -EINVAL);
	CHECK(!dev.reads && !dev.writes);
	CHECK(wr(0, 0, 1, 4) == 16);
}

static void test_no_reply(void)
{
	u8 b[64];

	send_raw(b, build_wr(b, VFU_NO_REPLY, 0, 0, 5, 4), NULL, 0);
	CHECK(vfu_ready(v) == 1 && get() == -EAGAIN && dev.val == 5);
	send_raw(b, build_wr(b, VFU_NO_REPLY, 9, 0, 5, 4), NULL, 0);
	CHECK(vfu_ready(v) == 1 && get() == -EAGAIN);
	put(99, VFU_NO_REPLY, NULL, 0, NULL, 0);
	CHECK(vfu_ready(v) == 1 && get() == -EAGAIN);
	CHECK(vfu_ready(v) == 0);
}

static void test_unknown(void)
{
	static const u16 cmd[] = { 0, 6, 11, 12, 14, 16, 65535 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cmd); i++)
		CHECK(call(cmd[i], "abcd", 4) == -EOPNOTSUPP);
	CHECK(rd(CFG_REGION, 0, 2) == 18);
}

static void test_write_multi(void)
{
	struct {
		u64 n;
		struct vfu_write_one w[3];
	} m = { 3, { { { 0, 0, 4 }, { 1 } }, { { 8, 0, 8 }, { 2 } },
		     { { 3, 1, 1 }, { 3 } } } };

	CHECK(call(VFU_WRITE_MULTI, &m, sizeof(m)) == 8);
	CHECK(dev.writes == 3 && dev.sum == 123 && dev.bar == 1);
	put(VFU_WRITE_MULTI, VFU_NO_REPLY, &m, sizeof(m), NULL, 0);
	CHECK(vfu_ready(v) == 1 && get() == -EAGAIN && dev.writes == 6);
	m.n = 4;
	CHECK(call(VFU_WRITE_MULTI, &m, sizeof(m)) == -EINVAL);
	m.n = ~0ULL;
	CHECK(call(VFU_WRITE_MULTI, &m, sizeof(m)) == -EINVAL);
	m.n = 0xaaaaaaaaaaaaaabULL;	/* times 24 wraps to 8 */
	CHECK(call(VFU_WRITE_MULTI, &m, sizeof(m)) == -EINVAL);
	CHECK(call(VFU_WRITE_MULTI, &m, 7) == -EINVAL);
	CHECK(dev.writes == 6);
	m.n = 3;
	m.w[1].a = (struct vfu_access){ 0, CFG_REGION, 9 };
	CHECK(call(VFU_WRITE_MULTI, &m, sizeof(m)) == -EINVAL);
	CHECK(dev.writes == 7);
	m.n = 0;
	CHECK(call(VFU_WRITE_MULTI, &m, 8) == 8);
}

static void test_config(void)
{
	static u8 all[4096], ff[256];
	u32 i, set = 0;

	CHECK(cfg(PCI_VENDOR_ID, 4) == 0x56781234);
	CHECK(cfg(PCI_CLASS_REVISION, 4) == 0x02030407);
	CHECK(cfg(PCI_SUBSYSTEM_VENDOR_ID, 4) == 0xdef09abc);
	CHECK(cfg(PCI_HEADER_TYPE, 1) == 0 && cfg(PCI_COMMAND, 2) == 0);
	CHECK(cfg(PCI_STATUS, 2) & PCI_STATUS_CAP_LIST);
	CHECK(cfg(0x10, 4) == 0 && cfg(0x14, 4) == 0 && cfg(0x18, 4) == 0xc);
	CHECK(cfg(0x1c, 4) == 0 && cfg(PCI_INTERRUPT_PIN, 1) == 0);
	CHECK(cfg(0x34, 1) == 0x40 && cfg(0x40, 1) == PCI_CAP_ID_MSIX);
	CHECK(cfg(0x42, 2) == VECTORS - 1);
	CHECK(cfg(0x44, 4) == 1 && cfg(0x48, 4) == 0x801);
	CHECK(cfg(0x41, 1) == 0x50 && cfg(0x50, 1) == PCI_CAP_ID_EXP);
	CHECK(cfg(0x51, 1) == 0 && cfg(0x52, 2) == 2);
	CHECK(cfg(0x54, 4) & PCI_EXP_DEVCAP_FLR);
	CHECK(rd(CFG_REGION, 0, 4096) == 16 + 4096);
	memcpy(all, rep + 16, 4096);
	for (i = 256; i < 4096; i++)
		set += all[i];
	CHECK(!set);
	CHECK(rd(CFG_REGION, 250, 16) == 32 && rd(CFG_REGION, 4095, 1) == 17);

	/* All ones, but for the bit that resets */
	memset(ff, 0xff, sizeof(ff));
	for (i = 0; i < 256; i++)
		cfg_set(i, i == 0x59 ? 0x7f : 0xff, 1);
	CHECK(cfg(PCI_VENDOR_ID, 4) == 0x56781234);
	CHECK(cfg(PCI_COMMAND, 2) == 0x546);
	CHECK(cfg(PCI_STATUS, 2) == PCI_STATUS_CAP_LIST);
	CHECK(cfg(0x08, 4) == 0x02030407 && cfg(0x0c, 4) == 0xff);
	CHECK(cfg(0x10, 4) == 0xffffc000 && cfg(0x14, 4) == 0xfffff000);
	CHECK(cfg(0x18, 4) == 0xffff000c && cfg(0x1c, 4) == 0xffffffff);
	CHECK(cfg(0x20, 4) == 0 && cfg(PCI_ROM_ADDRESS, 4) == 0);
	CHECK(cfg(0x2c, 4) == 0xdef09abc && cfg(0x34, 4) == 0x40);
	CHECK(cfg(0x3c, 4) == 0xff);
	CHECK(cfg(0x40, 4) == (0xc0005011 | (VECTORS - 1) << 16));
	CHECK(cfg(0x58, 2) == 0x79ff && cfg(0x54, 4) == (u32)(all[0x54] |
	      all[0x55] << 8 | all[0x56] << 16 | all[0x57] << 24));
	CHECK(cfg(0x8c, 4) == 0 && !dev.resets);
	CHECK(vfu_bus_master(v));
}

static void test_flr(void)
{
	struct vfu_access a = { 0, CFG_REGION, 4096 };
	u8 b[16 + 4096] = {};

	cfg_set(PCI_COMMAND, 6, 2);
	CHECK(vfu_bus_master(v));
	cfg_set(0x58, 0x8810, 2);
	CHECK(dev.resets == 1 && !vfu_bus_master(v));
	CHECK(cfg(0x58, 2) == 0x2810);
	cfg_set(0x59, 0x80, 1);
	CHECK(dev.resets == 2);
	cfg_set(0x58, 0x80, 1);
	CHECK(dev.resets == 2);
	memcpy(b, &a, sizeof(a));
	b[16 + 0x59] = 0x80;
	CHECK(call(VFU_REGION_WRITE, b, sizeof(b)) == 16);
	CHECK(dev.resets == 3);
}

static void test_reset(void)
{
	CHECK(!vfu_bus_master(v));
	cfg_set(PCI_COMMAND, 4, 2);
	CHECK(vfu_bus_master(v));
	CHECK(call(VFU_RESET, NULL, 0) == 0);
	CHECK(dev.resets == 1 && !vfu_bus_master(v));
}

static void test_batch(void)
{
	size_t n = 0;
	u8 b[512];

	/* Odd sizes: nothing is aligned */
	n += build_wr(b + n, VFU_NO_REPLY, 0, 0, 1, 1);
	n += build_wr(b + n, VFU_NO_REPLY, 0, 2, 2, 2);
	n += build(b + n, 99, 0, "xyz", 3);
	n += build_wr(b + n, 0, 0, 8, 3, 8);
	send_raw(b, n, NULL, 0);
	CHECK(vfu_ready(v) == 4);
	CHECK(dev.sum == 123 && dev.size == 8);
	CHECK(get() == -EOPNOTSUPP && get() == 16 && get() == -EAGAIN);
}

static void test_pieces(void)
{
	u8 b[128];
	size_t n;

	n = build_wr(b, 0, 0, 8, 0x1234567887654321ULL, 8);
	send_raw(b, 7, NULL, 0);
	CHECK(vfu_ready(v) == 0);
	send_raw(b + 7, 20, NULL, 0);
	CHECK(vfu_ready(v) == 0 && !dev.writes);
	/* The rest, and half of the next */
	build_wr(b + n, 0, 0, 0, 2, 4);
	send_raw(b + 27, n - 27 + 20, NULL, 0);
	CHECK(vfu_ready(v) == 1);
	CHECK(dev.writes == 1 && dev.val == 0x1234567887654321ULL);
	CHECK(get() == 16 && get() == -EAGAIN);
	send_raw(b + n + 20, 16, NULL, 0);
	CHECK(vfu_ready(v) == 1);
	CHECK(get() == 16 && dev.writes == 2 && dev.val == 2);
}

static size_t build_map(u8 *b, u64 iova)
{
	struct vfu_dma_map d = { sizeof(d), RW, 0, iova, 4096 };

	return build(b, VFU_DMA_MAP, 0, &d, sizeof(d));
}

/* Each of two files says which it is */
static void two_files(int fd[2])
{
	fd[0] = memfd(4096);
	fd[1] = memfd(4096);
	CHECK(pwrite(fd[0], "A", 1, 0) == 1 && pwrite(fd[1], "B", 1, 0) == 1);
}

static void check_files(const int fd[2])
{
	u8 *a = mem_ptr(&mem, 0x1000, 4096, false);
	u8 *b = mem_ptr(&mem, 0x2000, 4096, false);

	CHECK(a && *a == 'A');
	CHECK(b && *b == 'B');
	close(fd[0]);
	close(fd[1]);
}

static void test_batch_fds(void)
{
	int fd[2], done, i;
	u8 b[64];

	/* As QEMU does at its start: no wait between, a write before each */
	two_files(fd);
	for (i = 0; i < 2; i++) {
		send_raw(b, build_wr(b, VFU_NO_REPLY, 0, 0, i, 4), NULL, 0);
		send_raw(b, build_map(b, 0x1000 + i * 0x1000), &fd[i], 1);
	}
	send_raw(b, build_map(b, 0x3000), NULL, 0);
	for (i = done = 0; i < 5 && done < 5; i++)
		done += vfu_ready(v);
	CHECK(done == 5 && mem.n == 3 && !mem.region[2].ptr);
	CHECK(get() == 0 && get() == 0 && get() == 0);
	check_files(fd);
}

static void test_fds_of_incomplete(void)
{
	u8 a[64], b[64];
	size_t na, nb;
	int fd[2];

	na = build_map(a, 0x1000);
	nb = build_map(b, 0x2000);
	/* The end of one message arrives with the next and its descriptor */
	two_files(fd);
	send_raw(a, 5, &fd[0], 1);
	CHECK(vfu_ready(v) == 0);
	send_raw(a + 5, 10, NULL, 0);
	CHECK(vfu_ready(v) == 0);
	send_raw(a + 15, na - 15, NULL, 0);
	send_raw(b, 20, &fd[1], 1);
	CHECK(vfu_ready(v) == 1 && mem.n == 1);
	send_raw(b + 20, nb - 20, NULL, 0);
	CHECK(vfu_ready(v) == 1 && mem.n == 2);
	CHECK(get() == 0 && get() == 0);
	check_files(fd);
}

static void test_fds_within(void)
{
	int fd = memfd(4096);
	u8 b[64];
	size_t n;

	n = build_map(b, 0x1000);
	send_raw(b, 20, NULL, 0);
	CHECK(vfu_ready(v) == 0);
	send_raw(b + 20, n - 20, &fd, 1);
	CHECK(vfu_ready(v) == -EPROTO && strstr(vfu_why(v), "descriptors"));
	CHECK(dev.gones == 1);
	close(fd);
}

static void test_fds_within_incomplete(void)
{
	int fd[2];
	u8 b[64];

	two_files(fd);
	build_map(b, 0x1000);
	send_raw(b, 20, fd, 2);
	CHECK(vfu_ready(v) == 0);
	send_raw(b + 20, 10, fd, 2);
	CHECK(vfu_ready(v) == -EPROTO);
	close(fd[0]);
	close(fd[1]);
}

static void test_fds_many(void)
{
	int e = eventfd(0, 0), fd[17], i;

	for (i = 0; i < 17; i++)
		fd[i] = e;
	CHECK(irqs(SET, 2, 4, 16, fd, 16) == 0);
	CHECK(vfu_irq(v, 19) && !vfu_irq(v, 3));
	put(VFU_RESET, 0, NULL, 0, fd, 17);
	CHECK(vfu_ready(v) == -EPROTO && strstr(vfu_why(v), "16 desc"));
	close(e);
}

static void test_fds_untaken(void)
{
	int fd[3] = { bar2, bar2, bar2 };
	u8 b[256];
	size_t n;

	CHECK(call_fds(VFU_RESET, NULL, 0, fd, 3) == 0);
	CHECK(call_fds(99, NULL, 0, fd, 3) == -EOPNOTSUPP);
	CHECK(call_fds(VFU_DMA_MAP, NULL, 0, fd, 1) == -EINVAL);
	n = build(b, VFU_RESET, VFU_NO_REPLY, NULL, 0);
	n += build(b + n, VFU_RESET, VFU_NO_REPLY, NULL, 0);
	send_raw(b, n, fd, 3);
	CHECK(vfu_ready(v) == 2);
	/* One that never ends: closed with the connection */
	send_raw(b, 9, fd, 3);
	CHECK(vfu_ready(v) == 0);
}

static void bad_header(u32 size, u32 flags)
{
	struct vfu_hdr h = { 1, VFU_RESET, size, flags, 0 };

	attach();
	CHECK(hello(194) > 0);
	dev.gones = 0;
	send_raw(&h, sizeof(h), NULL, 0);
	CHECK(vfu_ready(v) == -EPROTO);
	CHECK(dev.gones == 1 && !dev.resets && *vfu_why(v));
	close(cl);
}

static void test_bad_header(void)
{
	static u8 big[VFU_BUF - 16];

	vfu_close(v);
	close(cl);
	bad_header(0, 0);
	bad_header(15, 0);
	bad_header(VFU_BUF + 1, 0);
	bad_header(~0U, 0);
	bad_header(16, VFU_REPLY);
	bad_header(16, 0xf);
	attach();
	CHECK(hello(194) > 0);
	put(VFU_RESET, 0, big, sizeof(big), NULL, 0);
	while (!vfu_ready(v))
		;
	CHECK(get() == 0 && dev.resets == 1);
}

static void test_map(void)
{
	int fd = memfd(8 * 4096);
	char c[4] = {};

	CHECK(map(0x100000, 0x2000, 0x1000, RW, fd) == 0);
	CHECK(dev.adds == 1 && dev.last_iova == 0x100000);
	CHECK(mem_write(&mem, 0x101ffc, "end", 4) == 0);
	CHECK(pread(fd, c, 4, 0x2ffc) == 4 && !strcmp(c, "end"));
	CHECK(pwrite(fd, "new", 4, 0x1000) == 4);
	CHECK(mem_read(&mem, 0x100000, c, 4) == 0 && !strcmp(c, "new"));
	CHECK(mem_read(&mem, 0x102000, c, 1) == -EFAULT);
	CHECK(map(0x200000, 0x1000, 0, 1, fd) == 0);
	CHECK(mem_write(&mem, 0x200000, "x", 1) == -EFAULT);
	CHECK(mem_read(&mem, 0x200000, c, 1) == 0);
	CHECK(map(0x300000, 0x1000, 0, RW, -1) == 0);
	CHECK(mem_read(&mem, 0x300000, c, 1) == -EFAULT);
	CHECK(mem.n == 3 && count_maps() == 2);
	close(fd);
	CHECK(mem_read(&mem, 0x100000, c, 4) == 0);
}

static void test_map_refused(void)
{
	struct vfu_dma_map d = { 31, RW, 0, 0x9000, 4096 };
	int fd = memfd(4 * 4096), p[2], two[2], ro;
	char path[40];

	CHECK(map(0x1000, 0x1000, 0, RW, fd) == 0);
	CHECK(map(0x1000, 0x1000, 0, RW, fd) == -EEXIST);
	CHECK(map(0, 0x2000, 0, RW, fd) == -EEXIST);
	CHECK(map(0x1fff, 0x1000, 0, RW, -1) == -EEXIST);
	CHECK(map(0x9000, 0, 0, RW, fd) == -EINVAL);
	CHECK(map(0x9000, 0, 0, RW, -1) == -EINVAL);
	CHECK(map(-4096ULL, 0x2000, 0, RW, fd) == -EINVAL);
	CHECK(map(-4096ULL, 0x2000, 0, RW, -1) == -EINVAL);
	CHECK(map(0x9000, 0x1000, 0, 0, fd) == -EINVAL);
	CHECK(map(0x9000, 0x1000, 0, 2, fd) == -EINVAL);
	CHECK(map(0x9000, 0x1000, 0, 7, fd) == -EINVAL);
	CHECK(map(0x9000, 0x800, 0x800, RW, fd) == -EINVAL);
	/* One byte over the end of the file; offset + size wraps */
	CHECK(map(0x9000, 0x4001, 0, RW, fd) == -EINVAL);
	CHECK(map(0x9000, 0x1001, 0x3000, RW, fd) == -EINVAL);
	CHECK(map(0x9000, 0x1000, 0x4000, RW, fd) == -EINVAL);
	CHECK(map(0x9000, 0x2000, -4096ULL, RW, fd) == -EINVAL);
	CHECK(map(0x9000, 0x1000, 1ULL << 63, RW, fd) == -EINVAL);
	CHECK(map(0x9000, ~0ULL - 0x9000, 0, RW, fd) == -EINVAL);
	CHECK(map(0, ~0ULL, 0x1000, RW, fd) == -EINVAL);
	CHECK(call_fds(VFU_DMA_MAP, &d, sizeof(d), &fd, 1) == -EINVAL);
	CHECK(call_fds(VFU_DMA_MAP, &d, 31, &fd, 1) == -EINVAL);
	two[0] = fd;
	two[1] = fd;
	d.argsz = 32;
	CHECK(call_fds(VFU_DMA_MAP, &d, sizeof(d), two, 2) == -EINVAL);
	if (pipe(p))
		abort();
	CHECK(map(0x9000, 0x1000, 0, RW, p[0]) == -EINVAL);
	CHECK(map(0x9000, 0x1000, 0, RW, cl) == -EINVAL);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ro = open(path, O_RDONLY);
	CHECK(map(0x9000, 0x1000, 0, RW, ro) == -EACCES);
	CHECK(mem.n == 1 && dev.adds == 1 && count_maps() == 1);
	CHECK(map(0x9000, 0x1000, 0x3000, 1, ro) == 0);
	close(ro);
	close(p[0]);
	close(p[1]);
	close(fd);
}

static void test_map_many(void)
{
	int fd = memfd(4096);
	u64 i;

	for (i = 0; i < MEM_REGIONS_MAX; i++)
		CHECK(map(i << 13, 4096, 0, RW, fd) == 0);
	CHECK(map(i << 13, 4096, 0, RW, fd) == -ENOSPC);
	CHECK(map(i << 13, 4096, 0, RW, -1) == -ENOSPC);
	CHECK(mem.n == MEM_REGIONS_MAX && count_maps() == MEM_REGIONS_MAX);
	close(fd);
}

static void test_unmap(void)
{
	struct vfio_iommu_type1_dma_unmap d;
	int fd = memfd(4 * 4096);

	CHECK(map(0x1000, 0x1000, 0, RW, fd) == 0);
	CHECK(map(0x2000, 0x2000, 0x1000, RW, fd) == 0);
	CHECK(map(0x8000, 0x1000, 0, 1, -1) == 0);
	CHECK(unmap(0x1000, 0x3000, 0) == -ENOENT);
	CHECK(unmap(0x2000, 0x1000, 0) == -ENOENT);
	CHECK(unmap(0x3000, 0x1000, 0) == -ENOENT);
	CHECK(unmap(0x1000, 0x1000, 1) == -EINVAL);
	CHECK(unmap(0x1000, 0x1000, 2) == -EINVAL);
	CHECK(call(VFU_DMA_UNMAP, "", 0) == -EINVAL);
	CHECK(mem.n == 3 && !dev.dels && count_maps() == 2);
	CHECK(unmap(0x2000, 0x2000, 0) == 24);
	memcpy(&d, rep, sizeof(d));
	CHECK(d.argsz == 24 && d.iova == 0x2000 && d.size == 0x2000);
	CHECK(dev.dels == 1 && dev.last_iova == 0x2000 && count_maps() == 1);
	CHECK(!mem_ptr(&mem, 0x2000, 1, false));
	CHECK(unmap(0x2000, 0x2000, 0) == -ENOENT);
	CHECK(unmap(0, 0, VFIO_DMA_UNMAP_FLAG_ALL) == 24);
	CHECK(mem.n == 0 && dev.dels == 3 && count_maps() == 0);
	close(fd);
}

static u64 raised(int fd)
{
	u64 n = 0;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

static void test_irq(void)
{
	int e[3], i, fds;

	for (i = 0; i < 3; i++)
		e[i] = eventfd(0, EFD_NONBLOCK);
	CHECK(!vfu_irq(v, 0) && !vfu_irq(v, VECTORS) && !vfu_irq(v, ~0U));
	CHECK(irqs(SET, 2, 0, 1, NULL, 0) == 0);
	fds = count_fds();
	CHECK(irqs(SET, 2, 0, 2, e, 2) == 0);
	CHECK(vfu_irq(v, 0) && vfu_irq(v, 1) && vfu_irq(v, 1));
	CHECK(raised(e[0]) == 1 && raised(e[1]) == 2);
	/* A new one replaces, and the old one is closed */
	for (i = 0; i < 10; i++)
		CHECK(irqs(SET, 2, 1, 1, &e[2], 1) == 0);
	CHECK(count_fds() == fds + 2);
	CHECK(vfu_irq(v, 1) && !raised(e[1]) && raised(e[2]) == 1);
	CHECK(irqs(SET, 2, 0, 1, NULL, 0) == 0);
	CHECK(!vfu_irq(v, 0) && vfu_irq(v, 1) && count_fds() == fds + 1);
	CHECK(call(VFU_RESET, NULL, 0) == 0 && vfu_irq(v, 1));
	CHECK(irqs(DISABLE, 2, 0, 0, NULL, 0) == 0);
	CHECK(!vfu_irq(v, 1) && count_fds() == fds);
	for (i = 0; i < 3; i++)
		close(e[i]);
}

static void test_irq_refused(void)
{
	int e[2] = { eventfd(0, EFD_NONBLOCK) }, p[2], t;
	struct vfio_irq_set s = { 19, SET, 2, 0, 1 };

	e[1] = e[0];
	CHECK(irqs(SET, 2, VECTORS - 1, 1, e, 1) == 0);
	CHECK(irqs(SET, 2, VECTORS, 1, e, 1) == -EINVAL);
	CHECK(irqs(SET, 2, VECTORS - 1, 2, e, 2) == -EINVAL);
	CHECK(irqs(SET, 2, 1, ~0U, e, 1) == -EINVAL);
	CHECK(irqs(SET, 2, 1, ~0U, NULL, 0) == -EINVAL);
	CHECK(irqs(DISABLE, 2, VECTORS, 0, NULL, 0) == -EINVAL);
	CHECK(irqs(SET, 2, ~0U, 2, e, 2) == -EINVAL);
	CHECK(irqs(SET, 2, 0, 2, e, 1) == -EINVAL);
	CHECK(irqs(SET, 2, 0, 1, e, 2) == -EINVAL);
	CHECK(irqs(SET, 2, 0, 0, NULL, 0) == -EINVAL);
	CHECK(irqs(SET, 0, 0, 1, e, 1) == -EINVAL);
	CHECK(irqs(SET, 7, 0, 1, e, 1) == -EINVAL);
	CHECK(irqs(DISABLE, 3, 0, 0, NULL, 0) == -EINVAL);
	CHECK(irqs(DISABLE, 2, 0, 1, NULL, 0) == -EINVAL);
	CHECK(irqs(SET | DISABLE, 2, 0, 1, e, 1) == -EINVAL);
	CHECK(irqs(0, 2, 0, 0, NULL, 0) == -EINVAL);
	CHECK(call_fds(VFU_SET_IRQS, &s, sizeof(s), e, 1) == -EINVAL);
	CHECK(call_fds(VFU_SET_IRQS, &s, 19, e, 1) == -EINVAL);
	if (pipe(p))
		abort();
	CHECK(irqs(SET, 2, 0, 1, &p[1], 1) == -EINVAL);
	CHECK(irqs(SET, 2, 0, 1, &bar2, 1) == -EINVAL);
	t = timerfd_create(CLOCK_MONOTONIC, 0);
	CHECK(t >= 0 && irqs(SET, 2, 0, 1, &t, 1) == -EINVAL);
	close(t);
	e[1] = p[1];
	CHECK(irqs(SET, 2, 0, 2, e, 2) == -EINVAL);
	CHECK(!vfu_irq(v, 0) && !vfu_irq(v, 1) && vfu_irq(v, VECTORS - 1));
	close(e[0]);
	close(p[0]);
	close(p[1]);
}

/* A full counter of an eventfd that blocks: alarm() ends the test if it does */
static void test_irq_full(void)
{
	int e = eventfd(0, 0);
	u64 most = ~1ULL;

	CHECK(irqs(SET, 2, 0, 1, &e, 1) == 0);
	CHECK(write(e, &most, sizeof(most)) == sizeof(most));
	alarm(5);
	CHECK(vfu_irq(v, 0));
	alarm(0);
	CHECK(raised(e) == most);
	close(e);
}

static void test_gone(void)
{
	int fd = memfd(4096), e = eventfd(0, 0);

	CHECK(map(0x1000, 4096, 0, RW, fd) == 0);
	CHECK(irqs(SET, 2, 0, 1, &e, 1) == 0);
	cfg_set(PCI_COMMAND, 4, 2);
	close(cl);
	CHECK(vfu_ready(v) == -ECONNRESET);
	CHECK(dev.gones == 1 && dev.dels == 1 && mem.n == 0);
	CHECK(count_maps() == 0 && !vfu_irq(v, 0) && vfu_conn_fd(v) == -1);
	/* The next client finds a new device */
	attach();
	CHECK(!vfu_bus_master(v) && hello(194) > 0);
	CHECK(cfg(PCI_COMMAND, 2) == 0);
	CHECK(vfu_attach(v, 99) == -EBUSY);
	close(fd);
	close(e);
}

static void test_gone_unread(void)
{
	/* With a reply in its queue, the client's end makes an error here */
	put(VFU_RESET, 0, NULL, 0, NULL, 0);
	CHECK(vfu_ready(v) == 1);
	close(cl);
	CHECK(vfu_ready(v) == -ECONNRESET && dev.gones == 1);
	CHECK(!strcmp(vfu_why(v), "client gone"));
	cl = -1;
}

static void test_gone_before_reply(void)
{
	put(VFU_RESET, 0, NULL, 0, NULL, 0);
	close(cl);
	CHECK(vfu_ready(v) == -EPIPE && dev.resets == 1 && dev.gones == 1);
	cl = -1;
}

static void test_gone_within(void)
{
	send_raw("\1\0\2", 3, NULL, 0);
	CHECK(vfu_ready(v) == 0);
	close(cl);
	CHECK(vfu_ready(v) == -EPROTO && strstr(vfu_why(v), "within"));
	CHECK(dev.gones == 1);
	cl = -1;
}

static void test_close(void)
{
	u8 b[128];
	size_t n;

	n = build_wr(b, 0, 0, 0, 1, 4);
	n += build_wr(b + n, 0, 0, 0, 2, 4);
	send_raw(b, n, NULL, 0);
	dev.close = true;
	CHECK(vfu_ready(v) >= 0);
	CHECK(dev.writes == 1 && dev.gones == 1 && vfu_conn_fd(v) == -1);
	CHECK(get() == -EPIPE);
	vfu_close(v);
	CHECK(dev.gones == 1);
}

static void test_close_within_multi(void)
{
	struct {
		u64 n;
		struct vfu_write_one w[2];
	} m = { 2, { { { 0, 0, 4 }, { 1 } }, { { 8, 0, 8 }, { 2 } } } };

	dev.close = true;
	put(VFU_WRITE_MULTI, 0, &m, sizeof(m), NULL, 0);
	CHECK(vfu_ready(v) >= 0);
	CHECK(dev.writes == 1 && dev.gones == 1);
}

static void test_blocked_reader(void)
{
	struct vfu_access a = { 0, CFG_REGION, 4096 };
	struct timespec t0, t1;
	int i, rc = 0;

	v->patience = 2;
	clock_gettime(CLOCK_MONOTONIC, &t0);
	for (i = 0; i < 10000 && rc >= 0; i++) {
		put(VFU_REGION_READ, 0, &a, sizeof(a), NULL, 0);
		rc = vfu_ready(v);
	}
	clock_gettime(CLOCK_MONOTONIC, &t1);
	CHECK(rc == -ETIMEDOUT && strstr(vfu_why(v), "replies"));
	CHECK(i > 1 && dev.gones == 1 && t1.tv_sec - t0.tv_sec < 5);
}

static int dial(const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	CHECK(!connect(fd, (struct sockaddr *)&sun, sizeof(sun)));
	return fd;
}

static void test_listen(void)
{
	char dir[] = "/tmp/vfutest.XXXXXX", path[64], longer[200];
	struct vfu *w = vfu_new(&desc, &ops, NULL, &mem);
	char c;
	int s;

	vfu_close(v);
	close(cl);
	if (!mkdtemp(dir))
		abort();
	snprintf(path, sizeof(path), "%s/s", dir);
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = 0;
	CHECK(vfu_listen_fd(v) == -1);
	CHECK(vfu_listen(v, longer) == -ENAMETOOLONG && *vfu_why(v));
	CHECK(vfu_listen(v, "") == -ENAMETOOLONG);
	CHECK(vfu_listen(v, "/nonexistent/s") == -ENOENT);
	CHECK(vfu_listen(v, path) == 0 && vfu_listen_fd(v) >= 0);
	CHECK(vfu_listen(v, path) == -EBUSY);
	CHECK(vfu_listen(w, path) == -EADDRINUSE);
	CHECK(strstr(vfu_why(w), "exists"));
	vfu_free(w);
	CHECK(access(path, F_OK) == 0);
	CHECK(vfu_accept(v) == -EAGAIN);

	cl = dial(path);
	CHECK(vfu_accept(v) == 0 && hello(194) > 0);
	s = dial(path);
	CHECK(vfu_accept(v) == -EBUSY);
	CHECK(recv(s, &c, 1, MSG_DONTWAIT) == 0);
	close(s);
	CHECK(rd(CFG_REGION, 0, 4) == 20);
	close(cl);
	CHECK(vfu_ready(v) == -ECONNRESET);
	cl = dial(path);
	CHECK(vfu_accept(v) == 0 && hello(194) > 0);
	vfu_free(v);
	CHECK(access(path, F_OK) == -1 && errno == ENOENT);

	/* What somebody else put there is not removed */
	v = vfu_new(&desc, &ops, NULL, &mem);
	CHECK(vfu_listen(v, path) == 0);
	CHECK(unlink(path) == 0 && symlink("/nonexistent", path) == 0);
	vfu_free(v);
	v = vfu_new(&desc, &ops, NULL, &mem);
	CHECK(vfu_listen(v, path) == -EADDRINUSE);
	CHECK(unlink(path) == 0 && rmdir(dir) == 0);
}

static void test_free(void)
{
	int fd = memfd(4096);

	CHECK(map(0x1000, 4096, 0, RW, fd) == 0);
	vfu_free(v);
	v = NULL;
	CHECK(mem.n == 0 && count_maps() == 0 && !dev.gones && !dev.dels);
	vfu_free(NULL);
	close(fd);
}

static const struct {
	const char *name;
	void (*fn)(void);
	bool raw;		/* does not want VERSION said */
} tests[] = {
	{ "version", test_version, true },
	{ "version_short", test_version_short, true },
	{ "version_first", test_version_first, true },
	{ "info", test_info, false },
	{ "region_info", test_region_info, false },
	{ "irq_info", test_irq_info, false },
	{ "access", test_access, false },
	{ "access_refused", test_access_refused, false },
	{ "no_reply", test_no_reply, false },
	{ "unknown", test_unknown, false },
	{ "write_multi", test_write_multi, false },
	{ "config", test_config, false },
	{ "flr", test_flr, false },
	{ "reset", test_reset, false },
	{ "batch", test_batch, false },
	{ "pieces", test_pieces, false },
	{ "batch_fds", test_batch_fds, false },
	{ "fds_of_incomplete", test_fds_of_incomplete, false },
	{ "fds_within", test_fds_within, false },
	{ "fds_within_incomplete", test_fds_within_incomplete, false },
	{ "fds_many", test_fds_many, false },
	{ "fds_untaken", test_fds_untaken, false },
	{ "bad_header", test_bad_header, false },
	{ "map", test_map, false },
	{ "map_refused", test_map_refused, false },
	{ "map_many", test_map_many, false },
	{ "unmap", test_unmap, false },
	{ "irq", test_irq, false },
	{ "irq_refused", test_irq_refused, false },
	{ "irq_full", test_irq_full, false },
	{ "gone", test_gone, false },
	{ "gone_unread", test_gone_unread, false },
	{ "gone_before_reply", test_gone_before_reply, false },
	{ "gone_within", test_gone_within, false },
	{ "close", test_close, false },
	{ "close_within_multi", test_close_within_multi, false },
	{ "blocked_reader", test_blocked_reader, false },
	{ "listen", test_listen, false },
	{ "free", test_free, false },
};

int main(void)
{
	int failed = 0, fds;
	unsigned int i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	bar2 = memfd(0x10000);
	desc.bar[2].fd = bar2;
	for (i = 3; i < VFU_BARS; i++)
		desc.bar[i].fd = -1;
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		memset(&dev, 0, sizeof(dev));
		memset(&mem, 0, sizeof(mem));
		bad = 0;
		fds = count_fds();
		v = vfu_new(&desc, &ops, NULL, &mem);
		attach();
		if (!tests[i].raw)
			CHECK(hello(194) > 0);
		tests[i].fn();
		vfu_free(v);
		if (cl >= 0)
			close(cl);
		CHECK(count_fds() == fds && count_maps() == 0 && mem.n == 0);
		printf("%sok %s\n", bad ? "not " : "", tests[i].name);
		failed += !!bad;
	}
	return !!failed;
}
