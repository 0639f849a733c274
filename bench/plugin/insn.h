/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kind of x86-64 instruction some bytes are: what costs more than its
 * bytes tell (string instructions, locked ones, indirect branches), and what
 * moves between functions.
 *
 * Only the kind is told, not operands or lengths, and only of valid
 * instructions in 64-bit mode: who asks has them from a disassembler that found
 * where they begin and end. Keeps no state.
 */
#ifndef PODPATH_INSN_H
#define PODPATH_INSN_H

#include "../../ena-model/types.h"

/* A string instruction with a repeat prefix: movs, stos, cmps, ins, ... */
#define INSN_REP	BIT(0)
/*
 * A lock prefix, or xchg with memory, which needs none. Where the kernel runs
 * on one CPU it makes ds prefixes of its lock prefixes: those are not locked.
 */
#define INSN_LOCK	BIT(1)
/* A call or jump, near or far, whose target is in a register or in memory */
#define INSN_INDIRECT	BIT(2)
/* A call, near or far, direct or not */
#define INSN_CALL	BIT(3)
/* A return from a call, near or far; not iret, sysret and the like */
#define INSN_RET	BIT(4)

/**
 * insn_class() - the kind of an instruction
 * @bytes: the instruction, prefixes included
 * @len: its bytes, 0 to 15; nothing is read behind them
 *
 * Return: INSN_* flags; 0 for any other instruction, and for one that ends
 * before its opcode. Bytes that are missing behind the opcode are as if they
 * said no.
 */
unsigned int insn_class(const u8 *bytes, size_t len);

/**
 * insn_marker() - is this a marker, and which?
 * @bytes: the instruction
 * @len: its bytes
 *
 * A marker is a nop that no compiler emits: nopl 0x6d7170KK(%rax,%rax,1).
 *
 * Return: KK, 0 to 255, or -1 when it is none.
 */
int insn_marker(const u8 *bytes, size_t len);

#endif /* PODPATH_INSN_H */
