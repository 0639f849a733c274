// SPDX-License-Identifier: GPL-2.0
/*
 * Containers come and go: for each a namespace, a veth pair of which one end is
 * in it, addresses and a route; a datagram to the host and back; and the end of
 * it all. Number I has host I at 10.77.0.0 + 2 * I and eth0 at the address
 * behind it, a /31.
 *
 * Windows: NAME-create, NAME-use, NAME-delete. The last one ends some time after
 * the kernel has said of every host end that it is gone: what is left of a
 * namespace goes later. All are closed at once, so the kernel takes them down in
 * batches.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"
#include "mark.h"

#define MAX_PODS 4000
#define CLEANUP_MS 500
#define BASE 0x0a4d0000		/* 10.77.0.0 */
#define PREFIX 31
#define DEVICE "eth0"
#define LIMIT_SECONDS 120
#define NEWS_BUFFER (64 << 20)
#define MESSAGE 64
#define AFTERMATH_MS 1000	/* of a namespace whose devices have gone */
#define GC_THRESH "/proc/sys/net/ipv4/neigh/default/gc_thresh"

/**
 * struct pod - what is there of one container
 * @ns: its namespace
 * @sock: the socket in it, or -1
 * @dev: name of the host's end
 * @running: the host's end could send when it was looked at
 * @gone: the host's end is not there any more
 */
struct pod {
	int ns;
	int sock;
	char dev[IFNAMSIZ];
	bool running;
	bool gone;
};

static int home, rtnl, host, news;
static struct pod pods[MAX_PODS];
static alignas(8) char answer[64 << 10];
static struct options o;
static unsigned long thresholds[4];
static unsigned long gone;

static in_addr_t host_addr(unsigned int i)
{
	return htonl(BASE + 2 * i);
}

static in_addr_t pod_addr(unsigned int i)
{
	return htonl(BASE + 2 * i + 1);
}

static void put_mac(struct nl_msg *m, int end, unsigned int i)
{
	const __u8 mac[] = { 0x02, 0x62, end, 0, i >> 8, i };

	nl_put(m, IFLA_ADDRESS, mac, sizeof(mac));
}

static void new_pair(unsigned int i)
{
	struct nlattr *info, *data, *peer;
	struct ifinfomsg ifi = { 0 };
	struct nl_msg m;

	nl_start(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi, sizeof(ifi));
	nl_put_str(&m, IFLA_IFNAME, pods[i].dev);
	put_mac(&m, 0, i);
	if (o.txq)
		nl_put_u32(&m, IFLA_NUM_TX_QUEUES, o.txq);
	info = nl_nest(&m, IFLA_LINKINFO);
	nl_put_str(&m, IFLA_INFO_KIND, "veth");
	data = nl_nest(&m, IFLA_INFO_DATA);
	peer = nl_nest(&m, VETH_INFO_PEER);
	nl_raw(&m, &ifi, sizeof(ifi));
	nl_put_str(&m, IFLA_IFNAME, DEVICE);
	put_mac(&m, 1, i);
	if (o.txq)
		nl_put_u32(&m, IFLA_NUM_TX_QUEUES, o.txq);
	nl_put_u32(&m, IFLA_NET_NS_FD, pods[i].ns);
	nl_nest_end(&m, peer);
	nl_nest_end(&m, data);
	nl_nest_end(&m, info);
	nl_send(rtnl, &m, pods[i].dev);
}

/* Router solicitations and the like come when they like */
static void stop_addrconf(int fd, const char *dev)
{
	const __u8 mode = IN6_ADDR_GEN_MODE_NONE;
	struct ifinfomsg ifi = { 0 };
	struct nlattr *af, *inet6;
	struct nl_msg m;

	nl_start(&m, RTM_SETLINK, 0, &ifi, sizeof(ifi));
	nl_put_str(&m, IFLA_IFNAME, dev);
	af = nl_nest(&m, IFLA_AF_SPEC);
	inet6 = nl_nest(&m, AF_INET6);
	nl_put(&m, IFLA_INET6_ADDR_GEN_MODE, &mode, sizeof(mode));
	nl_nest_end(&m, inet6);
	nl_nest_end(&m, af);
	nl_send(fd, &m, dev);
}

static void add_address(int fd, int index, in_addr_t addr)
{
	struct ifaddrmsg ifa = {
		.ifa_family = AF_INET, .ifa_prefixlen = PREFIX,
		.ifa_index = index
	};
	struct nl_msg m;

	nl_start(&m, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &ifa, sizeof(ifa));
	nl_put_u32(&m, IFA_LOCAL, addr);
	nl_put_u32(&m, IFA_ADDRESS, addr);
	nl_send(fd, &m, "address");
}

