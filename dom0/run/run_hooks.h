/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An experiment's commands in Dom0, and the environment of all its commands.
 */
#ifndef XB_RUN_HOOKS_H
#define XB_RUN_HOOKS_H

#include "run_state.h"

/*
 * Run the experiment's hook at this edge of a cell. Returns 0 also if the hook failed and the
 * experiment continues; *again is then set if the cell is to be repeated.
 */
enum xb_hook { XB_HOOK_BEFORE, XB_HOOK_AFTER };
int xb_run_hook(struct xb_run *run, enum xb_hook hook, const struct xb_cell_row *row, bool *again,
                struct xb_err *err);

/*
 * run_env.c: the environment of a command, as NAME=VALUE; to free. row NULL: the command belongs to
 * no cell; guest -1: it runs in Dom0.
 */
void xb_run_env(const struct xb_run *run, const struct xb_cell_row *row, int guest,
                struct xb_texts *out);

#endif
