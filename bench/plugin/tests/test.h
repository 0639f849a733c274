/* SPDX-License-Identifier: GPL-2.0 */
/* What a file of unit tests is made of: checks, and a line for each test. */
#ifndef PODPATH_TEST_H
#define PODPATH_TEST_H

#include <stdio.h>

#include "../../../ena-model/types.h"

/* Failed checks of the running test */
static int bad;

#define CHECK(c) \
	do { \
		if (!(c)) { \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #c); \
			bad++; \
		} \
	} while (0)

struct test {
	const char *name;
	void (*fn)(void);
};

/* Runs all tests; returns what main() returns */
static inline int run(const struct test *t, unsigned int n)
{
	int failed = 0;

	for (; n--; t++) {
		bad = 0;
		t->fn();
		printf("%sok %s\n", bad ? "not " : "", t->name);
		failed += !!bad;
	}
	return !!failed;
}

#endif /* PODPATH_TEST_H */
