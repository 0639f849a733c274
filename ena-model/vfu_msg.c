// SPDX-License-Identifier: GPL-2.0
/*
 * The vfio-user messages: cuts the stream, finds the descriptors' owner, hands
 * each message to its handler, has the reply sent.
 *
 * Owns: the check of every length, and the accesses to regions. Nothing here
 * allocates, and no loop is longer than the message that caused it.
 */
#include <errno.h>
#include <string.h>

#include <linux/vfio.h>

#include "vfu_priv.h"

/* The kernel's struct has grown a member that the protocol has not */
#define INFO_LEN	offsetof(struct vfio_device_info, cap_offset)

static const char vfu_caps[] =
	"{\"capabilities\":{\"max_msg_fds\":16,\"max_data_xfer_size\":4096,"
	"\"write_multiple\":true}}";

static int vfu_version(struct vfu *v, struct vfu_msg *m)
{
	u16 ver[2];	/* major, minor */

	memcpy(ver, m->data, sizeof(ver));
	if (v->hello || ver[0])
		return -EINVAL;
	v->hello = true;
	memset(v->out, 0, sizeof(ver));
	memcpy(v->out + sizeof(ver), vfu_caps, sizeof(vfu_caps));
	/* QEMU receives into the request's buffer: the text is optional */
	if (m->len < sizeof(ver) + sizeof(vfu_caps))
		return sizeof(ver);
	return sizeof(ver) + sizeof(vfu_caps);
}

static int vfu_get_info(struct vfu *v, struct vfu_msg *m)
{
	struct vfio_device_info info;

	memcpy(&info, m->data, INFO_LEN);
	if (info.argsz < INFO_LEN)
		return -EINVAL;
	info.argsz = INFO_LEN;
	info.flags = VFIO_DEVICE_FLAGS_RESET | VFIO_DEVICE_FLAGS_PCI;
	info.num_regions = VFIO_PCI_NUM_REGIONS;
	info.num_irqs = VFIO_PCI_NUM_IRQS;
	memcpy(v->out, &info, INFO_LEN);
	return INFO_LEN;
}

static u64 region_size(const struct vfu *v, u32 region)
{
	if (region == VFIO_PCI_CONFIG_REGION_INDEX)
		return VFU_CFG;
	return region < VFU_BARS ? v->desc.bar[region].size : 0;
}

static int vfu_region_info(struct vfu *v, struct vfu_msg *m)
{
	struct vfio_region_info r;

	memcpy(&r, m->data, sizeof(r));
	if (r.argsz < sizeof(r) || r.index >= VFIO_PCI_NUM_REGIONS)
		return -EINVAL;
	r = (struct vfio_region_info){ .argsz = sizeof(r), .index = r.index };
	r.size = region_size(v, r.index);
	if (r.size)
		r.flags = VFIO_REGION_INFO_FLAG_READ |
			  VFIO_REGION_INFO_FLAG_WRITE;
	if (r.size && r.index < VFU_BARS)
		v->out_fd = v->desc.bar[r.index].fd;
	if (v->out_fd >= 0)
		r.flags |= VFIO_REGION_INFO_FLAG_MMAP;
	memcpy(v->out, &r, sizeof(r));
	return sizeof(r);
}

/* A register is read whole; configuration space in any piece */
static int vfu_check(const struct vfu *v, const struct vfu_access *a)
{
	u64 size = region_size(v, a->region);

	if (!a->count || a->off >= size || a->count > size - a->off)
		return -EINVAL;
	if (a->region < VFU_BARS &&
	    (a->count > 8 || !is_pow2(a->count) || a->off & (a->count - 1)))
		return -EINVAL;
	return 0;
}

static int vfu_region_read(struct vfu *v, struct vfu_msg *m)
{
	struct vfu_access a;
	u64 val;
	int rc;

	memcpy(&a, m->data, sizeof(a));
	rc = vfu_check(v, &a);
	if (rc)
		return rc;
	if (a.region == VFIO_PCI_CONFIG_REGION_INDEX) {
		memcpy(v->out + sizeof(a), v->cfg + a.off, a.count);
	} else {
		val = v->ops->read(v->ctx, a.region, a.off, a.count);
		memcpy(v->out + sizeof(a), &val, a.count);
	}
	memcpy(v->out, &a, sizeof(a));
	return sizeof(a) + a.count;
}

static int vfu_write_one(struct vfu *v, const struct vfu_access *a,
			 const u8 *data)
{
	int rc = vfu_check(v, a);
	u64 val = 0;

	if (rc)
		return rc;
	if (a->region == VFIO_PCI_CONFIG_REGION_INDEX) {
		vfu_cfg_write(v, a->off, data, a->count);
	} else {
		memcpy(&val, data, a->count);
		v->ops->write(v->ctx, a->region, a->off, a->count, val);
	}
	return 0;
}

static int vfu_region_write(struct vfu *v, struct vfu_msg *m)
{
	struct vfu_access a;
	int rc;

	memcpy(&a, m->data, sizeof(a));
	if (a.count != m->len - sizeof(a))
		return -EINVAL;
	rc = vfu_write_one(v, &a, m->data + sizeof(a));
	if (rc)
		return rc;
	memcpy(v->out, &a, sizeof(a));
	return sizeof(a);
}

