/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lifecycle_levels.h"

#include "alloc.h"
#include "base.h"
#include "domain.h"
#include "files.h"
#include "interrupt.h"
#include "lifecycle_i.h"
#include "lifecycle_record.h"
#include "stats.h"
#include "xen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>

static const int levels[] = {-5, -3, -1, 1, 3, 6, 9};

struct trial {
    struct xb_stream_packing packing;
    double write_s, verify_s;
    uint64_t stored_bytes;
};

static int append(void *writer, uint64_t offset XB_UNUSED, const void *data, size_t bytes,
                  struct xb_err *err)
{
    return xb_checkpoint_write(writer, data, bytes, err);
}

/* Pack the memory once, from the uncompressed file into another. */
static int pack(int raw_fd, const char *raw, int fd, const char *path, struct trial *trial,
                struct xb_err *err)
{
    struct xb_checkpoint_reader *reader = NULL;
    struct xb_checkpoint_writer *writer = NULL;
    xb_auto_json json_t *head = json_pack("{s:s}", "name", "levels"), *tail = json_object();
    int status = xb_checkpoint_read_begin(&reader, raw_fd, raw, err);
    if (status == 0)
        status = xb_checkpoint_write_begin(&writer, fd, path, head, &trial->packing, err);
    if (status == 0)
        status = xb_checkpoint_read(reader, append, writer, err);
    if (status == 0)
        status = xb_checkpoint_write_end(writer, tail, err);
    if (status == 0)
        trial->stored_bytes = xb_checkpoint_stored_bytes(writer);
    xb_checkpoint_reader_free(reader);
    xb_checkpoint_writer_free(writer);
    return status;
}

static int try_once(int raw_fd, const char *raw, const char *path, struct trial *trial,
                    struct xb_err *err)
{
    xb_auto_close int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s", path);
    uint64_t begun_ns = xb_now_ns();
    int status = pack(raw_fd, raw, fd, path, trial, err);
    uint64_t written_ns = xb_now_ns();
    if (status == 0)
        status = xb_checkpoint_verify(fd, path, NULL, NULL, err);
    trial->write_s = (double)(written_ns - begun_ns) / 1e9;
    trial->verify_s = (double)(xb_now_ns() - written_ns) / 1e9;
    unlink(path);
    return status;
}

static bool stopped(int stop_fd)
{
    struct pollfd fd = {.fd = stop_fd, .events = POLLIN};
    return poll(&fd, 1, 0) > 0;
}

static int try_packing(const struct xb_life *life, int raw_fd, const char *raw, const char *path,
                       struct xb_stream_packing packing, double *sum_s, struct xb_err *err)
{
    size_t repeat = life->options->repeat;
    xb_auto_free double *write_s = xb_calloc(2 * repeat, sizeof(*write_s));
    xb_auto_close int stop_fd = xb_stop_fd();
    struct trial trial = {.packing = packing};
    for (size_t i = 0; i < repeat; i++) {
        if (stopped(stop_fd))
            return xb_fail(err, XB_E_BENCH, EINTR, "stopped");
        if (try_once(raw_fd, raw, path, &trial, err) < 0)
            return -1;
        write_s[i] = trial.write_s;
        write_s[repeat + i] = trial.verify_s;
    }
    struct xb_stats write = xb_stats_of(write_s, repeat),
                    verify = xb_stats_of(write_s + repeat, repeat);
    char level[16] = "none";
    if (packing.compress)
        snprintf(level, sizeof(level), "%d", packing.level);
    *sum_s = write.median + verify.median;
    printf("%6s %8u %9.1f %9.3f ± %.3f %9.3f ± %.3f %8.3f\n", level, packing.threads,
           (double)trial.stored_bytes / (1 << 20), write.median, write.mad, verify.median,
           verify.mad, *sum_s);
    fflush(stdout);
    return 0;
}

static int try_all(const struct xb_life *life, int raw_fd, const char *raw, const char *path,
                   struct xb_err *err)
{
    cpu_set_t cpus;
    int have = sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
    int most = life->options->save.threads ? life->options->save.threads : have;
    double best_s = 0, sum_s = 0;
    int best = 0;
    printf("%6s %8s %9s %17s %17s %8s\n", "level", "threads", "MiB", "write s", "read back s",
           "sum s");
    if (try_packing(life, raw_fd, raw, path, (struct xb_stream_packing){.threads = 1}, &sum_s,
                    err) < 0)
        return -1;
    for (size_t i = 0; i < XB_ARRAY_LEN(levels); i++) {
        for (int threads = 1; threads <= most; threads += most > 1 ? most - 1 : 1) {
            struct xb_stream_packing packing = {
                .compress = true, .level = levels[i], .threads = (unsigned)threads};
            if (try_packing(life, raw_fd, raw, path, packing, &sum_s, err) < 0)
                return -1;
            if (best_s == 0 || sum_s < best_s) {
                best_s = sum_s;
                best = levels[i];
            }
        }
    }
    printf("\nLevel %d took the least time in total.\n", best);
    return 0;
}

static int with_memory(const struct xb_life *life, const char *raw, const char *path,
                       struct xb_err *err)
{
    xb_auto_close int raw_fd = open(raw, O_RDONLY | O_CLOEXEC);
    if (raw_fd < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot read %s", raw);
    return try_all(life, raw_fd, raw, path, err);
}

/* Boot the guest and save its memory, which ends the guest. */
static int take_memory(const struct xb_life *life, const char *raw, struct xb_err *err)
{
    struct xb_checkpoint_options as_it_is = {.threads = 1};
    struct xb_checkpoint_result result;
    const char *const *name = life->names;
    int status = xb_guest_start_all(life->app, name, 1, life->options->timeout_ns, NULL, err);
    if (status == 0)
        status = xb_checkpoint_all(life->app, name, &raw, 1, &as_it_is, &result, err);
    if (status < 0) {
        xb_life_take_signals();
        xb_life_end_guests(life->app, name, 1, NULL);
    }
    return status;
}

int xb_life_levels(struct xb_life *life, struct xb_err *err)
{
    char raw[PATH_MAX], packed[PATH_MAX], dir[PATH_MAX];
    const char *const files[] = {raw, packed};
    struct xb_life_record record;
    struct xb_guest_def def;
    const char *given = life->options->dir;
    if (xb_path(dir, sizeof(dir), err, "%s%s", given ? given : life->app->state_dir,
                given ? "" : "/checkpoints") < 0 ||
        xb_make_dirs(dir, err) < 0 ||
        xb_path(raw, sizeof(raw), err, "%s/.lifecycle-%s.%d", dir, life->names[0], (int)getpid()) <
            0 ||
        xb_path(packed, sizeof(packed), err, "%s.packed", raw) < 0 ||
        xb_guest_def_load(life->app, life->names[0], &def, err) < 0 || !xb_xen_get(life->app, err))
        return -1;
    if (xb_guest_def_domid(life->app, &def))
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest %s runs, but this command starts it: stop it "
                       "first",
                       def.name);
    if (xb_life_record_begin(&record, life->app, &def, 1, files, XB_ARRAY_LEN(files), err) < 0)
        return -1;
    int status = take_memory(life, raw, err);
    if (status == 0)
        status = with_memory(life, raw, packed, err);
    unlink(raw);
    xb_life_record_end(&record);
    return status;
}
