/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The program: its functions, what joins their parts, and its loop.
 */
#ifndef PODPATH_MODEL_H
#define PODPATH_MODEL_H

#include "ena.h"
#include "port.h"
#include "vfu.h"

#define FNS_MAX		8
#define CLIENTS_MAX	8
#define CTL_LINE_MAX	1024

struct model;

/**
 * struct fn - one PCI function
 * @m: the program
 * @id: its number
 * @path: of the vfio-user socket
 * @port_spec: what the command line said of its port, or NULL
 * @cfg: what it begins with
 * @dev: the device
 * @mem: guest memory
 * @vfu: the transport
 * @port: the wire
 * @llq: memory of the LLQ BAR, or NULL
 * @llq_fd: a file with it, or -1
 * @seen: a guest was there
 */
struct fn {
	struct model *m;
	int id;
	const char *path;
	const char *port_spec;
	struct ena_cfg cfg;
	struct ena_dev dev;
	struct mem mem;
	struct vfu *vfu;
	struct port port;
	u8 *llq;
	int llq_fd;
	bool seen;
};

/**
 * struct client - a connection to the control socket
 * @fd: the connection, -1 for none
 * @len: bytes in @line
 * @line: what has come of the next line
 * @wait_count: a counter that it waits for, or NULL
 * @wait_value: until it has this value
 * @wait_due: at the latest until then, ns
 */
struct client {
	int fd;
	unsigned int len;
	char line[CTL_LINE_MAX];
	const u64 *wait_count;
	u64 wait_value;
	u64 wait_due;
};

/**
 * struct model - the program
 * @n: functions
 * @fn: each
 * @trace: of all
 * @clock: decisions may depend on the host's clock
 * @once: end when the last guest has gone
 * @quit: end now
 * @ctl_path: of the control socket, or NULL
 * @ctl_fd: its listening socket, or -1
 * @client: who is connected to it
 */
struct model {
	unsigned int n;
	struct fn *fn[FNS_MAX];
	struct trace trace;
	bool clock;
	bool once;
	bool quit;
	const char *ctl_path;
	int ctl_fd;
	struct client client[CLIENTS_MAX];
};

/* Monotonic time of the host, ns */
u64 host_now(void);

/**
 * fn_new() - a function from the words of "--dev"
 * @m: the program; the function is added
 * @words: "socket=PATH,name=value,..."; kept and changed
 * @why: set to what is wrong
 *
 * Return: 0 or -errno.
 */
int fn_new(struct model *m, char *words, const char **why);

/**
 * fn_start() - make the device and offer it
 * @f: the function
 * @why: set to what is wrong
 *
 * Return: 0 or -errno.
 */
int fn_start(struct fn *f, const char **why);

/**
 * fn_free() - undo fn_new()
 * @f: the function
 */
void fn_free(struct fn *f);

/**
 * model_flush() - send the interrupts that are due to what has happened
 * @m: the program
 */
void model_flush(struct model *m);

/**
 * model_finish() - all that can be done now, and its interrupts
 * @m: the program, without a clock
 */
void model_finish(struct model *m);

/**
 * loop() - until it is told to end
 * @m: the program
 *
 * Return: exit status.
 */
int loop(struct model *m);

/* ctl.c: the control socket */
int ctl_listen(struct model *m, const char **why);
void ctl_accept(struct model *m);
void ctl_ready(struct model *m, struct client *c);
void ctl_close(struct model *m);

/**
 * ctl_tick() - answer those who wait for a counter
 * @m: the program
 *
 * Return: when to call again at the latest.
 */
u64 ctl_tick(struct model *m);

#endif /* PODPATH_MODEL_H */
