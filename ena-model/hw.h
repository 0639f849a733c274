/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the driver and the device exchange: registers, descriptors, commands.
 *
 * No public specification of the device exists. Each layout here was read from
 * Linux 7.3.4, drivers/net/ethernet/amazon/ena; the file and the name there
 * stand beside it:
 *   [R] ena_regs_defs.h      [A] ena_admin_defs.h
 *   [I] ena_eth_io_defs.h    [C] ena_common_defs.h
 * "guess" marks what the driver does not tell and the model had to choose.
 */
#ifndef PODPATH_HW_H
#define PODPATH_HW_H

#include <assert.h>

#include "types.h"

/* PCI, ena_pci_id_tbl.h */
#define ENA_VENDOR		0x1d0f
#define ENA_ID_PF		0x0ec2
#define ENA_ID_LLQ_PF		0x1ec2
#define ENA_ID_VF		0xec20
#define ENA_ID_LLQ_VF		0xec21
#define ENA_ID_RSERV0		0x0051

/* BARs: ENA_REG_BAR and ENA_MEM_BAR in ena_netdev.h; the table's is a guess */
#define ENA_BAR_REG		0
#define ENA_BAR_MSIX		1
#define ENA_BAR_LLQ		2

/* Registers, [R] ENA_REGS_*_OFF */
enum ena_reg {
	REG_VERSION		= 0x00,
	REG_CTRL_VERSION	= 0x04,
	REG_CAPS		= 0x08,
	REG_CAPS_EXT		= 0x0c,
	REG_AQ_BASE_LO		= 0x10,
	REG_AQ_BASE_HI		= 0x14,
	REG_AQ_CAPS		= 0x18,
	REG_ACQ_BASE_LO		= 0x20,
	REG_ACQ_BASE_HI		= 0x24,
	REG_ACQ_CAPS		= 0x28,
	REG_AQ_DB		= 0x2c,
	REG_ACQ_TAIL		= 0x30,
	REG_AENQ_CAPS		= 0x34,
	REG_AENQ_BASE_LO	= 0x38,
	REG_AENQ_BASE_HI	= 0x3c,
	REG_AENQ_HEAD_DB	= 0x40,
	REG_AENQ_TAIL		= 0x44,
	REG_INTR_MASK		= 0x4c,
	REG_DEV_CTL		= 0x54,
	REG_DEV_STS		= 0x58,
	REG_MMIO_READ		= 0x5c,
	REG_MMIO_RESP_LO	= 0x60,
	REG_MMIO_RESP_HI	= 0x64,
	REG_RSS_IND_UPDATE	= 0x68,
	REG_PHC_DB		= 0x100,
	/*
	 * Per-queue registers: the driver learns their offsets from the answers
	 * to CREATE_SQ and CREATE_CQ; the places are a guess.
	 */
	REG_SQ_DB		= 0x1000,
	REG_UNMASK		= 0x1400,
	REG_NUMA		= 0x1800,
	REG_BAR_SIZE		= 0x4000,
};

/* [R] ENA_REGS_CAPS_*: times in units of 100 ms */
#define CAPS_CONTIGUOUS		BIT(0)
#define CAPS_RESET_TO_SHIFT	1
#define CAPS_DMA_WIDTH_SHIFT	8
#define CAPS_ADMIN_TO_SHIFT	16

/* [R] ENA_REGS_DEV_CTL_*, ENA_REGS_DEV_STS_* */
#define CTL_RESET		BIT(0)
#define CTL_REASON_SHIFT	28
#define STS_READY		BIT(0)
#define STS_RESET_IN_PROGRESS	BIT(3)
#define STS_RESET_FINISHED	BIT(4)
#define STS_FATAL		BIT(5)

/* [C] struct ena_common_mem_addr: 48 bits */
struct ena_addr {
	u32 lo;
	u16 hi;
	u16 mbz;
};

static inline u64 ena_addr(const struct ena_addr *a)
{
	return (u64)a->hi << 32 | a->lo;
}

/* [A] enum ena_admin_aq_opcode */
enum ena_opcode {
	OP_CREATE_SQ	= 1,
	OP_DESTROY_SQ	= 2,
	OP_CREATE_CQ	= 3,
	OP_DESTROY_CQ	= 4,
	OP_GET_FEATURE	= 8,
	OP_SET_FEATURE	= 9,
	OP_GET_STATS	= 11,
};

