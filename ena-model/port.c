// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/if.h>
#include <linux/if_tun.h>

#include "port.h"

/* Frames taken from a descriptor before others have their turn */
#define PORT_BUDGET	64

static int open_tap(const char *name, const char **why)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd;

	if (!*name || strlen(name) >= sizeof(ifr.ifr_name)) {
		*why = "no such interface name";
		return -EINVAL;
	}
	memcpy(ifr.ifr_name, name, strlen(name));
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		*why = "cannot open /dev/net/tun";
		return -errno;
	}
	if (ioctl(fd, TUNSETIFF, &ifr) < 0) {
		*why = "cannot make the TAP interface";
		close(fd);
		return -EPERM;
	}
	return fd;
}

/* A relay may listen for the second end only when it has the first: try for two
 * seconds.
 */
static int connect_soon(int fd, const struct sockaddr_un *sa)
{
	int tries = 20;

	while (connect(fd, (const struct sockaddr *)sa, sizeof(*sa))) {
		if ((errno != ENOENT && errno != ECONNREFUSED) || !tries--)
			return -errno;
		usleep(100 * 1000);
	}
	return 0;
}

static int open_sock(const char *path, const char **why)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd;

	if (!*path || strlen(path) >= sizeof(sa.sun_path)) {
		*why = "the path is empty or too long";
		return -ENAMETOOLONG;
	}
	memcpy(sa.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect_soon(fd, &sa)) {
		*why = "nobody listens there (SOCK_SEQPACKET)";
		if (fd >= 0)
			close(fd);
		return -ECONNREFUSED;
	}
	return fd;
}

int port_open(struct port *p, const char *spec, const char **why)
{
	int fd = -EINVAL;

	*why = "want tap:NAME or sock:PATH";
	if (!strncmp(spec, "tap:", 4))
		fd = open_tap(spec + 4, why);
	else if (!strncmp(spec, "sock:", 5))
		fd = open_sock(spec + 5, why);
	if (fd < 0)
		return fd;
	p->kind = PORT_FD;
	p->fd = fd;
	return 0;
}

void port_close(struct port *p)
{
	if (p->kind == PORT_FD)
		close(p->fd);
	p->kind = PORT_NONE;
}

static void keep(struct port *p, const struct pkt *pkt)
{
	u32 i = p->sent++ % PORT_KEEP;

	p->keep[i].len = pkt->len;
	pkt_copy(pkt, 0, p->keep[i].data, min(pkt->len, PORT_KEEP_BYTES));
}

static int fd_xmit(struct port *p, const struct pkt *pkt)
{
	struct iovec iov[PKT_PIECES + 1];
	u32 i;

	iov[0].iov_base = (void *)pkt->hdr;
	iov[0].iov_len = pkt->hdr_len;
	for (i = 0; i < pkt->n; i++) {
		iov[i + 1].iov_base = (void *)pkt->piece[i].p;
		iov[i + 1].iov_len = pkt->piece[i].len;
	}
	/* A full socket loses the frame, as a full switch port does */
	if (writev(p->fd, iov, i + 1) < 0)
		p->dev->count.tx_drop++;
	return 0;
}

int port_xmit(void *ctx, struct pkt *pkt)
{
	struct port *p = ctx;

	switch (p->kind) {
	case PORT_PEER:
		return ena_rx(p->peer->dev, pkt);
	case PORT_FD:
		return fd_xmit(p, pkt);
	case PORT_NONE:
		break;
	}
	keep(p, pkt);
	return 0;
}

int port_inject(struct port *p, const u8 *data, u32 len, bool last)
{
	struct pkt pkt = { .last_try = last };

	if (len < ETH_HLEN || pkt_add(&pkt, data, len))
		return -EINVAL;
	pkt_parse(&pkt);
	return ena_rx(p->dev, &pkt);
}

void port_room(void *ctx)
{
	struct port *p = ctx;

	if (p->kind == PORT_PEER)
		ena_tx_kick(p->peer->dev);
	else if (p->kind == PORT_FD && p->stuck &&
		 port_inject(p, p->frame, p->stuck, false) != -EAGAIN)
		p->stuck = 0;
}

u64 port_tick(struct port *p, u64 now)
{
	u64 due = p->since + p->dev->cfg.wait_ms * NSEC_PER_MSEC;

	if (!p->stuck || !p->dev->env.now)
		return TIME_NEVER;
	if (now < due)
		return due;
	port_inject(p, p->frame, p->stuck, true);
	p->stuck = 0;
	return 0;
}

int port_ready(struct port *p)
{
	ssize_t n;
	int i;

	for (i = 0; i < PORT_BUDGET && !p->stuck; i++) {
		n = read(p->fd, p->frame, sizeof(p->frame));
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		if (!n)
			return -ECONNRESET;
		if (port_inject(p, p->frame, n, false) == -EAGAIN) {
			p->stuck = n;
			p->since = ena_now(p->dev);
		}
	}
	return 0;
}
