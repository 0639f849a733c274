// SPDX-License-Identifier: GPL-2.0
/*
 * The control socket: connections, lines, answers. The commands are in cmd.c.
 *
 * An answer is any number of lines and then "ok" or "error: REASON". A client
 * that sends an over-long line is told so and the line is dropped.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmd.h"
#include "model.h"

int ctl_listen(struct model *m, const char **why)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	const char *path = m->ctl_path;
	struct stat st;
	int fd;

	*why = "the path is too long for a socket";
	if (strlen(path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	memcpy(sa.sun_path, path, strlen(path));
	*why = "the path exists already";
	if (!lstat(path, &st))
		return -EADDRINUSE;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	*why = "cannot make the control socket";
	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) || listen(fd, 4)) {
		*why = strerror(errno);
		close(fd);
		return -EADDRINUSE;
	}
	m->ctl_fd = fd;
	return 0;
}

static void drop(struct client *c)
{
	close(c->fd);
	c->fd = -1;
	c->wait_count = NULL;
}

void ctl_close(struct model *m)
{
	unsigned int i;

	for (i = 0; i < CLIENTS_MAX; i++)
		if (m->client[i].fd >= 0)
			drop(&m->client[i]);
	if (m->ctl_fd < 0)
		return;
	close(m->ctl_fd);
	unlink(m->ctl_path);
	m->ctl_fd = -1;
}

void ctl_accept(struct model *m)
{
	int fd = accept4(m->ctl_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	static const char full[] = "error: too many are connected\n";
	unsigned int i;

	if (fd < 0)
		return;
	for (i = 0; i < CLIENTS_MAX; i++) {
		if (m->client[i].fd >= 0)
			continue;
		m->client[i].fd = fd;
		m->client[i].len = 0;
		m->client[i].wait_count = NULL;
		return;
	}
	send(fd, full, sizeof(full) - 1, MSG_NOSIGNAL);
	close(fd);
}

/* A client that does not read its answers is dropped, not waited for */
static void answer(struct client *c, const struct reply *r)
{
	if (send(c->fd, r->text, r->len, MSG_NOSIGNAL) != (ssize_t)r->len)
		drop(c);
}

static void run_line(struct model *m, struct client *c, char *line)
{
	static struct reply r;

	r.len = 0;
	cmd_run(m, c, line, &r);
	/* "wait" answers later */
	if (r.len)
		answer(c, &r);
}

static void lines(struct model *m, struct client *c)
{
	char line[CTL_LINE_MAX];
	unsigned int n;
	char *end;

	while (c->fd >= 0 && !c->wait_count &&
	       (end = memchr(c->line, '\n', c->len))) {
		n = end - c->line;
		memcpy(line, c->line, n);
		line[n] = 0;
		if (n && line[n - 1] == '\r')
			line[n - 1] = 0;
		c->len -= n + 1;
		memmove(c->line, end + 1, c->len);
		run_line(m, c, line);
	}
}

void ctl_ready(struct model *m, struct client *c)
{
	struct reply r = { 0 };
	ssize_t n;

	/* Full with lines that wait for the answer to "wait": later */
	if (c->wait_count && c->len == sizeof(c->line))
		return;
	n = recv(c->fd, c->line + c->len, sizeof(c->line) - c->len, 0);
	if (n <= 0) {
		if (!n || (errno != EAGAIN && errno != EINTR))
			drop(c);
		return;
	}
	c->len += n;
	lines(m, c);
	if (c->fd >= 0 && !c->wait_count && c->len == sizeof(c->line)) {
		c->len = 0;
		reply_error(&r, "the line is too long");
		answer(c, &r);
	}
}

u64 ctl_tick(struct model *m)
{
	u64 next = TIME_NEVER, now;
	struct reply r;
	unsigned int i;

	for (i = 0; i < CLIENTS_MAX; i++) {
		struct client *c = &m->client[i];

		if (c->fd < 0 || !c->wait_count)
			continue;
		now = host_now();
		if (*c->wait_count < c->wait_value && now < c->wait_due) {
			next = min(next, c->wait_due);
			continue;
		}
		r.len = 0;
		reply_line(&r, "%llu", *c->wait_count);
		if (*c->wait_count < c->wait_value)
			reply_error(&r, "the time is over");
		else
			reply_line(&r, "ok");
		c->wait_count = NULL;
		answer(c, &r);
		lines(m, c);
		if (c->fd >= 0 && c->wait_count)
			next = min(next, c->wait_due);
	}
	return next;
}
