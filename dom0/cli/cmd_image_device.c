/*
 * `xenbench image check-device`: recipes ask whether they may write over a device. Not for people.
 */
#include "blockdev.h"
#include "cmd_image.h"
#include "options.h"
#include "volume_owner.h"

struct request {
    const char *device, *image;
    bool force;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case 'f':
        request->force = true;
        return 0;
    case 'i':
        request->image = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (request->device)
            argp_error(state, "`%s`: one device at a time", arg);
        request->device = arg;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "no device named");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int xb_cmd_image_check_device(struct xb_app *app, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"force", 'f', NULL, 0, "What it carries may be lost", 0},
        {"image", 'i', "NAME", 0, "It is to be, and may be already, the disk of this image", 0},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "DEVICE",
        .doc =
            "Nothing, and status 0, where a device may be written over: nobody holds it, and it "
            "carries nothing, and is no guest's or other image's disk. Else status 2, and who does or what.",
    };
    struct request request = {0};
    xb_options_parse(&argp, argc, argv, &request);
    return xb_blockdev_check_target(request.device, request.force, &app->err) < 0 ||
                   xb_volume_check_owner(app, request.device, request.image, &app->err) < 0
               ? (int)app->err.class
               : 0;
}
