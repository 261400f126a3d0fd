/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pinging.h"

void xb_pinging_begin(struct xb_pinging *p, const struct xb_pings_order *order,
                      struct xb_ping_times *times)
{
    *p = (struct xb_pinging){
        .order = *order, .on = true, .times = times, .best_wire_ns = UINT64_MAX};
    xb__ping__init(&p->ping);
    p->ping.dom0_ns = order->dom0_ns;
}

bool xb_ping_wire_ns(const struct xb_ping_times *t, uint64_t *out)
{
    uint64_t held_ns = t->given_ns - t->taken_ns, passed_ns = t->back_ns - t->sent_ns;
    *out = passed_ns - held_ns;
    return t->given_ns >= t->taken_ns && t->back_ns >= t->sent_ns && held_ns <= passed_ns;
}

/* Record the last ping. Is the series complete? */
static bool is_enough(struct xb_pinging *p)
{
    uint64_t wire_ns;
    if (xb_ping_wire_ns(&p->times[p->count], &wire_ns) && wire_ns < p->best_wire_ns)
        p->best_wire_ns = wire_ns;
    p->count++;
    return p->count == p->order.count ||
           (p->count >= XB_PINGS_LEAST && p->best_wire_ns <= p->order.enough_ns);
}

enum xb_pinging_next xb_pinging_took(struct xb_pinging *p, const Xb__Pong *pong, uint64_t back_ns)
{
    p->on = false;
    if (pong->sequence != p->ping.sequence || pong->dom0_ns != p->ping.dom0_ns) {
        p->count = 0;
        return XB_PINGING_STRANGE;
    }
    p->times[p->count] = (struct xb_ping_times){
        .sent_ns = p->sent_ns,
        .taken_ns = pong->received_ns,
        .given_ns = pong->sent_ns,
        .back_ns = back_ns,
    };
    if (is_enough(p) || back_ns >= p->order.until_ns)
        return XB_PINGING_DONE;
    p->on = true;
    p->ping.sequence++;
    p->ping.dom0_ns = back_ns; /* about now; the agent returns it unchanged */
    return XB_PINGING_SEND;
}
