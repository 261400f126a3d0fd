/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench image check-device`: tells recipes whether they may overwrite a device. Not for users.
 */
#include "blockdev.h"
#include "commands.h"
#include "volume_owner.h"

struct request {
    struct xb_words device;
    const char *image;
    bool force;
};

static const struct xb_opt rows[] = {
    OPT_FORCE(struct request, force, "What it carries may be lost"),
    OPT_STRING(struct request, image, "image", 0, "NAME",
               "It is to be, and may be already, the disk of this image"),
    OPT_END,
};

const struct xb_opts xb_opts_image_check_device = {
    .rows = rows,
    .words = OPT_WORDS(struct request, device, 1, 1, "no device named"),
    .args = "DEVICE",
    .doc = "Nothing, and status 0, where a device may be written over: nobody holds it, and it "
           "carries nothing, and is no guest's or other image's disk. Else status 2, and who does "
           "or what.",
};

int xb_cmd_image_check_device(struct xb_app *app, int argc, char **argv)
{
    struct request request = {0};
    xb_opts_parse(&xb_opts_image_check_device, argc, argv, &request);
    const char *device = request.device.v[0];
    return xb_blockdev_check_target(device, request.force, &app->err) < 0 ||
                   xb_volume_check_owner(app, device, request.image, &app->err) < 0
               ? (int)app->err.class
               : 0;
}
