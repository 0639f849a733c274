// SPDX-License-Identifier: GPL-2.0
/*
 * PID 1 of the guest: mounts the tool root (9p, read only) below a tmpfs
 * overlay, runs one command in it and reports how that went.
 *
 * Three things leave the guest, each by a port of its own, so that no verdict
 * depends on reading the console:
 *   ttyS0      what the kernel prints
 *   pq.log     standard output and error of the command
 *   pq.status  one line per phase: "init", "test", "exit N" or "signal N",
 *              or "error WHAT" when the guest could not be set up
 *
 * The kernel command line gives pq.run=PATH, a file for /bin/sh.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <net/if.h>
#include <dirent.h>
#include <limits.h>
#include <unistd.h>

static int status_fd = -1;

static void __attribute__((noreturn)) power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void report(const char *fmt, ...)
{
	char line[256];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (len >= (int)sizeof(line))
		len = sizeof(line) - 1;
	if (status_fd < 0 || write(status_fd, line, len) != len)
		dprintf(STDERR_FILENO, "pq-init: %s", line);
}

static void __attribute__((noreturn)) fail(const char *what)
{
	report("error %s: %s\n", what, strerror(errno));
	power_off();
}

static void mount_at(const char *src, const char *dir, const char *type,
		     unsigned long flags, const char *data)
{
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		fail(dir);
	if (mount(src, dir, type, flags, data) < 0)
		fail(dir);
}

/* Virtio ports carry the name that QEMU was given; udev is not there to link */
static int open_port(const char *name)
{
	char path[PATH_MAX], got[64];
	struct dirent *de;
	int fd, try;
	ssize_t len;
	DIR *dir;

	/* The ports are announced by a work item that may still be running */
	for (try = 0; try < 500; try++, usleep(10000)) {
		dir = opendir("/sys/class/virtio-ports");
		while (dir && (de = readdir(dir))) {
			snprintf(path, sizeof(path),
				 "/sys/class/virtio-ports/%s/name", de->d_name);
			fd = open(path, O_RDONLY | O_CLOEXEC);
			if (fd < 0)
				continue;
			len = read(fd, got, sizeof(got) - 1);
			close(fd);
			if (len <= 0)
				continue;
			got[len] = 0;
			got[strcspn(got, "\n")] = 0;
			if (strcmp(got, name))
				continue;
			snprintf(path, sizeof(path), "/dev/%s", de->d_name);
			closedir(dir);
			return open(path, O_WRONLY | O_CLOEXEC);
		}
		if (dir)
			closedir(dir);
	}
	errno = ENODEV;
	return -1;
}

/* The value of a kernel command line parameter, or NULL; static storage */
static const char *cmdline(const char *key)
{
	static char line[4096];
	char *word, *save;
	ssize_t len;
	int fd;

	fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);
	if (fd >= 0)
		close(fd);
	if (len <= 0)
		return NULL;
	line[len] = 0;
	for (word = strtok_r(line, " \n", &save); word;
	     word = strtok_r(NULL, " \n", &save))
		if (!strncmp(word, key, strlen(key)) &&
		    word[strlen(key)] == '=')
			return word + strlen(key) + 1;
	return NULL;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	/* A kernel without the knob is no error: the config may lack it */
	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		dprintf(STDERR_FILENO, "pq-init: %s: %m\n", path);
	close(fd);
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		fail("loopback");
	close(fd);
}

static void mount_root(void)
{
	mount_at("root", "/lower", "9p", MS_RDONLY,
		 "trans=virtio,version=9p2000.L,cache=loose,msize=512000");
	mount_at("rw", "/rw", "tmpfs", 0, "mode=0755");
	if (mkdir("/rw/upper", 0755) < 0 || mkdir("/rw/work", 0755) < 0 ||
	    mkdir("/rw/root", 0755) < 0)
		fail("overlay directories");
	if (mount("root", "/rw/root", "overlay", 0,
		  "lowerdir=/lower,upperdir=/rw/upper,workdir=/rw/work") < 0)
		fail("overlay");
	if (chdir("/rw/root") < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 ||
	    chroot(".") < 0 || chdir("/") < 0)
		fail("switch to the tool root");

	mount_at("proc", "/proc", "proc", 0, NULL);
	mount_at("sys", "/sys", "sysfs", 0, NULL);
	mount_at("dev", "/dev", "devtmpfs", 0, NULL);
	/* What udev would do: shells open /dev/fd/N for <(command) */
	if (symlink("/proc/self/fd", "/dev/fd") < 0 ||
	    symlink("fd/0", "/dev/stdin") < 0 ||
	    symlink("fd/1", "/dev/stdout") < 0 ||
	    symlink("fd/2", "/dev/stderr") < 0)
		fail("links in /dev");
	mount_at("pts", "/dev/pts", "devpts", 0, NULL);
	mount_at("shm", "/dev/shm", "tmpfs", 0, NULL);
	mount_at("run", "/run", "tmpfs", 0, "mode=0755");
	mount_at("tmp", "/tmp", "tmpfs", 0, "mode=1777");
	/* Not in every config; tests that need them say so themselves */
	mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL);
	mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL);
	mount("debug", "/sys/kernel/debug", "debugfs", 0, NULL);
	mount("trace", "/sys/kernel/tracing", "tracefs", 0, NULL);
}

static pid_t start(const char *run, int log_fd)
{
	static char *const env[] = {
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
		"TERM=dumb", "LC_ALL=C.UTF-8", "KSFT_MACHINE_SLOW=yes",
		"PYTHONDONTWRITEBYTECODE=1", NULL
	};
	pid_t pid = fork();
	int null_fd;

	if (pid)
		return pid;
	null_fd = open("/dev/null", O_RDONLY);
	if (setsid() < 0 || dup2(null_fd, STDIN_FILENO) < 0 ||
	    dup2(log_fd, STDOUT_FILENO) < 0 || dup2(log_fd, STDERR_FILENO) < 0)
		_exit(127);
	execle("/bin/sh", "sh", run, NULL, env);
	dprintf(STDERR_FILENO, "pq-init: /bin/sh: %m\n");
	_exit(127);
}

int main(void)
{
	struct rlimit core = { 0, 0 };
	int log_fd, st = 0;
	const char *run;
	pid_t pid, got;

	if (getpid() != 1) {
		fprintf(stderr, "pq-init: only for PID 1 of a test guest\n");
		return 1;
	}
	mount_at("dev", "/dev", "devtmpfs", 0, NULL);
	mount_at("proc", "/proc", "proc", 0, NULL);
	mount_at("sys", "/sys", "sysfs", 0, NULL);
	status_fd = open_port("pq.status");
	report("init\n");
	log_fd = open_port("pq.log");
	if (log_fd < 0)
		fail("port pq.log");

	run = cmdline("pq.run");
	if (!run) {
		errno = EINVAL;
		fail("pq.run= on the kernel command line");
	}
	run = strdup(run);
	mount_root();
	setrlimit(RLIMIT_CORE, &core);
	write_file("/proc/sys/kernel/printk", "7 4 1 7");
	sethostname("podpath", strlen("podpath"));
	loopback_up();

	report("test\n");
	pid = start(run, log_fd);
	if (pid < 0)
		fail("fork");
	do {
		got = wait(&st);
	} while (got != pid && (got > 0 || errno == EINTR));

	/* All output is in the host's file before the verdict is */
	close(log_fd);
	if (WIFSIGNALED(st))
		report("signal %d\n", WTERMSIG(st));
	else
		report("exit %d\n", WEXITSTATUS(st));
	power_off();
}
