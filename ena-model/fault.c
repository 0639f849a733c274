// SPDX-License-Identifier: GPL-2.0
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"

static const struct {
	const char *name;
	const char *what;
	const char *value;
} faults[FAULT_NUM] = {
	[FAULT_TX_BAD_ID] = {
		"tx-bad-id", "TX completion with another request id",
		"the id, default 65535"
	},
	[FAULT_TX_DUP] = {
		"tx-dup", "TX completion posted twice",
		""
	},
	[FAULT_TX_HOLD] = {
		"tx-hold", "TX completion withheld until released",
		""
	},
	[FAULT_TX_STALL] = {
		"tx-stall", "doorbell of a TX queue not seen",
		""
	},
	[FAULT_CQ_PHASE] = {
		"cq-phase", "an entry of garbage in the CQ",
		"its 32-bit words"
	},
	[FAULT_RX_BAD_ID] = {
		"rx-bad-id", "RX completion with another request id",
		"the id, default 65535"
	},
	[FAULT_RX_REUSE] = {
		"rx-reuse", "RX completion with the id of the one before",
		""
	},
	[FAULT_RX_LEN] = {
		"rx-len", "RX completion with a wrong length",
		"the length, default 65535"
	},
	[FAULT_RX_MANY] = {
		"rx-many", "RX packet of too many descriptors",
		"their number, default 20"
	},
	[FAULT_RX_FIRST] = {
		"rx-first", "FIRST set on a later descriptor too",
		""
	},
	[FAULT_RX_NOLAST] = {
		"rx-nolast", "LAST not set",
		""
	},
	[FAULT_RX_STARVE] = {
		"rx-starve", "RX queue takes no packet",
		""
	},
	[FAULT_IRQ_LOST] = {
		"irq-lost", "interrupt not sent (key: vector)",
		""
	},
	[FAULT_IRQ_EXTRA] = {
		"irq-extra", "interrupt sent twice (key: vector)",
		""
	},
	[FAULT_ADMIN_DROP] = {
		"admin-drop", "admin command never answered",
		""
	},
	[FAULT_ADMIN_LATE] = {
		"admin-late", "admin command answered later",
		"milliseconds; without a clock: until released"
	},
	[FAULT_ADMIN_STATUS] = {
		"admin-status", "admin command refused",
		"the status, default 6"
	},
	[FAULT_ADMIN_BAD_ID] = {
		"admin-bad-id", "answer with another command id",
		"the id, default 4095"
	},
	[FAULT_ADMIN_DUP] = {
		"admin-dup", "answer posted twice",
		""
	},
	[FAULT_KEEPALIVE] = {
		"keepalive", "no keep-alive event",
		""
	},
	[FAULT_NOT_READY] = {
		"not-ready", "DEV_STS without READY",
		""
	},
	[FAULT_RESET_OFF] = {
		"reset-ignored", "RESET_IN_PROGRESS never set",
		""
	},
	[FAULT_RESET_ON] = {
		"reset-stuck", "RESET_IN_PROGRESS never cleared",
		""
	},
	[FAULT_REG_DROP] = {
		"reg-drop", "readless read not answered (key: offset)",
		""
	},
	[FAULT_REG_OFFSET] = {
		"reg-offset", "readless answer for another register",
		"the offset"
	},
	[FAULT_REG_VALUE] = {
		"reg-value", "register reads as (key: offset)",
		"the value"
	},
	[FAULT_GONE] = {
		"gone", "device pulled: reads give ones, all else nothing",
		""
	},
	[FAULT_PHC_ERROR] = {
		"phc-error", "clock answers with an error flag",
		""
	},
	[FAULT_PHC_DROP] = {
		"phc-drop", "clock does not answer",
		""
	},
	[FAULT_WIRE_DROP] = {
		"wire-drop", "packet lost on the wire",
		""
	},
	[FAULT_WIRE_DUP] = {
		"wire-dup", "packet doubled on the wire",
		""
	},
	[FAULT_WIRE_CSUM] = {
		"wire-corrupt", "last byte inverted on the wire",
		""
	},
};

static_assert(FAULT_NUM <= 64, "struct faults.armed");

