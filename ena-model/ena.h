/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The device: its state, and what its parts offer to each other.
 *
 * The device knows neither transport nor back end: both are callbacks in struct
 * ena_env, so that it runs on a fake guest memory as well. One thread; nothing
 * here blocks or waits.
 */
#ifndef PODPATH_ENA_H
#define PODPATH_ENA_H

#include "cfg.h"
#include "fault.h"
#include "hw.h"
#include "mem.h"
#include "pkt.h"
#include "trace.h"
#include "types.h"

#define ENA_PAIRS_MAX	32
#define ENA_SQS_MAX	ENA_PAIRS_MAX
#define ENA_CQS_MAX	(2 * ENA_PAIRS_MAX)
#define ENA_VECTORS_MAX	(ENA_PAIRS_MAX + 1)
#define ENA_DEPTH_MIN	16
#define ENA_DEPTH_MAX	16384
#define ENA_AQ_DEPTH_MAX 1024
#define ENA_LATE_MAX	32
#define ENA_EVENTS_MAX	64
#define ENA_RSS_SIZE	BIT(RSS_TABLE_LOG)
/* Room of one TX queue in the LLQ BAR: 1024 lines of 256 bytes */
#define ENA_LLQ_ROOM	(256 * 1024)
#define ENA_LLQ_SIZE	(ENA_SQS_MAX * ENA_LLQ_ROOM)
#define ENA_LLQ_LINE	256
#define ENA_HELD_MAX	1024

#define NSEC_PER_USEC	1000ULL
#define NSEC_PER_MSEC	1000000ULL
#define NSEC_PER_SEC	1000000000ULL
#define TIME_NEVER	(~0ULL)

struct ena_dev;

/**
 * struct ena_env - what is around the device
 * @ctx: first argument of every callback
 * @irq: send MSI-X @vector
 * @now: monotonic time in ns; NULL in deterministic mode: then nothing depends
 *	on time, and what would take time is done at once or on request
 * @real: nanoseconds since 1970 for the PTP clock; NULL with @now
 * @xmit: pass a packet on; 0 when it was taken or lost, -EAGAIN when the other
 *	side wants to be asked again: then ena_tx_kick() follows
 * @rx_room: the driver has given receive buffers, or the device takes packets
 *	no more: who was told -EAGAIN may try again
 * @llq: ENA_LLQ_SIZE bytes of the LLQ BAR
 * @warn: one line for the person who runs the model; may be NULL
 */
struct ena_env {
	void *ctx;
	void (*irq)(void *ctx, unsigned int vector);
	u64 (*now)(void *ctx);
	u64 (*real)(void *ctx);
	int (*xmit)(void *ctx, struct pkt *p);
	void (*rx_room)(void *ctx);
	u8 *llq;
	void (*warn)(void *ctx, const char *text);
};

/**
 * struct ena_count - what the driver did and what became of it
 *
 * Every member is a u64; the names for people are in count.c, in this order.
 */
struct ena_count {
	u64 reg_read, reg_write, mmio_read, reset, reset_done;
	u64 admin_cmd, admin_bad, aenq_sent, aenq_no_room;
	u64 irq, irq_mgmt, irq_lost, unmask, numa;
	u64 tx_doorbell, tx_packet, tx_byte, tx_segment, tx_drop, tx_desc;
	u64 tx_meta, tx_complete, tx_blocked, llq_line, llq_burst;
	u64 rx_doorbell, rx_packet, rx_byte, rx_drop, rx_overrun, rx_down;
	u64 rx_desc;
	u64 dma_fault, dma_disabled, queue_error, phc, wire;
};

/**
 * struct ena_vector - one interrupt
 * @masked: fired and not unmasked since; vectors but the first mask themselves
 * @pending: something was posted that was not signalled
 * @deadline: when to fire, TIME_NEVER for not at all
 * @rx_delay: moderation, ns
 * @tx_delay: moderation, ns
 * @fired: how often
 */
struct ena_vector {
	bool masked;
	bool pending;
	u64 deadline;
	u64 rx_delay;
	u64 tx_delay;
	u64 fired;
};

