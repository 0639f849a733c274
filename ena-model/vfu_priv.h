/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the vfio-user server share, and its tests look into.
 *
 * Owns: struct vfu, the messages' layout as far as linux/vfio.h has it not,
 * the limits.
 */
#ifndef PODPATH_VFU_PRIV_H
#define PODPATH_VFU_PRIV_H

#include <sys/types.h>

#include "vfu.h"

#define VFU_BUF		65536	/* one receive, and the longest message */
#define VFU_FDS		16	/* descriptors that come with one message */
#define VFU_CFG		4096	/* configuration space of PCI Express */
#define VFU_WAIT_MS	100	/* one wait until a reply can be sent, */
#define VFU_WAITS	30	/* and how many in one vfu_ready() */

enum vfu_cmd {
	VFU_VERSION = 1, VFU_DMA_MAP, VFU_DMA_UNMAP, VFU_GET_INFO,
	VFU_REGION_INFO, VFU_IRQ_INFO = 7, VFU_SET_IRQS, VFU_REGION_READ,
	VFU_REGION_WRITE, VFU_RESET = 13, VFU_WRITE_MULTI = 15, VFU_CMDS
};

#define VFU_TYPE	0x0f
#define VFU_REPLY	0x01
#define VFU_NO_REPLY	0x10
#define VFU_ERROR	0x20

struct vfu_hdr {
	u16 id;
	u16 cmd;
	u32 size;
	u32 flags;
	u32 error;
};

struct vfu_dma_map {
	u32 argsz;
	u32 flags;
	u64 offset;
	u64 iova;
	u64 size;
};

struct vfu_access {
	u64 off;
	u32 region;
	u32 count;
};

struct vfu_write_one {
	struct vfu_access a;
	u8 data[8];
};

struct vfu_fds {
	int fd[VFU_FDS];
	unsigned int n;
};

/* A complete message; @data is not aligned and @len not trusted */
struct vfu_msg {
	struct vfu_hdr hdr;
	const u8 *data;
	u32 len;
	struct vfu_fds *fds;
};

struct vfu {
	struct vfu_desc desc;
	const struct vfu_ops *ops;
	void *ctx;
	struct mem *mem;
	int listen;
	char path[128];
	dev_t dev;		/* of the socket's file, to remove no other */
	ino_t ino;
	bool up;		/* there is a client */
	bool hello;		/* it has said VERSION */
	int conn;		/* its connection; a fuzzer has none */
	int patience;		/* waits for one vfu_ready(), */
	int waits;		/* and what is left of them */
	char why[256];
	u8 cfg[VFU_CFG];
	u8 mask[VFU_CFG];	/* which bits of cfg can be written */
	int irq[VFU_VECTORS_MAX];
	struct vfu_fds carry;	/* of the incomplete message in front of in */
	size_t len;		/* bytes received and not yet handled */
	u8 in[VFU_BUF];
	u8 out[sizeof(struct vfu_access) + VFU_CFG];
	int out_fd;		/* goes with the reply, or -1 */
};

/* vfu.c */
int vfu_fail(struct vfu *v, int rc, const char *fmt, ...) __printf(3, 4);
void vfu_fds_close(struct vfu_fds *f);
int vfu_reply(struct vfu *v, const struct vfu_hdr *req, int rc);

/*
 * vfu_msg.c: handle the @n bytes that were put behind the first @v->len ones
 * of @v->in. Takes or closes @fds. Returns the number of messages, or -errno
 * with the reason set: then the caller drops the client.
 */
int vfu_input(struct vfu *v, size_t n, struct vfu_fds *fds);

/*
 * Handlers of one message, which is not shorter than its fixed part. They
 * return the length of the reply's payload in @v->out, or -errno for an error
 * reply.
 */
int vfu_reset(struct vfu *v, struct vfu_msg *m);
int vfu_irq_info(struct vfu *v, struct vfu_msg *m);
int vfu_set_irqs(struct vfu *v, struct vfu_msg *m);
int vfu_dma_map(struct vfu *v, struct vfu_msg *m);
int vfu_dma_unmap(struct vfu *v, struct vfu_msg *m);

/* vfu_pci.c */
void vfu_cfg_init(struct vfu *v);
void vfu_cfg_write(struct vfu *v, u32 off, const u8 *p, u32 n);

/* vfu_irq.c, vfu_dma.c: what the client gave is gone with it */
void vfu_irq_drop(struct vfu *v);
void vfu_dma_drop(struct vfu *v, bool tell);

#endif /* PODPATH_VFU_PRIV_H */
