/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_adopt.h"

#include "base.h"
#include "cfg_text.h"
#include "domain_config.h"
#include "files.h"
#include "guest_dir.h"

#include <errno.h>
#include <libxl_utils.h>
#include <libxlutil.h>
#include <string.h>

struct adoption {
    struct xb_app *app;
    const char *path;
    XLU_Config *cfg; /* the settings by name; the full parse, libxl's JSON, comes from xl */
    char *text;
    struct xb_guest_def def;
    struct xb_guest_dir dir;
};

static const char *setting(const struct adoption *adoption, const char *key)
{
    const char *value = NULL;
    return xlu_cfg_get_string(adoption->cfg, key, &value, 1) == 0 ? value : NULL;
}

static int read_cfg(struct adoption *adoption, struct xb_err *err)
{
    const char *path = adoption->path;
    adoption->text = xb_cfg_read(path, err);
    if (!adoption->text)
        return -1;
    /* libxlutil prints errors, with the line, on stderr. */
    adoption->cfg = xlu_cfg_init(stderr, path);
    if (!adoption->cfg ||
        xlu_cfg_readdata(adoption->cfg, adoption->text, (int)strlen(adoption->text)))
        return xb_fail(err, XB_E_INPUT, 0, "%s cannot be read as an xl.cfg", path);
    return 0;
}

static int choose_name(struct adoption *adoption, const char *name, struct xb_err *err)
{
    struct xb_guest_def *def = &adoption->def;
    if (!name)
        name = setting(adoption, "name");
    if (!name)
        return xb_fail(err, XB_E_INPUT, 0,
                       "%s has no `name`; give one: guest create NAME --from %s", adoption->path,
                       adoption->path);
    if (xb_guest_def_dir(adoption->app, name, def->dir, sizeof(def->dir), err) < 0)
        return -1;
    if (xb_guest_exists(adoption->app, name))
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest `%s` exists already (`xenbench guest remove %s` removes it, or "
                       "choose another name)",
                       name, name);
    snprintf(def->name, sizeof(def->name), "%s", name);
    return 0;
}

/* A guest's UUID identifies its domain. Use the file's own, which no other guest may have. */
static int choose_uuid(struct adoption *adoption, struct xb_err *err)
{
    libxl_uuid uuid;
    size_t count = 0;
    xb_auto_free struct xb_guest_def *others = NULL;
    struct xb_guest_def *def = &adoption->def;
    const char *own = setting(adoption, "uuid");
    if (!own)
        libxl_uuid_generate(&uuid);
    else if (libxl_uuid_from_string(&uuid, own) < 0)
        return xb_fail(err, XB_E_INPUT, 0, "%s: `%.60s` is no uuid", adoption->path, own);
    snprintf(def->uuid, sizeof(def->uuid), LIBXL_UUID_FMT, LIBXL_UUID_BYTES(uuid));
    if (own && xb_guest_def_list_all(adoption->app, &others, &count, err) < 0)
        return xb_fail_context(err,
                               "%s: it is unknown whether another guest has this uuid; remove "
                               "the line from the file, and the new guest gets a uuid of its "
                               "own",
                               adoption->path);
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(others[i].uuid, def->uuid) == 0)
            return xb_fail(err, XB_E_INPUT, 0,
                           "%s: guest %s has this uuid already; remove the line from the file, "
                           "and the new guest gets a uuid of its own",
                           adoption->path, others[i].name);
    return 0;
}

/*
 * xl resolves file names from its current directory, but a guest starts from anywhere, so write
 * full paths.
 */
static int put_full_path(const struct adoption *adoption, FILE *out, const char *key,
                         struct xb_err *err)
{
    char full[PATH_MAX];
    const char *path = setting(adoption, key);
    if (!path || path[0] == '/')
        return 0;
    if (!realpath(path, full))
        return xb_fail(err, XB_E_INPUT, errno, "%s: %s %s, from here", adoption->path, key, path);
    xb_cfg_put_string(out, key, full);
    return 0;
}

