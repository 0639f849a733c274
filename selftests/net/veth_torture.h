/* SPDX-License-Identifier: GPL-2.0 */
/* What veth_torture.c and its XDP programs, veth_torture.bpf.c, agree on */
#ifndef VETH_TORTURE_H
#define VETH_TORTURE_H

#include <linux/types.h>

#define TORTURE_MAGIC		0x746f7274

/* Devices have these indexes: 0 and 1 are a pair, 2 and 3 another one. The even
 * ones are on the same side, and so are the odd ones: where XDP redirects to.
 */
#define TORTURE_IFINDEX		1024
#define TORTURE_SIBLING		2

/* hdr.may: what XDP programs may do to a datagram. One of no kind passes. */
#define TORTURE_MAY_DROP	0x1
#define TORTURE_MAY_TURN	0x2
#define TORTURE_MAY_TRIM	0x4

/* hdr.did: what they have done to it */
#define TORTURE_DID_TX		0x1
#define TORTURE_DID_REDIRECT	0x2
#define TORTURE_DID_TRIM	0x4

/* In front of each datagram's data, in host byte order */
struct torture_hdr {
	__u32 magic;
	__u8 may;
	__u8 did;		/* the only thing that changes on the way */
	__u8 path;		/* the end that has sent it */
	__u8 flow;
	__u32 seq;		/* counts the datagrams of a path's flow */
	__u32 len;		/* of header and data, as sent */
	__u32 epoch;		/* step in which it was sent */
	__u32 sum;		/* of the header */
};

#endif /* VETH_TORTURE_H */