/* [A] enum ena_admin_aq_completion_status */
enum ena_status {
	ST_OK		= 0,
	ST_NO_RESOURCE	= 1,
	ST_BAD_OPCODE	= 2,
	ST_UNSUPPORTED	= 3,
	ST_MALFORMED	= 4,
	ST_ILLEGAL	= 5,
	ST_UNKNOWN	= 6,
	ST_BUSY		= 7,
};

/* [A] enum ena_admin_aq_feature_id */
enum ena_feature {
	FEAT_DEV_ATTR		= 1,
	FEAT_MAX_QUEUES		= 2,
	FEAT_HW_HINTS		= 3,
	FEAT_LLQ		= 4,
	FEAT_MAX_QUEUES_EXT	= 7,
	FEAT_RSS_FUNC		= 10,
	FEAT_OFFLOAD		= 11,
	FEAT_RSS_TABLE		= 12,
	FEAT_MTU		= 14,
	FEAT_RSS_INPUT		= 18,
	FEAT_INTR_MODER		= 20,
	FEAT_AENQ		= 26,
	FEAT_LINK		= 27,
	FEAT_HOST_ATTR		= 28,
	FEAT_PHC		= 29,
};

/* All features that the driver of 7.3.4 issues, and the least it works with */
#define FEATURES_FULL	0x3c145c9aU
#define FEATURES_MIN	0x0c004806U

/* [A] enum ena_admin_aq_caps_id */
#define CAP_ENI_STATS		BIT(0)
#define CAP_SRD_INFO		BIT(1)
#define CAP_METRICS		BIT(2)

/* [A] struct ena_admin_aq_common_desc */
struct aq_common {
	u16 id;			/* 11:0 */
	u8 opcode;
	u8 flags;		/* 0 phase, 1 control data, 2 indirect */
};

#define AQ_ID_MASK		0xfff
#define AQ_PHASE		BIT(0)
#define AQ_CTRL_DATA		BIT(1)
/*
 * The driver sets "indirect" and passes the address of the buffer itself all
 * the same (ena_com.c, ena_com_get_feature_ex() and others), so the model takes
 * both flags for "there is a buffer at this address".
 */
#define AQ_CTRL_INDIRECT	BIT(2)

/* [A] struct ena_admin_ctrl_buff_info */
struct aq_buffer {
	u32 length;
	struct ena_addr addr;
};

/* [A] struct ena_admin_get_set_feature_common_desc */
struct aq_feature {
	u8 flags;
	u8 id;
	u8 version;
	u8 reserved;
};

/* [A] struct ena_admin_accel_mode_req and struct ena_admin_feature_llq_desc */
struct feat_llq {
	u32 max_num;
	u32 max_depth;
	u16 location_supported;
	u16 location_enabled;
	u16 entry_supported;
	u16 entry_enabled;
	u16 before_header_supported;
	u16 before_header_enabled;
	u16 stride_supported;
	u16 stride_enabled;
	u32 reserved;
	u16 accel_flags;	/* GET: supported, SET: enabled */
	u16 accel_burst;	/* GET: bytes between two doorbells */
	u32 accel_reserved;
};

/* [A] enum ena_admin_llq_*, ena_admin_accel_mode_feat */
#define LLQ_INLINE_HEADER	1
#define LLQ_ENTRY_128		1
#define LLQ_ENTRY_192		2
#define LLQ_ENTRY_256		4
#define LLQ_MULTI_DESC		2
#define LLQ_NO_META_CACHE	BIT(0)
#define LLQ_LIMIT_BURST		BIT(1)

/* [A] struct ena_admin_feature_rss_ind_table */
struct feat_rss_table {
	u16 min_size;
	u16 max_size;
	u16 size;		/* 2^size entries */
	u16 reserved;
	u32 inline_index;
	u16 inline_cq;		/* an RX submission queue, despite the name */
	u16 inline_reserved;
};

/* [A] struct ena_admin_feature_rss_flow_hash_function */
struct feat_rss_func {
	u32 supported;
	u32 selected;
	u32 init_val;
};

#define RSS_TOEPLITZ		1	/* [A] ENA_ADMIN_TOEPLITZ: a bit number */
#define RSS_KEY_PARTS		10	/* [A] ENA_ADMIN_RSS_KEY_PARTS */
#define RSS_TABLE_LOG		7

