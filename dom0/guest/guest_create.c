/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A new guest: a directory with disk, xl.cfg and record, made under a hidden name and renamed once
 * it is complete.
 */
#include "base.h"
#include "boot.h"
#include "disk_content.h"
#include "domain_config.h"
#include "fault.h"
#include "files.h"
#include "guest_cfg.h"
#include "guest_dir.h"
#include "image.h"
#include "sparse.h"
#include "xen.h"

#include <inttypes.h>
#include <string.h>

static bool is_one_line(const char *text)
{
    for (; text && *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

struct creation {
    const struct xb_guest_spec *spec;
    struct xb_work *work;
    struct xb_image image;
    struct xb_guest_def def;
    struct xb_boot boot;
    uint32_t max_vcpus;
};

static int write_cfg(struct xb_app *app, const struct creation *c, const char *path,
                     struct xb_err *err)
{
    char disk[PATH_MAX], script[PATH_MAX], made_from[96];
    snprintf(made_from, sizeof(made_from), "the image %s", c->def.image);
    if (xb_disk_path(&c->def.disk, c->def.dir, disk, sizeof(disk), err) < 0)
        return -1;
    struct xb_guest_cfg cfg = {
        .name = c->def.name,
        .uuid = c->def.uuid,
        .made_from = made_from,
        .type = c->def.type,
        .kernel = c->boot.kernel[0] ? c->boot.kernel : NULL,
        .ramdisk = c->boot.ramdisk[0] ? c->boot.ramdisk : NULL,
        .by_grub = c->boot.by_grub,
        .cmdline = c->image.cmdline,
        .extra_cmdline = c->spec->cmdline,
        .memory_bytes = c->def.memory_bytes,
        .vcpus = c->def.vcpus,
        .max_vcpus = c->max_vcpus,
        .disk = c->def.disk.storage ? disk : NULL,
        .script = xb_guest_block_program(app, script) ? script : NULL,
    };
    return xb_guest_cfg_write(&cfg, path, err);
}

static int plan_disk(struct xb_app *app, struct creation *c, struct xb_err *err)
{
    const struct xb_guest_spec *spec = c->spec;
    uint64_t bytes = spec->disk_bytes ? spec->disk_bytes : c->image.disk_bytes;
    if (!c->image.disk)
        return 0;
    if (bytes < c->image.disk_bytes)
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest %s: a disk of %" PRIu64
                       " MiB was asked for; that of image %s has %" PRIu64 " "
                       "MiB and cannot shrink",
                       spec->name, bytes >> 20, spec->image, c->image.disk_bytes >> 20);
    if (xb_disk_plan(app, &spec->storage, spec->name, c->def.uuid, bytes, &c->def.disk, err) < 0)
        return xb_fail_context(err, "guest %s", spec->name);
    return 0;
}

/* Refuse options about the disk for an image without one. */
static int check_disk_words(const struct xb_guest_spec *spec, const struct xb_image *image,
                            struct xb_err *err)
{
    const struct xb_storage_choice *choice = &spec->storage;
    bool said = spec->disk_bytes || choice->storage || choice->vg || choice->thin_pool;
    if (!image->disk && said)
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest %s: image %s has no disk that could be placed or sized", spec->name,
                       spec->image);
    return 0;
}

static int check_spec(struct xb_app *app, const struct xb_guest_spec *spec, struct creation *c,
                      struct xb_err *err)
{
    struct xb_boot_host host;
    if (check_disk_words(spec, &c->image, err) < 0)
        return -1;
    struct xb_xen *xen = xb_xen_get(app, err);
    if (!xen || xb_guest_def_dir(app, spec->name, c->def.dir, sizeof(c->def.dir), err) < 0)
        return -1;
    if (xb_guest_exists(app, spec->name))
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest `%s` exists already (`xenbench guest remove %s` removes it)",
                       spec->name, spec->name);
    if (!is_one_line(spec->cmdline))
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest %s: a kernel's command line cannot have control characters",
                       spec->name);
    c->def.vcpus = spec->vcpus ? spec->vcpus : 1;
    c->max_vcpus = spec->max_vcpus ? spec->max_vcpus : c->def.vcpus;
    if (c->max_vcpus < c->def.vcpus)
        return xb_fail(err, XB_E_INPUT, 0, "guest %s: %u vcpus of at most %u", spec->name,
                       c->def.vcpus, c->max_vcpus);
    uint64_t least = c->image.min_memory_bytes;
    c->def.memory_bytes = spec->memory_bytes ? spec->memory_bytes : xb_image_default_memory(least);
    if (c->def.memory_bytes < least)
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest %s: %" PRIu64
                       " MiB of memory were asked for; image %s does not boot with less "
                       "than %" PRIu64,
                       spec->name, c->def.memory_bytes >> 20, spec->image, least >> 20);
    if (xb_boot_host(xen, &host, err) < 0 ||
        xb_boot_plan(&host, spec, &c->image, &c->boot, err) < 0)
        return -1;
    snprintf(c->def.type, sizeof(c->def.type), "%s", xb_guest_type_words[c->boot.type]);
    return plan_disk(app, c, err);
}

