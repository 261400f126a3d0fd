/*
 * The inside of `xenbench exec`, shared by dom0/exec*.c alone.
 */
#ifndef XB_EXEC_I_H
#define XB_EXEC_I_H

#include "exec.h"
#include "guest_output.h"
#include "rawterm.h"

/* Output that a guest may have under way: no more than its agent keeps for a lost connection. */
#define XB_EXEC_WINDOW_BYTES (128 * 1024)
/* What --json keeps of each stream. */
#define XB_EXEC_CAPTURE_BYTES (1024 * 1024)
/* How the tokens of exec's jobs begin. */
#define XB_EXEC_TOKEN "exec-"
/* For killed commands to be told of. */
#define XB_EXEC_KILL_GRACE_NS (10 * XB_NS_PER_S)

struct xb_exec_capture {
    char *text;
    size_t bytes;
    bool cut;
};

/* How far the command of a guest has our input. Offsets count from its start. */
struct xb_exec_fed {
    bool ready;  /* its agent has said where it stands, in this connection */
    bool closed; /* it reads no more */
    bool eof_sent;
    uint64_t sent_bytes, have_bytes, until;
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
    struct xb_exec_fed fed;
};

/* What the commands read: a window over bytes [base, end), what some guest does not have yet. */
struct xb_exec_input {
    int fd;         /* -1: none */
    bool own_stdin; /* fd is our stdin, not a file of ours */
    bool eof;
    uint8_t *window; /* a ring of XB_INPUT_WINDOW_BYTES */
    uint64_t base, end;
};

/* Our terminal, where the command has one too. */
struct xb_exec_terminal {
    struct xb_rawterm raw;
    int signal_fd; /* another size, or we go on after a stop; -1: no terminal */
    enum { XB_TYPED_ENTER, XB_TYPED_TILDE, XB_TYPED_OTHER } typed; /* for Enter ~ . */
};

struct xb_exec {
    const struct xb_exec_options *options;
    struct xb_exec_guest *guests;
    struct xb_agent **agents; /* of the same guests, for waits; NULL where done */
    size_t count, left;
    char token[XB_TOKEN_MAX + 1];
    struct xb_exec_input input;
    struct xb_exec_terminal terminal;
    int signal_fd; /* of xb_interrupt_open; -1: the next signal ends us */
    bool stop;
    bool broken_pipe;
    bool killed; /* we have killed the commands */
    int signal;  /* that was passed on, or ended it; 0: none */
    uint64_t deadline_ns;
};

/* exec_guest.c: one guest's part. */
void xb_exec_guest_init(struct xb_exec *exec, struct xb_exec_guest *g, const char *name);
void xb_exec_guest_clear(struct xb_exec_guest *g);
/* exec_guest.c: it is done and has no result. */
void xb_exec_guest_failed(struct xb_exec *exec, struct xb_exec_guest *g, const char *what);
void xb_exec_guest_done(struct xb_exec *exec, struct xb_exec_guest *g);

/* exec_events.c: the callbacks of xb_agents_wait; arg is the struct xb_exec. */
int xb_exec_message(void *arg, struct xb_agent *agent, const struct xb_msg *msg,
                    struct xb_err *err);
int xb_exec_ready(void *arg, struct xb_agent *agent, struct xb_err *err);
int xb_exec_lost(void *arg, struct xb_agent *agent, const struct xb_err *why, struct xb_err *err);

/* exec_input.c: open what the commands shall read; nothing where there is none. */
int xb_exec_input_open(struct xb_exec *exec, struct xb_err *err);
void xb_exec_input_close(struct xb_exec *exec);
/* exec_input.c: the agents can take it? */
int xb_exec_input_check(const struct xb_exec *exec, struct xb_err *err);
/* exec_input.c: for xb_agents_wait; arg is the struct xb_exec. */
int xb_exec_input_fd(void *arg);
int xb_exec_input_readable(void *arg, struct xb_err *err);
/* exec_input.c: an agent says how far it is; a connection is back: ask it. */
void xb_exec_input_accepted(struct xb_exec *exec, struct xb_exec_guest *g,
                            const Xb__Accept *accept);
void xb_exec_input_resume(struct xb_exec *exec, struct xb_exec_guest *g);

/* exec_terminal.c: with -t, make our terminal raw; put it back, also where it was never raw. */
int xb_exec_terminal_open(struct xb_exec *exec, struct xb_err *err);
void xb_exec_terminal_close(struct xb_exec *exec);
/* exec_terminal.c: what ARM says of it, of the size that ours has. */
void xb_exec_terminal_fill(Xb__Terminal *out);
/* exec_terminal.c: tell the guest the size of ours. */
void xb_exec_terminal_tell(struct xb_exec *exec);
/* exec_terminal.c: for xb_agents_wait; arg is the struct xb_exec. */
int xb_exec_terminal_fd(void *arg);
int xb_exec_terminal_event(void *arg, struct xb_err *err);
/* exec_terminal.c: true where Enter ~ . was typed, which is for us and ends it. */
bool xb_exec_terminal_leaves(struct xb_exec_terminal *terminal, const uint8_t *data, size_t bytes);

/* exec_signals.c: a signal may have come: pass it on, or kill; true where output still counts. */
bool xb_exec_signal(void *exec);
/* exec_signals.c: kill the commands, at once, with grace_ns for their end to be told. */
void xb_exec_kill(struct xb_exec *exec, uint64_t grace_ns);
/* exec_signals.c: the way out of a start that failed: what is armed must not stay. */
void xb_exec_call_off(struct xb_exec *exec);

/* exec_guest.c: tell what is to be told at the end; the exit status. */
int xb_exec_finish(struct xb_exec *exec);

#endif
