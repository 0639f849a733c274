// SPDX-License-Identifier: GPL-2.0
/* Tests of insn.c: what an assembler made, as objdump prints it. */
#include <stdlib.h>
#include <string.h>

#include "../insn.h"
#include "test.h"

#define REP	INSN_REP
#define LOCK	INSN_LOCK
#define IND	INSN_INDIRECT
#define CALL	INSN_CALL
#define RET	INSN_RET

struct sample {
	const char *bytes;
	u8 len;
	u8 flags;
};

#define B(s, f) { s, sizeof(s) - 1, f }

/* In memory of exactly @len bytes: ASan sees a read behind it */
static unsigned int class_of(const void *bytes, size_t len)
{
	u8 *copy = malloc(len ?: 1);
	unsigned int flags;

	memcpy(copy, bytes, len);
	flags = insn_class(len ? copy : copy + 1, len);
	free(copy);
	return flags;
}

static void samples(const struct sample *s, unsigned int n)
{
	unsigned int flags, i;

	for (; n--; s++) {
		flags = class_of(s->bytes, s->len);
		if (flags == s->flags)
			continue;
		printf("#");
		for (i = 0; i < s->len; i++)
			printf(" %02x", (u8)s->bytes[i]);
		printf(": %#x, not %#x\n", flags, s->flags);
		bad++;
	}
}

static void test_rep(void)
{
	static const struct sample s[] = {
		B("\xf3\xa4", REP),		/* rep movsb */
		B("\xf3\xa5", REP),		/* rep movsl */
		B("\xf3\x48\xa5", REP),		/* rep movsq */
		B("\xf3\x66\xa5", REP),		/* rep movsw */
		B("\x66\xf3\xa5", REP),		/* rep movsw */
		B("\xf3\x67\xa4", REP),		/* rep movsb (%esi),(%edi) */
		B("\xf3\x65\x48\xa5", REP),	/* rep movsq %gs:(%rsi), */
		B("\x65\xf3\x48\xa5", REP),	/* rep movsq %gs:(%rsi), */
		B("\x2e\x36\x26\x64\xf3\xa4", REP),
		B("\x3e\xf3\xa4", REP),
		B("\xf3\xa6", REP),		/* repz cmpsb */
		B("\xf2\xa6", REP),		/* repnz cmpsb */
		B("\xf3\x48\xa7", REP),		/* repz cmpsq */
		B("\xf3\xaa", REP),		/* rep stosb */
		B("\xf3\x48\xab", REP),		/* rep stosq */
		B("\xf3\xac", REP),		/* rep lodsb */
		B("\xf3\xad", REP),		/* rep lodsl */
		B("\xf2\xae", REP),		/* repnz scasb */
		B("\xf3\x48\xaf", REP),		/* repz scasq */
		B("\xf3\x6c", REP),		/* rep insb */
		B("\xf3\x6d", REP),		/* rep insl */
		B("\xf3\x6e", REP),		/* rep outsb */
		B("\x66\xf3\x6f", REP),		/* rep outsw */
	};

	samples(s, ARRAY_SIZE(s));
}

static void test_no_rep(void)
{
	static const struct sample s[] = {
		B("\xa4", 0),			/* movsb */
		B("\x48\xa5", 0),		/* movsq */
		B("\x66\xab", 0),		/* stosw */
		B("\x6c", 0),			/* insb */
		B("\x6f", 0),			/* outsl */
		B("\xf3\x90", 0),		/* pause */
		B("\x90", 0),			/* nop */
		B("\xf3\x0f\x1e\xfa", 0),	/* endbr64 */
		B("\xf3\x0f\xb8\xc7", 0),	/* popcnt %edi,%eax */
		B("\xf3\x48\x0f\xbc\xc7", 0),	/* tzcnt %rdi,%rax */
		B("\xf3\x0f\xa7\xc8", 0),	/* rep xcrypt-ecb */
		B("\xf3\x0f\x6f\x06", 0),	/* movdqu (%rsi),%xmm0 */
		B("\xf2\x0f\x10\x06", 0),	/* movsd (%rsi),%xmm0 */
		B("\xf3\x0f\xae\xc0", 0),	/* rdfsbase %eax */
		B("\xf3\x48\x0f\xae\xe8", 0),	/* incsspq %rax */
		B("\xf3\xa8\x01", 0),		/* repz test $1,%al */
		B("\xf3\xa9\1\0\0\0", 0),	/* repz test $1,%eax */
		B("\xf3\xa3\0\0\0\0\0\0\0\0", 0), /* repz movabs */
		B("\xf3\xb0\x01", 0),		/* repz mov $1,%al */
		B("\xf3\x6b\xc0\x01", 0),	/* repz imul $1,%eax,%eax */
		B("\xf3\x70\x00", 0),		/* repz jo */
		B("\x66\x90", 0),		/* xchg %ax,%ax */
		B("\xb0\xf3", 0),		/* mov $0xf3,%al */
		B("\x04\xa4", 0),		/* add $0xa4,%al */
	};

	samples(s, ARRAY_SIZE(s));
}