static void add_default_route(int fd, int index, in_addr_t via)
{
	struct rtmsg rtm = {
		.rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC, .rtm_type = RTN_UNICAST,
		.rtm_scope = RT_SCOPE_UNIVERSE
	};
	struct nl_msg m;

	nl_start(&m, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &rtm,
		 sizeof(rtm));
	nl_put_u32(&m, RTA_GATEWAY, via);
	nl_put_u32(&m, RTA_OIF, index);
	nl_send(fd, &m, "default route");
}

/* Within the new namespace */
static void set_up_inside(unsigned int i)
{
	struct nl_link link;
	int fd = nl_open(0);

	nl_set_up(fd, "lo");
	if (o.no_addrconf)
		stop_addrconf(fd, DEVICE);
	nl_set_up(fd, DEVICE);
	nl_get_link(fd, DEVICE, &link, false);
	add_address(fd, link.index, pod_addr(i));
	add_default_route(fd, link.index, host_addr(i));
	close(fd);
}

static void create(void)
{
	struct nl_link link;
	unsigned int i;
	struct pod *p;

	for (i = 0; i < o.count; i++) {
		p = &pods[i];
		if (unshare(CLONE_NEWNET))
			die("new namespace %u", i);
		p->ns = ns_open("-");
		p->sock = -1;
		new_pair(i);
		if (o.no_addrconf)
			stop_addrconf(rtnl, p->dev);
		nl_set_up(rtnl, p->dev);
		set_up_inside(i);
		/* Asking makes it ready to send, not only later */
		nl_get_link(rtnl, p->dev, &link, false);
		p->running = link.flags & IFF_RUNNING;
		p->gone = false;
		add_address(rtnl, link.index, host_addr(i));
	}
	if (setns(home, CLONE_NEWNET))
		die("back to the namespace of the start");
}

/* Where asking was not enough. Outside of all windows */
static void wait_running(void)
{
	struct nl_link link;
	unsigned int i;

	watchdog(LIMIT_SECONDS);
	for (i = 0; i < o.count; i++)
		while (!pods[i].running) {
			sleep_ms(10);
			nl_get_link(rtnl, pods[i].dev, &link, false);
			pods[i].running = link.flags & IFF_RUNNING;
		}
	watchdog(0);
}

static void there_and_back(unsigned int i)
{
	__u32 buf[MESSAGE / sizeof(__u32)] = { i };
	struct sockaddr_in sa = {
		.sin_family = AF_INET, .sin_port = htons(PORT_B),
		.sin_addr.s_addr = host_addr(i)
	};
	socklen_t len = sizeof(sa);
	int fd;

	if (setns(pods[i].ns, CLONE_NEWNET))
		die("namespace %u", i);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket");
	pods[i].sock = fd;
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)))
		die("connect from namespace %u", i);
	if (send(fd, buf, sizeof(buf), 0) < 0)
		die("send from namespace %u", i);
	if (recvfrom(host, buf, sizeof(buf), 0, (struct sockaddr *)&sa,
		     &len) < 0)
		die("receive from namespace %u", i);
	if (buf[0] != i || sa.sin_addr.s_addr != pod_addr(i))
		fail("not from namespace %u, but from %u", i, buf[0]);
	if (sendto(host, buf, sizeof(buf), 0, (struct sockaddr *)&sa, len) < 0)
		die("answer to namespace %u", i);
	buf[0] = ~i;
	if (recv(fd, buf, sizeof(buf), 0) < 0)
		die("receive in namespace %u", i);
	if (buf[0] != i)
		fail("namespace %u got what is for %u", i, buf[0]);
}

static void use(void)
{
	unsigned int i;

	for (i = 0; i < o.count; i++)
		there_and_back(i);
	if (setns(home, CLONE_NEWNET))
		die("back to the namespace of the start");
}

/* The number in the name of one of ours, or -1 */
static long pod_of(const char *dev)
{
	unsigned int i;
	char end;

	if (!dev || sscanf(dev, "host%u%c", &i, &end) != 1 || i >= o.count)
		return -1;
	return strcmp(dev, pods[i].dev) ? -1 : (long)i;
}

/* Only what we wait for wakes us: type RTM_DELLINK */
static void open_news(void)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS,
			 offsetof(struct nlmsghdr, nlmsg_type)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELLINK), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, -1),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { .len = ARRAY_SIZE(insns), .filter = insns };

	news = nl_open(0);
	sock_option(news, SOL_SOCKET, SO_RCVBUFFORCE, NEWS_BUFFER,
		    "SO_RCVBUFFORCE");
	if (setsockopt(news, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)))
		die("SO_ATTACH_FILTER");
	sock_option(news, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, RTNLGRP_LINK,
		    "RTNLGRP_LINK");
}

