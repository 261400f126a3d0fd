/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs one command in one or more guests and shows its output here: `xenbench exec`. */
#ifndef XB_EXEC_H
#define XB_EXEC_H

#include "agent.h"
#include "guest_names.h"

#include <jansson.h>

/*
 * Exit statuses of exec beside the command's own, like those of timeout(1), env(1) and the shell.
 */
#define XB_EXEC_TIMED_OUT 124
#define XB_EXEC_CANNOT_RUN 126
#define XB_EXEC_NOT_FOUND 127
#define XB_EXEC_SIGNAL_BASE 128

enum xb_prefix { XB_PREFIX_AUTO, XB_PREFIX_ON, XB_PREFIX_OFF };

struct xb_exec_options {
    struct xb_guest_names guests;
    char **argv; /* the command's; ends with NULL */
    char **env;  /* NAME=VALUE; ends with NULL, as argv */
    const char *cwd;
    const char *user;
    const char *stdin_file; /* "-": our stdin; NULL: none */
    bool terminal;          /* the command gets a terminal */
    Xb__Rlimit **rlimits;
    size_t rlimit_count;
    uint64_t timeout_ns; /* 0: none */
    uint64_t connect_timeout_ns;
    bool together;
    bool raw;
    bool json;
    enum xb_prefix prefix;
};

/* exec.c: run the command. Returns the exit status; err is filled if xenbench itself failed. */
int xb_exec(struct xb_app *app, const struct xb_exec_options *options, struct xb_err *err);

/* exec_result.c: the exit status for a result. */
int xb_exec_status(const Xb__Result *result);
/* exec_result.c: write a remark on the result to out; false if there is none. */
bool xb_exec_remark(const Xb__Result *result, char *out, size_t bytes);

#endif
