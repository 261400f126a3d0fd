/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples in the store: see store_cell.h. */
#include "base.h"
#include "store_cell.h"
#include "store_i.h"

const char *xb_outcome_word(Xb__Outcome outcome)
{
    switch (outcome) {
    case XB__OUTCOME__OUTCOME_EXITED:
        return "exited";
    case XB__OUTCOME__OUTCOME_SIGNALED:
        return "signaled";
    case XB__OUTCOME__OUTCOME_TIMEOUT:
        return "timeout";
    case XB__OUTCOME__OUTCOME_EXEC_FAILED:
        return "exec-failed";
    case XB__OUTCOME__OUTCOME_OOM:
        return "oom";
    case XB__OUTCOME__OUTCOME_CANCELLED:
        return "cancelled";
    case XB__OUTCOME__OUTCOME_KILLED:
        return "killed";
    default:
        return "lost";
    }
}

/* A guest's numbers may be anything: limit them to what SQLite's signed integers hold. */
static uint64_t clamp(uint64_t n)
{
    return n > INT64_MAX ? INT64_MAX : n;
}

static struct xb_val counted(uint64_t n)
{
    return XB_INT(clamp(n));
}

struct xb_sample_written xb_sample_written(const Xb__Result *result)
{
    return (struct xb_sample_written){
        .bytes = {clamp(result->stdout_bytes), clamp(result->stderr_bytes)},
        .well = result->outcome == XB__OUTCOME__OUTCOME_EXITED && result->status == 0,
        .end_lost = result->output_lost,
    };
}

/* The difference between two of a guest's times; NULL where they contradict each other. */
static struct xb_val span(uint64_t from, uint64_t to)
{
    return from && to >= from ? counted(to - from) : XB_NULL;
}

static int lose_sample(struct xb_store *store, struct xb_cell_key key,
                       const struct xb_sample_end *end, struct xb_err *err)
{
    return xb_store_do(
        store, err,
        "UPDATE samples SET outcome = 'lost', detail = ?5, collected = 1" XB_WHERE_SAMPLE
        " AND outcome IS NULL",
        XB_CELL_KEY(key), XB_TEXT(end->guest), XB_TEXT(end->detail));
}

int xb_store_sample(struct xb_store *store, struct xb_cell_key key, const struct xb_sample_end *end,
                    struct xb_err *err)
{
    const Xb__Result *r = end->result;
    if (!r)
        return lose_sample(store, key, end, err);
    return xb_store_do(
        store, err,
        "UPDATE samples SET outcome = ?5, status = ?6, detail = ?7, wall_ns = ?8, "
        "dispatch_delay_ns = ?9,"
        " dom0_wall_ns = ?10, run_ns = ?11 - start_run_ns, release_ns = ?12, opened_ns = ?13, "
        "ended_ns = ?14,"
        " user_ns = ?15, system_ns = ?16, steal_ns = ?17, idle_ns = ?18, max_rss_bytes = ?19,"
        " minor_faults = ?20, major_faults = ?21, voluntary_switches = ?22, involuntary_switches = "
        "?23,"
        " blocks_in = ?24, blocks_out = ?25, clocksource = ?26, agent_wakeups = ?27, restores = "
        "?28,"
        " frozen_ns = ?29, stdout_bytes = ?30, stderr_bytes = ?31, clocksource_before = ?32,"
        " run_slack_ns = ?33, output_lost = ?34" XB_WHERE_SAMPLE " AND outcome IS NULL",
        XB_CELL_KEY(key), XB_TEXT(end->guest), XB_TEXT(xb_outcome_word(r->outcome)),
        XB_INT(r->status), XB_TEXT(r->detail && r->detail[0] ? r->detail : NULL),
        span(r->release_ns, r->ended_ns), span(r->release_ns + end->late_ns, r->opened_ns),
        XB_INT_IF(end->has_dom0_wall, end->dom0_wall_ns), XB_INT_IF(end->has_run_ns, end->run_ns),
        counted(r->release_ns), counted(r->opened_ns), counted(r->ended_ns), counted(r->user_ns),
        counted(r->system_ns), counted(r->steal_ns), counted(r->idle_ns), counted(r->max_rss_bytes),
        counted(r->minor_faults), counted(r->major_faults), counted(r->voluntary_switches),
        counted(r->involuntary_switches), counted(r->blocks_in), counted(r->blocks_out),
        XB_TEXT(r->clocksource), counted(r->agent_wakeups), counted(r->restores),
        counted(r->frozen_ns), counted(r->stdout_bytes), counted(r->stderr_bytes),
        XB_TEXT(r->clocksource_before[0] ? r->clocksource_before : NULL),
        XB_INT_IF(end->has_run_slack_ns, end->run_slack_ns), XB_INT(r->output_lost));
}

