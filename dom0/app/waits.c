/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "waits.h"

#include "base.h"
#include "progress.h"

#include <string.h>

#define NAMES_BYTES 200

void xb_waits_show(struct xb_app *app)
{
    xb_progress_begin(&app->own_waits, false);
    app->waits = &app->own_waits;
}

void xb_waits_tell(struct xb_waits *waits, bool (*is_done)(const void *arg, size_t i),
                   const void *arg)
{
    char names[NAMES_BYTES] = "", most[XB_TIME_WORDS_BYTES], left[XB_TIME_WORDS_BYTES + 16] = "";
    size_t done = 0;
    uint64_t now_ns = xb_now_ns();
    if (!waits->app->waits)
        return;
    for (size_t i = 0; i < waits->count; i++) {
        size_t used = strlen(names);
        if (is_done(arg, i))
            done++;
        else
            snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "", waits->names[i]);
    }
    if (waits->deadline_ns != UINT64_MAX && waits->deadline_ns > now_ns)
        snprintf(left, sizeof(left), ", at most %s",
                 xb_time_words(waits->deadline_ns - now_ns, most));
    if (done == waits->count ||
        (waits->told_ns && done == waits->told && now_ns - waits->told_ns < XB_NS_PER_S))
        return;
    waits->told = done;
    waits->told_ns = now_ns;
    xb_progress_now(waits->app->waits, "%zu of %zu %s%s; waiting for %s", done, waits->count,
                    waits->done, left, names);
}

void xb_waits_end(const struct xb_waits *waits)
{
    if (waits->app->waits)
        xb_progress_end(waits->app->waits);
}
