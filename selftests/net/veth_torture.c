// SPDX-License-Identifier: GPL-2.0
/*
 * veth_torture - change all there is to change of veth pairs, under traffic
 *
 * Two pairs of veth devices, A-B and C-D. Each end is in one of two network
 * namespaces of its side:
 *
 *   NS0, NS1                       NS2, NS3
 *   +-----------+                  +-----------+
 *   | A  .1 ----|-- 192.0.2.0/24 --|---- .2  B |
 *   | C  .1 ----|- 198.51.100.0/24-|---- .2  D |
 *   +-----------+                  +-----------+
 *
 * UDP datagrams go all four ways, all the time, from a thread per side. They
 * are of many sizes, some are sent as a GSO packet, some received as a GRO
 * packet, some are fragmented, some turned back or cut short by XDP programs.
 * All there is in a datagram follows from the seed, the path, the flow and the
 * number that its header names; the receiver checks every byte, and that no
 * datagram comes twice or where it does not belong.
 *
 * At the same time the main thread takes steps, each of which changes
 * something. What a step is to do follows from the seed and the number of the
 * step alone. Changes that the kernel has to refuse are as welcome as
 * others. After each step datagrams of many flows, so that they use all queues,
 * have to get through in all directions.
 *
 * After the last step, losses are accounted for, in a number of rounds. Then
 * the devices are deleted.
 *
 * All this is in a child process, which the parent watches: what hangs in the
 * kernel cannot be killed, and can only be reported.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/errqueue.h>
#include <linux/ethtool.h>
#include <linux/gen_stats.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/net_tstamp.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest.h"
#include "veth_torture.h"

#ifndef SO_RCVBUFFORCE
#define SO_RCVBUFFORCE	33
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#endif
#ifndef UDP_GRO
#define UDP_GRO		104
#endif

/* Seconds until a direction counts as stuck, and a system call as hanging. Both
 * take milliseconds.
 */
#define STUCK_SECS	60
#define HANG_SECS	120
/* Exit status for a hang: what is there cannot be cleaned up */
#define EXIT_HANG	5

#define QUEUES		4
#define PORT		5000
/* Datagrams of a flow, at most. A flow that has reached it ends. */
#define MAX_SEQ		(4U << 20)
#define MAX_LEN		60000
#define PATTERN_LEN	(128U << 10)

enum { A, B, C, D, ENDS };
#define PEER(end)	((end) ^ 1)
#define SIDE(end)	((end) & 1)
#define PAIR(end)	((end) >> 1)
#define SIDES		2
#define SPACES		4

/* What is special about a flow */
enum {
	FLOW_STAMP,		/* TX timestamps are checked; no fragments */
	FLOW_GSO,		/* sent as GSO packets */
	FLOW_GRO,		/* that, and received as GRO packets */
	FLOW_PLAIN,
	FLOW_TURN = 8,		/* no checksum, no fragments; for XDP */
	FLOW_PROBE = 12,	/* sent by the main thread to see what works */
	FLOWS = 28,
};

#define PROBES		(FLOWS - FLOW_PROBE)

enum { MODE_PARK, MODE_RUN, MODE_COUNT };

enum {
	PROG_NONE,
	PROG_PASS,
	PROG_DROP,
	PROG_TX,
	PROG_REDIRECT,
	PROG_TRIM,
	PROGS,
};

static const char * const prog_names[PROGS] = {
	"off", "pass", "drop", "tx", "redirect", "trim",
};

struct space {
	const char *name;
	int fd;
	int rtnl;
	int ioctl;
	int sysfs;
	int sockstat;
	int sock[FLOWS];
};

struct end {
	atomic_int where;	/* which of the side's namespaces */
	bool up;
	bool gro;
	bool native;
	bool generic;
	int prog;
};

struct rng {
	uint64_t state;
};

struct step {
	unsigned int nr;
	const char *name;
	struct rng rng;
};

/* What the parent sees of the child */
struct watch {
	atomic_uint beat;
	unsigned int step;
	char name[32];
};

static struct space spaces[SPACES];
static struct end ends[ENDS];
static struct watch *watch;
static int progs[PROGS][2];	/* without and with frags */

static uint64_t seed = 1;
static unsigned int nsteps = 250;
/* Between two steps, there is a part of the traffic only: 1/n */
static unsigned int traffic_part = 1;
static const char *leave_out = "";
static int defer_max = -1;

static uint8_t pattern[PATTERN_LEN];
static uint8_t *seen[ENDS][FLOWS];
static uint8_t *stamped[SPACES];

static atomic_uint epoch;
static atomic_int mode;
static atomic_bool parked[SIDES];
static atomic_bool hold_receiver;
static atomic_bool stop;
static atomic_uint attempts[SIDES];
static atomic_uint seqs[ENDS][FLOWS];
/* Datagrams of this epoch */
static atomic_uint sent[ENDS], got[ENDS];
/* In MODE_COUNT: how many are still to be sent, of which flows and size */
static atomic_uint budget[ENDS];
static unsigned int count_flow, count_flows, count_len;
/* The last epoch in which a probe arrived */
static atomic_uint alive[ENDS][PROBES];
static atomic_uint total_sent, total_got, total_tx, total_redirect;
static atomic_uint total_trim, total_stamps, total_coalesced;
static unsigned int attached[PROGS];

static atomic_bool failed;
static char failure[256];
static pthread_mutex_t fail_lock = PTHREAD_MUTEX_INITIALIZER;

/* Only the first failure is of interest */
__printf(1, 2) static void fail(const char *fmt, ...)
{
	va_list args;

	pthread_mutex_lock(&fail_lock);
	if (!failed) {
		va_start(args, fmt);
		vsnprintf(failure, sizeof(failure), fmt, args);
		va_end(args);
		failed = true;
	}
	pthread_mutex_unlock(&fail_lock);
}

/* For what is found by the way, in whatever step */
#define fail_in_step(fmt, ...) \
	fail(fmt " in step %u (%s)", ##__VA_ARGS__, watch->step, watch->name)

static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;

	return x ^ (x >> 31);
}

static unsigned int draw(struct rng *rng, unsigned int n)
{
	rng->state += 0x9e3779b97f4a7c15ULL;

	return (mix(rng->state) >> 32) % n;
}

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);

	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

static char letter(int end)
{
	return 'A' + end;
}

static const char *dev_name(int end)
{
	static const char * const names[ENDS] = {
		"vethA", "vethB", "vethC", "vethD",
	};

	return names[end];
}

static struct space *space_of(int end)
{
	return &spaces[SIDE(end) * 2 + ends[end].where];
}

static struct in_addr addr_of(int end)
{
	struct in_addr addr;

	addr.s_addr = htonl((PAIR(end) ? 0xc6336400 : 0xc0000200) +
			    1 + SIDE(end));
	return addr;
}

static void beat(void)
{
	watch->beat++;
}

/* Wait for what other threads do, or the kernel. False if it takes too long. */
static bool wait_for(bool (*done)(int arg), int arg, unsigned int secs)
{
	uint64_t end = now_ms() + secs * 1000;

	while (!done(arg)) {
		beat();
		if (failed || now_ms() > end)
			return false;
		usleep(500);
	}

	return true;
}

/*
 * Traffic
 */

static uint32_t hdr_sum(const struct torture_hdr *hdr)
{
	uint64_t sum = seed;

	sum = mix(sum + hdr->magic + ((uint64_t)hdr->may << 32));
	sum = mix(sum + hdr->path + ((uint64_t)hdr->flow << 32));
	sum = mix(sum + hdr->seq + ((uint64_t)hdr->len << 32));

	return mix(sum + hdr->epoch);
}

/* Where in the pattern a datagram's data is. The pattern follows from the seed,
 * and has space for the longest datagram after this.
 */
static const uint8_t *data_of(const struct torture_hdr *hdr)
{
	uint64_t x = mix(seed + hdr->path + ((uint64_t)hdr->flow << 8) +
			 ((uint64_t)hdr->seq << 32));

	return pattern + x % (PATTERN_LEN - MAX_LEN);
}

static uint8_t may_of(int flow)
{
	if (flow >= FLOW_PROBE)
		return 0;
	if (flow >= FLOW_TURN)
		return TORTURE_MAY_TURN | TORTURE_MAY_TRIM;
	return TORTURE_MAY_DROP;
}

/* Send datagrams of len bytes each, several of them as one GSO packet. Returns
 * 0, or a negative error if nothing has been sent.
 */
static int send_datagrams(int end, int flow, unsigned int len,
			  unsigned int segs)
{
	char control[CMSG_SPACE(sizeof(uint16_t))] = {};
	struct torture_hdr hdrs[64] = {};
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_addr = addr_of(PEER(end)),
		.sin_port = htons(PORT + flow),
	};
	struct iovec iov[2 * 64];
	struct msghdr msg = {
		.msg_name = &addr,
		.msg_namelen = sizeof(addr),
		.msg_iov = iov,
		.msg_iovlen = 2 * segs,
	};
	unsigned int seq, i;

	if (seqs[end][flow] + segs > MAX_SEQ)
		return -EOVERFLOW;
	seq = atomic_fetch_add(&seqs[end][flow], segs);

	for (i = 0; i < segs; i++) {
		hdrs[i].magic = TORTURE_MAGIC;
		hdrs[i].may = may_of(flow);
		hdrs[i].path = end;
		hdrs[i].flow = flow;
		hdrs[i].seq = seq + i;
		hdrs[i].len = len;
		hdrs[i].epoch = epoch;
		hdrs[i].sum = hdr_sum(&hdrs[i]);
		iov[2 * i].iov_base = &hdrs[i];
		iov[2 * i].iov_len = sizeof(hdrs[i]);
		iov[2 * i + 1].iov_base = (void *)data_of(&hdrs[i]);
		iov[2 * i + 1].iov_len = len - sizeof(hdrs[i]);
	}
	if (segs > 1) {
		struct cmsghdr *cmsg;

		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = IPPROTO_UDP;
		cmsg->cmsg_type = UDP_SEGMENT;
		cmsg->cmsg_len = CMSG_LEN(sizeof(uint16_t));
		*(uint16_t *)CMSG_DATA(cmsg) = len;
	}

	if (sendmsg(space_of(end)->sock[flow], &msg, MSG_DONTWAIT) < 0)
		return -errno;

	total_sent += segs;
	atomic_fetch_add(&sent[end], segs);

	return 0;
}

