/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The definition of a guest that xenbench made: state_dir/guests/NAME/
 *
 *   guest.json    what it is and who made it
 *   NAME.cfg      its xl.cfg, read by `xl create` and `xenbench guest start`
 *   NAME.cfg.json  the cfg as libxl's JSON, made anew by `xl -N create` when the cfg is newer
 *   disk.img      its disk, if that is a file
 *   kernel        the image's kernel and initramfs, if Dom0 loads them: hard links, never to be
 *   ramdisk       written. Older guests have none; their cfg names the image's files.
 *   console.log   its console's output since the last start; console.log.1: before that
 *   generation.json  how often it began to run with this disk (generation.h)
 */
#ifndef XB_GUEST_DEF_H
#define XB_GUEST_DEF_H

#include "app.h"
#include "disk.h"
#include "guest_create.h"
#include "guest.h"

#include <limits.h>
#include <sys/types.h>

struct xb_guest_def {
    char name[XB_GUEST_OWN_NAME_MAX + 1];
    char uuid[37];
    char image[64];
    char type[8];
    char run[64]; /* "": made by a person */
    uint32_t vcpus;
    uint64_t memory_bytes;
    struct xb_disk disk;
    char dir[PATH_MAX - 128]; /* leaves room for the files in it */
};

/*
 * Is this valid as a guest's name? It becomes a file, domain and host name, and xl would read
 * digits as a domid.
 */
bool xb_guest_name_ok(const char *name);

/* Read a definition; XB_E_INPUT if there is none of that name. */
int xb_guest_def_load(struct xb_app *app, const char *name, struct xb_guest_def *out,
                      struct xb_err *err);

/* Read the guest.json in dir, which may be hidden; out->dir stays empty. */
int xb_guest_def_read(const char *dir, struct xb_guest_def *out, struct xb_err *err);

/*
 * Write guest.json into dir, which differs from the definition's own directory while the guest is
 * being made.
 */
int xb_guest_def_save(const struct xb_guest_def *def, const char *dir, struct xb_err *err);

/*
 * All definitions by name, in *out (to free). Definitions removed meanwhile are left out, and
 * damaged ones too, with a message on stderr.
 */
int xb_guest_def_list(struct xb_app *app, struct xb_guest_def **out, size_t *out_count,
                      struct xb_err *err);

/* The same for callers that must know all: a damaged definition is an error. */
int xb_guest_def_list_all(struct xb_app *app, struct xb_guest_def **out, size_t *out_count,
                          struct xb_err *err);

/* Put guests whose disks are snapshots before the guests whose disks are the origins. */
void xb_guest_def_snapshots_first(struct xb_guest_def *defs, size_t count);

/* The directory for a definition of that name, existing or not. */
int xb_guest_def_dir(struct xb_app *app, const char *name, char *out, size_t out_bytes,
                     struct xb_err *err);

/* The domid of this definition's domain, or 0. */
uint32_t xb_guest_def_domid(struct xb_app *app, const struct xb_guest_def *def);

/* The monitor process of this guest's domain, or 0. */
pid_t xb_guest_monitor_pid(struct xb_app *app, const struct xb_guest_def *def);

/*
 * Wait until the guest's monitor has ended: then its domain is gone, and its devices are almost
 * gone. False if the monitor still runs after XB_GUEST_MONITOR_END_S.
 */
#define XB_GUEST_MONITOR_END_S 10
bool xb_guest_monitor_gone(struct xb_app *app, const struct xb_guest_def *def);

/* The path of the monitor's log, by the guest's name. */
int xb_guest_monitor_log_path(struct xb_app *app, const char *name, char *out, size_t out_bytes,
                              struct xb_err *err);

/* The lock that the monitor holds while it lives, and its console's socket. */
#define XB_GUEST_MONITOR_LOCK "monitor-"
int xb_guest_monitor_lock_path(struct xb_app *app, const char *uuid, char *out, size_t out_bytes,
                               struct xb_err *err);
int xb_guest_console_socket_path(struct xb_app *app, const char *uuid, char *out, size_t out_bytes,
                                 struct xb_err *err);

#endif
