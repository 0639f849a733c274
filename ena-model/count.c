// SPDX-License-Identifier: GPL-2.0
/* The names of the counters, in the order of struct ena_count. */
#include <assert.h>
#include <string.h>

#include "ena.h"

static const char * const names[] = {
	"reg-read", "reg-write", "mmio-read", "reset", "reset-done",
	"admin", "admin-bad", "aenq", "aenq-no-room",
	"irq", "irq-mgmt", "irq-lost", "unmask", "numa",
	"tx-doorbell", "tx-packet", "tx-byte", "tx-segment", "tx-drop",
	"tx-desc", "tx-meta", "tx-complete", "tx-blocked", "llq-line",
	"llq-burst",
	"rx-doorbell", "rx-packet", "rx-byte", "rx-drop", "rx-overrun",
	"rx-down",
	"rx-desc", "dma-fault", "dma-disabled", "queue-error", "phc", "wire",
};

static_assert(ARRAY_SIZE(names) == sizeof(struct ena_count) / sizeof(u64),
	      "a name for each counter");

const char *ena_count_name(unsigned int i)
{
	return i < ARRAY_SIZE(names) ? names[i] : NULL;
}

const u64 *ena_count_get(const struct ena_dev *d, const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], name))
			return (const u64 *)&d->count + i;
	return NULL;
}