/* No datagram has two TX timestamps, as one has that is given to the driver
 * twice.
 */
static void check_stamps(struct space *space)
{
	uint8_t *bits = stamped[space - spaces];
	struct sock_extended_err *err;
	struct cmsghdr *cmsg;
	char control[512];
	struct msghdr msg;

	while (1) {
		memset(&msg, 0, sizeof(msg));
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		if (recvmsg(space->sock[FLOW_STAMP], &msg,
			    MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return;
		for (cmsg = CMSG_FIRSTHDR(&msg); cmsg;
		     cmsg = CMSG_NXTHDR(&msg, cmsg)) {
			if (cmsg->cmsg_level != IPPROTO_IP ||
			    cmsg->cmsg_type != IP_RECVERR)
				continue;
			err = (void *)CMSG_DATA(cmsg);
			if (err->ee_origin != SO_EE_ORIGIN_TIMESTAMPING ||
			    err->ee_info != SCM_TSTAMP_SND ||
			    err->ee_data >= MAX_SEQ)
				continue;
			if (bits[err->ee_data / 8] & 1 << err->ee_data % 8)
				fail_in_step("datagram %u has two TX timestamps",
					     err->ee_data);
			bits[err->ee_data / 8] |= 1 << err->ee_data % 8;
			total_stamps++;
		}
	}
}

static void send_burst(int end, struct rng *rng)
{
	int flow = draw(rng, FLOW_PROBE);
	unsigned int n = 1 + draw(rng, 32);
	bool flood = !draw(rng, 16);
	unsigned int len, segs = 1;
	int err = 0;

	/* More than a ring takes */
	if (flood)
		n = 600;
	for (; n && !err && mode == MODE_RUN; n--) {
		/* Every other one large, for those that are not fragmented */
		switch (draw(rng, 4)) {
		case 0:
			len = 9000;
			break;
		case 1:
			len = MAX_LEN;
			break;
		default:
			len = 1400;
		}
		if (flood) {
			len = 100;
		} else if (flow == FLOW_GSO || flow == FLOW_GRO) {
			len = 1200;
			segs = 1 + draw(rng, 40);
		}
		len = sizeof(struct torture_hdr) + 1 +
			draw(rng, len - sizeof(struct torture_hdr));

		/* Too large for the MTU: that is its size, not its number */
		err = send_datagrams(end, flow, len, segs);
		if (err == -EMSGSIZE || err == -EINVAL)
			err = 0;
		attempts[SIDE(end)]++;
	}
	if (flow == FLOW_STAMP)
		check_stamps(space_of(end));
}

static void send_counted(int end, struct rng *rng)
{
	unsigned int len = sizeof(struct torture_hdr) + 1 +
		draw(rng, count_len - sizeof(struct torture_hdr));
	int err;

	err = send_datagrams(end, count_flow + draw(rng, count_flows), len, 1);
	if (err == -EAGAIN)
		usleep(100);
	else if (err)
		fail_in_step("%c cannot send: %s", letter(end), strerror(-err));
	else
		budget[end]--;
}

static void *sender(void *arg)
{
	int side = (intptr_t)arg;
	struct rng rng = { .state = mix(seed) + mix(1000 + side) };
	int end;

	while (!stop) {
		switch (mode) {
		case MODE_PARK:
			parked[side] = true;
			usleep(500);
			break;
		case MODE_RUN:
			parked[side] = false;
			for (end = side; end < ENDS; end += SIDES)
				send_burst(end, &rng);
			usleep(draw(&rng, 300));
			break;
		case MODE_COUNT:
			parked[side] = false;
			for (end = side; end < ENDS; end += SIDES)
				if (budget[end])
					send_counted(end, &rng);
			if (!budget[side] && !budget[side + SIDES])
				usleep(500);
			break;
		}
	}

	return NULL;
}

static bool all_parked(int want)
{
	return parked[0] == want && parked[1] == want;
}

static void set_mode(int new)
{
	mode = new;
	if (!wait_for(all_parked, new == MODE_PARK, HANG_SECS))
		fail_in_step("the senders are stuck");
}

static void check_datagram(int space, int flow, const uint8_t *buf,
			   unsigned int len)
{
	struct torture_hdr hdr;
	const uint8_t *data;
	unsigned int i;
	uint8_t bit;
	bool turned;

	if (len < sizeof(hdr)) {
		fail_in_step("corrupt datagram: %u bytes", len);
		return;
	}
	memcpy(&hdr, buf, sizeof(hdr));
	if (hdr.magic != TORTURE_MAGIC || hdr.sum != hdr_sum(&hdr) ||
	    hdr.path >= ENDS || hdr.flow >= FLOWS || hdr.seq >= MAX_SEQ) {
		fail_in_step("corrupt datagram: header of flow %d, %u bytes", flow, len);
		return;
	}
	turned = hdr.did & (TORTURE_DID_TX | TORTURE_DID_REDIRECT);
	if (hdr.flow != flow ||
	    space / 2 != (SIDE(hdr.path) ^ !turned)) {
		fail_in_step("datagram %u of flow %u from %c went astray",
			     hdr.seq, hdr.flow, letter(hdr.path));
		return;
	}
	if ((hdr.did & TORTURE_DID_TRIM) ? len > hdr.len : len != hdr.len) {
		fail_in_step("corrupt datagram: %u bytes of %u from %c, flow %u",
			     len, hdr.len, letter(hdr.path), hdr.flow);
		return;
	}
	data = data_of(&hdr);
	for (i = 0; i < len - sizeof(hdr); i++) {
		if (buf[sizeof(hdr) + i] != data[i])
			break;
	}
	if (i < len - sizeof(hdr) ||
	    (hdr.did && hdr.may != may_of(FLOW_TURN))) {
		fail_in_step("corrupt datagram: byte %u of %u from %c, flow %u, did %u",
			     i, hdr.len, letter(hdr.path), hdr.flow, hdr.did);
		return;
	}
	bit = 1 << hdr.seq % 8;
	if (seen[hdr.path][flow][hdr.seq / 8] & bit) {
		fail_in_step("datagram %u of flow %u from %c came twice",
			     hdr.seq, hdr.flow, letter(hdr.path));
		return;
	}
	seen[hdr.path][flow][hdr.seq / 8] |= bit;

	total_got++;
	total_tx += !!(hdr.did & TORTURE_DID_TX);
	total_redirect += !!(hdr.did & TORTURE_DID_REDIRECT);
	total_trim += !!(hdr.did & TORTURE_DID_TRIM);
	if (hdr.epoch == epoch)
		got[hdr.path]++;
	if (flow >= FLOW_PROBE)
		alive[hdr.path][flow - FLOW_PROBE] = hdr.epoch;
}

static void receive(int space, int flow)
{
	static uint8_t buf[1 << 16];
	unsigned int off, size;
	struct cmsghdr *cmsg;
	struct msghdr msg;
	struct iovec iov;
	char control[64];
	ssize_t len;
	int n;

	for (n = 0; n < 64; n++) {
		iov.iov_base = buf;
		iov.iov_len = sizeof(buf);
		memset(&msg, 0, sizeof(msg));
		msg.msg_iov = &iov;
		msg.msg_iovlen = 1;
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		len = recvmsg(spaces[space].sock[flow], &msg, MSG_DONTWAIT);
		if (len < 0)
			return;

		size = len;
		for (cmsg = CMSG_FIRSTHDR(&msg); cmsg;
		     cmsg = CMSG_NXTHDR(&msg, cmsg)) {
			if (cmsg->cmsg_level == IPPROTO_UDP &&
			    cmsg->cmsg_type == UDP_GRO)
				size = *(uint16_t *)CMSG_DATA(cmsg);
		}
		if (size < len)
			total_coalesced++;
		off = 0;
		do {
			if (size > len - off)
				size = len - off;
			check_datagram(space, flow, buf + off, size);
			off += size;
		} while (off < len);
	}
}

static void *receiver(void *arg)
{
	struct epoll_event events[64];
	int epoll = (intptr_t)arg;
	int i, n;

	while (!stop) {
		if (hold_receiver) {
			usleep(500);
			continue;
		}
		n = epoll_wait(epoll, events, ARRAY_SIZE(events), 100);
		for (i = 0; i < n; i++)
			receive(events[i].data.u32 / FLOWS,
				events[i].data.u32 % FLOWS);
	}

	return NULL;
}

/*
 * Netlink, ethtool, sysfs. All return 0 or a negative error.
 */

struct request {
	struct nlmsghdr n;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg addr;
		struct tcmsg tc;
		char buf[512];
	};
};

static void init_request(struct request *req, int type, int flags,
			 unsigned int size)
{
	memset(req, 0, sizeof(*req));
	req->n.nlmsg_type = type;
	req->n.nlmsg_flags = NLM_F_REQUEST | flags;
	req->n.nlmsg_len = NLMSG_LENGTH(size);
}

static struct rtattr *put_attr(struct request *req, int type, const void *data,
			       unsigned int len)
{
	struct rtattr *rta = (void *)req + NLMSG_ALIGN(req->n.nlmsg_len);

	rta->rta_type = type;
	rta->rta_len = RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(rta), data, len);
	req->n.nlmsg_len = NLMSG_ALIGN(req->n.nlmsg_len) + RTA_ALIGN(rta->rta_len);

	return rta;
}