/* [A] struct ena_admin_feature_rss_flow_hash_control */
struct rss_key {
	u32 parts;
	u32 reserved;
	u32 key[RSS_KEY_PARTS];
};

/* [A] enum ena_admin_flow_hash_proto */
enum rss_proto {
	RSS_TCP4, RSS_UDP4, RSS_TCP6, RSS_UDP6, RSS_IP4, RSS_IP6, RSS_IP4_FRAG,
	RSS_NOT_IP, RSS_TCP6_EX, RSS_IP6_EX, RSS_PROTOS = 16,
};

/* [A] enum ena_admin_flow_hash_fields */
#define RSS_L2_DA		BIT(0)
#define RSS_L2_SA		BIT(1)
#define RSS_L3_DA		BIT(2)
#define RSS_L3_SA		BIT(3)
#define RSS_L4_DP		BIT(4)
#define RSS_L4_SP		BIT(5)

/* [A] struct ena_admin_proto_input */
struct rss_fields {
	u16 fields;
	u16 reserved;
};

/* [A] struct ena_admin_feature_rss_hash_control */
struct rss_input {
	struct rss_fields supported[RSS_PROTOS];
	struct rss_fields selected[RSS_PROTOS];
	struct rss_fields reserved[2 * RSS_PROTOS];
};

/* [A] struct ena_admin_feature_phc_desc */
struct feat_phc {
	u8 type;
	u8 reserved[3];
	u32 doorbell;
	u32 expire_us;
	u32 block_us;
	struct ena_addr output;
	u32 output_length;
};

/* [A] struct ena_admin_phc_resp */
struct phc_resp {
	u16 req_id;
	u8 reserved1[6];
	u64 timestamp;
	u8 reserved2[12];
	u32 error;
	u8 reserved3[32];
};

/* [A] struct ena_admin_set_feature_host_attr_desc */
struct feat_host_attr {
	struct ena_addr info;
	struct ena_addr debug;
	u32 debug_size;
};

/* [A] struct ena_admin_host_info, driver_supported_features */
#define HOST_INFO_SIZE		4096
#define HOST_INFO_FEATURES	(4 + 128 + 4 + 32 + 4 + 4 + 8 + 2 + 2 + 2 + 2)
#define HOST_RX_OFFSET		BIT(1)

/*
 * One admin command, 64 bytes. CREATE_* and DESTROY_* use the words from offset
 * 4 for themselves, the others have the control buffer there.
 */
union aq_entry {
	struct aq_common common;
	/* [A] struct ena_admin_aq_create_sq_cmd */
	struct {
		struct aq_common common;
		u8 identity;	/* 7:5 direction */
		u8 reserved;
		u8 caps_2;	/* 3:0 placement, 6:4 completion policy */
		u8 caps_3;	/* 0 contiguous */
		u16 cq_idx;
		u16 depth;
		struct ena_addr base;
		struct ena_addr writeback;
	} create_sq;
	/* [A] struct ena_admin_aq_destroy_sq_cmd */
	struct {
		struct aq_common common;
		u16 sq_idx;
		u8 identity;
		u8 reserved;
	} destroy_sq;
	/* [A] struct ena_admin_aq_create_cq_cmd */
	struct {
		struct aq_common common;
		u8 caps_1;	/* 5 interrupt mode */
		u8 caps_2;	/* 4:0 words of an entry */
		u16 depth;
		u32 vector;
		struct ena_addr base;
	} create_cq;
	/* [A] struct ena_admin_aq_destroy_cq_cmd */
	struct {
		struct aq_common common;
		u16 cq_idx;
		u16 reserved;
	} destroy_cq;
	/* [A] struct ena_admin_get_feat_cmd, struct ena_admin_set_feat_cmd */
	struct {
		struct aq_common common;
		struct aq_buffer buf;
		struct aq_feature feat;
		union {
			u32 mtu;
			u32 aenq[2];	/* supported, enabled */
			struct feat_host_attr host;
			struct feat_rss_func func;
			u16 input_sort[2];
			struct feat_rss_table table;
			struct feat_llq llq;
			struct feat_phc phc;
		} u;
	} feature;
	/* [A] struct ena_admin_aq_get_stats_cmd */
	struct {
		struct aq_common common;
		struct aq_buffer buf;
		u8 type;
		u8 scope;
		u16 reserved;
		u16 queue;
		u16 device;
		u32 metrics[2];
	} stats;
	u8 raw[64];
};

