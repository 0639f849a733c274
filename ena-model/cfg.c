// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cfg.h"
#include "hw.h"

#define OFF(m)	offsetof(struct ena_cfg, m)

struct word {
	const char *word;
	u32 value;
};

static const struct word ids[] = {
	{ "pf", ENA_ID_PF }, { "llq-pf", ENA_ID_LLQ_PF }, { "vf", ENA_ID_VF },
	{ "llq-vf", ENA_ID_LLQ_VF }, { "rserv0", ENA_ID_RSERV0 }, { }
};

static const struct word modes[] = {
	{ "off", LLQ_OFF }, { "trap", LLQ_TRAP }, { "map", LLQ_MAP }, { }
};

static const struct word switches[] = {
	{ "off", 0 }, { "on", 1 }, { }
};

static const struct word entries[] = {
	{ "128", LLQ_ENTRY_128 }, { "256", LLQ_ENTRY_256 },
	{ "both", LLQ_ENTRY_128 | LLQ_ENTRY_256 }, { }
};

static const struct prop {
	const char *name;
	size_t off;
	const struct word *words;
	u32 min;
	u32 max;
	u32 full;
	/* Part of the PCI function: fixed once it exists */
	bool early;
	const char *what;
} props[] = {
	{ "id", OFF(pci_id), ids, 0, 0xffff, ENA_ID_VF, true,
	  "PCI device id" },
	{ "direct", OFF(direct), switches, 0, 1, 0, true,
	  "registers can be read (revision bit 0); off: readless only" },
	{ "llq", OFF(llq), modes, 0, 2, LLQ_MAP, true,
	  "low latency queues: none, a message per store, mapped memory" },
	{ "features", OFF(features), NULL, 0, ~0U, FEATURES_FULL, false,
	  "bitmap of features (supported_features)" },
	{ "caps", OFF(caps), NULL, 0, ~0U,
	  CAP_ENI_STATS | CAP_SRD_INFO | CAP_METRICS, false,
	  "bitmap of capabilities: 0 ENI, 1 SRD, 2 customer metrics" },
	{ "queues", OFF(queues), NULL, 1, 32, 32, false, "queue pairs" },
	{ "depth", OFF(depth), NULL, 256, 16384, 8192, false,
	  "largest depth of a queue" },
	{ "llq-depth", OFF(llq_depth), NULL, 256, 1024, 1024, false,
	  "largest depth of a low latency queue, in lines" },
	{ "max-mtu", OFF(max_mtu), NULL, 128, 9216, 9216, false,
	  "largest MTU" },
	{ "llq-entry", OFF(llq_entry), entries, 1, 0, 5, false,
	  "bytes of an LLQ line" },
	{ "llq-accel", OFF(llq_accel), NULL, 0, 3, 0, false,
	  "LLQ modes: bit 0 no meta caching, bit 1 limited burst" },
	{ "llq-burst", OFF(llq_burst), NULL, 512, 65535, 4096, false,
	  "bytes between two doorbells with bit 1 of llq-accel" },
	{ "header", OFF(header), NULL, 0, 255, 128, false,
	  "largest header of a packet" },
	{ "tx-offload", OFF(tx_offload), NULL, 0, 0xff, 0xeb, false,
	  "bitmap: 0 IPv4, 1 L4v4, 3 L4v6 partial, 5 TSO4, 6 TSO6, 7 ECN" },
	{ "rx-offload", OFF(rx_offload), NULL, 0, 0xf, 0xf, false,
	  "bitmap: 0 IPv4, 1 L4v4, 2 L4v6 checksum, 3 hash" },
	{ "rx-offset", OFF(rx_offset), NULL, 0, 64, 0, false,
	  "bytes left free at the begin of the first buffer" },
	{ "tx-descs", OFF(tx_descs), NULL, 2, 64, 19, false,
	  "largest number of descriptors of a sent packet" },
	{ "rx-descs", OFF(rx_descs), NULL, 1, 64, 19, false,
	  "largest number of descriptors of a received packet" },
	{ "intr-resolution", OFF(intr_resolution), NULL, 0, 1000, 1, false,
	  "unit of interrupt delays, us" },
	{ "moderation", OFF(moderation), switches, 0, 1, 1, false,
	  "delay interrupts as the driver asks for" },
	{ "groups", OFF(groups), NULL, 0, ~0U, 0x1f, false,
	  "bitmap of event groups" },
	{ "link-speed", OFF(link_speed), NULL, 0, ~0U, 100000, false,
	  "Mbit/s" },
	{ "reset-timeout", OFF(reset_to), NULL, 0, 31, 10, false,
	  "time for a reset, 100 ms (CAPS)" },
	{ "admin-timeout", OFF(admin_to), NULL, 0, 15, 0, false,
	  "time for an admin command, 100 ms (CAPS); 0: the driver's 3 s" },
	{ "dma-bits", OFF(dma_bits), NULL, 32, 48, 48, false,
	  "width of DMA addresses" },
	{ "hint-mmio", OFF(hint_mmio), NULL, 0, 65535, 0, false,
	  "time for a readless read, ms; 0: the driver's" },
	{ "hint-watchdog", OFF(hint_watchdog), NULL, 0, 65535, 0, false,
	  "time without keep-alive, ms" },
	{ "hint-tx-compl", OFF(hint_tx_compl), NULL, 0, 65535, 0, false,
	  "time for a TX completion, ms" },
	{ "hint-tx-thresh", OFF(hint_tx_thresh), NULL, 0, 65535, 0, false,
	  "late TX completions that make a reset" },
	{ "hint-admin", OFF(hint_admin), NULL, 0, 65535, 0, false,
	  "time for an admin command, ms" },
	{ "hint-netdev-wd", OFF(hint_netdev_wd), NULL, 0, 65535, 0, false,
	  "time of the stack's TX watchdog, ms" },
	{ "hint-tx-sgl", OFF(hint_tx_sgl), NULL, 0, 65535, 0, false,
	  "buffers of a sent packet" },
	{ "hint-rx-sgl", OFF(hint_rx_sgl), NULL, 0, 65535, 0, false,
	  "buffers of a received packet" },
	{ "phc-expire", OFF(phc_expire), NULL, 0, ~0U, 200000, false,
	  "time for an answer of the clock, us" },
	{ "phc-block", OFF(phc_block), NULL, 0, ~0U, 400000, false,
	  "time without requests after one that expired, us" },
	{ "wait", OFF(wait_ms), NULL, 0, 60000, 1000, false,
	  "how long a sender waits for receive buffers, ms; 0: drop at once" },
};

