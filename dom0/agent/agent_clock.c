/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fits guests' clocks to Dom0's. */
#include "agent_i.h"

#include "alloc.h"
#include "base.h"
#include "sandbox.h"

#include <inttypes.h>

#define PINGS_MAX 1000
#define PING_TIMEOUT_NS (10 * XB_NS_PER_S)
/* All of a guest's pings; those that came by then must do. */
#define FIT_TIMEOUT_NS (10 * XB_NS_PER_S)
/*
 * For the agent, which reads its counts 5 ms before an instant (gate.c), and for a Dom0 or guest that
 * once gets no CPU for some milliseconds.
 */
#define LEAD_NS (20 * XB_NS_PER_MS)

struct ping {
    uint64_t sent_ns, back_ns;   /* Dom0's clock */
    uint64_t taken_ns, given_ns; /* the guest's clock */
};

/*
 * No guest can hold a ping for longer than the whole round trip. Where it seems so, one of the two
 * clocks jumped or stood still (under emulation Dom0's does at times), and the ping tells nothing.
 */
static bool is_plausible(const struct ping *p)
{
    return p->given_ns - p->taken_ns <= p->back_ns - p->sent_ns;
}

static int implausible(const struct xb_agent *agent, const struct ping *p, struct xb_err *err)
{
    return xb_fail(err, XB_E_BENCH, 0,
                   "guest %s: its clock is wrong: it says it held a PING from %" PRIu64
                   " to %" PRIu64 " ns, but "
                   "the whole round trip took %" PRIu64 " ns",
                   agent->name, p->taken_ns, p->given_ns, p->back_ns - p->sent_ns);
}

static int compare_ns(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The state of a fit while pings go on. */
struct fitting {
    struct xb_clock_ask *ask;
    Xb__Ping msg;
    struct ping last;
    uint64_t best_wire_ns;
    uint64_t *rtts_ns;
    uint32_t pings, used; /* at most, and plausible ones so far */
    uint64_t until_ns;    /* of the last ping */
};

/* Check a PONG and note its four times. */
static int read_pong(struct fitting *f, const struct xb_ask *asked)
{
    const Xb__Pong *pong = (const Xb__Pong *)asked->body;
    struct xb_clock_ask *ask = f->ask;
    struct ping *p = &f->last;
    *p = (struct ping){asked->sent_ns, asked->got_ns, pong->received_ns, pong->sent_ns};
    if (pong->sequence != f->msg.sequence || pong->dom0_ns != f->msg.dom0_ns)
        return xb_fail(&ask->err, XB_E_BENCH, 0, "guest %s: PONG to a PING that was not sent",
                       ask->agent->name);
    /* Beyond 2^62 ns (146 years) a difference of clocks would overflow. */
    if (p->given_ns < p->taken_ns || p->given_ns > (UINT64_C(1) << 62))
        return implausible(ask->agent, p, &ask->err);
    return 0;
}

static void take_ping(struct fitting *f)
{
    const struct ping *p = &f->last;
    struct xb_clock_fit *fit = &f->ask->fit;
    if (!is_plausible(p))
        return;
    uint64_t rtt_ns = p->back_ns - p->sent_ns;
    uint64_t wire_ns = rtt_ns - (p->given_ns - p->taken_ns);
    f->rtts_ns[f->used++] = rtt_ns;
    if (wire_ns >= f->best_wire_ns)
        return;
    f->best_wire_ns = wire_ns;
    /* RFC 5905 section 8: theta = ((T2 - T1) + (T3 - T4)) / 2, off by at most delta / 2. */
    fit->offset_ns =
        ((int64_t)(p->taken_ns - p->sent_ns) + (int64_t)(p->given_ns - p->back_ns)) / 2;
    fit->error_ns = (wire_ns + 1) / 2;
    fit->at_ns = p->sent_ns + (p->back_ns - p->sent_ns) / 2;
}

/* A PONG has come: is another PING to follow? */
static bool take_pong(struct xb_ask *asked)
{
    struct fitting *f = asked->arg;
    if (read_pong(f, asked) < 0)
        return false;
    take_ping(f);
    if (++f->msg.sequence == f->pings || asked->got_ns >= f->until_ns)
        return false;
    f->msg.dom0_ns = asked->got_ns; /* about now: the agent returns it as given */
    return true;
}

static void finish(struct fitting *f)
{
    struct xb_clock_fit *fit = &f->ask->fit;
    if (f->used == 0) {
        implausible(f->ask->agent, &f->last, &f->ask->err);
        return;
    }
    qsort(f->rtts_ns, f->used, sizeof(*f->rtts_ns), compare_ns);
    fit->best_rtt_ns = f->rtts_ns[0];
    fit->median_rtt_ns = f->rtts_ns[f->used / 2];
    fit->longest_rtt_ns = f->rtts_ns[f->used - 1];
    fit->pings = f->used;
}

static void begin(struct fitting *f, struct xb_clock_ask *ask, uint32_t pings)
{
    ask->fit = (struct xb_clock_fit){0};
    ask->err = (struct xb_err){0};
    *f = (struct fitting){
        .ask = ask,
        .best_wire_ns = UINT64_MAX,
        .rtts_ns = xb_calloc(pings, sizeof(*f->rtts_ns)),
        .pings = pings,
        .until_ns = xb_now_ns() + FIT_TIMEOUT_NS,
    };
    xb__ping__init(&f->msg);
    f->msg.dom0_ns = xb_now_ns();
}

/*
 * As many guests at a time as Dom0 has CPUs: the processes of their sessions then need not wait for
 * each other, so that no bound is looser than for one guest alone.
 */
static size_t fits_at_once(void)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    return cpus < 1 || xb_sandbox_is_off() ? 1 : (size_t)cpus;
}