/* If a setting is given twice, the last one counts, for xl as for libxlutil. */
static int write_cfg(const struct adoption *adoption, const char *path, struct xb_err *err)
{
    const struct xb_guest_def *def = &adoption->def;
    const char *name = setting(adoption, "name");
    static const char *const files[] = {"kernel", "ramdisk", "firmware_override",
                                        "device_model_override"};
    xb_auto_fclose FILE *out = xb_create_private(path);
    if (!out)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s", path);
    fprintf(out, "%s\n# Added by xenbench, which made guest %s from this:\n", adoption->text,
            def->name);
    if (!name || strcmp(name, def->name) != 0)
        fprintf(out, "name = \"%s\"\n", def->name);
    if (!setting(adoption, "uuid"))
        fprintf(out, "uuid = \"%s\"\n", def->uuid);
    for (size_t i = 0; i < XB_ARRAY_LEN(files); i++)
        if (put_full_path(adoption, out, files[i], err) < 0)
            return -1;
    if (fflush(out) != 0 || ferror(out) || fsync(fileno(out)) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s", path);
    return 0;
}

/*
 * A disk's relative path means /dev, or depends on xl's current directory, so require full paths.
 */
static int check_disks(const struct adoption *adoption, const libxl_domain_config *config,
                       struct xb_err *err)
{
    char device[PATH_MAX];
    for (int i = 0; i < config->num_disks; i++) {
        const char *path = config->disks[i].pdev_path;
        if (!path || !*path || path[0] == '/' || config->disks[i].script)
            continue;
        snprintf(device, sizeof(device), "/dev/%s", path);
        if (access(device, F_OK) < 0)
            return xb_fail(err, XB_E_INPUT, 0,
                           "%s: the disk %s has no full path, which a guest needs because it "
                           "is started from any folder: write its path from / on",
                           adoption->path, path);
    }
    return 0;
}

static int describe(struct adoption *adoption, struct xb_adopted *out, struct xb_err *err)
{
    libxl_domain_config config;
    struct xb_guest_def *def = &adoption->def;
    struct xb_guest_def staged = *def; /* with the hidden directory in which the files still are */
    snprintf(staged.dir, sizeof(staged.dir), "%s", adoption->dir.path);
    int status = xb_domain_config_load(adoption->app->xen, &staged, &config, err);
    if (status == 0) {
        const char *type = libxl_domain_type_to_string(config.c_info.type);
        snprintf(def->type, sizeof(def->type), "%s", type ? type : "");
        def->vcpus = (uint32_t)libxl_bitmap_count_set(&config.b_info.avail_vcpus);
        if (def->vcpus == 0)
            def->vcpus = config.b_info.max_vcpus > 0 ? (uint32_t)config.b_info.max_vcpus : 1;
        def->memory_bytes = xb_domain_config_memory(&config);
        out->no_memory = def->memory_bytes == 0;
        out->nic_count = config.num_nics;
        status = check_disks(adoption, &config, err);
    }
    libxl_domain_config_dispose(&config);
    return status;
}

static int fill_dir(struct adoption *adoption, struct xb_adopted *out, struct xb_err *err)
{
    char path[PATH_MAX], json[PATH_MAX];
    const char *name = adoption->def.name;
    if (xb_domain_cfg_paths(adoption->dir.path, name, path, json, err) < 0 ||
        write_cfg(adoption, path, err) < 0)
        return -1;
    if (xb_domain_cfg_to_json(path, json, err) < 0)
        return xb_fail_context(err, "%s", adoption->path);
    if (describe(adoption, out, err) < 0)
        return -1;
    return xb_guest_def_save(&adoption->def, adoption->dir.path, err);
}

static int adopt(struct adoption *adoption, const char *name, struct xb_adopted *out,
                 struct xb_err *err)
{
    if (read_cfg(adoption, err) < 0 || choose_name(adoption, name, err) < 0 ||
        choose_uuid(adoption, err) < 0 || !xb_xen_get(adoption->app, err) ||
        xb_guest_dir_make(adoption->app, adoption->def.name, &adoption->dir, err) < 0)
        return -1;
    snprintf(out->name, sizeof(out->name), "%s", adoption->def.name);
    if (fill_dir(adoption, out, err) == 0 &&
        xb_guest_dir_show(&adoption->dir, &adoption->def, err) == 0)
        return 0;
    xb_guest_dir_give_up(&adoption->dir, &adoption->def);
    return -1;
}

int xb_guest_adopt(struct xb_app *app, const char *path, const char *name, struct xb_adopted *out,
                   struct xb_err *err)
{
    struct adoption adoption = {.app = app, .path = path, .dir = {.lock = -1}};
    *out = (struct xb_adopted){0};
    int status = adopt(&adoption, name, out, err);
    if (adoption.cfg)
        xlu_cfg_destroy(adoption.cfg);
    free(adoption.text);
    return status;
}
