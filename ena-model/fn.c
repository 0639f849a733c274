// SPDX-License-Identifier: GPL-2.0
/*
 * A function: joins device, transport and port.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "model.h"

#define MSIX_TABLE	0
#define MSIX_PBA	0x1000
#define MSIX_BAR_SIZE	0x2000

static u64 clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

u64 host_now(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static u64 env_now(void *ctx)
{
	(void)ctx;
	return host_now();
}

static u64 env_real(void *ctx)
{
	(void)ctx;
	return clock_ns(CLOCK_REALTIME);
}

static void env_irq(void *ctx, unsigned int vector)
{
	struct fn *f = ctx;

	/* Without an eventfd yet (probe): the driver polls then */
	vfu_irq(f->vfu, vector);
}

static int env_xmit(void *ctx, struct pkt *p)
{
	struct fn *f = ctx;

	return port_xmit(&f->port, p);
}

static void env_room(void *ctx)
{
	struct fn *f = ctx;

	port_room(&f->port);
}

static void env_warn(void *ctx, const char *text)
{
	struct fn *f = ctx;

	fprintf(stderr, "ena-model: %s: %s\n", f->path, text);
}

/* The LLQ BAR is memory: also where stores come as messages */
static u64 llq_read(const struct fn *f, u64 off, unsigned int size)
{
	u64 val = 0;

	if (f->llq)
		memcpy(&val, f->llq + off, size);
	return val;
}

static u64 bar_read(void *ctx, unsigned int bar, u64 off, unsigned int size)
{
	struct fn *f = ctx;
	u64 val;

	if (bar == ENA_BAR_LLQ)
		return llq_read(f, off, size);
	if (bar != ENA_BAR_REG)
		return 0;
	if (size < 4 || off & 3)
		return ~0ULL;
	val = ena_reg_read(&f->dev, off);
	if (size == 8)
		val |= (u64)ena_reg_read(&f->dev, off + 4) << 32;
	return val;
}

static void bar_write(void *ctx, unsigned int bar, u64 off, unsigned int size,
		      u64 val)
{
	struct fn *f = ctx;

	if (bar == ENA_BAR_LLQ && f->llq) {
		memcpy(f->llq + off, &val, size);
		return;
	}
	if (bar != ENA_BAR_REG || size < 4 || off & 3)
		return;
	f->dev.bus_master = vfu_bus_master(f->vfu);
	ena_reg_write(&f->dev, off, val);
	if (size == 8)
		ena_reg_write(&f->dev, off + 4, val >> 32);
	/* Without a clock all is done before the guest goes on */
	if (!f->m->clock)
		model_finish(f->m);
}

static void pci_reset(void *ctx)
{
	struct fn *f = ctx;

	ena_power_reset(&f->dev);
}

static void mapped(void *ctx, const struct mem_region *r, bool add)
{
	struct fn *f = ctx;

	if (add && !r->iova && r->writable && !r->ptr)
		env_warn(f, "the guest's memory came without a file: QEMU needs memory-backend-memfd,share=on");
	trace(&f->dev, "dma-%s addr=0x%llx size=0x%llx%s", add ? "map" : "unmap",
	      r->iova, r->size, r->ptr ? "" : " unreachable");
}

static void gone(void *ctx)
{
	struct fn *f = ctx;

	f->dev.bus_master = false;
	/* The next guest shall not read this one's headers */
	if (f->llq)
		memset(f->llq, 0, ENA_LLQ_SIZE);
	ena_power_reset(&f->dev);
	trace(&f->dev, "guest gone");
}

static const struct vfu_ops ops = {
	.read = bar_read,
	.write = bar_write,
	.reset = pci_reset,
	.map = mapped,
	.gone = gone,
};

