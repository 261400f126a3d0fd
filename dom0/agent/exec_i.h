/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The internals of `xenbench exec`, shared by exec*.c alone. */
#ifndef XB_EXEC_I_H
#define XB_EXEC_I_H

#include "base.h"
#include "exec.h"
#include "guest_output.h"
#include "rawterm.h"

/* Credit for a guest's output: no more than its agent keeps for a lost connection. */
#define XB_EXEC_WINDOW_BYTES (128 * XB_KIB)
/* How much of each stream --json keeps. */
#define XB_EXEC_CAPTURE_BYTES XB_MIB
/* Prefix of the tokens of exec's jobs. */
#define XB_EXEC_TOKEN "exec-"
/* How long to wait for the results of killed commands, unless the user waits. */
#define XB_EXEC_KILL_GRACE_NS (10 * XB_NS_PER_S)
/*
 * How long all guests together may take to answer once the user wants exec to end. Ending the
 * connections takes up to 0.3 s more, so that exec ends within two seconds.
 */
#define XB_EXEC_LEAVE_NS (1500 * XB_NS_PER_MS)

struct xb_exec_capture {
    char *text;
    size_t bytes;
    bool cut;
};

/* How much of our input a guest's agent has, as offsets from the start of the input. */
struct xb_exec_fed {
    bool ready;  /* on this connection, its agent has said how much it has */
    bool closed; /* the command reads no more */
    bool eof_sent;
    uint64_t sent_bytes, have_bytes, until;
};

/* After a signal: does the agent still answer (exec_alive.c)? */
struct xb_exec_alive {
    bool watched;
    uint64_t asked_ns;    /* when the PING was sent that has no answer yet; 0: there is none */
    uint64_t patience_ns; /* how long to wait for its answer */
    uint64_t next_ns;     /* when to send the next */
};

struct xb_exec_guest {
    const char *name;
    struct xb_agent *agent;
    uint32_t job_id;
    struct xb_clock_fit clock;
    bool armed, released, has_result;
    bool done;   /* nothing more is expected of it */
    bool failed; /* done without a result or all output; err says why */
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
    struct xb_exec_alive alive;
};

/* The commands' input. The window holds bytes [base, end), which some guest still lacks. */
struct xb_exec_input {
    int fd;         /* -1: none */
    bool own_stdin; /* fd is our stdin, not a file that we opened */
    bool eof;
    uint8_t *window; /* a ring of XB_INPUT_WINDOW_BYTES */
    uint64_t base, end;
};

/* Our terminal, if the command has one too. */
struct xb_exec_terminal {
    struct xb_rawterm raw;
    int signal_fd; /* SIGWINCH and SIGCONT; -1: no terminal */
    enum { XB_TYPED_ENTER, XB_TYPED_TILDE, XB_TYPED_OTHER } typed; /* for Enter ~ . */
};

struct xb_exec {
    const struct xb_exec_options *options;
    struct xb_exec_guest *guests;
    struct xb_agent **agents; /* the guests' agents, for waits; NULL once the guest is done */
    size_t count, left;
    char token[XB_TOKEN_MAX + 1];
    struct xb_exec_input input;
    struct xb_exec_terminal terminal;
    int signal_fd; /* from xb_interrupt_open; -1: the next signal ends us */
    bool stop;
    bool broken_pipe;
    bool killed;           /* we have killed the commands */
    int signal;            /* the signal that was passed on or ended exec; 0: none */
    uint64_t signalled_ns; /* when that was, or when exec failed; 0: never */
    uint64_t deadline_ns;
};

/* exec_guest.c: one guest's share of exec. */
void xb_exec_guest_init(struct xb_exec *exec, struct xb_exec_guest *g, const char *name);
void xb_exec_guest_clear(struct xb_exec_guest *g);
/* exec_guest.c: the guest is done without a result or all output. */
void xb_exec_guest_failed(struct xb_exec *exec, struct xb_exec_guest *g, const char *what);
void xb_exec_guest_done(struct xb_exec *exec, struct xb_exec_guest *g);

