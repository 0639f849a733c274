// SPDX-License-Identifier: GPL-2.0
/*
 * ena-model: Amazon's ENA network card for QEMU's vfio-user-pci.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

static struct model model = { .clock = true, .ctl_fd = -1 };

static void usage(void)
{
	const char *name, *what;
	struct ena_cfg cfg;
	unsigned int i;
	char val[32];

	puts("ena-model [OPTION...] --dev socket=PATH[,NAME=VALUE...]...\n"
	     "\n"
	     "  --ctl PATH        control socket (connect and say 'help')\n"
	     "  --trace FILE      what driver and device do, line by line\n"
	     "  --trace-level N   1 control path (default), 2 data path too\n"
	     "  --clock host|none none: nothing depends on the host's clock\n"
	     "  --once            end when the guest has gone\n"
	     "\n"
	     "Devices 0 and 1, 2 and 3, ... are joined back to back unless a\n"
	     "port is given: port=none, port=tap:NAME, port=sock:PATH.\n"
	     "set=min makes the least device that the driver works with.\n"
	     "\n"
	     "QEMU (10.1 or newer, memory shared) for each device:\n"
	     "  -object memory-backend-memfd,id=mem,size=1G,share=on\n"
	     "  -machine q35,memory-backend=mem\n"
	     "  -device '{\"driver\":\"vfio-user-pci\",\"rombar\":0,\n"
	     "            \"socket\":{\"type\":\"unix\",\"path\":\"PATH\"}}'\n"
	     "\n"
	     "Properties and their defaults:");
	cfg_default(&cfg, 0);
	for (i = 0; (name = cfg_get(&cfg, i, val, sizeof(val), &what)); i++)
		printf("  %-16s %-18s %s\n", name, val, what);
}

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "ena-model: error: %s: %s\n", what, why);
}

static void on_signal(int sig)
{
	(void)sig;
	model.quit = true;
}

static int join_ports(struct model *m, const char **why)
{
	struct fn *f, *g;
	unsigned int i;
	int rc;

	for (i = 0; i < m->n; i++) {
		f = m->fn[i];
		if (f->port_spec && strcmp(f->port_spec, "none")) {
			rc = port_open(&f->port, f->port_spec, why);
			if (rc)
				return rc;
		}
		g = m->fn[i ^ 1];
		if (f->port_spec || (i ^ 1) >= m->n || g->port_spec)
			continue;
		f->port.kind = PORT_PEER;
		f->port.peer = &g->port;
	}
	return 0;
}

static int start(struct model *m)
{
	const char *why = "";
	unsigned int i;

	/* Peers are told of each other before the first can send */
	for (i = 0; i < m->n; i++) {
		if (fn_start(m->fn[i], &why)) {
			fail(m->fn[i]->path, why);
			return 1;
		}
	}
	if (join_ports(m, &why)) {
		fail("port", why);
		return 1;
	}
	if (m->ctl_path && ctl_listen(m, &why)) {
		fail(m->ctl_path, why);
		return 1;
	}
	return 0;
}

static int options(struct model *m, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "dev", required_argument, NULL, 'd' },
		{ "ctl", required_argument, NULL, 'c' },
		{ "trace", required_argument, NULL, 't' },
		{ "trace-level", required_argument, NULL, 'l' },
		{ "clock", required_argument, NULL, 'k' },
		{ "once", no_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	const char *why;
	int opt;

	m->trace.level = 1;
	while ((opt = getopt_long(argc, argv, "", longs, NULL)) >= 0) {
		switch (opt) {
		case 'd':
			if (!fn_new(m, optarg, &why))
				break;
			fail("--dev", why);
			return 1;
		case 'c':
			m->ctl_path = optarg;
			break;
		case 't':
			m->trace.file = fopen(optarg, "w");
			if (!m->trace.file) {
				fail(optarg, strerror(errno));
				return 1;
			}
			setvbuf(m->trace.file, NULL, _IOLBF, 0);
			break;
		case 'l':
			m->trace.level = atoi(optarg);
			break;
		case 'k':
			if (strcmp(optarg, "none") && strcmp(optarg, "host")) {
				fail("--clock", "want host or none");
				return 1;
			}
			m->clock = !strcmp(optarg, "host");
			break;
		case 'o':
			m->once = true;
			break;
		case 'h':
			usage();
			exit(0);
		default:
			return 1;
		}
	}
	if (optind != argc || !m->n) {
		fail("no device", "want --dev socket=PATH; see --help");
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal };
	unsigned int i;
	int rc;

	for (i = 0; i < CLIENTS_MAX; i++)
		model.client[i].fd = -1;
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	rc = options(&model, argc, argv);
	if (!rc)
		rc = start(&model);
	if (!rc)
		rc = loop(&model);
	ctl_close(&model);
	for (i = 0; i < model.n; i++)
		fn_free(model.fn[i]);
	if (model.trace.file)
		fclose(model.trace.file);
	return rc;
}