static void put_u32(struct request *req, int type, uint32_t val)
{
	put_attr(req, type, &val, sizeof(val));
}

static void put_str(struct request *req, int type, const char *str)
{
	put_attr(req, type, str, strlen(str) + 1);
}

static void end_attr(struct request *req, struct rtattr *nest)
{
	nest->rta_len = (void *)req + req->n.nlmsg_len - (void *)nest;
}

/* Calls found() for each message of a reply but the last */
static int talk(struct space *space, struct request *req,
		void (*found)(struct nlmsghdr *n, void *arg), void *arg)
{
	static char buf[1 << 16];
	static uint32_t seq;
	struct nlmsghdr *n;
	int len;

	beat();
	req->n.nlmsg_seq = ++seq;
	if ((req->n.nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		req->n.nlmsg_flags |= NLM_F_ACK;
	if (send(space->rtnl, req, req->n.nlmsg_len, 0) < 0)
		return -errno;

	while (1) {
		len = recv(space->rtnl, buf, sizeof(buf), 0);
		if (len < 0)
			return -errno;
		for (n = (void *)buf; NLMSG_OK(n, len);
		     n = NLMSG_NEXT(n, len)) {
			if (n->nlmsg_seq != seq)
				continue;
			if (n->nlmsg_type == NLMSG_ERROR)
				return ((struct nlmsgerr *)NLMSG_DATA(n))->error;
			if (n->nlmsg_type == NLMSG_DONE)
				return 0;
			if (found)
				found(n, arg);
		}
	}
}

static void init_link_request(struct request *req, int type, int flags,
			      int index)
{
	init_request(req, type, flags, sizeof(req->link));
	req->link.ifi_index = index;
}

/* Both ends have the same address, and no ARP: there are no neighbours to learn
 * or to forget.
 */
static void put_end(struct request *req, int end, unsigned int tx,
		    unsigned int rx, unsigned int mtu)
{
	static const uint8_t mac[ETH_ALEN] = { 0x02, 0, 0, 0, 0, 0x01 };

	put_str(req, IFLA_IFNAME, dev_name(end));
	put_attr(req, IFLA_ADDRESS, mac, sizeof(mac));
	put_u32(req, IFLA_NUM_TX_QUEUES, tx);
	put_u32(req, IFLA_NUM_RX_QUEUES, rx);
	put_u32(req, IFLA_MTU, mtu);
}

static int create_pair(int end, const unsigned int tx[2],
		       const unsigned int rx[2], unsigned int mtu)
{
	struct rtattr *info, *data, *peer;
	struct ifinfomsg ifi = {
		.ifi_index = TORTURE_IFINDEX + PEER(end),
		.ifi_flags = IFF_NOARP,
		.ifi_change = IFF_NOARP,
	};
	struct request req;

	init_link_request(&req, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
			  TORTURE_IFINDEX + end);
	req.link.ifi_flags = IFF_NOARP;
	req.link.ifi_change = IFF_NOARP;
	put_end(&req, end, tx[0], rx[0], mtu);
	info = put_attr(&req, IFLA_LINKINFO, NULL, 0);
	put_str(&req, IFLA_INFO_KIND, "veth");
	data = put_attr(&req, IFLA_INFO_DATA, NULL, 0);
	peer = put_attr(&req, VETH_INFO_PEER, &ifi, sizeof(ifi));
	put_end(&req, PEER(end), tx[1], rx[1], mtu);
	put_u32(&req, IFLA_NET_NS_FD, space_of(PEER(end))->fd);
	end_attr(&req, peer);
	end_attr(&req, data);
	end_attr(&req, info);

	return talk(space_of(end), &req, NULL, NULL);
}

static int delete_pair(int end)
{
	struct request req;

	init_link_request(&req, RTM_DELLINK, 0, TORTURE_IFINDEX + end);

	return talk(space_of(end), &req, NULL, NULL);
}

static int set_up(int end, bool up)
{
	struct request req;
	int err;

	init_link_request(&req, RTM_NEWLINK, 0, TORTURE_IFINDEX + end);
	req.link.ifi_flags = up ? IFF_UP : 0;
	req.link.ifi_change = IFF_UP;
	err = talk(space_of(end), &req, NULL, NULL);
	if (!err)
		ends[end].up = up;

	return err;
}

static int set_mtu(int end, unsigned int mtu)
{
	struct request req;

	init_link_request(&req, RTM_NEWLINK, 0, TORTURE_IFINDEX + end);
	put_u32(&req, IFLA_MTU, mtu);

	return talk(space_of(end), &req, NULL, NULL);
}

static int attach(struct space *space, int index, int fd, uint32_t flags)
{
	struct rtattr *xdp;
	struct request req;

	init_link_request(&req, RTM_NEWLINK, 0, index);
	xdp = put_attr(&req, IFLA_XDP | NLA_F_NESTED, NULL, 0);
	put_u32(&req, IFLA_XDP_FD, fd);
	put_u32(&req, IFLA_XDP_FLAGS, flags);
	end_attr(&req, xdp);

	return talk(space, &req, NULL, NULL);
}

static int add_addr(int end)
{
	struct in_addr addr = addr_of(end);
	struct request req;

	init_request(&req, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL,
		     sizeof(req.addr));
	req.addr.ifa_family = AF_INET;
	req.addr.ifa_prefixlen = 24;
	req.addr.ifa_index = TORTURE_IFINDEX + end;
	put_attr(&req, IFA_LOCAL, &addr, sizeof(addr));
	put_attr(&req, IFA_ADDRESS, &addr, sizeof(addr));

	return talk(space_of(end), &req, NULL, NULL);
}

/* The device is down and has no address afterwards */
static int move(int end)
{
	struct space *other = &spaces[SIDE(end) * 2 + !ends[end].where];
	struct request req;
	int err;

	init_link_request(&req, RTM_NEWLINK, 0, TORTURE_IFINDEX + end);
	put_u32(&req, IFLA_NET_NS_FD, other->fd);
	err = talk(space_of(end), &req, NULL, NULL);
	if (err)
		return err;
	ends[end].where = !ends[end].where;
	ends[end].up = false;

	return add_addr(end);
}

static int set_qdisc(int end, const char *kind, unsigned int limit)
{
	struct tc_fifo_qopt opt = { .limit = limit };
	struct request req;

	init_request(&req, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE,
		     sizeof(req.tc));
	req.tc.tcm_ifindex = TORTURE_IFINDEX + end;
	req.tc.tcm_parent = TC_H_ROOT;
	put_str(&req, TCA_KIND, kind);
	if (limit)
		put_attr(&req, TCA_OPTIONS, &opt, sizeof(opt));

	return talk(space_of(end), &req, NULL, NULL);
}

struct qdisc {
	int index;
	struct gnet_stats_queue stats;
};

static void found_qdisc(struct nlmsghdr *n, void *arg)
{
	struct tcmsg *tc = NLMSG_DATA(n);
	struct rtattr *rta = TCA_RTA(tc);
	struct qdisc *qdisc = arg;
	struct rtattr *sub;
	int len, sublen;

	if (tc->tcm_ifindex != qdisc->index || tc->tcm_parent != TC_H_ROOT)
		return;
	len = TCA_PAYLOAD(n);
	for (; RTA_OK(rta, len); rta = RTA_NEXT(rta, len)) {
		if ((rta->rta_type & NLA_TYPE_MASK) != TCA_STATS2)
			continue;
		sublen = RTA_PAYLOAD(rta);
		for (sub = RTA_DATA(rta); RTA_OK(sub, sublen);
		     sub = RTA_NEXT(sub, sublen)) {
			if (sub->rta_type == TCA_STATS_QUEUE)
				memcpy(&qdisc->stats, RTA_DATA(sub),
				       sizeof(qdisc->stats));
		}
	}
}

/* Of the root qdisc; all zero if it is noqueue */
static void get_qdisc(int end, struct qdisc *qdisc)
{
	struct request req;

	memset(qdisc, 0, sizeof(*qdisc));
	qdisc->index = TORTURE_IFINDEX + end;
	init_request(&req, RTM_GETQDISC, NLM_F_DUMP, sizeof(req.tc));
	if (talk(space_of(end), &req, found_qdisc, qdisc))
		fail("cannot get the qdiscs of %c", letter(end));
}

static int ethtool(int end, void *cmd)
{
	struct ifreq ifr = {};

	beat();
	strcpy(ifr.ifr_name, dev_name(end));
	ifr.ifr_data = cmd;

	return ioctl(space_of(end)->ioctl, SIOCETHTOOL, &ifr) < 0 ? -errno : 0;
}

static int get_channels(int end, unsigned int *tx, unsigned int *rx)
{
	struct ethtool_channels ch = { .cmd = ETHTOOL_GCHANNELS };
	int err = ethtool(end, &ch);

	*tx = ch.tx_count;
	*rx = ch.rx_count;

	return err;
}

static int set_channels(int end, unsigned int tx, unsigned int rx)
{
	struct ethtool_channels ch = {
		.cmd = ETHTOOL_SCHANNELS,
		.tx_count = tx,
		.rx_count = rx,
	};

	return ethtool(end, &ch);
}

static int set_ring(int end, unsigned int size)
{
	struct ethtool_ringparam ring = {
		.cmd = ETHTOOL_SRINGPARAM,
		.rx_pending = size,
	};

	return ethtool(end, &ring);
}

static int set_offload(int end, uint32_t cmd, bool on)
{
	struct ethtool_value val = { .cmd = cmd, .data = on };

	return ethtool(end, &val);
}

#define MAX_STRINGS	1024

/* The strings of a set; returns their number */
static int get_strings(int end, uint32_t set, char (**strings)[ETH_GSTRING_LEN])
{
	static struct {
		struct ethtool_gstrings hdr;
		char data[MAX_STRINGS][ETH_GSTRING_LEN];
	} get;
	struct {
		struct ethtool_sset_info hdr;
		uint32_t len;
	} info = { .hdr = { .cmd = ETHTOOL_GSSET_INFO,
			    .sset_mask = 1ULL << set } };

	if (ethtool(end, &info) || !info.hdr.sset_mask ||
	    info.len > MAX_STRINGS)
		return -1;
	get.hdr.cmd = ETHTOOL_GSTRINGS;
	get.hdr.string_set = set;
	get.hdr.len = info.len;
	if (ethtool(end, &get))
		return -1;
	*strings = get.data;

	return info.len;
}

static int set_feature(int end, const char *name, bool on)
{
	struct {
		struct ethtool_sfeatures hdr;
		struct ethtool_set_features_block blocks[8];
	} set = { .hdr.cmd = ETHTOOL_SFEATURES };
	char (*strings)[ETH_GSTRING_LEN];
	int i, n;

	n = get_strings(end, ETH_SS_FEATURES, &strings);
	set.hdr.size = (n + 31) / 32;
	for (i = 0; i < n; i++) {
		if (strcmp(strings[i], name))
			continue;
		set.blocks[i / 32].valid = 1U << i % 32;
		set.blocks[i / 32].requested = on ? 1U << i % 32 : 0;
		return ethtool(end, &set);
	}

	return -ENOENT;
}

/* Sum of the statistics with a name that begins and ends like this; -1 if there
 * are none
 */
static int64_t get_stats(int end, const char *begin, const char *tail)
{
	static struct {
		struct ethtool_stats hdr;
		uint64_t data[MAX_STRINGS];
	} stats;
	char (*strings)[ETH_GSTRING_LEN];
	int64_t sum = -1;
	int i, n, len;

	n = get_strings(end, ETH_SS_STATS, &strings);
	stats.hdr.cmd = ETHTOOL_GSTATS;
	stats.hdr.n_stats = n;
	if (n < 0 || ethtool(end, &stats)) {
		fail("cannot get the statistics of %c", letter(end));
		return -1;
	}
	for (i = 0; i < n; i++) {
		len = strlen(strings[i]) - strlen(tail);
		if (!strncmp(strings[i], begin, strlen(begin)) && len >= 0 &&
		    !strcmp(strings[i] + len, tail))
			sum = (sum < 0 ? 0 : sum) + stats.data[i];
	}

	return sum;
}

static int write_sysfs(int end, const char *name, const char *val)
{
	char path[64];
	int err = 0;
	int fd;

	beat();
	snprintf(path, sizeof(path), "%s/%s", dev_name(end), name);
	fd = openat(space_of(end)->sysfs, path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, val, strlen(val)) < 0)
		err = -errno;
	close(fd);

	return err;
}

static unsigned long long read_counter(int end, const char *name)
{
	char path[64], buf[32] = "";
	int fd;

	beat();
	snprintf(path, sizeof(path), "%s/statistics/%s", dev_name(end), name);
	fd = openat(space_of(end)->sysfs, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, buf, sizeof(buf) - 1) <= 0)
		fail("cannot read %s of %c", name, letter(end));
	if (fd >= 0)
		close(fd);

	return strtoull(buf, NULL, 10);
}

