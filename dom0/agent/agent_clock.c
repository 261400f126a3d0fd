/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fits guests' clocks to Dom0's. */
#include "agent_i.h"

#include "alloc.h"
#include "base.h"
#include "sandbox.h"

#include <inttypes.h>

/* A series of pings ends after this time, with the pings that it has by then. */
#define FIT_NS (5 * XB_NS_PER_S)
/* Longer than FIT_NS: the last PING may still be on its way to a slow guest. */
#define PING_TIMEOUT_NS (10 * XB_NS_PER_S)
/*
 * Time for the agent, which reads its counts 5 ms before the instant (gate.c), and slack for a Dom0
 * or guest that gets no CPU for some milliseconds.
 */
#define LEAD_NS (20 * XB_NS_PER_MS)

/* A fit's error may exceed the best recent one by a quarter (1 / ENOUGH). */
#define ENOUGH 4

/* A series of pings to one guest. */
struct fitting {
    struct xb_agent *agent;
    struct xb_pinging pinging;
    struct xb_ping_times times[XB_PINGS_MAX];
    uint64_t began_ns, ended_ns; /* Dom0's clock */
};

/* The times come from the session's process, which a guest may have taken over. */
static bool is_within(const struct fitting *f, const struct xb_ping_times *p)
{
    return f->began_ns <= p->sent_ns && p->sent_ns <= p->back_ns && p->back_ns <= f->ended_ns;
}

/* Beyond 2^62 ns (146 years) a difference of clocks would overflow. */
static bool is_possible(const struct xb_ping_times *p)
{
    return p->given_ns >= p->taken_ns && p->given_ns <= UINT64_C(1) << 62;
}

static int implausible(const struct xb_agent *agent, const struct xb_ping_times *p,
                       struct xb_err *err)
{
    return xb_fail(err, XB_E_BENCH, 0,
                   "guest %s: its clock is wrong: it says it held a PING from %" PRIu64
                   " to %" PRIu64 " ns, but the whole round trip took %" PRIu64 " ns",
                   agent->name, p->taken_ns, p->given_ns, p->back_ns - p->sent_ns);
}

