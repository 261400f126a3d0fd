/*
 * The definition of a guest that xenbench made: state_dir/guests/NAME/
 *
 *   guest.json    what it is and who made it
 *   NAME.cfg      its xl.cfg: `xl create` and `xenbench guest start` read the same
 *   NAME.json     NAME.cfg as libxl's JSON, made by `xl -N create` whenever the cfg is newer
 *   disk.img      its disk, where that is a file
 *   kernel        its kernel and ramdisk, where Dom0 gives it those of its image: links to them, so
 *   ramdisk       never written into. Guests of before have none, and their cfg names the image's.
 *   console.log   what its console said since it was last started; console.log.1: before that
 *   generation.json  how often it began to run with a disk (generation.h)
 */
#ifndef XB_GUEST_DEF_H
#define XB_GUEST_DEF_H

#include "app.h"
#include "disk.h"
#include "domain.h"
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
 * May this be a guest's name? It is a file's name, a domain's name and a host name, and xl reads
 * digits as a domid.
 */
bool xb_guest_name_ok(const char *name);

/* Read a definition; XB_E_INPUT where there is none of that name. */
int xb_guest_def_load(struct xb_app *app, const char *name, struct xb_guest_def *out,
                      struct xb_err *err);

/* Read guest.json of that directory, which may be hidden; out->dir stays empty. */
int xb_guest_def_read(const char *dir, struct xb_guest_def *out, struct xb_err *err);

/*
 * Write guest.json into dir, which may be another directory than the definition's own while that is
 * being made.
 */
int xb_guest_def_save(const struct xb_guest_def *def, const char *dir, struct xb_err *err);

/*
 * All definitions by name, in *out (to free). One that is removed meanwhile is not there; a damaged
 * one is told on stderr and left out.
 */
int xb_guest_def_list(struct xb_app *app, struct xb_guest_def **out, size_t *out_count,
                      struct xb_err *err);

/* The same for who must know of each: a damaged one fails. */
int xb_guest_def_list_all(struct xb_app *app, struct xb_guest_def **out, size_t *out_count,
                          struct xb_err *err);

/* Put guests whose disk is a snapshot before the guest that it is a snapshot of. */
void xb_guest_def_snapshots_first(struct xb_guest_def *defs, size_t count);

/* Where a definition of that name is kept, whether or not it exists. */
int xb_guest_def_dir(struct xb_app *app, const char *name, char *out, size_t out_bytes,
                     struct xb_err *err);

/* The domain that runs from this definition: its id, or 0. */
uint32_t xb_guest_def_domid(struct xb_app *app, const struct xb_guest_def *def);

/* The process that watches over this guest's domain, or 0. */
pid_t xb_guest_monitor_pid(struct xb_app *app, const struct xb_guest_def *def);

/*
 * Wait until nobody watches over this guest any more: its domain is gone, and what belonged to that
 * soon is. False where somebody still does after ten seconds.
 */
bool xb_guest_monitor_gone(struct xb_app *app, const struct xb_guest_def *def);

/* What the monitor has to say, by the guest's name. */
int xb_guest_monitor_log_path(struct xb_app *app, const char *name, char *out, size_t out_bytes,
                              struct xb_err *err);

/* The lock that the monitor holds for as long as it lives, and the socket of its console. */
#define XB_GUEST_MONITOR_LOCK "monitor-"
int xb_guest_monitor_lock_path(struct xb_app *app, const char *uuid, char *out, size_t out_bytes,
                               struct xb_err *err);
int xb_guest_console_socket_path(struct xb_app *app, const char *uuid, char *out, size_t out_bytes,
                                 struct xb_err *err);

#endif