static int set_napi_defer(int end, unsigned int irqs, unsigned int timeout)
{
	char buf[32];
	int err;

	snprintf(buf, sizeof(buf), "%u", irqs);
	err = write_sysfs(end, "napi_defer_hard_irqs", buf);
	if (err)
		return err;
	snprintf(buf, sizeof(buf), "%u", timeout);

	return write_sysfs(end, "gro_flush_timeout", buf);
}

/*
 * XDP programs
 *
 * The shell script has attached each of them to a device of its own in NS0,
 * that nobody uses: so they can be found. Besides, each attaching or detaching
 * of a program that is nowhere else makes the kernel patch its XDP dispatcher.
 * That is no business of veth's, and emulators are known to stumble over it.
 */

static void found_xdp(struct nlmsghdr *n, void *arg)
{
	struct rtattr *rta = IFLA_RTA((struct ifinfomsg *)NLMSG_DATA(n));
	int len = IFLA_PAYLOAD(n);
	uint32_t *id = arg;
	struct rtattr *sub;
	int sublen;

	for (; RTA_OK(rta, len); rta = RTA_NEXT(rta, len)) {
		if ((rta->rta_type & NLA_TYPE_MASK) != IFLA_XDP)
			continue;
		sublen = RTA_PAYLOAD(rta);
		for (sub = RTA_DATA(rta); RTA_OK(sub, sublen);
		     sub = RTA_NEXT(sub, sublen)) {
			if (sub->rta_type == IFLA_XDP_PROG_ID)
				memcpy(id, RTA_DATA(sub), sizeof(*id));
		}
	}
}

static int get_prog(const char *dev)
{
	union bpf_attr attr;
	struct request req;
	uint32_t id = 0;

	init_link_request(&req, RTM_GETLINK, 0, 0);
	put_str(&req, IFLA_IFNAME, dev);
	if (talk(&spaces[0], &req, found_xdp, &id))
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.prog_id = id;

	return syscall(__NR_bpf, BPF_PROG_GET_FD_BY_ID, &attr, sizeof(attr));
}

static bool get_progs(void)
{
	char name[IFNAMSIZ];
	int i;

	for (i = PROG_PASS; i < PROGS; i++) {
		progs[i][0] = get_prog(prog_names[i]);
		snprintf(name, sizeof(name), "%s_frags", prog_names[i]);
		progs[i][1] = get_prog(name);
		if (progs[i][0] < 0 || progs[i][1] < 0)
			return false;
	}

	return true;
}

/*
 * What works?
 */

static void next_epoch(void)
{
	int end;

	epoch++;
	for (end = 0; end < ENDS; end++) {
		sent[end] = 0;
		got[end] = 0;
	}
}

static bool is_alive(int end)
{
	int i;

	for (i = 0; i < PROBES; i++)
		if (alive[end][i] != epoch)
			return false;

	return true;
}

static bool all_alive(int arg)
{
	int end;

	for (end = 0; end < ENDS; end++)
		if (!is_alive(end))
			return false;

	return true;
}

/* One datagram of each flow that got nothing through in this epoch */
static void send_probes(struct rng *rng)
{
	int end, i;

	for (end = 0; end < ENDS; end++) {
		for (i = 0; i < PROBES; i++) {
			if (alive[end][i] == epoch)
				continue;
			send_datagrams(end, FLOW_PROBE + i,
				       sizeof(struct torture_hdr) + 1 +
				       draw(rng, 160), 1);
		}
	}
}

static void print_end(int end)
{
	static const char * const counters[] = {
		"tx_packets", "tx_dropped", "rx_packets", "rx_dropped",
	};
	unsigned int tx = 0, rx = 0;
	struct qdisc qdisc;
	int i;

	get_qdisc(end, &qdisc);
	get_channels(end, &tx, &rx);
	ksft_print_msg("%c: in %s, %s, tx %u, rx %u, gro %s, xdp %s%s\n",
		       letter(end), space_of(end)->name,
		       ends[end].up ? "up" : "down", tx, rx,
		       ends[end].gro ? "on" : "off", prog_names[ends[end].prog],
		       ends[end].generic ? " generic" : "");
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		ksft_print_msg("%c: %s %llu\n", letter(end), counters[i],
			       read_counter(end, counters[i]));
	ksft_print_msg("%c: qdisc: %u wait, %u dropped, %u requeued\n",
		       letter(end), qdisc.stats.qlen, qdisc.stats.drops,
		       qdisc.stats.requeues);
}

static void report_stuck(struct step *s)
{
	int end, i;

	for (end = 0; end < ENDS; end++) {
		char flows[8 * PROBES] = "";

		if (is_alive(end))
			continue;
		for (i = 0; i < PROBES; i++)
			if (alive[end][i] != epoch)
				sprintf(flows + strlen(flows), " %d", i);
		ksft_print_msg("nothing from %c arrives on flows%s\n",
			       letter(end), flows);
		print_end(end);
		print_end(PEER(end));
		fail("direction %c->%c is stuck after step %u (%s)",
		     letter(end), letter(PEER(end)), s->nr, s->name);
	}
}

/* Each flow must get a datagram through in each direction. Where the ring to a
 * NAPI is full and there is no qdisc, or the receiver is slow, datagrams are
 * lost, so send until one arrives. If it takes long, that may be for too much
 * other traffic; without it nothing but a stuck queue remains.
 */
