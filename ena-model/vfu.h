/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A vfio-user server: makes a PCI device of a few callbacks and offers it to
 * QEMU (vfio-user-pci) on a UNIX socket. Knows PCI, knows no device.
 *
 * Owns: the sockets, the messages, the PCI configuration space, the mappings
 * of guest memory (it fills the caller's struct mem), the interrupts' eventfds.
 *
 * One thread, no blocking but on sending replies, then for 3 s per vfu_ready()
 * at most; the caller polls.
 */
#ifndef PODPATH_VFU_H
#define PODPATH_VFU_H

#include "mem.h"
#include "types.h"

#define VFU_BARS	6
#define VFU_VECTORS_MAX	256

struct vfu;

/**
 * struct vfu_ops - the device; may call vfu_irq(), vfu_close() and what asks
 *	only, from each of these
 * @read: value of a register; @bar below VFU_BARS, @off + @size inside the BAR,
 *	@size one of 1, 2, 4, 8, @off a multiple of it
 * @write: the same for a store
 * @reset: VFIO reset (guest reboot, function-level reset): back to power-on;
 *	the configuration space is already, the eventfds stay
 * @map: guest memory was granted (@add) or is about to be revoked, also because
 *	the client is gone; may be NULL
 * @gone: the client has closed the socket: all guest memory is gone already
 */
struct vfu_ops {
	u64 (*read)(void *ctx, unsigned int bar, u64 off, unsigned int size);
	void (*write)(void *ctx, unsigned int bar, u64 off, unsigned int size,
		      u64 val);
	void (*reset)(void *ctx);
	void (*map)(void *ctx, const struct mem_region *r, bool add);
	void (*gone)(void *ctx);
};

/**
 * struct vfu_bar - one base address register
 * @size: bytes, a power of two; 0 when the BAR does not exist
 * @is64: a 64-bit BAR; takes the next one too
 * @prefetch: prefetchable
 * @fd: a file whose first @size bytes the guest maps instead of sending
 *	messages; -1 for none. Stays the caller's.
 */
struct vfu_bar {
	u64 size;
	bool is64;
	bool prefetch;
	int fd;
};

/**
 * struct vfu_desc - what the function says of itself
 * @vendor: PCI vendor
 * @device: PCI device
 * @sub_vendor: PCI subsystem vendor
 * @sub_device: PCI subsystem
 * @revision: PCI revision
 * @class: 24-bit class code
 * @bar: the BARs
 * @vectors: MSI-X vectors, 1 to VFU_VECTORS_MAX
 * @msix_bar: BAR of table and PBA
 * @msix_table: offset of the table
 * @msix_pba: offset of the pending bits
 */
struct vfu_desc {
	u16 vendor;
	u16 device;
	u16 sub_vendor;
	u16 sub_device;
	u8 revision;
	u32 class;
	struct vfu_bar bar[VFU_BARS];
	unsigned int vectors;
	unsigned int msix_bar;
	u32 msix_table;
	u32 msix_pba;
};

/**
 * vfu_new() - make a server that nobody can reach yet
 * @desc: the function; copied
 * @ops: the device; must outlive the server
 * @ctx: first argument of every callback
 * @mem: filled with what the guest grants; nobody else changes it
 *
 * Return: the server, or NULL when there is no memory.
 */
struct vfu *vfu_new(const struct vfu_desc *desc, const struct vfu_ops *ops,
		    void *ctx, struct mem *mem);

/**
 * vfu_free() - close all, unmap all guest memory, remove the socket's file
 * @v: the server, or NULL
 *
 * Calls no callback.
 */
void vfu_free(struct vfu *v);

/**
 * vfu_listen() - offer the device
 * @v: the server
 * @path: of the UNIX socket; must not exist
 *
 * Return: 0, or -errno with the reason in vfu_why(); -EADDRINUSE when the path
 * exists, -ENAMETOOLONG when it does not fit into a socket address.
 */
int vfu_listen(struct vfu *v, const char *path);

/**
 * vfu_attach() - take a connection that exists already (tests, fuzzers)
 * @v: the server, not connected
 * @fd: the connection; the server's from now on, unless refused
 *
 * Return: 0, or -EBUSY when there is a client.
 */
int vfu_attach(struct vfu *v, int fd);

/**
 * vfu_listen_fd() - the descriptor to poll for new clients, or -1
 * @v: the server
 */
int vfu_listen_fd(const struct vfu *v);

/**
 * vfu_conn_fd() - the descriptor to poll for messages, or -1 when there is no
 * client
 * @v: the server
 */
int vfu_conn_fd(const struct vfu *v);

/**
 * vfu_accept() - take a new client, when the listening socket is readable
 * @v: the server
 *
 * A second client is refused by closing its connection.
 *
 * Return: 0, -EBUSY for a second client, or -errno.
 */
int vfu_accept(struct vfu *v);

/**
 * vfu_ready() - handle what has arrived, when the connection is readable
 * @v: the server
 *
 * Handles every message that one receive call brings, in order. On any error
 * the connection is closed, guest memory unmapped and ops->gone called.
 *
 * Return: number of messages handled, 0 when none was complete; -ECONNRESET
 * when the client has closed the connection between two messages; -EPROTO and
 * the like, with the reason in vfu_why(), when it did not keep to the protocol;
 * -ETIMEDOUT when it reads no replies.
 */
int vfu_ready(struct vfu *v);

/**
 * vfu_irq() - raise an MSI-X vector
 * @v: the server
 * @vector: below vfu_desc.vectors
 *
 * Return: true when it was sent, or is pending so often that the eventfd's
 * counter is full; false when the guest has given no eventfd for it (yet), then
 * nothing is remembered.
 */
bool vfu_irq(struct vfu *v, unsigned int vector);

/**
 * vfu_bus_master() - the guest lets the device access memory
 * @v: the server
 */
bool vfu_bus_master(const struct vfu *v);

/**
 * vfu_close() - drop the client, as by a surprise removal; calls ops->gone
 * @v: the server
 */
void vfu_close(struct vfu *v);

/**
 * vfu_why() - one line on the last error
 * @v: the server
 */
const char *vfu_why(const struct vfu *v);

#endif /* PODPATH_VFU_H */
