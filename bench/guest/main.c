// SPDX-License-Identifier: GPL-2.0
/*
 * load - the same traffic each time, in windows that a QEMU plugin counts
 *
 *   load udp NAME -a NS -b NS -d ADDRESS [-s ADDRESS] [-n COUNT] [-l SIZE]
 *        [-w BATCH] [-P] [-x] [-W MS] [-c NS:DEV:STAT[=N]]...
 *   load stream NAME -a NS -b NS -d ADDRESS [-s ADDRESS] [-n KIB] [-m WRITE]
 *        [-S SNDBUF] [-R RCVBUF]
 *   load rr|crr NAME -a NS -b NS -d ADDRESS [-s ADDRESS] [-n COUNT] [-l SIZE]
 *   load churn NAME -n COUNT [-A] [-q TXQ] [-u]
 *   load xdp attach NS DEV drop|pass|tx|redirect:DEV [skb|native]
 *   load xdp detach NS DEV
 *   load wait-carrier NS DEV
 *   load sleep MS
 *   load symbols
 *   load poweroff
 *
 * udp sends BATCH datagrams and then receives them, or one there and one back
 * (-P); or nobody receives (-x), and statistics of devices (-c) tell where they
 * went: their sum has to grow by COUNT, or N times that. STAT is a pattern, for
 * what ethtool -S shows or, behind "sysfs/", what every device has. -W sleeps
 * after each batch, within the window: for what a card has still to do.
 * churn: -A keeps IPv6 from making addresses, -q gives both ends TX queues, -u
 * leaves the namespaces unused.
 *
 * -N says that ADDRESS is translated on the way: NS takes any.
 *
 * The first five take -r REPS (3) and -e PORT, the control port of the ENA
 * model. A window is marked for the plugin (mark.h) and has nothing in it but
 * the system calls that the traffic needs. There is one more than REPS: the
 * warm-up is number 0. Behind each come lines with tabs in between:
 *
 *   result NAME REP COUNT UNIT
 *   count  NAME VALUE		what the system counted in it, when not 0
 *
 * Anything that is lost, comes twice or is altered is a line "error TEXT" and
 * exit status 1. So is a system call that fails; bad input is a line on stderr.
 *
 * This file owns the command line.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"

static const struct {
	const char *name;
	void (*run)(int argc, char **argv);
} modes[] = {
	{ "udp", udp_main },
	{ "stream", stream_main },
	{ "rr", rr_main },
	{ "crr", crr_main },
	{ "churn", churn_main },
	{ "xdp", xdp_main },
	{ "wait-carrier", carrier_main },
	{ "sleep", sleep_main },
	{ "symbols", symbols_main },
	{ "poweroff", poweroff_main },
};

void bad(const char *fmt, ...)
{
	va_list ap;

	fputs("load: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

unsigned long number(const char *what, const char *text, unsigned long min,
		     unsigned long max)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || *end || v < min || v > max)
		bad("%s is from %lu to %lu, not '%s'", what, min, max,
		    text);
	return v;
}

static void option(struct options *o, int opt)
{
	switch (opt) {
	case 'a':
		o->ns_a = optarg;
		break;
	case 'b':
		o->ns_b = optarg;
		break;
	case 'd':
		o->dest = optarg;
		break;
	case 's':
		o->src = optarg;
		break;
	case 'e':
		o->ena = optarg;
		break;
	case 'c':
		if (o->nr_stats == STATS_MAX)
			bad("more than %d options -c", STATS_MAX);
		o->stats[o->nr_stats++] = optarg;
		break;
	case 'r':
		o->reps = number("-r", optarg, 0, 1000);
		break;
	case 'n':
		o->count = number("-n", optarg, 1, 100000000);
		break;
	case 'l':
		o->size = number("-l", optarg, 1, 65507);
		break;
	case 'm':
		o->size = number("-m", optarg, 1, 16 << 20);
		break;
	case 'w':
		o->batch = number("-w", optarg, 1, 10000);
		break;
	case 'W':
		o->pause = number("-W", optarg, 0, 10000);
		break;
	case 'S':
		o->sndbuf = number("-S", optarg, 1, 1 << 29);
		break;
	case 'R':
		o->rcvbuf = number("-R", optarg, 1, 1 << 29);
		break;
	case 'q':
		o->txq = number("-q", optarg, 1, 4096);
		break;
	case 'P':
		o->pingpong = true;
		break;
	case 'N':
		o->translated = true;
		break;
	case 'x':
		o->blind = true;
		break;
	case 'A':
		o->no_addrconf = true;
		break;
	case 'u':
		o->unused = true;
		break;
	}
}

void parse_options(struct options *o, const char *letters, int argc,
		   char **argv)
{
	const char *s;
	int opt;

	o->mode = argv[0];
	o->reps = 3;
	if (argc < 2 || !*argv[1] || *argv[1] == '-')
		bad("%s: a name for the workload comes first", o->mode);
	o->name = argv[1];
	for (s = o->name; *s; s++)
		if (*s <= ' ' || *s > '~')
			bad("%s: no name for a workload: '%s'", o->mode,
			    o->name);
	opterr = 0;
	while ((opt = getopt(argc - 1, argv + 1, letters)) != -1) {
		if (opt == ':')
			bad("%s: -%c wants a value", o->mode, optopt);
		if (opt == '?')
			bad("%s: no option -%c", o->mode, optopt);
		option(o, opt);
	}
	if (optind != argc - 1)
		bad("%s: too many words: '%s'", o->mode, argv[1 + optind]);
	/* Whoever has namespaces has two and an address in the second */
	if (strchr(letters, 'd') && (!o->ns_a || !o->dest))
		bad("%s: -a NS and -d ADDRESS are needed", o->mode);
	if (strchr(letters, 'd') && !o->blind && !o->ns_b)
		bad("%s: -b NS is needed", o->mode);
}

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc > 1 && i < ARRAY_SIZE(modes); i++) {
		if (strcmp(argv[1], modes[i].name))
			continue;
		modes[i].run(argc - 1, argv + 1);
		put_out();
		return 0;
	}
	bad("modes: udp stream rr crr churn xdp wait-carrier sleep symbols poweroff");
}