/* exec_events.c: the callbacks of xb_agents_wait; arg is the struct xb_exec. */
int xb_exec_message(void *arg, struct xb_agent *agent, const struct xb_msg *msg,
                    struct xb_err *err);
int xb_exec_ready(void *arg, struct xb_agent *agent, struct xb_err *err);
int xb_exec_lost(void *arg, struct xb_agent *agent, const struct xb_err *why, struct xb_err *err);

/* exec_input.c: open the commands' input, if there is any. */
int xb_exec_input_open(struct xb_exec *exec, struct xb_err *err);
void xb_exec_input_close(struct xb_exec *exec);
/* exec_input.c: fail if an agent is too old to take input. */
int xb_exec_input_check(const struct xb_exec *exec, struct xb_err *err);
/* exec_input.c: for xb_agents_wait; arg is the struct xb_exec. */
int xb_exec_input_fd(void *arg);
int xb_exec_input_readable(void *arg, struct xb_err *err);
/* exec_input.c: an agent reported how much it has; a connection is back, so ask the agent. */
void xb_exec_input_accepted(struct xb_exec *exec, struct xb_exec_guest *g,
                            const Xb__Accept *accept);
void xb_exec_input_resume(struct xb_exec *exec, struct xb_exec_guest *g);

/* exec_terminal.c: with -t, make our terminal raw; restore it (a no-op if it was not raw). */
int xb_exec_terminal_open(struct xb_exec *exec, struct xb_err *err);
void xb_exec_terminal_close(struct xb_exec *exec);
/* exec_terminal.c: fill ARM's terminal with the size of ours. */
void xb_exec_terminal_fill(Xb__Terminal *out);
/* exec_terminal.c: send the guest the size of our terminal. */
void xb_exec_terminal_tell(struct xb_exec *exec);
/* exec_terminal.c: for xb_agents_wait; arg is the struct xb_exec. */
int xb_exec_terminal_fd(void *arg);
int xb_exec_terminal_event(void *arg, struct xb_err *err);
/* exec_terminal.c: was Enter ~ . typed? It is for us and ends exec. */
bool xb_exec_terminal_leaves(struct xb_exec_terminal *terminal, const uint8_t *data, size_t bytes);

/* exec.c: ask all guests at once; each ask is for the guest of the same index. */
void xb_exec_ask(struct xb_exec *exec, struct xb_ask *asks, uint64_t timeout_ns);

/* exec_alive.c: from now on, the guest is done once its agent leaves a PING unanswered. */
void xb_exec_alive_watch(const struct xb_exec *exec, struct xb_exec_guest *g);
/* exec_alive.c: the PONG has come. */
void xb_exec_alive_answered(struct xb_exec *exec, struct xb_exec_guest *g);
/* exec_alive.c: the reader of our output took this time, which is not the agents'. */
void xb_exec_alive_reader_took(struct xb_exec *exec, uint64_t from_ns, uint64_t to_ns);
/* exec_alive.c: is the connection lost so soon after a signal that nobody should wait for it? */
bool xb_exec_alive_leaves(const struct xb_exec *exec, const struct xb_exec_guest *g);
/* exec_alive.c: when xb_exec_alive_look has something to do; UINT64_MAX: never. */
uint64_t xb_exec_alive_due_ns(const struct xb_exec *exec);
void xb_exec_alive_look(struct xb_exec *exec, uint64_t now_ns);

/* exec_signals.c: pass a pending signal on, or kill. True if output should still be written. */
bool xb_exec_signal(void *exec);
/* exec_signals.c: kill the commands now and wait up to grace_ns for their results. */
void xb_exec_kill(struct xb_exec *exec, uint64_t grace_ns);
/* exec_signals.c: after a failure, cancel jobs that are armed and kill those that run. */
void xb_exec_call_off(struct xb_exec *exec);

/* exec_guest.c: print the results (--json) and final remarks; returns the exit status. */
int xb_exec_finish(struct xb_exec *exec);

#endif
