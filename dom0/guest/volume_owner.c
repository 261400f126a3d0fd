/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume_owner.h"

#include "base.h"
#include "blockdev.h"
#include "guest_dir.h"
#include "image.h"

#include <string.h>

struct search {
    const char *device;
    const char *image;    /* the image that may own the disk; NULL: none */
    char owner[PATH_MAX]; /* "": none found */
    const char *how;      /* how to free the disk */
};

/* An incomplete guest or image has no name, so its path identifies it. */
static void look(void *arg, const char *path, const struct xb_disk *disk)
{
    struct search *search = arg;
    char device[PATH_MAX];
    if (disk->storage <= XB_STORAGE_FILE ||
        xb_disk_path(disk, path, device, sizeof(device), NULL) < 0 ||
        !xb_blockdev_is_same(device, search->device))
        return;
    snprintf(search->owner, sizeof(search->owner), "%s, which was never finished", path);
    search->how = "`xenbench clean` removes that";
}

static int look_at_guests(struct xb_app *app, struct search *search, struct xb_err *err)
{
    xb_auto_free struct xb_guest_def *defs = NULL;
    size_t count = 0;
    if (xb_guest_def_list_all(app, &defs, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        look(search, defs[i].dir, &defs[i].disk);
        if (!search->owner[0])
            continue;
        snprintf(search->owner, sizeof(search->owner), "guest %s", defs[i].name);
        search->how = "`xenbench guest remove` removes that with its volume";
        return 0;
    }
    return xb_guest_dir_each_remains(app, look, search, err);
}

static int look_at_images(struct xb_app *app, struct search *search, struct xb_err *err)
{
    struct xb_image *images = NULL;
    size_t count = 0;
    if (xb_image_list(app, &images, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count && !search->owner[0]; i++) {
        const char *name = strrchr(images[i].dir, '/') + 1; /* the name that commands use */
        if (!images[i].disk || !xb_blockdev_is_same(images[i].disk, search->device) ||
            (search->image && strcmp(name, search->image) == 0))
            continue;
        snprintf(search->owner, sizeof(search->owner), "image %s", name);
        search->how = "`xenbench image remove` removes that";
    }
    xb_image_list_free(images, count);
    return search->owner[0] ? 0 : xb_image_each_remains(app, search->image, look, search, err);
}

int xb_volume_check_owner(struct xb_app *app, const char *device, const char *image,
                          struct xb_err *err)
{
    struct search search = {.device = device, .image = image};
    if (look_at_guests(app, &search, err) < 0 ||
        (!search.owner[0] && look_at_images(app, &search, err) < 0))
        return xb_fail_context(err, "it is unknown whose disk %s is", device);
    if (!search.owner[0])
        return 0;
    return xb_fail(
        err, XB_E_INPUT, 0,
        "%s is the disk of %s, which --force does not overwrite: choose another, or remove its "
        "owner (%s)",
        device, search.owner, search.how);
}
