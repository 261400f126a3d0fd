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
    OPT_FORCE(struct request, force, "The device's data may be lost"),
    OPT_STRING(struct request, image, "image", 0, "NAME",
               "The device becomes the disk of this image, or is its disk already"),
    OPT_END,
};

const struct xb_opts xb_opts_image_check_device = {
    .rows = rows,
    .words = OPT_WORDS(struct request, device, 1, 1, "no device named"),
    .args = "DEVICE",
    .doc = "Print nothing, and exit with status 0, if the device may be overwritten: it is not in "
           "use, carries no data, and is not the disk of a guest or of another image. Otherwise "
           "print the reason, and exit with status 2.",
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