/*
 * Record the disk before making anything outside the directory, so that `xenbench clean` can find a
 * volume that a crash left.
 */
static int make_disk(struct creation *c, const char *dir, struct xb_err *err)
{
    char what[XB_GUEST_OWN_NAME_MAX + XB_IMAGE_NAME_MAX + 32];
    struct xb_disk *disk = &c->def.disk;
    snprintf(what, sizeof(what), "the disk of %s", c->def.name);
    xb_work_on(c->work, what, c->image.disk_bytes);
    if (xb_work_did(c->work, 0, err) < 0 || xb_guest_def_save(&c->def, dir, err) < 0)
        return -1;
    xb_fault("planned");
    if (xb_disk_make(disk, dir, err) < 0 || xb_guest_def_save(&c->def, dir, err) < 0)
        return -1;
    xb_fault("disk-recorded");
    if (xb_disk_fill(disk, dir, c->image.disk, c->work, err) < 0)
        return -1;
    xb_fault("disk-filled");
    snprintf(what, sizeof(what), "so is the disk of image %s: rebuild the image", c->image.name);
    if (xb_disk_personalise(disk, dir, c->def.name, c->def.uuid, what, err) < 0)
        return -1;
    const char *words = c->boot.by_grub ? c->spec->cmdline : NULL;
    return words && words[0] ? xb_boot_grub_words(disk, dir, words, err) : 0;
}

/*
 * Give the guest its own copy of an image's file, because the kernel must fit the modules on the
 * guest's disk even after the image is rebuilt. Other files (the user's kernel, GRUB) and prebuilt
 * images do not change and are used in place.
 */
static int own_file(const struct creation *c, const char *dir, const char *name,
                    char path[PATH_MAX], struct xb_err *err)
{
    char here[PATH_MAX];
    size_t n = strlen(c->image.dir);
    if (c->image.read_only || strncmp(path, c->image.dir, n) != 0 || path[n] != '/')
        return 0;
    if (xb_path(here, sizeof(here), err, "%s/%s", dir, name) < 0 ||
        xb_share_file(path, here, err) < 0)
        return xb_fail_context(err, "guest %s: its %s", c->def.name, name);
    return xb_path(path, PATH_MAX, err, "%s/%s", c->def.dir, name);
}

static int fill_dir(struct xb_app *app, struct creation *c, const char *dir, struct xb_err *err)
{
    char path[PATH_MAX], json[PATH_MAX];
    if (make_disk(c, dir, err) < 0 || own_file(c, dir, "kernel", c->boot.kernel, err) < 0 ||
        own_file(c, dir, "ramdisk", c->boot.ramdisk, err) < 0)
        return -1;
    xb_fault("kernel-owned");
    if (xb_domain_cfg_paths(dir, c->def.name, path, json, err) < 0 ||
        write_cfg(app, c, path, err) < 0 || xb_domain_cfg_to_json(path, json, err) < 0)
        return -1;
    return xb_guest_def_save(&c->def, dir, err);
}

static int make_dir(struct xb_app *app, struct creation *c, struct xb_err *err)
{
    struct xb_guest_dir dir;
    if (xb_guest_dir_make(app, c->def.name, &dir, err) < 0)
        return -1;
    if (fill_dir(app, c, dir.path, err) == 0 && xb_guest_dir_show(&dir, &c->def, err) == 0)
        return 0;
    xb_guest_dir_give_up(&dir, &c->def);
    return -1;
}

int xb_guest_create(struct xb_app *app, const struct xb_guest_spec *spec, struct xb_work *work,
                    struct xb_err *err)
{
    struct creation c = {.spec = spec, .work = work};
    libxl_uuid uuid;
    if (!spec->image)
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest %s: no image is given (`xenbench image list` shows them)",
                       spec->name);
    /* An error here does not matter: `xenbench clean` reports leftovers. */
    xb_journal_recover_kind(&(struct xb_recovery){.app = app}, &xb_guest_dir_kind, NULL);
    xb_auto_close int lock = -1;
    if (xb_image_find_held(app, spec->image, &c.image, &lock, err) < 0)
        return -1;
    libxl_uuid_generate(&uuid);
    snprintf(c.def.uuid, sizeof(c.def.uuid), LIBXL_UUID_FMT, LIBXL_UUID_BYTES(uuid));
    snprintf(c.def.name, sizeof(c.def.name), "%s", spec->name);
    snprintf(c.def.image, sizeof(c.def.image), "%s", spec->image);
    snprintf(c.def.run, sizeof(c.def.run), "%s", spec->run ? spec->run : "");
    int status = check_spec(app, spec, &c, err);
    if (status == 0)
        status = make_dir(app, &c, err);
    xb_image_clear(&c.image);
    return status;
}

bool xb_guest_exists(struct xb_app *app, const char *name)
{
    char dir[PATH_MAX];
    return xb_guest_def_dir(app, name, dir, sizeof(dir), NULL) == 0 && access(dir, F_OK) == 0;
}