void xb_agents_clock(struct xb_clock_ask *asks, size_t count, uint32_t pings)
{
    xb_auto_free struct fitting *fits = xb_calloc(count, sizeof(*fits));
    xb_auto_free struct xb_ask *pinged = xb_calloc(count, sizeof(*pinged));
    for (size_t i = 0; i < count; i++) {
        if (!asks[i].agent)
            continue;
        begin(&fits[i], &asks[i], pings);
        pinged[i] = (struct xb_ask){.agent = asks[i].agent,
                                    .type = XB_PING,
                                    .answer = XB_PONG,
                                    .msg = &fits[i].msg.base,
                                    .again = take_pong,
                                    .arg = &fits[i]};
    }
    size_t most = fits_at_once();
    for (size_t i = 0; i < count; i += most) {
        size_t left = count - i;
        xb_agents_ask(pinged + i, left < most ? left : most, PING_TIMEOUT_NS);
    }
    for (size_t i = 0; i < count; i++) {
        if (asks[i].agent && asks[i].err.class == XB_E_NONE)
            asks[i].err = pinged[i].err;
        if (asks[i].agent && asks[i].err.class == XB_E_NONE)
            finish(&fits[i]);
        free(fits[i].rtts_ns);
    }
    xb_asks_clear(pinged, count);
}

uint64_t xb_clocks_lead_ns(const struct xb_clock_fit *const *fits, size_t count, uint64_t most_ns)
{
    uint64_t lead_ns = LEAD_NS;
    for (size_t i = 0; i < count && lead_ns < most_ns; i++)
        lead_ns += 2 * fits[i]->longest_rtt_ns;
    return lead_ns < most_ns ? lead_ns : most_ns;
}

int xb_agent_clock(struct xb_agent *agent, uint32_t pings, struct xb_clock_fit *out,
                   struct xb_err *err)
{
    struct xb_clock_ask ask = {.agent = agent};
    if (pings < 1 || pings > PINGS_MAX)
        return xb_fail(err, XB_E_INPUT, 0, "%u pings: the number must be 1 to %d", pings,
                       PINGS_MAX);
    xb_agents_clock(&ask, 1, pings);
    if (ask.err.class != XB_E_NONE)
        return xb_fail(err, ask.err.class, ask.err.errnum, "%s", ask.err.msg);
    *out = ask.fit;
    return 0;
}
