/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Marks that the QEMU plugin finds in the instruction stream: an 8-byte NOP,
 * nopl 0x6d7170KK(%rax,%rax,1), of a displacement that no compiler emits. KK is
 * 1 where a window begins and 2 where it ends.
 *
 * A program that fails within its window leaves it open: a window without an
 * end is never taken for a measurement.
 */
#ifndef MARK_H
#define MARK_H

#define MARK(kind) ".byte 0x0f, 0x1f, 0x84, 0x00, " kind ", 0x70, 0x71, 0x6d"

static inline void mark_begin(void)
{
	asm volatile(MARK("0x01") : : : "memory");
}

static inline void mark_end(void)
{
	asm volatile(MARK("0x02") : : : "memory");
}

#endif