static int put_stream(struct xb_store *store, struct xb_cell_key key, const char *guest,
                      const char *stream, const void *bytes, size_t count, struct xb_err *err)
{
    if (count == 0)
        return 0;
    return xb_store_do(store, err,
                       "INSERT OR REPLACE INTO outputs (run, cell, attempt, guest, stream, bytes)"
                       " VALUES (?, ?, ?, ?, ?, ?)",
                       XB_CELL_KEY(key), XB_TEXT(guest), XB_TEXT(stream), XB_BLOB(bytes, count));
}

static int put_metric(struct xb_store *store, struct xb_cell_key key, const char *guest,
                      const struct xb_metric_value *metric, struct xb_err *err)
{
    return xb_store_do(
        store, err,
        "INSERT OR REPLACE INTO metrics (run, cell, attempt, guest, name, value, unit, better)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        XB_CELL_KEY(key), XB_TEXT(guest), XB_TEXT(metric->name), XB_REAL(metric->value),
        XB_TEXT(metric->unit), XB_TEXT(metric->better));
}

static int put_output(struct xb_store *store, struct xb_cell_key key,
                      const struct xb_sample_output *o, struct xb_err *err)
{
    if (put_stream(store, key, o->guest, "stdout", o->out, o->out_bytes, err) < 0 ||
        put_stream(store, key, o->guest, "stderr", o->errors, o->errors_bytes, err) < 0)
        return -1;
    for (size_t i = 0; i < o->metric_count; i++)
        if (put_metric(store, key, o->guest, &o->metrics[i], err) < 0)
            return -1;
    for (size_t i = 0; i < o->histogram_count; i++)
        if (xb_store_histogram(store, key, o->guest, &o->histograms[i], err) < 0)
            return -1;
    return xb_store_do(store, err, "UPDATE samples SET collected = 1" XB_WHERE_SAMPLE,
                       XB_CELL_KEY(key), XB_TEXT(o->guest));
}

int xb_store_sample_output(struct xb_store *store, struct xb_cell_key key,
                           const struct xb_sample_output *output, struct xb_err *err)
{
    if (xb_store_begin(store, err) < 0)
        return -1;
    if (put_output(store, key, output, err) < 0) {
        xb_store_rollback(store);
        return -1;
    }
    return xb_store_commit(store, err);
}

int xb_store_sample_fit_after(struct xb_store *store, struct xb_cell_key key, const char *guest,
                              const struct xb_clock_fit *fit, struct xb_err *err)
{
    return xb_store_do(
        store, err, "UPDATE samples SET offset_after_ns = ?5, fit_after_ns = ?6" XB_WHERE_SAMPLE,
        XB_CELL_KEY(key), XB_TEXT(guest), XB_INT(fit->offset_ns), XB_INT(fit->error_ns));
}

int xb_store_overlap_run(struct xb_store *store, struct xb_cell_key key, const char *guest,
                         uint64_t run_ns, uint64_t slack_ns, struct xb_err *err)
{
    return xb_store_do(
        store, err,
        "UPDATE samples SET overlap_run_ns = ?5 - start_run_ns, overlap_slack_ns = ?6" XB_WHERE_SAMPLE,
        XB_CELL_KEY(key), XB_TEXT(guest), XB_INT(run_ns), XB_INT(slack_ns));
}

int xb_store_samples_good(struct xb_store *store, const char *run, uint64_t *all, uint64_t *good,
                          struct xb_err *err)
{
    xb_auto_stmt sqlite3_stmt *stmt = NULL;
    if (xb_store_query(
            store, &stmt, err,
            "SELECT count(*), count(*) FILTER (WHERE outcome = 'exited' AND status = 0 AND"
            " (parts.metric IS NULL OR EXISTS (SELECT 1 FROM metrics m WHERE m.run = samples.run"
            " AND m.cell = samples.cell AND m.attempt = samples.attempt AND m.guest = samples.guest"
            " AND m.name = parts.metric)))"
            " FROM samples JOIN cells USING (run, cell, attempt)"
            " JOIN parts ON parts.run = samples.run AND parts.case_no = cells.case_no"
            " AND parts.guest = samples.guest AND parts.role = 'measured'"
            " WHERE samples.run = ? AND cells.state = 'done' AND cells.warmup = 0",
            XB_TEXT(run)) < 0 ||
        xb_store_step(store, stmt, err) < 1)
        return -1;
    *all = (uint64_t)sqlite3_column_int64(stmt, 0);
    *good = (uint64_t)sqlite3_column_int64(stmt, 1);
    return 0;
}