/**
 * struct ena_cq - a completion queue
 * @used: created
 * @dir: SQ_DIR_TX (8-byte entries) or SQ_DIR_RX (16)
 * @depth: entries, a power of two
 * @tail: next entry to write, free running
 * @base: DMA address of the ring
 * @vector: its interrupt
 * @sqs: submission queues that use it
 */
struct ena_cq {
	bool used;
	u8 dir;
	u16 depth;
	u16 tail;
	u64 base;
	u32 vector;
	u32 sqs;
};

/**
 * struct ena_sq - a submission queue
 * @used: created
 * @dir: SQ_DIR_TX or SQ_DIR_RX
 * @llq: descriptors and headers are in the LLQ BAR
 * @error: the driver broke the rules; nothing is taken from it any more
 * @blocked: TX: waits for room at the other side
 * @more: TX: has packets, and others had to have their turn
 * @starved: RX: a packet was lost for want of buffers; cleared by the doorbell
 * @idx: its number
 * @cq: its completion queue
 * @depth: entries, or lines of @llq
 * @head: next entry to take, free running
 * @tail: what the doorbell said
 * @base: DMA address of the ring
 * @line: bytes of an LLQ line
 * @meta: TX: the metadata that came last
 * @has_meta: TX: @meta is valid
 * @seg: TX: next segment of the TSO packet at @head
 * @since: TX: when it began to wait
 * @last_id: RX: request id of the completion before
 */
struct ena_sq {
	bool used;
	u8 dir;
	bool llq;
	bool error;
	bool blocked;
	bool more;
	bool starved;
	u16 idx;
	u16 cq;
	u16 depth;
	u16 head;
	u16 tail;
	u64 base;
	u16 line;
	struct tx_desc meta;
	bool has_meta;
	u32 seg;
	u64 since;
	u16 last_id;
};

/**
 * struct ena_late - an admin completion that a fault holds back
 * @due: when to post it; TIME_NEVER: on release only
 * @answer: the admin completion
 */
struct ena_late {
	u64 due;
	struct acq_entry answer;
};

/**
 * struct ena_held - a TX completion that a fault holds back
 * @sq: its TX queue
 * @id: request id
 */
struct ena_held {
	u16 sq;
	u16 id;
};

/**
 * struct ena_stats - what GET_STATS tells besides the counters
 * @eni: five counters of struct ena_admin_eni_stats
 * @srd_flags: struct ena_admin_ena_srd_info
 * @srd: four counters of it
 * @metrics: customer metrics by their number
 */
struct ena_stats {
	u64 eni[5];
	u64 srd_flags;
	u64 srd[4];
	u64 metrics[METRICS_NUM];
};

/**
 * struct ena_rss - where a received packet goes
 * @key: as the driver stored it
 * @table: RX queue by hash
 * @table_set: the driver has set @table
 * @selected: fields by protocol
 * @stale: @lut is to be made anew
 * @lut: Toeplitz terms of each key bit position: [byte][value]
 */
struct ena_rss {
	struct rss_key key;
	u16 table[ENA_RSS_SIZE];
	bool table_set;
	struct rss_fields selected[RSS_PROTOS];
	bool stale;
	u32 lut[36][256];
};

/**
 * struct ena_dev - one function
 * @id: number, for trace and control
 * @cfg: what it can do; may change between two resets
 * @env: what is around it
 * @mem: guest memory
 * @bus_master: the guest lets it access memory
 * @trace: lines go here; may be NULL
 * @fault: what goes wrong
 * @count: since the start
 * @base: @count at the last reset: where the driver's view begins
 * @sts: DEV_STS
 * @reason: reason of the last reset
 * @resp: DMA address for readless answers
 * @aq_base: admin queue
 * @aq_depth: its entries; 0 when it is not set up
 * @aq_head: next command, free running
 * @acq_base: completions of it
 * @acq_depth: their number
 * @acq_tail: next completion, free running
 * @late: answers held back
 * @n_late: their number
 * @aenq_base: event queue
 * @aenq_depth: its entries
 * @aenq_tail: next event, free running
 * @aenq_credit: the doorbell's last value
 * @aenq_groups: groups that the driver wants
 * @event: events that wait for room
 * @n_event: their number
 * @link: link is up
 * @link_told: LINK_UP was sent since the last reset
 * @keepalive_due: when the next keep-alive is sent
 * @mgmt_masked: INTR_MASK
 * @vec: interrupts
 * @posted: vectors with something posted since ena_intr_flush(): by TX, by RX
 * @next_fire: lower bound for the earliest deadline of @vec
 * @cq: completion queues
 * @sq: submission queues, TX first
 * @tx_blocked: bit N: TX queue N waits
 * @n_rx: RX queues in use
 * @llq_cfg: what the driver chose
 * @llq_on: it has chosen
 * @rss: receive side scaling
 * @mtu: SET_FEATURE MTU
 * @host_features: driver_supported_features of the host info
 * @phc_addr: DMA address of the clock's answers; 0 for off
 * @phc_fake: the clock in deterministic mode
 * @stats: settable statistics
 * @held: TX completions held back
 * @n_held: their number
 * @not_shared: that the memory is not shared has been said
 */
