// SPDX-License-Identifier: GPL-2.0
/*
 * Receive side scaling: Toeplitz over the fields that the driver selected, with
 * its key and its table. Sorting of addresses and ports, which the driver asks
 * for (ena_com_set_hash_ctrl()), is not done: the hash is the one that
 * net/lib and toeplitz tests expect. A guess; so is table entry 0 for what is
 * not IP, whatever L2 fields are selected for it.
 */
#include <string.h>

#include "ena.h"

#define HASH_INPUT	36	/* two IPv6 addresses, two ports */

static void make_lut(struct ena_dev *d)
{
	const u8 *key = (const u8 *)d->rss.key.key;
	u32 byte, val, *lut;
	u64 bits;

	d->rss.stale = false;
	for (byte = 0; byte < HASH_INPUT; byte++) {
		/* 32 bits for each of the eight positions: 39 bits of key */
		bits = (u64)get_be32(key + byte) << 8 | key[byte + 4];
		lut = d->rss.lut[byte];
		lut[0] = 0;
		/* A value is its lowest bit and the rest, which is done */
		for (val = 1; val < 256; val++)
			lut[val] = lut[val & (val - 1)] ^
				(u32)(bits >> (__builtin_ctz(val) + 1));
	}
}

/* The table is made when it is first needed: keys cost the guest nothing */
void ena_rss_key(struct ena_dev *d)
{
	d->rss.stale = true;
}

void ena_rss_reset(struct ena_dev *d)
{
	u32 i;

	/* The key of a device that nobody has configured is a guess */
	d->rss.key.parts = RSS_KEY_PARTS;
	for (i = 0; i < RSS_KEY_PARTS; i++)
		d->rss.key.key[i] = 0x6d5a56da + i * 0x9e3779b9;
	memset(d->rss.selected, 0, sizeof(d->rss.selected));
	d->rss.table_set = false;
	ena_rss_key(d);
}

static enum rss_proto proto_of(const struct pkt *p)
{
	if (p->l3 == L3_IP4) {
		if (p->frag)
			return RSS_IP4_FRAG;
		if (p->l4 == L4_TCP)
			return RSS_TCP4;
		return p->l4 == L4_UDP ? RSS_UDP4 : RSS_IP4;
	}
	if (p->l3 == L3_IP6) {
		if (p->l4 == L4_TCP)
			return RSS_TCP6;
		return p->l4 == L4_UDP ? RSS_UDP6 : RSS_IP6;
	}
	return RSS_NOT_IP;
}

static u32 add(const struct ena_dev *d, u32 *at, const u8 *p, u32 len)
{
	u32 i, hash = 0;

	for (i = 0; i < len && *at < HASH_INPUT; i++)
		hash ^= d->rss.lut[(*at)++][p[i]];
	return hash;
}

static u32 hash_of(struct ena_dev *d, const struct pkt *p, u32 fields)
{
	u32 at = 0, hash = 0, alen = p->l3 == L3_IP4 ? 4 : 16;
	const u8 *ip = p->hdr + p->l3_off;
	const u8 *addr = ip + (p->l3 == L3_IP4 ? 12 : 8);
	const u8 *l4 = p->hdr + p->l4_off;

	if (d->rss.stale)
		make_lut(d);
	if (fields & RSS_L3_SA)
		hash ^= add(d, &at, addr, alen);
	if (fields & RSS_L3_DA)
		hash ^= add(d, &at, addr + alen, alen);
	if (!p->l4)
		return hash;
	if (fields & RSS_L4_SP)
		hash ^= add(d, &at, l4, 2);
	if (fields & RSS_L4_DP)
		hash ^= add(d, &at, l4 + 2, 2);
	return hash;
}

struct ena_sq *ena_rss_queue(struct ena_dev *d, const struct pkt *p, u32 *hash)
{
	u32 i, fields = d->rss.selected[proto_of(p)].fields;
	struct ena_sq *q;

	*hash = 0;
	if (fields && p->l3)
		*hash = hash_of(d, p, fields);
	if (d->rss.table_set) {
		q = ena_rxq(d, d->rss.table[*hash & (ENA_RSS_SIZE - 1)]);
		return q->used ? q : NULL;
	}
	for (i = 0; i < ENA_SQS_MAX; i++)
		if (ena_rxq(d, i)->used)
			return ena_rxq(d, i);
	return NULL;
}
