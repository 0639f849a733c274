// SPDX-License-Identifier: GPL-2.0
/*
 * The program and its machine: error lines, memory, time limits, and the modes
 * that have no traffic.
 */
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

#define STACK (256 << 10)
#define CARRIER_SECONDS 60
#define PHASE_NS 20000000	/* ticks of any HZ */
#define PHASE_OFFSET_NS 200000	/* and what the last one does */

void put_out(void)
{
	if (fflush(stdout))
		exit(1);
	/* Fails where it is no terminal, and there is nothing to wait for */
	tcdrain(STDOUT_FILENO);
}

void fail(const char *fmt, ...)
{
	va_list ap;

	fputs("error\t", stdout);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	put_out();
	exit(1);
}

void die(const char *fmt, ...)
{
	const char *why = strerror(errno);
	va_list ap;

	fputs("error\t", stdout);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf(": %s\n", why);
	put_out();
	exit(1);
}

/* The stack grows by faults, locked or not */
static void touch_stack(void)
{
	char buf[STACK];

	memset(buf, 0, sizeof(buf));
	asm volatile("" : : "r"(buf) : "memory");
}

void pin_memory(void)
{
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		die("mlockall");
	touch_stack();
}

static void too_long(int sig)
{
	static const char text[] = "error\tit takes too long\n";

	(void)sig;
	if (write(STDOUT_FILENO, text, sizeof(text) - 1) < 0)
		_exit(2);
	_exit(1);
}

void watchdog(unsigned int seconds)
{
	if (signal(SIGALRM, too_long) == SIG_ERR)
		die("signal");
	alarm(seconds);
}

void sleep_ms(unsigned long ms)
{
	struct timespec ts = {
		.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000
	};

	while (nanosleep(&ts, &ts))
		if (errno != EINTR)
			die("nanosleep");
}

void sleep_to_phase(void)
{
	struct timespec ts;
	int err;

	if (clock_gettime(CLOCK_MONOTONIC, &ts))
		die("clock");
	ts.tv_nsec += PHASE_NS - ts.tv_nsec % PHASE_NS + PHASE_OFFSET_NS;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_nsec -= 1000000000;
		ts.tv_sec++;
	}
	err = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
	if (err) {
		errno = err;
		die("clock_nanosleep");
	}
}

void carrier_main(int argc, char **argv)
{
	struct nl_link link;
	int fd, i;

	if (argc != 3)
		bad("usage: load wait-carrier NS DEV");
	ns_enter(argv[1]);
	fd = nl_open(0);
	for (i = 0; i < CARRIER_SECONDS * 100; i++, sleep_ms(10)) {
		nl_get_link(fd, argv[2], &link, false);
		if (link.flags & IFF_RUNNING)
			return;
		if (!(link.flags & IFF_UP))
			fail("%s: is down", argv[2]);
	}
	fail("%s: no carrier for %d s", argv[2], CARRIER_SECONDS);
}

void sleep_main(int argc, char **argv)
{
	if (argc != 2)
		bad("usage: load sleep MS");
	sleep_ms(number("sleep MS", argv[1], 0, 3600000));
}

void poweroff_main(int argc, char **argv)
{
	(void)argv;
	if (argc != 1)
		bad("usage: load poweroff");
	sync();
	reboot(RB_POWER_OFF);
	die("reboot");
}

/* Where modules and programs are: nobody outside can know */
void symbols_main(int argc, char **argv)
{
	char line[1024], addr[32], name[512], module[256];
	FILE *f;

	(void)argv;
	if (argc != 1)
		bad("usage: load symbols");
	f = fopen("/proc/kallsyms", "re");
	if (!f)
		die("/proc/kallsyms");
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%31s %*c %511s [%255[^]]]", addr, name,
			   module) != 3)
			continue;
		if (!strtoull(addr, NULL, 16))
			fail("/proc/kallsyms: addresses are hidden");
		printf("symbol\t%s\t%s\t%s\n", addr, name, module);
	}
	if (ferror(f))
		die("/proc/kallsyms");
	fclose(f);
}
