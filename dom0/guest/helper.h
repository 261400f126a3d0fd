/*
 * Processes of our own that work on one guest each, so that work on several goes on at the same
 * time: libxl does most of it in one long call. Each says on its standard output how it went, in one
 * line of JSON.
 */
#ifndef XB_HELPER_H
#define XB_HELPER_H

#include "app.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define XB_HELPER_ANSWER_BYTES 8192

/*
 * Start `xenbench domain-helper ARGS...` in a session of its own, as a grandchild that init reaps.
 * Its errors go to the log of the guest `name`. stdin_fd -1: /dev/null. Returns the pipe that its
 * answer comes from, or -1.
 */
int xb_helper_spawn(struct xb_app *app, const char *const *args, const char *name, int stdin_fd,
                    struct xb_err *err);

/*
 * A helper on a leash ends its work in order, undoing it, when the leash is dropped. One without
 * does so where nobody listens to its answer any more.
 */
struct xb_helper {
    const char *name;    /* the guest */
    uint64_t started_ns; /* monotonic clock */
    bool leashed;
    int leash_fd;  /* -1: dropped */
    int answer_fd; /* -1: it has answered, or died */
    char text[XB_HELPER_ANSWER_BYTES];
    size_t bytes;
    json_t *answer; /* what it said, NULL where it failed */
    struct xb_err err;
};

/* Helpers that have not been started; free them when each is clear. NULL with err filled. */
struct xb_helper *xb_helpers_new(size_t count, struct xb_err *err);

int xb_helper_start(struct xb_app *app, struct xb_helper *helper, const char *name,
                    const char *const *args, struct xb_err *err);
/* Without a leash: one that stays as the guest's monitor, and begins the guest's log. */
int xb_helper_start_monitor(struct xb_app *app, struct xb_helper *helper, const char *name,
                            const char *const *args, struct xb_err *err);

/*
 * Wait until at most `running` of the helpers have not answered. A pending stop signal
 * drops all leashes and waits on for what they then say, but not for those without a leash. Each has
 * its answer or its err. -1 when stopped.
 */
int xb_helpers_wait(struct xb_helper *helpers, size_t count, size_t running, struct xb_err *err);
void xb_helper_clear(struct xb_helper *helper);

/*
 * In a helper whose waits know of nothing but stop signals: its leash, once dropped, is a pending
 * SIGTERM (xb_stop_fd).
 */
int xb_helper_heed_leash(struct xb_err *err);

/* In the helper: say how it went. False when nobody listens any more. Takes answer. */
bool xb_helper_answer(json_t *answer, const struct xb_err *err);

#endif
