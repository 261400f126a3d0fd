/*
 * Commands of the experiment in Dom0, and what all commands of an experiment are told.
 */
#ifndef XB_RUN_HOOKS_H
#define XB_RUN_HOOKS_H

#include "run_state.h"

/*
 * Run the experiment's hook at this edge of a cell. 0 also where it failed and the experiment goes
 * on: *again then says that the cell is not to count.
 */
enum xb_hook { XB_HOOK_BEFORE, XB_HOOK_AFTER };
int xb_run_hook(struct xb_run *run, enum xb_hook hook, const struct xb_cell_row *row, bool *again,
                struct xb_err *err);

/*
 * run_env.c: what a command of the experiment is told, as NAME=VALUE; to free. row NULL: it belongs
 * to no cell; guest -1: it runs in Dom0.
 */
void xb_run_env(const struct xb_run *run, const struct xb_cell_row *row, int guest,
                struct xb_texts *out);

#endif
