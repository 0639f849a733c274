/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of QEMU's plugin interface that kcount uses, declared here because
 * Debian does not package the header. Interface version 7, which came with
 * QEMU 11.1: since then each callback is given the pointer it was registered
 * with. The order of arguments was confirmed by what 11.1.3's binary passes.
 */
#ifndef QPLUGIN_H
#define QPLUGIN_H

#include "../../ena-model/types.h"

#define QPLUGIN_VERSION 7
#define QPLUGIN_EXPORT __attribute__((visibility("default")))

/**
 * struct qemu_info_t - what QEMU says of itself
 * @target_name: architecture of the guest
 * @version: the oldest and the newest interface that this QEMU speaks
 * @version.min: the oldest
 * @version.cur: the newest
 * @system_emulation: a whole machine, not one process
 * @smp_vcpus: CPUs at the start
 * @max_vcpus: CPUs at most
 */
struct qemu_info_t {
	const char *target_name;
	struct {
		int min;
		int cur;
	} version;
	bool system_emulation;
	int smp_vcpus;
	int max_vcpus;
};

/* What a plugin must have */
extern int qemu_plugin_version;
int qemu_plugin_install(u64 id, const struct qemu_info_t *info, int argc,
			char **argv);

struct qemu_plugin_tb;
struct qemu_plugin_insn;

/* Whether a callback looks at registers */
enum qemu_plugin_cb_flags {
	QEMU_PLUGIN_CB_NO_REGS,
	QEMU_PLUGIN_CB_R_REGS,
	QEMU_PLUGIN_CB_RW_REGS,
};

enum qemu_plugin_mem_rw {
	QEMU_PLUGIN_MEM_R = 1,
	QEMU_PLUGIN_MEM_W,
	QEMU_PLUGIN_MEM_RW,
};

enum qemu_plugin_discon_type {
	QEMU_PLUGIN_DISCON_INTERRUPT = 1 << 0,
	QEMU_PLUGIN_DISCON_EXCEPTION = 1 << 1,
};

struct qemu_plugin_register;

/**
 * struct qp_reg_descriptor - a register of the guest
 * @handle: to read it with
 * @name: "rdi"
 * @feature: group that GDB sorts it into
 * @is_readonly: cannot be written
 */
struct qp_reg_descriptor {
	struct qemu_plugin_register *handle;
	const char *name;
	const char *feature;
	bool is_readonly;
};

/**
 * struct glib_array - GLib's array, as its documentation has it
 * @data: the elements
 * @len: their number
 */
struct glib_array {
	char *data;
	unsigned int len;
};

/* GLib is part of any QEMU; its headers need not be here */
struct glib_array *g_byte_array_new(void);
struct glib_array *g_byte_array_set_size(struct glib_array *array,
					 unsigned int length);

typedef void (*qp_vcpu_cb)(unsigned int cpu, void *data);
typedef void (*qp_trans_cb)(struct qemu_plugin_tb *tb, void *data);
typedef void (*qp_mem_cb)(unsigned int cpu, u32 info, u64 vaddr,
			  void *data);
typedef void (*qp_discon_cb)(unsigned int cpu,
			     enum qemu_plugin_discon_type type, u64 from,
			     u64 to, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(u64 id, qp_trans_cb cb,
					   void *data);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  qp_vcpu_cb cb,
					  enum qemu_plugin_cb_flags flags,
					  void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    qp_vcpu_cb cb,
					    enum qemu_plugin_cb_flags flags,
					    void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
				      qp_mem_cb cb,
				      enum qemu_plugin_cb_flags flags,
				      enum qemu_plugin_mem_rw rw, void *data);
void qemu_plugin_register_vcpu_discon_cb(u64 id,
					 enum qemu_plugin_discon_type type,
					 qp_discon_cb cb, void *data);
void qemu_plugin_register_vcpu_init_cb(u64 id, qp_vcpu_cb cb, void *data);
struct glib_array *qemu_plugin_get_registers(void);
bool qemu_plugin_read_register(struct qemu_plugin_register *handle,
			       struct glib_array *buf);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t idx);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *dest,
			     size_t len);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
u64 qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
bool qemu_plugin_mem_is_store(u32 info);
unsigned int qemu_plugin_mem_size_shift(u32 info);
void qemu_plugin_outs(const char *string);

#endif
