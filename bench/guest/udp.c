// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams, some at a time: sent and received by the same thread, so that none
 * can overtake the receiver. Each carries its number, and has to be the next.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "load.h"
#include "mark.h"

#define BUFFER (8 << 20)

static __u8 out[65536], in[65536];
static struct options o = { .count = 2000, .size = 64, .batch = 16 };
static int a = -1, b = -1;

static void open_sockets(void)
{
	struct address to, from;

	parse_address(&to, o.dest, 0, PORT_B);
	parse_address(&from, o.src, to.sa.ss_family, PORT_A);
	a = sock_open(o.ns_a, to.sa.ss_family, SOCK_DGRAM);
	sock_option(a, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER, "SO_SNDBUF");
	sock_option(a, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER, "SO_RCVBUF");
	/* One port always: queues are chosen by the flow */
	sock_bind(a, &from, o.src);
	if (connect(a, (struct sockaddr *)&to.sa, to.len))
		die("connect to %s", o.dest);
	if (o.blind)
		return;
	b = sock_open(o.ns_b, to.sa.ss_family, SOCK_DGRAM);
	sock_option(b, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER, "SO_RCVBUF");
	if (o.translated)
		parse_address(&to, NULL, to.sa.ss_family, PORT_B);
	sock_bind(b, &to, o.dest);
}

static void send_one(__u32 seq)
{
	memcpy(out, &seq, sizeof(seq));
	if (send(a, out, o.size, 0) < 0)
		die("send datagram %u", seq);
}

static void receive_one(int fd, __u32 seq, struct address *from)
{
	struct sockaddr *sa = from ? (struct sockaddr *)&from->sa : NULL;
	socklen_t *len = from ? &from->len : NULL;
	ssize_t n;
	__u32 got;

	if (from)
		from->len = sizeof(from->sa);
	n = recvfrom(fd, in, sizeof(in), MSG_TRUNC, sa, len);
	if (n < 0 && errno == EAGAIN)
		fail("datagram %u of %lu is lost", seq, o.count);
	if (n < 0)
		die("receive datagram %u", seq);
	memcpy(&got, in, sizeof(got));
	if (n != (ssize_t)o.size)
		fail("datagram %u has %zd bytes instead of %lu", seq, n,
		     o.size);
	if (got != seq)
		fail("datagram %u came instead of %u", got, seq);
	memcpy(out, &seq, sizeof(seq));
	if (memcmp(in, out, n))
		fail("datagram %u has other content than was sent", seq);
}

static void batches(void)
{
	__u32 sent = 0, got = 0;
	unsigned long i;

	while (sent < o.count) {
		for (i = 0; i < o.batch && sent < o.count; i++)
			send_one(sent++);
		while (!o.blind && got < sent)
			receive_one(b, got++, NULL);
		if (o.pause)
			sleep_ms(o.pause);
	}
}

static void pingpong(void)
{
	struct address from;
	__u32 seq;

	for (seq = 0; seq < o.count; seq++) {
		send_one(seq);
		receive_one(b, seq, &from);
		if (sendto(b, in, o.size, 0, (struct sockaddr *)&from.sa,
			   from.len) < 0)
			die("answer datagram %u", seq);
		receive_one(a, seq, NULL);
	}
}

/* More than was sent? */
static void nothing_left(int fd)
{
	if (fd < 0)
		return;
	if (recv(fd, in, sizeof(in), MSG_DONTWAIT) >= 0)
		fail("more datagrams came than were sent");
	if (errno != EAGAIN)
		die("receive");
}

void udp_main(int argc, char **argv)
{
	unsigned int rep;
	size_t i;

	parse_options(&o, ":a:b:d:s:n:l:w:W:NPxc:r:e:", argc, argv);
	if (o.size < sizeof(__u32))
		bad("udp: -l of at least %zu bytes", sizeof(__u32));
	if (o.pingpong && o.blind)
		bad("udp: -P and -x exclude each other");
	for (i = 0; i < sizeof(out); i++)
		out[i] = i * 31 + (i >> 8) * 7 + 1;
	open_sockets();
	window_setup(&o);
	for (rep = 0; rep <= o.reps; rep++) {
		window_open(SETTLE_MS);
		mark_begin();
		if (o.pingpong)
			pingpong();
		else
			batches();
		mark_end();
		window_close();
		stats_end(o.count);
		nothing_left(a);
		nothing_left(b);
		window_print(o.name, "", rep, o.count,
			     o.pingpong ? "transaction" : "packet");
	}
}
