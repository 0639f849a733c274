// SPDX-License-Identifier: GPL-2.0
/*
 * splat - reads a kernel console log on stdin and prints the first complaint
 * in it (WARN, BUG, oops, KASAN, lockdep, ref_tracker, hung task, RCU stall,
 * leak) with a fingerprint: up to five functions from the top of its stack.
 *
 * One line, "TITLE | func < func < ...", or nothing. Exit status 0 either way.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define DEPTH 5

/* A complaint starts with a line that holds one of these. */
static const char *const marks[] = {
	"WARNING: ", "BUG: ", "kernel BUG at", "Oops: ", "Kernel panic",
	"general protection fault", "KASAN: ", "UBSAN: ", "KCSAN: ",
	"ref_tracker: ", "unreferenced object", "unregister_netdevice: waiting",
	"INFO: task ", "INFO: rcu", "rcu_sched self-detected stall",
	"rcu_preempt self-detected stall", "soft lockup", "hard LOCKUP",
	"possible circular locking", "possible recursive locking",
	"suspicious RCU usage", "inconsistent lock state",
	"held lock freed", "page_pool_release_retry() stalled",
	"Bad page state", "stack-protector:", "DMA-API: ", "list_add corruption",
	"list_del corruption", "refcount_t: ", "Unable to handle kernel",
	"divide error:", "invalid opcode:", "int3: ", "stack segment:",
};

/* Frames that say how it was reported, not where it went wrong */
static const char *const frames_of_report[] = {
	"dump_stack", "show_stack", "print_", "kasan_", "__warn", "report_bug",
	"handle_bug", "exc_", "asm_exc_", "die", "__die", "panic", "vpanic",
	"check_panic", "page_fault_oops", "do_error_trap", "__show_regs", "<TASK>", "</TASK>",
	"<IRQ>", "</IRQ>", "<NMI>", "</NMI>",
};

/* Behind "[   12.345678][ T12] ", where the line has it */
static const char *text(const char *s)
{
	while (*s == '[') {
		const char *e = strchr(s, ']');

		if (!e)
			break;
		s = e + 1;
		while (*s == ' ')
			s++;
	}
	return s;
}

static bool starts_complaint(const char *s)
{
	size_t i;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strstr(s, marks[i]))
			return true;
	return false;
}

/* "name+0x12/0x34" in @s: copy name to @out */
static bool frame(const char *s, char *out, size_t size)
{
	size_t i, len;
	const char *e;

	if (*s == '?')
		return false;
	if (!strncmp(s, "RIP: ", 5)) {
		s = strchr(s + 5, ':');
		if (!s)
			return false;
		s++;
	}
	e = strstr(s, "+0x");
	if (!e || !strchr(e, '/') || e == s)
		return false;
	for (i = 0; s + i < e; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("_.", s[i]))
			return false;
	len = e - s;
	if (len >= size)
		len = size - 1;
	memcpy(out, s, len);
	out[len] = 0;
	/* A compiler's clone, and a BPF program's tag, are no part of the name */
	if (!strncmp(out, "bpf_prog_", 9))
		strcpy(out, "bpf_prog");
	out[strcspn(out, ".")] = 0;
	for (i = 0; i < sizeof(frames_of_report) / sizeof(frames_of_report[0]); i++)
		if (!strncmp(out, frames_of_report[i], strlen(frames_of_report[i])))
			return false;
	return true;
}

int main(void)
{
	char line[4096], name[128], last[128] = "";
	bool seen = false;
	int depth = 0;

	while (fgets(line, sizeof(line), stdin)) {
		const char *s = text(line);

		line[strcspn(line, "\r\n")] = 0;
		if (!seen) {
			if (!starts_complaint(s))
				continue;
			seen = true;
			fputs(s, stdout);
			continue;
		}
		if (!strncmp(s, "---[ end trace", 14) || depth == DEPTH)
			break;
		if (!frame(s, name, sizeof(name)) || !strcmp(name, last))
			continue;
		printf("%s%s", depth ? " < " : " | ", name);
		strcpy(last, name);
		depth++;
	}
	if (seen)
		putchar('\n');
	return 0;
}
