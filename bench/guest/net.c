// SPDX-License-Identifier: GPL-2.0
/*
 * Network namespaces, sockets in them, and statistics of their devices.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

#include "load.h"

#define SYSFS "sysfs/"

/**
 * struct growth - statistics whose sum has to grow
 * @text: as the command line says it
 * @dev: the device
 * @pattern: which of them
 * @times: for how much of each packet
 * @fd: a socket in the device's namespace
 * @sysfs: they are those of all devices, not the driver's own
 * @names: of the driver's statistics, ETH_GSTRING_LEN each
 * @values: room to read them
 * @before: their sum when the window began
 */
struct growth {
	const char *text;
	const char *dev;
	const char *pattern;
	unsigned long times;
	int fd;
	bool sysfs;
	struct ethtool_gstrings *names;
	struct ethtool_stats *values;
	__u64 before;
};

#define FIELD(x) { #x, offsetof(struct rtnl_link_stats64, x) }

static const struct {
	const char *name;
	size_t at;
} fields[] = {
	FIELD(rx_packets), FIELD(tx_packets), FIELD(rx_bytes), FIELD(tx_bytes),
	FIELD(rx_errors), FIELD(tx_errors), FIELD(rx_dropped),
	FIELD(tx_dropped), FIELD(multicast), FIELD(collisions),
	FIELD(rx_length_errors), FIELD(rx_over_errors), FIELD(rx_crc_errors),
	FIELD(rx_frame_errors), FIELD(rx_fifo_errors), FIELD(rx_missed_errors),
	FIELD(tx_aborted_errors), FIELD(tx_carrier_errors),
	FIELD(tx_fifo_errors), FIELD(tx_heartbeat_errors),
	FIELD(tx_window_errors), FIELD(rx_compressed), FIELD(tx_compressed),
	FIELD(rx_nohandler),
};

static struct growth stats[STATS_MAX];
static unsigned int nr_stats;
static int home = -1;

int ns_open(const char *ns)
{
	char path[PATH_MAX] = "/proc/self/ns/net";
	int fd;

	if (strcmp(ns, "-"))
		snprintf(path, sizeof(path), "/run/netns/%s", ns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("namespace %s", ns);
	return fd;
}

void ns_enter(const char *ns)
{
	int fd;

	if (home < 0)
		home = ns_open("-");
	if (!strcmp(ns, "-"))
		return;
	fd = ns_open(ns);
	if (setns(fd, CLONE_NEWNET))
		die("namespace %s", ns);
	close(fd);
}

void ns_leave(void)
{
	if (setns(home, CLONE_NEWNET))
		die("back to the namespace of the start");
}

void parse_address(struct address *a, const char *text, int family, int port)
{
	struct sockaddr_in6 *v6 = (void *)&a->sa;
	struct sockaddr_in *v4 = (void *)&a->sa;

	memset(a, 0, sizeof(*a));
	if (text)
		a->sa.ss_family = strchr(text, ':') ? AF_INET6 : AF_INET;
	else
		a->sa.ss_family = family;
	if (family && a->sa.ss_family != family)
		bad("address '%s' is of another family", text);
	if (a->sa.ss_family == AF_INET6) {
		a->len = sizeof(*v6);
		v6->sin6_port = htons(port);
		if (text && inet_pton(AF_INET6, text, &v6->sin6_addr) != 1)
			bad("no address: '%s'", text);
	} else {
		a->len = sizeof(*v4);
		v4->sin_port = htons(port);
		if (text && inet_pton(AF_INET, text, &v4->sin_addr) != 1)
			bad("no address: '%s'", text);
	}
}

int sock_open(const char *ns, int family, int type)
{
	struct timeval tv = { .tv_sec = WAIT_SECONDS };
	int fd;

	ns_enter(ns);
	fd = socket(family, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket");
	ns_leave();
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)))
		die("time limit of a socket");
	return fd;
}

void sock_bind(int fd, const struct address *a, const char *text)
{
	if (bind(fd, (const struct sockaddr *)&a->sa, a->len))
		die("bind to %s", text ? text : "any address");
}

void sock_option(int fd, int level, int option, int value, const char *name)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		die("%s", name);
}

