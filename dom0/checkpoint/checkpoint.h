/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checkpoints of guests: memory and vcpus in a file, for a later restore. Unlike `xl save`:
 * compressed, synced and verified before the domain is destroyed, checked before a restore builds
 * anything, and many at once. Disks are not in it, and must not change (checkpoint_disks.h).
 */
#ifndef XB_CHECKPOINT_H
#define XB_CHECKPOINT_H

#include "app.h"
#include "checkpoint_file.h"
#include "guest_def.h"
#include "progress.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_CHECKPOINT_SUFFIX ".checkpoint"
#define XB_CHECKPOINT_LEVEL_MIN (-7)
#define XB_CHECKPOINT_LEVEL_MAX 19
#define XB_CHECKPOINT_LEVEL_DEFAULT 1 /* `xenbench lifecycle --zstd-levels` measures them */

struct xb_checkpoint_options {
    bool compress;
    int level;
    int threads;       /* 0: Dom0's vcpus for xenbench, divided by the guests at work; 1 to 16 */
    bool keep_running; /* the guest goes on afterwards */
    size_t at_once;    /* how many guests are worked on at the same time; 0: all */
    struct xb_progress_line *line; /* shows how far the guests are; NULL: nowhere */
    bool tell;                     /* in the helper process: somebody shows it */
};

/*
 * The outcome for one guest. quiesce_ns to end_ns follow each other and add up to total_ns;
 * process_ns comes before.
 */
struct xb_checkpoint_result {
    struct xb_err err;   /* XB_E_NONE: the checkpoint was taken */
    bool quiet;          /* the agent had closed its vchan before */
    uint64_t process_ns; /* until a process began to work on it */
    uint64_t raw_bytes, stored_bytes;
    uint64_t total_ns;
    uint64_t quiesce_ns; /* until the agent was quiet */
    uint64_t suspend_ns; /* until the domain was suspended */
    uint64_t stream_ns;  /* until everything was written and synced */
    uint64_t verify_ns;  /* until it was read back */
    uint64_t end_ns;     /* until the domain was gone, or went on */
    uint64_t frozen_ns;  /* keep_running: how long the guest stood still, by Dom0's clock */
};

/*
 * Checkpoint running guests that xenbench made, names[i] to paths[i], by way of a temporary file;
 * an earlier checkpoint is replaced. results has count entries; -1 with the first failure. After
 * Ctrl-C the guests run on and no file is left.
 */
int xb_checkpoint_all(struct xb_app *app, const char *const *names, const char *const *paths,
                      size_t count, const struct xb_checkpoint_options *options,
                      struct xb_checkpoint_result *results, struct xb_err *err);

struct xb_restore_result {
    struct xb_err err;
    char name[XB_GUEST_OWN_NAME_MAX + 1];
    uint32_t domid;
    uint64_t begun_ns;  /* monotonic clock: the guest began to run again */
    uint64_t agent_ns;  /* monotonic clock: its agent published its rings; 0: not waited for */
    uint64_t total_ns;  /* until it ran */
    uint64_t check_ns;  /* until the file was verified */
    uint64_t build_ns;  /* until the domain was built, and ran */
    uint64_t frozen_ns; /* from the suspension on, by Dom0's realtime clock */
};

/*
 * Restore guests from their checkpoints; each gets a monitor. wait_agent_ns: how long to wait for
 * the agents too; 0: do not. stale: restore even if the guest ran or a disk was written since.
 * line: shows how far the guests are; NULL: nowhere. Otherwise like xb_checkpoint_all.
 */
int xb_restore_all(struct xb_app *app, const char *const *paths, size_t count, bool stale,
                   size_t at_once, uint64_t wait_agent_ns, struct xb_progress_line *line,
                   struct xb_restore_result *results, struct xb_err *err);

/* The default path of a guest's checkpoint. */
int xb_checkpoint_default_path(struct xb_app *app, const char *name, char *out, size_t out_bytes,
                               struct xb_err *err);

/* The guest that a checkpoint's head names. */
struct xb_checkpoint_of {
    char name[XB_GUEST_OWN_NAME_MAX + 1];
    char uuid[37];
};
int xb_checkpoint_whose(const json_t *head, const char *path, struct xb_checkpoint_of *out,
                        struct xb_err *err);

/* Fail because a domain of the guest still exists: XB_E_INPUT, always -1. */
int xb_restore_refuse(const char *name, uint32_t domid, struct xb_err *err);

/*
 * In the helper process: do the work. Give up once leash_fd is readable. wanted: somebody shows how
 * far it is.
 */
struct xb_monitor;
int xb_checkpoint_save(struct xb_app *app, const char *name, const char *path,
                       const struct xb_checkpoint_options *options, int leash_fd, json_t **answer,
                       struct xb_err *err);
int xb_checkpoint_restore(struct xb_monitor *monitor, const char *path, bool stale, bool wanted,
                          int leash_fd, json_t **answer, struct xb_err *err);

#endif