static void check_alive(struct step *s)
{
	bool parks = mode != MODE_PARK;
	uint64_t start = now_ms();
	unsigned int wait = 1;
	uint64_t due = start;

	while (!failed && !all_alive(0)) {
		uint64_t now = now_ms();

		beat();
		if (now > start + STUCK_SECS * 1000) {
			report_stuck(s);
			return;
		}
		if (parks && mode != MODE_PARK &&
		    now > start + STUCK_SECS * 1000 / 4) {
			ksft_print_msg("too slow: goes on without other traffic\n");
			set_mode(MODE_PARK);
		}
		if (now >= due) {
			send_probes(&s->rng);
			due = now + wait;
			if (wait < 64)
				wait *= 2;
		}
		usleep(200);
	}
	if (parks && mode == MODE_PARK)
		set_mode(MODE_RUN);
}

static unsigned int attempts_before[SIDES], attempts_wanted;

static bool is_busy(int arg)
{
	return attempts[0] - attempts_before[0] >= attempts_wanted &&
	       attempts[1] - attempts_before[1] >= attempts_wanted;
}

/* Let the senders send this often */
static void wait_traffic(unsigned int n)
{
	attempts_wanted = n / traffic_part + 1;
	attempts_before[0] = attempts[0];
	attempts_before[1] = attempts[1];
	if (!wait_for(is_busy, 0, HANG_SECS))
		fail_in_step("the senders are stuck");
}

/*
 * Steps
 */

static bool is_left_out(const char *name)
{
	unsigned int len = strlen(name);
	const char *at;

	for (at = strstr(leave_out, name); at; at = strstr(at + 1, name)) {
		if ((at == leave_out || at[-1] == ',') &&
		    (!at[len] || at[len] == ','))
			return true;
	}

	return false;
}

/* What the step is going to do, before it does it */
__printf(2, 3) static void say(struct step *s, const char *fmt, ...)
{
	va_list args;

	printf("# step %u %s: ", s->nr, s->name);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
}

static const char *on_off(bool on)
{
	return on ? "on" : "off";
}

/* A NAPI that its peer has for GRO only is not told of what XDP_TX puts on its
 * ring. To leave this out, leave out what would lead to it.
 */
static bool is_tx_to_gro(int end)
{
	return ends[end].native && ends[end].prog == PROG_TX &&
	       ends[PEER(end)].gro && !ends[PEER(end)].native;
}

static bool may_set_gro(int end, bool on)
{
	bool old = ends[end].gro;
	bool bad;

	ends[end].gro = on;
	bad = is_tx_to_gro(end) || is_tx_to_gro(PEER(end));
	ends[end].gro = old;

	return !bad || !is_left_out("tx-to-gro");
}

static bool is_prog_left_out(int prog)
{
	char name[32];

	snprintf(name, sizeof(name), "xdp-%s", prog_names[prog]);

	return is_left_out("xdp") || is_left_out(name);
}

static bool may_set_prog(int end, int prog, bool native)
{
	bool old_native = ends[end].native;
	int old_prog = ends[end].prog;
	bool bad;

	if (is_prog_left_out(prog))
		return false;

	ends[end].native = native;
	ends[end].prog = prog;
	bad = is_tx_to_gro(end) || is_tx_to_gro(PEER(end));
	ends[end].native = old_native;
	ends[end].prog = old_prog;

	return !bad || !is_left_out("tx-to-gro");
}

static int step_channels(struct step *s)
{
	unsigned int tx = 1 + draw(&s->rng, QUEUES);
	unsigned int rx = 1 + draw(&s->rng, QUEUES);
	int end = draw(&s->rng, ENDS);

	say(s, "%c tx %u rx %u", letter(end), tx, rx);

	return set_channels(end, tx, rx);
}

static int step_channels_both(struct step *s)
{
	unsigned int n = 1 + draw(&s->rng, QUEUES);
	int end = draw(&s->rng, ENDS);
	int err;

	say(s, "%c and %c tx %u rx %u", letter(end), letter(PEER(end)), n, n);
	err = set_channels(end, n, n);
	if (err && err != -EINVAL)
		return err;

	return set_channels(PEER(end), n, n);
}

/* Take the last TX queues away, and give them back: one may be stopped */
static int step_channels_back(struct step *s)
{
	unsigned int left = 1 + draw(&s->rng, QUEUES - 1);
	unsigned int n = 1 + draw(&s->rng, 64);
	int end = draw(&s->rng, ENDS);
	unsigned int tx, rx;
	int err;

	say(s, "%c tx %u and back", letter(end), left);
	err = get_channels(end, &tx, &rx);
	if (!err)
		err = set_channels(end, left, rx);
	if (err)
		return err;
	wait_traffic(n);

	return set_channels(end, tx, rx);
}

static int step_gro(struct step *s)
{
	int end = draw(&s->rng, ENDS);
	bool on = draw(&s->rng, 3);
	int err;

	if (!may_set_gro(end, on))
		return -ECANCELED;
	say(s, "%c %s", letter(end), on_off(on));
	err = set_offload(end, ETHTOOL_SGRO, on);
	if (!err)
		ends[end].gro = on;

	return err;
}

static int step_tso(struct step *s)
{
	int end = draw(&s->rng, ENDS);
	bool on = !draw(&s->rng, 3);

	say(s, "%c %s", letter(end), on_off(on));

	return set_offload(end, ETHTOOL_STSO, on);
}

static int step_offload(struct step *s)
{
	static const struct {
		uint32_t cmd;
		const char *name;
	} offloads[] = {
		{ ETHTOOL_SGSO, "gso" },
		{ ETHTOOL_SSG, "sg" },
		{ ETHTOOL_STXCSUM, "tx" },
		{ ETHTOOL_SRXCSUM, "rx" },
	};
	int i = draw(&s->rng, ARRAY_SIZE(offloads));
	int end = draw(&s->rng, ENDS);
	bool on = draw(&s->rng, 2);

	say(s, "%c %s %s", letter(end), offloads[i].name, on_off(on));

	return set_offload(end, offloads[i].cmd, on);
}

/* GRO for UDP that has no socket which wants it */
static int step_gro_udp(struct step *s)
{
	static const char * const names[] = {
		"rx-gro-list", "rx-udp-gro-forwarding",
	};
	int i = draw(&s->rng, ARRAY_SIZE(names));
	int end = draw(&s->rng, ENDS);
	bool on = draw(&s->rng, 2);

	say(s, "%c %s %s", letter(end), names[i], on_off(on));

	return set_feature(end, names[i], on);
}

static int step_threaded(struct step *s)
{
	int end = draw(&s->rng, ENDS);
	bool on = draw(&s->rng, 2);

	say(s, "%c %s", letter(end), on_off(on));

	return write_sysfs(end, "threaded", on ? "1" : "0");
}

/* Rings fill up while a NAPI is held back */
static int step_defer(struct step *s)
{
	static const unsigned int usecs[] = { 0, 0, 20, 1000, 20000, 100000 };
	unsigned int usec = usecs[draw(&s->rng, ARRAY_SIZE(usecs))];
	unsigned int irqs = 1 + draw(&s->rng, 3);
	int end = draw(&s->rng, ENDS);

	say(s, "%c %u times %u us", letter(end), irqs, usec);

	return set_napi_defer(end, irqs, usec * 1000);
}

static unsigned int draw_mtu(struct rng *rng)
{
	/* The last ones before and after those that XDP forbids, with pages of
	 * 4 KiB, and those that clouds use
	 */
	static const unsigned int mtus[] = {
		1500, 1500, 3504, 3505, 9000, 9001, 9001, 65535,
	};
	unsigned int i = draw(rng, ARRAY_SIZE(mtus) + 1);
	unsigned int any = 1300 + draw(rng, 20000);

	return i < ARRAY_SIZE(mtus) ? mtus[i] : any;
}

static int step_mtu(struct step *s)
{
	unsigned int mtu = draw_mtu(&s->rng);
	int end = draw(&s->rng, ENDS);
	bool both = draw(&s->rng, 4);
	int err;

	say(s, "%c%s %u", letter(end), both ? " and peer" : "", mtu);
	err = set_mtu(end, mtu);
	if (both && (!err || err == -EINVAL))
		err = set_mtu(PEER(end), mtu);

	return err;
}

static int step_rings(struct step *s)
{
	static const unsigned int sizes[] = { 64, 64, 100, 256, 1024, 4096 };
	unsigned int size = sizes[draw(&s->rng, ARRAY_SIZE(sizes))];
	int end = draw(&s->rng, ENDS);

	say(s, "%c %u", letter(end), size);

	return set_ring(end, size);
}

static int step_qdisc(struct step *s)
{
	static const unsigned int limits[] = { 10, 100, 1000 };
	static const char * const kinds[] = {
		"noqueue", "pfifo", "pfifo_fast", "fq_codel", "mq", "mq",
	};
	const char *kind = kinds[draw(&s->rng, ARRAY_SIZE(kinds))];
	unsigned int limit = limits[draw(&s->rng, ARRAY_SIZE(limits))];
	int end = draw(&s->rng, ENDS);

	if (strcmp(kind, "pfifo"))
		limit = 0;
	say(s, "%c %s %u", letter(end), kind, limit);

	return set_qdisc(end, kind, limit);
}

/* This takes the carrier from the peer */
static int step_link(struct step *s)
{
	unsigned int n = 1 + draw(&s->rng, 64);
	int end = draw(&s->rng, ENDS);
	int err;

	say(s, "%c down and up", letter(end));
	err = set_up(end, false);
	if (err)
		return err;
	wait_traffic(n);

	return set_up(end, true);
}

