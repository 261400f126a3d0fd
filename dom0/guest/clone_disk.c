/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clone_disk.h"

#include "base.h"
#include "fault.h"
#include "files.h"
#include "newfile.h"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#define BACKUP_LEVEL 3
#define DISK_NAME "disk.img"

static int source_path(const struct xb_clone_job *job, char *out, size_t out_bytes,
                       struct xb_err *err)
{
    return xb_disk_path(&job->source.disk, job->source.dir, out, out_bytes, err);
}

static enum xb_clone_method default_method(const struct xb_disk *disk)
{
    if (disk->storage == XB_STORAGE_THIN)
        return XB_CLONE_THIN;
    return disk->storage == XB_STORAGE_LVM && !disk->snapshot_of[0] ? XB_CLONE_SNAPSHOT
                                                                    : XB_CLONE_COPY;
}

/* Refuse options about the disk for a guest without one. */
static int check_diskless(const struct xb_clone_spec *spec, struct xb_err *err)
{
    const struct {
        bool given;
        const char *option;
    } options[] = {
        {spec->backup_path != NULL, "--keep-backup"},
        {spec->from_backup != NULL, "--from-backup"},
        {spec->method != XB_CLONE_DEFAULT, "--method"},
        {spec->disk_bytes != 0, "--size"},
        {spec->storage.vg != NULL, "--vg"},
        {spec->storage.thin_pool != NULL, "--thin-pool"},
        {spec->storage.storage != XB_STORAGE_NONE, "--storage"},
        {spec->fs_uuid != XB_FS_UUID_DEFAULT, "--fs-uuid"},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(options); i++)
        if (options[i].given)
            return xb_fail(
                err, XB_E_INPUT, 0,
                "it has no disk of xenbench's, and %s is an option for cloning one: leave it "
                "out",
                options[i].option);
    return 0;
}

static int check_method(const struct xb_clone_job *job, struct xb_err *err)
{
    const struct xb_clone_spec *spec = job->spec;
    const struct xb_disk *disk = &job->source.disk;
    bool shares = job->method == XB_CLONE_SNAPSHOT || job->method == XB_CLONE_THIN;
    bool choice = spec->storage.storage || spec->storage.vg || spec->storage.thin_pool;
    if (job->method == XB_CLONE_SNAPSHOT && disk->storage != XB_STORAGE_LVM)
        return xb_fail(err, XB_E_INPUT, 0,
                       "--method snapshot is for disks in classic logical volumes (`--storage "
                       "lvm`); this one is in: %s",
                       disk->storage ? xb_storage_name(disk->storage) : "nothing");
    if (job->method == XB_CLONE_SNAPSHOT && disk->snapshot_of[0])
        return xb_fail(err, XB_E_INPUT, 0,
                       "its disk is a snapshot, and lvm makes no snapshot of a classic "
                       "snapshot: use --method copy, or clone the snapshot's origin");
    if (job->method == XB_CLONE_THIN && disk->storage != XB_STORAGE_THIN)
        return xb_fail(err, XB_E_INPUT, 0,
                       "--method thin is for disks in thin volumes (`--storage thin`); this one "
                       "is in: %s",
                       disk->storage ? xb_storage_name(disk->storage) : "nothing");
    if (shares && (choice || spec->disk_bytes))
        return xb_fail(err, XB_E_INPUT, 0,
                       "a snapshot has the place and size of its origin: --size, --storage, "
                       "--vg and --thin-pool are for --method copy");
    if (job->method == XB_CLONE_BACKUP && choice && spec->storage.storage != XB_STORAGE_FILE)
        return xb_fail(err, XB_E_INPUT, 0,
                       "--method backup restores into a file; --method copy takes --storage");
    if (spec->backup_path && job->method != XB_CLONE_BACKUP)
        return xb_fail(err, XB_E_INPUT, 0, "--keep-backup is for --method backup");
    if (spec->from_backup && (job->method != XB_CLONE_BACKUP || spec->backup_path))
        return xb_fail(err, XB_E_INPUT, 0,
                       "--from-backup is for --method backup, and excludes --keep-backup");
    return 0;
}