static int set_word(struct fn *f, char *word, const char **why)
{
	char *value = strchr(word, '=');
	static char text[128];
	int rc;

	*why = "want name=value";
	if (!value)
		return -EINVAL;
	*value++ = 0;
	if (!strcmp(word, "socket")) {
		f->path = value;
		return 0;
	}
	if (!strcmp(word, "port")) {
		f->port_spec = value;
		return 0;
	}
	rc = cfg_set(&f->cfg, word, value, false, why);
	if (rc) {
		snprintf(text, sizeof(text), "%.40s=%.40s: %s", word, value,
			 *why);
		*why = text;
	}
	return rc;
}

int fn_new(struct model *m, char *words, const char **why)
{
	char *save, *w;
	struct fn *f;
	int rc;

	*why = "too many devices";
	if (m->n == FNS_MAX)
		return -ENOSPC;
	f = calloc(1, sizeof(*f));
	*why = "no memory";
	if (!f)
		return -ENOMEM;
	f->m = m;
	f->id = m->n;
	f->llq_fd = -1;
	m->fn[m->n++] = f;
	cfg_default(&f->cfg, f->id);
	for (w = strtok_r(words, ",", &save); w;
	     w = strtok_r(NULL, ",", &save)) {
		rc = set_word(f, w, why);
		if (rc)
			return rc;
	}
	*why = "it wants socket=PATH";
	return f->path ? 0 : -EINVAL;
}

static int make_llq(struct fn *f)
{
	void *p;

	f->llq_fd = memfd_create("ena-llq", MFD_CLOEXEC);
	if (f->llq_fd < 0 || ftruncate(f->llq_fd, ENA_LLQ_SIZE) < 0)
		return -ENOMEM;
	p = mmap(NULL, ENA_LLQ_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		 f->llq_fd, 0);
	if (p == MAP_FAILED)
		return -ENOMEM;
	f->llq = p;
	return 0;
}

static void describe(const struct fn *f, struct vfu_desc *desc)
{
	*desc = (struct vfu_desc){
		.vendor = ENA_VENDOR,
		.device = f->cfg.pci_id,
		.sub_vendor = ENA_VENDOR,
		.sub_device = f->cfg.pci_id,
		/* Bit 0: registers can be read */
		.revision = f->cfg.direct,
		.class = 0x020000,
		.vectors = ENA_VECTORS_MAX,
		.msix_bar = ENA_BAR_MSIX,
		.msix_table = MSIX_TABLE,
		.msix_pba = MSIX_PBA,
	};
	desc->bar[ENA_BAR_REG] = (struct vfu_bar){ REG_BAR_SIZE, .fd = -1 };
	desc->bar[ENA_BAR_MSIX] = (struct vfu_bar){ MSIX_BAR_SIZE, .fd = -1 };
	if (f->llq)
		desc->bar[ENA_BAR_LLQ] = (struct vfu_bar){
			.size = ENA_LLQ_SIZE,
			.prefetch = true,
			.fd = f->cfg.llq == LLQ_MAP ? f->llq_fd : -1,
		};
}

int fn_start(struct fn *f, const char **why)
{
	struct ena_env env = {
		.ctx = f,
		.irq = env_irq,
		.xmit = env_xmit,
		.rx_room = env_room,
		.warn = env_warn,
	};
	struct vfu_desc desc;
	int rc;

	*why = "no memory";
	if (f->cfg.llq != LLQ_OFF) {
		rc = make_llq(f);
		if (rc)
			return rc;
	}
	env.llq = f->llq;
	if (f->m->clock) {
		env.now = env_now;
		env.real = env_real;
	}
	f->port.dev = &f->dev;
	ena_init(&f->dev, f->id, &f->cfg, &env, &f->mem, &f->m->trace);
	describe(f, &desc);
	f->vfu = vfu_new(&desc, &ops, f, &f->mem);
	if (!f->vfu)
		return -ENOMEM;
	rc = vfu_listen(f->vfu, f->path);
	if (rc)
		*why = vfu_why(f->vfu);
	return rc;
}

void fn_free(struct fn *f)
{
	vfu_free(f->vfu);
	port_close(&f->port);
	if (f->llq)
		munmap(f->llq, ENA_LLQ_SIZE);
	if (f->llq_fd >= 0)
		close(f->llq_fd);
	free(f);
}