static int step_move(struct step *s)
{
	int end = draw(&s->rng, ENDS);

	say(s, "%c to %s", letter(end),
	    spaces[SIDE(end) * 2 + !ends[end].where].name);

	return move(end);
}

static void init_end(int end)
{
	ends[end].up = false;
	ends[end].gro = false;
	ends[end].native = false;
	ends[end].generic = false;
	ends[end].prog = PROG_NONE;
}

static int set_up_pair(int end)
{
	int err;

	init_end(end);
	init_end(PEER(end));
	err = add_addr(end);
	if (!err)
		err = add_addr(PEER(end));
	/* With TSO on, most of what is sent bypasses the peer's NAPI */
	if (!err)
		err = set_offload(end, ETHTOOL_STSO, false);
	if (!err)
		err = set_offload(PEER(end), ETHTOOL_STSO, false);
	if (!err)
		err = set_up(end, true);
	if (!err)
		err = set_up(PEER(end), true);

	return err;
}

static int step_recreate(struct step *s)
{
	unsigned int mtu = draw_mtu(&s->rng);
	int end = draw(&s->rng, ENDS);
	bool same = draw(&s->rng, 2);
	unsigned int tx[2], rx[2];
	int i, err;

	for (i = 0; i < 2; i++) {
		tx[i] = 1 + draw(&s->rng, QUEUES);
		rx[i] = 1 + draw(&s->rng, QUEUES);
		if (same) {
			tx[i] = QUEUES;
			rx[i] = QUEUES;
		}
	}
	say(s, "%c tx %u rx %u, %c tx %u rx %u, mtu %u", letter(end), tx[0],
	    rx[0], letter(PEER(end)), tx[1], rx[1], mtu);
	err = delete_pair(end);
	if (!err)
		err = create_pair(end, tx, rx, mtu);
	if (!err)
		err = set_up_pair(end);

	return err;
}

static int set_prog(int end, int prog, bool native, bool frags)
{
	int err;

	err = attach(space_of(end), TORTURE_IFINDEX + end,
		     prog ? progs[prog][frags] : -1,
		     native ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE);
	if (err)
		return err;
	ends[end].native = prog && native;
	ends[end].generic = prog && !native;
	ends[end].prog = prog;
	attached[prog]++;

	return 0;
}

static int step_xdp(struct step *s)
{
	static const int choice[] = {
		PROG_NONE, PROG_NONE, PROG_PASS, PROG_DROP, PROG_TX,
		PROG_REDIRECT, PROG_REDIRECT, PROG_TRIM, PROG_TRIM,
	};
	int prog = choice[draw(&s->rng, ARRAY_SIZE(choice))];
	int end = draw(&s->rng, ENDS);
	bool native = draw(&s->rng, 3);
	bool frags = draw(&s->rng, 3);
	int err;

	/* One mode excludes the other */
	if ((!native && ends[end].native) || (native && ends[end].generic) ||
	    !prog) {
		if (!may_set_prog(end, PROG_NONE, false))
			return -ECANCELED;
		say(s, "%c off", letter(end));
		err = set_prog(end, PROG_NONE, ends[end].native, false);
		if (err) {
			fail("cannot detach XDP from %c in step %u (%s): %s",
			     letter(end), s->nr, s->name, strerror(-err));
			return 0;
		}
		if (!prog)
			return 0;
	}
	if (!may_set_prog(end, prog, native))
		return -ECANCELED;
	say(s, "%c %s%s %s", letter(end), native ? "native" : "generic",
	    frags ? " frags" : "", prog_names[prog]);

	return set_prog(end, prog, native, frags);
}

static bool no_backlog(int end)
{
	struct qdisc qdisc;

	get_qdisc(end, &qdisc);

	return !qdisc.stats.qlen;
}

/* Without other traffic, nothing is lost, and nothing follows that would set in
 * motion what is stuck
 */
static int step_rest(struct step *s)
{
	int end, i;

	say(s, "no other traffic");
	set_mode(MODE_PARK);
	for (end = 0; end < ENDS; end++) {
		if (wait_for(no_backlog, end, STUCK_SECS) || failed)
			continue;
		print_end(end);
		print_end(PEER(end));
		fail("direction %c->%c is stuck after step %u (%s)",
		     letter(end), letter(PEER(end)), s->nr, s->name);
	}
	/* Then the rings have what remains. The first probes push it out. What
	 * XDP has turned back by then, others push out of the other rings.
	 */
	for (i = 0; i < 2 && !failed; i++) {
		next_epoch();
		check_alive(s);
	}
	if (failed)
		return 0;

	next_epoch();
	send_probes(&s->rng);
	if (!wait_for(all_alive, 0, STUCK_SECS))
		report_stuck(s);
	set_mode(MODE_RUN);

	return 0;
}

static const struct kind {
	const char *name;
	unsigned int weight;
	int (*run)(struct step *s);
	int refusals[2];
} kinds[] = {
	{ "channels", 3, step_channels, { EINVAL } },
	{ "channels-both", 2, step_channels_both, { EINVAL } },
	{ "channels-back", 3, step_channels_back, { EINVAL } },
	{ "xdp", 16, step_xdp, { ERANGE, ENOSPC } },
	{ "gro", 4, step_gro },
	/* An end must do without TSO and GSO while its peer has native XDP */
	{ "tso", 4, step_tso, { EOPNOTSUPP } },
	{ "offload", 2, step_offload, { EOPNOTSUPP } },
	{ "gro-udp", 2, step_gro_udp },
	{ "threaded", 2, step_threaded, { EOPNOTSUPP } },
	{ "defer", 3, step_defer },
	{ "mtu", 4, step_mtu, { EINVAL } },
	/* mq needs several queues; not all qdiscs need be there */
	{ "qdisc", 4, step_qdisc, { EOPNOTSUPP, ENOENT } },
	{ "rings", 3, step_rings, { EOPNOTSUPP } },
	{ "link", 3, step_link },
	{ "move", 2, step_move },
	{ "recreate", 2, step_recreate },
	{ "rest", 3, step_rest },
};

static unsigned int taken[ARRAY_SIZE(kinds)], refused[ARRAY_SIZE(kinds)];

static void enter_step(struct step *s, unsigned int nr, const char *name)
{
	s->nr = nr;
	s->name = name;
	s->rng.state = mix(seed) ^ mix(nr + 1);
	watch->step = nr;
	snprintf(watch->name, sizeof(watch->name), "%s", name);
	beat();
}

static void run_step(unsigned int nr)
{
	static const unsigned int traffic[] = { 32, 32, 300, 1000 };
	unsigned int i, pick, busy, sum = 0;
	int end, down, monitored;
	struct step s;
	int err;

	enter_step(&s, nr, "");
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		sum += kinds[i].weight;
	pick = draw(&s.rng, sum);
	for (i = 0; pick >= kinds[i].weight; i++)
		pick -= kinds[i].weight;
	down = draw(&s.rng, 8 * ENDS);
	busy = traffic[draw(&s.rng, ARRAY_SIZE(traffic))];
	monitored = draw(&s.rng, ENDS);
	s.name = kinds[i].name;
	snprintf(watch->name, sizeof(watch->name), "%s", s.name);

	if (is_left_out(s.name)) {
		err = -ECANCELED;
	} else {
		if (down < ENDS && kinds[i].run != step_rest) {
			say(&s, "while %c is down", letter(down));
			err = set_up(down, false);
			if (err)
				fail("cannot set %c down in step %u (%s): %s",
				     letter(down), nr, s.name, strerror(-err));
		}
		err = kinds[i].run(&s);
	}

	if (err == -ECANCELED) {
		ksft_print_msg("step %u %s: left out\n", nr, s.name);
	} else if (err < 0 && (-err == kinds[i].refusals[0] ||
			       -err == kinds[i].refusals[1])) {
		ksft_print_msg("step %u %s: refused: %s\n", nr, s.name,
			       strerror(-err));
		refused[i]++;
	} else if (err < 0) {
		fail("step %u (%s) fails: %s", nr, s.name, strerror(-err));
	} else {
		taken[i]++;
	}

	for (end = 0; end < ENDS && !failed; end++) {
		if (ends[end].up)
			continue;
		err = set_up(end, true);
		if (err)
			fail("cannot set %c up in step %u (%s): %s",
			     letter(end), nr, s.name, strerror(-err));
	}
	if (failed)
		return;

	wait_traffic(busy);
	get_stats(monitored, "", "");
	next_epoch();
	check_alive(&s);
}

/* A program that was there so often must have been seen to work */
static void check_programs(void)
{
	const unsigned int enough = 25;

	if (attached[PROG_TX] > enough && !total_tx)
		fail("no datagram was turned back by XDP_TX");
	if (attached[PROG_REDIRECT] > enough && !total_redirect)
		fail("no datagram was redirected");
	if (attached[PROG_TRIM] > enough && !total_trim)
		fail("no datagram was cut short");
}

static bool run_steps(void)
{
	unsigned int i;

	set_mode(MODE_RUN);
	for (i = 1; i <= nsteps && !failed; i++)
		run_step(i);
	if (!failed)
		set_mode(MODE_PARK);
	check_programs();

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		ksft_print_msg("%s: %u done, %u refused\n", kinds[i].name,
			       taken[i], refused[i]);
	ksft_print_msg("%u datagrams sent, %u received in all\n", total_sent,
		       total_got);
	ksft_print_msg("%u turned by XDP_TX, %u redirected, %u cut short\n",
		       total_tx, total_redirect, total_trim);
	ksft_print_msg("%u GRO packets, %u TX timestamps\n", total_coalesced,
		       total_stamps);
	if (nsteps && !total_stamps)
		fail("no datagram has a TX timestamp");

	return !failed;
}

