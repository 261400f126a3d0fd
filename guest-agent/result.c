/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "result.h"

#include "state.h"
#include "base.h"
#include "rendezvous.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

struct xa_job_start xa_result_start(struct xa_agent *agent)
{
    xa_rendezvous_note_freeze(agent); /* now, so that it counts for the jobs that it interrupted */
    xb_auto_close int stat_fd = xa_cpu_times_open();
    struct xa_job_start start = {
        .times = stat_fd >= 0 ? xa_cpu_times_read(stat_fd) : (struct xa_cpu_times){0},
        .oom_kills = xa_oom_kills(),
        .wakeups = agent->wakeups,
        .frozen_ns = agent->frozen_ns,
        .restores = agent->restores,
    };
    xa_clocksource(start.clocksource, sizeof(start.clocksource));
    return start;
}

static void set_outcome(struct xa_job *job, Xb__Outcome outcome, int status)
{
    job->result.outcome = outcome;
    job->result.status = status;
}

static void describe(struct xa_job *job, const char *detail)
{
    snprintf(job->detail, sizeof(job->detail), "%s", detail);
}

static void judge_signal(struct xa_job *job, int signal, bool memory_ended)
{
    if (job->kill == XA_KILL_TIMEOUT && signal == SIGKILL)
        set_outcome(job, XB__OUTCOME__OUTCOME_TIMEOUT, signal);
    else if (job->kill == XA_KILL_ASKED && signal == job->kill_signal)
        set_outcome(job, XB__OUTCOME__OUTCOME_KILLED, signal);
    else if (signal == SIGKILL && memory_ended)
        set_outcome(job, XB__OUTCOME__OUTCOME_OOM, signal);
    else
        set_outcome(job, XB__OUTCOME__OUTCOME_SIGNALED, signal);
}

static void judge(struct xa_job *job, int status)
{
    const struct xa_gate_page *page = job->gate.page;
    bool memory_ended = xa_oom_kills() > job->start.oom_kills;
    if (job->kill == XA_KILL_CANCEL) {
        set_outcome(job, XB__OUTCOME__OUTCOME_CANCELLED, 0);
    } else if (page->err.class != XB_E_NONE) {
        set_outcome(job, XB__OUTCOME__OUTCOME_EXEC_FAILED, page->err.errnum);
        describe(job, page->err.msg);
    } else if (WIFSIGNALED(status)) {
        judge_signal(job, WTERMSIG(status), memory_ended);
    } else {
        set_outcome(job, XB__OUTCOME__OUTCOME_EXITED, WEXITSTATUS(status));
        if (memory_ended)
            describe(job, "while it ran, the guest's kernel killed a process for lack of memory");
    }
    job->result.output_lost = xa_output_is_full(&job->output);
    if (job->result.output_lost)
        describe(job, "its output filled the memory set aside for it; later writes failed "
                      "with ENOSPC");
}

static uint64_t timeval_ns(struct timeval tv)
{
    return (uint64_t)tv.tv_sec * XB_NS_PER_S + (uint64_t)tv.tv_usec * 1000;
}

static void fill_usage(Xb__Result *result, const struct rusage *usage)
{
    result->user_ns = timeval_ns(usage->ru_utime);
    result->system_ns = timeval_ns(usage->ru_stime);
    result->max_rss_bytes = (uint64_t)usage->ru_maxrss * 1024;
    result->minor_faults = (uint64_t)usage->ru_minflt;
    result->major_faults = (uint64_t)usage->ru_majflt;
    result->voluntary_switches = (uint64_t)usage->ru_nvcsw;
    result->involuntary_switches = (uint64_t)usage->ru_nivcsw;
    result->blocks_in = (uint64_t)usage->ru_inblock;
    result->blocks_out = (uint64_t)usage->ru_oublock;
}

static uint64_t difference(uint64_t now, uint64_t before)
{
    return now > before ? now - before : 0; /* idle time can run backwards: proc(5) */
}

static void fill_counters(struct xa_agent *agent, struct xa_job *job)
{
    struct xa_job_start now = xa_result_start(agent);
    struct xa_cpu_times before = job->gate.page->at_release;
    if (before.idle_ns == 0 && before.steal_ns == 0)
        before = job->start.times; /* the release came too late for the gate to read them */
    job->result.steal_ns = difference(now.times.steal_ns, before.steal_ns);
    job->result.idle_ns = difference(now.times.idle_ns, before.idle_ns);
    job->result.agent_wakeups = now.wakeups - job->start.wakeups;
    job->result.restores = now.restores - job->start.restores;
    job->result.frozen_ns = now.frozen_ns - job->start.frozen_ns;
    snprintf(job->clocksource, sizeof(job->clocksource), "%s", now.clocksource);
}

void xa_result_fill(struct xa_agent *agent, struct xa_job *job, int status,
                    const struct rusage *usage, uint64_t ended_ns)
{
    Xb__Result *result = &job->result;
    result->ended_ns = ended_ns;
    if (atomic_load(&job->gate.page->state) == XA_GATE_OPEN)
        result->opened_ns = job->gate.page->opened_ns;
    judge(job, status);
    fill_usage(result, usage);
    fill_counters(agent, job);
    xa_output_job_ended(&job->output);
    result->stdout_bytes = job->output.streams[XA_STDOUT].written_bytes;
    result->stderr_bytes = job->output.streams[XA_STDERR].written_bytes;
    result->stdout_kept_bytes = xa_output_kept_bytes(&job->output, XA_STDOUT);
    result->stderr_kept_bytes = xa_output_kept_bytes(&job->output, XA_STDERR);
    result->token = job->token;
    result->detail = job->detail;
    result->clocksource = job->clocksource;
    result->clocksource_before = job->start.clocksource;
    result->counters = job->counters.list;
    result->n_counters = xa_counters_read(&job->counters);
}
