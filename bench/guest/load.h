/* SPDX-License-Identifier: GPL-2.0 */
/*
 * load - what the parts of the program share: options, windows, namespaces,
 * sockets, rtnetlink.
 */
#ifndef LOAD_H
#define LOAD_H

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdnoreturn.h>
#include <sys/socket.h>

#define __printf(f, a) \
	__attribute__((__format__ \
		       (__printf__, f, a)))
#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))

/* Ports of the side that is asked, and of the one that asks */
#define PORT_B 9000
#define PORT_A 9001

#define WAIT_SECONDS 10		/* for anything that has to come */
#define STATS_MAX 16

/**
 * struct options - what the command line says
 * @mode: of the program
 * @name: of the workload, as it is printed
 * @ns_a: namespace that asks, "-" for the present one
 * @ns_b: namespace that answers
 * @dest: address in @ns_b
 * @src: address in @ns_a, NULL: as the route says
 * @ena: control port of the ENA model, or NULL
 * @stats: NS:DEV:STAT[=N] that have to grow by the count
 * @nr_stats: how many of them
 * @reps: windows after the warm-up
 * @count: transactions, datagrams, KiB or namespaces
 * @size: of a message or a write
 * @batch: datagrams that are on their way at once
 * @pause: milliseconds after each batch
 * @sndbuf: SO_SNDBUF of the sender, or 0
 * @rcvbuf: SO_RCVBUF of the receiver, or 0
 * @txq: TX queues of both ends, or 0
 * @pingpong: one datagram there, one back
 * @blind: nobody receives
 * @translated: @dest is not an address of @ns_b
 * @no_addrconf: no IPv6 addresses by themselves
 * @unused: leave out the use of what was created
 */
struct options {
	const char *mode;
	const char *name;
	const char *ns_a;
	const char *ns_b;
	const char *dest;
	const char *src;
	const char *ena;
	char *stats[STATS_MAX];
	unsigned int nr_stats;
	unsigned int reps;
	unsigned long count;
	unsigned long size;
	unsigned long batch;
	unsigned long pause;
	unsigned long sndbuf;
	unsigned long rcvbuf;
	unsigned long txq;
	bool pingpong;
	bool blind;
	bool translated;
	bool no_addrconf;
	bool unused;
};

/* main.c: the command line */

/**
 * bad() - complain about the command line, and end
 * @fmt: what is wrong with it
 */
noreturn void __printf(1, 2) bad(const char *fmt, ...);

/**
 * number() - a number of the command line
 * @what: for the message
 * @text: the number
 * @min: the least that is allowed
 * @max: the most
 *
 * Return: the number; what is none ends the program.
 */
unsigned long number(const char *what, const char *text, unsigned long min,
		     unsigned long max);

/**
 * parse_options() - NAME and the options of a mode
 * @o: gets them; what is there before is the default
 * @letters: the mode's, as getopt() wants them
 * @argc: words of the command line, that of the mode first
 * @argv: the words
 */
void parse_options(struct options *o, const char *letters, int argc,
		   char **argv);

/* The modes: @argv begins with the mode's name */
void udp_main(int argc, char **argv);
void stream_main(int argc, char **argv);
void rr_main(int argc, char **argv);
void crr_main(int argc, char **argv);
void xdp_main(int argc, char **argv);
void churn_main(int argc, char **argv);
void carrier_main(int argc, char **argv);
void sleep_main(int argc, char **argv);
void poweroff_main(int argc, char **argv);
void symbols_main(int argc, char **argv);

/* sys.c: the program and its machine */

/**
 * fail() - print an error line and end
 * @fmt: what is wrong
 */
noreturn void __printf(1, 2) fail(const char *fmt, ...);

/**
 * die() - print an error line with what errno says, and end
 * @fmt: what went wrong
 */
noreturn void __printf(1, 2) die(const char *fmt, ...);

/**
 * put_out() - let all that was printed leave the machine
 *
 * What a serial port still has to send would send it in the next window.
 */
void put_out(void);

/**
 * pin_memory() - no page fault from here on
 */
void pin_memory(void);

/**
 * watchdog() - end with an error line when something takes too long
 * @seconds: how long it may take, 0: it is over
 *
 * One timer for a window costs it less than a timeout for each socket.
 */
void watchdog(unsigned int seconds);
void sleep_ms(unsigned long ms);

/**
 * sleep_to_phase() - up to 20 ms, to where windows begin between timer ticks
 *
 * As many ticks then come in each window that is as long.
 */
void sleep_to_phase(void);

/* counters.c: windows, and what the system counts in them */

/**
 * window_setup() - before the first window
 * @o: names namespaces and the control port
 *
 * Opens what is read around windows, and pins the memory.
 */
