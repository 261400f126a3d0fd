/*
 * The verbs of `xenbench guest`, each in the form of a command.
 */
#ifndef XB_CMD_GUEST_H
#define XB_CMD_GUEST_H

#include "app.h"

xb_command_fn xb_cmd_guest_create;
xb_command_fn xb_cmd_guest_clone;
xb_command_fn xb_cmd_guest_list;
xb_command_fn xb_cmd_guest_start;
xb_command_fn xb_cmd_guest_stop;
xb_command_fn xb_cmd_guest_destroy;
xb_command_fn xb_cmd_guest_remove;
xb_command_fn xb_cmd_guest_console;
xb_command_fn xb_cmd_guest_checkpoint;
xb_command_fn xb_cmd_guest_restore;
xb_command_fn xb_cmd_guest_pause;
xb_command_fn xb_cmd_guest_unpause;
xb_command_fn xb_cmd_guest_reboot;
xb_command_fn xb_cmd_guest_migrate;

#endif