static int write_backup(struct xb_clone_job *job, int disk_fd, int backup_fd, struct xb_err *err)
{
    xb_auto_stream_writer struct xb_stream_writer *stream = NULL;
    const struct xb_stream_packing packing = {.compress = true, .level = BACKUP_LEVEL};
    xb_work_on(job->work, "backup", xb_stream_data_bytes(disk_fd));
    if (xb_stream_create(&stream, backup_fd, XB_STREAM_OF_FILES, &packing, job->work, err) < 0 ||
        xb_stream_add(stream, DISK_NAME, disk_fd, err) < 0)
        return -1;
    xb_fault("backup-half");
    if (xb_stream_finish(stream, err) < 0)
        return -1;
    xb_fault("backup-written");
    return 0;
}

/* A kept backup gets its name only once it is complete. */
static int write_kept_backup(struct xb_clone_job *job, int disk_fd, struct xb_err *err)
{
    xb_auto_newfile struct xb_newfile file = XB_NEWFILE_NONE;
    if (xb_newfile_open(&file, job->spec->backup_path, 0600, false, err) < 0 ||
        write_backup(job, disk_fd, file.fd, err) < 0 || xb_newfile_show(&file, err) < 0)
        return xb_fail_context(err, "the backup");
    job->backup = xb_steal_fd(&file.fd);
    return 0;
}