/*
 * Accounting
 *
 * Here every datagram that was sent is received, or is in exactly one counter.
 * That can be told if
 * - nothing changes while datagrams are under way: taking a queue, a qdisc or a
 *   NAPI away purges what waits there, and nobody counts that;
 * - no datagram is fragmented or part of a GSO packet: devices count packets;
 * - XDP is in native mode: what programs drop in generic mode nobody counts;
 * - XDP sends nothing elsewhere: other devices would count that;
 * - the pair has its namespaces for itself: sockets count for all devices.
 */

#define COUNT		1000
#define COUNT_QUEUES	2

static const struct round {
	const char *name;
	bool gro;
	int prog;
	bool frags;
	unsigned int mtu;
	unsigned int usec;	/* that NAPIs are held back */
	unsigned int limit;	/* of pfifo */
} rounds[] = {
	{ "no NAPI", .mtu = 1500 },
	{ "GRO", .mtu = 1500, .gro = true },
	{ "GRO, rings full", .mtu = 1500, .gro = true, .usec = 100000 },
	{ "GRO, rings and qdiscs full", .mtu = 9001, .gro = true,
	  .usec = 100000, .limit = 50 },
	{ "XDP drops", .mtu = 1500, .prog = PROG_DROP },
	{ "XDP drops, frags", .mtu = 9001, .prog = PROG_DROP, .frags = true },
	{ "XDP cuts frags off", .mtu = 9001, .prog = PROG_TRIM, .frags = true },
};

struct account {
	unsigned int sent, got;
	unsigned int tx_dropped, rx_dropped;
	unsigned int qdisc, xdp, sock;
	/* Not lost, but waits in the qdisc; has been in the peer's NAPI */
	unsigned int waits, napi;
};

static unsigned int sock_drops(struct space *space)
{
	uint32_t info[SK_MEMINFO_VARS];
	unsigned int sum = 0;
	int i;

	for (i = 0; i < FLOWS; i++) {
		socklen_t len = sizeof(info);

		if (getsockopt(space->sock[i], SOL_SOCKET, SO_MEMINFO, info,
			       &len))
			fail("cannot get SO_MEMINFO: %s", strerror(errno));
		sum += info[SK_MEMINFO_DROPS];
	}

	return sum;
}

static void get_account(int end, struct account *a)
{
	struct qdisc qdisc;

	get_qdisc(end, &qdisc);
	a->qdisc = qdisc.stats.drops;
	a->waits = qdisc.stats.qlen;
	a->got = got[end];
	a->sent = sent[end];
	a->tx_dropped = read_counter(end, "tx_dropped");
	a->rx_dropped = read_counter(PEER(end), "rx_dropped");
	a->napi = get_stats(PEER(end), "rx_queue_", "_xdp_packets");
	a->xdp = get_stats(PEER(end), "rx_queue_", "_xdp_drops");
	a->sock = sock_drops(space_of(PEER(end)));
}

/* What the backlog drops is in tx_dropped of the sender, too. NAPIs have no
 * part in that.
 */
static unsigned int lost(const struct round *round, const struct account *a)
{
	unsigned int sum = a->tx_dropped + a->qdisc + a->xdp + a->sock;

	return round->gro || round->prog ? sum + a->rx_dropped : sum;
}

/* Where IP gives up on a datagram that lacks fragments, it sends an ICMP
 * message, which devices would count, too.
 */
static bool no_fragments(int arg)
{
	char buf[1024];
	char *frags;
	int i, len;

	for (i = 0; i < SPACES; i++) {
		len = pread(spaces[i].sockstat, buf, sizeof(buf) - 1, 0);
		buf[len < 0 ? 0 : len] = '\0';
		frags = strstr(buf, "FRAG: inuse ");
		if (!frags || atoi(frags + strlen("FRAG: inuse ")))
			return false;
	}

	return true;
}

static bool budget_spent(int arg)
{
	int end;

	for (end = 0; end < ENDS; end++)
		if (budget[end])
			return false;

	return true;
}

static int set_up_round(const struct round *round)
{
	const unsigned int queues[2] = { COUNT_QUEUES, COUNT_QUEUES };
	int end, err;

	for (end = 0; end < ENDS; end += 2) {
		err = delete_pair(end);
		if (err)
			return err;
		ends[end].where = PAIR(end);
		ends[PEER(end)].where = PAIR(end);
		err = create_pair(end, queues, queues, round->mtu);
		if (!err)
			err = set_up_pair(end);
		if (err)
			return err;
	}
	for (end = 0; end < ENDS; end++) {
		err = 0;
		if (round->gro)
			err = set_offload(end, ETHTOOL_SGRO, true);
		if (!err && round->limit)
			err = set_qdisc(end, "pfifo", round->limit);
		if (!err && round->prog)
			err = set_prog(end, round->prog, true, round->frags);
		if (!err && round->usec)
			err = set_napi_defer(end, 1, round->usec * 1000);
		if (err)
			return err;
	}

	return 0;
}

/* Nothing is counted that was not sent, so if all is accounted for, it is once
 * and for all. NAPIs count after they have passed the packets on.
 */
static bool is_accounted(const struct round *round, const struct account *a)
{
	bool napi = round->gro || round->prog;

	return a->sent == a->got + lost(round, a) &&
	       a->napi == (napi ? a->sent - a->tx_dropped - a->qdisc : 0);
}

static void check_account(struct step *s, const struct round *round, int end,
			  unsigned int sock_before)
{
	uint64_t until = now_ms() + STUCK_SECS * 1000;
	char from = letter(end);
	char to = letter(PEER(end));
	struct account a;

	do {
		usleep(1000);
		get_account(end, &a);
		a.sock -= sock_before;
	} while (!is_accounted(round, &a) && !failed && now_ms() < until);

	ksft_print_msg("%c->%c: %u sent, %u received; NAPI took %u\n",
		       from, to, a.sent, a.got, a.napi);
	ksft_print_msg("  drops: tx %u, rx %u, qdisc %u, xdp %u, sockets %u\n",
		       a.tx_dropped, a.rx_dropped, a.qdisc, a.xdp, a.sock);
	if (a.waits)
		fail("direction %c->%c is stuck after step %u (%s)", from, to,
		     s->nr, s->name);
	if (a.sent != a.got + lost(round, &a))
		fail("direction %c->%c: %u sent, %u received, %u counted as dropped",
		     from, to, a.sent, a.got, lost(round, &a));
	if (!is_accounted(round, &a))
		fail("direction %c->%c: NAPI took %u of %u", from, to, a.napi,
		     a.sent);
	if (round->prog == PROG_DROP && !a.xdp)
		fail("direction %c->%c: XDP has dropped nothing", from, to);
	if (!a.got)
		fail("direction %c->%c: nothing received", from, to);
}

static void run_round(const struct round *round)
{
	unsigned int sock_before[ENDS];
	unsigned int cut = total_trim;
	struct step s;
	int end, err;

	enter_step(&s, nsteps + 1 + (round - rounds), "account");
	if (!wait_for(no_fragments, 0, STUCK_SECS))
		fail("fragments remain");
	err = set_up_round(round);
	if (err) {
		fail("cannot set up a round: %s", strerror(-err));
		return;
	}
	for (end = 0; end < ENDS; end++)
		sock_before[end] = sock_drops(space_of(PEER(end)));
	next_epoch();
	check_alive(&s);
	if (failed)
		return;

	count_len = round->mtu - 28;
	count_flow = FLOW_PLAIN;
	count_flows = FLOW_TURN - FLOW_PLAIN;
	if (round->prog == PROG_TRIM) {
		count_flow = FLOW_TURN;
		count_flows = FLOW_PROBE - FLOW_TURN;
	}
	/* Let sockets overflow, too */
	hold_receiver = true;
	for (end = 0; end < ENDS; end++)
		budget[end] = COUNT;
	set_mode(MODE_COUNT);
	if (!wait_for(budget_spent, 0, HANG_SECS))
		fail_in_step("the senders are stuck");
	set_mode(MODE_PARK);
	hold_receiver = false;

	for (end = 0; end < ENDS && !failed; end++)
		check_account(&s, round, end, sock_before[end]);
	if (round->prog == PROG_TRIM && total_trim == cut)
		fail("no datagram was cut short");
}

/* Pages that an end's pools wait for. A pool may keep a part of one page per
 * queue, for the next packet.
 */
static int64_t pages_missing(int end, int64_t *out)
{
	int64_t back;

	*out = get_stats(end, "rx_pp_alloc_fast", "") +
	       get_stats(end, "rx_pp_alloc_slow", "") +
	       get_stats(end, "rx_pp_alloc_refill", "");
	back = get_stats(end, "rx_pp_recycle_cached", "") +
	       get_stats(end, "rx_pp_recycle_ring", "") +
	       get_stats(end, "rx_pp_recycle_released_ref", "");

	return *out - back;
}

static bool pages_back(int end)
{
	int64_t out;

	return pages_missing(end, &out) <= COUNT_QUEUES;
}

