// SPDX-License-Identifier: GPL-2.0
/*
 * TCP, both ends in one thread: a stream, requests with their answers, and
 * those with a connection for each.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"
#include "mark.h"

#define PERIOD 65521		/* prime: content that moved is noticed */
#define READ_SIZE (256 << 10)
#define CRR_PORTS 10000		/* the first; never one twice */
#define CRR_MAX 50000
#define CRR_SECONDS 120

static int listener, a, b;
static struct address from, to;
static struct options o;
static __u8 *pattern, *in;

static void set_up(int argc, char **argv, const char *letters)
{
	struct address local;
	size_t i, len;

	parse_options(&o, letters, argc, argv);
	parse_address(&to, o.dest, 0, PORT_B);
	parse_address(&from, o.src, to.sa.ss_family, PORT_A);
	/* A write begins anywhere in the period */
	len = PERIOD + (o.size > READ_SIZE ? o.size : READ_SIZE);
	pattern = malloc(len);
	in = calloc(1, len);
	if (!pattern || !in)
		die("memory");
	for (i = 0; i < len; i++)
		pattern[i] = i % PERIOD * 31 + (i % PERIOD >> 8) * 7 + 1;
	listener = sock_open(o.ns_b, to.sa.ss_family, SOCK_STREAM);
	sock_option(listener, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
	/* The window scale depends on it, so it comes first */
	if (o.rcvbuf)
		sock_option(listener, SOL_SOCKET, SO_RCVBUFFORCE, o.rcvbuf,
			    "SO_RCVBUF");
	local = to;
	if (o.translated)
		parse_address(&local, NULL, to.sa.ss_family, PORT_B);
	sock_bind(listener, &local, o.dest);
	if (listen(listener, 16))
		die("listen");
}

static void accept_one(void)
{
	b = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (b < 0)
		die("accept");
}

static void connect_one(void)
{
	if (connect(a, (struct sockaddr *)&to.sa, to.len))
		die("connect to %s", o.dest);
	accept_one();
}

/* The connection of all windows */
static void open_connection(void)
{
	struct linger linger = { .l_onoff = 1 };

	a = sock_open(o.ns_a, to.sa.ss_family, SOCK_STREAM);
	sock_option(a, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
	if (o.sndbuf)
		sock_option(a, SOL_SOCKET, SO_SNDBUFFORCE, o.sndbuf,
			    "SO_SNDBUF");
	sock_bind(a, &from, o.src);
	connect_one();
	sock_option(a, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");
	sock_option(b, IPPROTO_TCP, TCP_NODELAY, 1, "TCP_NODELAY");
	/* Its end leaves no TIME_WAIT in the way of the next one */
	if (setsockopt(a, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)))
		die("SO_LINGER");
}

/* What the socket takes; false if nothing */
static bool write_some(size_t *sent, size_t all)
{
	bool moved = false;
	size_t len;
	ssize_t n;

	while (*sent < all) {
		len = all - *sent < o.size ? all - *sent : o.size;
		n = send(a, pattern + *sent % PERIOD, len,
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			die("send at byte %zu", *sent);
		*sent += n;
		moved = true;
	}
	return moved;
}

/* What is there; false if nothing */
static bool read_some(size_t *got, size_t sent)
{
	bool moved = false;
	ssize_t n;

	while (*got < sent) {
		n = recv(b, in, READ_SIZE, MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			die("receive at byte %zu", *got);
		if (!n)
			fail("the connection ended at byte %zu", *got);
		if (*got + n > sent)
			fail("more than was sent at byte %zu", *got);
		if (memcmp(in, pattern + *got % PERIOD, n))
			fail("other content than was sent at byte %zu", *got);
		*got += n;
		moved = true;
	}
	return moved;
}

static void stream(size_t all)
{
	size_t got = 0, sent = 0;
	struct pollfd p[] = {
		{ .fd = b, .events = POLLIN },
		{ .fd = a, .events = POLLOUT },
	};
	bool moved;
	int n;

	while (got < all) {
		moved = write_some(&sent, all);
		if (read_some(&got, sent) || moved)
			continue;
		n = poll(p, sent < all ? 2 : 1, WAIT_SECONDS * 1000);
		if (n < 0)
			die("poll");
		if (!n)
			fail("nothing for %d s at byte %zu", WAIT_SECONDS, got);
	}
}

static void one_way(int tx, int rx, unsigned long i, const char *what)
{
	ssize_t n;

	n = send(tx, pattern, o.size, MSG_NOSIGNAL);
	if (n < 0)
		die("send %s %lu", what, i);
	if (n != (ssize_t)o.size)
		fail("%s %lu: only %zd bytes were taken", what, i, n);
	n = recv(rx, in, o.size, MSG_WAITALL);
	if (n < 0)
		die("receive %s %lu", what, i);
	if (n != (ssize_t)o.size)
		fail("%s %lu has %zd bytes instead of %lu", what, i, n, o.size);
	if (memcmp(in, pattern, n))
		fail("%s %lu has other content than was sent", what, i);
}

static void requests(void)
{
	unsigned long i;

	for (i = 0; i < o.count; i++) {
		one_way(a, b, i, "request");
		one_way(b, a, i, "answer");
	}
}

/*
 * The side that answers closes first: the TIME_WAITs are on its side, where a
 * later connection may use the same ports.
 */
static void connections(unsigned int rep)
{
	struct sockaddr_in6 *v6 = (void *)&from.sa;
	unsigned long i;

	for (i = 0; i < o.count; i++) {
		a = socket(from.sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (a < 0)
			die("socket");
		/* The same place in both families */
		v6->sin6_port = htons(CRR_PORTS + rep * o.count + i);
		sock_bind(a, &from, o.src);
		connect_one();
		one_way(a, b, i, "request");
		one_way(b, a, i, "answer");
		if (close(b) || close(a))
			die("close");
	}
}

void stream_main(int argc, char **argv)
{
	unsigned int rep;

	o.count = 8192;
	o.size = 65536;
	set_up(argc, argv, ":a:b:d:s:n:m:S:R:Nr:e:");
	open_connection();
	window_setup(&o);
	for (rep = 0; rep <= o.reps; rep++) {
		window_open(SETTLE_MS);
		mark_begin();
		stream(o.count << 10);
		mark_end();
		window_close();
		window_print(o.name, "", rep, o.count, "KiB");
	}
	close(a);
}

void rr_main(int argc, char **argv)
{
	unsigned int rep;

	o.count = 500;
	o.size = 1;
	set_up(argc, argv, ":a:b:d:s:n:l:Nr:e:");
	open_connection();
	window_setup(&o);
	for (rep = 0; rep <= o.reps; rep++) {
		window_open(SETTLE_MS);
		mark_begin();
		requests();
		mark_end();
		window_close();
		window_print(o.name, "", rep, o.count, "transaction");
	}
	close(a);
}

void crr_main(int argc, char **argv)
{
	unsigned int rep;

	o.count = 500;
	o.size = 1;
	set_up(argc, argv, ":a:b:d:s:n:l:Nr:e:");
	if (o.count * (o.reps + 1) > CRR_MAX)
		bad("crr: -n times the windows is more than %d ports", CRR_MAX);
	window_setup(&o);
	for (rep = 0; rep <= o.reps; rep++) {
		window_open(SETTLE_MS);
		/* Sockets with a timer each would be other sockets */
		watchdog(CRR_SECONDS);
		/* Where its sockets are made */
		ns_enter(o.ns_a);
		mark_begin();
		connections(rep);
		mark_end();
		ns_leave();
		watchdog(0);
		window_close();
		window_print(o.name, "", rep, o.count, "transaction");
	}
}