static u32 *prop(const struct ena_cfg *c, const struct prop *p)
{
	return (u32 *)((u8 *)c + p->off);
}

void cfg_default(struct ena_cfg *c, unsigned int n)
{
	unsigned int i;

	memset(c, 0, sizeof(*c));
	for (i = 0; i < ARRAY_SIZE(props); i++)
		*prop(c, &props[i]) = props[i].full;
	/* Locally administered */
	memcpy(c->mac, "\x02\x0e\x0a\x00\x00", 5);
	c->mac[5] = n + 1;
}

/* The least that the driver of 7.3.4 comes up with */
static void cfg_min(struct ena_cfg *c)
{
	c->features = FEATURES_MIN;
	c->caps = 0;
	c->queues = 1;
	c->depth = 256;
	c->tx_offload = 0;
	c->rx_offload = 0;
	/* The carrier comes with the link event only */
	c->groups = BIT(AENQ_LINK);
}

static int set_mac(struct ena_cfg *c, const char *s, const char **why)
{
	unsigned int b[6], i;
	char end;

	if (sscanf(s, "%2x:%2x:%2x:%2x:%2x:%2x%c", &b[0], &b[1], &b[2], &b[3],
		   &b[4], &b[5], &end) != 6) {
		*why = "want six bytes, as in 02:0e:0a:00:00:01";
		return -EINVAL;
	}
	for (i = 0; i < 6; i++)
		c->mac[i] = b[i];
	return 0;
}

static int set_prop(struct ena_cfg *c, const struct prop *p, const char *s,
		    const char **why)
{
	const struct word *w;
	unsigned long v;
	char *end;

	for (w = p->words; w && w->word; w++) {
		if (!strcmp(w->word, s)) {
			*prop(c, p) = w->value;
			return 0;
		}
	}
	errno = 0;
	v = strtoul(s, &end, 0);
	if (errno || !*s || *s == '-' || *end || v < p->min || v > p->max) {
		*why = "no such value";
		return -EINVAL;
	}
	*prop(c, p) = v;
	return 0;
}

int cfg_set(struct ena_cfg *c, const char *name, const char *value, bool late,
	    const char **why)
{
	unsigned int i;

	*why = "no such property";
	if (!strcmp(name, "mac"))
		return set_mac(c, value, why);
	if (!strcmp(name, "set")) {
		if (!strcmp(value, "min")) {
			cfg_min(c);
			return 0;
		}
		*why = "the only set is 'min'";
		return -EINVAL;
	}
	for (i = 0; i < ARRAY_SIZE(props); i++) {
		if (strcmp(props[i].name, name))
			continue;
		if (late && props[i].early) {
			*why = "part of the PCI function: give it at the start";
			return -EBUSY;
		}
		return set_prop(c, &props[i], value, why);
	}
	return -ENOENT;
}

const char *cfg_get(const struct ena_cfg *c, unsigned int i, char *value,
		    size_t size, const char **what)
{
	const struct word *w;
	const struct prop *p;
	u32 v;

	if (i == ARRAY_SIZE(props)) {
		snprintf(value, size, "%02x:%02x:%02x:%02x:%02x:%02x",
			 c->mac[0], c->mac[1], c->mac[2], c->mac[3], c->mac[4],
			 c->mac[5]);
		if (what)
			*what = "Ethernet address";
		return "mac";
	}
	if (i > ARRAY_SIZE(props))
		return NULL;
	p = &props[i];
	if (what)
		*what = p->what;
	v = *prop(c, p);
	for (w = p->words; w && w->word; w++) {
		if (w->value == v) {
			snprintf(value, size, "%s", w->word);
			return p->name;
		}
	}
	snprintf(value, size, v > 0xffff ? "0x%x" : "%u", v);
	return p->name;
}