static void test_lock(void)
{
	static const struct sample s[] = {
		B("\xf0\xff\x07", LOCK),	/* lock incl (%rdi) */
		B("\xf0\x48\xff\x0f", LOCK),	/* lock decq (%rdi) */
		B("\xf0\x0f\xb1\x17", LOCK),	/* lock cmpxchg %edx,(%rdi) */
		B("\xf0\x48\x0f\xc1\x07", LOCK),	/* lock xadd */
		B("\xf0\x48\x0f\xc7\x0f", LOCK),	/* lock cmpxchg16b */
		B("\x65\xf0\xff\x07", LOCK),	/* lock incl %gs:(%rdi) */
		B("\xf0\x65\xff\x07", LOCK),	/* lock incl %gs:(%rdi) */
		B("\x66\xf0\x0f\xab\x07", LOCK),	/* lock bts %ax, */
		B("\xf2\xf0\x0f\xb1\x17", LOCK),	/* xacquire lock */
		B("\xf0\x83\x44\x24\xfc\x00", LOCK),	/* lock addl */
		B("\xf0\x87\x07", LOCK),	/* lock xchg %eax,(%rdi) */
		B("\x87\x07", LOCK),		/* xchg %eax,(%rdi) */
		B("\x48\x87\x47\x08", LOCK),	/* xchg %rax,8(%rdi) */
		B("\x66\x87\x87\0\1\0\0", LOCK),	/* xchg %ax,0x100(%rdi) */
		B("\x86\x05\0\0\0\0", LOCK),	/* xchg %al,0(%rip) */
		B("\x65\x44\x87\x04\x25\0\0\0\0", LOCK), /* xchg %r8d,%gs:0 */
		B("\xf3\x87\x07", LOCK),	/* xrelease xchg %eax,(%rdi) */
	};

	samples(s, ARRAY_SIZE(s));
}

static void test_no_lock(void)
{
	static const struct sample s[] = {
		B("\x86\xc4", 0),		/* xchg %al,%ah */
		B("\x48\x87\xd8", 0),		/* xchg %rbx,%rax */
		B("\x48\x93", 0),		/* xchg %rax,%rbx */
		B("\x85\x07", 0),		/* test %eax,(%rdi) */
		B("\x88\x07", 0),		/* mov %al,(%rdi) */
		B("\x0f\xb1\x17", 0),		/* cmpxchg %edx,(%rdi) */
		B("\x0f\xc1\x07", 0),		/* xadd %eax,(%rdi) */
		/* ds cmpxchg %edx,(%rdi): was lock until the kernel saw 1 CPU */
		B("\x3e\x0f\xb1\x17", 0),
		B("\x3e\xff\x07", 0),		/* ds incl (%rdi) */
		B("\x0f\x87\0\0\0\0", 0),	/* ja */
		B("\x0f\x86\0\0\0\0", 0),	/* jbe */
		B("\xb0\xf0", 0),		/* mov $0xf0,%al */
		B("\x83\xc0\xf0", 0),		/* add $-16,%eax */
	};

	samples(s, ARRAY_SIZE(s));
}

