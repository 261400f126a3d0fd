/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A series of PINGs to one guest, each sent when the last was answered; it ends early once the
 * shortest time on the wire is good enough. It runs where the guest's rings are: in the session's
 * process, which is ordered to beforehand and reports the times last, or, with --no-sandbox, here.
 */
#ifndef XB_PINGING_H
#define XB_PINGING_H

#include "xenbench.pb-c.h"

#include <stdbool.h>
#include <stdint.h>

#define XB_PINGS_MAX 1000
/* The least PINGs, however short the first trips: a series also shows how long they can be. */
#define XB_PINGS_LEAST 8

/* The times of a PING and its PONG, in order. */
struct xb_ping_times {
    uint64_t sent_ns;            /* Dom0's monotonic clock */
    uint64_t taken_ns, given_ns; /* the guest's */
    uint64_t back_ns;            /* Dom0's again */
};

struct xb_pings_order {
    uint64_t count;     /* PINGs at most, 1 to XB_PINGS_MAX */
    uint64_t enough_ns; /* stop at a time on the wire this short; 0: not known */
    uint64_t until_ns;  /* on Dom0's clock: a PONG that comes later is the last */
    uint64_t dom0_ns;   /* in the first PING, which the orderer sends; names the series */
};

struct xb_pinging {
    struct xb_pings_order order;
    Xb__Ping ping;    /* sent last, or to be sent now */
    uint64_t sent_ns; /* when it was sent; set by the sender */
    bool on;
    uint32_t count; /* recorded in times */
    uint64_t best_wire_ns;
    struct xb_ping_times *times; /* room for order.count of them; the caller's */
};

enum xb_pinging_next {
    XB_PINGING_STRANGE, /* not the answer to our PING: the series is over and has no times */
    XB_PINGING_SEND,    /* `ping` is the next, to be sent at once */
    XB_PINGING_DONE,
};

/*
 * A round trip without the time during which the guest held the PING. False if that seems longer
 * than the whole trip: one of the clocks jumped or stood still, as Dom0's sometimes does under
 * emulation, and this ping tells us nothing.
 */
bool xb_ping_wire_ns(const struct xb_ping_times *times, uint64_t *out);

void xb_pinging_begin(struct xb_pinging *p, const struct xb_pings_order *order,
                      struct xb_ping_times *times);
/* A PONG arrived at back_ns on Dom0's clock. The series must be on. */
enum xb_pinging_next xb_pinging_took(struct xb_pinging *p, const Xb__Pong *pong, uint64_t back_ns);

#endif