const char *fault_name(enum fault_id id)
{
	return faults[id].name;
}

const char *fault_what(enum fault_id id, const char **value)
{
	*value = faults[id].value;
	return faults[id].what;
}

static bool take(struct fault_rule *r)
{
	if (r->skip) {
		r->skip--;
		return false;
	}
	if (!r->count)
		return false;
	if (r->count != ~0U)
		r->count--;
	r->hits++;
	return true;
}

bool fault_hit(struct faults *f, enum fault_id id, u32 key, u32 sub,
	       u32 *value)
{
	struct fault_rule *r;

	if (likely(!(f->armed & BIT_ULL(id))))
		return false;
	for (r = f->rule; r < f->rule + f->n; r++) {
		if (r->id != id)
			continue;
		if (r->key != FAULT_ANY && r->key != key)
			continue;
		if (r->sub != FAULT_ANY && r->sub != sub)
			continue;
		if (!take(r))
			continue;
		if (value && r->has_value)
			*value = r->value;
		return true;
	}
	return false;
}

static int find_fault(const char *name)
{
	int i;

	for (i = 0; i < FAULT_NUM; i++)
		if (!strcmp(faults[i].name, name))
			return i;
	return -ENOENT;
}

static bool number(const char *s, u32 *v)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(s, &end, 0);
	if (errno || !*s || *s == '-' || *end || n > 0xffffffffUL)
		return false;
	*v = n;
	return true;
}

static bool option(struct fault_rule *r, const char *word)
{
	if (!strncmp(word, "key=", 4))
		return number(word + 4, &r->key);
	if (!strncmp(word, "sub=", 4))
		return number(word + 4, &r->sub);
	if (!strncmp(word, "skip=", 5))
		return number(word + 5, &r->skip);
	if (!strcmp(word, "count=all")) {
		r->count = ~0U;
		return true;
	}
	if (!strncmp(word, "count=", 6))
		return number(word + 6, &r->count) && r->count;
	if (!strncmp(word, "value=", 6)) {
		r->has_value = true;
		return number(word + 6, &r->value);
	}
	return false;
}

/* Faults that are a state, not an event: on until cleared */
static bool is_state(int id)
{
	switch (id) {
	case FAULT_TX_STALL:
	case FAULT_RX_STARVE:
	case FAULT_KEEPALIVE:
	case FAULT_NOT_READY:
	case FAULT_RESET_OFF:
	case FAULT_RESET_ON:
	case FAULT_GONE:
		return true;
	}
	return false;
}

int fault_arm(struct faults *f, const char *text, const char **why)
{
	struct fault_rule r = { .key = FAULT_ANY, .sub = FAULT_ANY, .count = 1 };
	char words[256], *save, *w;
	int id;

	*why = "";
	if (strlen(text) >= sizeof(words)) {
		*why = "the line is too long";
		return -EINVAL;
	}
	memcpy(words, text, strlen(text) + 1);
	w = strtok_r(words, " ", &save);
	id = w ? find_fault(w) : -ENOENT;
	if (id < 0) {
		*why = "no such fault; see 'help faults'";
		return -EINVAL;
	}
	r.id = id;
	if (is_state(id))
		r.count = ~0U;
	while ((w = strtok_r(NULL, " ", &save))) {
		if (!option(&r, w)) {
			*why = "want key=, sub=, skip=, count=, value=NUMBER";
			return -EINVAL;
		}
	}
	if (f->n == FAULT_RULES) {
		*why = "too many faults are armed; 'clear' some";
		return -EINVAL;
	}
	f->rule[f->n++] = r;
	f->armed |= BIT_ULL(id);
	return 0;
}

int fault_clear(struct faults *f, const char *name)
{
	unsigned int i, n = 0;
	int id = -1;

	if (name) {
		id = find_fault(name);
		if (id < 0)
			return id;
	}
	f->armed = 0;
	for (i = 0; i < f->n; i++) {
		if (!name || (int)f->rule[i].id == id)
			continue;
		f->armed |= BIT_ULL(f->rule[i].id);
		f->rule[n++] = f->rule[i];
	}
	f->n = n;
	return 0;
}
