// SPDX-License-Identifier: GPL-2.0
/* x86-64 instructions by prefixes, first opcode byte and ModRM. */
#include "insn.h"

/* Legacy prefixes come in any order; a REX before one of them has no effect */
static bool is_prefix(u8 b)
{
	switch (b) {
	case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x64: case 0x65:
	case 0x66: case 0x67:
	case 0xf0: case 0xf2: case 0xf3:
		return true;
	default:
		return b >= 0x40 && b <= 0x4f;
	}
}

/* Opcode ff: the ModRM byte tells which instruction it is */
static unsigned int group5(u8 modrm)
{
	bool memory = modrm >> 6 != 3;

	switch (modrm >> 3 & 7) {
	case 2:
		return INSN_CALL | INSN_INDIRECT;
	case 3:
		return memory ? INSN_CALL | INSN_INDIRECT : 0;
	case 4:
		return INSN_INDIRECT;
	case 5:
		return memory ? INSN_INDIRECT : 0;
	default:
		return 0;
	}
}

unsigned int insn_class(const u8 *bytes, size_t len)
{
	unsigned int flags = 0;
	bool rep = false, more;
	size_t i;

	for (i = 0; i < len && is_prefix(bytes[i]); i++) {
		if (bytes[i] == 0xf0)
			flags |= INSN_LOCK;
		rep |= bytes[i] == 0xf2 || bytes[i] == 0xf3;
	}
	if (i == len)
		return 0;
	more = i + 1 < len;
	switch (bytes[i]) {
	case 0x62: case 0xc4: case 0xc5:
		/* EVEX and VEX: what follows is no opcode of this table */
		return 0;
	case 0x6c ... 0x6f:
	case 0xa4 ... 0xa7:
	case 0xaa ... 0xaf:
		return rep ? flags | INSN_REP : flags;
	case 0x86: case 0x87:
		if (more && bytes[i + 1] >> 6 != 3)
			flags |= INSN_LOCK;
		return flags;
	case 0xc2: case 0xc3: case 0xca: case 0xcb:
		return flags | INSN_RET;
	case 0xe8:
		return flags | INSN_CALL;
	case 0xff:
		return more ? flags | group5(bytes[i + 1]) : flags;
	default:
		return flags;
	}
}

int insn_marker(const u8 *bytes, size_t len)
{
	if (len != 8 || bytes[0] != 0x0f || bytes[1] != 0x1f ||
	    bytes[2] != 0x84 || bytes[3] != 0x00)
		return -1;
	if (bytes[5] != 0x70 || bytes[6] != 0x71 || bytes[7] != 0x6d)
		return -1;
	return bytes[4];
}