#define SQ_DIR_TX		1	/* [A] enum ena_admin_sq_direction */
#define SQ_DIR_RX		2
#define SQ_DIR_SHIFT		5
#define SQ_HOST			1	/* [A] ena_admin_placement_policy_type */
#define SQ_LLQ			3
#define CQ_INTR			BIT(5)

/* [A] enum ena_admin_get_stats_type */
enum ena_stats_type {
	STATS_BASIC	= 0,
	STATS_EXTENDED	= 1,
	STATS_ENI	= 2,
	STATS_SRD	= 3,
	STATS_METRICS	= 4,
};

#define METRICS_NUM		6	/* [A] ena_admin_customer_metrics_id */

/* [A] struct ena_admin_acq_common_desc and the answers behind it, 64 bytes */
struct acq_entry {
	u16 id;
	u8 status;
	u8 flags;		/* 0 phase */
	u16 ext_status;
	u16 sq_head;
	union {
		u32 raw[14];
		u64 raw64[7];
		/* [A] struct ena_admin_acq_create_sq_resp_desc */
		struct {
			u16 sq_idx;
			u16 reserved;
			u32 doorbell;
			u32 llq_descs;
			u32 llq_headers;
		} create_sq;
		/* [A] struct ena_admin_acq_create_cq_resp_desc */
		struct {
			u16 cq_idx;
			u16 depth;
			u32 numa;
			u32 head_db;
			u32 unmask;
		} create_cq;
		/* [A] struct ena_admin_device_attr_feature_desc */
		struct {
			u32 impl_id;
			u32 version;
			u32 features;
			u32 caps;
			u32 phys_bits;
			u32 virt_bits;
			u8 mac[6];
			u8 reserved[2];
			u32 max_mtu;
		} attr;
		/* [A] struct ena_admin_queue_feature_desc */
		struct {
			u32 sq_num;
			u32 sq_depth;
			u32 cq_num;
			u32 cq_depth;
			u32 llq_num;
			u32 llq_depth;
			u32 header_size;
			u16 tx_descs;
			u16 rx_descs;
		} queues;
		/* [A] struct ena_admin_queue_ext_feature_desc */
		struct {
			u8 version;
			u8 reserved[3];
			u32 tx_sq_num;
			u32 tx_cq_num;
			u32 rx_sq_num;
			u32 rx_cq_num;
			u32 tx_sq_depth;
			u32 tx_cq_depth;
			u32 rx_sq_depth;
			u32 rx_cq_depth;
			u32 header_size;
			u16 tx_descs;
			u16 rx_descs;
		} queues_ext;
		/* [A] struct ena_admin_ena_hw_hints: ms, 0 the driver's own */
		u16 hints[8];
		/* [A] struct ena_admin_get_feature_link_desc */
		struct {
			u32 speed;
			u32 supported;
			u32 flags;
		} link;
		/* [A] struct ena_admin_feature_offload_desc */
		struct {
			u32 tx;
			u32 rx_supported;
			u32 rx_enabled;
		} offload;
		/* [A] struct ena_admin_feature_intr_moder_desc */
		struct {
			u16 resolution;
			u16 reserved;
		} moder;
		u32 aenq[2];
		struct feat_llq llq;
		struct feat_rss_table table;
		struct feat_rss_func func;
		u16 input_sort[2];
		struct feat_phc phc;
	} u;
};

/* [A] struct ena_admin_aenq_common_desc and the data behind it, 64 bytes */
struct aenq_entry {
	u16 group;
	u16 syndrome;
	u8 flags;		/* 0 phase */
	u8 reserved[3];
	u32 time_lo;
	u32 time_hi;
	u32 data[12];
};

/* [A] enum ena_admin_aenq_group, ena_admin_aenq_notification_syndrome */
enum ena_aenq_group {
	AENQ_LINK	= 0,
	AENQ_FATAL	= 1,
	AENQ_WARNING	= 2,
	AENQ_NOTIFY	= 3,
	AENQ_KEEP_ALIVE	= 4,
	AENQ_GROUPS	= 5,
};

#define AENQ_HINTS		2

/* [A] struct ena_admin_ena_mmio_req_read_less_resp */
struct mmio_resp {
	u16 req_id;
	u16 offset;
	u32 value;
};

