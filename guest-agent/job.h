/*
 * Jobs: armed, released, ended, fetched, forgotten. The table outlives connections; a job leaves it
 * only by FORGET, or when arming fails.
 */
#ifndef XB_JOB_H
#define XB_JOB_H

#include "counters.h"
#include "frame.h"
#include "gate.h"
#include "input.h"
#include "output.h"
#include "sample.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct xb_agent;
struct xb_poll_set;
struct xb_session;

enum xb_job_phase {
    XB_JOB_ARMING, /* the gate process prepares; ARM is not answered yet */
    XB_JOB_ARMED,
    XB_JOB_RELEASED, /* told when to start */
    XB_JOB_DONE,     /* has a result */
};

/* Why the agent killed the job, if it did. */
enum xb_job_kill { XB_KILL_NONE, XB_KILL_ASKED, XB_KILL_CANCEL, XB_KILL_TIMEOUT };

/* The kernel's and the agent's counters at the release; the result has the differences. */
struct xb_job_start {
    struct xb_cpu_times times;
    uint64_t oom_kills;
    uint64_t wakeups;
    uint64_t frozen_ns;
    uint32_t restores;
    char clocksource[32];
};

struct xb_job {
    uint32_t id;
    struct xb_session *owner; /* the owner; NULL: its controller has left */
    uint32_t told;            /* sessions whose HELLO listed it, as bits: told if nobody owns it */
    enum xb_job_phase phase;
    bool leave; /* its leftover processes live until FORGET */
    bool gone;  /* freed at the end of this turn of the loop */
    char token[XB_TOKEN_MAX + 1];
    char tag[32];
    struct xb_gate gate;
    struct xb_output output;
    struct xb_input input;
    uint64_t promised_bytes; /* memory reserved for its output */
    uint64_t timeout_ns;
    uint64_t deadline_ns; /* monotonic; UINT64_MAX: none */
    enum xb_job_kill kill;
    int kill_signal;
    struct xb_job_start start;
    Xb__Result result; /* valid when done; its strings point into this struct */
    char detail[1024]; /* holds a struct xb_err message */
    char clocksource[32];
    struct xb_counters counters;
};

/* The job with this id, or NULL. */
struct xb_job *xb_job_find(struct xb_agent *agent, uint32_t id);
/* The job whose process this is, or NULL. */
struct xb_job *xb_job_by_pid(struct xb_agent *agent, pid_t pid);

/* Fork the gate of a new job, after checking arm. ARM is answered when the gate is ready. */
int xb_job_arm(struct xb_session *session, uint32_t id, const Xb__Arm *arm, struct xb_err *err);
/* Tell the gate when to open; at_ns 0: now. */
int xb_job_release(struct xb_agent *agent, struct xb_job *job, uint64_t at_ns, struct xb_err *err);
/* Keep an armed job from running; it ends as OUTCOME_CANCELLED. EBUSY if it runs already. */
int xb_job_cancel(struct xb_agent *agent, struct xb_job *job, struct xb_err *err);
/* Forget an ended job and kill its leftover processes. */
void xb_job_forget(struct xb_job *job);
/* Signal its process group; SIGKILL reaches all descendants. */
int xb_job_kill(struct xb_agent *agent, struct xb_job *job, int signal, struct xb_err *err);

/* The job's process ended at ended_ns; it is a zombie, reaped here. */
void xb_job_ended(struct xb_agent *agent, struct xb_job *job, uint64_t ended_ns);

/* What jobs have to wait for. */
void xb_jobs_poll(struct xb_agent *agent, struct xb_poll_set *set);
/* Kill jobs past their time-outs, and send the output that may be sent. */
void xb_jobs_work(struct xb_agent *agent, uint64_t now_ns);
/* Free forgotten jobs. */
void xb_jobs_sweep(struct xb_agent *agent);
/* The controller is gone: nobody owns its jobs now. */
void xb_jobs_disconnected(const struct xb_session *session);
/* Does another connected controller own the job? */
bool xb_job_is_of_another(const struct xb_job *job, const struct xb_session *session);
/* Make this session the job's owner. */
void xb_job_adopt(struct xb_job *job, struct xb_session *session);
/* HELLO lists the job to this session. */
void xb_job_told(struct xb_job *job, const struct xb_session *session);
/* Kill and free every job, because the agent ends. */
void xb_jobs_end(struct xb_agent *agent);

#endif
