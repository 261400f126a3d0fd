/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xenbench watch */
#include "alloc.h"
#include "base.h"
#include "commands.h"
#include "interrupt.h"
#include "report_watch.h"
#include "run_lock.h"
#include "store_cell.h"
#include "store_run.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>

/* While nothing is written, look this often. */
#define LOOK_MS 5000
/* Wait this long after a write: the end of a cell causes several. */
#define SETTLE_MS 200

struct watching {
    struct xb_words run;
    const char *store;
    bool once;
};

/* The state of the loop. */
struct view {
    struct xb_app *app;
    struct xb_store *store;
    char run[XB_UUID_BYTES];
    int stop_fd, notify_fd;
    bool terminal;
    int drawn;     /* lines on the terminal */
    uint32_t seen; /* done cells that were reported */
};

static const struct xb_opt rows[] = {
    OPT_TRUE(struct watching, once, "once", 0, "Show the run as it is now, and end"),
    OPT_STORE(struct watching, store),
    OPT_END,
};

const struct xb_opts xb_opts_watch = {
    .rows = rows,
    .words = OPT_WORDS(struct watching, run, 0, 1, NULL),
    .args = "[RUN]",
    .doc = "Follow a run from another terminal: cells done, time left, medians so far, and what "
           "each guest does. RUN is the beginning of an id (default: the latest run).\v"
           "The view is redrawn when the run writes results, so it wakes nobody while jobs run. "
           "Where stdout is no terminal, it prints a line for each cell. It ends with the run: "
           "with 0 if the run is finished and every sample counts, else with 1. Ctrl-C ends it; "
           "the run goes on.",
};

static void draw(struct view *view, const struct xb_watch *watch)
{
    struct winsize size = {.ws_col = 80, .ws_row = 24};
    char *text = NULL;
    size_t bytes;
    ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    FILE *lines = xb_need(open_memstream(&text, &bytes));
    int columns = size.ws_col > 10 ? size.ws_col - 1 : 79,
        rows_left = size.ws_row > 4 ? size.ws_row - 2 : 22;
    int drawn = xb_watch_draw(watch, columns, rows_left, "\033[K", lines);
    fclose(lines);
    if (view->drawn)
        printf("\033[%dA", view->drawn);
    printf("%s\033[J", text);
    fflush(stdout);
    free(text);
    view->drawn = drawn;
}

/* Look once. *over: the run has ended, or no process works on it. */
static int look(struct view *view, bool *over, struct xb_err *err)
{
    xb_auto_arena struct xb_arena arena = {0};
    const struct xb_read in = {view->store, &arena, view->run, err, NULL};
    struct xb_watch watch;
    /* Ask for the lock first: what its holder wrote before it ended is then seen. */
    bool alive = xb_run_lock_is_of(view->app, view->run);
    if (xb_watch_look(&in, view->seen, &watch) < 0)
        return -1;
    *over = strcmp(watch.state, "unfinished") != 0 || watch.imported || !alive;
    if (view->terminal)
        draw(view, &watch);
    else
        xb_watch_tell(&watch, stdout);
    view->seen = watch.done;
    if (!*over)
        return 0;
    xb_watch_tell_end(&watch, stdout);
    if (strcmp(watch.state, "finished") == 0)
        return 0;
    return xb_fail(err, XB_E_BENCH, 0,
                   strcmp(watch.state, "unfinished") == 0
                       ? "nobody works on run %.8s (`xenbench run --resume %.8s` continues it)"
                       : "run %.8s was given up",
                   view->run, view->run);
}

/* Wait until the run writes something; 1: the user ends the view. */
static int wait_for_news(struct view *view)
{
    struct pollfd fds[] = {{.fd = view->stop_fd, .events = POLLIN},
                           {.fd = view->notify_fd, .events = POLLIN}};
    char events[4096];
    if (poll(fds, 2, LOOK_MS) > 0 && fds[1].revents && !fds[0].revents)
        poll(fds, 1, SETTLE_MS);
    while (view->notify_fd >= 0 && read(view->notify_fd, events, sizeof(events)) > 0)
        ;
    return fds[0].revents != 0;
}

/* SQLite writes to the log beside the store. Without inotify the view is redrawn less often. */
static int open_notify(const char *store)
{
    char log[PATH_MAX];
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    snprintf(log, sizeof(log), "%s-wal", store);
    if (fd >= 0 && inotify_add_watch(fd, log, IN_MODIFY) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* Like the end of `xenbench run`: status 1 if a sample has no figure. */
static int judge(struct view *view, struct xb_err *err)
{
    uint64_t all, good;
    if (xb_store_samples_good(view->store, view->run, &all, &good, err) < 0)
        return -1;
    return all == good ? 0
                       : xb_fail(err, XB_E_BENCH, 0, "%" PRIu64 " of %" PRIu64 " samples failed",
                                 all - good, all);
}

static int follow(struct view *view, bool once, struct xb_err *err)
{
    bool over = false;
    while (!over) {
        if (look(view, &over, err) < 0)
            return -1;
        if (once)
            return 0;
        if (!over && wait_for_news(view))
            return xb_fail(err, XB_E_BENCH, 0, "stopped watching; run %.8s goes on", view->run);
    }
    return judge(view, err);
}

int xb_cmd_watch(struct xb_app *app, int argc, char **argv)
{
    struct watching o = {.once = false};
    struct view view = {
        .app = app, .stop_fd = -1, .notify_fd = -1, .terminal = isatty(STDOUT_FILENO)};
    xb_opts_parse(&xb_opts_watch, argc, argv, &o);
    if (xb_store_open_to_read(&view.store, app, o.store, &app->err) < 0)
        return (int)app->err.class;
    if (xb_store_run_find(view.store, o.run.v[0], false, view.run, &app->err) == 0 &&
        (view.stop_fd = xb_interrupt_open(&app->err)) >= 0) {
        view.notify_fd = open_notify(xb_store_path(view.store));
        follow(&view, o.once, &app->err);
    }
    if (view.stop_fd >= 0)
        xb_interrupt_take(view.stop_fd);
    xb_interrupt_close(view.stop_fd);
    if (view.notify_fd >= 0)
        close(view.notify_fd);
    xb_store_close(view.store);
    return (int)app->err.class;
}
