// SPDX-License-Identifier: GPL-2.0
/*
 * The vfio-user server's life and its sockets.
 *
 * Owns: the listening socket and its file, the connection, what is received
 * and sent on it. What the bytes mean is in vfu_msg.c.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "vfu_priv.h"

int vfu_fail(struct vfu *v, int rc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(v->why, sizeof(v->why), fmt, ap);
	va_end(ap);
	return rc;
}

void vfu_fds_close(struct vfu_fds *f)
{
	while (f->n)
		close(f->fd[--f->n]);
}

struct vfu *vfu_new(const struct vfu_desc *desc, const struct vfu_ops *ops,
		    void *ctx, struct mem *mem)
{
	struct vfu *v = calloc(1, sizeof(*v));
	unsigned int i;

	if (!v)
		return NULL;
	v->desc = *desc;
	v->ops = ops;
	v->ctx = ctx;
	v->mem = mem;
	v->conn = -1;
	v->listen = -1;
	v->patience = VFU_WAITS;
	for (i = 0; i < VFU_VECTORS_MAX; i++)
		v->irq[i] = -1;
	vfu_cfg_init(v);
	return v;
}

/* Back to what vfu_new() made, except for the listening socket */
static void vfu_drop(struct vfu *v, bool tell)
{
	if (!v->up)
		return;
	v->up = false;
	v->hello = false;
	if (v->conn >= 0)
		close(v->conn);
	v->conn = -1;
	v->len = 0;
	vfu_fds_close(&v->carry);
	vfu_irq_drop(v);
	vfu_dma_drop(v, tell);
	vfu_cfg_init(v);
	if (tell)
		v->ops->gone(v->ctx);
}

void vfu_free(struct vfu *v)
{
	struct stat st;

	if (!v)
		return;
	vfu_drop(v, false);
	if (v->listen >= 0) {
		/* Somebody may have put another file there meanwhile */
		if (!lstat(v->path, &st) && st.st_dev == v->dev &&
		    st.st_ino == v->ino)
			unlink(v->path);
		close(v->listen);
	}
	free(v);
}

int vfu_listen(struct vfu *v, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct stat st;
	int fd, rc;
	bool made;

	if (v->listen >= 0)
		return vfu_fail(v, -EBUSY, "already listening at %s", v->path);
	if (!*path || strlen(path) >= sizeof(sun.sun_path))
		return vfu_fail(v, -ENAMETOOLONG,
				"%s: no name for a socket, at most %zu bytes",
				path, sizeof(sun.sun_path) - 1);
	memcpy(sun.sun_path, path, strlen(path));
	snprintf(v->path, sizeof(v->path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return vfu_fail(v, -errno, "socket: %s", strerror(errno));
	/* The kernel refuses what exists, a dangling link too */
	made = !bind(fd, (struct sockaddr *)&sun, sizeof(sun));
	if (!made || lstat(path, &st) || listen(fd, 4)) {
		rc = vfu_fail(v, -errno, "%s: %s", path, errno == EADDRINUSE ?
			      "exists already" : strerror(errno));
		if (made)
			unlink(path);
		close(fd);
		return rc;
	}
	v->dev = st.st_dev;
	v->ino = st.st_ino;
	v->listen = fd;
	return 0;
}

int vfu_attach(struct vfu *v, int fd)
{
	if (v->up)
		return vfu_fail(v, -EBUSY, "there is a client already");
	v->conn = fd;
	v->up = true;
	return 0;
}

int vfu_listen_fd(const struct vfu *v)
{
	return v->listen;
}

int vfu_conn_fd(const struct vfu *v)
{
	return v->conn;
}

int vfu_accept(struct vfu *v)
{
	int fd, rc;

	fd = accept4(v->listen, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return vfu_fail(v, -errno, "accept: %s", strerror(errno));
	rc = vfu_attach(v, fd);
	if (rc)
		close(fd);
	return rc;
}

/*
 * QEMU takes the header by one read and fails if it is not all there. The
 * waits are few for all replies of one vfu_ready(), else a client that reads
 * one now and then would hold the thread for hours.
 */
int vfu_reply(struct vfu *v, const struct vfu_hdr *req, int rc)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} ctl = {};
	size_t len = rc > 0 ? rc : 0;
	struct vfu_hdr hdr = {
		.id = req->id,
		.cmd = req->cmd,
		.size = sizeof(hdr) + len,
		.flags = VFU_REPLY | (rc < 0 ? VFU_ERROR : 0),
		.error = rc < 0 ? -rc : 0,
	};
	struct iovec iov[2] = {
		{ .iov_base = &hdr, .iov_len = sizeof(hdr) },
		{ .iov_base = v->out, .iov_len = len },
	};
	struct pollfd p = { .fd = v->conn, .events = POLLOUT };
	struct msghdr mh = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t n;

	if (v->conn < 0)
		return 0;
	if (rc >= 0 && v->out_fd >= 0) {
		ctl.align.cmsg_level = SOL_SOCKET;
		ctl.align.cmsg_type = SCM_RIGHTS;
		ctl.align.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&ctl.align), &v->out_fd, sizeof(int));
		mh.msg_control = ctl.buf;
		mh.msg_controllen = sizeof(ctl.buf);
	}
	for (;;) {
		n = sendmsg(v->conn, &mh, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n == (ssize_t)hdr.size)
			return 0;
		if (n >= 0)
			return vfu_fail(v, -EIO, "reply sent in part");
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return vfu_fail(v, -errno, "reply: %s",
					strerror(errno));
		if (v->waits-- <= 0)
			return vfu_fail(v, -ETIMEDOUT,
					"client reads no replies");
		poll(&p, 1, VFU_WAIT_MS);
	}
}

/* There is one list of them at most: the kernel joins no two */
static void take_fds(struct msghdr *mh, struct vfu_fds *f)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		f->n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(f->fd, CMSG_DATA(c), f->n * sizeof(int));
	}
}

int vfu_ready(struct vfu *v)
{
	union {
		char buf[CMSG_SPACE(VFU_FDS * sizeof(int))];
		struct cmsghdr align;
	} ctl;
	struct msghdr mh = { .msg_iovlen = 1 };
	struct vfu_fds fds = {};
	struct iovec iov;
	ssize_t n;
	int rc;

	if (!v->up)
		return vfu_fail(v, -ENOTCONN, "no client");
	/* There is room: what is kept is less than one message */
	iov.iov_base = v->in + v->len;
	iov.iov_len = VFU_BUF - v->len;
	mh.msg_iov = &iov;
	mh.msg_control = ctl.buf;
	mh.msg_controllen = sizeof(ctl.buf);
	v->waits = v->patience;
	n = recvmsg(v->conn, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n > 0)
		take_fds(&mh, &fds);
	if (n < 0 && errno != ECONNRESET) {
		rc = vfu_fail(v, -errno, "receive: %s", strerror(errno));
	} else if (n <= 0 && v->len) {
		rc = vfu_fail(v, -EPROTO, "client gone within a message");
	} else if (n <= 0) {
		rc = vfu_fail(v, -ECONNRESET, "client gone");
	} else if (mh.msg_flags & MSG_CTRUNC) {
		vfu_fds_close(&fds);
		rc = vfu_fail(v, -EPROTO, "more than %d descriptors", VFU_FDS);
	} else {
		rc = vfu_input(v, n, &fds);
	}
	if (rc < 0)
		vfu_drop(v, true);
	return rc;
}

void vfu_close(struct vfu *v)
{
	vfu_drop(v, true);
}

const char *vfu_why(const struct vfu *v)
{
	return v->why;
}