static void test_indirect(void)
{
	static const struct sample s[] = {
		B("\xff\xd0", CALL | IND),	/* call *%rax */
		B("\x41\xff\xd3", CALL | IND),	/* call *%r11 */
		B("\xff\x10", CALL | IND),	/* call *(%rax) */
		B("\xff\x50\x18", CALL | IND),	/* call *0x18(%rax) */
		B("\xff\x90\0\1\0\0", CALL | IND),	/* call *0x100(%rax) */
		B("\xff\x15\0\0\0\0", CALL | IND),	/* call *0(%rip) */
		B("\xff\x14\xc5\0\0\0\0", CALL | IND),	/* call *0(,%rax,8) */
		B("\x2e\xff\xd0", CALL | IND),	/* cs call *%rax */
		B("\x3e\xff\xd0", CALL | IND),	/* notrack call *%rax */
		B("\xff\xe0", IND),		/* jmp *%rax */
		B("\x41\xff\xe3", IND),		/* jmp *%r11 */
		B("\xff\x20", IND),		/* jmp *(%rax) */
		B("\xff\x60\x08", IND),		/* jmp *8(%rax) */
		B("\xff\xa0\0\1\0\0", IND),	/* jmp *0x100(%rax) */
		B("\xff\x24\xc5\0\0\0\0", IND),	/* jmp *0(,%rax,8) */
		B("\xff\x25\0\0\0\0", IND),	/* jmp *0(%rip) */
		B("\x3e\xff\xe0", IND),		/* notrack jmp *%rax */
		B("\xf2\xff\xe0", IND),		/* bnd jmp *%rax */
		B("\xff\x1f", CALL | IND),	/* lcall *(%rdi) */
		B("\x48\xff\x5f\x08", CALL | IND),	/* rex.W lcall *8() */
		B("\xff\x2f", IND),		/* ljmp *(%rdi) */
		B("\x48\xff\x2d\0\0\0\0", IND),	/* rex.W ljmp *0(%rip) */
	};

	samples(s, ARRAY_SIZE(s));
}

static void test_not_indirect(void)
{
	static const struct sample s[] = {
		B("\xff\xc0", 0),		/* inc %eax */
		B("\xff\x07", 0),		/* incl (%rdi) */
		B("\xff\xc8", 0),		/* dec %eax */
		B("\xff\x0f", 0),		/* decl (%rdi) */
		B("\xff\x37", 0),		/* push (%rdi) */
		B("\xff\xf0", 0),		/* push %rax */
		B("\xff\xd8", 0),		/* lcall, no memory: (bad) */
		B("\xff\xe8", 0),		/* ljmp, no memory: (bad) */
		B("\xff\xff", 0),		/* (bad) */
		B("\xfe\xc0", 0),		/* inc %al */
		B("\x0f\xff\xd0", 0),		/* ud0 %eax,%edx */
		B("\xe9\0\0\0\0", 0),		/* jmp */
		B("\xeb\xfe", 0),		/* jmp */
		B("\x74\xff", 0),		/* je */
		B("\x0f\x84\0\0\0\0", 0),	/* je */
	};

	samples(s, ARRAY_SIZE(s));
}

static void test_call_ret(void)
{
	static const struct sample s[] = {
		B("\xe8\0\0\0\0", CALL),	/* call */
		B("\xf2\xe8\0\0\0\0", CALL),	/* bnd call */
		B("\x2e\xe8\0\0\0\0", CALL),	/* cs call */
		B("\x40\xe8\0\0\0\0", CALL),	/* rex call */
		B("\xc3", RET),			/* ret */
		B("\xf3\xc3", RET),		/* repz ret */
		B("\xf2\xc3", RET),		/* bnd ret */
		B("\xc2\x08\0", RET),		/* ret $8 */
		B("\xcb", RET),			/* lret */
		B("\x48\xcb", RET),		/* lretq */
		B("\xca\x08\0", RET),		/* lret $8 */
		B("\xcc", 0),			/* int3 */
		B("\xcd\x80", 0),		/* int $0x80 */
		B("\xc9", 0),			/* leave */
		B("\xc1\xe0\x03", 0),		/* shl $3,%eax */
		B("\x48\xcf", 0),		/* iretq */
		B("\x48\x0f\x07", 0),		/* sysretq */
		B("\x0f\x05", 0),		/* syscall */
		B("\xe2\xfe", 0),		/* loop */
		B("\xe7\x80", 0),		/* out %eax,$0x80 */
		B("\x0f\xe8\xc1", 0),		/* psubsb %mm1,%mm0 */
		B("\x0f\xc3\x07", 0),		/* movnti %eax,(%rdi) */
		B("\xb8\xe8\0\0\0", 0),		/* mov $0xe8,%eax */
	};

	samples(s, ARRAY_SIZE(s));
}

