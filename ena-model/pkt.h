/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A packet between two ports: its first bytes as a private copy, which alone is
 * parsed and changed, and where the rest lies. The rest is guest memory and may
 * change under our hands: nothing is decided on it.
 *
 * Owns: parsing and checksums. Does not own the memory behind the pieces.
 */
#ifndef PODPATH_PKT_H
#define PODPATH_PKT_H

#include "types.h"

#define PKT_HDR_MAX	320
#define PKT_PIECES	96
#define PKT_MAX		(128 * 1024)
#define ETH_HLEN	14

/**
 * struct pkt - one Ethernet frame without FCS
 * @len: bytes in all
 * @hdr_len: bytes in @hdr
 * @n: pieces in use
 * @l3: L3_IP4, L3_IP6 or 0
 * @l4: L4_TCP, L4_UDP or 0
 * @frag: an IPv4 or IPv6 fragment
 * @csum_good: the sender's device has made the L4 checksum
 * @last_try: not to be refused for want of room: take it or lose it
 * @l3_off: offset of the L3 header
 * @l4_off: offset of what follows it
 * @l3_end: offset behind the L3 payload as the L3 header tells
 * @piece: the bytes behind @hdr
 * @hdr: the first bytes
 */
struct pkt {
	u32 len;
	u32 hdr_len;
	u32 n;
	u8 l3;
	u8 l4;
	bool frag;
	bool csum_good;
	bool last_try;
	u32 l3_off;
	u32 l4_off;
	u32 l3_end;
	struct {
		const u8 *p;
		u32 len;
	} piece[PKT_PIECES];
	u8 hdr[PKT_HDR_MAX];
};

/**
 * pkt_parse() - find the headers in @hdr
 * @p: the packet; sets l3, l4, frag and the offsets
 */
void pkt_parse(struct pkt *p);

/**
 * pkt_add() - add bytes at the end: into @hdr while there is room, then by
 * reference
 * @p: the packet
 * @data: the bytes
 * @len: how many
 *
 * Return: 0, or -E2BIG when there are too many pieces or bytes.
 */
int pkt_add(struct pkt *p, const u8 *data, u32 len);

/**
 * pkt_slice() - a packet of @head bytes of @hdr and a part of the payload
 * @to: the new packet; its parse results are copied from @p
 * @p: the packet
 * @head: bytes of headers, not more than @p has in @hdr
 * @off: offset in @p of the first byte of the part
 * @len: bytes of the part
 *
 * Return: 0, or -EINVAL when @p has no such part.
 */
int pkt_slice(struct pkt *to, const struct pkt *p, u32 head, u32 off, u32 len);

/**
 * pkt_copy() - copy a part of the packet
 * @p: the packet
 * @off: offset of the first byte
 * @dst: @len bytes
 * @len: bytes; @off + @len not more than the packet has
 */
void pkt_copy(const struct pkt *p, u32 off, u8 *dst, u32 len);

/**
 * csum_add() - 16-bit one's complement sum
 * @p: bytes
 * @len: how many; the sum of parts is right when each but the last is even
 * @sum: the sum so far
 */
u64 csum_add(const u8 *p, u32 len, u64 sum);

/**
 * csum_fold() - the sum in 16 bits, in network order when stored as u16
 * @sum: from csum_add()
 */
u16 csum_fold(u64 sum);

/**
 * pkt_csum() - sum of a part of the packet
 * @p: the packet
 * @off: offset of the first byte
 * @len: bytes
 * @sum: the sum so far
 */
u64 pkt_csum(const struct pkt *p, u32 off, u32 len, u64 sum);

/**
 * pkt_pseudo() - sum of the pseudo header of a parsed packet
 * @p: the packet, IPv4 or IPv6
 * @proto: IP protocol
 * @len: L4 length to put in
 */
u64 pkt_pseudo(const struct pkt *p, u8 proto, u32 len);

static inline u16 get_be16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static inline u32 get_be32(const u8 *p)
{
	return (u32)get_be16(p) << 16 | get_be16(p + 2);
}

static inline void put_be16(u8 *p, u16 v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static inline void put_be32(u8 *p, u32 v)
{
	put_be16(p, v >> 16);
	put_be16(p + 2, v);
}

#endif /* PODPATH_PKT_H */
