/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "warning.h"

#include <stdbool.h>
#include <string.h>

/* docs/store.md promises that this prefix marks notes. */
#define NOTE "note-"

const struct xb_warning_kind xb_warning_kinds[XB_WARNINGS] = {
    [XB_NOTE_CAP] = {"note-cap", XB_SEVERITY_NOTE, NULL, NULL},
    [XB_NOTE_DOM0_SHARES] = {"note-dom0-shares", XB_SEVERITY_NOTE, NULL, NULL},
    [XB_NOTE_DOM0_CROWD] = {"note-dom0-crowd", XB_SEVERITY_NOTE, NULL, NULL},
    [XB_NOTE_DOM0_WEIGHT] = {"note-dom0-weight", XB_SEVERITY_NOTE, NULL, NULL},
    [XB_NOTE_LIST_BY_VCPU] = {"note-list-by-vcpu", XB_SEVERITY_NOTE, NULL, NULL},
    [XB_NOTE_MORE_VCPUS] = {"note-more-vcpus", XB_SEVERITY_NOTE, NULL, NULL},
    [XB_NOTE_OFFLINE] = {"note-offline", XB_SEVERITY_NOTE, NULL, NULL},
    [XB_NOTE_RUNQUEUES] = {"note-runqueues", XB_SEVERITY_NOTE, NULL, NULL},
    [XB_NOTE_SMT] = {"note-smt", XB_SEVERITY_NOTE, NULL, NULL},
    [XB_WARN_ARINC653_CPUS] = {"arinc653-cpus", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_WARN_ARINC653_UNSET] = {"arinc653-unset", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_WARN_CAP_UNBOUND] = {"cap-unbound", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_WARN_LAB_SMALL] = {"lab-small", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_WARN_MEMORY] = {"memory", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_WARN_RTDS_CROWD] = {"rtds-crowd", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_WARN_SMT_SIBLING] = {"smt-sibling", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_WARN_WEIGHT_ALONE] = {"weight-alone", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_WARN_WEIGHT_UNBOUND] = {"weight-unbound", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_WARN_WEIGHT_UNSURE] = {"weight-unsure", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_WARN_WORKLOAD_MISSING] = {"workload-missing", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_NOTE_CPU_TIME] = {"note-cpu-time", XB_SEVERITY_NOTE, NULL, NULL},
    [XB_WARN_AGENT_ENDS_PREPARE] = {"agent-ends-prepare", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_WARN_GUEST_LEFT_OUT] = {"guest-left-out", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_WARN_HOST_CHANGED] = {"host-changed-", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_WARN_IMAGE_CHANGED] = {"image-changed", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_WARN_NETWORK] = {"network", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_WARN_NOT_SETTLED] = {"not-settled", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_WARN_OTHER_JOB] = {"other-job", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_WARN_AGENT_WAKEUPS] = {"agent-wakeups", XB_SEVERITY_WARNING,
                               "An agent was woken more often than its budget",
                               "Let nothing talk to the guests while jobs run"},
    [XB_WARN_BACKGROUND_FAILED] = {"background-failed", XB_SEVERITY_WARNING,
                                   "Background load did not run",
                                   "Try its command in the guest with `xenbench exec`"},
    [XB_WARN_CLOCK_RATE] =
        {"clock-rate", XB_SEVERITY_WARNING, "A guest's clock ran faster or slower than Dom0's",
         "Compare the guest's clocksource and `tsc_mode`, and go by Dom0's clock"},
    [XB_WARN_CLOCKS_DIFFER] =
        {"clocks-differ", XB_SEVERITY_WARNING, "A guest and Dom0 disagree on how long a job took",
         "Compare the guest's clocksource and `tsc_mode`, and go by Dom0's clock"},
    [XB_WARN_CLOCKSOURCE_CHANGED] = {"clocksource-changed", XB_SEVERITY_WARNING,
                                     "A guest changed its clocksource while its job ran",
                                     "Fix the clocksource on the guest's kernel command line"},
    [XB_WARN_CONTROLLER_WAKEUPS] = {"controller-wakeups", XB_SEVERITY_WARNING,
                                    "The controller was woken more often than its budget",
                                    "Run nothing else in Dom0 while jobs run"},
    [XB_WARN_CPU_TIME_DIFFERS] = {"cpu-time-differs", XB_SEVERITY_WARNING,
                                  "A job claims more CPU time than Xen gave its guest",
                                  "Go by Xen's figure"},
    [XB_WARN_DOM0_SHORT] =
        {"dom0-short", XB_SEVERITY_WARNING, "Dom0 was short of CPU",
         "Give Dom0 CPUs of its own (`hard` of `dom0`, and of the guests to keep them "
         "off), or run less in it"},
    [XB_WARN_EVENT_STORM] =
        {"event-storm", XB_SEVERITY_WARNING,
         "A guest woke Dom0 without a message, more often than is allowed",
         "Find out what in the guest rings the agent's event channel, or leave it out"},
    [XB_WARN_GUEST_LOST] = {"guest-lost", XB_SEVERITY_WARNING, "A guest was lost",
                            "The guest's console shows how it ended"},
    [XB_WARN_HOOK_AFTER] = {"hook-after", XB_SEVERITY_WARNING, "The hook `after` failed",
                            "Try its command in a shell"},
    [XB_WARN_HOOK_BEFORE] = {"hook-before", XB_SEVERITY_WARNING, "The hook `before` failed",
                             "Try its command in a shell"},
    [XB_WARN_METRIC] = {"", XB_SEVERITY_WARNING, NULL, NULL},
    [XB_WARN_OUTPUT_LOST] = {"output-lost", XB_SEVERITY_WARNING,
                             "A job wrote more than the guest keeps",
                             "Let the job write less, or to a file in the guest"},
    [XB_WARN_OUTPUT_MISSING] = {"output-missing", XB_SEVERITY_WARNING,
                                "A job's output could not be fetched", NULL},
    [XB_WARN_RELEASE_ERROR] = {"release-error", XB_SEVERITY_WARNING,
                               "The guests' jobs may not have started together",
                               "Leave Dom0 more CPU time, or raise `max_release_error`"},
    [XB_WARN_SETTINGS_AT_END] = {"settings-at-end", XB_SEVERITY_WARNING,
                                 "A setting was not as asked when the window closed",
                                 "Look for what else changes settings, such as `xl` in a hook"},
    [XB_WARN_SETTINGS_AT_START] =
        {"settings-at-start", XB_SEVERITY_WARNING,
         "A setting was not as asked when the window opened",
         "Look for what else changes settings, and whether this Xen supports this one"},
    [XB_WARN_TRACE_DIFFERS] = {"trace-differs", XB_SEVERITY_WARNING,
                               "Xen's trace and Xen's own counts disagree",
                               "Do not rely on the trace of these cells"},
    [XB_WARN_TRACE_FULL] = {"trace-full", XB_SEVERITY_WARNING,
                            "The trace does not hold the whole window",
                            "Give Dom0 more memory, or shorten the jobs"},
    [XB_WARN_TRACE_LOST] = {"trace-lost", XB_SEVERITY_WARNING, "Xen dropped records of the trace",
                            "Shorten the jobs, or leave Dom0 more CPU time"},
};

enum xb_severity xb_warning_severity(const char *code)
{
    return strncmp(code, NOTE, strlen(NOTE)) == 0 ? XB_SEVERITY_NOTE : XB_SEVERITY_WARNING;
}

const struct xb_warning_kind *xb_warning_kind_of(const char *code)
{
    for (size_t i = 0; i < XB_WARNINGS; i++) {
        const char *own = xb_warning_kinds[i].code;
        size_t length = strlen(own);
        bool about_name = length > 0 && own[length - 1] == '-';
        if (about_name ? strncmp(code, own, length) == 0 : length > 0 && strcmp(code, own) == 0)
            return &xb_warning_kinds[i];
    }
    return NULL;
}
