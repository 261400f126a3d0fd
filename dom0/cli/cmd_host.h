/*
 * Verbs of `xenbench host` that have files of their own.
 */
#ifndef XB_CMD_HOST_H
#define XB_CMD_HOST_H

#include "app.h"

xb_command_fn xb_cmd_host_show;

#endif
