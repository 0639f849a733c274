/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults: what the device does wrong on request.
 *
 * Owns: the list of rules. The code at each injection point asks fault_hit()
 * and does the wrong thing itself; without a rule that is one test of a bit.
 */
#ifndef PODPATH_FAULT_H
#define PODPATH_FAULT_H

#include "types.h"

/* What each does, and what its value means: the table in fault.c */
enum fault_id {
	FAULT_TX_BAD_ID,
	FAULT_TX_DUP,
	FAULT_TX_HOLD,
	FAULT_TX_STALL,
	FAULT_CQ_PHASE,
	FAULT_RX_BAD_ID,
	FAULT_RX_REUSE,
	FAULT_RX_LEN,
	FAULT_RX_MANY,
	FAULT_RX_FIRST,
	FAULT_RX_NOLAST,
	FAULT_RX_STARVE,
	FAULT_IRQ_LOST,
	FAULT_IRQ_EXTRA,
	FAULT_ADMIN_DROP,
	FAULT_ADMIN_LATE,
	FAULT_ADMIN_STATUS,
	FAULT_ADMIN_BAD_ID,
	FAULT_ADMIN_DUP,
	FAULT_KEEPALIVE,
	FAULT_NOT_READY,
	FAULT_RESET_OFF,
	FAULT_RESET_ON,
	FAULT_REG_DROP,
	FAULT_REG_OFFSET,
	FAULT_REG_VALUE,
	FAULT_GONE,
	FAULT_PHC_ERROR,
	FAULT_PHC_DROP,
	FAULT_WIRE_DROP,
	FAULT_WIRE_DUP,
	FAULT_WIRE_CSUM,
	FAULT_NUM,
};

#define FAULT_RULES	32
#define FAULT_ANY	0xffffffffU

/**
 * struct fault_rule - one armed fault
 * @id: which
 * @key: only for this queue, vector, opcode, register; FAULT_ANY for all
 * @sub: only for this feature or statistics type; FAULT_ANY for all
 * @skip: occasions to let pass first
 * @count: occasions left; 0 when spent, ~0 without end
 * @value: see fault_what()
 * @has_value: @value was given
 * @hits: occasions taken
 */
struct fault_rule {
	enum fault_id id;
	u32 key;
	u32 sub;
	u32 skip;
	u32 count;
	u32 value;
	bool has_value;
	u64 hits;
};

/**
 * struct faults - the rules of one device
 * @armed: bit N set when a rule for fault N exists
 * @n: number of rules
 * @rule: the rules, in the order they were given
 */
struct faults {
	u64 armed;
	unsigned int n;
	struct fault_rule rule[FAULT_RULES];
};

/**
 * fault_hit() - shall this occasion go wrong?
 * @f: the rules
 * @id: the fault
 * @key: queue, vector, opcode or register of this occasion
 * @sub: feature or statistics type, 0 where there is none
 * @value: set to the rule's value, kept when the rule has none; may be NULL
 *
 * Uses up one occasion of the first rule that fits.
 */
bool fault_hit(struct faults *f, enum fault_id id, u32 key, u32 sub,
	       u32 *value);

/**
 * fault_arm() - add a rule from its words: "NAME [key=N] [sub=N] [skip=N]
 * [count=N] [value=N]"
 * @f: the rules
 * @text: the words; by default an event happens once and a state lasts;
 *	"count=all" has no end
 * @why: set to what is wrong with them
 *
 * Return: 0 or -EINVAL.
 */
int fault_arm(struct faults *f, const char *text, const char **why);

/**
 * fault_clear() - remove all rules of a fault
 * @f: the rules
 * @name: the fault, or NULL for all faults
 *
 * Return: 0, or -ENOENT when there is no fault of this name.
 */
int fault_clear(struct faults *f, const char *name);

/**
 * fault_name() - the word for a fault
 * @id: the fault
 */
const char *fault_name(enum fault_id id);

/**
 * fault_what() - one line on what a fault does
 * @id: the fault
 * @value: set to what its value means
 */
const char *fault_what(enum fault_id id, const char **value);

#endif /* PODPATH_FAULT_H */
