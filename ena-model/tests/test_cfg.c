// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of cfg.c, count.c and trace.c: what people type and read.
 */
#include <errno.h>
#include <string.h>

#include "guest.h"

static void test_defaults(void)
{
	const char *name, *what;
	struct ena_cfg c, again;
	const char *why;
	char value[64];
	unsigned int i;

	/* Every property has a name, a line, and a value that it takes back */
	cfg_default(&c, 0);
	memset(&again, 0, sizeof(again));
	for (i = 0; (name = cfg_get(&c, i, value, sizeof(value), &what)); i++) {
		CHECK(*name && what && *what && *value);
		CHECK(cfg_set(&again, name, value, false, &why) == 0);
	}
	CHECK(!memcmp(&c, &again, sizeof(c)));
	/* All words of the structure but the MAC address are in the table */
	CHECK(i == offsetof(struct ena_cfg, mac) / 4 + 1);
	CHECK(!cfg_get(&c, i + 1, value, sizeof(value), &what));
}

static void test_mac(void)
{
	static const char * const refused[] = {
		"", "02:0e:0a:00:00", "02:0e:0a:00:00:01:02", "02:0e:0a:00:00:",
		"02-0e-0a-00-00-01", "02:0e:0a:00:00:0g", "020e0a000001",
		"02:0e:0a:00:00:01 ",
	};
	struct ena_cfg c, other;
	const char *why;
	unsigned int i;
	char value[64];

	cfg_default(&c, 0);
	cfg_default(&other, 1);
	CHECK(memcmp(c.mac, other.mac, 6));
	/* Locally administered, not multicast */
	CHECK((c.mac[0] & 3) == 2 && (other.mac[0] & 3) == 2);
	CHECK(!cfg_set(&c, "mac", "aa:bb:cc:dd:ee:0f", false, &why));
	CHECK(!memcmp(c.mac, "\xaa\xbb\xcc\xdd\xee\x0f", 6));
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		why = "";
		CHECK(cfg_set(&c, "mac", refused[i], false, &why) == -EINVAL);
		CHECK(*why);
		CHECK(!memcmp(c.mac, "\xaa\xbb\xcc\xdd\xee\x0f", 6));
	}
	for (i = 0; strcmp(cfg_get(&c, i, value, sizeof(value), NULL), "mac");
	     i++)
		;
	CHECK(!strcmp(value, "aa:bb:cc:dd:ee:0f"));
}

static void test_limits(void)
{
	static const struct {
		const char *name;
		const char *low;
		const char *high;
		const char *below;
		const char *above;
	} t[] = {
		{ "queues", "1", "32", "0", "33" },
		{ "depth", "256", "16384", "255", "16385" },
		{ "llq-depth", "256", "1024", "255", "1025" },
		{ "max-mtu", "128", "9216", "127", "9217" },
		{ "tx-descs", "2", "64", "1", "65" },
		{ "rx-descs", "1", "64", "0", "65" },
		{ "rx-offset", "0", "64", "-1", "65" },
		{ "dma-bits", "32", "48", "31", "49" },
		{ "wait", "0", "60000", "-0", "60001" },
		{ "features", "0", "0xffffffff", "-1", "0x100000000" },
		{ "admin-timeout", "0", "15", "x", "16" },
		{ "header", "0", "255", "", "256" },
		{ "llq-accel", "0", "3", "1 ", "4" },
	};
	struct ena_cfg c, before;
	const char *why;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		cfg_default(&c, 0);
		CHECK(!cfg_set(&c, t[i].name, t[i].low, true, &why));
		CHECK(!cfg_set(&c, t[i].name, t[i].high, true, &why));
		before = c;
		why = "";
		CHECK(cfg_set(&c, t[i].name, t[i].below, true, &why) ==
		      -EINVAL);
		CHECK(*why);
		CHECK(cfg_set(&c, t[i].name, t[i].above, true, &why) ==
		      -EINVAL);
		CHECK(!memcmp(&c, &before, sizeof(c)));
	}
}

static void test_words(void)
{
	struct ena_cfg c;
	const char *why;

	cfg_default(&c, 0);
	CHECK(c.llq == LLQ_MAP && c.pci_id == ENA_ID_VF && !c.direct);
	CHECK(!cfg_set(&c, "llq", "off", false, &why) && c.llq == LLQ_OFF);
	CHECK(!cfg_set(&c, "llq", "trap", false, &why) && c.llq == LLQ_TRAP);
	CHECK(!cfg_set(&c, "id", "pf", false, &why) && c.pci_id == 0x0ec2);
	CHECK(!cfg_set(&c, "id", "0x1234", false, &why) && c.pci_id == 0x1234);
	CHECK(!cfg_set(&c, "direct", "on", false, &why) && c.direct == 1);
	CHECK(!cfg_set(&c, "llq-entry", "both", false, &why));
	CHECK(c.llq_entry == 5);
	CHECK(!cfg_set(&c, "llq-entry", "256", false, &why));
	CHECK(c.llq_entry == LLQ_ENTRY_256);
	CHECK(cfg_set(&c, "llq", "yes", false, &why) == -EINVAL);
	CHECK(cfg_set(&c, "direct", "2", false, &why) == -EINVAL);
	CHECK(cfg_set(&c, "nonsense", "1", false, &why) == -ENOENT);
	CHECK(cfg_set(&c, "", "1", false, &why) == -ENOENT);
}

