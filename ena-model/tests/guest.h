/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest for tests and fuzzers of the device: memory, a clock that the test
 * moves, and a driver that does as little as it can. It is written from the
 * driver of Linux 7.3.4, not from the device, so that both can disagree.
 *
 * Owns: the guest's memory, the device on it, and the frames that it sent.
 */
#ifndef PODPATH_GUEST_H
#define PODPATH_GUEST_H

#include <stdio.h>

#include "../ena.h"

#define G_IOVA		0x100000ULL
#define G_RAM		(8u << 20)
#define G_ROM		4096
#define G_FRAMES	4096
#define G_DEPTH		256
#define G_AQ_DEPTH	32
#define G_AENQ_DEPTH	16
/* Private statuses of g_cmd(): no answer, and one that is not right */
#define G_SILENT	(-1)
#define G_WRONG		(-2)

/**
 * struct g_frame - a frame that the device sent
 * @data: its bytes; malloc'd
 * @len: their number
 * @csum_good: the device says that it made the L4 checksum
 */
struct g_frame {
	u8 *data;
	u32 len;
	bool csum_good;
};

/**
 * struct guest - memory, device and driver
 * @d: the device
 * @cfg: its properties
 * @mem: what it may reach
 * @ram: @ram_size bytes at @iova
 * @iova: DMA address of @ram
 * @ram_size: bytes
 * @rom: with "holes": G_ROM bytes behind @ram that the device may read only
 * @brk: next free byte of @ram, by g_alloc(); DMA address 0 is never given
 * @now: the clock, ns
 * @resp: DMA address of readless answers
 * @aq: admin commands
 * @acq: their answers
 * @aq_depth: of both
 * @aq_tail: next command, free running
 * @acq_head: next answer, free running
 * @cmd_id: id of the last command
 * @aenq: events
 * @aenq_head: next event, free running
 * @irq: interrupts by vector
 * @rooms: calls of rx_room
 * @warns: calls of warn
 * @peer: who gets the frames; without: they are kept in @frame
 * @room: frames that are taken before the sender has to wait
 * @frame: what was sent
 * @frames: their number
 */
struct guest {
	struct ena_dev d;
	struct ena_cfg cfg;
	struct mem mem;
	u8 *ram;
	u64 iova;
	u32 ram_size;
	u8 *rom;
	u32 brk;
	u64 now;

	u64 resp;
	u64 aq;
	u64 acq;
	u32 aq_depth;
	u16 aq_tail;
	u16 acq_head;
	u16 cmd_id;
	u64 aenq;
	u16 aenq_head;

	unsigned int irq[ENA_VECTORS_MAX];
	unsigned int rooms;
	unsigned int warns;
	struct guest *peer;
	u32 room;
	struct g_frame frame[G_FRAMES];
	u32 frames;
};

/**
 * struct gq - a queue as its driver sees it
 * @dir: SQ_DIR_TX or SQ_DIR_RX
 * @llq: lines in the LLQ BAR
 * @sq: its number
 * @cq: number of its completion queue
 * @depth: entries of both
 * @line: bytes of an LLQ line
 * @tail: next descriptor or line, free running
 * @head: next completion, free running
 * @db: its doorbell
 * @unmask: the register of its interrupt
 * @at: where its lines begin in the LLQ BAR
 * @ring: descriptors
 * @cring: completions
 * @id: next request id
 * @buf: RX: buffer by request id
 */
struct gq {
	u8 dir;
	bool llq;
	u16 sq;
	u16 cq;
	u16 depth;
	u16 line;
	u16 tail;
	u16 head;
	u32 db;
	u32 unmask;
	u32 at;
	u64 ring;
	u64 cring;
	u16 id;
	u64 buf[G_DEPTH];
};

/**
 * struct g_tx - a packet to send
 * @data: its bytes
 * @len: their number
 * @w1: offloads, as in word 1 of the descriptor
 * @meta: with a metadata descriptor of the members below
 * @l3_off: offset of the IP header
 * @l3_len: its bytes
 * @l4_words: words of the TCP header
 * @mss: bytes of a segment
 * @push: bytes that go into the LLQ line
 * @part: bytes of a buffer, 0 for one buffer
 */
struct g_tx {
	const u8 *data;
	u32 len;
	u32 w1;
	bool meta;
	u32 l3_off;
	u32 l3_len;
	u32 l4_words;
	u32 mss;
	u32 push;
	u32 part;
};

/**
 * struct g_rx - a packet that was received
 * @n: its buffers
 * @len: its bytes, as the completions tell
 * @status: of the last completion
 * @first: status of the first completion
 * @hash: of the last completion
 * @offset: of the first completion
 * @id: request ids
 * @part: bytes of each buffer
 * @data: its bytes
 */