static void test_vex(void)
{
	static const struct sample s[] = {
		/* What follows the escape looks like what is looked for */
		B("\xc5\xf0\xc2\xc0\x00", 0),	/* vcmpeqps */
		B("\xc5\xff\xc2\xc0\x00", 0),	/* vcmpeqsd */
		B("\xc5\xf1\xe8\xc2", 0),	/* vpsubsb */
		B("\xc4\xe2\xf3\xf7\xd0", 0),	/* shrx %rcx,%rax,%rdx */
		B("\xc4\xc1\x7a\x6f\x07", 0),	/* vmovdqu (%r15),%xmm0 */
		B("\x62\xf1\x7e\x48\x6f\x06", 0),	/* vmovdqu32 */
		B("\x62\xf2\x7d\x48\xc4\xc0", 0),	/* vpconflictd */
		B("\x64\xc5\xfa\x6f\x07", 0),	/* vmovdqu %fs:(%rdi),%xmm0 */
		/* lock is invalid here */
		B("\xf0\xc5\xf1\xe8\xc2", 0),
		B("\xf0\xc4\xe2\xf3\xf7\xd0", 0),
		B("\xf0\x62\xf1\x7e\x48\x6f\x06", 0),
	};

	samples(s, ARRAY_SIZE(s));
}

/* All that ends too early: nothing is read behind it, and nothing guessed */
static void test_short(void)
{
	static const u8 prefixes[15] = {
		0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x26, 0x2e, 0x36, 0x3e, 0x64,
		0x65, 0x40, 0x48, 0x4f, 0x4c,
	};
	size_t len;
	u8 b[15];

	CHECK(class_of("", 0) == 0);
	for (len = 0; len <= sizeof(prefixes); len++)
		CHECK(class_of(prefixes, len) == 0);
	for (len = 1; len <= sizeof(b); len++) {
		memset(b, 0x48, sizeof(b));
		b[len - 1] = 0xff;
		CHECK(class_of(b, len) == 0);
		b[len - 1] = 0x87;
		CHECK(class_of(b, len) == 0);
		b[len - 1] = 0xc3;
		CHECK(class_of(b, len) == INSN_RET);
	}
	CHECK(class_of("\xf0\xff", 2) == INSN_LOCK);
	CHECK(class_of("\xf0\x87", 2) == INSN_LOCK);
}

/* Each of the prefixes before a string instruction, alone and behind rep */
static void test_prefixes(void)
{
	unsigned int i, n = 0;
	u8 b[3] = { 0xf3 };

	for (i = 0; i < 256; i++) {
		b[1] = i;
		b[2] = 0xa4;
		if (class_of(b, 3) == INSN_REP &&
		    i != 0x6c && i != 0x6d && i != 0x6e && i != 0x6f &&
		    !(i >= 0xa4 && i <= 0xa7) && !(i >= 0xaa && i <= 0xaf))
			n++;
		CHECK(class_of(b + 1, 2) != INSN_REP ||
		      i == 0xf2 || i == 0xf3);
	}
	/* 6 segments, 66, 67, f2, f3 and 16 REX; f0 makes it locked, too */
	CHECK(n == 26);
}

static void test_marker(void)
{
	u8 b[9] = { 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x70, 0x71, 0x6d, 0x90 };
	unsigned int i;

	for (i = 0; i < 256; i++) {
		b[4] = i;
		CHECK(insn_marker(b, 8) == (int)i);
		CHECK(insn_class(b, 8) == 0);
	}
	for (i = 0; i < 16; i++)
		CHECK(insn_marker(b, min(i, 9U)) == (i == 8 ? 255 : -1));
	for (i = 0; i < 64; i++) {
		if (i / 8 == 4)
			continue;
		b[i / 8] ^= 1 << i % 8;
		CHECK(insn_marker(b, 8) == -1);
		b[i / 8] ^= 1 << i % 8;
	}
	/* nopl 0(%rax,%rax,1), of any kernel; and the marker with a prefix */
	CHECK(insn_marker((const u8 *)"\x0f\x1f\x84\0\0\0\0\0", 8) == -1);
	CHECK(insn_marker((const u8 *)"\x66\x0f\x1f\x84\0\7\x70\x71\x6d", 9) ==
	      -1);
	CHECK(insn_marker(b, 0) == -1);
}

int main(void)
{
	static const struct test t[] = {
		{ "insn_rep", test_rep },
		{ "insn_no_rep", test_no_rep },
		{ "insn_lock", test_lock },
		{ "insn_no_lock", test_no_lock },
		{ "insn_indirect", test_indirect },
		{ "insn_not_indirect", test_not_indirect },
		{ "insn_call_ret", test_call_ret },
		{ "insn_vex", test_vex },
		{ "insn_short", test_short },
		{ "insn_prefixes", test_prefixes },
		{ "insn_marker", test_marker },
	};

	return run(t, ARRAY_SIZE(t));
}
