/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exec_i.h"

#include "agent_json.h"
#include "base.h"
#include "json_text.h"

#include <signal.h>
#include <string.h>

void xb_exec_guest_init(struct xb_exec *exec, struct xb_exec_guest *g, const char *name)
{
    const struct xb_exec_options *options = exec->options;
    bool prefix =
        options->prefix == XB_PREFIX_ON || (options->prefix == XB_PREFIX_AUTO && exec->count > 1);
    g->name = name;
    for (int i = 0; i < 2; i++) {
        int fd = i == 0 ? STDOUT_FILENO : STDERR_FILENO;
        g->out[i] = (struct xb_guest_output){
            .fd = fd,
            .stop_fd = -1,
            .go_on = xb_exec_signal,
            .arg = exec,
            .escape = !options->raw && isatty(fd),
            .prefix = prefix ? name : NULL,
        };
    }
}

void xb_exec_guest_done(struct xb_exec *exec, struct xb_exec_guest *g)
{
    if (g->done)
        return;
    g->done = true;
    exec->agents[g - exec->guests] = NULL;
    if (--exec->left == 0)
        exec->stop = true;
}

void xb_exec_guest_failed(struct xb_exec *exec, struct xb_exec_guest *g, const char *what)
{
    xb_fail(&g->err, XB_E_BENCH, 0, "%s", what);
    g->failed = true;
    xb_exec_guest_done(exec, g);
}

void xb_exec_guest_clear(struct xb_exec_guest *g)
{
    free(g->capture[0].text);
    free(g->capture[1].text);
    json_decref(g->result);
}

static json_t *clock_json(const struct xb_clock_fit *fit)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "offset_ns", (json_int_t)fit->offset_ns,
                     "error_ns", (json_int_t)fit->error_ns, "best_rtt_ns",
                     (json_int_t)fit->best_rtt_ns, "median_rtt_ns", (json_int_t)fit->median_rtt_ns,
                     "pings", (json_int_t)fit->pings);
}

static json_t *guest_json(const struct xb_exec *exec, const struct xb_exec_guest *g)
{
    json_t *object = json_object();
    json_object_set_new(object, "guest", json_string(g->name));
    if (g->failed || !g->has_result)
        json_object_set_new(object, "error",
                            json_string(g->failed ? g->err.msg : "it has not ended"));
    if (!g->has_result)
        return object;
    json_object_set_new(object, "status", json_integer(g->status));
    json_object_set(object, "result", g->result);
    if (exec->options->together)
        json_object_set_new(object, "clock", clock_json(&g->clock));
    static const char *const names[2][2] = {{"stdout", "stdout_cut"}, {"stderr", "stderr_cut"}};
    for (int i = 0; i < 2; i++) {
        json_object_set_new(
            object, names[i][0],
            xb_text_json(g->capture[i].text ? g->capture[i].text : "", g->capture[i].bytes));
        json_object_set_new(object, names[i][1], json_boolean(g->capture[i].cut));
    }
    return object;
}

static void print_json(const struct xb_exec *exec, const struct xb_exec_guest *g)
{
    json_t *object = guest_json(exec, g);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

/* Did a signal that exec passed on end one of the commands? */
static bool ended_by_signal(const struct xb_exec *exec)
{
    for (size_t i = 0; i < exec->count; i++)
        if (exec->guests[i].status == XB_EXEC_SIGNAL_BASE + exec->signal)
            return true;
    return false;
}

/* The signal in an exit status that is exec's, not a command's. */
static int ending_signal(const struct xb_exec *exec)
{
    if (exec->broken_pipe)
        return SIGPIPE;
    return exec->signal ? exec->signal : SIGKILL; /* Enter ~ . kills */
}

int xb_exec_finish(struct xb_exec *exec)
{
    bool failed = false;
    int worst = 0;
    for (size_t i = 0; i < exec->count; i++) {
        struct xb_exec_guest *g = &exec->guests[i];
        if (exec->options->json)
            print_json(exec, g);
        if (g->failed)
            fprintf(stderr, "xenbench: %s\n", g->err.msg);
        else if (g->remark[0] && !exec->signal && !exec->killed)
            fprintf(stderr, "xenbench: guest %s: %.200s: %s\n", g->name, exec->options->argv[0],
                    g->remark);
        failed |= g->failed || !g->has_result;
        if (g->status > worst)
            worst = g->status;
    }
    fflush(stdout);
    if (exec->broken_pipe || exec->killed || (exec->signal && (failed || ended_by_signal(exec))))
        return XB_EXEC_SIGNAL_BASE + ending_signal(exec);
    if (failed)
        return XB_E_HOST;
    return exec->count == 1 ? worst : worst != 0;
}