static void test_late(void)
{
	struct ena_cfg c, before;
	const char *why;

	cfg_default(&c, 0);
	before = c;
	CHECK(cfg_set(&c, "llq", "off", true, &why) == -EBUSY);
	CHECK(cfg_set(&c, "id", "pf", true, &why) == -EBUSY);
	CHECK(cfg_set(&c, "direct", "on", true, &why) == -EBUSY);
	CHECK(!memcmp(&c, &before, sizeof(c)));
	CHECK(!cfg_set(&c, "queues", "3", true, &why) && c.queues == 3);
}

static void test_min(void)
{
	struct ena_cfg c;
	const char *why;

	cfg_default(&c, 0);
	CHECK(cfg_set(&c, "set", "max", false, &why) == -EINVAL);
	CHECK(!cfg_set(&c, "set", "min", false, &why));
	CHECK(c.features == FEATURES_MIN && c.queues == 1 && !c.caps);
	CHECK(c.depth == 256 && !c.tx_offload && !c.rx_offload);
	CHECK(c.groups & BIT(AENQ_LINK));
}

static void test_counters(void)
{
	static struct ena_dev d;
	u64 *all = (u64 *)&d.count;
	unsigned int i, j;

	for (i = 0; i < sizeof(d.count) / 8; i++)
		all[i] = 1000 + i;
	for (i = 0; ena_count_name(i); i++) {
		CHECK(*ena_count_get(&d, ena_count_name(i)) == 1000 + i);
		for (j = 0; j < i; j++)
			CHECK(strcmp(ena_count_name(i), ena_count_name(j)));
	}
	CHECK(i == sizeof(d.count) / 8);
	CHECK(!ena_count_get(&d, "no-such"));
	d.count.rx_drop = 7;
	d.count.wire = 8;
	d.count.llq_burst = 9;
	CHECK(*ena_count_get(&d, "rx-drop") == 7);
	CHECK(*ena_count_get(&d, "wire") == 8);
	CHECK(*ena_count_get(&d, "llq-burst") == 9);
}

static void test_trace(void)
{
	static struct trace t;
	char longer[400];
	unsigned int i;

	CHECK(!trace_get(&t, 0));
	trace_line(&t, 3, "hello x=%u", 5);
	CHECK(!strcmp(trace_get(&t, 0), "0 3 hello x=5"));
	CHECK(!trace_get(&t, 1));
	memset(longer, 'a', sizeof(longer));
	longer[399] = 0;
	trace_line(&t, 3, "%s", longer);
	CHECK(strlen(trace_get(&t, 1)) == TRACE_LINE_MAX - 1);
	for (i = 2; i < TRACE_LINES + 2; i++)
		trace_line(&t, 0, "n");
	CHECK(!trace_get(&t, 1));
	CHECK(!strcmp(trace_get(&t, 2), "2 0 n"));
	CHECK(!strcmp(trace_get(&t, TRACE_LINES + 1), "4097 0 n"));
	CHECK(!trace_get(&t, TRACE_LINES + 2));
	CHECK(!trace_get(&t, ~0ULL));
}

/* The device writes lines for the level that it is told, and no others */
static void test_trace_levels(void)
{
	struct guest *g = g_new("");
	static struct trace t;

	g->d.trace = &t;
	CHECK(g_reset(g, 9));
	CHECK(t.seq == 0);
	t.level = 1;
	CHECK(g_reset(g, 9));
	CHECK(t.seq == 2);
	CHECK(!strcmp(trace_get(&t, 0), "0 0 reset reason=9"));
	CHECK(!strcmp(trace_get(&t, 1), "1 0 reset done"));
	g_free(g);
}

int main(void)
{
	static const struct test t[] = {
		{ "cfg_defaults", test_defaults },
		{ "cfg_mac", test_mac },
		{ "cfg_limits", test_limits },
		{ "cfg_words", test_words },
		{ "cfg_late", test_late },
		{ "cfg_min", test_min },
		{ "cfg_counters", test_counters },
		{ "cfg_trace", test_trace },
		{ "cfg_trace_levels", test_trace_levels },
	};

	return g_run(t, ARRAY_SIZE(t));
}