struct g_rx {
	u32 n;
	u32 len;
	u32 status;
	u32 first;
	u32 hash;
	u32 offset;
	u16 id[64];
	u16 part[64];
	u8 data[16384];
};

/**
 * struct flow - what the headers of a frame tell
 * @v6: IPv6
 * @proto: IPPROTO_TCP, IPPROTO_UDP or another
 * @src: address, 4 or 16 bytes
 * @dst: address
 * @sport: port
 * @dport: port
 * @tcp_flags: byte 13 of the TCP header
 * @tcp_opts: bytes of TCP options
 * @ip_id: IPv4 identification
 * @seq: TCP sequence number
 */
struct flow {
	bool v6;
	u8 proto;
	u8 src[16];
	u8 dst[16];
	u16 sport;
	u16 dport;
	u8 tcp_flags;
	u8 tcp_opts;
	u16 ip_id;
	u32 seq;
};

extern int bad;

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

/**
 * g_run() - run tests, one line each
 * @t: the tests
 * @n: their number
 *
 * Return: what main() returns.
 */
int g_run(const struct test *t, unsigned int n);

/**
 * g_new() - a guest with a device that is just powered on
 * @props: properties as in the command line, "name=value ...", beside them
 *	"clock" (the device has one), "no-llq", "ram=BYTES", "iova=ADDRESS" and
 *	"holes": behind the memory lies some that can be read only, and behind
 *	that some that cannot be reached
 */
struct guest *g_new(const char *props);
void g_free(struct guest *g);

/**
 * g_up() - g_new(), reset, admin queue, events on, management interrupt on
 * @props: as for g_new()
 */
struct guest *g_up(const char *props);

/**
 * g_alloc() - memory of the guest, zeroed, at a multiple of 64
 * @g: the guest
 * @len: bytes
 *
 * Return: its DMA address.
 */
u64 g_alloc(struct guest *g, u32 len);
void *g_ptr(struct guest *g, u64 iova);
u64 g_put(struct guest *g, const void *data, u32 len);

static inline void g_write(struct guest *g, u32 off, u32 val)
{
	ena_reg_write(&g->d, off, val);
}

/**
 * g_read() - readless read
 * @g: the guest
 * @off: the register
 * @val: set to its value
 *
 * Return: whether there was an answer, and for this register.
 */
bool g_read(struct guest *g, u32 off, u32 *val);

/**
 * g_reset() - the driver's reset handshake
 * @g: the guest
 * @reason: why
 *
 * Return: whether the device did its part.
 */
bool g_reset(struct guest *g, u32 reason);
void g_admin(struct guest *g, u32 depth);
void g_aenq(struct guest *g);

/**
 * g_submit() - put a command in the queue and ring the doorbell
 * @g: the guest
 * @c: the command; id and phase are set
 */
void g_submit(struct guest *g, union aq_entry *c);

/**
 * g_answer() - take one answer
 * @g: the guest
 * @a: set to it
 *
 * Return: whether there is one.
 */
bool g_answer(struct guest *g, struct acq_entry *a);

/**
 * g_cmd() - a command and its answer
 * @g: the guest
 * @c: the command
 * @a: set to the answer; may be NULL
 *
 * Return: its status, or G_SILENT or G_WRONG.
 */
int g_cmd(struct guest *g, union aq_entry *c, struct acq_entry *a);
int g_get(struct guest *g, u8 feature, u64 buf, u32 len, struct acq_entry *a);
int g_set(struct guest *g, u8 feature, u64 buf, u32 len, union aq_entry *c);
int g_set_word(struct guest *g, u8 feature, u32 word, u32 val);
int g_create_cq(struct guest *g, u8 dir, u16 depth, u32 vector, u64 base,
		struct acq_entry *a);
int g_create_sq(struct guest *g, u8 dir, u16 cq, u16 depth, u8 placement,
		u64 base, struct acq_entry *a);
int g_destroy_cq(struct guest *g, u16 cq);
int g_destroy_sq(struct guest *g, u8 dir, u16 sq);
int g_llq(struct guest *g, u16 entry, u16 accel);

/**
 * g_event() - take one event
 * @g: the guest
 * @e: set to it
 *
 * Return: whether there is one. The credit is not given back: see g_credit().
 */
bool g_event(struct guest *g, struct aenq_entry *e);
void g_credit(struct guest *g);

/**
 * g_queue() - create a queue and its completion queue
 * @g: the guest
 * @q: filled
 * @dir: SQ_DIR_TX or SQ_DIR_RX
 * @depth: of both
 * @vector: the interrupt
 * @llq: in the LLQ BAR
 */
void g_queue(struct guest *g, struct gq *q, u8 dir, u16 depth, u32 vector,
	     bool llq);
