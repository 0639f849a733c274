// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

#define WAIT_MS		10000

/* One command's words and surroundings */
struct call {
	struct model *m;
	struct client *c;
	struct fn *f;
	char *args;		/* the rest of the line */
	struct reply *r;
};

void reply_line(struct reply *r, const char *fmt, ...)
{
	size_t most = REPLY_MAX - REPLY_END, room = most - min(r->len, most);
	va_list ap;
	int n;

	if (!strcmp(fmt, "ok") || !strncmp(fmt, "error:", 6))
		room = REPLY_MAX - r->len;
	va_start(ap, fmt);
	n = vsnprintf(r->text + r->len, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n + 1 >= room)
		return;
	r->len += n;
	r->text[r->len++] = '\n';
}

void reply_error(struct reply *r, const char *why)
{
	reply_line(r, "error: %s", why);
}

static bool number(const char *s, u64 *v)
{
	char *end;

	if (!s || !*s || *s == '-')
		return false;
	errno = 0;
	*v = strtoull(s, &end, 0);
	return !errno && !*end;
}

/* The next word of the arguments, or NULL */
static char *word(struct call *k)
{
	char *w;

	while (*k->args == ' ')
		k->args++;
	if (!*k->args)
		return NULL;
	w = k->args;
	k->args += strcspn(w, " ");
	if (*k->args)
		*k->args++ = 0;
	return w;
}

static const char *cmd_get(struct call *k)
{
	const char *name, *want = word(k);
	bool found = !want;
	unsigned int i;
	char val[32];

	for (i = 0; (name = cfg_get(&k->f->dev.cfg, i, val, sizeof(val),
				    NULL)); i++) {
		if (want && strcmp(want, name))
			continue;
		found = true;
		reply_line(k->r, "%s %s", name, val);
	}
	return found ? NULL : "no such property";
}

static const char *cmd_set(struct call *k)
{
	char *name = word(k), *val = word(k);
	const char *why = "want NAME VALUE";

	if (!val || cfg_set(&k->f->dev.cfg, name, val, true, &why))
		return why;
	trace(&k->f->dev, "set %s %s", name, val);
	return NULL;
}

static const char *cmd_count(struct call *k)
{
	const char *name, *want = word(k);
	bool found = !want;
	unsigned int i;

	for (i = 0; (name = ena_count_name(i)); i++) {
		if (want && strcmp(want, name))
			continue;
		found = true;
		reply_line(k->r, "%s %llu", name,
			   ((u64 *)&k->f->dev.count)[i]);
	}
	return found ? NULL : "no such counter";
}

static const char *cmd_wait(struct call *k)
{
	char *name = word(k), *val = word(k), *ms = word(k);
	u64 value, limit = WAIT_MS;
	const u64 *count;

	if (!val || !number(val, &value) || (ms && !number(ms, &limit)) ||
	    limit > 600000)
		return "want COUNTER VALUE [MS]";
	count = ena_count_get(&k->f->dev, name);
	if (!count)
		return "no such counter";
	k->c->wait_count = count;
	k->c->wait_value = value;
	k->c->wait_due = host_now() + limit * NSEC_PER_MSEC;
	return NULL;
}

static const char *cmd_fault(struct call *k)
{
	const char *why;

	trace(&k->f->dev, "fault %s", k->args);
	if (fault_arm(&k->f->dev.fault, k->args, &why))
		return why;
	/* Who waits for this device may have nothing to wait for now */
	k->f->dev.env.rx_room(k->f->dev.env.ctx);
	return NULL;
}

static const char *cmd_faults(struct call *k)
{
	const struct faults *f = &k->f->dev.fault;
	const struct fault_rule *r;

	for (r = f->rule; r < f->rule + f->n; r++)
		reply_line(k->r, "%s key=%d sub=%d skip=%u count=%d hits=%llu",
			   fault_name(r->id), (int)r->key, (int)r->sub, r->skip,
			   (int)r->count, r->hits);
	return NULL;
}

static const char *cmd_clear(struct call *k)
{
	char *name = word(k);

	trace(&k->f->dev, "clear %s", name ? name : "all");
	if (fault_clear(&k->f->dev.fault, name))
		return "no such fault";
	/* A queue that was stalled has work */
	ena_tx_resume(&k->f->dev);
	return NULL;
}

static const char *cmd_release(struct call *k)
{
	ena_release(&k->f->dev);
	return NULL;
}

static const char *event_error(int rc)
{
	switch (rc) {
	case 0:
		return NULL;
	case -ENOENT:
		return "the driver has not enabled this group";
	case -ENOBUFS:
		return "too many events wait";
	}
	return "the data is too long";
}

static const char *cmd_link(struct call *k)
{
	char *w = word(k);

	if (!w || (strcmp(w, "up") && strcmp(w, "down")))
		return "want up or down";
	return event_error(ena_link(&k->f->dev, !strcmp(w, "up")));
}