static int vfu_write_multi(struct vfu *v, struct vfu_msg *m)
{
	struct vfu_write_one w;
	u64 i, n;
	int rc;

	memcpy(&n, m->data, sizeof(n));
	if (n > (m->len - sizeof(n)) / sizeof(w))
		return -EINVAL;
	/* The device may drop the client, then the rest is void */
	for (i = 0; i < n && v->up; i++) {
		memcpy(&w, m->data + sizeof(n) + i * sizeof(w), sizeof(w));
		if (w.a.count > sizeof(w.data))
			return -EINVAL;
		rc = vfu_write_one(v, &w.a, w.data);
		if (rc)
			return rc;
	}
	memcpy(v->out, &n, sizeof(n));
	return sizeof(n);
}

static const struct {
	int (*fn)(struct vfu *v, struct vfu_msg *m);
	u32 min;
} vfu_cmds[VFU_CMDS] = {
	[VFU_VERSION] = { vfu_version, 2 * sizeof(u16) },
	[VFU_DMA_MAP] = { vfu_dma_map, sizeof(struct vfu_dma_map) },
	[VFU_DMA_UNMAP] = { vfu_dma_unmap, sizeof(struct vfio_iommu_type1_dma_unmap) },
	[VFU_GET_INFO] = { vfu_get_info, INFO_LEN },
	[VFU_REGION_INFO] = { vfu_region_info,
				  sizeof(struct vfio_region_info) },
	[VFU_IRQ_INFO] = { vfu_irq_info, sizeof(struct vfio_irq_info) },
	[VFU_SET_IRQS] = { vfu_set_irqs, sizeof(struct vfio_irq_set) },
	[VFU_REGION_READ] = { vfu_region_read, sizeof(struct vfu_access) },
	[VFU_REGION_WRITE] = { vfu_region_write, sizeof(struct vfu_access) },
	[VFU_RESET] = { vfu_reset, 0 },
	[VFU_WRITE_MULTI] = { vfu_write_multi, sizeof(u64) },
};

static int vfu_handle(struct vfu *v, struct vfu_msg *m)
{
	int rc = -EOPNOTSUPP;
	u16 cmd = m->hdr.cmd;

	/* This server asks nothing, so nothing it gets is an answer */
	if (m->hdr.flags & VFU_TYPE)
		return vfu_fail(v, -EPROTO, "message of type %u",
				m->hdr.flags & VFU_TYPE);
	if (!v->hello && cmd != VFU_VERSION)
		return vfu_fail(v, -EPROTO, "command %u before VERSION", cmd);
	v->out_fd = -1;
	if (cmd < VFU_CMDS && vfu_cmds[cmd].fn)
		rc = m->len < vfu_cmds[cmd].min ? -EINVAL :
		     vfu_cmds[cmd].fn(v, m);
	if (m->hdr.flags & VFU_NO_REPLY || !v->up)
		return 0;
	return vfu_reply(v, &m->hdr, rc);
}

/*
 * Whose are the descriptors? A UNIX stream socket carries them on the first
 * buffer of the send call that they were given to, hands them out with that
 * buffer's first byte, and ends a receive call behind that buffer. A client
 * sends one message by one call. So the descriptors of one receive call came
 * with the last message that begins in it, even when it ends in a later one:
 * nothing that was sent after that message's first buffer can be in the call.
 * A message that began in an earlier call keeps those that came with it then
 * (v->carry); the rest of it may arrive together with a later message that
 * has its own, hence two sets. Descriptors in a call in which no message
 * begins belong to nobody.
 *
 * A client that sends several messages by one call, and descriptors with it,
 * finds them with the wrong message. That is its own loss: they are checked
 * like any others, and closed if not taken.
 */
int vfu_input(struct vfu *v, size_t n, struct vfu_fds *fds)
{
	struct vfu_fds none = {};
	size_t had = v->len;
	struct vfu_msg m;
	size_t pos = 0;
	int count = 0;
	int rc = 0;

	v->len += n;
	while (v->len - pos >= sizeof(m.hdr)) {
		memcpy(&m.hdr, v->in + pos, sizeof(m.hdr));
		if (m.hdr.size < sizeof(m.hdr) || m.hdr.size > VFU_BUF) {
			rc = vfu_fail(v, -EPROTO, "message of %u bytes",
				      m.hdr.size);
			break;
		}
		if (m.hdr.size > v->len - pos)
			break;
		m.data = v->in + pos + sizeof(m.hdr);
		m.len = m.hdr.size - sizeof(m.hdr);
		pos += m.hdr.size;
		m.fds = &none;
		if (pos == m.hdr.size && had)
			m.fds = &v->carry;
		else if (pos == v->len)
			m.fds = fds;
		rc = vfu_handle(v, &m);
		vfu_fds_close(m.fds);
		if (rc || !v->up)
			break;
		count++;
	}
	if (!rc && v->up && fds->n) {
		if ((had && !pos) || pos == v->len)
			rc = vfu_fail(v, -EPROTO,
				      "descriptors within a message");
		else
			v->carry = *fds;
		if (!rc)
			fds->n = 0;
	}
	vfu_fds_close(fds);
	if (rc || !v->up)
		return rc ? rc : count;
	v->len -= pos;
	memmove(v->in, v->in + pos, v->len);
	return count;
}
