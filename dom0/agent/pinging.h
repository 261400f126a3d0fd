/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A series of PINGs to one guest: each is sent as soon as the last was answered, and its four times
 * are noted. The least time on the wire decides how well the clocks are known, so the series is over
 * once that is as short as whoever ordered it asked for. It goes on where the guest's ring is: in the session's process, which is ordered to
 * beforehand and reports the times at the end, or with --no-sandbox in the controller.
 */
#ifndef XB_PINGING_H
#define XB_PINGING_H

#include "xenbench.pb-c.h"

#include <stdbool.h>
#include <stdint.h>

#define XB_PINGS_MAX 1000
/* However short the first ones are: a series is also to show how long round trips can be. */
#define XB_PINGS_LEAST 8

/* A PING and its PONG, in the order of the journey. */
struct xb_ping_times {
    uint64_t sent_ns;            /* Dom0's monotonic clock */
    uint64_t taken_ns, given_ns; /* the guest's */
    uint64_t back_ns;            /* Dom0's again */
};

struct xb_pings_order {
    uint64_t count;     /* PINGs at most, 1 to XB_PINGS_MAX */
    uint64_t enough_ns; /* a time on the wire that need not be beaten; 0: not known */
    uint64_t until_ns;  /* on Dom0's clock: a PONG that comes later is the last */
    uint64_t dom0_ns;   /* of the first PING, which whoever orders the series sends; its name */
};

struct xb_pinging {
    struct xb_pings_order order;
    Xb__Ping ping;    /* sent last, or to be sent now */
    uint64_t sent_ns; /* when; set by whoever sends it */
    bool on;
    uint32_t count; /* noted in times */
    uint64_t best_wire_ns;
    struct xb_ping_times *times; /* room for order.count; the caller's */
};

enum xb_pinging_next {
    XB_PINGING_STRANGE, /* no answer to our PING: the series is over, and has no times */
    XB_PINGING_SEND,    /* `ping` is the next, to be sent at once */
    XB_PINGING_DONE,
};

/*
 * A round trip without the time for which the guest held the PING. False where it seems to have held it
 * for longer than the whole trip: one of the clocks jumped or stood still, as Dom0's does at times
 * under emulation, and the ping tells nothing.
 */
bool xb_ping_wire_ns(const struct xb_ping_times *times, uint64_t *out);

void xb_pinging_begin(struct xb_pinging *p, const struct xb_pings_order *order,
                      struct xb_ping_times *times);
/* A PONG has come, on Dom0's clock at back_ns. The series must be on. */
enum xb_pinging_next xb_pinging_took(struct xb_pinging *p, const Xb__Pong *pong, uint64_t back_ns);

#endif
