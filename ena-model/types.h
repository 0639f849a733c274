/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Short names for integers, and what the C library lacks. Everything that the
 * guest sees is little endian; the model runs on little-endian hosts only.
 */
#ifndef PODPATH_TYPES_H
#define PODPATH_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef unsigned long long u64;
typedef long long s64;

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the model knows little-endian hosts only"
#endif

#define BIT(n)		(1U << (n))
#define BIT_ULL(n)	(1ULL << (n))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define min(a, b) \
	({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a < _b ? _a : _b; })
#define max(a, b) \
	({ __typeof__(a) _a = (a); __typeof__(b) _b = (b); _a > _b ? _a : _b; })
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#ifndef __printf
#define __printf(f, a)	__attribute__((__format__(__printf__, f, a)))
#endif

/* The driver reads an entry's phase bit without a lock: publish it last */
#define publish(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)

static inline bool is_pow2(u64 n)
{
	return n && !(n & (n - 1));
}

#endif /* PODPATH_TYPES_H */
