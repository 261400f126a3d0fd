/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_clone.h"

#include "base.h"
#include "clone_disk.h"
#include "disk_content.h"
#include "domain_config.h"
#include "ext4.h"
#include "fault.h"
#include "files.h"
#include "guest_cfg_derive.h"
#include "guest_dir.h"
#include "sparse.h"
#include "xen.h"

#include <string.h>

const char *const xb_clone_method_words[] = {"snapshot", "thin", "copy", "backup", NULL};

const char *xb_clone_method_name(enum xb_clone_method method)
{
    return method > XB_CLONE_DEFAULT && method <= XB_CLONE_BACKUP
               ? xb_clone_method_words[method - XB_CLONE_SNAPSHOT]
               : NULL;
}

static int refuse_running(struct xb_app *app, const struct xb_guest_def *source, struct xb_err *err)
{
    if (!xb_xen_get(app, err))
        return -1;
    if (!xb_guest_def_domid(app, source))
        return 0;
    return xb_fail(err, XB_E_INPUT, 0,
                   "guest %s runs and changes its disk: stop it first (`xenbench guest stop "
                   "%s`)",
                   source->name, source->name);
}

/* A new UUID in libxl's format. */
static void new_uuid(char out[37])
{
    libxl_uuid uuid;
    libxl_uuid_generate(&uuid);
    snprintf(out, 37, LIBXL_UUID_FMT, LIBXL_UUID_BYTES(uuid));
}

/*
 * If checksums depend on the UUID, a new UUID rewrites all of the filesystem's tables, which grow
 * with its size. A copy is slow anyway, but a snapshot would lose its advantage.
 */
static bool wants_fs_uuid(const struct xb_clone_job *job, const struct xb_ext4 *fs)
{
    if (job->spec->fs_uuid != XB_FS_UUID_DEFAULT)
        return job->spec->fs_uuid == XB_FS_UUID_NEW;
    bool shares = job->method == XB_CLONE_SNAPSHOT || job->method == XB_CLONE_THIN;
    return !shares || !fs->checksums_by_uuid;
}

struct clone {
    struct xb_clone_job *job;
    struct xb_guest_def def;
    struct xb_guest_dir dir;
    char fs_uuid_from[XB_UUID_TEXT_BYTES], fs_uuid_to[XB_UUID_TEXT_BYTES];
};

/* On failure the clone's own disk is removed, so the advice is about the source. */
static int tell_remedy(const struct xb_clone_job *job, char *out, size_t out_bytes,
                       struct xb_err *err)
{
    char path[PATH_MAX];
    if (job->spec->from_backup) {
        snprintf(out, out_bytes,
                 "it was already damaged when the backup %s was written: use another backup",
                 job->spec->from_backup);
        return 0;
    }
    if (xb_disk_path(&job->source.disk, job->source.dir, path, sizeof(path), err) < 0)
        return -1;
    snprintf(out, out_bytes, "that of guest %s is damaged, too: `e2fsck -f %s` repairs it%s",
             job->source.name, path,
             job->spec->backup_path ? "; the backup that was kept is damaged, too" : "");
    return 0;
}

static int personalise(struct clone *clone, struct xb_cloned *result, struct xb_err *err)
{
    char path[PATH_MAX], remedy[PATH_MAX + 256];
    struct xb_ext4 fs;
    const struct xb_disk *disk = &clone->def.disk;
    if (disk->storage == XB_STORAGE_NONE)
        return 0;
    if (tell_remedy(clone->job, remedy, sizeof(remedy), err) < 0 ||
        xb_disk_personalise(disk, clone->dir.path, clone->def.name, clone->def.uuid, remedy, err) <
            0 ||
        xb_disk_path(disk, clone->dir.path, path, sizeof(path), err) < 0)
        return -1;
    int found = xb_ext4_look(path, &fs, err);
    if (found <= 0)
        return found;
    result->fs_uuid_kept = !wants_fs_uuid(clone->job, &fs);
    if (result->fs_uuid_kept)
        return 0;
    snprintf(clone->fs_uuid_from, sizeof(clone->fs_uuid_from), "%s", fs.uuid);
    new_uuid(clone->fs_uuid_to);
    return xb_disk_new_fs_uuid(disk, clone->dir.path, clone->fs_uuid_to, err);
}

/*
 * Files in the source's directory, such as kernels, also go into the clone's. xenbench never writes
 * to its own files, so those are shared; a person's files are copied.
 */
static int share_or_copy(const char *name, const char *from, const char *to, struct xb_err *err)
{
    bool ours = strcmp(name, "kernel") == 0 || strcmp(name, "ramdisk") == 0;
    return ours ? xb_share_file(from, to, err) : xb_copy_disk(from, to, 0, NULL, err);
}

static int copy_named_file(const struct clone *clone, const json_t *value, struct xb_err *err)
{
    char from[PATH_MAX], to[PATH_MAX];
    const char *path = json_string_value(value);
    size_t n = strlen(clone->def.dir);
    if (!path || strncmp(path, clone->def.dir, n) != 0 || path[n] != '/' ||
        strchr(path + n + 1, '/'))
        return 0;
    if (xb_path(from, sizeof(from), err, "%s%s", clone->job->source.dir, path + n) < 0 ||
        xb_path(to, sizeof(to), err, "%s%s", clone->dir.path, path + n) < 0)
        return -1;
    return access(to, F_OK) == 0 ? 0 : share_or_copy(path + n + 1, from, to, err);
}