static int compare_ns(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* RFC 5905 section 8: theta = ((T2 - T1) + (T3 - T4)) / 2, off by at most delta / 2. */
static void fit_to(struct xb_clock_fit *fit, const struct xb_ping_times *p, uint64_t wire_ns)
{
    fit->offset_ns =
        ((int64_t)(p->taken_ns - p->sent_ns) + (int64_t)(p->given_ns - p->back_ns)) / 2;
    fit->error_ns = (wire_ns + 1) / 2;
    fit->at_ns = p->sent_ns + (p->back_ns - p->sent_ns) / 2;
}

/*
 * How long the first PING took to reach the ring through the session's process: RELEASE will, too.
 */
static uint64_t way_ns(const struct fitting *f)
{
    return is_within(f, &f->times[0]) ? f->times[0].sent_ns - f->began_ns : 0;
}

/* Record a series; returns the longest round trip of all recorded series. */
static uint64_t remember(struct xb_agent *agent, uint64_t best_wire_ns, uint64_t longest_rtt_ns)
{
    size_t at = agent->series_count++ % XB_AGENT_SERIES_KEPT;
    agent->series[at].best_wire_ns = best_wire_ns;
    agent->series[at].longest_rtt_ns = longest_rtt_ns;
    for (size_t i = 0; i < XB_AGENT_SERIES_KEPT; i++)
        if (agent->series[i].longest_rtt_ns > longest_rtt_ns)
            longest_rtt_ns = agent->series[i].longest_rtt_ns;
    return longest_rtt_ns;
}

/* Fit the clock to the times of a series. */
static int evaluate(const struct fitting *f, struct xb_clock_fit *fit, struct xb_err *err)
{
    const struct xb_pinging *pinging = &f->pinging;
    uint64_t best_wire_ns = UINT64_MAX, wire_ns;
    uint32_t used = 0, within = 0;
    if (pinging->count == 0)
        return xb_fail(err, XB_E_BENCH, 0, "guest %s: PONG to a PING that was not sent",
                       f->agent->name);
    xb_auto_free uint64_t *rtts_ns = xb_calloc(pinging->count, sizeof(*rtts_ns));
    for (uint32_t i = 0; i < pinging->count; i++) {
        const struct xb_ping_times *p = &f->times[i];
        if (!is_possible(p))
            return implausible(f->agent, p, err);
        if (!is_within(f, p))
            continue;
        within++;
        if (!xb_ping_wire_ns(p, &wire_ns))
            continue;
        rtts_ns[used++] = p->back_ns - p->sent_ns;
        if (wire_ns < best_wire_ns)
            fit_to(fit, p, best_wire_ns = wire_ns);
    }
    if (within == 0)
        return xb_fail(err, XB_E_BENCH, 0,
                       "guest %s: its session's process reports times at which PINGs left before "
                       "they were sent, or after their PONGs had arrived",
                       f->agent->name);
    if (used == 0)
        return implausible(f->agent, &f->times[pinging->count - 1], err);
    qsort(rtts_ns, used, sizeof(*rtts_ns), compare_ns);
    fit->best_rtt_ns = rtts_ns[0];
    fit->median_rtt_ns = rtts_ns[used / 2];
    fit->longest_rtt_ns = remember(f->agent, best_wire_ns, rtts_ns[used - 1] + way_ns(f));
    fit->pings = used;
    return 0;
}

/* A PONG has come, and there is no session process: should another PING follow? */
static bool ping_again(struct xb_ask *ask)
{
    struct fitting *f = ask->arg;
    uint64_t now_ns = xb_now_ns();
    bool more =
        xb_pinging_took(&f->pinging, (const Xb__Pong *)ask->body, now_ns) == XB_PINGING_SEND;
    f->pinging.sent_ns = now_ns;
    return more;
}

/* A time on the wire about as short as this guest's recent ones; 0: not known. */
static uint64_t enough_ns(const struct xb_agent *agent)
{
    uint64_t best_ns = UINT64_MAX;
    for (size_t i = 0; i < XB_AGENT_SERIES_KEPT; i++)
        if (agent->series[i].best_wire_ns && agent->series[i].best_wire_ns < best_ns)
            best_ns = agent->series[i].best_wire_ns;
    return best_ns < UINT64_MAX / 2 ? best_ns + best_ns / ENOUGH : 0;
}

/* Begin a series: the ask sends the first PING, and the session's process, if any, the others. */
static struct xb_ask begin(struct fitting *f, struct xb_agent *agent, uint32_t pings)
{
    uint64_t now_ns = xb_now_ns();
    const struct xb_pings_order order = {
        .count = pings,
        .enough_ns = enough_ns(agent),
        .until_ns = now_ns + FIT_NS,
        .dom0_ns = now_ns,
    };
    bool here = agent->process.pid == 0;
    f->agent = agent;
    f->began_ns = now_ns;
    xb_pinging_begin(&f->pinging, &order, f->times);
    f->pinging.sent_ns = now_ns;
    if (!here)
        xb_agent_order_pings(agent, &f->pinging);
    return (struct xb_ask){.agent = agent,
                           .type = XB_PING,
                           .answer = XB_PONG,
                           .msg = &f->pinging.ping.base,
                           .again = here ? ping_again : NULL,
                           .arg = f};
}

/*
 * At most half as many guests as Dom0 has CPUs, so that the sessions' processes wait neither for
 * each other nor for the CPU that takes the guests' events, and no error bound grows. In the lab,
 * whose Dom0 has two CPUs, two guests at once took longer than one after the other.
 */
static size_t fits_at_once(void)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    return cpus < 4 || xb_sandbox_is_off() ? 1 : (size_t)cpus / 2;
}

void xb_agents_clock_at_once(struct xb_clock_ask *asks, size_t count, uint32_t pings)
{
    xb_auto_free struct fitting *fits = xb_calloc(count, sizeof(*fits));
    xb_auto_free struct xb_ask *pinged = xb_calloc(count, sizeof(*pinged));
    for (size_t i = 0; i < count; i++) {
        asks[i].fit = (struct xb_clock_fit){0};
        if (asks[i].agent)
            pinged[i] = begin(&fits[i], asks[i].agent, pings);
    }
    xb_agents_ask(pinged, count, PING_TIMEOUT_NS);
    for (size_t i = 0; i < count; i++) {
        if (!asks[i].agent)
            continue;
        asks[i].agent->pinging = NULL;
        asks[i].err = pinged[i].err;
        fits[i].ended_ns = xb_now_ns();
        if (asks[i].err.class == XB_E_NONE)
            evaluate(&fits[i], &asks[i].fit, &asks[i].err);
    }
    xb_asks_clear(pinged, count);
}

void xb_agents_clock(struct xb_clock_ask *asks, size_t count, uint32_t pings)
{
    size_t most = fits_at_once();
    for (size_t i = 0; i < count; i += most)
        xb_agents_clock_at_once(asks + i, count - i < most ? count - i : most, pings);
}

uint64_t xb_clocks_lead_ns(const struct xb_clock_fit *const *fits, size_t count, uint64_t most_ns)
{
    uint64_t lead_ns = LEAD_NS;
    for (size_t i = 0; i < count && lead_ns < most_ns; i++)
        lead_ns += 2 * fits[i]->longest_rtt_ns;
    return lead_ns < most_ns ? lead_ns : most_ns;
}