struct ena_dev {
	int id;
	struct ena_cfg cfg;
	struct ena_env env;
	struct mem *mem;
	bool bus_master;
	struct trace *trace;
	struct faults fault;
	struct ena_count count;
	struct ena_count base;

	u32 sts;
	u32 reason;
	u64 resp;

	u64 aq_base;
	u32 aq_depth;
	u16 aq_head;
	u64 acq_base;
	u32 acq_depth;
	u16 acq_tail;
	struct ena_late late[ENA_LATE_MAX];
	unsigned int n_late;

	u64 aenq_base;
	u32 aenq_depth;
	u16 aenq_tail;
	u16 aenq_credit;
	u32 aenq_groups;
	struct aenq_entry event[ENA_EVENTS_MAX];
	unsigned int n_event;
	bool link;
	bool link_told;
	u64 keepalive_due;

	bool mgmt_masked;
	struct ena_vector vec[ENA_VECTORS_MAX];
	u64 posted[2];
	u64 next_fire;

	struct ena_cq cq[ENA_CQS_MAX];
	struct ena_sq sq[2 * ENA_SQS_MAX];
	u32 tx_blocked;
	unsigned int n_rx;
	struct feat_llq llq_cfg;
	bool llq_on;
	struct ena_rss rss;
	u32 mtu;
	u32 host_features;
	u64 phc_addr;
	u64 phc_fake;
	struct ena_stats stats;
	struct ena_held held[ENA_HELD_MAX];
	unsigned int n_held;
	bool not_shared;
};

/* dev.c: registers and reset */

/**
 * ena_init() - power on
 * @d: the device; zeroed and filled
 * @id: its number
 * @cfg: copied
 * @env: copied
 * @mem: guest memory; the caller's
 * @t: trace, or NULL
 */
void ena_init(struct ena_dev *d, int id, const struct ena_cfg *cfg,
	      const struct ena_env *env, struct mem *mem, struct trace *t);

/**
 * ena_power_reset() - PCI reset: all that the driver has set up is forgotten
 * @d: the device
 */
void ena_power_reset(struct ena_dev *d);

/**
 * ena_reg_read() - load from the register BAR
 * @d: the device
 * @off: offset, below REG_BAR_SIZE
 *
 * Return: the value; 0 for registers that cannot be read, all ones without
 * READY bit and the like only by fault.
 */
u32 ena_reg_read(struct ena_dev *d, u32 off);

/**
 * ena_reg_write() - store to the register BAR
 * @d: the device
 * @off: offset, below REG_BAR_SIZE
 * @val: the value
 */
void ena_reg_write(struct ena_dev *d, u32 off, u32 val);

/**
 * ena_tick() - do what is due
 * @d: the device
 * @now: monotonic time, ns
 *
 * Return: when to call again at the latest, TIME_NEVER for not before something
 * else happens.
 */
u64 ena_tick(struct ena_dev *d, u64 now);

/**
 * ena_release() - post what faults hold back: admin answers, TX completions
 * @d: the device
 */
void ena_release(struct ena_dev *d);

/* dma.c: guest memory, as the device may use it */

/**
 * ena_dma() - guest memory for one use
 * @d: the device
 * @addr: DMA address
 * @len: bytes, all in one granted range
 * @write: to be written
 * @what: for the trace
 *
 * Return: where it is mapped, aligned to 8 bytes, or NULL: not granted, not
 * aligned, or no bus master.
 */
