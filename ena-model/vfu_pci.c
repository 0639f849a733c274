// SPDX-License-Identifier: GPL-2.0
/*
 * The PCI configuration space: a type 0 header, MSI-X and PCI Express.
 *
 * Owns: its bytes and which of their bits can be written. Behind the first 256
 * there is no capability. QEMU emulates the BARs and MSI-X itself and takes
 * from here what they are.
 */
#include <string.h>

#include <linux/pci_regs.h>

#include "vfu_priv.h"

#define CFG_MSIX	0x40
#define CFG_EXP		0x50
#define CFG_FLR		(CFG_EXP + PCI_EXP_DEVCTL + 1)	/* byte of bit 15 */
#define FLR_BIT		(PCI_EXP_DEVCTL_BCR_FLR >> 8)

static void put16(u8 *p, unsigned int off, u16 val)
{
	memcpy(p + off, &val, sizeof(val));
}

static void put32(u8 *p, unsigned int off, u32 val)
{
	memcpy(p + off, &val, sizeof(val));
}

static void cfg_bars(struct vfu *v)
{
	const struct vfu_bar *bar;
	unsigned int i, off;
	u32 type;

	for (i = 0; i < VFU_BARS; i++) {
		bar = &v->desc.bar[i];
		if (!bar->size)
			continue;
		off = PCI_BASE_ADDRESS_0 + 4 * i;
		type = bar->prefetch ? PCI_BASE_ADDRESS_MEM_PREFETCH : 0;
		if (bar->is64)
			type |= PCI_BASE_ADDRESS_MEM_TYPE_64;
		put32(v->cfg, off, type);
		put32(v->mask, off, -bar->size & PCI_BASE_ADDRESS_MEM_MASK);
		if (bar->is64 && ++i < VFU_BARS)
			put32(v->mask, off + 4, -bar->size >> 32);
	}
}

static void cfg_msix(struct vfu *v)
{
	const struct vfu_desc *d = &v->desc;
	u8 *c = v->cfg + CFG_MSIX;

	c[PCI_CAP_LIST_ID] = PCI_CAP_ID_MSIX;
	c[PCI_CAP_LIST_NEXT] = CFG_EXP;
	put16(c, PCI_MSIX_FLAGS, d->vectors - 1);
	put32(c, PCI_MSIX_TABLE, d->msix_table | d->msix_bar);
	put32(c, PCI_MSIX_PBA, d->msix_pba | d->msix_bar);
	put16(v->mask + CFG_MSIX, PCI_MSIX_FLAGS,
	      PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
}

/* Version 2, 8 GT/s on 8 lanes, payload of 128 bytes, can be reset alone */
static void cfg_exp(struct vfu *v)
{
	u8 *m = v->mask + CFG_EXP;
	u8 *c = v->cfg + CFG_EXP;

	c[PCI_CAP_LIST_ID] = PCI_CAP_ID_EXP;
	put16(c, PCI_EXP_FLAGS, 2 | PCI_EXP_TYPE_ENDPOINT << 4);
	put32(c, PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_EXT_TAG | PCI_EXP_DEVCAP_L0S |
	      PCI_EXP_DEVCAP_L1 | PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR);
	put16(c, PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_RELAX_EN |
	      PCI_EXP_DEVCTL_NOSNOOP_EN | PCI_EXP_DEVCTL_READRQ_512B);
	put16(m, PCI_EXP_DEVCTL, 0xffff & ~(PCI_EXP_DEVCTL_BCR_FLR |
	      PCI_EXP_DEVCTL_PHANTOM | PCI_EXP_DEVCTL_AUX_PME));
	put32(c, PCI_EXP_LNKCAP, PCI_EXP_LNKCAP_SLS_8_0GB | 8 << 4);
	put16(m, PCI_EXP_LNKCTL, PCI_EXP_LNKCTL_RCB | PCI_EXP_LNKCTL_CCC |
	      PCI_EXP_LNKCTL_ES);
	put16(c, PCI_EXP_LNKSTA, PCI_EXP_LNKSTA_CLS_8_0GB |
	      PCI_EXP_LNKSTA_NLW_X8 | PCI_EXP_LNKSTA_SLC);
	put32(c, PCI_EXP_LNKCAP2, PCI_EXP_LNKCAP2_SLS_2_5GB |
	      PCI_EXP_LNKCAP2_SLS_5_0GB | PCI_EXP_LNKCAP2_SLS_8_0GB);
	put16(c, PCI_EXP_LNKCTL2, PCI_EXP_LNKCTL2_TLS_8_0GT);
	put16(m, PCI_EXP_LNKCTL2, PCI_EXP_LNKCTL2_TLS);
}

void vfu_cfg_init(struct vfu *v)
{
	const struct vfu_desc *d = &v->desc;
	u8 *c = v->cfg;

	memset(v->cfg, 0, sizeof(v->cfg));
	memset(v->mask, 0, sizeof(v->mask));
	put16(c, PCI_VENDOR_ID, d->vendor);
	put16(c, PCI_DEVICE_ID, d->device);
	put16(v->mask, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
	      PCI_COMMAND_PARITY | PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE);
	put16(c, PCI_STATUS, PCI_STATUS_CAP_LIST);
	put32(c, PCI_CLASS_REVISION, d->class << 8 | d->revision);
	v->mask[PCI_CACHE_LINE_SIZE] = 0xff;
	put16(c, PCI_SUBSYSTEM_VENDOR_ID, d->sub_vendor);
	put16(c, PCI_SUBSYSTEM_ID, d->sub_device);
	c[PCI_CAPABILITY_LIST] = CFG_MSIX;
	v->mask[PCI_INTERRUPT_LINE] = 0xff;
	cfg_bars(v);
	cfg_msix(v);
	cfg_exp(v);
}

void vfu_cfg_write(struct vfu *v, u32 off, const u8 *p, u32 n)
{
	u32 i;
	u8 m;

	for (i = 0; i < n; i++) {
		m = v->mask[off + i];
		v->cfg[off + i] = (v->cfg[off + i] & ~m) | (p[i] & m);
	}
	/* Last: the other bits of the same store are reset as well */
	if (off <= CFG_FLR && CFG_FLR - off < n && p[CFG_FLR - off] & FLR_BIT)
		vfu_reset(v, NULL);
}

/*
 * The eventfds stay: they are the client's wiring, not the function's state,
 * and a client that saw only a configuration write would not send them again.
 */
int vfu_reset(struct vfu *v, struct vfu_msg *m)
{
	(void)m;
	vfu_cfg_init(v);
	v->ops->reset(v->ctx);
	return 0;
}

bool vfu_bus_master(const struct vfu *v)
{
	return v->cfg[PCI_COMMAND] & PCI_COMMAND_MASTER;
}
