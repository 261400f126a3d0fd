/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Jobs: armed, released, ended, fetched, forgotten. The table of jobs outlives connections; a job
 * leaves it only by FORGET, or when arming fails.
 */
#ifndef XA_JOB_H
#define XA_JOB_H

#include "counters.h"
#include "frame.h"
#include "gate.h"
#include "input.h"
#include "output.h"
#include "sample.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct xa_agent;
struct xa_poll_set;
struct xa_session;

enum xa_job_phase {
    XA_JOB_ARMING, /* the gate process prepares; ARM is not answered yet */
    XA_JOB_ARMED,
    XA_JOB_RELEASED, /* the gate knows when to open */
    XA_JOB_DONE,     /* the result is ready */
};

/* Why the agent killed the job, if it did. */
enum xa_job_kill { XA_KILL_NONE, XA_KILL_ASKED, XA_KILL_CANCEL, XA_KILL_TIMEOUT };

/* The kernel's and the agent's counters at the release; the result has the differences. */
struct xa_job_start {
    struct xa_cpu_times times;
    uint64_t oom_kills;
    uint64_t wakeups;
    uint64_t frozen_ns;
    uint32_t restores;
    char clocksource[32];
};

struct xa_job {
    uint32_t id;
    struct xa_session *owner; /* NULL: its controller has left */
    uint32_t told;            /* a bit per session whose HELLO listed it; see send_result */
    enum xa_job_phase phase;
    bool leave; /* its leftover processes live until FORGET */
    bool gone;  /* freed at the end of this turn of the loop */
    char token[XB_TOKEN_MAX + 1];
    char tag[32];
    struct xa_gate gate;
    struct xa_output output;
    struct xa_input input;
    uint64_t promised_bytes; /* memory reserved for its output */
    uint64_t timeout_ns;
    uint64_t deadline_ns; /* monotonic; UINT64_MAX: none */
    enum xa_job_kill kill;
    int kill_signal;
    struct xa_job_start start;
    Xb__Result result; /* valid when done; its strings point into this struct */
    char detail[1024]; /* holds a struct xb_err message */
    char clocksource[32];
    struct xa_counters counters;
};

/* The job with this id, or NULL. */
struct xa_job *xa_job_find(struct xa_agent *agent, uint32_t id);
/* The job whose process this is, or NULL. */
struct xa_job *xa_job_by_pid(struct xa_agent *agent, pid_t pid);

/* Check arm and fork a new job's gate. The answer to ARM follows when the gate is ready. */
int xa_job_arm(struct xa_session *session, uint32_t id, const Xb__Arm *arm, struct xb_err *err);
/* Tell the gate when to open: at_ns on the monotonic clock, or now if 0. */
int xa_job_release(struct xa_agent *agent, struct xa_job *job, uint64_t at_ns, struct xb_err *err);
/* Keep an armed job from running; it ends as OUTCOME_CANCELLED. EBUSY if it runs already. */
int xa_job_cancel(struct xa_agent *agent, struct xa_job *job, struct xb_err *err);
/* Forget an ended job and kill its leftover processes. */
void xa_job_forget(struct xa_job *job);
/* Signal the job's process group; SIGKILL reaches all descendants. */
int xa_job_kill(struct xa_agent *agent, struct xa_job *job, int signal, struct xb_err *err);

/* The job's process ended at ended_ns; it is a zombie, reaped here. */
void xa_job_ended(struct xa_agent *agent, struct xa_job *job, uint64_t ended_ns);

/* Add the jobs' descriptors and deadlines to the set. */
void xa_jobs_poll(struct xa_agent *agent, struct xa_poll_set *set);
/* Kill jobs past their time-outs, and send the output that may be sent. */
void xa_jobs_work(struct xa_agent *agent, uint64_t now_ns);
/* Free forgotten jobs. */
void xa_jobs_sweep(struct xa_agent *agent);
/* The controller is gone: nobody owns its jobs now. */
void xa_jobs_disconnected(const struct xa_session *session);
/* Does another connected controller own the job? */
bool xa_job_is_of_another(const struct xa_job *job, const struct xa_session *session);
/* Make this session the job's owner. */
void xa_job_adopt(struct xa_job *job, struct xa_session *session);
/* Note that HELLO lists the job to this session. */
void xa_job_told(struct xa_job *job, const struct xa_session *session);
/* Kill and free every job, because the agent ends. */
void xa_jobs_end(struct xa_agent *agent);

#endif
