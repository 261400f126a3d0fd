/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run_output.h"

#include "alloc.h"
#include "base.h"
#include "escape.h"

#include <inttypes.h>
#include <string.h>

#define FETCH_TIMEOUT_NS (60 * XB_NS_PER_S)
#define LINE_BYTES 120

struct fetching {
    struct xb_fetch *fetches;
    size_t count;
    bool over; /* all fetches are over */
};

/* Refuse a gap in the output: its two sides could join to a figure that the job never wrote. */
static int check_place(const struct xb_fetch *fetch, const Xb__Output *output, struct xb_err *err)
{
    uint64_t at = fetch->out->lost + fetch->out->used;
    if (output->data.len > 0 && output->offset != at)
        return xb_fail(err, XB_E_BENCH, 0,
                       "guest %s: the job's output continued at byte %" PRIu64
                       " instead of %" PRIu64,
                       xb_agent_name(fetch->agent), output->offset, at);
    if (output->eof && at + output->data.len < fetch->written)
        return xb_fail(err, XB_E_BENCH, 0,
                       "guest %s: of the %" PRIu64 " bytes of the job's output, those from %" PRIu64
                       " on did not come",
                       xb_agent_name(fetch->agent), fetch->written, at + output->data.len);
    return 0;
}

static int take_output(struct xb_fetch *fetch, const struct xb_msg *msg)
{
    struct xb_job_output *out = fetch->out;
    if (msg->type == XB_ERROR)
        return xb_fail(&fetch->err, XB_E_BENCH, 0,
                       "guest %s: the job's output cannot be fetched: %s",
                       xb_agent_name(fetch->agent), ((const Xb__Error *)msg->body)->message);
    const Xb__Output *output = (const Xb__Output *)msg->body;
    if (msg->type != XB_OUTPUT || output->stream != fetch->stream)
        return 0;
    if (check_place(fetch, output, &fetch->err) < 0)
        return -1;
    size_t room = sizeof(out->bytes) - out->used;
    size_t n = output->data.len < room ? output->data.len : room;
    if (n > 0)
        memcpy(out->bytes + out->used, output->data.data, n);
    out->used += n;
    fetch->over = output->eof || out->used == sizeof(out->bytes);
    return 0;
}

static struct xb_fetch *fetch_of(struct fetching *f, const struct xb_agent *agent)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->fetches[i].agent == agent && !f->fetches[i].over)
            return &f->fetches[i];
    return NULL;
}

static void look_round(struct fetching *f)
{
    f->over = true;
    for (size_t i = 0; i < f->count; i++)
        f->over = f->over && f->fetches[i].over;
}

static int on_message(void *arg, struct xb_agent *agent, const struct xb_msg *msg,
                      struct xb_err *err XB_UNUSED)
{
    struct fetching *f = arg;
    struct xb_fetch *fetch = fetch_of(f, agent);
    if (!fetch || msg->job_id != fetch->job_id)
        return 0;
    if (take_output(fetch, msg) < 0)
        fetch->over = true;
    look_round(f);
    return 0;
}

static int on_lost(void *arg, struct xb_agent *agent, const struct xb_err *why,
                   struct xb_err *err XB_UNUSED)
{
    struct fetching *f = arg;
    struct xb_fetch *fetch = fetch_of(f, agent);
    if (fetch) {
        fetch->err = *why;
        fetch->over = true;
    }
    look_round(f);
    return 0;
}

static void begin(struct xb_fetch *fetch)
{
    Xb__Fetch msg = XB__FETCH__INIT;
    fetch->err = (struct xb_err){0};
    fetch->over = true;
    if (!fetch->agent)
        return;
    fetch->out->used = 0;
    fetch->out->lost = 0;
    if (fetch->written == 0)
        return;
    if (fetch->written > sizeof(fetch->out->bytes))
        fetch->out->lost = fetch->written - sizeof(fetch->out->bytes);
    msg.stream = fetch->stream;
    msg.offset = fetch->out->lost;
    msg.credit_bytes = sizeof(fetch->out->bytes);
    fetch->over = xb_agent_send(fetch->agent, XB_FETCH, fetch->job_id, &msg.base, &fetch->err) < 0;
}

static int wait_for_all(struct fetching *f, int stop_fd, struct xb_err *err)
{
    xb_auto_free struct xb_agent **agents = xb_calloc(f->count, sizeof(struct xb_agent *));
    for (size_t i = 0; i < f->count; i++)
        agents[i] = f->fetches[i].over ? NULL : f->fetches[i].agent;
    struct xb_agents_wait wait = {
        .agents = agents,
        .count = f->count,
        .deadline_ns = xb_now_ns() + FETCH_TIMEOUT_NS,
        .stop_fd = stop_fd,
        .stop = &f->over,
        .on_message = on_message,
        .on_lost = on_lost,
        .arg = f,
    };
    int r = f->over ? 0 : xb_agents_wait(&wait, err);
    return r == XB_WAIT_STOP_FD ? xb_fail(err, XB_E_BENCH, 0, "interrupted") : r;
}

void xb_jobs_fetch(struct xb_fetch *fetches, size_t count, int stop_fd)
{
    struct fetching f = {.fetches = fetches, .count = count};
    struct xb_err why = {0};
    for (size_t i = 0; i < count; i++)
        begin(&fetches[i]);
    look_round(&f);
    int r = wait_for_all(&f, stop_fd, &why);
    for (size_t i = 0; i < count; i++) {
        struct xb_fetch *fetch = &fetches[i];
        if (fetch->over)
            continue;
        if (r == XB_WAIT_DEADLINE)
            xb_fail(&fetch->err, XB_E_BENCH, 0,
                    "guest %s: the job's output did not come within %d s",
                    xb_agent_name(fetch->agent), (int)(FETCH_TIMEOUT_NS / XB_NS_PER_S));
        else
            fetch->err = why;
    }
}

void xb_job_last_line(const struct xb_job_output *from, char *out, size_t bytes)
{
    char shown[XB_ESCAPE_MAX(LINE_BYTES)];
    struct xb_escape escape = {0};
    size_t end = from->used;
    while (end > 0 && strchr("\n\r \t", from->bytes[end - 1]))
        end--;
    size_t start = end;
    while (start > 0 && from->bytes[start - 1] != '\n' && end - start < LINE_BYTES)
        start--;
    size_t n = xb_escape(&escape, (const uint8_t *)from->bytes + start, end - start, true, shown);
    snprintf(out, bytes, "%.*s", (int)n, shown);
}
