/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base.h"
#include "fault.h"
#include "image_transfer.h"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

struct part {
    const char *name;
    const char *path; /* NULL: the image has none */
    int fd;
};

static int open_parts(struct part *parts, size_t count, uint64_t *bytes, struct xb_err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!parts[i].path)
            continue;
        parts[i].fd = open(parts[i].path, O_RDONLY | O_CLOEXEC);
        if (parts[i].fd < 0)
            return xb_fail(err, XB_E_HOST, errno, "cannot read %s", parts[i].path);
        *bytes += xb_stream_data_bytes(parts[i].fd);
    }
    return 0;
}

static int write_parts(struct xb_stream_writer *stream, const struct xb_image *image,
                       const struct part *parts, size_t count, struct xb_err *err)
{
    xb_auto_free char *json = json_dumps(image->json, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    if (!json)
        return xb_fail(err, XB_E_HOST, 0, "cannot export image %s: its description is not UTF-8",
                       image->name);
    if (xb_stream_add_text(stream, "image.json", json, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].fd >= 0 && xb_stream_add(stream, parts[i].name, parts[i].fd, err) < 0)
            return -1;
        xb_fault(parts[i].name);
    }
    return xb_stream_finish(stream, err);
}

int xb_image_export(struct xb_app *app, const char *name, int fd,
                    const struct xb_stream_packing *packing, struct xb_work *work, uint64_t *bytes,
                    struct xb_err *err)
{
    char manifest[PATH_MAX], bzimage[PATH_MAX], what[XB_IMAGE_NAME_MAX + 16];
    uint64_t total = 0;
    xb_auto_close int lock = -1;
    xb_auto_image struct xb_image image = {0};
    xb_auto_stream_writer struct xb_stream_writer *stream = NULL;
    if (xb_image_find_held(app, name, &image, &lock, err) < 0)
        return -1;
    snprintf(manifest, sizeof(manifest), "%s/manifest.txt", image.dir);
    snprintf(bzimage, sizeof(bzimage), "%s/vmlinuz", image.dir);
    struct part parts[] = {
        {"manifest.txt", access(manifest, F_OK) == 0 ? manifest : NULL, -1},
        {"vmlinuz", access(bzimage, F_OK) == 0 ? bzimage : NULL, -1},
        {"vmlinux", image.kernel, -1},
        {"initrd.img", image.initrd, -1},
        {"disk.img", image.disk, -1},
    };
    int status = open_parts(parts, XB_ARRAY_LEN(parts), &total, err);
    snprintf(what, sizeof(what), "export of %s", name);
    xb_work_on(work, what, total);
    if (status == 0)
        status = xb_stream_create(&stream, fd, XB_STREAM_OF_FILES, packing, work, err);
    if (status == 0)
        status = write_parts(stream, &image, parts, XB_ARRAY_LEN(parts), err);
    if (status == 0)
        *bytes = xb_stream_written(stream);
    for (size_t i = 0; i < XB_ARRAY_LEN(parts); i++)
        xb_cleanup_close(&parts[i].fd);
    return status;
}