static int make_backup(struct xb_clone_job *job, struct xb_err *err)
{
    char path[PATH_MAX];
    if (source_path(job, path, sizeof(path), err) < 0)
        return -1;
    xb_auto_close int disk = open(path, O_RDONLY | O_CLOEXEC);
    if (disk < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot read the disk %s", path);
    if (job->spec->backup_path)
        return write_kept_backup(job, disk, err);
    job->backup = open(job->app->state_dir, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
    return job->backup < 0 ? xb_fail(err, XB_E_HOST, errno, "cannot write the backup in %s",
                                     job->app->state_dir)
                           : write_backup(job, disk, job->backup, err);
}

/* A kept backup may have changed, so check all of it before making anything. */
static int open_kept_backup(struct xb_clone_job *job, struct xb_err *err)
{
    const char *path = job->spec->from_backup;
    struct xb_stream_file file = {0};
    xb_auto_stream_reader struct xb_stream_reader *stream = NULL;
    job->backup = open(path, O_RDONLY | O_CLOEXEC);
    if (job->backup < 0 || lseek(job->backup, 0, SEEK_SET) < 0)
        return xb_fail(err, XB_E_INPUT, errno, "cannot read the backup %s", path);
    xb_work_on(job->work, "checking the backup", 0);
    if (xb_stream_open(&stream, job->backup, job->work, err) < 0 ||
        xb_stream_next(stream, &file, err) < 0 || xb_stream_verify(stream, err) < 0)
        return xb_fail_context(err, "%s", path);
    if (strcmp(file.name, DISK_NAME) != 0)
        return xb_fail(err, XB_E_INPUT, 0, "%s is not a backup of a guest's disk", path);
    job->disk_bytes = file.bytes;
    return 0;
}

static int check_size(const struct xb_clone_job *job, struct xb_err *err)
{
    uint64_t asked = job->spec->disk_bytes;
    if (asked && asked < job->disk_bytes)
        return xb_fail(err, XB_E_INPUT, 0,
                       "a disk of %" PRIu64 " MiB was asked for; the source's has %" PRIu64
                       " MiB and cannot "
                       "shrink",
                       asked >> 20, job->disk_bytes >> 20);
    return 0;
}

int xb_clone_job_begin(struct xb_clone_job *job, struct xb_err *err)
{
    job->method = job->spec->method ? job->spec->method : default_method(&job->source.disk);
    bool diskless = job->source.disk.storage == XB_STORAGE_NONE;
    if ((diskless && check_diskless(job->spec, err) < 0) || check_method(job, err) < 0)
        return -1;
    job->disk_bytes = job->source.disk.bytes;
    if (job->spec->from_backup && open_kept_backup(job, err) < 0)
        return -1;
    if (check_size(job, err) < 0)
        return -1;
    bool backs_up = job->method == XB_CLONE_BACKUP && job->backup < 0;
    return backs_up && job->source.disk.storage ? make_backup(job, err) : 0;
}

void xb_clone_job_end(struct xb_clone_job *job)
{
    xb_cleanup_close(&job->backup);
    xb_cleanup_close(&job->hold);
}

/* By default a copy is stored where its source is. */
static struct xb_storage_choice choose(const struct xb_clone_job *job, char *pool,
                                       size_t pool_bytes)
{
    const struct xb_disk *disk = &job->source.disk;
    struct xb_storage_choice choice = job->spec->storage;
    if (job->method == XB_CLONE_BACKUP)
        return (struct xb_storage_choice){.storage = XB_STORAGE_FILE};
    if (choice.storage || choice.vg || choice.thin_pool)
        return choice;
    snprintf(pool, pool_bytes, "%s/%s", disk->vg, disk->pool);
    choice.storage = disk->storage;
    choice.vg = disk->storage == XB_STORAGE_LVM ? disk->vg : NULL;
    choice.thin_pool = disk->storage == XB_STORAGE_THIN ? pool : NULL;
    return choice;
}

int xb_clone_disk_plan(const struct xb_clone_job *job, const char *guest, const char *uuid,
                       struct xb_disk *out, struct xb_err *err)
{
    char pool[2 * XB_LVM_NAME_BYTES];
    const struct xb_disk *disk = &job->source.disk;
    *out = (struct xb_disk){0};
    if (!disk->storage)
        return 0;
    if (job->method == XB_CLONE_SNAPSHOT || job->method == XB_CLONE_THIN)
        return xb_disk_plan_snapshot(disk, guest, uuid, out, err);
    struct xb_storage_choice choice = choose(job, pool, sizeof(pool));
    uint64_t bytes = job->spec->disk_bytes ? job->spec->disk_bytes : job->disk_bytes;
    return xb_disk_plan(job->app, &choice, guest, uuid, bytes, out, err);
}

int xb_clone_disk_make(const struct xb_clone_job *job, struct xb_disk *disk, const char *dir,
                       struct xb_err *err)
{
    if (disk->storage && (job->method == XB_CLONE_SNAPSHOT || job->method == XB_CLONE_THIN))
        return xb_disk_snapshot(disk, &job->source.disk, err);
    return xb_disk_make(disk, dir, err);
}

/* Restore the backup. The stream's last checksum must match before the clone becomes visible. */
static int restore(const struct xb_clone_job *job, const struct xb_disk *disk, const char *dir,
                   struct xb_err *err)
{
    char path[PATH_MAX];
    struct xb_stream_file file;
    xb_auto_stream_reader struct xb_stream_reader *stream = NULL;
    if (xb_disk_path(disk, dir, path, sizeof(path), err) < 0)
        return -1;
    xb_auto_close int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || lseek(job->backup, 0, SEEK_SET) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot restore into %s", path);
    xb_work_on(job->work, "restore", 0);
    if (xb_stream_open(&stream, job->backup, job->work, err) < 0 ||
        xb_stream_next(stream, &file, err) < 0 || xb_stream_read_to(stream, &file, fd, err) < 0 ||
        xb_stream_verify(stream, err) < 0)
        return -1;
    if (ftruncate(fd, (off_t)disk->bytes) < 0 || fsync(fd) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot give %s its size", path);
    return 0;
}

int xb_clone_disk_fill(const struct xb_clone_job *job, const struct xb_disk *disk, const char *dir,
                       struct xb_err *err)
{
    char path[PATH_MAX], what[XB_GUEST_OWN_NAME_MAX + 16];
    if (!disk->storage || job->method == XB_CLONE_SNAPSHOT || job->method == XB_CLONE_THIN)
        return 0;
    if (job->method == XB_CLONE_BACKUP)
        return restore(job, disk, dir, err);
    if (source_path(job, path, sizeof(path), err) < 0)
        return -1;
    snprintf(what, sizeof(what), "copy of %s", job->source.name);
    xb_work_on(job->work, what, job->source.disk.bytes);
    return xb_disk_fill(disk, dir, path, job->work, err);
}