void *ena_dma(struct ena_dev *d, u64 addr, u64 len, bool write,
	      const char *what);

/**
 * ena_dma_read() - copy from guest memory; see mem_read()
 * @d: the device
 * @addr: DMA address
 * @dst: where to
 * @len: bytes
 * @what: for the trace
 */
int ena_dma_read(struct ena_dev *d, u64 addr, void *dst, u64 len,
		 const char *what);

/**
 * ena_dma_write() - copy to guest memory; see mem_write()
 * @d: the device
 * @addr: DMA address
 * @src: where from
 * @len: bytes
 * @what: for the trace
 */
int ena_dma_write(struct ena_dev *d, u64 addr, const void *src, u64 len,
		  const char *what);

/**
 * ena_dma_fault() - an access was refused
 * @d: the device
 * @addr: DMA address
 * @len: bytes
 * @what: for the trace
 */
void ena_dma_fault(struct ena_dev *d, u64 addr, u64 len, const char *what);

/**
 * ena_not_shared() - the guest told of something in its memory that is not
 * there: most likely the memory that was granted is not what the guest uses
 * (QEMU with share=off); says so once
 * @d: the device
 */
void ena_not_shared(struct ena_dev *d);

/* admin.c: the admin queue; queue.c: CREATE and DESTROY; feature.c; stats.c */
void ena_admin_run(struct ena_dev *d, u16 tail);
void ena_admin_post(struct ena_dev *d, const struct acq_entry *answer);
u32 ena_create_cq(struct ena_dev *d, const union aq_entry *c,
		  struct acq_entry *a);
u32 ena_destroy_cq(struct ena_dev *d, const union aq_entry *c);
u32 ena_create_sq(struct ena_dev *d, const union aq_entry *c,
		  struct acq_entry *a);
u32 ena_destroy_sq(struct ena_dev *d, const union aq_entry *c);
void ena_queues_reset(struct ena_dev *d);
u32 ena_get_feature(struct ena_dev *d, const union aq_entry *c,
		    struct acq_entry *a);
u32 ena_set_feature(struct ena_dev *d, const union aq_entry *c);
u32 ena_get_stats(struct ena_dev *d, const union aq_entry *c,
		  struct acq_entry *a);

/* aenq.c: events */

/**
 * ena_event() - tell the driver, now or when it has room
 * @d: the device
 * @group: enum ena_aenq_group, or any other to see what the driver does
 * @syndrome: what it is about
 * @data: up to 48 bytes, or NULL
 * @len: bytes
 *
 * Return: 0; -ENOENT when the driver does not want the group, -ENOBUFS when too
 * many events wait.
 */
int ena_event(struct ena_dev *d, u16 group, u16 syndrome, const void *data,
	      u32 len);
void ena_aenq_doorbell(struct ena_dev *d, u32 val);
void ena_aenq_reset(struct ena_dev *d);

/**
 * ena_link() - the link comes up or goes down
 * @d: the device
 * @up: which
 *
 * Return: as ena_event().
 */
int ena_link(struct ena_dev *d, bool up);

/**
 * ena_keepalive() - send a keep-alive event with the drop counters
 * @d: the device
 *
 * Return: as ena_event().
 */
int ena_keepalive(struct ena_dev *d);

/* intr.c: interrupts */

/**
 * ena_intr_flush() - signal what was posted since the last call
 * @d: the device
 *
 * To be called when all that one message asked for is done: one interrupt for a
 * burst, not one for its first packet.
 */
void ena_intr_flush(struct ena_dev *d);
void ena_intr(struct ena_dev *d, u32 vector, u8 dir);
void ena_intr_mgmt(struct ena_dev *d);
void ena_unmask(struct ena_dev *d, u32 vector, u32 val);
u64 ena_intr_tick(struct ena_dev *d, u64 now);
void ena_intr_reset(struct ena_dev *d);

/* phc.c: the PTP clock */
void ena_phc(struct ena_dev *d, u16 req);

/* txq.c, offload.c: from the driver to the wire */
void ena_tx_doorbell(struct ena_dev *d, struct ena_sq *q, u16 tail);

