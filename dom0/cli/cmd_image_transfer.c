/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench image export` and `image import`.
 */
#include "base.h"
#include "blockdev.h"
#include "commands.h"
#include "fault.h"
#include "files.h"
#include "guest_cfg.h"
#include "guest_def.h"
#include "image_transfer.h"
#include "outfile.h"
#include "volume_owner.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#define LEVEL_DEFAULT 3
#define LEVEL_MAX 19

struct request {
    struct xb_words words;
    const char *name;
    bool force;
    bool quiet;
    struct xb_stream_packing packing;
};

/* The target of an export: a device, or what outfile.h writes to. */
struct target {
    struct xb_newfile file;
    bool is_device;
};

/* A device is written in place, so its old content is lost even if the export fails. */
static int open_device(struct xb_app *app, struct target *target, const char *path, bool force,
                       struct xb_err *err)
{
    if (!force)
        return xb_fail(err, XB_E_INPUT, 0, "%s is a device (--force overwrites its content)", path);
    if (xb_blockdev_check_target(path, true, err) < 0 ||
        xb_volume_check_owner(app, path, NULL, err) < 0)
        return -1;
    target->is_device = true;
    target->file.fd = open(path, O_WRONLY | O_EXCL | O_CLOEXEC);
    return target->file.fd < 0 ? xb_fail(err, XB_E_HOST, errno, "cannot write %s", path) : 0;
}

static int open_target(struct xb_app *app, struct target *target, const char *path, bool force,
                       struct xb_err *err)
{
    struct stat st;
    if (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISBLK(st.st_mode))
        return open_device(app, target, path, force, err);
    if (xb_outfile_open(&target->file, path, 0600, force, "--force replaces it", err) < 0)
        return -1;
    return xb_outfile_no_terminal(&target->file, err);
}

static int finish_target(struct target *target, bool good, struct xb_err *err)
{
    if (good)
        xb_fault("exported");
    if (good && target->is_device && fsync(target->file.fd) < 0)
        good = xb_fail(err, XB_E_HOST, errno, "cannot write the device") == 0;
    else if (good && !target->is_device)
        good = xb_newfile_show(&target->file, err) == 0;
    xb_newfile_end(&target->file);
    return good ? 0 : -1;
}

static const struct xb_opt export_rows[] = {
    OPT_NUMBER(struct request, packing.level, "level", 'l', "N", 1, LEVEL_MAX,
               "Level of zstd, 1 to 19 (default: 3)"),
    OPT_THREADS(struct request, packing.threads, "Threads that compress (default: one per CPU)"),
    OPT_FORCE(struct request, force, "Replace FILE, or overwrite it if it is a device"),
    OPT_QUIET(struct request, quiet),
    OPT_END,
};

const struct xb_opts xb_opts_image_export = {
    .rows = export_rows,
    .words = OPT_WORDS(struct request, words, 2, 2, "name an image and a file (or -)"),
    .args = "IMAGE FILE",
    .doc = "Write an image with its kernel and disk into one compressed file; `-` is stdout."
           "\v  xenbench image export debian debian.xbs\n"
           "  xenbench image export debian - | ssh other xenbench image import -",
};

int xb_cmd_image_export(struct xb_app *app, int argc, char **argv)
{
    struct request request = {.packing = {.compress = true, .level = LEVEL_DEFAULT}};
    struct target target = {.file = XB_NEWFILE_NONE};
    xb_auto_work struct xb_work work = XB_WORK_NONE;
    uint64_t bytes = 0, begun_ns = xb_now_ns();
    xb_opts_parse(&xb_opts_image_export, argc, argv, &request);
    if (open_target(app, &target, request.words.v[1], request.force, &app->err) < 0 ||
        xb_work_begin(&work, request.quiet, &app->err) < 0)
        return finish_target(&target, false, &app->err), (int)app->err.class;
    int status = xb_image_export(app, request.words.v[0], target.file.fd, &request.packing, &work,
                                 &bytes, &app->err);
    if (finish_target(&target, status == 0, &app->err) == 0)
        xb_progress_done(&work.line, "%s: %" PRIu64 " MiB in %.1f s", request.words.v[0],
                         bytes >> 20, (double)(xb_now_ns() - begun_ns) / 1e9);
    return (int)app->err.class;
}

static const struct xb_opt import_rows[] = {
    OPT_STRING(struct request, name, "name", 0, "NAME", "The image's name (default: the stream's)"),
    OPT_FORCE(struct request, force, "Replace an image of that name"),
    OPT_QUIET(struct request, quiet),
    OPT_END,
};

const struct xb_opts xb_opts_image_import = {
    .rows = import_rows,
    .words = OPT_WORDS(struct request, words, 1, 1, "name one file (or -)"),
    .args = "FILE",
    .doc =
        "Make an image from a stream that `xenbench image export` wrote; `-` is stdin.\vA stream "
        "that is cut off or damaged is refused, and nothing of it is left. Guests run what is in "
        "an image, so import streams only from people you trust.",
};

/* Warn about guests of an older xenbench: they name the image's files, which have changed. */
static void tell_guests(struct xb_app *app, const char *name)
{
    char cfg[PATH_MAX], dir[PATH_MAX];
    xb_auto_free struct xb_guest_def *guests = NULL;
    size_t count = 0;
    if (xb_path(dir, sizeof(dir), NULL, "%s/images/%s", app->state_dir, name) < 0 ||
        xb_guest_def_list(app, &guests, &count, NULL) < 0)
        return;
    for (size_t i = 0; i < count; i++)
        if (xb_path(cfg, sizeof(cfg), NULL, "%s/%s.cfg", guests[i].dir, guests[i].name) == 0 &&
            xb_guest_cfg_names(cfg, dir, NULL) == 1)
            fprintf(stderr,
                    "xenbench: warning: guest %s has no kernel of its own: from now on it starts "
                    "with the kernel of the new image %s\n",
                    guests[i].name, name);
}

int xb_cmd_image_import(struct xb_app *app, int argc, char **argv)
{
    struct request request = {0};
    char name[XB_IMAGE_NAME_MAX + 1];
    xb_auto_work struct xb_work work = XB_WORK_NONE;
    xb_opts_parse(&xb_opts_image_import, argc, argv, &request);
    const char *path = request.words.v[0];
    xb_auto_close int fd =
        strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return xb_fail(&app->err, XB_E_INPUT, errno, "cannot read %s", path), (int)XB_E_INPUT;
    if (xb_work_begin(&work, request.quiet, &app->err) < 0)
        return (int)app->err.class;
    struct xb_image_import how = {.name = request.name, .replace = request.force};
    if (xb_image_import(app, fd, &how, &work, name, &app->err) < 0)
        return xb_fail_context(&app->err, "%s", path), (int)app->err.class;
    xb_progress_done(&work.line, "image %s is imported", name);
    tell_guests(app, name);
    return 0;
}