static const char *cmd_keepalive(struct call *k)
{
	return event_error(ena_keepalive(&k->f->dev));
}

/* Hex digits to bytes: their number, or -1 */
static int hex(const char *s, u8 *to, u32 size)
{
	unsigned int v;
	u32 n;

	for (n = 0; *s; n++, s += 2) {
		if (n == size || !s[1] || sscanf(s, "%2x", &v) != 1)
			return -1;
		to[n] = v;
	}
	return n;
}

static const char *cmd_event(struct call *k)
{
	char *g = word(k), *s = word(k), *data = word(k);
	u64 group, syndrome;
	u8 buf[48];
	int n = 0;

	if (!number(g, &group) || !number(s, &syndrome) || group > 0xffff ||
	    syndrome > 0xffff)
		return "want GROUP SYNDROME [HEX]";
	if (data)
		n = hex(data, buf, sizeof(buf));
	if (n < 0)
		return "want up to 48 bytes in hex";
	return event_error(ena_event(&k->f->dev, group, syndrome, buf, n));
}

static const char *cmd_hints(struct call *k)
{
	const struct ena_cfg *c = &k->f->dev.cfg;
	u16 h[] = {
		c->hint_mmio, c->hint_watchdog, c->hint_tx_compl,
		c->hint_tx_thresh, c->hint_admin, c->hint_netdev_wd,
		c->hint_tx_sgl, c->hint_rx_sgl
	};

	return event_error(ena_event(&k->f->dev, AENQ_NOTIFY, AENQ_HINTS, h,
				     sizeof(h)));
}

static const char *cmd_stat(struct call *k)
{
	struct ena_stats *s = &k->f->dev.stats;
	char *name = word(k), *val = word(k);
	unsigned int i, n = 1;
	u64 v, *p = NULL;
	char set[16];

	if (!val || !number(val, &v) ||
	    sscanf(name, "%15[a-z-].%u", set, &i) != 2)
		return "want eni.N, srd.N, metric.N or srd-flags.0 VALUE";
	if (!strcmp(set, "eni")) {
		p = s->eni;
		n = ARRAY_SIZE(s->eni);
	} else if (!strcmp(set, "srd")) {
		p = s->srd;
		n = ARRAY_SIZE(s->srd);
	} else if (!strcmp(set, "srd-flags")) {
		p = &s->srd_flags;
	} else if (!strcmp(set, "metric")) {
		p = s->metrics;
		n = METRICS_NUM;
	}
	if (!p || i >= n)
		return "no such statistic";
	p[i] = v;
	return NULL;
}

static const char *cmd_trace(struct call *k)
{
	struct trace *t = &k->m->trace;
	char *w = word(k), *lv = word(k);
	const char *line;
	u64 from = 0;

	if (w && !strcmp(w, "level")) {
		if (!number(lv, &from) || from > 2)
			return "want level 0, 1 or 2";
		t->level = from;
		return NULL;
	}
	if (w && !number(w, &from))
		return "want [FROM] or level N";
	if (t->seq > TRACE_LINES)
		from = max(from, t->seq - TRACE_LINES);
	for (; from < t->seq; from++) {
		line = trace_get(t, from);
		if (k->r->len + TRACE_LINE_MAX + REPLY_END > REPLY_MAX) {
			reply_line(k->r, "more %llu", from);
			break;
		}
		if (line)
			reply_line(k->r, "%s", line);
	}
	return NULL;
}

static void show_queue(struct reply *r, const struct ena_dev *d,
		       const struct ena_sq *q)
{
	const struct ena_cq *cq = &d->cq[q->cq];

	reply_line(r, "%s %u cq=%u vector=%u depth=%u head=%u tail=%u done=%u%s%s%s%s",
		   q->dir == SQ_DIR_TX ? "tx" : "rx", q->idx, q->cq, cq->vector,
		   q->depth, q->head, q->tail, cq->tail, q->llq ? " llq" : "",
		   q->error ? " error" : "", q->blocked ? " blocked" : "",
		   q->starved ? " starved" : "");
}

static const char *cmd_state(struct call *k)
{
	struct ena_dev *d = &k->f->dev;
	unsigned int i;

	reply_line(k->r, "guest %s", vfu_conn_fd(k->f->vfu) < 0 ? "none" :
		   "connected");
	reply_line(k->r, "next-trace %llu", k->m->trace.seq);
	reply_line(k->r, "status 0x%x reason %u link %s mtu %u groups 0x%x",
		   d->sts, d->reason, d->link ? "up" : "down", d->mtu,
		   d->aenq_groups);
	for (i = 0; i < ARRAY_SIZE(d->sq); i++)
		if (d->sq[i].used)
			show_queue(k->r, d, &d->sq[i]);
	for (i = 0; i < ENA_VECTORS_MAX; i++)
		if (d->vec[i].fired)
			reply_line(k->r, "vector %u fired=%llu%s%s", i,
				   d->vec[i].fired,
				   d->vec[i].masked ? " masked" : "",
				   d->vec[i].pending ? " pending" : "");
	return NULL;
}