static int copy_named_files(const struct clone *clone, const char *json_path, struct xb_err *err)
{
    static const char *const keys[] = {"kernel", "ramdisk", "firmware", "system_firmware"};
    xb_auto_json json_t *json = xb_json_load(json_path, err);
    json_t *b_info = json_object_get(json, "b_info");
    if (!json)
        return -1;
    for (size_t i = 0; i < XB_ARRAY_LEN(keys); i++)
        if (copy_named_file(clone, json_object_get(b_info, keys[i]), err) < 0)
            return -1;
    return 0;
}

static int write_cfg(struct clone *clone, struct xb_err *err)
{
    char path[PATH_MAX], json[PATH_MAX];
    struct xb_cfg_change change = {
        .from = &clone->job->source,
        .to = &clone->def,
        .fs_uuid_from = clone->fs_uuid_from[0] ? clone->fs_uuid_from : NULL,
        .fs_uuid_to = clone->fs_uuid_to,
    };
    if (xb_domain_cfg_paths(clone->dir.path, clone->def.name, path, json, err) < 0 ||
        xb_guest_cfg_derive(&change, path, err) < 0 || xb_domain_cfg_to_json(path, json, err) < 0 ||
        xb_guest_cfg_check(&change, json, err) < 0)
        return -1;
    return copy_named_files(clone, json, err);
}

static int fill(struct clone *clone, struct xb_cloned *result, struct xb_err *err)
{
    uint64_t begun_ns = xb_now_ns();
    if (xb_work_did(clone->job->work, 0, err) < 0 ||
        xb_guest_def_save(&clone->def, clone->dir.path, err) < 0)
        return -1;
    xb_fault("planned");
    if (xb_clone_disk_make(clone->job, &clone->def.disk, clone->dir.path, err) < 0 ||
        xb_guest_def_save(&clone->def, clone->dir.path, err) < 0)
        return -1;
    xb_fault("disk-recorded");
    if (xb_clone_disk_fill(clone->job, &clone->def.disk, clone->dir.path, err) < 0)
        return -1;
    xb_fault("disk-filled");
    result->disk_ns = xb_now_ns() - begun_ns;
    if (personalise(clone, result, err) < 0 || write_cfg(clone, err) < 0 ||
        xb_guest_def_save(&clone->def, clone->dir.path, err) < 0)
        return -1;
    return refuse_running(clone->job->app, &clone->job->source, err);
}

static int clone_one(struct xb_clone_job *job, const char *name, struct xb_cloned *result,
                     struct xb_err *err)
{
    struct clone clone = {.job = job, .def = job->source, .dir = {.lock = -1}};
    uint64_t begun_ns = xb_now_ns();
    *result = (struct xb_cloned){.method = job->method};
    if (xb_guest_def_dir(job->app, name, clone.def.dir, sizeof(clone.def.dir), err) < 0)
        return -1;
    if (xb_guest_exists(job->app, name))
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest `%s` exists already (`xenbench guest remove %s` removes it)", name,
                       name);
    snprintf(clone.def.name, sizeof(clone.def.name), "%s", name);
    clone.def.run[0] = '\0';
    new_uuid(clone.def.uuid);
    if (xb_clone_disk_plan(job, name, clone.def.uuid, &clone.def.disk, err) < 0 ||
        xb_guest_dir_make(job->app, name, &clone.dir, err) < 0)
        return -1;
    if (fill(&clone, result, err) < 0 || xb_guest_dir_show(&clone.dir, &clone.def, err) < 0) {
        xb_guest_dir_give_up(&clone.dir, &clone.def);
        return -1;
    }
    result->disk = clone.def.disk;
    result->all_ns = xb_now_ns() - begun_ns;
    return 0;
}

int xb_guest_clone(struct xb_app *app, const struct xb_clone_spec *spec, const char *const *names,
                   size_t count, struct xb_work *work, struct xb_cloned *results,
                   struct xb_err *err)
{
    xb_auto_clone_job struct xb_clone_job job = {
        .app = app, .spec = spec, .work = work, .backup = -1, .hold = -1};
    xb_journal_recover_kind(&(struct xb_recovery){.app = app}, &xb_guest_dir_kind, NULL);
    if (xb_guest_def_load(app, spec->source, &job.source, err) < 0 ||
        refuse_running(app, &job.source, err) < 0)
        return -1;
    job.hold = xb_guest_dir_hold(&job.source, err);
    if (job.hold < 0 || xb_clone_job_begin(&job, err) < 0)
        return xb_fail_context(err, "guest %s", spec->source);
    for (size_t i = 0; i < count; i++)
        if (clone_one(&job, names[i], &results[i], err) < 0)
            return xb_fail_context(err, "clone %s of %s", names[i], spec->source);
    return 0;
}
