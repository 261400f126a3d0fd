/*
 * The inside of `xenbench exec`, shared by dom0/exec*.c alone.
 */
#ifndef XB_EXEC_I_H
#define XB_EXEC_I_H

#include "exec.h"
#include "guest_output.h"

/* Output that a guest may have under way: no more than its agent keeps for a lost connection. */
#define XB_EXEC_WINDOW_BYTES (128 * 1024)
/* What --json keeps of each stream. */
#define XB_EXEC_CAPTURE_BYTES (1024 * 1024)
/* How the tokens of exec's jobs begin. */
#define XB_EXEC_TOKEN "exec-"

struct xb_exec_capture {
    char *text;
    size_t bytes;
    bool cut;
};

struct xb_exec_guest {
    const char *name;
    struct xb_agent *agent;
    uint32_t job_id;
    struct xb_clock_fit clock;
    bool armed, released, has_result;
    bool done;      /* nothing more is wanted of it */
    bool failed;    /* done, and without a result: err says why */
    bool returning; /* lost, and looked for */
    struct xb_err err;
    int status;
    json_t *result; /* with --json */
    char remark[640];
    /* Indexed by stream - 1. */
    struct xb_guest_output out[2];
    struct xb_exec_capture capture[2];
    uint64_t seen_bytes[2];
    bool eof[2];
    uint64_t unpaid_bytes;
};

struct xb_exec {
    const struct xb_exec_options *options;
    struct xb_exec_guest *guests;
    struct xb_agent **agents; /* of the same guests, for waits; NULL where done */
    size_t count, left;
    char token[XB_TOKEN_MAX + 1];
    int stdin_fd;         /* a file to push, or -1 */
    char stdin_path[128]; /* where it is in the guests; empty: none */
    int stop_fd;
    bool stop;
    bool broken_pipe;
    int signal; /* that ended it, 0: none */
    uint64_t deadline_ns;
};

/* exec_guest.c: one guest's part. */
void xb_exec_guest_init(struct xb_exec *exec, struct xb_exec_guest *g, const char *name);
void xb_exec_guest_clear(struct xb_exec_guest *g);

/* exec_events.c: the callbacks of xb_agents_wait; arg is the struct xb_exec. */
int xb_exec_message(void *arg, struct xb_agent *agent, const struct xb_msg *msg,
                    struct xb_err *err);
int xb_exec_ready(void *arg, struct xb_agent *agent, struct xb_err *err);
int xb_exec_lost(void *arg, struct xb_agent *agent, const struct xb_err *why, struct xb_err *err);

/*
 * exec_stdin.c: make a file of what the command shall read; copy it into a guest. Nothing where
 * there is none.
 */
int xb_exec_open_stdin(struct xb_exec *exec, struct xb_err *err);
int xb_exec_push_stdin(struct xb_exec *exec, struct xb_agent *agent, struct xb_err *err);

/* exec_guest.c: tell what is to be told at the end; the exit status. */
int xb_exec_finish(struct xb_exec *exec);

#endif
