/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts of the run in the environment of an experiment's commands, in Dom0 and in guests. */
#include "alloc.h"
#include "base.h"
#include "run_hooks.h"

#include <stdarg.h>

static void __attribute__((format(printf, 2, 3))) add(struct xb_texts *env, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    env->v[env->count++] = xb_vasprintf(fmt, ap);
    va_end(ap);
}

#define MOST 9

void xb_run_env(const struct xb_run *run, const struct xb_cell_row *row, int guest,
                struct xb_texts *out)
{
    *out = (struct xb_texts){.v = xb_calloc(MOST + 1, sizeof(*out->v))};
    add(out, "XENBENCH_RUN_ID=%s", run->id);
    add(out, "XENBENCH_EXPERIMENT=%s", run->exp->name);
    if (guest >= 0) {
        add(out, "XENBENCH_GUEST=%s", run->exp->guests[guest].name);
    }
    if (row) {
        add(out, "XENBENCH_CASE=%s", run->exp->cases[row->case_no].name);
        add(out, "XENBENCH_CASE_NO=%u", row->case_no);
        add(out, "XENBENCH_CELL=%u", row->cell);
        add(out, "XENBENCH_ATTEMPT=%u", row->attempt);
        add(out, "XENBENCH_REPETITION=%u", row->repetition);
        add(out, "XENBENCH_WARMUP=%d", row->warmup);
    }
}
