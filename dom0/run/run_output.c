#include "run_output.h"

#include "base.h"
#include "escape.h"

#include <inttypes.h>
#include <string.h>

#define FETCH_TIMEOUT_NS (60 * XB_NS_PER_S)
#define LINE_BYTES 120

struct fetch {
    uint32_t job_id;
    Xb__Stream stream;
    struct xb_job_output *out;
    uint64_t written;
    bool end;
};

/* What is lost in the middle would join two halves to a figure that nobody wrote. */
static int check_place(const struct fetch *fetch, const Xb__Output *output, struct xb_err *err)
{
    uint64_t at = fetch->out->lost + fetch->out->used;
    if (output->data.len > 0 && output->offset != at)
        return xb_fail(err, XB_E_BENCH, 0,
                       "of what its job wrote, bytes from %" PRIu64 " on came where %" PRIu64
                       " was due",
                       output->offset, at);
    if (output->eof && at + output->data.len < fetch->written)
        return xb_fail(err, XB_E_BENCH, 0,
                       "of the %" PRIu64 " bytes that its job wrote, those from %" PRIu64
                       " on did not come",
                       fetch->written, at + output->data.len);
    return 0;
}

static int take_message(void *arg, struct xb_agent *agent XB_UNUSED, const struct xb_msg *msg,
                        struct xb_err *err)
{
    struct fetch *fetch = arg;
    struct xb_job_output *out = fetch->out;
    if (msg->job_id != fetch->job_id)
        return 0;
    if (msg->type == XB_ERROR)
        return xb_fail(err, XB_E_BENCH, 0, "what its job wrote cannot be fetched: %s",
                       ((const Xb__Error *)msg->body)->message);
    const Xb__Output *output = (const Xb__Output *)msg->body;
    if (msg->type != XB_OUTPUT || output->stream != fetch->stream)
        return 0;
    if (check_place(fetch, output, err) < 0)
        return -1;
    size_t room = sizeof(out->bytes) - out->used;
    size_t n = output->data.len < room ? output->data.len : room;
    if (n > 0)
        memcpy(out->bytes + out->used, output->data.data, n);
    out->used += n;
    fetch->end = output->eof || out->used == sizeof(out->bytes);
    return 0;
}

int xb_job_fetch(struct xb_agent *agent, uint32_t job_id, Xb__Stream stream, uint64_t written,
                 struct xb_job_output *out, struct xb_err *err)
{
    out->used = 0;
    out->lost = 0;
    if (written == 0)
        return 0;
    struct fetch fetch = {.job_id = job_id, .stream = stream, .out = out, .written = written};
    Xb__Fetch msg = XB__FETCH__INIT;
    msg.stream = stream;
    msg.offset = out->lost = written > sizeof(out->bytes) ? written - sizeof(out->bytes) : 0;
    msg.credit_bytes = sizeof(out->bytes);
    if (xb_agent_send(agent, XB_FETCH, job_id, &msg.base, err) < 0)
        return -1;
    struct xb_agents_wait wait = {
        .agents = &agent,
        .count = 1,
        .deadline_ns = xb_now_ns() + FETCH_TIMEOUT_NS,
        .stop_fd = -1,
        .stop = &fetch.end,
        .on_message = take_message,
        .arg = &fetch,
    };
    int r = xb_agents_wait(&wait, err);
    if (r == XB_WAIT_DEADLINE)
        return xb_fail(err, XB_E_BENCH, 0, "guest %s: what its job wrote did not come within %d s",
                       xb_agent_name(agent), (int)(FETCH_TIMEOUT_NS / XB_NS_PER_S));
    return r < 0 ? -1 : 0;
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
