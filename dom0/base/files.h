/*
 * Small files of ours: JSON records written whole or not at all, directories, the identity of
 * processes.
 */
#ifndef XB_FILES_H
#define XB_FILES_H

#include "err.h"

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Make a directory and its parents (mode 0700 for those that are new). */
int xb_make_dirs(const char *path, struct xb_err *err);

/* Join two parts into out; XB_E_INPUT where it does not fit into a path. */
int xb_path(char *out, size_t out_bytes, struct xb_err *err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The directory that path is in. */
void xb_dir_of(const char *path, char out[PATH_MAX]);
/* Bring to the disk that a file in it has, or has no longer, its name. -1 with errno. */
int xb_sync_dir_of(const char *path);

/*
 * A file that has no name, in the directory of path, and is gone with its descriptor: to be written and read. -1 with errno
 * where the filesystem or the kernel has none (EOPNOTSUPP, EISDIR, EINVAL) or it fails. xb_unnamed_link gives it a name that
 * nothing there has.
 */
int xb_unnamed_open(const char *path, mode_t mode);
int xb_unnamed_link(int fd, const char *name);

/* Is this text in a list of texts? NULL and what is no list hold none. */
bool xb_json_has(const json_t *list, const char *text);

/* Write all of it, from where the descriptor is. -1 with errno. */
int xb_write_all(int fd, const void *bytes, size_t count);

struct xb_write_stop {
    int fd; /* to be readable; -1: none */
    bool (*go_on)(
        void *arg); /* takes what is there to read, and may say to write on; NULL: stop at once */
    void *arg;
};

/* The same for a pipe, whose reader may have stopped reading: 1 when all is written, 0 when stopped, -1 with errno. */
int xb_write_until(int fd, const struct xb_write_stop *stop, const void *bytes, size_t count);

/*
 * Write json beside path, sync it, and rename it into place: a reader sees the old file or the new
 * one. Until it is synced it has no name, where the filesystem can: who is killed leaves nothing.
 */
int xb_json_save(const char *path, const json_t *json, struct xb_err *err);

/* Read a file of ours; NULL with err filled (XB_E_HOST) where it is not there or not JSON. */
json_t *xb_json_load(const char *path, struct xb_err *err);

static inline void xb_cleanup_json(json_t **json)
{
    json_decref(*json);
}
#define xb_auto_json __attribute__((cleanup(xb_cleanup_json)))

/* Remove a directory and all in it, following no link out of it. 0 where it is not there. */
int xb_remove_tree(const char *path, struct xb_err *err);

/*
 * When a process began, in clock ticks since boot: with its id it names one process for ever. 0
 * where it is gone.
 */
uint64_t xb_process_start(pid_t pid);

/*
 * Take a lock file, which then holds "PID COMMAND" of this process, and return its descriptor: the
 * lock lasts until that is closed. Where another process has it: -1 with XB_E_HOST and *holder (may
 * be NULL) filled with that text.
 */
int xb_lock_take(const char *path, char holder[64], struct xb_err *err);

/* The process that holds a lock file now, 0 where nobody does. */
pid_t xb_lock_holder(const char *path);

/* Remove a lock file that nobody holds. */
void xb_lock_sweep(const char *path);

#endif
