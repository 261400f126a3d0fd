/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When each job ran, as Chrome trace events: a process for each cell, with a thread for each guest.
 * All cells begin at the same time, so that they are drawn one below the other.
 */
#include "alloc.h"
#include "base.h"
#include "json_text.h"
#include "report_formats.h"

#include <math.h>

struct events {
    const struct xb_model *m;
    json_t *list;
    double before_s; /* how long before its cell's release the earliest job began */
};

/* Microseconds from the start of the timeline. */
static double time_us(const struct events *e, double seconds)
{
    return 1e6 * (seconds + e->before_s);
}

static json_t *put_event(struct events *e, const char *phase, json_t *name, uint32_t cell,
                         size_t thread)
{
    /* Perfetto reserves 0, and thread ids must be unique across processes. */
    json_int_t tid =
        (json_int_t)cell * (json_int_t)(e->m->guest_count + 1) + (json_int_t)thread + 1;
    json_t *event = json_pack("{s:s, s:o, s:I, s:I}", "ph", phase, "name", name, "pid",
                              (json_int_t)cell + 1, "tid", tid);
    json_array_append_new(e->list, event);
    return event;
}

/* Name a process or a thread. */
static void put_name(struct events *e, const char *what, json_t *name, uint32_t cell, size_t thread)
{
    json_t *event = put_event(e, "M", json_string(what), cell, thread);
    json_object_set_new(event, "args", json_pack("{s:o}", "name", name));
}

/* Name the job's cell, and draw its release and its overlap. */
static void put_cell(struct events *e, const struct xb_model_job *job)
{
    xb_auto_free char *name =
        xb_asprintf("%s, repetition %u", e->m->cases[job->case_no].name, job->repetition + 1);
    put_name(e, "process_name", xb_json_text(name), job->cell, 0);
    json_t *release = put_event(e, "i", json_string("release"), job->cell, 0);
    json_object_set_new(release, "ts", json_real(time_us(e, 0)));
    json_object_set_new(release, "s", json_string("p"));
    if (!(job->overlap_s > 0))
        return;
    put_name(e, "thread_name", json_string("all jobs run"), job->cell, 0);
    json_t *overlap = put_event(e, "X", json_string("overlap"), job->cell, 0);
    json_object_set_new(overlap, "ts", json_real(time_us(e, 0)));
    json_object_set_new(overlap, "dur", json_real(1e6 * job->overlap_s));
}

static void put_job(struct events *e, const struct xb_model_job *job)
{
    const struct xb_group *group = xb_model_group(e->m, job->case_no, job->guest);
    const char *guest = e->m->guests[job->guest].name;
    put_name(e, "thread_name", xb_json_text(guest), job->cell, job->guest + 1);
    json_t *event = put_event(e, "X", xb_json_text(guest), job->cell, job->guest + 1);
    json_object_set_new(event, "cat", json_string(xb_role_words[group->role]));
    json_object_set_new(event, "ts", json_real(time_us(e, job->start_s)));
    json_object_set_new(event, "dur", json_real(1e6 * (job->end_s - job->start_s)));
    json_object_set_new(event, "args",
                        json_pack("{s:o, s:I}", "case",
                                  xb_json_text(e->m->cases[job->case_no].name), "repetition",
                                  (json_int_t)job->repetition));
}

int xb_report_events_write(const struct xb_report *r, FILE *out, struct xb_err *err XB_UNUSED)
{
    const struct xb_model *m = r->m;
    struct events e = {.m = m, .list = json_array()};
    for (size_t i = 0; i < m->job_count; i++)
        e.before_s = fmax(e.before_s, -m->jobs[i].start_s);
    for (size_t i = 0; i < m->job_count; i++) {
        if (i == 0 || m->jobs[i - 1].cell != m->jobs[i].cell)
            put_cell(&e, &m->jobs[i]);
        put_job(&e, &m->jobs[i]);
    }
    xb_report_dump(json_pack("{s:o, s:s, s:{s:o, s:o}}", "traceEvents", e.list, "displayTimeUnit",
                             "ms", "otherData", "run", xb_json_text(m->run.id), "experiment",
                             xb_json_text(m->run.name)),
                   out);
    return 0;
}
