/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace_events.h"

#include "alloc.h"
#include "base.h"
#include "files.h"
#include "trace_about.h"

#include <inttypes.h>

#define PID_CPUS 1u

static const char *const state_words[] = {
    [XB_RUNNING] = "running", [XB_RUNNABLE] = "runnable", [XB_BLOCKED] = NULL,
    [XB_OFFLINE] = "offline", [XB_RUNSTATES] = "unknown",
};

/* Perfetto reserves 0, and thread ids must be unique across processes. */
static uint32_t pid_of(uint16_t domid)
{
    return PID_CPUS + 1 + domid;
}

static uint32_t tid_of(uint16_t domid, uint32_t number)
{
    return ((uint32_t)domid << 16) + number + 1;
}

/* The idle domain's thread ids are free, and stand for the CPUs. */
static uint32_t tid_of_cpu(uint32_t pcpu)
{
    return tid_of(XB_DOMID_IDLE, pcpu);
}

static void begin_event(struct xb_trace_events *e)
{
    fputs(e->begun ? ",\n" : "{\"displayTimeUnit\": \"ns\", \"traceEvents\": [\n", e->out);
    e->begun = true;
}

/* Write text as a JSON string. */
static void put_string(struct xb_trace_events *e, const char *text)
{
    xb_auto_json json_t *json = xb_need(json_string(text));
    json_dumpf(json, e->out, JSON_ENCODE_ANY);
}

/* "web, vcpu 0", or "d5v0" where the domain's name is not known. */
static void put_vcpu(struct xb_trace_events *e, uint16_t domid, uint16_t vcpu)
{
    const char *name = xb_trace_about_name(e->about, domid);
    xb_auto_free char *text =
        name ? xb_asprintf("%s, vcpu %u", name, vcpu) : xb_asprintf("d%uv%u", domid, vcpu);
    put_string(e, text);
}

/* The times of an event, in microseconds. */
static void put_span(struct xb_trace_events *e, const struct xb_trace_slice *s)
{
    uint64_t length = s->to_ns - s->from_ns;
    fprintf(e->out, "\"ts\": %" PRIu64 ".%03u, \"dur\": %" PRIu64 ".%03u}", s->from_ns / 1000,
            (unsigned)(s->from_ns % 1000), length / 1000, (unsigned)(length % 1000));
}

void xb_trace_events_slice(void *arg, const struct xb_trace_slice *s)
{
    struct xb_trace_events *e = arg;
    if (s->domid == XB_DOMID_IDLE || !state_words[s->state])
        return; /* a gap says the same */
    begin_event(e);
    fprintf(e->out,
            "{\"ph\": \"X\", \"cat\": \"vcpu\", \"name\": \"%s\", \"pid\": %u, \"tid\": %u, ",
            state_words[s->state], pid_of(s->domid), tid_of(s->domid, s->vcpu));
    if (s->state == XB_RUNNING)
        fprintf(e->out, "\"args\": {\"cpu\": %u}, ", s->pcpu);
    put_span(e, s);
    if (s->state != XB_RUNNING)
        return;
    begin_event(e);
    fprintf(e->out,
            "{\"ph\": \"X\", \"cat\": \"cpu\", \"pid\": %u, \"tid\": %u, \"name\": ", PID_CPUS,
            tid_of_cpu(s->pcpu));
    put_vcpu(e, s->domid, s->vcpu);
    fputs(", ", e->out);
    put_span(e, s);
}

static void put_name(struct xb_trace_events *e, const char *what, uint32_t pid, uint32_t tid,
                     const char *name)
{
    begin_event(e);
    fprintf(e->out,
            "{\"ph\": \"M\", \"name\": \"%s\", \"pid\": %u, \"tid\": %u, \"args\": {\"name\": ",
            what, pid, tid);
    put_string(e, name);
    fputs("}}", e->out);
}

static void name_vcpu(struct xb_trace_events *e, const struct xb_trace_vcpu *v, bool first)
{
    char name[32];
    const char *known = xb_trace_about_name(e->about, v->domid);
    uint32_t pid = pid_of(v->domid), tid = tid_of(v->domid, v->vcpu);
    snprintf(name, sizeof(name), v->domid ? "domain %u" : "Domain-%u", v->domid);
    if (first)
        put_name(e, "process_name", pid, tid, known ? known : name);
    snprintf(name, sizeof(name), "vcpu %u", v->vcpu);
    put_name(e, "thread_name", pid, tid, name);
}

void xb_trace_events_end(struct xb_trace_events *e, const struct xb_trace_sum *sum)
{
    char name[24];
    put_name(e, "process_name", PID_CPUS, tid_of_cpu(0), "CPUs");
    for (uint32_t cpu = 0; cpu < sum->pcpu_count; cpu++) {
        snprintf(name, sizeof(name), "CPU %u", cpu);
        put_name(e, "thread_name", PID_CPUS, tid_of_cpu(cpu), name);
    }
    for (size_t i = 0; i < sum->vcpu_count; i++)
        if (sum->vcpus[i].domid != XB_DOMID_IDLE)
            name_vcpu(e, &sum->vcpus[i], i == 0 || sum->vcpus[i - 1].domid != sum->vcpus[i].domid);
    fputs("\n]}\n", e->out);
}