static void count_ours(const char *name, void *arg)
{
	unsigned long *n = arg;

	*n += pod_of(name) >= 0;
}

/* Messages were lost: look until none is there */
static void poll_gone(void)
{
	unsigned long left;

	for (;;) {
		left = 0;
		nl_each_link(rtnl, count_ours, &left);
		gone = o.count - left;
		if (!left)
			return;
		sleep_ms(10);
	}
}

static void note_gone(ssize_t n)
{
	struct nlmsghdr *h = (void *)answer;
	int index;
	long i;

	for (; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
		if (h->nlmsg_type != RTM_DELLINK)
			continue;
		i = pod_of(nl_link_name(h, &index));
		if (i < 0 || pods[i].gone)
			continue;
		pods[i].gone = true;
		gone++;
	}
}

static void wait_gone(void)
{
	ssize_t n;

	while (gone < o.count) {
		n = recv(news, answer, sizeof(answer), 0);
		if (n < 0 && errno == ENOBUFS)
			return poll_gone();
		if (n < 0)
			die("RTM_DELLINK");
		note_gone(n);
	}
}

static void delete(void)
{
	unsigned int i;

	for (i = 0; i < o.count; i++) {
		if (pods[i].sock >= 0)
			close(pods[i].sock);
		close(pods[i].ns);
	}
	wait_gone();
	/* Nobody says when cleanup_net() is through; it waits for RCU, twice */
	sleep_ms(CLEANUP_MS);
}

static void write_threshold(int i, unsigned long value)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s%d", GC_THRESH, i);
	f = fopen(path, "we");
	if (!f)
		die("%s", path);
	fprintf(f, "%lu\n", value);
	if (fclose(f))
		die("%s", path);
}

/* At the end of the program, however it ends */
static void restore_thresholds(void)
{
	int i;

	for (i = 1; i <= 3; i++)
		write_threshold(i, thresholds[i]);
}

/*
 * The table of neighbours is one for all namespaces, and full when there are
 * more than the third threshold.
 */
static void enlarge_neighbours(void)
{
	unsigned long want = 1024 + 4 * o.count;
	char path[64];
	FILE *f;
	int i;

	for (i = 1; i <= 3; i++) {
		snprintf(path, sizeof(path), "%s%d", GC_THRESH, i);
		f = fopen(path, "re");
		/* Only the first namespace of the system has them */
		if (!f && errno == ENOENT)
			return;
		if (!f || fscanf(f, "%lu", &thresholds[i]) != 1)
			die("%s", path);
		fclose(f);
	}
	atexit(restore_thresholds);
	for (i = 3; i >= 1; i--)
		if (thresholds[i] < want)
			write_threshold(i, want);
}

static void raise_limit(void)
{
	struct rlimit files = {
		.rlim_cur = 2 * o.count + 64, .rlim_max = 2 * o.count + 64
	};
	struct rlimit now;

	if (getrlimit(RLIMIT_NOFILE, &now))
		die("RLIMIT_NOFILE");
	if (now.rlim_max > files.rlim_max)
		files.rlim_max = now.rlim_max;
	if (now.rlim_cur < files.rlim_cur &&
	    setrlimit(RLIMIT_NOFILE, &files))
		die("RLIMIT_NOFILE");
}

static void set_up(void)
{
	struct address any;
	unsigned int i;

	for (i = 0; i < o.count; i++)
		snprintf(pods[i].dev, sizeof(pods[i].dev), "host%u", i);
	raise_limit();
	enlarge_neighbours();
	home = ns_open("-");
	rtnl = nl_open(0);
	parse_address(&any, NULL, AF_INET, PORT_B);
	host = sock_open("-", AF_INET, SOCK_DGRAM);
	sock_bind(host, &any, NULL);
	window_setup(&o);
}

static void window(const char *suffix, unsigned int rep, unsigned long settle,
		   void (*work)(void))
{
	window_open(settle);
	watchdog(LIMIT_SECONDS);
	mark_begin();
	work();
	mark_end();
	watchdog(0);
	window_close();
	window_print(o.name, suffix, rep, o.count, "namespace");
}

void churn_main(int argc, char **argv)
{
	unsigned int rep;

	parse_options(&o, ":n:Aq:ur:e:", argc, argv);
	if (!o.count || o.count > MAX_PODS)
		bad("churn: -n COUNT from 1 to %d is needed", MAX_PODS);
	set_up();
	for (rep = 0; rep <= o.reps; rep++) {
		window("-create", rep, AFTERMATH_MS, create);
		wait_running();
		if (!o.unused)
			window("-use", rep, SETTLE_MS, use);
		open_news();
		gone = 0;
		window("-delete", rep, SETTLE_MS, delete);
		close(news);
	}
}
