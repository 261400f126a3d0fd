#include "work.h"

#include "base.h"
#include "interrupt.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>

#define TELL_NS (200 * XB_NS_PER_MS)

int xb_work_begin(struct xb_work *work, bool quiet, struct xb_err *err)
{
    *work = (struct xb_work)XB_WORK_NONE;
    xb_progress_begin(&work->line, quiet);
    work->interrupt = xb_interrupt_open(err);
    return work->interrupt < 0 ? -1 : 0;
}

void xb_work_end(struct xb_work *work)
{
    xb_progress_end(&work->line);
    if (work->interrupt >= 0)
        xb_interrupt_take(work->interrupt); /* signals so far have been handled */
    xb_interrupt_close(work->interrupt);
    work->interrupt = -1;
}

void xb_work_on(struct xb_work *work, const char *what, uint64_t total_bytes)
{
    if (!work)
        return;
    snprintf(work->what, sizeof(work->what), "%s", what);
    work->done_bytes = 0;
    work->total_bytes = total_bytes;
    work->begun_ns = work->told_ns = xb_now_ns();
}

static void tell(struct xb_work *work, uint64_t now_ns)
{
    double seconds = (double)(now_ns - work->begun_ns) / 1e9;
    double rate = (double)work->done_bytes / seconds / 1e6;
    work->told_ns = now_ns;
    if (work->total_bytes && work->done_bytes <= work->total_bytes)
        xb_progress_now(&work->line, "%s: %" PRIu64 " of %" PRIu64 " MiB, %.0f %%, %.0f MB/s",
                        work->what, work->done_bytes >> 20, work->total_bytes >> 20,
                        100.0 * (double)work->done_bytes / (double)work->total_bytes, rate);
    else
        xb_progress_now(&work->line, "%s: %" PRIu64 " MiB, %.0f MB/s", work->what,
                        work->done_bytes >> 20, rate);
}

int xb_work_did(struct xb_work *work, uint64_t bytes, struct xb_err *err)
{
    if (!work)
        return 0;
    struct pollfd stop = {.fd = work->interrupt, .events = POLLIN};
    uint64_t now_ns = xb_now_ns();
    work->done_bytes += bytes;
    if (work->interrupt >= 0 && poll(&stop, 1, 0) > 0)
        return xb_fail(err, XB_E_BENCH, EINTR, "stopped; the incomplete result is removed");
    if (!work->line.off && now_ns - work->told_ns >= TELL_NS)
        tell(work, now_ns);
    return 0;
}