/**
 * ena_tx_kick() - the other side has room again
 * @d: the device
 */
void ena_tx_kick(struct ena_dev *d);

/**
 * ena_tx_resume() - look at all TX queues again, after a fault was cleared
 * @d: the device
 */
void ena_tx_resume(struct ena_dev *d);
u64 ena_tx_tick(struct ena_dev *d, u64 now);
void ena_tx_complete(struct ena_dev *d, struct ena_sq *q, u16 id);

/**
 * struct tx_job - one packet as its descriptors ask for it
 * @w1: word 1 of the first data descriptor
 * @meta: metadata, valid with @has_meta
 * @has_meta: there is metadata
 */
struct tx_job {
	u32 w1;
	struct tx_desc meta;
	bool has_meta;
};

/**
 * ena_offload() - make checksums and segments, and send
 * @d: the device
 * @job: what to do
 * @p: the packet; its headers may be changed
 * @seg: first segment to send; set to the one that found no room
 *
 * Return: number of frames sent, -EAGAIN when the other side has no room for
 * @seg, -EINVAL when the headers are not what @job says.
 */
int ena_offload(struct ena_dev *d, const struct tx_job *job, struct pkt *p,
		u32 *seg);

/* llq.c: packets from lines of the LLQ BAR */

/**
 * ena_llq_next() - read one packet from the queue's lines
 * @d: the device
 * @q: a TX queue with llq
 * @job: set
 * @p: filled; begins empty
 * @id: set to the request id
 * @used: set to the number of lines
 *
 * Return: 0, -EFAULT for a buffer that was not granted (packet to be dropped),
 * -EINVAL when the driver broke the rules.
 */
int ena_llq_next(struct ena_dev *d, struct ena_sq *q, struct tx_job *job,
		 struct pkt *p, u16 *id, u16 *used);

/**
 * ena_tx_data() - take one data descriptor
 * @d: the device
 * @p: gets the buffer
 * @desc: the descriptor
 *
 * Return: 0, -EFAULT or -E2BIG.
 */
int ena_tx_data(struct ena_dev *d, struct pkt *p, const struct tx_desc *desc);
void ena_queue_error(struct ena_dev *d, struct ena_sq *q, const char *why);

/* rxq.c, rss.c: from the wire to the driver */

/**
 * ena_rx() - a packet arrives
 * @d: the device
 * @p: the packet; what is behind its pieces may be memory of another guest
 *
 * Return: 0 when it was delivered or dropped, -EAGAIN when its queue has no
 * buffers and the configuration says to wait.
 */
int ena_rx(struct ena_dev *d, struct pkt *p);

/**
 * ena_rx_drop() - a packet is lost because there was no room for it
 * @d: the device
 */
void ena_rx_drop(struct ena_dev *d);
void ena_rx_doorbell(struct ena_dev *d, struct ena_sq *q, u16 tail);
void ena_rss_reset(struct ena_dev *d);
void ena_rss_key(struct ena_dev *d);

/**
 * ena_rss_queue() - the RX queue of a packet
 * @d: the device
 * @p: the packet, parsed
 * @hash: set to the hash, 0 when there is none
 *
 * Return: the queue, or NULL when there is none.
 */
struct ena_sq *ena_rss_queue(struct ena_dev *d, const struct pkt *p, u32 *hash);

/* count.c: names of counters */

/**
 * ena_count_name() - name of a counter
 * @i: its place in struct ena_count
 *
 * Return: the name, or NULL behind the last.
 */
const char *ena_count_name(unsigned int i);

/**
 * ena_count_get() - value of a counter by name
 * @d: the device
 * @name: its name
 *
 * Return: where it is, or NULL.
 */
const u64 *ena_count_get(const struct ena_dev *d, const char *name);

static inline u64 ena_now(const struct ena_dev *d)
{
	return d->env.now ? d->env.now(d->env.ctx) : 0;
}

static inline struct ena_sq *ena_txq(struct ena_dev *d, u32 i)
{
	return &d->sq[i];
}

static inline struct ena_sq *ena_rxq(struct ena_dev *d, u32 i)
{
	return &d->sq[ENA_SQS_MAX + i];
}

#endif /* PODPATH_ENA_H */