void window_setup(const struct options *o);

/**
 * window_open() - read all counters; mark_begin() comes next
 * @settle: milliseconds for what earlier work left behind
 */
void window_open(unsigned long settle);

/**
 * window_close() - read all counters; comes behind mark_end()
 */
void window_close(void);

/**
 * window_print() - print the lines of the window that was closed
 * @name: of the workload
 * @suffix: of the window, or ""
 * @rep: 0 for the warm-up
 * @count: how many units it was
 * @unit: what was counted
 */
void window_print(const char *name, const char *suffix, unsigned int rep,
		  unsigned long count, const char *unit);

#define SETTLE_MS 300		/* longer than the least TCP RTO */

/* net.c: namespaces, sockets, statistics of devices */

/**
 * ns_open() - a network namespace by its name
 * @ns: as ip-netns has it, or "-" for the present one
 *
 * Return: a file descriptor.
 */
int ns_open(const char *ns);

/**
 * ns_enter() - go to a namespace
 * @ns: its name; "-" stays
 */
void ns_enter(const char *ns);

/**
 * ns_leave() - back to the one that the program started in
 */
void ns_leave(void);

/**
 * struct address - of a socket
 * @sa: the address
 * @len: its size
 */
struct address {
	struct sockaddr_storage sa;
	socklen_t len;
};

/**
 * parse_address() - an address of the command line
 * @a: gets it
 * @text: IPv4 or IPv6, NULL for any
 * @family: of "any"; what @text has to be unless 0
 * @port: to go with it
 */
void parse_address(struct address *a, const char *text, int family, int port);

/**
 * sock_open() - a socket that waits WAIT_SECONDS and no longer
 * @ns: its namespace
 * @family: AF_INET or AF_INET6
 * @type: SOCK_DGRAM or SOCK_STREAM
 *
 * Return: a file descriptor.
 */
int sock_open(const char *ns, int family, int type);
void sock_bind(int fd, const struct address *a, const char *text);
void sock_option(int fd, int level, int option, int value, const char *name);

/**
 * stats_setup() - find the statistics of options -c
 * @o: the options
 */
void stats_setup(const struct options *o);

/**
 * stats_begin() - read them
 */
void stats_begin(void);

/**
 * stats_end() - read them again; one that did not grow as it should is an error
 * @count: packets in between
 */
void stats_end(unsigned long count);

/* netlink.c: rtnetlink */

/**
 * struct nl_msg - a request
 * @h: its header
 * @data: its payload
 */
struct nl_msg {
	struct nlmsghdr h;
	char data[1024];
};

/**
 * struct nl_link - what the kernel says of a device
 * @index: ifindex
 * @flags: IFF_*
 * @stats: as of IFLA_STATS64
 */
struct nl_link {
	int index;
	unsigned int flags;
	struct rtnl_link_stats64 stats;
};

/**
 * nl_open() - a socket in the namespace where we are
 * @groups: multicast groups, as bits
 *
 * Return: a file descriptor.
 */
int nl_open(unsigned int groups);
void nl_start(struct nl_msg *m, int type, int flags, const void *head,
	      size_t len);
void nl_raw(struct nl_msg *m, const void *data, size_t len);
void nl_put(struct nl_msg *m, int type, const void *data, size_t len);
void nl_put_u32(struct nl_msg *m, int type, __u32 value);
void nl_put_str(struct nl_msg *m, int type, const char *text);
struct nlattr *nl_nest(struct nl_msg *m, int type);
void nl_nest_end(struct nl_msg *m, struct nlattr *nest);

/**
 * nl_send() - have a request done; an error ends the program
 * @fd: the socket
 * @m: the request
 * @what: for the message
 */
void nl_send(int fd, struct nl_msg *m, const char *what);

/**
 * nl_set_up() - IFF_UP
 * @fd: the socket
 * @name: of the device
 */
void nl_set_up(int fd, const char *name);

/**
 * nl_get_link() - ask for a device; the kernel makes its TX path ready by this,
 * should only that be missing
 * @fd: the socket
 * @name: of the device
 * @link: gets the answer
 * @stats: with statistics
 */
void nl_get_link(int fd, const char *name, struct nl_link *link, bool stats);

/**
 * nl_link_name() - the name in a message about a device
 * @h: the message
 * @index: set to its ifindex
 *
 * Return: the name, or NULL.
 */
const char *nl_link_name(const struct nlmsghdr *h, int *index);

/**
 * nl_each_link() - ask for all devices
 * @fd: the socket
 * @fn: called with the name of each
 * @arg: for @fn
 */
void nl_each_link(int fd, void (*fn)(const char *name, void *arg), void *arg);

#endif
