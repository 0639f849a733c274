// SPDX-License-Identifier: GPL-2.0
/*
 * The PTP clock: a write to its doorbell is answered in memory, the request id
 * last (ena_com.c, ena_com_phc_get_timestamp()). Without a clock of the host
 * every answer is one microsecond later than the one before.
 */
#include "ena.h"

void ena_phc(struct ena_dev *d, u16 req)
{
	struct phc_resp *r;

	d->count.phc++;
	if (!d->phc_addr) {
		trace(d, "phc-error why=off");
		return;
	}
	if (fault_hit(&d->fault, FAULT_PHC_DROP, 0, 0, NULL))
		return;
	r = ena_dma(d, d->phc_addr, sizeof(*r), true, "phc");
	if (!r)
		return;
	d->phc_fake += NSEC_PER_USEC;
	r->timestamp = d->env.real ? d->env.real(d->env.ctx) : d->phc_fake;
	r->error = fault_hit(&d->fault, FAULT_PHC_ERROR, 0, 0, NULL);
	publish(&r->req_id, req);
}
