/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kinds of warnings: what plan doubts about an experiment, and what a run finds in its guests,
 * host and cells. The store and `plan --json` name a kind by its code.
 */
#ifndef XB_WARNING_H
#define XB_WARNING_H

#include <stdint.h>

enum xb_severity {
    XB_SEVERITY_NOTE,    /* explains what will be, or was, measured */
    XB_SEVERITY_WARNING, /* a reason to doubt the result */
};

enum xb_warning {
    /* An experiment on its host. */
    XB_NOTE_CAP,
    XB_NOTE_DOM0_SHARES,
    XB_NOTE_DOM0_CROWD,
    XB_NOTE_DOM0_WEIGHT,
    XB_NOTE_LIST_BY_VCPU,
    XB_NOTE_MORE_VCPUS,
    XB_NOTE_OFFLINE,
    XB_NOTE_RUNQUEUES,
    XB_NOTE_SMT,
    XB_WARN_ARINC653_CPUS,
    XB_WARN_ARINC653_UNSET,
    XB_WARN_CAP_UNBOUND,
    XB_WARN_LAB_SMALL,
    XB_WARN_MEMORY,
    XB_WARN_RTDS_CROWD,
    XB_WARN_SMT_SIBLING,
    XB_WARN_WEIGHT_ALONE,
    XB_WARN_WEIGHT_UNBOUND,
    XB_WARN_WEIGHT_UNSURE,
    XB_WARN_WORKLOAD_MISSING,
    /* A guest, or the host, throughout a run. */
    XB_NOTE_CPU_TIME,
    XB_WARN_AGENT_ENDS_PREPARE,
    XB_WARN_GUEST_LEFT_OUT,
    XB_WARN_HOST_CHANGED, /* about a fact of the host */
    XB_WARN_IMAGE_CHANGED,
    XB_WARN_NETWORK,
    XB_WARN_NOT_SETTLED,
    XB_WARN_OTHER_JOB,
    /* A cell. */
    XB_WARN_AGENT_WAKEUPS,
    XB_WARN_BACKGROUND_FAILED,
    XB_WARN_CLOCK_RATE,
    XB_WARN_CLOCKS_DIFFER,
    XB_WARN_CLOCKSOURCE_CHANGED,
    XB_WARN_CONTROLLER_WAKEUPS,
    XB_WARN_CPU_TIME_DIFFERS,
    XB_WARN_DOM0_SHORT,
    XB_WARN_EVENT_STORM,
    XB_WARN_GUEST_LOST,
    XB_WARN_HOOK_AFTER,
    XB_WARN_HOOK_BEFORE,
    XB_WARN_METRIC, /* about a metric */
    XB_WARN_OUTPUT_LOST,
    XB_WARN_OUTPUT_MISSING,
    XB_WARN_RELEASE_ERROR,
    XB_WARN_SETTINGS_AT_END,
    XB_WARN_SETTINGS_AT_START,
    XB_WARN_TRACE_DIFFERS,
    XB_WARN_TRACE_FULL,
    XB_WARN_TRACE_LOST,
    XB_WARNINGS, /* their number */
};

struct xb_warning_kind {
    /* A word for programs. If the kind is about a named subject, the subject's name follows it. */
    const char *code;
    enum xb_severity severity;
    /* For reports: what has happened in some cells, and what to do about it; NULL: see messages. */
    const char *what, *advice;
};
extern const struct xb_warning_kind xb_warning_kinds[XB_WARNINGS];

/* The severity of a stored code, which another version of xenbench may have written. */
enum xb_severity xb_warning_severity(const char *code);

/* The kind of a stored code; NULL for a metric's name, and for a later version's code. */
const struct xb_warning_kind *xb_warning_kind_of(const char *code);

/* The subject of a warning; -1 and NULL where a member does not apply. */
struct xb_about {
    int64_t case_no, cell;
    const char *guest;
    const char *name; /* of the host's fact or of the metric */
};
#define XB_ABOUT_RUN ((struct xb_about){.case_no = -1, .cell = -1})
#define XB_ABOUT_GUEST(g) ((struct xb_about){.case_no = -1, .cell = -1, .guest = (g)})

#endif
