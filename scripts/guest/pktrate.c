// SPDX-License-Identifier: GPL-2.0
/*
 * pktrate - small UDP datagrams as fast as they go, every one accounted for
 *
 *   pktrate -r [-46] [-f FLOWS] [-p PORT] [-t SECONDS] [-x]
 *   pktrate -s ADDRESS [-46] [-f FLOWS] [-p PORT] [-n COUNT] [-l SIZE]
 *           [-w WINDOW]
 *
 * The receiver (-r) ends when the sender says that it is done, and prints one
 * line: packets per second between the first and the last datagram, and how
 * many of the COUNT datagrams of all flows were lost, came twice, came behind
 * a later one of their flow, or with other content than was sent. "overflow"
 * of the lost were dropped by the receiver's own socket. With -x it fails if
 * any was lost, duplicated or corrupted.
 *
 * WINDOW is how many datagrams of a flow may be on their way. The receiver
 * acknowledges, so with a window that the socket buffer holds no socket ever
 * overflows, and what is lost the network lost. A datagram that is lost costs
 * time, not the rest of the window: a probe tells the receiver how far the
 * sender is. Flow I uses port PORT + I at both ends.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <linux/types.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAGIC 0x706b7472
#define MAX_FLOWS 64
#define BATCH 32
#define MAX_SIZE 9000
#define BUFFER (8 << 20)

enum kind { DATA, PROBE, FIN, ACK, FIN_ACK };

struct head {
	__u32 magic;
	__u16 kind;
	__u16 flow;
	__u64 seq;
};

struct flow {
	int fd;
	__u64 next;		/* sender: first that was not sent */
	__u64 acked;		/* sender: first that may still be on its way */
	__u64 got;		/* receiver: how many different ones */
	__u64 top;		/* receiver: one above the highest */
	__u64 total;		/* as FIN says */
	__u64 answered;
	__u8 *seen;
	size_t seen_size;
	bool done;
};

static __u64 duplicated, reordered, corrupt, received;
static unsigned int size = 64, nr_flows = 1;
static struct flow flows[MAX_FLOWS];
static __u64 count = 1000000;
static __u64 window;

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "pktrate: %s: %s\n", what, strerror(errno));
	exit(2);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static __u8 pattern(__u64 seq, unsigned int flow)
{
	return (seq * 31 + flow * 7 + 1) & 0xff;
}

static void fill(__u8 *buf, enum kind what, unsigned int flow, __u64 seq)
{
	struct head h = {
		.magic = MAGIC, .kind = what, .flow = flow, .seq = seq
	};

	memcpy(buf, &h, sizeof(h));
	if (what == DATA)
		memset(buf + sizeof(h), pattern(seq, flow), size - sizeof(h));
}

static int open_flow(const char *address, int family, int port)
{
	struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(port)
	};
	struct sockaddr_in v4 = {
		.sin_family = AF_INET, .sin_port = htons(port)
	};
	socklen_t len = family == AF_INET ? sizeof(v4) : sizeof(v6);
	int fd, buffer = BUFFER, err;
	void *to = &v6;

	if (family == AF_INET)
		to = &v4;
	if (address && inet_pton(family, address, family == AF_INET ?
				 (void *)&v4.sin_addr :
				 (void *)&v6.sin6_addr) != 1) {
		fprintf(stderr, "pktrate: no address '%s'\n", address);
		exit(2);
	}
	fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		die("socket");
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer)))
		die("socket buffer");
	err = address ? connect(fd, to, len) : bind(fd, to, len);
	if (err)
		die(address ? "connect" : "bind");
	return fd;
}

/* What the receiver answered so far */
static void take_answers(struct flow *f)
{
	__u8 buf[sizeof(struct head)];
	struct head h;

	while (recv(f->fd, buf, sizeof(buf), 0) == sizeof(buf)) {
		memcpy(&h, buf, sizeof(h));
		if (h.magic != MAGIC)
			continue;
		if (h.kind == FIN_ACK)
			f->done = true;
		else if (h.kind == ACK && h.seq > f->acked)
			f->acked = h.seq;
	}
}