static const char *cmd_send(struct call *k)
{
	u8 frame[CTL_LINE_MAX / 2];
	char *w = word(k);
	int n;

	n = w ? hex(w, frame, sizeof(frame)) : -1;
	if (n < 0 || port_inject(&k->f->port, frame, n, true) == -EINVAL)
		return "want a frame in hex";
	return NULL;
}

static const char *cmd_frames(struct call *k)
{
	struct port *p = &k->f->port;
	u64 i = p->sent > PORT_KEEP ? p->sent - PORT_KEEP : 0;
	char text[2 * PORT_KEEP_BYTES + 1];
	u32 n, j, len;

	for (; i < p->sent; i++) {
		n = i % PORT_KEEP;
		len = min(p->keep[n].len, PORT_KEEP_BYTES);
		for (j = 0; j < len; j++)
			sprintf(text + 2 * j, "%02x", p->keep[n].data[j]);
		text[2 * len] = 0;
		reply_line(k->r, "%llu %u %s", i, p->keep[n].len, text);
	}
	return NULL;
}

static const char *cmd_unplug(struct call *k)
{
	vfu_close(k->f->vfu);
	return NULL;
}

static const char *cmd_quit(struct call *k)
{
	k->m->quit = true;
	return NULL;
}

static const char *cmd_help(struct call *k);

static const struct {
	const char *name;
	const char *(*run)(struct call *k);
	const char *what;
} commands[] = {
	{ "help", cmd_help, "[faults|properties]" },
	{ "get", cmd_get, "[PROPERTY]" },
	{ "set", cmd_set, "PROPERTY VALUE: seen when the driver asks next" },
	{ "count", cmd_count, "[COUNTER]" },
	{ "wait", cmd_wait, "COUNTER VALUE [MS]: until it has come so far" },
	{ "state", cmd_state, "registers, queues, interrupts" },
	{ "fault", cmd_fault,
	  "NAME [key=N] [sub=N] [skip=N] [count=N|all] [value=N]" },
	{ "faults", cmd_faults, "that are armed" },
	{ "clear", cmd_clear, "[FAULT]" },
	{ "release", cmd_release, "answers and completions held back" },
	{ "link", cmd_link, "up|down" },
	{ "keepalive", cmd_keepalive, "one, now" },
	{ "hints", cmd_hints, "event with the properties hint-*" },
	{ "event", cmd_event, "GROUP SYNDROME [HEX]" },
	{ "stat", cmd_stat, "eni.N|srd.N|srd-flags.0|metric.N VALUE" },
	{ "trace", cmd_trace, "[FROM] | level N" },
	{ "send", cmd_send, "HEX: a frame for the driver" },
	{ "frames", cmd_frames, "the last that the driver sent (port=none)" },
	{ "unplug", cmd_unplug, "close the guest's connection" },
	{ "quit", cmd_quit, "end the program" },
};

static const char *cmd_help(struct call *k)
{
	const char *name, *what, *value, *w = word(k);
	unsigned int i;
	char val[32];

	if (w && !strcmp(w, "faults")) {
		for (i = 0; i < FAULT_NUM; i++) {
			what = fault_what(i, &value);
			reply_line(k->r, "%-14s %s%s%s", fault_name(i), what,
				   *value ? "; value: " : "", value);
		}
		return NULL;
	}
	if (w && !strcmp(w, "properties")) {
		for (i = 0; (name = cfg_get(&k->f->dev.cfg, i, val, sizeof(val),
					    &what)); i++)
			reply_line(k->r, "%-16s %-18s %s", name, val, what);
		return NULL;
	}
	reply_line(k->r, "[DEVICE] COMMAND; the device is 0 when not given");
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		reply_line(k->r, "%-10s %s", commands[i].name,
			   commands[i].what);
	return NULL;
}

void cmd_run(struct model *m, struct client *c, char *line, struct reply *r)
{
	struct call k = { .m = m, .c = c, .args = line, .r = r };
	char *w = word(&k);
	const char *why;
	unsigned int i;
	u64 dev = 0;

	if (!w)
		return;
	if (number(w, &dev))
		w = word(&k);
	if (dev >= m->n) {
		reply_error(r, "no such device");
		return;
	}
	k.f = m->fn[dev];
	for (i = 0; w && i < ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i].name, w))
			continue;
		why = commands[i].run(&k);
		if (why)
			reply_error(r, why);
		else if (!c->wait_count)
			reply_line(r, "ok");
		return;
	}
	reply_error(r, "no such command; see 'help'");
}