static void check_pages(const struct round *round)
{
	int64_t missing, out;
	int end;

	for (end = 0; end < ENDS && !failed; end++) {
		wait_for(pages_back, end, STUCK_SECS);
		missing = pages_missing(end, &out);
		ksft_print_msg("%c: %lld pages out, %lld missing\n",
			       letter(end), (long long)out, (long long)missing);
		if (out < COUNT / 10)
			fail("%c: the page pools gave only %lld pages",
			     letter(end), (long long)out);
		if (missing < 0 || missing > COUNT_QUEUES)
			fail("%c: the page pools miss %lld of %lld pages",
			     letter(end), (long long)missing, (long long)out);
	}
}

static bool report(const char *what, const char *name)
{
	if (failed)
		ksft_test_result_fail("%s%s: %s\n", what, name, failure);
	else
		ksft_test_result_pass("%s%s\n", what, name);

	return !failed;
}

static bool run_rounds(void)
{
	unsigned int i;
	bool pages;

	/* What sockets have read shall be freed at once, not when the CPU that
	 * allocated it gets to that
	 */
	pages = defer_max >= 0 && write(defer_max, "0", 1) == 1 &&
		get_stats(A, "rx_pp_alloc_fast", "") >= 0;

	for (i = 0; i < ARRAY_SIZE(rounds); i++) {
		if (rounds[i].prog && is_prog_left_out(rounds[i].prog))
			continue;
		run_round(&rounds[i]);
		if (!report("losses are counted: ", rounds[i].name))
			return false;
		if (!rounds[i].prog)
			continue;
		if (!pages) {
			ksft_test_result_skip("no statistics of page pools, or no skb_defer_max\n");
			continue;
		}
		check_pages(&rounds[i]);
		if (!report("pages come back: ", rounds[i].name))
			return false;
	}

	return true;
}

static bool delete_all(void)
{
	int end, i, err;
	struct step s;

	enter_step(&s, nsteps + ARRAY_SIZE(rounds) + 1, "delete");
	for (end = 0; end < ENDS; end += 2) {
		err = delete_pair(end);
		if (err)
			fail("cannot delete %c: %s", letter(end),
			     strerror(-err));
	}
	for (end = 0; end < ENDS; end++) {
		for (i = 0; i < SPACES; i++) {
			struct ifreq ifr = {};

			strcpy(ifr.ifr_name, dev_name(end));
			if (ioctl(spaces[i].ioctl, SIOCGIFINDEX, &ifr) >= 0)
				fail("%c is not deleted", letter(end));
		}
	}

	return report("all devices are deleted", "");
}

/*
 * Set up
 */

/* When a datagram of FLOW_STAMP was sent, without the datagram */
#define STAMP_FLAGS	(SOF_TIMESTAMPING_TX_SOFTWARE |	\
			 SOF_TIMESTAMPING_SOFTWARE |	\
			 SOF_TIMESTAMPING_OPT_ID |	\
			 SOF_TIMESTAMPING_OPT_TSONLY)

static int open_sock(int space, int flow, int epoll)
{
	struct epoll_event event = {
		.events = EPOLLIN,
		.data.u32 = space * FLOWS + flow,
	};
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT + flow),
	};
	int whole = IP_PMTUDISC_DO;
	int stamp = STAMP_FLAGS;
	int size = 1 << 20;
	int one = 1;
	int fd;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	/* More than a ring takes, or no queue would be stopped */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)))
		return -1;
	if (flow == FLOW_STAMP &&
	    (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &stamp,
			sizeof(stamp)) ||
	     setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	     setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &whole,
			sizeof(whole))))
		return -1;
	if (flow == FLOW_GRO &&
	    setsockopt(fd, IPPROTO_UDP, UDP_GRO, &one, sizeof(one)))
		return -1;
	/* What XDP sends has no offloads, so it must have no checksum to be
	 * filled in. Without one, IP might assemble fragments of different
	 * datagrams.
	 */
	if (flow >= FLOW_TURN && flow < FLOW_PROBE &&
	    (setsockopt(fd, SOL_SOCKET, SO_NO_CHECK, &one, sizeof(one)) ||
	     setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &whole,
			sizeof(whole))))
		return -1;
	if (bind(fd, (void *)&addr, sizeof(addr)) ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		return -1;

	return fd;
}

/* Leaves this thread in the namespace */
static void open_space(int i, const char *name, int epoll)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };
	struct space *space = &spaces[i];
	char path[PATH_MAX];
	int flow;

	space->name = name;
	snprintf(path, sizeof(path), "/var/run/netns/%s", name);
	space->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (space->fd < 0 || setns(space->fd, CLONE_NEWNET))
		ksft_exit_fail_msg("no namespace %s: %s\n", name,
				   strerror(errno));

	space->rtnl = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
			     NETLINK_ROUTE);
	space->ioctl = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (space->rtnl < 0 || space->ioctl < 0 ||
	    bind(space->rtnl, (void *)&addr, sizeof(addr)))
		ksft_exit_fail_perror("no control sockets");

	/* sysfs shows the namespace of whoever mounts it */
	if (mount("sysfs", "/sys", "sysfs", 0, NULL))
		ksft_exit_fail_perror("cannot mount sysfs");
	space->sysfs = open("/sys/class/net", O_RDONLY | O_CLOEXEC);
	if (space->sysfs < 0 || umount2("/sys", MNT_DETACH))
		ksft_exit_fail_perror("no /sys/class/net");

	space->sockstat = open("/proc/net/sockstat", O_RDONLY | O_CLOEXEC);
	if (space->sockstat < 0)
		ksft_exit_fail_perror("no sockstat");

	for (flow = 0; flow < FLOWS; flow++) {
		space->sock[flow] = open_sock(i, flow, epoll);
		if (space->sock[flow] < 0)
			ksft_exit_fail_perror("cannot open a UDP socket");
	}
}

static uint8_t *alloc_bits(void)
{
	void *bits = mmap(NULL, MAX_SEQ / 8, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (bits == MAP_FAILED)
		ksft_exit_fail_perror("no memory");

	return bits;
}

static int work(char **names)
{
	const unsigned int queues[2] = { QUEUES, QUEUES };
	bool xdp = !is_left_out("xdp");
	pthread_t threads[SIDES + 1];
	int epoll, end, flow, err;
	unsigned int i, plan = 2;

	for (i = 0; i < ARRAY_SIZE(rounds); i++)
		plan += !rounds[i].prog ? 1 :
			is_prog_left_out(rounds[i].prog) ? 0 : 2;
	ksft_set_plan(plan);
	ksft_print_msg("seed %llu, %u steps, left out: %s\n",
		       (unsigned long long)seed, nsteps,
		       *leave_out ? leave_out : "nothing");

	for (i = 0; i < PATTERN_LEN; i++)
		pattern[i] = mix(seed + i);
	for (end = 0; end < ENDS; end++)
		for (flow = 0; flow < FLOWS; flow++)
			seen[end][flow] = alloc_bits();
	for (i = 0; i < SPACES; i++)
		stamped[i] = alloc_bits();

	defer_max = open("/proc/sys/net/core/skb_defer_max",
			 O_WRONLY | O_CLOEXEC);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0 || unshare(CLONE_NEWNS) ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		ksft_exit_fail_perror("no mount namespace");
	for (i = 0; i < SPACES; i++)
		open_space(i, names[i], epoll);

	watch->step = 0;
	strcpy(watch->name, "set up");
	if (xdp && !get_progs())
		ksft_exit_fail_perror("no XDP programs");
	for (end = 0; end < ENDS; end += 2) {
		err = create_pair(end, queues, queues, 9001);
		if (!err)
			err = set_up_pair(end);
		if (err)
			ksft_exit_skip("cannot create a veth pair: %s\n",
				       strerror(-err));
	}
	for (i = 0; i < SIDES; i++)
		pthread_create(&threads[i], NULL, sender, (void *)(intptr_t)i);
	pthread_create(&threads[i], NULL, receiver, (void *)(intptr_t)epoll);

	run_steps();
	if (!report("traffic survives the steps", "") || !run_rounds() ||
	    !delete_all())
		ksft_exit_fail();

	stop = true;
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	ksft_finished();
}

/* As long as the child does something it is well: all its waits have an end */
static int supervise(pid_t pid)
{
	unsigned int last = watch->beat;
	uint64_t since = now_ms();
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (watch->beat != last) {
			last = watch->beat;
			since = now_ms();
		} else if (now_ms() > since + HANG_SECS * 1000) {
			printf("Bail out! step %u (%s) hangs\n", watch->step,
			       watch->name);
			return EXIT_HANG;
		}
		usleep(100000);
	}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	printf("Bail out! killed by signal %d in step %u (%s)\n",
	       WTERMSIG(status), watch->step, watch->name);

	return KSFT_FAIL;
}

int main(int argc, char **argv)
{
	pid_t pid;
	int opt;

	while ((opt = getopt(argc, argv, "s:n:x:p:")) != -1) {
		switch (opt) {
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			nsteps = strtoul(optarg, NULL, 0);
			break;
		case 'x':
			leave_out = optarg;
			break;
		case 'p':
			traffic_part = strtoul(optarg, NULL, 0) ?: 1;
			break;
		default:
			return KSFT_FAIL;
		}
	}
	if (argc - optind != SPACES) {
		fprintf(stderr,
			"usage: %s [-s SEED] [-n STEPS] [-x NAME,...] [-p PART] NETNS NETNS NETNS NETNS\n",
			argv[0]);
		return KSFT_FAIL;
	}

	watch = mmap(NULL, sizeof(*watch), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (watch == MAP_FAILED)
		ksft_exit_fail_perror("mmap");
	ksft_print_header();
	pid = fork();
	if (pid < 0)
		ksft_exit_fail_perror("fork");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return work(argv + optind);
	}

	return supervise(pid);
}
