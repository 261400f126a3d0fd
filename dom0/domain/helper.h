/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Helper processes that each work on one guest, in parallel, because libxl does most work in one
 * long call. Each reports its outcome on stdout as one line of JSON. Lines `+DONE TOTAL` (bytes)
 * before it say how far the helper has got.
 */
#ifndef XB_HELPER_H
#define XB_HELPER_H

#include "app.h"
#include "progress.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define XB_HELPER_ANSWER_BYTES 8192

/*
 * Start `xenbench domain-helper ARGS...` in its own session, as a grandchild that init reaps.
 * Errors go to the log of the guest `name`. stdin_fd -1: /dev/null. Returns the pipe for its
 * answer, or -1.
 */
int xb_helper_spawn(struct xb_app *app, const char *const *args, const char *name, int stdin_fd,
                    struct xb_err *err);

/*
 * A helper with a leash undoes its work and ends when the leash is dropped; one without does so
 * when it finds that nobody reads its answer.
 */
struct xb_helper {
    const char *name;    /* the guest */
    uint64_t started_ns; /* monotonic clock */
    bool leashed;
    int leash_fd;  /* -1: dropped */
    int answer_fd; /* -1: it has answered or died */
    char text[XB_HELPER_ANSWER_BYTES];
    size_t bytes;
    json_t *answer; /* its answer; NULL if it failed */
    struct xb_err err;
    struct xb_progress_line *line; /* shows how far it has got; NULL: nowhere */
    uint64_t done_bytes, total_bytes;
};

/* Allocate helpers, not yet started; the caller clears each, then frees the array. */
struct xb_helper *xb_helpers_new(size_t count);

int xb_helper_start(struct xb_app *app, struct xb_helper *helper, const char *name,
                    const char *const *args, struct xb_err *err);
/*
 * Start one without a leash, which stays as the guest's monitor and starts a new log for the guest.
 */
int xb_helper_start_monitor(struct xb_app *app, struct xb_helper *helper, const char *name,
                            const char *const *args, struct xb_err *err);

/*
 * Wait until at most `running` helpers have not answered; each gets its answer or err. A pending
 * stop signal drops all leashes, waits for their helpers, leaves the others, and returns -1.
 */
int xb_helpers_wait(struct xb_helper *helpers, size_t count, size_t running, struct xb_err *err);
void xb_helper_clear(struct xb_helper *helper);
/* A number of an answer; 0 if it is missing. */
uint64_t xb_helper_number(const json_t *answer, const char *key);

/* In a helper whose waits heed stop signals (xb_stop_fd): a dropped leash makes SIGTERM pending. */
int xb_helper_heed_leash(struct xb_err *err);

/* In the helper: how far it has got. */
struct xb_helper_told {
    uint64_t done_bytes;
    uint64_t total_bytes; /* 0: nobody wants to know */
    uint64_t told_ns;
};
/* `bytes` more are done; cheap enough to call often. */
void xb_helper_tell(struct xb_helper_told *told, uint64_t bytes);

/* In the helper: report the outcome; takes ownership of answer. False if nobody reads it. */
bool xb_helper_answer(json_t *answer, const struct xb_err *err);

#endif
