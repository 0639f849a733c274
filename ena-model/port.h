/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Back ends: what is at the other end of a device's wire.
 *
 *   peer   another device of this process, back to back
 *   tap    a TAP interface of the host
 *   sock   a UNIX SOCK_SEQPACKET socket, one frame per message
 *   none   nobody: frames come and go by the control socket
 *
 * Owns: the descriptors, the frame that waits for room, and the last frames
 * that were sent.
 */
#ifndef PODPATH_PORT_H
#define PODPATH_PORT_H

#include "ena.h"

#define PORT_FRAME_MAX	9240
#define PORT_KEEP	64
#define PORT_KEEP_BYTES	256U

enum port_kind {
	PORT_NONE,
	PORT_PEER,
	PORT_FD,
};

/**
 * struct port - one end of a wire
 * @kind: what is there
 * @dev: the device on this end
 * @peer: PORT_PEER: the port at the other end
 * @fd: PORT_FD: TAP or socket
 * @stuck: PORT_FD: bytes of @frame that wait for room; 0 for none
 * @since: PORT_FD: since when, ns
 * @frame: PORT_FD: the frame
 * @sent: frames that @dev has sent, in all
 * @keep: the last of them, cut to PORT_KEEP_BYTES; frame N at N % PORT_KEEP
 */
struct port {
	enum port_kind kind;
	struct ena_dev *dev;
	struct port *peer;
	int fd;
	u32 stuck;
	u64 since;
	u8 frame[PORT_FRAME_MAX];
	u64 sent;
	struct {
		u32 len;
		u8 data[PORT_KEEP_BYTES];
	} keep[PORT_KEEP];
};

/**
 * port_open() - make what "tap:NAME" or "sock:PATH" says
 * @p: the port
 * @spec: the words
 * @why: set to what went wrong
 *
 * Return: 0 or -errno.
 */
int port_open(struct port *p, const char *spec, const char **why);

/**
 * port_close() - undo port_open()
 * @p: the port
 */
void port_close(struct port *p);

/**
 * port_xmit() - the device sends; see struct ena_env
 * @ctx: the port
 * @p: the packet
 */
int port_xmit(void *ctx, struct pkt *p);

/**
 * port_room() - the device has room again; see struct ena_env
 * @ctx: the port
 */
void port_room(void *ctx);

/**
 * port_ready() - frames may have arrived
 * @p: a PORT_FD port
 *
 * Return: 0, or -errno when the other end is gone.
 */
int port_ready(struct port *p);

/**
 * port_inject() - a frame for the device from nowhere
 * @p: the port
 * @data: the frame
 * @len: bytes
 * @last: not to wait for room
 *
 * Return: as ena_rx(), -EINVAL for a frame that cannot be.
 */
int port_inject(struct port *p, const u8 *data, u32 len, bool last);

/**
 * port_tick() - lose the frame that has waited too long
 * @p: the port
 * @now: monotonic time, ns
 *
 * Return: when to call again at the latest.
 */
u64 port_tick(struct port *p, u64 now);

#endif /* PODPATH_PORT_H */
