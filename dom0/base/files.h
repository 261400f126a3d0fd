/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our own small files: JSON records that are written completely or not at all, directories, locks;
 * and the identities of processes.
 */
#ifndef XB_FILES_H
#define XB_FILES_H

#include "base.h"
#include "err.h"

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* Make a directory and its missing parents, with mode 0700. */
int xb_make_dirs(const char *path, struct xb_err *err);

/* Format a path into out; XB_E_INPUT if it does not fit. */
int xb_path(char *out, size_t out_bytes, struct xb_err *err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The directory that holds path. */
void xb_dir_of(const char *path, char out[PATH_MAX]);
/* Sync the directory, so that a file's name (or its removal) survives a crash. -1 with errno. */
int xb_sync_dir_of(const char *path);

/*
 * Open a nameless file in path's directory; it vanishes with its descriptor unless xb_unnamed_link
 * names it. -1 with errno; EOPNOTSUPP, EISDIR and EINVAL mean that the filesystem or the kernel
 * does not support nameless files.
 */
int xb_unnamed_open(const char *path, mode_t mode);
int xb_unnamed_link(int fd, const char *name);

/* Is text in this JSON list? False for NULL and for anything but a list. */
bool xb_json_has(const json_t *list, const char *text);

/* Create a file that only the owner can access, for writing; NULL with errno, EEXIST included. */
FILE *xb_create_private(const char *path);

/* Write all bytes at the descriptor's position. -1 with errno. */
int xb_write_all(int fd, const void *bytes, size_t count);

struct xb_write_stop {
    int fd; /* writing stops once this is readable; -1: none */
    bool (*go_on)(
        void *arg); /* handles what is readable, and may say to go on writing; NULL: stop at once */
    void *arg;
};

/* xb_write_all for a pipe whose reader may stall: 1 all written, 0 stopped, -1 with errno. */
int xb_write_until(int fd, const struct xb_write_stop *stop, const void *bytes, size_t count);

/*
 * Write a file of this mode: to a temporary file, which is synced and renamed to path, so that a
 * reader sees the old file or the new one. If the filesystem supports it, the temporary file has no
 * name until it is complete, so a process killed while writing leaves nothing.
 */
int xb_text_save(const char *path, const char *text, mode_t mode, struct xb_err *err);
/* The same for JSON, of mode 0600. */
int xb_json_save(const char *path, const json_t *json, struct xb_err *err);

/* Read a JSON file of ours; NULL with err filled (XB_E_HOST) if it is missing or not JSON. */
json_t *xb_json_load(const char *path, struct xb_err *err);

XB_CLEANUP(json, json_t *, json_decref)
#define xb_auto_json XB_AUTO(xb_cleanup_json)

/* Remove a directory tree without following links. 0 if it does not exist. */
int xb_remove_tree(const char *path, struct xb_err *err);

/*
 * When a process started, in clock ticks since boot; with the pid this identifies a process for
 * good. 0 if it is gone.
 */
uint64_t xb_process_start(pid_t pid);

/*
 * Take a lock file, write "PID COMMAND" into it, and return its descriptor; closing it unlocks. If
 * another process holds the lock: -1 (XB_E_HOST), and *holder (may be NULL) gets its text, which is
 * never empty.
 */
int xb_lock_take(const char *path, char holder[64], struct xb_err *err);

/*
 * Is path still the name of the open file? A lock on one that has been removed meanwhile excludes
 * nobody.
 */
bool xb_is_still_named(int fd, const char *path);

/* The process that holds a lock file: 0 if none, -1 if the holder has not written its pid. */
pid_t xb_lock_holder(const char *path);

/* Remove a lock file that nobody holds. */
void xb_lock_sweep(const char *path);

#endif
