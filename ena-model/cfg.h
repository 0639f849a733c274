/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a device can do: one table of names, limits and defaults for the command
 * line and the control socket alike.
 */
#ifndef PODPATH_CFG_H
#define PODPATH_CFG_H

#include "types.h"

enum llq_mode {
	LLQ_OFF,	/* no LLQ, no BAR 2 */
	LLQ_TRAP,	/* each store to BAR 2 is a message */
	LLQ_MAP,	/* BAR 2 is memory that the guest maps */
};

/**
 * struct ena_cfg - properties; cfg.c has a line of explanation for each
 *
 * All members are u32 but for @mac, so that one table describes them.
 */
struct ena_cfg {
	u32 pci_id, direct, features, caps, queues, depth, llq_depth, max_mtu;
	u32 llq, llq_entry, llq_accel, llq_burst, header;
	u32 tx_offload, rx_offload, rx_offset, tx_descs, rx_descs;
	u32 intr_resolution, groups, link_speed, reset_to, admin_to, dma_bits;
	u32 hint_mmio, hint_watchdog, hint_tx_compl, hint_tx_thresh;
	u32 hint_admin, hint_netdev_wd, hint_tx_sgl, hint_rx_sgl;
	u32 phc_expire, phc_block, wait_ms;
	u32 moderation;
	u8 mac[6];
};

/**
 * cfg_default() - a device with everything
 * @c: filled
 * @n: number of the device, for its MAC address
 */
void cfg_default(struct ena_cfg *c, unsigned int n);

/**
 * cfg_set() - change a property
 * @c: the properties
 * @name: of the property; "set" with the value "min" makes a minimal device
 * @value: as text; words where the table has them, else a number
 * @late: the device is there already: properties that the PCI function is made
 *	of are refused
 * @why: set to what is wrong
 *
 * Return: 0, -ENOENT when there is no such property, -EINVAL for a bad value,
 * -EBUSY when it is too late.
 */
int cfg_set(struct ena_cfg *c, const char *name, const char *value, bool late,
	    const char **why);

/**
 * cfg_get() - a property as text
 * @c: the properties
 * @i: its place in the table
 * @value: filled
 * @size: of @value
 * @what: set to the line of explanation, may be NULL
 *
 * Return: its name, or NULL behind the last.
 */
const char *cfg_get(const struct ena_cfg *c, unsigned int i, char *value,
		    size_t size, const char **what);

#endif /* PODPATH_CFG_H */
