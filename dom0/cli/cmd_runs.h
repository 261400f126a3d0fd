/*
 * The verbs of `xenbench runs`.
 */
#ifndef XB_CMD_RUNS_H
#define XB_CMD_RUNS_H

#include "app.h"

xb_command_fn xb_cmd_runs_list;
xb_command_fn xb_cmd_runs_show;
xb_command_fn xb_cmd_runs_delete;
xb_command_fn xb_cmd_runs_export;
xb_command_fn xb_cmd_runs_import;

#endif