/* Send as much of a batch as the window and the socket allow */
static unsigned int send_batch(struct flow *f, unsigned int id, __u64 total)
{
	static struct mmsghdr msgs[BATCH];
	static __u8 bufs[BATCH][MAX_SIZE];
	static struct iovec iovs[BATCH];
	__u64 room = total - f->next;
	unsigned int i;
	int sent;

	if (window && f->next - f->acked + room > window)
		room = window - (f->next - f->acked);
	if (room > BATCH)
		room = BATCH;
	if (!room)
		return 0;
	for (i = 0; i < room; i++) {
		fill(bufs[i], DATA, id, f->next + i);
		iovs[i].iov_base = bufs[i];
		iovs[i].iov_len = size;
		memset(&msgs[i], 0, sizeof(msgs[i]));
		msgs[i].msg_hdr.msg_iov = &iovs[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	sent = sendmmsg(f->fd, msgs, room, 0);
	if (sent < 0) {
		if (errno == EAGAIN || errno == ENOBUFS)
			return 0;
		die("send");
	}
	f->next += sent;
	return sent;
}

static void control(struct flow *f, enum kind what, unsigned int id,
		    __u64 seq)
{
	__u8 buf[sizeof(struct head)];

	fill(buf, what, id, seq);
	if (send(f->fd, buf, sizeof(buf), 0) < 0 && errno != EAGAIN &&
	    errno != ENOBUFS && errno != ECONNREFUSED)
		die("send");
}

static int sender(const char *address, int family, int port)
{
	__u64 total, sent = 0, all = 0;
	struct pollfd fds[MAX_FLOWS];
	double start, secs, moved;
	unsigned int i, n, todo;
	int tries;

	for (i = 0; i < nr_flows; i++) {
		flows[i].fd = open_flow(address, family, port + i);
		/* The first flows carry what does not divide */
		flows[i].total = count / nr_flows + (i < count % nr_flows);
		all += flows[i].total;
	}
	start = now();
	moved = start;
	while (sent < all) {
		n = 0;
		for (i = 0; i < nr_flows; i++) {
			total = flows[i].total;
			n += send_batch(&flows[i], i, total);
			if (window)
				take_answers(&flows[i]);
			fds[i].fd = flows[i].fd;
			fds[i].events = POLLIN;
			/* Room for more, were it not for the socket */
			if (flows[i].next < total &&
			    (!window ||
			     flows[i].next - flows[i].acked < window))
				fds[i].events |= POLLOUT;
		}
		sent += n;
		if (n) {
			moved = now();
			continue;
		}
		poll(fds, nr_flows, 10);
		if (now() - moved < 0.2)
			continue;
		for (i = 0; i < nr_flows; i++)
			control(&flows[i], PROBE, i, flows[i].next);
		if (now() - moved > 30) {
			fprintf(stderr, "pktrate: no answer for 30 s\n");
			return 2;
		}
		usleep(50000);
	}
	secs = now() - start;
	for (tries = 0, todo = nr_flows; todo && tries < 200; tries++) {
		for (i = 0, todo = 0; i < nr_flows; i++) {
			take_answers(&flows[i]);
			if (flows[i].done)
				continue;
			todo++;
			control(&flows[i], FIN, i, flows[i].total);
		}
		usleep(50000);
	}
	printf("sent %llu in %.3f s: %.0f packets/s\n",
	       (unsigned long long)sent, secs, sent / secs);
	return todo ? 2 : 0;
}

static void answer(struct flow *f, enum kind what, unsigned int id,
		   const struct msghdr *to)
{
	__u8 buf[sizeof(struct head)];

	fill(buf, what, id, f->top);
	f->answered = f->top;
	if (sendto(f->fd, buf, sizeof(buf), 0, to->msg_name,
		   to->msg_namelen) < 0 && errno != EAGAIN)
		die("answer");
}

static void data(struct flow *f, unsigned int id, const struct head *h,
		 const __u8 *buf, unsigned int len)
{
	__u8 want = pattern(h->seq, id);
	unsigned int i;
	size_t need;

	if (h->seq >= UINT32_MAX || h->flow != id) {
		corrupt++;
		return;
	}
	for (i = sizeof(*h); i < len; i++)
		if (buf[i] != want) {
			corrupt++;
			return;
		}
	received++;
	need = h->seq / 8 + 1;
	if (need > f->seen_size) {
		f->seen = realloc(f->seen, need * 2);
		if (!f->seen)
			die("memory");
		memset(f->seen + f->seen_size, 0, need * 2 - f->seen_size);
		f->seen_size = need * 2;
	}
	if (f->seen[h->seq / 8] & 1 << h->seq % 8) {
		duplicated++;
		return;
	}
	f->seen[h->seq / 8] |= 1 << h->seq % 8;
	f->got++;
	if (h->seq < f->top) {
		/* Where the first few were tells what may have done it */
		if (reordered++ < 4)
			fprintf(stderr, "pktrate: flow %u: %llu after %llu\n",
				id, (unsigned long long)h->seq,
				(unsigned long long)f->top - 1);
	} else {
		f->top = h->seq + 1;
	}
}

/* All that waits in one flow's socket; the time of the last datagram */
static double receive(struct flow *f, unsigned int id)
{
	static struct sockaddr_storage from[BATCH];
	static struct mmsghdr msgs[BATCH];
	static __u8 bufs[BATCH][MAX_SIZE];
	static struct iovec iovs[BATCH];
	double last = 0;
	struct head h;
	int i, n;

	for (i = 0; i < BATCH; i++) {
		iovs[i].iov_base = bufs[i];
		iovs[i].iov_len = MAX_SIZE;
		memset(&msgs[i], 0, sizeof(msgs[i]));
		msgs[i].msg_hdr.msg_iov = &iovs[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
		msgs[i].msg_hdr.msg_name = &from[i];
		msgs[i].msg_hdr.msg_namelen = sizeof(from[i]);
	}
	n = recvmmsg(f->fd, msgs, BATCH, 0, NULL);
	for (i = 0; i < n; i++) {
		if (msgs[i].msg_len < sizeof(h)) {
			corrupt++;
			continue;
		}
		memcpy(&h, bufs[i], sizeof(h));
		if (h.magic != MAGIC) {
			corrupt++;
			continue;
		}
		switch (h.kind) {
		case DATA:
			data(f, id, &h, bufs[i], msgs[i].msg_len);
			last = now();
			break;
		case PROBE:
			/* What was sent before it is here or lost */
			if (h.seq > f->top)
				f->top = h.seq;
			answer(f, ACK, id, &msgs[i].msg_hdr);
			break;
		case FIN:
			f->done = true;
			f->total = h.seq;
			answer(f, FIN_ACK, id, &msgs[i].msg_hdr);
			break;
		default:
			corrupt++;
		}
	}
	/* One for each batch keeps any window of two batches moving */
	if (n > 0 && f->top > f->answered)
		answer(f, ACK, id, &msgs[n - 1].msg_hdr);
	return last;
}

static int receiver(int family, int port, int patience, bool strict)
{
	__u64 lost = 0, overflow = 0;
	__u32 info[SK_MEMINFO_VARS];
	double t, first = 0, last = 0;
	struct pollfd fds[MAX_FLOWS];
	socklen_t len = sizeof(info);
	unsigned int i, done = 0;
	int n;

	for (i = 0; i < nr_flows; i++) {
		flows[i].fd = open_flow(NULL, family, port + i);
		fds[i].fd = flows[i].fd;
		fds[i].events = POLLIN;
	}
	for (;;) {
		/* What was overtaken by the end has some time to come */
		n = poll(fds, nr_flows, done == nr_flows ? 300 : patience);
		if (n < 0)
			die("poll");
		if (!n)
			break;
		for (i = 0, done = 0; i < nr_flows; i++) {
			t = fds[i].revents ? receive(&flows[i], i) : 0;
			if (t && !first)
				first = t;
			if (t)
				last = t;
			done += flows[i].done;
		}
	}
	for (i = 0; i < nr_flows; i++) {
		lost += flows[i].total - flows[i].got;
		if (!getsockopt(flows[i].fd, SOL_SOCKET, SO_MEMINFO, info, &len))
			overflow += info[SK_MEMINFO_DROPS];
	}
	printf("received %llu in %.3f s: %.0f packets/s, lost %llu, "
	       "overflow %llu, duplicated %llu, reordered %llu, corrupt %llu\n",
	       (unsigned long long)received, last - first,
	       last > first ? received / (last - first) : 0,
	       (unsigned long long)lost, (unsigned long long)overflow,
	       (unsigned long long)duplicated, (unsigned long long)reordered,
	       (unsigned long long)corrupt);
	if (done < nr_flows) {
		fprintf(stderr, "pktrate: the sender did not come to its end\n");
		return 2;
	}
	return strict && (lost || duplicated || corrupt);
}

int main(int argc, char **argv)
{
	int opt, family = AF_INET, port = 5300, patience = 30000;
	bool receiving = false, strict = false;
	const char *address = NULL;

	while ((opt = getopt(argc, argv, "rs:46f:p:n:l:w:t:x")) != -1) {
		switch (opt) {
		case 'r':
			receiving = true;
			break;
		case 's':
			address = optarg;
			break;
		case '4':
			family = AF_INET;
			break;
		case '6':
			family = AF_INET6;
			break;
		case 'f':
			nr_flows = atoi(optarg);
			break;
		case 'p':
			port = atoi(optarg);
			break;
		case 'n':
			count = strtoull(optarg, NULL, 10);
			break;
		case 'l':
			size = atoi(optarg);
			break;
		case 'w':
			window = strtoull(optarg, NULL, 10);
			break;
		case 't':
			patience = atoi(optarg) * 1000;
			break;
		case 'x':
			strict = true;
			break;
		default:
			return 2;
		}
	}
	if (receiving == !!address || !nr_flows || nr_flows > MAX_FLOWS ||
	    size < sizeof(struct head) || size > MAX_SIZE || !count) {
		fprintf(stderr, "usage: pktrate -r|-s ADDRESS [-46] [-f FLOWS] "
			"[-p PORT] [-n COUNT] [-l SIZE] [-w WINDOW] "
			"[-t SECONDS] [-x]\n");
		return 2;
	}
	return receiving ? receiver(family, port, patience, strict) :
			   sender(address, family, port);
}