/* [I] enum ena_eth_io_l3_proto_index, ena_eth_io_l4_proto_index */
#define L3_IP4			8
#define L3_IP6			11
#define L4_TCP			12
#define L4_UDP			13

/* [I] struct ena_eth_io_tx_desc and struct ena_eth_io_tx_meta_desc */
struct tx_desc {
	u32 w0;
	u32 w1;
	u32 w2;
	u32 w3;
};

#define TXD_LEN			0xffffU		/* w0 */
#define TXD_ID_HI_SHIFT		16
#define TXD_ID_HI		0x3fU
#define TXD_META		BIT(23)
#define TXD_PHASE		BIT(24)
#define TXD_FIRST		BIT(26)
#define TXD_LAST		BIT(27)
#define TXD_COMP		BIT(28)
#define TXD_L3			0xfU		/* w1 */
#define TXD_DF			BIT(4)
#define TXD_TSO			BIT(7)
#define TXD_L4_SHIFT		8
#define TXD_L4			0x1fU
#define TXD_L3_CSUM		BIT(13)
#define TXD_L4_CSUM		BIT(14)
#define TXD_L4_PARTIAL		BIT(17)
#define TXD_ID_LO_SHIFT		22
#define TXD_ADDR_HI		0xffffU		/* w3 */
#define TXD_HDR_SHIFT		24

#define TXM_EXT_VALID		BIT(14)		/* w0 */
#define TXM_MSS_HI_SHIFT	16
#define TXM_MSS_HI		0xfU
#define TXM_EXT			BIT(20)
#define TXM_STORE		BIT(21)
#define TXM_L3_LEN		0xffU		/* w2 */
#define TXM_L3_OFF_SHIFT	8
#define TXM_L3_OFF		0xffU
#define TXM_L4_WORDS_SHIFT	16
#define TXM_L4_WORDS		0x3fU
#define TXM_MSS_LO_SHIFT	22

/* [I] struct ena_eth_io_tx_cdesc */
struct tx_cdesc {
	u16 req_id;
	u8 status;
	u8 flags;		/* 0 phase */
	u16 sub_qid;
	u16 sq_head;
};

/* [I] struct ena_eth_io_rx_desc */
struct rx_desc {
	u16 length;		/* 0 means 64 KiB */
	u8 reserved1;
	u8 ctrl;
	u16 req_id;
	u16 reserved2;
	u32 addr_lo;
	u16 addr_hi;
	u16 reserved3;
};

#define RXD_PHASE		BIT(0)
#define RXD_FIRST		BIT(2)
#define RXD_LAST		BIT(3)
#define RXD_COMP		BIT(4)

/* [I] struct ena_eth_io_rx_cdesc_base */
struct rx_cdesc {
	u32 status;
	u16 length;
	u16 req_id;
	u32 hash;
	u16 sub_qid;
	u8 offset;
	u8 reserved;
};

#define RXC_L4_SHIFT		8
#define RXC_L3_ERR		BIT(13)
#define RXC_L4_ERR		BIT(14)
#define RXC_FRAG		BIT(15)
#define RXC_L4_CHECKED		BIT(16)
#define RXC_PHASE		BIT(24)
#define RXC_FIRST		BIT(26)
#define RXC_LAST		BIT(27)
#define RXC_BUFFER		BIT(30)

/* [I] struct ena_eth_io_intr_reg */
#define INTR_RX_DELAY		0x7fffU
#define INTR_TX_SHIFT		15
#define INTR_UNMASK		BIT(30)

static_assert(sizeof(union aq_entry) == 64, "admin command");
static_assert(sizeof(struct acq_entry) == 64, "admin completion");
static_assert(sizeof(struct aenq_entry) == 64, "event");
static_assert(sizeof(struct feat_llq) == 36, "LLQ feature");
static_assert(sizeof(struct rss_input) == 256, "RSS input");
static_assert(sizeof(struct phc_resp) == 64, "PHC answer");
static_assert(sizeof(struct rx_cdesc) == 16, "RX completion");
static_assert(sizeof(struct tx_cdesc) == 8, "TX completion");
static_assert(offsetof(union aq_entry, feature.u) == 20, "feature body");
static_assert(offsetof(union aq_entry, stats.metrics) == 24, "metrics");

#endif /* PODPATH_HW_H */
