#include "warning.h"

#include <string.h>

/* docs/store.md promises that notes can be told by this. */
#define NOTE "note-"

const struct xb_warning_kind xb_warning_kinds[XB_WARNINGS] = {
    [XB_NOTE_CAP] = {"note-cap", XB_SEVERITY_NOTE},
    [XB_NOTE_DOM0_SHARES] = {"note-dom0-shares", XB_SEVERITY_NOTE},
    [XB_NOTE_DOM0_WEIGHT] = {"note-dom0-weight", XB_SEVERITY_NOTE},
    [XB_NOTE_LIST_BY_VCPU] = {"note-list-by-vcpu", XB_SEVERITY_NOTE},
    [XB_NOTE_MORE_VCPUS] = {"note-more-vcpus", XB_SEVERITY_NOTE},
    [XB_NOTE_OFFLINE] = {"note-offline", XB_SEVERITY_NOTE},
    [XB_NOTE_RUNQUEUES] = {"note-runqueues", XB_SEVERITY_NOTE},
    [XB_NOTE_SMT] = {"note-smt", XB_SEVERITY_NOTE},
    [XB_WARN_ARINC653_CPUS] = {"arinc653-cpus", XB_SEVERITY_WARNING},
    [XB_WARN_ARINC653_UNSET] = {"arinc653-unset", XB_SEVERITY_WARNING},
    [XB_WARN_CAP_UNBOUND] = {"cap-unbound", XB_SEVERITY_WARNING},
    [XB_WARN_LAB_SMALL] = {"lab-small", XB_SEVERITY_WARNING},
    [XB_WARN_MEMORY] = {"memory", XB_SEVERITY_WARNING},
    [XB_WARN_RTDS_CROWD] = {"rtds-crowd", XB_SEVERITY_WARNING},
    [XB_WARN_SMT_SIBLING] = {"smt-sibling", XB_SEVERITY_WARNING},
    [XB_WARN_WEIGHT_ALONE] = {"weight-alone", XB_SEVERITY_WARNING},
    [XB_WARN_WEIGHT_UNBOUND] = {"weight-unbound", XB_SEVERITY_WARNING},
    [XB_WARN_WEIGHT_UNSURE] = {"weight-unsure", XB_SEVERITY_WARNING},
    [XB_WARN_WORKLOAD_MISSING] = {"workload-missing", XB_SEVERITY_WARNING},
    [XB_NOTE_CPU_TIME] = {"note-cpu-time", XB_SEVERITY_NOTE},
    [XB_WARN_AGENT_ENDS_PREPARE] = {"agent-ends-prepare", XB_SEVERITY_WARNING},
    [XB_WARN_GUEST_LEFT_OUT] = {"guest-left-out", XB_SEVERITY_WARNING},
    [XB_WARN_HOST_CHANGED] = {"host-changed-", XB_SEVERITY_WARNING},
    [XB_WARN_IMAGE_CHANGED] = {"image-changed", XB_SEVERITY_WARNING},
    [XB_WARN_NETWORK] = {"network", XB_SEVERITY_WARNING},
    [XB_WARN_NOT_SETTLED] = {"not-settled", XB_SEVERITY_WARNING},
    [XB_WARN_OTHER_JOB] = {"other-job", XB_SEVERITY_WARNING},
    [XB_WARN_AGENT_WAKEUPS] = {"agent-wakeups", XB_SEVERITY_WARNING},
    [XB_WARN_BACKGROUND_FAILED] = {"background-failed", XB_SEVERITY_WARNING},
    [XB_WARN_CLOCK_RATE] = {"clock-rate", XB_SEVERITY_WARNING},
    [XB_WARN_CLOCKS_DIFFER] = {"clocks-differ", XB_SEVERITY_WARNING},
    [XB_WARN_CLOCKSOURCE_CHANGED] = {"clocksource-changed", XB_SEVERITY_WARNING},
    [XB_WARN_CONTROLLER_WAKEUPS] = {"controller-wakeups", XB_SEVERITY_WARNING},
    [XB_WARN_CPU_TIME_DIFFERS] = {"cpu-time-differs", XB_SEVERITY_WARNING},
    [XB_WARN_DOM0_SHORT] = {"dom0-short", XB_SEVERITY_WARNING},
    [XB_WARN_GUEST_LOST] = {"guest-lost", XB_SEVERITY_WARNING},
    [XB_WARN_HOOK_AFTER] = {"hook-after", XB_SEVERITY_WARNING},
    [XB_WARN_HOOK_BEFORE] = {"hook-before", XB_SEVERITY_WARNING},
    [XB_WARN_METRIC] = {"", XB_SEVERITY_WARNING},
    [XB_WARN_OUTPUT_LOST] = {"output-lost", XB_SEVERITY_WARNING},
    [XB_WARN_OUTPUT_MISSING] = {"output-missing", XB_SEVERITY_WARNING},
    [XB_WARN_RELEASE_ERROR] = {"release-error", XB_SEVERITY_WARNING},
    [XB_WARN_SETTINGS_AT_END] = {"settings-at-end", XB_SEVERITY_WARNING},
    [XB_WARN_SETTINGS_AT_START] = {"settings-at-start", XB_SEVERITY_WARNING},
    [XB_WARN_TRACE_DIFFERS] = {"trace-differs", XB_SEVERITY_WARNING},
    [XB_WARN_TRACE_FULL] = {"trace-full", XB_SEVERITY_WARNING},
    [XB_WARN_TRACE_LOST] = {"trace-lost", XB_SEVERITY_WARNING},
};

enum xb_severity xb_warning_severity(const char *code)
{
    return strncmp(code, NOTE, strlen(NOTE)) == 0 ? XB_SEVERITY_NOTE : XB_SEVERITY_WARNING;
}