void g_table(struct guest *g, const u16 *queue, u32 n);
void g_key(struct guest *g, const u8 *key);
void g_fields(struct guest *g, u16 l4, u16 l3);

static inline void g_unmask(struct guest *g, const struct gq *q, u32 rx, u32 tx)
{
	g_write(g, q->unmask, INTR_UNMASK | tx << INTR_TX_SHIFT | rx);
}

static inline void g_db(struct guest *g, const struct gq *q)
{
	g_write(g, q->db, q->tail);
}

/**
 * g_tx_put() - descriptors of a packet, without the doorbell
 * @g: the guest
 * @q: a TX queue
 * @t: the packet
 *
 * Return: its request id.
 */
u16 g_tx_put(struct guest *g, struct gq *q, const struct g_tx *t);
u16 g_tx(struct guest *g, struct gq *q, const struct g_tx *t);
u16 g_send(struct guest *g, struct gq *q, const u8 *data, u32 len);

/**
 * g_tx_done() - take one TX completion
 * @g: the guest
 * @q: the queue
 *
 * Return: its request id, -1 when there is none.
 */
int g_tx_done(struct guest *g, struct gq *q);

/**
 * g_tx_desc() - one descriptor as it is
 * @g: the guest
 * @q: a TX queue in host memory
 * @t: the descriptor; its phase is set
 */
void g_tx_desc(struct guest *g, struct gq *q, struct tx_desc *t);

/**
 * g_rx_put() - post a buffer at an address, without the doorbell
 * @g: the guest
 * @q: an RX queue
 * @addr: DMA address
 * @len: bytes
 *
 * Return: its request id.
 */
u16 g_rx_put(struct guest *g, struct gq *q, u64 addr, u32 len);
void g_post(struct guest *g, struct gq *q, u32 n, u32 len);

/**
 * g_rx() - take one packet
 * @g: the guest
 * @q: an RX queue
 * @r: filled
 *
 * Return: whether there is one, complete.
 */
bool g_rx(struct guest *g, struct gq *q, struct g_rx *r);

/**
 * g_inject() - a frame arrives
 * @g: the guest
 * @data: its bytes
 * @len: their number
 *
 * Return: as ena_rx().
 */
int g_inject(struct guest *g, const u8 *data, u32 len);
void g_drop_frames(struct guest *g);

/**
 * g_tick() - move the clock
 * @g: the guest
 * @ns: how far
 *
 * Return: as ena_tick().
 */
u64 g_tick(struct guest *g, u64 ns);

/**
 * ref_sum() - one's complement sum, byte by byte
 * @p: bytes
 * @len: their number
 * @sum: begin with it
 *
 * Return: the sum in 16 bits.
 */
u16 ref_sum(const u8 *p, u32 len, u16 sum);

/**
 * ref_l4() - sum of pseudo header and L4 part
 * @f: the frame; its headers are right
 * @len: its bytes
 *
 * Return: 0xffff for a good checksum.
 */
u16 ref_l4(const u8 *f, u32 len);

/**
 * ref_good() - are length and checksums of the IP header and of L4 right?
 * @f: the frame
 * @len: its bytes
 */
bool ref_good(const u8 *f, u32 len);

/**
 * f_make() - build a frame
 * @to: filled
 * @f: its headers
 * @len: bytes of payload: a pattern
 * @csum: with right checksums; else L4 has the sum of the pseudo header, as the
 *	stack leaves it for CHECKSUM_PARTIAL
 *
 * Return: bytes of the frame.
 */
u32 f_make(u8 *to, const struct flow *f, u32 len, bool csum);

/* Offset of the payload in a frame of f_make() */
u32 f_head(const struct flow *f);

#define FLOW_TCP4 { \
	.proto = 6, .src = { 10, 1, 2, 3 }, .dst = { 10, 200, 0, 77 }, \
	.sport = 40001, .dport = 443, .tcp_flags = 0x10, .ip_id = 0xfffe, \
	.seq = 0xfffff000, }
#define FLOW_UDP4 { \
	.proto = 17, .src = { 10, 1, 2, 3 }, .dst = { 10, 200, 0, 77 }, \
	.sport = 5353, .dport = 9, .ip_id = 7, }
#define FLOW_TCP6 { \
	.v6 = true, .proto = 6, .src = { 0xfd, 1, 2, 3, [15] = 1 }, \
	.dst = { 0xfd, 9, 8, 7, [15] = 2 }, .sport = 40001, .dport = 443, \
	.tcp_flags = 0x10, .seq = 0x7ffffff0, }
#define FLOW_UDP6 { \
	.v6 = true, .proto = 17, .src = { 0xfd, 1, 2, 3, [15] = 1 }, \
	.dst = { 0xfd, 9, 8, 7, [15] = 2 }, .sport = 5353, .dport = 9, }

#endif /* PODPATH_GUEST_H */
