/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `xenbench exec`: connects, arms the command in all guests, releases it, follows it to its end. */
#include "alloc.h"
#include "exec_i.h"

#include "agent_json.h"
#include "base.h"
#include "interrupt.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define ARM_TIMEOUT_NS (30 * XB_NS_PER_S)
#define END_TIMEOUT_NS (5 * XB_NS_PER_S)
#define CLOCK_PINGS 20
/* The most that xb_clocks_lead_ns may return. */
#define TOGETHER_LEAD_NS (200 * XB_NS_PER_MS)
/* The time after the job's own time-out for the agent to kill the job and report. */
#define TIMEOUT_GRACE_NS (30 * XB_NS_PER_S)

static void make_token(char token[XB_TOKEN_MAX + 1])
{
    uint64_t random = 0;
    if (getrandom(&random, sizeof(random), 0) != sizeof(random))
        random = xb_now_ns();
    snprintf(token, XB_TOKEN_MAX + 1, XB_EXEC_TOKEN "%d-%016" PRIx64, (int)getpid(), random);
}

static ProtobufCBinaryData bytes_of(const char *text)
{
    return (ProtobufCBinaryData){.len = text ? strlen(text) : 0, .data = (uint8_t *)text};
}

/* A list of texts as the schema needs it; the caller frees *out. */
static int bytes_list(char *const *texts, ProtobufCBinaryData **out, size_t *count,
                      struct xb_err *err)
{
    *count = 0;
    while (texts && texts[*count])
        ++*count;
    if (*count > XB_ARGS_MAX)
        return xb_fail(err, XB_E_INPUT, 0, "%zu arguments or variables, the limit is %d", *count,
                       XB_ARGS_MAX);
    *out = xb_calloc(*count + 1, sizeof(**out));
    for (size_t i = 0; i < *count; i++)
        (*out)[i] = bytes_of(texts[i]);
    return 0;
}

void xb_exec_ask(struct xb_exec *exec, struct xb_ask *asks, uint64_t timeout_ns)
{
    for (size_t i = 0; i < exec->count; i++)
        asks[i].job_id = exec->guests[i].job_id;
    xb_agents_ask(asks, exec->count, timeout_ns);
}

static int send_arm(struct xb_exec *exec, const Xb__Arm *msg, struct xb_err *err)
{
    xb_auto_free struct xb_ask *asks = xb_calloc(exec->count, sizeof(*asks));
    for (size_t i = 0; i < exec->count; i++) {
        struct xb_exec_guest *g = &exec->guests[i];
        g->job_id = xb_agent_next_job(g->agent);
        asks[i] = (struct xb_ask){
            .agent = g->agent, .type = XB_ARM, .answer = XB_ARMED, .msg = &msg->base};
    }
    xb_exec_ask(exec, asks, ARM_TIMEOUT_NS);
    for (size_t i = 0; i < exec->count; i++)
        exec->guests[i].armed = asks[i].err.class == XB_E_NONE;
    int r = xb_asks_judge(asks, exec->count, err);
    xb_asks_clear(asks, exec->count);
    return r;
}

static int arm(struct xb_exec *exec, struct xb_err *err)
{
    const struct xb_exec_options *options = exec->options;
    xb_auto_free ProtobufCBinaryData *argv = NULL, *env = NULL;
    Xb__Arm msg = XB__ARM__INIT;
    if (bytes_list(options->argv, &argv, &msg.n_argv, err) < 0 ||
        bytes_list(options->env, &env, &msg.n_env, err) < 0)
        return -1;
    msg.argv = argv;
    msg.env = env;
    msg.token = exec->token;
    msg.cwd = bytes_of(options->cwd);
    msg.user = bytes_of(options->user);
    msg.stdin_stream = exec->input.window != NULL;
    Xb__Terminal terminal;
    xb_exec_terminal_fill(&terminal);
    msg.terminal = options->terminal ? &terminal : NULL;
    msg.rlimits = options->rlimits;
    msg.n_rlimits = options->rlimit_count;
    msg.timeout_ns = options->timeout_ns;
    msg.output = XB__OUTPUT_MODE__OUTPUT_STREAM;
    msg.credit_bytes = XB_EXEC_WINDOW_BYTES;
    return send_arm(exec, &msg, err);
}

