// SPDX-License-Identifier: GPL-2.0
/*
 * rtnetlink, as much of it as is needed: requests with an answer, devices.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

/* A message about a device with all its statistics is some 3 KiB */
static alignas(8) char answer[64 << 10];

int nl_open(unsigned int groups)
{
	struct sockaddr_nl sa = {
		.nl_family = AF_NETLINK, .nl_groups = groups
	};
	int fd;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)))
		die("netlink socket");
	sock_option(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1, "NETLINK_EXT_ACK");
	sock_option(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1, "NETLINK_CAP_ACK");
	return fd;
}

void nl_start(struct nl_msg *m, int type, int flags, const void *head,
	      size_t len)
{
	memset(m, 0, sizeof(*m));
	m->h.nlmsg_type = type;
	m->h.nlmsg_flags = NLM_F_REQUEST | flags;
	m->h.nlmsg_len = NLMSG_HDRLEN;
	nl_raw(m, head, len);
}

void nl_raw(struct nl_msg *m, const void *data, size_t len)
{
	if (m->h.nlmsg_len + NLMSG_ALIGN(len) > sizeof(*m))
		fail("netlink: request of more than %zu bytes", sizeof(*m));
	if (len)
		memcpy((char *)m + m->h.nlmsg_len, data, len);
	m->h.nlmsg_len += NLMSG_ALIGN(len);
}

void nl_put(struct nl_msg *m, int type, const void *data, size_t len)
{
	struct nlattr a = { .nla_type = type, .nla_len = NLA_HDRLEN + len };

	nl_raw(m, &a, sizeof(a));
	nl_raw(m, data, len);
}

void nl_put_u32(struct nl_msg *m, int type, __u32 value)
{
	nl_put(m, type, &value, sizeof(value));
}

void nl_put_str(struct nl_msg *m, int type, const char *text)
{
	nl_put(m, type, text, strlen(text) + 1);
}

struct nlattr *nl_nest(struct nl_msg *m, int type)
{
	struct nlattr *nest = (void *)((char *)m + m->h.nlmsg_len);

	nl_put(m, type, NULL, 0);
	return nest;
}

void nl_nest_end(struct nl_msg *m, struct nlattr *nest)
{
	nest->nla_len = (char *)m + m->h.nlmsg_len - (char *)nest;
}

/* The attribute @type in @len bytes at @p, or NULL */
static const struct nlattr *find(const void *p, int len, int type)
{
	const struct nlattr *a = p;

	while (len >= (int)sizeof(*a) && a->nla_len >= sizeof(*a) &&
	       a->nla_len <= len) {
		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
		len -= NLA_ALIGN(a->nla_len);
		a = (const void *)((const char *)a + NLA_ALIGN(a->nla_len));
	}
	return NULL;
}

/* What the kernel adds to an error, or NULL */
static const char *reason(const struct nlmsghdr *h)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);
	int skip = NLMSG_LENGTH(sizeof(*e));
	const struct nlattr *a;

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - sizeof(e->msg);
	a = find((const char *)h + skip, (int)h->nlmsg_len - skip,
		 NLMSGERR_ATTR_MSG);
	return a ? (const char *)(a + 1) : NULL;
}

static void check(const struct nlmsghdr *h, const char *what)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);
	const char *why = reason(h);

	if (!e->error)
		return;
	errno = -e->error;
	if (why)
		die("%s: %s", what, why);
	die("%s", what);
}

static ssize_t request(int fd, struct nl_msg *m, const char *what)
{
	ssize_t n;

	if (send(fd, m, m->h.nlmsg_len, 0) < 0)
		die("%s", what);
	n = recv(fd, answer, sizeof(answer), 0);
	if (n < 0)
		die("%s", what);
	return n;
}

void nl_send(int fd, struct nl_msg *m, const char *what)
{
	struct nlmsghdr *h = (void *)answer;
	ssize_t n;

	m->h.nlmsg_flags |= NLM_F_ACK;
	n = request(fd, m, what);
	if (!NLMSG_OK(h, n) || h->nlmsg_type != NLMSG_ERROR)
		fail("%s: netlink answer of type %u", what, h->nlmsg_type);
	check(h, what);
}

void nl_set_up(int fd, const char *name)
{
	struct ifinfomsg ifi = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct nl_msg m;

	nl_start(&m, RTM_SETLINK, 0, &ifi, sizeof(ifi));
	nl_put_str(&m, IFLA_IFNAME, name);
	nl_send(fd, &m, name);
}

void nl_get_link(int fd, const char *name, struct nl_link *link, bool stats)
{
	struct nlmsghdr *h = (void *)answer;
	struct ifinfomsg ifi = { 0 };
	const struct ifinfomsg *got;
	const struct nlattr *a;
	struct nl_msg m;
	ssize_t n;

	nl_start(&m, RTM_GETLINK, 0, &ifi, sizeof(ifi));
	nl_put_str(&m, IFLA_IFNAME, name);
	if (!stats)
		nl_put_u32(&m, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	n = request(fd, &m, name);
	if (!NLMSG_OK(h, n))
		fail("%s: no netlink answer", name);
	if (h->nlmsg_type == NLMSG_ERROR)
		check(h, name);
	if (h->nlmsg_type != RTM_NEWLINK)
		fail("%s: netlink answer of type %u", name, h->nlmsg_type);
	got = NLMSG_DATA(h);
	link->index = got->ifi_index;
	link->flags = got->ifi_flags;
	if (!stats)
		return;
	memset(&link->stats, 0, sizeof(link->stats));
	a = find(IFLA_RTA(got), IFLA_PAYLOAD(h), IFLA_STATS64);
	if (!a)
		fail("%s: no statistics", name);
	n = a->nla_len - NLA_HDRLEN;
	if (n > (ssize_t)sizeof(link->stats))
		n = sizeof(link->stats);
	memcpy(&link->stats, a + 1, n);
}

const char *nl_link_name(const struct nlmsghdr *h, int *index)
{
	const struct ifinfomsg *ifi = NLMSG_DATA(h);
	const struct nlattr *a;

	/* Bridges report their ports in the same messages */
	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*ifi)) ||
	    ifi->ifi_family != AF_UNSPEC)
		return NULL;
	*index = ifi->ifi_index;
	a = find(IFLA_RTA(ifi), IFLA_PAYLOAD(h), IFLA_IFNAME);
	return a ? (const char *)(a + 1) : NULL;
}

void nl_each_link(int fd, void (*fn)(const char *name, void *arg), void *arg)
{
	struct nlmsghdr *h = (void *)answer;
	struct ifinfomsg ifi = { 0 };
	struct nl_msg m;
	const char *s;
	ssize_t n;
	int index;

	nl_start(&m, RTM_GETLINK, NLM_F_DUMP, &ifi, sizeof(ifi));
	nl_put_u32(&m, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	for (n = request(fd, &m, "list of devices"); n > 0;
	     n = recv(fd, answer, sizeof(answer), 0)) {
		for (h = (void *)answer; NLMSG_OK(h, n);
		     h = NLMSG_NEXT(h, n)) {
			if (h->nlmsg_type == NLMSG_DONE)
				return;
			if (h->nlmsg_type == NLMSG_ERROR)
				check(h, "list of devices");
			s = nl_link_name(h, &index);
			if (s)
				fn(s, arg);
		}
	}
	die("list of devices");
}
