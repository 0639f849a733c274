// SPDX-License-Identifier: GPL-2.0
/*
 * Windows: what the system counted before and behind them. The files stay open,
 * so that reading them frees and allocates nothing; what is noisier to read is
 * read farther from the window.
 *
 *   softirq-NAME, interrupts, timer, ipi	of all CPUs
 *   pgalloc, pgfree				pages
 *   udp-NAME, udp6-NAME, tcp-NAME		of both namespaces
 *   ena0-NAME, ena1-NAME			of the ENA model's devices
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

#define MAX_COUNTERS 512
#define NAME_LEN 48
#define MAX_ENA 2
#define TEXT_SIZE (256 << 10)

/**
 * struct snapshot - all counters at one time
 * @n: how many there are
 * @when: the time, outside of the marks
 * @c: their names and values
 */
struct snapshot {
	unsigned int n;
	struct timespec when;
	struct {
		char name[NAME_LEN];
		__u64 value;
	} c[MAX_COUNTERS];
};

/**
 * struct source - a file of counters
 * @path: what it is, for messages
 * @fd: the file
 * @parse: takes its text apart
 */
struct source {
	const char *path;
	int fd;
	void (*parse)(struct snapshot *s, char *text);
};

static struct snapshot before, after;
static struct source sources[8];
static unsigned int nr_sources, nr_ena;
static char text[TEXT_SIZE];
static int ena = -1;

/* Counters of one name are added up */
static void __printf(3, 4) add(struct snapshot *s, __u64 value,
			       const char *fmt, ...)
{
	char name[NAME_LEN];
	unsigned int i;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	for (i = 0; i < s->n && strcmp(s->c[i].name, name); i++)
		;
	if (i == MAX_COUNTERS)
		fail("more than %d counters", MAX_COUNTERS);
	if (i == s->n) {
		memcpy(s->c[i].name, name, sizeof(name));
		s->c[i].value = 0;
		s->n++;
	}
	s->c[i].value += value;
}

/* The sum of up to @max numbers in @p */
static __u64 sum(const char *p, unsigned int max)
{
	__u64 all = 0;
	char *end;

	while (max--) {
		all += strtoull(p, &end, 10);
		if (end == p)
			break;
		p = end;
	}
	return all;
}

static char *next_line(char **p)
{
	return strsep(p, "\n");
}

/* "NET_RX:  1  2": a column for each CPU */
static void parse_softirqs(struct snapshot *s, char *p)
{
	char *line, *colon;

	while ((line = next_line(&p))) {
		line += strspn(line, " ");
		colon = strchr(line, ':');
		if (!colon)
			continue;
		*colon = 0;
		add(s, sum(colon + 1, -1), "softirq-%s", line);
	}
}

static void parse_interrupts(struct snapshot *s, char *p)
{
	char *line = next_line(&p), *colon;
	unsigned int cpus = 0;

	/* Behind the columns come words that may begin with digits */
	while (line && (line = strstr(line, "CPU"))) {
		cpus++;
		line++;
	}
	while ((line = next_line(&p))) {
		line += strspn(line, " ");
		colon = strchr(line, ':');
		if (!colon)
			continue;
		*colon++ = 0;
		if (isdigit((unsigned char)*line))
			add(s, sum(colon, cpus), "interrupts");
		else if (!strcmp(line, "LOC"))
			add(s, sum(colon, cpus), "timer");
		else if (!strcmp(line, "RES") || !strcmp(line, "CAL") ||
			 !strcmp(line, "TLB"))
			add(s, sum(colon, cpus), "ipi");
	}
}

static void parse_vmstat(struct snapshot *s, char *p)
{
	unsigned long long v;
	char *line;

	while ((line = next_line(&p))) {
		if (sscanf(line, "pgfree %llu", &v) == 1)
			add(s, v, "pgfree");
		else if (sscanf(line, "pgalloc_%*s %llu", &v) == 1)
			add(s, v, "pgalloc");
	}
}

/* "Udp: NAME NAME", and below it "Udp: VALUE VALUE" */
static void parse_snmp(struct snapshot *s, char *p)
{
	char *names, *values, *name, *value;
	const char *prefix;

	while ((names = next_line(&p)) && (values = next_line(&p))) {
		if (!strncmp(names, "Udp:", 4))
			prefix = "udp";
		else if (!strncmp(names, "Tcp:", 4))
			prefix = "tcp";
		else
			continue;
		strsep(&names, " ");
		strsep(&values, " ");
		while ((name = strsep(&names, " ")) &&
		       (value = strsep(&values, " ")))
			add(s, strtoull(value, NULL, 10), "%s-%s", prefix,
			    name);
	}
}

static void parse_snmp6(struct snapshot *s, char *p)
{
	unsigned long long v;
	char name[NAME_LEN];
	char *line;

	while ((line = next_line(&p)))
		if (sscanf(line, "Udp6%40s %llu", name, &v) == 2)
			add(s, v, "udp6-%s", name);
}

