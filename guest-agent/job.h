/*
 * Jobs: armed, released, ended, fetched, forgotten. The table is the agent's memory of them, which
 * outlives connections; nothing leaves it but by FORGET, or when arming fails.
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

/* Why we killed it, when we did. */
enum xb_job_kill { XB_KILL_NONE, XB_KILL_ASKED, XB_KILL_CANCEL, XB_KILL_TIMEOUT };

/* The kernel's and the agent's counters at the release; the result holds the differences. */
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
    struct xb_session *owner; /* hears of it; NULL: its controller has gone */
    uint32_t told; /* bits of the sessions whose HELLO listed it: they hear of what nobody owns */
    enum xb_job_phase phase;
    bool leave; /* what it leaves running lives as long as the agent remembers the job */
    bool gone;  /* to be freed at the end of this turn of the loop */
    char token[XB_TOKEN_MAX + 1];
    char tag[32];
    struct xb_gate gate;
    struct xb_output output;
    struct xb_input input;
    uint64_t promised_bytes; /* memory that its output may take */
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

/*
 * Fork the gate of a new job. arm is checked here. The answer to ARM follows when the gate is
 * ready.
 */
int xb_job_arm(struct xb_session *session, uint32_t id, const Xb__Arm *arm, struct xb_err *err);
/* Tell the gate when to open; at_ns 0: now. */
int xb_job_release(struct xb_agent *agent, struct xb_job *job, uint64_t at_ns, struct xb_err *err);
/* Keep an armed job from running; it ends as OUTCOME_CANCELLED. EBUSY when it runs already. */
int xb_job_cancel(struct xb_agent *agent, struct xb_job *job, struct xb_err *err);
/* It has ended and is not needed any more; nor is what it left running. */
void xb_job_forget(struct xb_job *job);
/* A signal for its process group; SIGKILL reaches all its descendants. */
int xb_job_kill(struct xb_agent *agent, struct xb_job *job, int signal, struct xb_err *err);

/* The job's process has ended (it is still a zombie: reap it here) at ended_ns. */
void xb_job_ended(struct xb_agent *agent, struct xb_job *job, uint64_t ended_ns);

/* What jobs have to wait for. */
void xb_jobs_poll(struct xb_agent *agent, struct xb_poll_set *set);
/* Kill what has passed its time-out, send what output may be sent. */
void xb_jobs_work(struct xb_agent *agent, uint64_t now_ns);
/* Free the jobs that are gone. */
void xb_jobs_sweep(struct xb_agent *agent);
/* The controller is gone: its jobs are nobody's. */
void xb_jobs_disconnected(const struct xb_session *session);
/* Is it owned by a controller that is there, and is not this one? */
bool xb_job_is_of_another(const struct xb_job *job, const struct xb_session *session);
/* It is this session's from now on. */
void xb_job_adopt(struct xb_job *job, struct xb_session *session);
/* HELLO lists it to this session. */
void xb_job_told(struct xb_job *job, const struct xb_session *session);
/* Kill every job, and free all: the agent ends. */
void xb_jobs_end(struct xb_agent *agent);

#endif
