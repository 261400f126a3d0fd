/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "helper.h"

#include "alloc.h"
#include "base.h"
#include "child.h"
#include "escape.h"
#include "guest_def.h"
#include "interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#define ARGS_MAX 16
/* At most so often a helper tells how far it has got. */
#define TELL_NS (200 * XB_NS_PER_MS)

/* A process between us and the helper ends at once, so that init inherits and reaps the helper. */
static int start_helper(void *arg)
{
    struct xb_child ignored;
    return xb_child_start(&ignored, arg, NULL) < 0;
}

int xb_helper_spawn(struct xb_app *app, const char *const *args, const char *name, int stdin_fd,
                    struct xb_err *err)
{
    char log_path[PATH_MAX];
    const char *argv[ARGS_MAX + 4] = {"xenbench"};
    int argc = 1, ends[2];
    if (app->verbose)
        argv[argc++] = "-v";
    argv[argc++] = "domain-helper";
    for (size_t i = 0; i < ARGS_MAX && args[i]; i++)
        argv[argc++] = args[i];
    if (xb_guest_monitor_log_path(app, name, log_path, sizeof(log_path), err) < 0)
        return -1;
    /* A monitor starts a new log; other helpers append to it. */
    int begin = stdin_fd < 0 ? O_TRUNC : 0;
    xb_auto_close int log =
        open(log_path, O_WRONLY | O_CREAT | begin | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    /* Set here, because the child of a multithreaded process must not. */
    setenv("XENBENCH_STATE", app->state_dir, 1);
    setenv("XENBENCH_RUN", app->run_dir, 1);
    if (log < 0 || pipe2(ends, O_CLOEXEC) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot start a process for guest %s (its log is %s)",
                       name, log_path);
    /* The helper's messages go to the log, its answer into the pipe. */
    struct xb_child_spec helper = {
        .program = "/proc/self/exe",
        .argv = argv,
        .in = stdin_fd < 0 ? XB_CHILD_NULL : stdin_fd,
        .out = ends[1],
        .err = log,
        .session = true,
    };
    const struct xb_child_spec between = {.main = start_helper, .arg = &helper};
    int status = xb_child_run(&between, NULL);
    close(ends[1]);
    if (status == 0)
        return ends[0];
    close(ends[0]);
    return xb_fail(err, XB_E_HOST, EAGAIN, "cannot start a process for guest %s", name);
}

struct xb_helper *xb_helpers_new(size_t count)
{
    struct xb_helper *helpers = xb_calloc(count + 1, sizeof(*helpers));
    for (size_t i = 0; i < count; i++)
        helpers[i] = (struct xb_helper){.leash_fd = -1, .answer_fd = -1};
    return helpers;
}

int xb_helper_start_monitor(struct xb_app *app, struct xb_helper *helper, const char *name,
                            const char *const *args, struct xb_err *err)
{
    *helper = (struct xb_helper){
        .name = name, .started_ns = xb_now_ns(), .leash_fd = -1, .answer_fd = -1};
    helper->answer_fd = xb_helper_spawn(app, args, name, -1, err);
    return helper->answer_fd < 0 ? -1 : 0;
}

int xb_helper_start(struct xb_app *app, struct xb_helper *helper, const char *name,
                    const char *const *args, struct xb_err *err)
{
    int leash[2];
    *helper = (struct xb_helper){
        .name = name, .started_ns = xb_now_ns(), .leashed = true, .leash_fd = -1, .answer_fd = -1};
    if (pipe2(leash, O_CLOEXEC) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot start a process for guest %s", name);
    helper->answer_fd = xb_helper_spawn(app, args, name, leash[0], err);
    close(leash[0]);
    helper->leash_fd = leash[1];
    return helper->answer_fd < 0 ? -1 : 0;
}

static void drop_leash(struct xb_helper *helper)
{
    if (helper->leash_fd >= 0)
        close(helper->leash_fd);
    helper->leash_fd = -1;
}

static void stop_listening(struct xb_helper *helper)
{
    if (helper->answer_fd >= 0)
        close(helper->answer_fd);
    helper->answer_fd = -1;
}

static void understand(struct xb_helper *helper)
{
    const char *message = NULL;
    int class = XB_E_HOST;
    helper->answer = json_loadb(helper->text, helper->bytes, 0, NULL);
    if (!helper->answer) {
        xb_fail(&helper->err, XB_E_HOST, 0, "guest %s: the process that worked on it died",
                helper->name);
    } else if (json_unpack(helper->answer, "{s:s, s:i}", "error", &message, "class", &class) == 0) {
        xb_fail(&helper->err, (enum xb_err_class) class, 0, "%s", message);
        json_decref(helper->answer);
        helper->answer = NULL;
    }
}

/* Take the lines about progress, which come before the answer. */
static void take_progress(struct xb_helper *helper)
{
    char *end;
    while (helper->bytes > 0 && helper->text[0] == '+' &&
           (end = memchr(helper->text, '\n', helper->bytes))) {
        size_t line = (size_t)(end + 1 - helper->text);
        uint64_t done, total;
        *end = '\0';
        if (sscanf(helper->text, "+%" SCNu64 " %" SCNu64, &done, &total) == 2) {
            helper->total_bytes = total;
            helper->done_bytes = done < total ? done : total;
        }
        helper->bytes -= line;
        memmove(helper->text, end + 1, helper->bytes);
    }
}

static void show_progress(const struct xb_helper *helpers, size_t count)
{
    const struct xb_helper *last = NULL;
    uint64_t done = 0, total = 0;
    size_t at_work = 0;
    char what[XB_GUEST_NAME_MAX + 1];
    for (size_t i = 0; i < count; i++) {
        if (!helpers[i].line || !helpers[i].total_bytes)
            continue;
        last = &helpers[i];
        done += last->done_bytes;
        total += last->total_bytes;
        at_work++;
    }
    if (!last)
        return;
    if (at_work == 1)
        snprintf(what, sizeof(what), "%s", last->name);
    else
        snprintf(what, sizeof(what), "%zu guests", at_work);
    xb_progress_bytes(last->line, what, done, total);
}

/* Read more of the answer; close the pipe when the answer is complete. */
static void read_answer(struct xb_helper *helper)
{
    ssize_t n =
        read(helper->answer_fd, helper->text + helper->bytes, sizeof(helper->text) - helper->bytes);
    if (n < 0 && errno == EINTR)
        return;
    if (n > 0)
        helper->bytes += (size_t)n;
    take_progress(helper);
    if (n > 0 && !memchr(helper->text, '\n', helper->bytes) && helper->bytes < sizeof(helper->text))
        return;
    helper->done_bytes = helper->total_bytes;
    stop_listening(helper);
    drop_leash(helper);
    understand(helper);
}

int xb_helpers_wait(struct xb_helper *helpers, size_t count, size_t running, struct xb_err *err)
{
    xb_auto_close int stop_fd = xb_stop_fd();
    xb_auto_free struct pollfd *fds = xb_calloc(count + 1, sizeof(*fds));
    bool stopped = false;
    for (;;) {
        size_t waiting = 0;
        for (size_t i = 0; i < count; i++) {
            fds[i] = (struct pollfd){.fd = helpers[i].answer_fd, .events = POLLIN};
            waiting += helpers[i].answer_fd >= 0;
        }
        fds[count] = (struct pollfd){.fd = stopped ? -1 : stop_fd, .events = POLLIN};
        if (waiting <= (stopped ? 0 : running))
            return stopped ? xb_fail(err, XB_E_BENCH, EINTR, "stopped while working on %zu guests",
                                     count)
                           : 0;
        if (poll(fds, count + 1, -1) < 0 && errno != EINTR)
            return xb_fail(err, XB_E_HOST, errno, "cannot wait for %zu guests", count);
        stopped |= fds[count].revents != 0;
        for (size_t i = 0; i < count; i++) {
            if (stopped)
                drop_leash(&helpers[i]);
            if (stopped && !helpers[i].leashed)
                stop_listening(&helpers[i]);
            if (helpers[i].answer_fd >= 0 && fds[i].revents)
                read_answer(&helpers[i]);
        }
        show_progress(helpers, count);
    }
}

void xb_helper_clear(struct xb_helper *helper)
{
    drop_leash(helper);
    stop_listening(helper);
    json_decref(helper->answer);
    helper->answer = NULL;
}

uint64_t xb_helper_number(const json_t *answer, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(answer, key));
    return value > 0 ? (uint64_t)value : 0;
}

int xb_helper_heed_leash(struct xb_err *err)
{
    struct pollfd leash = {.fd = STDIN_FILENO, .events = POLLIN};
    xb_interrupt_heed_parent();
    if (xb_interrupt_open(err) < 0)
        return -1;
    int flags = fcntl(STDIN_FILENO, F_GETFL);
    if (flags < 0 || fcntl(STDIN_FILENO, F_SETOWN, getpid()) < 0 ||
        fcntl(STDIN_FILENO, F_SETSIG, SIGTERM) < 0 ||
        fcntl(STDIN_FILENO, F_SETFL, flags | O_ASYNC) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot watch the process that started this one");
    if (poll(&leash, 1, 0) > 0) /* the leash was already dropped */
        kill(getpid(), SIGTERM);
    return 0;
}

void xb_helper_tell(struct xb_helper_told *told, uint64_t bytes)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    char line[64];
    told->done_bytes += bytes;
    uint64_t now_ns = told->total_bytes ? xb_now_ns() : 0;
    /* Nobody who reads slowly, or no longer, may delay the work. */
    if (!told->total_bytes || now_ns - told->told_ns < TELL_NS || poll(&out, 1, 0) != 1 ||
        out.revents != POLLOUT)
        return;
    told->told_ns = now_ns;
    int length = snprintf(line, sizeof(line), "+%" PRIu64 " %" PRIu64 "\n", told->done_bytes,
                          told->total_bytes);
    if (write(STDOUT_FILENO, line, (size_t)length) < 0)
        told->total_bytes = 0;
}

/* A message may quote bytes that are not UTF-8, which JSON cannot hold. */
static json_t *describe(const struct xb_err *err)
{
    char shown[XB_ESCAPE_MAX(sizeof(err->msg)) + 1];
    struct xb_escape escape = {0};
    shown[xb_escape(&escape, (const uint8_t *)err->msg, strlen(err->msg), true, shown)] = '\0';
    return json_pack("{s:s, s:i}", "error", shown, "class", (int)err->class);
}

bool xb_helper_answer(json_t *answer, const struct xb_err *err)
{
    if (err->class != XB_E_NONE) {
        json_decref(answer);
        answer = describe(err);
    }
    char *text = json_dumps(answer, JSON_COMPACT);
    json_decref(answer);
    if (!text)
        return false;
    size_t bytes = strlen(text);
    text[bytes] = '\n'; /* replaces the NUL, so that one write sends the whole line */
    bool told = write(STDOUT_FILENO, text, bytes + 1) == (ssize_t)(bytes + 1);
    free(text);
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, STDOUT_FILENO);
        close(null);
    }
    return told;
}
