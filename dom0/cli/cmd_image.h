/*
 * The verbs of `xenbench image`.
 */
#ifndef XB_CMD_IMAGE_H
#define XB_CMD_IMAGE_H

#include "app.h"

xb_command_fn xb_cmd_image_build;
xb_command_fn xb_cmd_image_export;
xb_command_fn xb_cmd_image_import;
xb_command_fn xb_cmd_image_check_device;

#endif
