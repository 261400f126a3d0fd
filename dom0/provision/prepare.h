/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench host prepare` as a list of steps, each with its present and its future state, that is
 * planned, shown, and then carried out. Each change is recorded first, for `xenbench host undo`.
 */
#ifndef XB_PREPARE_H
#define XB_PREPARE_H

#include "app.h"
#include "blockdev.h"

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_PREPARE_DEVICES_MAX 16
#define XB_PREPARE_WORDS_MAX 16
#define XB_STEPS_MAX 64
#define XB_XEN_ARGS_BYTES 1024 /* as much as Xen keeps of its command line */
/* The kind of change that building GRUB's menu is in the record. */
#define XB_PREPARE_GRUB "grub"

/* What the user asks for. */
struct xb_prepare_spec {
    const char *root; /* "": this system; else a directory, and only its files change */
    const char *vg;   /* NULL: no LVM */
    const char *pvs[XB_PREPARE_DEVICES_MAX];
    size_t pv_count;
    const char *overwrite[XB_PREPARE_DEVICES_MAX]; /* devices whose data may be lost */
    size_t overwrite_count;
    const char *thin_pool; /* NULL: none */
    uint64_t thin_bytes;   /* 0: 90 % of the volume group's free space */
    uint64_t dom0_memory_bytes;
    bool keep_memory; /* leave Dom0's memory alone; likewise below */
    uint32_t dom0_vcpus;
    bool keep_vcpus;
    bool dom0_pin;
    const char *xen_words[XB_PREPARE_WORDS_MAX]; /* more options for Xen's command line */
    size_t xen_word_count;
};

enum xb_step_state {
    XB_STEP_DONE,    /* nothing is to be done */
    XB_STEP_TODO,    /* it will be done */
    XB_STEP_CANNOT,  /* impossible on this system (will says why); the others go on */
    XB_STEP_REFUSED, /* forbidden; then no step is done */
};

struct xb_prepare;

struct xb_step;
typedef int xb_step_fn(struct xb_prepare *prepare, const struct xb_step *step, struct xb_err *err);

struct xb_step {
    enum xb_step_state state;
    char what[64];
    char is[400];
    char will[XB_XEN_ARGS_BYTES + 128]; /* or why not */
    xb_step_fn *apply;
    char subject[PATH_MAX]; /* the file, device or unit concerned */
    char *text;             /* a file's new contents */
    json_t *change;         /* for undo: the record's entry */
    bool keep;              /* it stays in the record, because it may be undone later */
    bool may_stay;          /* undo: a failure leaves it, recorded, and the others go on */
    uint64_t number;
};

struct xb_prepare {
    struct xb_app *app;
    struct xb_xen *xen; /* NULL: not under Xen (yet), or another system's files */
    struct xb_prepare_spec spec;
    char xen_args[XB_XEN_ARGS_BYTES];                   /* the words for Xen's command line */
    struct xb_blockdev devices[XB_PREPARE_DEVICES_MAX]; /* of spec.pvs */
    struct xb_step steps[XB_STEPS_MAX];
    size_t count;
    json_t *record; /* the changes so far; NULL until read */
};

/* Add a step to the plan; the caller fills is and will. Never NULL. */
struct xb_step *xb_prepare_step(struct xb_prepare *prepare, enum xb_step_state state,
                                const char *what, xb_step_fn *apply);

/* Make the plan. XB_E_INPUT if a step is refused; the plan is complete even then. */
int xb_prepare_plan(struct xb_prepare *prepare, struct xb_err *err);
int xb_prepare_plan_undo(struct xb_prepare *prepare, struct xb_err *err);

void xb_prepare_print(const struct xb_prepare *prepare);
size_t xb_prepare_left(const struct xb_prepare *prepare); /* how many steps are left to do */

/* Carry out the plan, reporting each step. A failure says how many steps were done. */
int xb_prepare_apply(struct xb_prepare *prepare, struct xb_err *err);
void xb_prepare_free(struct xb_prepare *prepare);

/* The parts of the plan. */
int xb_prepare_modules(struct xb_prepare *prepare, struct xb_err *err);
int xb_prepare_services(struct xb_prepare *prepare, struct xb_err *err);
int xb_prepare_xl_conf(struct xb_prepare *prepare, struct xb_err *err);
int xb_prepare_grub(struct xb_prepare *prepare, struct xb_err *err);
int xb_prepare_dom0(struct xb_prepare *prepare, struct xb_err *err);
int xb_prepare_lvm(struct xb_prepare *prepare, struct xb_err *err);

/* Add a step that sets a file (path below the root) to this text; takes ownership of text. */
int xb_prepare_file(struct xb_prepare *prepare, const char *path, char *text, const char *what,
                    const char *will, struct xb_err *err);

/* A path below the root. XB_E_HOST if links in it lead out of the root's directory. */
int xb_prepare_path(const struct xb_prepare *prepare, const char *path, char out[PATH_MAX],
                    struct xb_err *err);

/* Read a small file below the root, to free; NULL without an error if it does not exist. */
char *xb_prepare_read(const struct xb_prepare *prepare, const char *path, struct xb_err *err);
/* Write a file below the root; text NULL removes it. */
int xb_prepare_write(const struct xb_prepare *prepare, const char *path, const char *text,
                     struct xb_err *err);
bool xb_prepare_exists(const struct xb_prepare *prepare, const char *path);

/* Append to the record, before the change is made; takes ownership of change. */
int xb_prepare_note(struct xb_prepare *prepare, json_t *change, struct xb_err *err);
int xb_prepare_record_load(struct xb_prepare *prepare, struct xb_err *err);
int xb_prepare_record_save(struct xb_prepare *prepare, struct xb_err *err);

/* Plan to undo a change, one function for each kind: add a step to the plan. */
void xb_prepare_undo_file(struct xb_prepare *prepare, json_t *change);
void xb_prepare_undo_service(struct xb_prepare *prepare, json_t *change);
void xb_prepare_undo_dom0(struct xb_prepare *prepare, json_t *change);
void xb_prepare_undo_grub(struct xb_prepare *prepare, json_t *change);
void xb_prepare_undo_pv(struct xb_prepare *prepare, json_t *change);
void xb_prepare_undo_vg(struct xb_prepare *prepare, json_t *change);
void xb_prepare_undo_pool(struct xb_prepare *prepare, json_t *change);

/* xl.conf's text with one setting changed or added; to free. */
char *xb_xl_conf_set(const char *text, const char *key, const char *value);

/* The option of `host prepare` that sets this word of Xen's command line; NULL: none. */
const char *xb_prepare_option_for(const char *word);

/* Does a command line of Xen, running or configured, have this option ("dom0_mem")? */
bool xb_cmdline_has(const char *cmdline, const char *option);

#endif