static int ethtool(const struct growth *s, void *data)
{
	struct ifreq ifr = { .ifr_data = data };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", s->dev);
	return ioctl(s->fd, SIOCETHTOOL, &ifr);
}

static const char *name_of(const struct growth *s, unsigned int i)
{
	if (s->sysfs)
		return fields[i].name;
	return (char *)s->names->data + i * ETH_GSTRING_LEN;
}

static unsigned int names_of(const struct growth *s)
{
	return s->sysfs ? ARRAY_SIZE(fields) : s->names->len;
}

static void *room(size_t head, size_t n, size_t size)
{
	void *p = calloc(1, head + n * size);

	if (!p)
		die("memory");
	return p;
}

static void get_names(struct growth *s)
{
	struct ethtool_sset_info *info = room(sizeof(*info), 1, sizeof(__u32));
	__u32 n;

	info->cmd = ETHTOOL_GSSET_INFO;
	info->sset_mask = 1ULL << ETH_SS_STATS;
	if (ethtool(s, info))
		die("%s: number of statistics", s->dev);
	if (!info->sset_mask)
		fail("%s: has no statistics", s->dev);
	n = info->data[0];
	free(info);
	s->names = room(sizeof(*s->names), n, ETH_GSTRING_LEN);
	s->names->cmd = ETHTOOL_GSTRINGS;
	s->names->string_set = ETH_SS_STATS;
	s->names->len = n;
	if (ethtool(s, s->names))
		die("%s: names of statistics", s->dev);
	s->values = room(sizeof(*s->values), n, sizeof(__u64));
}

static void stat_setup(struct growth *s, char *text)
{
	unsigned int i, hits = 0;
	char *p, *times, *ns;

	s->text = strdup(text);
	ns = text;
	p = strchr(ns, ':');
	if (p) {
		*p++ = 0;
		s->dev = p;
		p = strchr(p, ':');
	}
	if (!p)
		bad("-c is NS:DEV:STAT[=N], not '%s'", s->text);
	*p++ = 0;
	s->times = 1;
	times = strrchr(p, '=');
	if (times) {
		*times++ = 0;
		s->times = number("-c NS:DEV:STAT=N", times, 0, 1000000);
	}
	s->pattern = p;
	s->sysfs = !strncmp(p, SYSFS, strlen(SYSFS));
	ns_enter(ns);
	if (s->sysfs) {
		s->pattern += strlen(SYSFS);
		s->fd = nl_open(0);
	} else {
		s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (s->fd < 0)
			die("socket");
		get_names(s);
	}
	ns_leave();
	for (i = 0; i < names_of(s); i++)
		hits += !fnmatch(s->pattern, name_of(s, i), 0);
	if (!hits)
		fail("%s: %s has no such statistic", s->text, s->dev);
}

void stats_setup(const struct options *o)
{
	for (nr_stats = 0; nr_stats < o->nr_stats; nr_stats++)
		stat_setup(&stats[nr_stats], o->stats[nr_stats]);
}

static __u64 stat_read(struct growth *s)
{
	__u64 value, sum = 0;
	struct nl_link link;
	unsigned int i;

	if (s->sysfs) {
		nl_get_link(s->fd, s->dev, &link, true);
	} else {
		s->values->cmd = ETHTOOL_GSTATS;
		s->values->n_stats = s->names->len;
		if (ethtool(s, s->values))
			die("%s: statistics", s->dev);
	}
	for (i = 0; i < names_of(s); i++) {
		if (fnmatch(s->pattern, name_of(s, i), 0))
			continue;
		if (s->sysfs)
			memcpy(&value, (char *)&link.stats + fields[i].at,
			       sizeof(value));
		else
			value = s->values->data[i];
		sum += value;
	}
	return sum;
}

void stats_begin(void)
{
	unsigned int i;

	for (i = 0; i < nr_stats; i++)
		stats[i].before = stat_read(&stats[i]);
}

void stats_end(unsigned long count)
{
	unsigned int i;
	__u64 grew;

	for (i = 0; i < nr_stats; i++) {
		grew = stat_read(&stats[i]) - stats[i].before;
		if (grew != (__u64)count * stats[i].times)
			fail("%s: grew by %llu, not by %llu", stats[i].text,
			     (unsigned long long)grew,
			     (unsigned long long)count * stats[i].times);
	}
}