static void read_source(struct snapshot *s, const struct source *src)
{
	size_t len = 0;
	ssize_t n;

	if (lseek(src->fd, 0, SEEK_SET) < 0)
		die("%s", src->path);
	while ((n = read(src->fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	if (n < 0)
		die("%s", src->path);
	if (len == sizeof(text) - 1)
		fail("%s: more than %zu bytes", src->path, len);
	text[len] = 0;
	src->parse(s, text);
}

/* One that may be missing is left out */
static void add_source(const char *path, bool optional,
		       void (*parse)(struct snapshot *, char *))
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && optional)
		return;
	if (fd < 0)
		die("%s", path);
	sources[nr_sources].path = path;
	sources[nr_sources].fd = fd;
	sources[nr_sources++].parse = parse;
}

static void add_namespace(const char *ns)
{
	ns_enter(ns);
	add_source("/proc/self/net/snmp", false, parse_snmp);
	add_source("/proc/self/net/snmp6", true, parse_snmp6);
	ns_leave();
}

static void ena_wait(short events)
{
	struct pollfd p = { .fd = ena, .events = events };
	int n = poll(&p, 1, WAIT_SECONDS * 1000);

	if (n < 0)
		die("ENA model");
	if (!n)
		fail("ENA model: no answer for %d s", WAIT_SECONDS);
	if (!(p.revents & events))
		fail("ENA model: nobody is there");
}

static void ena_ask(const char *command)
{
	size_t len = strlen(command), sent = 0;
	ssize_t n;

	while (sent < len) {
		n = write(ena, command + sent, len - sent);
		if (n < 0 && errno != EAGAIN)
			die("ENA model");
		if (n > 0)
			sent += n;
		else
			ena_wait(POLLOUT);
	}
}

/* One line of the answer, in static memory */
static char *ena_line(void)
{
	static char buf[4096], line[sizeof(buf)];
	static size_t len;
	ssize_t n;
	char *end;

	while (!(end = memchr(buf, '\n', len))) {
		if (len == sizeof(buf))
			fail("ENA model: a line of more than %zu bytes", len);
		ena_wait(POLLIN);
		n = read(ena, buf + len, sizeof(buf) - len);
		if (n < 0 && errno != EAGAIN)
			die("ENA model");
		if (!n)
			fail("ENA model: nobody is there");
		if (n > 0)
			len += n;
	}
	n = end - buf;
	memcpy(line, buf, n);
	line[n] = 0;
	len -= n + 1;
	memmove(buf, end + 1, len);
	return line;
}

/* Counters of a device; false if there is none of this number */
static bool ena_read(struct snapshot *s, unsigned int dev)
{
	static const char * const commands[] = { "count\n", "1 count\n" };
	unsigned long long v;
	char name[NAME_LEN];
	char *line;

	ena_ask(commands[dev]);
	for (;;) {
		line = ena_line();
		if (!strcmp(line, "ok"))
			return true;
		if (!strcmp(line, "error: no such device") && dev)
			return false;
		if (!strncmp(line, "error", 5))
			fail("ENA model: %s", line);
		if (sscanf(line, "%40s %llu", name, &v) != 2)
			fail("ENA model: no counter: '%s'", line);
		add(s, v, "ena%u-%s", dev, name);
	}
}

static void ena_setup(const char *path)
{
	ena = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (ena < 0)
		die("%s", path);
	while (nr_ena < MAX_ENA && ena_read(&before, nr_ena))
		nr_ena++;
}

static void read_files(struct snapshot *s)
{
	unsigned int i;

	/* Interrupts are the last before the window and the first behind it */
	for (i = 0; i < nr_sources; i++)
		read_source(s, &sources[s == &before ? nr_sources - 1 - i : i]);
}

static void read_ena(struct snapshot *s)
{
	unsigned int i;

	for (i = 0; i < nr_ena; i++)
		if (!ena_read(s, i))
			fail("ENA model: device %u has gone", i);
}

static void read_clock(struct snapshot *s)
{
	if (clock_gettime(CLOCK_MONOTONIC, &s->when))
		die("clock");
}

void window_setup(const struct options *o)
{
	add_source("/proc/interrupts", false, parse_interrupts);
	add_source("/proc/softirqs", false, parse_softirqs);
	add_source("/proc/vmstat", false, parse_vmstat);
	add_namespace(o->ns_a ? o->ns_a : "-");
	if (o->ns_b && strcmp(o->ns_a, o->ns_b))
		add_namespace(o->ns_b);
	stats_setup(o);
	if (o->ena)
		ena_setup(o->ena);
	pin_memory();
	/* Their buffers have the right size from now on */
	read_files(&before);
	read_files(&after);
}

void window_open(unsigned long settle)
{
	sleep_ms(settle);
	before.n = 0;
	after.n = 0;
	read_ena(&before);
	stats_begin();
	sleep_to_phase();
	read_files(&before);
	read_clock(&before);
}

void window_close(void)
{
	read_clock(&after);
	read_files(&after);
	read_ena(&after);
}

static long long elapsed(void)
{
	return (after.when.tv_sec - before.when.tv_sec) * 1000000000LL +
	       after.when.tv_nsec - before.when.tv_nsec;
}

void window_print(const char *name, const char *suffix, unsigned int rep,
		  unsigned long count, const char *unit)
{
	unsigned int i, j;
	__u64 old;

	printf("result\t%s%s\t%u\t%lu\t%s\n", name, suffix, rep, count, unit);
	printf("count\tns\t%lld\n", elapsed());
	for (i = 0; i < after.n; i++) {
		old = 0;
		for (j = 0; j < before.n; j++)
			if (!strcmp(before.c[j].name, after.c[i].name))
				old = before.c[j].value;
		if (after.c[i].value != old)
			printf("count\t%s\t%lld\n", after.c[i].name,
			       (long long)(after.c[i].value - old));
	}
	put_out();
}
