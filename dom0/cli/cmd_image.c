/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench image list` and `remove`.
 */
#include "base.h"
#include "commands.h"
#include "files.h"
#include "guest_cfg.h"
#include "guest_def.h"
#include "image.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

struct removal {
    struct xb_words name;
    bool force;
};

static void print_table(const struct xb_image *images, size_t count)
{
    printf("%-20s %-7s %-10s %-6s %-24s %7s %7s  %s\n", "NAME", "KIND", "SUITE", "ARCH", "KERNEL",
           "DISK", "MEMORY", "WORKLOADS");
    for (size_t i = 0; i < count; i++) {
        const struct xb_image *image = &images[i];
        char disk[24] = "-";
        size_t w;
        json_t *workload;
        if (image->disk)
            snprintf(disk, sizeof(disk), "%" PRIu64 "M", image->disk_bytes >> 20);
        printf("%-20s %-7s %-10s %-6s %-24s %7s %6" PRIu64 "M ", image->name, image->kind,
               image->suite, image->arch, image->kernel_release, disk,
               image->min_memory_bytes >> 20);
        json_array_foreach(json_object_get(image->json, "workloads"), w, workload)
            printf(" %s", json_string_value(workload));
        puts(image->read_only ? " (read-only)" : "");
    }
}

static void print_json(const struct xb_image *images, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *entry = json_copy(images[i].json);
        json_object_set_new(entry, "dir", json_string(images[i].dir));
        json_object_set_new(entry, "disk_bytes", json_integer((json_int_t)images[i].disk_bytes));
        json_object_set_new(entry, "read_only", json_boolean(images[i].read_only));
        json_array_append_new(list, entry);
    }
    json_dumpf(list, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    putchar('\n');
    json_decref(list);
}

const struct xb_opts xb_opts_image_list = {
    .rows = xb_opt_rows_json,
    .doc = "List the images that guests can be made from; --json prints all of image.json.",
};

int xb_cmd_image_list(struct xb_app *app, int argc, char **argv)
{
    struct xb_image *images;
    size_t count;
    bool json = false;
    xb_opts_parse(&xb_opts_image_list, argc, argv, &json);
    if (xb_image_list(app, &images, &count, &app->err) < 0)
        return (int)app->err.class;
    if (json)
        print_json(images, count);
    else
        print_table(images, count);
    xb_image_list_free(images, count);
    return 0;
}

/*
 * Guests have their own copy of the kernel, except those of an older xenbench; and an xl.cfg that a
 * user wrote may name the image's kernel.
 */
static int refuse_if_named(struct xb_app *app, const struct xb_guest_def *guest,
                           const struct xb_image *image)
{
    char cfg[PATH_MAX], dir[PATH_MAX];
    if (xb_path(cfg, sizeof(cfg), &app->err, "%s/%s.cfg", guest->dir, guest->name) < 0 ||
        xb_path(dir, sizeof(dir), &app->err, "%s/images/%s", app->state_dir, image->name) < 0)
        return -1;
    int real = xb_guest_cfg_names(cfg, image->dir, NULL);
    if (real == 0 && xb_guest_cfg_names(cfg, dir, NULL) == 0)
        return 0;
    if (real < 0 && strcmp(guest->image, image->name) != 0)
        return 0;
    return xb_fail(&app->err, XB_E_INPUT, 0,
                   "guest %s %s the kernel of image %s: remove the guest first "
                   "(`xenbench guest remove %s`), or give --force",
                   guest->name,
                   real < 0 ? "has no xl.cfg that can be read, and may start with" : "starts with",
                   image->name, guest->name);
}

static int refuse_if_used(struct xb_app *app, const char *name)
{
    xb_auto_image struct xb_image image = {0};
    xb_auto_free struct xb_guest_def *guests = NULL;
    size_t count = 0;
    if (xb_image_find(app, name, &image, &app->err) < 0)
        return -1;
    if (xb_guest_def_list_all(app, &guests, &count, &app->err) < 0)
        return xb_fail_context(
            &app->err, "it is unknown whether a guest needs image %s (--force removes it)", name);
    for (size_t i = 0; i < count; i++)
        if (refuse_if_named(app, &guests[i], &image) < 0)
            return -1;
    return 0;
}

static const struct xb_opt remove_rows[] = {
    OPT_FORCE(struct removal, force, "Remove the image even if a guest starts with its kernel"),
    OPT_END,
};

const struct xb_opts xb_opts_image_remove = {
    .rows = remove_rows,
    .words = OPT_WORDS(struct removal, name, 1, 1, "no image named"),
    .args = "IMAGE",
    .doc = "Remove an image.",
};

int xb_cmd_image_remove(struct xb_app *app, int argc, char **argv)
{
    struct removal removal = {0};
    xb_opts_parse(&xb_opts_image_remove, argc, argv, &removal);
    const char *name = removal.name.v[0];
    if ((!removal.force && refuse_if_used(app, name) < 0) ||
        xb_image_remove(app, name, &app->err) < 0)
        return (int)app->err.class;
    return 0;
}
