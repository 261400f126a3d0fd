/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every subcommand gets: the directories, and the error that it may fill.
 */
#ifndef XB_APP_H
#define XB_APP_H

#include "err.h"
#include "progress.h"

#include <limits.h>
#include <stdbool.h>

struct xb_agent_events;
struct xb_journal_kind;
struct xb_xen;

struct xb_app {
    const char *state_dir; /* /var/lib/xenbench: guests, images, stores. XENBENCH_STATE overrides */
    const char *run_dir;   /* /run/xenbench: locks, sockets, records. XENBENCH_RUN overrides */
    const char *share_dir; /* /usr/share/xenbench: recipes, workloads. XENBENCH_SHARE overrides */
    const char *lib_dir;   /* /usr/lib/xenbench: agent, helper programs. XENBENCH_LIB overrides */
    const char *conf_path; /* /etc/xenbench/xenbench.conf. XENBENCH_CONF overrides; NULL: none */
    bool verbose;          /* -v: toolstack messages too */
    const struct xb_journal_kind *const *journal; /* ends with NULL; NULL: none. See journal.h */
    struct xb_xen *xen;                           /* opened on first use by xb_app_xen */
    struct xb_progress_line *waits; /* where waits for guests are shown (waits.h); NULL: nowhere */
    struct xb_progress_line own_waits;    /* the command's own line for them */
    struct xb_agent_events *agent_events; /* opened by the first session; until the process ends */
    struct xb_err err;
};

/*
 * A subcommand; argv[0] is its name. Returns the exit status: 0 done, 1 a benchmark or guest
 * failed, 2 usage or input, 3 host or toolstack. main prints a filled app->err and exits with its
 * class.
 */
typedef int xb_command_fn(struct xb_app *app, int argc, char **argv);

/* A helper process that xenbench starts itself; not for users. */
xb_command_fn xb_cmd_domain_helper;

/*
 * The path of one of our other programs: beside our own in a build, in lib_dir once installed.
 * XB_E_HOST if there is none.
 */
int xb_app_program(const struct xb_app *app, const char *name, char out[PATH_MAX],
                   struct xb_err *err);

/*
 * The toolstack's handles, opened on first use, owned by app. NULL with app->err filled on failure.
 */
struct xb_xen *xb_app_xen(struct xb_app *app);

#endif
