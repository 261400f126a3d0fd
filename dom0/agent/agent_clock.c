/* How a guest's clock stands to ours. */
#include "agent_i.h"

#include "alloc.h"
#include "base.h"

#include <inttypes.h>

#define PINGS_MAX 1000
#define PING_TIMEOUT_NS (10 * XB_NS_PER_S)

struct ping {
    uint64_t sent_ns, back_ns;   /* our clock */
    uint64_t taken_ns, given_ns; /* the guest's */
};

/*
 * A guest cannot have held a ping for longer than the whole round trip took. Where it seems so, one of the two clocks
 * jumped or stood still meanwhile (under emulation Dom0's does at times), and the ping tells nothing.
 */
static bool is_plausible(const struct ping *p)
{
    return p->given_ns - p->taken_ns <= p->back_ns - p->sent_ns;
}

static int implausible(const struct xb_agent *agent, const struct ping *p, struct xb_err *err)
{
    return xb_fail(err, XB_E_BENCH, 0,
                   "guest %s: its clock cannot be right: it held a PING from %" PRIu64
                   " to %" PRIu64 " ns, and the whole round trip took %" PRIu64 " ns",
                   agent->name, p->taken_ns, p->given_ns, p->back_ns - p->sent_ns);
}

static int ping(struct xb_agent *agent, uint32_t sequence, struct ping *out, struct xb_err *err)
{
    Xb__Ping msg = XB__PING__INIT;
    ProtobufCMessage *answer;
    msg.sequence = sequence;
    msg.dom0_ns = out->sent_ns = xb_now_ns();
    if (xb_agent_call(agent, XB_PING, 0, &msg.base, XB_PONG, &answer, PING_TIMEOUT_NS, err) < 0)
        return -1;
    out->back_ns = xb_now_ns();
    const Xb__Pong *pong = (const Xb__Pong *)answer;
    bool ours = pong->sequence == sequence && pong->dom0_ns == out->sent_ns;
    out->taken_ns = pong->received_ns;
    out->given_ns = pong->sent_ns;
    xb__pong__free_unpacked((Xb__Pong *)answer, NULL);
    if (!ours)
        return xb_fail(err, XB_E_BENCH, 0, "guest %s: PONG to a PING that was not sent",
                       agent->name);
    /* Beyond 2^62 a difference of clocks would overflow; it is 146 years. */
    if (out->given_ns < out->taken_ns || out->given_ns > (UINT64_C(1) << 62))
        return implausible(agent, out, err);
    return 0;
}

static int compare_ns(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

int xb_agent_clock(struct xb_agent *agent, uint32_t pings, struct xb_clock_fit *out,
                   struct xb_err *err)
{
    if (pings < 1 || pings > PINGS_MAX)
        return xb_fail(err, XB_E_INPUT, 0, "%" PRIu32 " pings: 1 to %d are possible", pings,
                       PINGS_MAX);
    xb_auto_free uint64_t *rtts_ns = xb_calloc(pings, sizeof(*rtts_ns));
    uint64_t best_wire_ns = UINT64_MAX;
    uint32_t used = 0;
    struct ping p;
    for (uint32_t i = 0; i < pings; i++) {
        if (ping(agent, i, &p, err) < 0)
            return -1;
        if (!is_plausible(&p))
            continue;
        rtts_ns[used++] = p.back_ns - p.sent_ns;
        uint64_t wire_ns = rtts_ns[used - 1] - (p.given_ns - p.taken_ns);
        if (wire_ns >= best_wire_ns)
            continue;
        best_wire_ns = wire_ns;
        /* RFC 5905 section 8: theta = ((T2 - T1) + (T3 - T4)) / 2, off by at most delta / 2. */
        out->offset_ns =
            ((int64_t)(p.taken_ns - p.sent_ns) + (int64_t)(p.given_ns - p.back_ns)) / 2;
        out->error_ns = (wire_ns + 1) / 2;
        out->at_ns = p.sent_ns + (p.back_ns - p.sent_ns) / 2;
    }
    if (used == 0)
        return implausible(agent, &p, err);
    qsort(rtts_ns, used, sizeof(*rtts_ns), compare_ns);
    out->best_rtt_ns = rtts_ns[0];
    out->median_rtt_ns = rtts_ns[used / 2];
    out->pings = used;
    return 0;
}
