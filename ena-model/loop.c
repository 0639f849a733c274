// SPDX-License-Identifier: GPL-2.0
/*
 * The loop: waits for guests, messages, frames, people and time.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "model.h"

#define FDS_MAX	(3 * FNS_MAX + CLIENTS_MAX + 1)

enum what { CTL, CLIENT, LISTEN, CONN, PORT };

struct source {
	enum what what;
	unsigned int i;
};

void model_flush(struct model *m)
{
	unsigned int i;

	for (i = 0; i < m->n; i++)
		if (m->fn[i]->dev.posted[0] | m->fn[i]->dev.posted[1])
			ena_intr_flush(&m->fn[i]->dev);
}

/* Rounds of a store's work without a clock; a hostile guest gets no more */
#define FINISH_MAX	64

void model_finish(struct model *m)
{
	unsigned int i, round;
	u64 next = 0;

	for (round = 0; !next && round < FINISH_MAX; round++)
		for (i = 0, next = TIME_NEVER; i < m->n; i++)
			next = min(next, ena_tick(&m->fn[i]->dev, 0));
	model_flush(m);
}

static int add(struct pollfd *pfd, struct source *src, int n, int fd,
	       enum what what, unsigned int i)
{
	if (fd < 0)
		return n;
	pfd[n].fd = fd;
	pfd[n].events = POLLIN;
	pfd[n].revents = 0;
	src[n].what = what;
	src[n].i = i;
	return n + 1;
}

static int collect(struct model *m, struct pollfd *pfd, struct source *src)
{
	struct port *p;
	unsigned int i;
	int n = 0;

	for (i = 0; i < m->n; i++) {
		n = add(pfd, src, n, vfu_conn_fd(m->fn[i]->vfu), CONN, i);
		n = add(pfd, src, n, vfu_listen_fd(m->fn[i]->vfu), LISTEN, i);
		p = &m->fn[i]->port;
		if (p->kind == PORT_FD && !p->stuck)
			n = add(pfd, src, n, p->fd, PORT, i);
	}
	n = add(pfd, src, n, m->ctl_fd, CTL, 0);
	for (i = 0; i < CLIENTS_MAX; i++)
		if (!m->client[i].wait_count)
			n = add(pfd, src, n, m->client[i].fd, CLIENT, i);
	return n;
}

static void conn_ready(struct fn *f)
{
	int rc = vfu_ready(f->vfu);

	f->dev.bus_master = vfu_bus_master(f->vfu);
	if (rc < 0 && rc != -ECONNRESET)
		fprintf(stderr, "ena-model: %s: %s\n", f->path,
			vfu_why(f->vfu));
}

static void accept_guest(struct fn *f)
{
	int rc = vfu_accept(f->vfu);

	if (!rc)
		f->seen = true;
	else if (rc == -EBUSY)
		fprintf(stderr,
			"ena-model: %s: refused a second guest: one device, one guest\n",
			f->path);
}

static void dispatch(struct model *m, const struct source *s)
{
	struct fn *f = m->fn[s->i % FNS_MAX];

	switch (s->what) {
	case CONN:
		conn_ready(f);
		break;
	case LISTEN:
		accept_guest(f);
		break;
	case PORT:
		if (port_ready(&f->port) < 0) {
			fprintf(stderr, "ena-model: %s: the port is gone\n",
				f->path);
			port_close(&f->port);
		}
		break;
	case CTL:
		ctl_accept(m);
		break;
	case CLIENT:
		ctl_ready(m, &m->client[s->i]);
		break;
	}
}

/* Return: when something is due, ns */
static u64 tick(struct model *m)
{
	u64 next = TIME_NEVER, now = m->clock ? host_now() : 0;
	unsigned int i;

	for (i = 0; i < m->n; i++) {
		next = min(next, ena_tick(&m->fn[i]->dev, now));
		next = min(next, port_tick(&m->fn[i]->port, now));
	}
	model_flush(m);
	return min(next, ctl_tick(m));
}

/* All guests that were there have gone */
static bool over(const struct model *m)
{
	unsigned int i, seen = 0;

	for (i = 0; i < m->n; i++) {
		if (vfu_conn_fd(m->fn[i]->vfu) >= 0)
			return false;
		seen += m->fn[i]->seen;
	}
	return seen;
}

int loop(struct model *m)
{
	struct pollfd pfd[FDS_MAX];
	struct source src[FDS_MAX];
	sigset_t block, before;
	struct timespec ts;
	u64 next, now;
	int i, n;

	/* Signals come while it sleeps, and cannot come just before */
	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGINT);
	sigprocmask(SIG_BLOCK, &block, &before);
	while (!m->quit) {
		next = tick(m);
		n = collect(m, pfd, src);
		now = host_now();
		next = next > now ? next - now : 0;
		ts.tv_sec = next / NSEC_PER_SEC;
		ts.tv_nsec = next % NSEC_PER_SEC;
		if (ppoll(pfd, n, next > 3600 * NSEC_PER_SEC ? NULL : &ts,
			  &before) < 0) {
			if (errno == EINTR)
				continue;
			perror("ena-model: poll");
			return 1;
		}
		for (i = 0; i < n; i++)
			if (pfd[i].revents)
				dispatch(m, &src[i]);
		model_flush(m);
		if (m->once && over(m))
			break;
	}
	return 0;
}