/* Is the exec that made this token dead? A living one comes back for its result. */
static bool is_of_the_dead(const char *token)
{
    size_t prefix = strlen(XB_EXEC_TOKEN);
    long pid = strncmp(token, XB_EXEC_TOKEN, prefix) == 0 ? strtol(token + prefix, NULL, 10) : 0;
    return pid > 0 && pid <= INT_MAX && kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

/* Another exec may do the same at the same moment, so a refusal is no error. */
static int call_if_known(struct xb_agent *agent, uint16_t type, uint32_t job_id, uint16_t answer,
                         struct xb_err *err)
{
    struct xb_err refused = {0};
    if (xb_agent_call(agent, type, job_id, NULL, answer, NULL, END_TIMEOUT_NS, &refused) < 0 &&
        !xb_agent_ready(agent))
        return xb_fail(err, refused.class, 0, "%s", refused.msg);
    return 0;
}

/*
 * What a killed exec left behind holds memory in the guest: results that nobody will fetch, and
 * jobs that nobody will release. A command that runs is left alone.
 */
static int sweep(struct xb_agent *agent, struct xb_err *err)
{
    const Xb__Hello *hello = xb_agent_hello(agent);
    for (size_t i = 0; i < hello->n_jobs; i++) {
        const Xb__JobState *job = hello->jobs[i];
        bool armed = job->phase == XB__JOB_PHASE__JOB_PHASE_ARMED;
        if (!is_of_the_dead(job->token) || job->phase == XB__JOB_PHASE__JOB_PHASE_RELEASED)
            continue;
        if ((armed && call_if_known(agent, XB_CANCEL, job->job_id, XB_RESULT, err) < 0) ||
            call_if_known(agent, XB_FORGET, job->job_id, XB_DONE, err) < 0)
            return -1;
    }
    return 0;
}

static int arm_all(struct xb_exec *exec, struct xb_err *err)
{
    for (size_t i = 0; i < exec->count; i++)
        if (sweep(exec->guests[i].agent, err) < 0)
            return -1;
    return arm(exec, err);
}

/* Fit all clocks, and pick the instant at which all commands start. */
static int pick_instant(struct xb_exec *exec, uint64_t *at_ns, struct xb_err *err)
{
    xb_auto_free struct xb_clock_ask *asks = xb_calloc(exec->count, sizeof(*asks));
    xb_auto_free const struct xb_clock_fit **fits =
        xb_calloc(exec->count, sizeof(struct xb_clock_fit *));
    for (size_t i = 0; i < exec->count; i++)
        asks[i].agent = exec->guests[i].agent;
    xb_agents_clock(asks, exec->count, CLOCK_PINGS);
    for (size_t i = 0; i < exec->count; i++) {
        if (asks[i].err.class != XB_E_NONE)
            return xb_fail(err, asks[i].err.class, asks[i].err.errnum, "%s", asks[i].err.msg);
        exec->guests[i].clock = asks[i].fit;
        fits[i] = &asks[i].fit;
    }
    *at_ns = xb_now_ns() + xb_clocks_lead_ns(fits, exec->count, TOGETHER_LEAD_NS);
    return 0;
}

static int release_all(struct xb_exec *exec, struct xb_err *err)
{
    uint64_t at_ns = 0;
    if (exec->options->together && pick_instant(exec, &at_ns, err) < 0)
        return -1;
    for (size_t i = 0; i < exec->count; i++) {
        struct xb_exec_guest *g = &exec->guests[i];
        Xb__Release msg = XB__RELEASE__INIT;
        msg.at_ns = exec->options->together ? at_ns + (uint64_t)g->clock.offset_ns : 0;
        if (xb_agent_send(g->agent, XB_RELEASE, g->job_id, &msg.base, err) < 0)
            return -1;
        g->released = true;
    }
    return 0;
}

/*
 * The answers are not awaited: the connections end next, and what was sent before still reaches the
 * guests. A result that is kept all the same is removed by a later exec (sweep).
 */
static void forget_all(struct xb_exec *exec)
{
    for (size_t i = 0; i < exec->count; i++) {
        struct xb_exec_guest *g = &exec->guests[i];
        if (g->agent && xb_agent_ready(g->agent) && g->has_result)
            xb_agent_send(g->agent, XB_FORGET, g->job_id, NULL, NULL);
    }
}

static int wait_once(struct xb_exec *exec, struct xb_err *err)
{
    static const struct xb_wait_input inputs[] = {
        {.fd = xb_exec_input_fd, .on_readable = xb_exec_input_readable},
        {.fd = xb_exec_terminal_fd, .on_readable = xb_exec_terminal_event},
    };
    uint64_t alive_ns = exec->killed ? UINT64_MAX : xb_exec_alive_due_ns(exec);
    struct xb_agents_wait wait = {
        .agents = exec->agents,
        .count = exec->count,
        .deadline_ns = alive_ns < exec->deadline_ns ? alive_ns : exec->deadline_ns,
        .stop_fd = exec->signal_fd,
        .stop = &exec->stop,
        .on_message = xb_exec_message,
        .on_ready = xb_exec_ready,
        .on_lost = xb_exec_lost,
        .inputs = inputs,
        .input_count = XB_ARRAY_LEN(inputs),
        .arg = exec,
    };
    exec->stop = exec->left == 0;
    return exec->stop ? XB_WAIT_STOPPED : xb_agents_wait(&wait, err);
}

/* The guests that have not reported the end of their killed commands. */
static void tell_survivors(struct xb_exec *exec)
{
    for (size_t i = 0; i < exec->count; i++) {
        struct xb_exec_guest *g = &exec->guests[i];
        char what[256];
        snprintf(what, sizeof(what), "guest %s: its agent does not %s", g->name,
                 g->has_result ? "send the rest of the killed command's output"
                               : "report the end of the killed command, which may still run there");
        if (!g->done)
            xb_exec_guest_failed(exec, g, what);
    }
}

static int follow(struct xb_exec *exec, struct xb_err *err)
{
    if (exec->options->timeout_ns)
        exec->deadline_ns = xb_now_ns() + exec->options->timeout_ns + TIMEOUT_GRACE_NS;
    while (exec->left > 0) {
        int r = wait_once(exec, err);
        if (r < 0)
            return -1;
        if (r == XB_WAIT_STOP_FD)
            xb_exec_signal(exec);
        else if (r == XB_WAIT_DEADLINE && exec->killed && xb_now_ns() >= exec->deadline_ns)
            tell_survivors(exec); /* ends the loop */
        else if (r == XB_WAIT_DEADLINE && xb_now_ns() >= exec->deadline_ns)
            return xb_fail(err, XB_E_BENCH, 0,
                           "the command did not end in time: the guest's agent does not answer");
        if (exec->signalled_ns && !exec->killed)
            xb_exec_alive_look(exec, xb_now_ns());
        if (exec->broken_pipe)
            xb_exec_kill(exec, XB_EXEC_KILL_GRACE_NS);
    }
    return 0;
}

static int run(struct xb_exec *exec, struct xb_app *app, struct xb_err *err)
{
    const struct xb_exec_options *options = exec->options;
    uint64_t deadline_ns = xb_now_ns() + options->connect_timeout_ns;
    if (xb_exec_input_open(exec, err) < 0 ||
        xb_agents_connect(exec->agents, app, options->guests.name, exec->count, deadline_ns,
                          exec->signal_fd, err) < 0)
        return -1;
    for (size_t i = 0; i < exec->count; i++)
        exec->guests[i].agent = exec->agents[i];
    int r = xb_exec_input_check(exec, err);
    if (r == 0)
        r = arm_all(exec, err);
    if (r == 0)
        r = release_all(exec, err);
    if (r < 0) {
        xb_exec_call_off(exec);
        return -1;
    }
    /* Not earlier: until the terminal is raw, Ctrl-C makes a signal that stops exec. */
    r = xb_exec_terminal_open(exec, err);
    if (r == 0)
        r = follow(exec, err);
    xb_exec_terminal_close(exec);
    if (r < 0)
        xb_exec_call_off(exec);
    forget_all(exec);
    return r;
}

static void free_exec(struct xb_exec *exec)
{
    for (size_t i = 0; i < exec->count; i++)
        exec->agents[i] = exec->guests[i].agent; /* also of guests that are done */
    xb_agents_free(exec->agents, exec->count);
    for (size_t i = 0; i < exec->count; i++)
        xb_exec_guest_clear(&exec->guests[i]);
    xb_exec_input_close(exec);
    free(exec->guests);
    free(exec->agents);
    free(exec);
}

static struct xb_exec *new_exec(const struct xb_exec_options *options)
{
    struct xb_exec *exec = xb_calloc(1, sizeof(*exec));
    exec->options = options;
    exec->count = exec->left = options->guests.count;
    exec->deadline_ns = UINT64_MAX;
    exec->input.fd = exec->signal_fd = exec->terminal.signal_fd = -1;
    exec->guests = xb_calloc(exec->count, sizeof(*exec->guests));
    exec->agents = xb_calloc(exec->count, sizeof(struct xb_agent *));
    make_token(exec->token);
    for (size_t i = 0; i < exec->count; i++)
        xb_exec_guest_init(exec, &exec->guests[i], options->guests.name[i]);
    return exec;
}

/* The exit status where exec failed before or while the commands ran. */
static int failed_status(struct xb_exec *exec, struct xb_err *err)
{
    if (exec->signal == 0 && exec->signal_fd >= 0)
        exec->signal = xb_interrupt_take(exec->signal_fd);
    if (exec->signal == 0)
        return err->class == XB_E_INPUT ? XB_E_INPUT : XB_E_HOST;
    xb_err_clear(err); /* after an interruption the error is no news */
    return XB_EXEC_SIGNAL_BASE + exec->signal;
}

int xb_exec(struct xb_app *app, const struct xb_exec_options *options, struct xb_err *err)
{
    struct xb_exec *exec = new_exec(options);
    if (!exec)
        return XB_E_HOST;
    int signal_fd = xb_interrupt_open(err);
    int status = XB_E_HOST;
    if (signal_fd >= 0) {
        for (size_t i = 0; i < exec->count; i++)
            exec->guests[i].out[0].stop_fd = exec->guests[i].out[1].stop_fd = signal_fd;
        exec->signal_fd = signal_fd;
        int r = run(exec, app, err);
        status = r < 0 ? failed_status(exec, err) : xb_exec_finish(exec);
    }
    free_exec(exec);
    xb_interrupt_close(signal_fd);
    return status;
}
