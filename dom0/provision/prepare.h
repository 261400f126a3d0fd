/*
 * From a bare Dom0 to a host to measure on: `xenbench host prepare` as a list of steps, each with
 * what is and what will be, made first, shown, and then done one after the other. What is changed
 * is recorded before it is, so that `xenbench host undo` can put it back.
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

/* What the user asks for. */
struct xb_prepare_spec {
    const char *root; /* "": this system. Else a tree of files; only they are changed */
    const char *vg;   /* NULL: no LVM */
    const char *pvs[XB_PREPARE_DEVICES_MAX];
    size_t pv_count;
    const char *overwrite[XB_PREPARE_DEVICES_MAX]; /* devices whose data may be lost */
    size_t overwrite_count;
    const char *thin_pool; /* NULL: none */
    uint64_t thin_bytes;   /* 0: 90 % of what is free in the volume group */
    uint64_t dom0_memory_bytes;
    bool keep_memory; /* leave Dom0's memory alone; likewise below */
    uint32_t dom0_vcpus;
    bool keep_vcpus;
    bool dom0_pin;
    const char *xen_words[XB_PREPARE_WORDS_MAX]; /* more options for Xen's command line */
    size_t xen_word_count;
};

enum xb_step_state {
    XB_STEP_DONE,    /* it is so already */
    XB_STEP_TODO,    /* it will be done */
    XB_STEP_CANNOT,  /* not on this system, and why; the rest goes on */
    XB_STEP_REFUSED, /* must not be done; nothing is done then */
};

struct xb_prepare;
struct xb_step;
typedef int xb_step_fn(struct xb_prepare *prepare, const struct xb_step *step, struct xb_err *err);

struct xb_step {
    enum xb_step_state state;
    char what[64];
    char is[400];
    char will[400]; /* or why not */
    xb_step_fn *apply;
    char subject[PATH_MAX]; /* the file, device or unit that it is about */
    char *text;             /* a file's new contents */
    json_t *change;         /* of undo: the record's entry */
    uint64_t number;
};

struct xb_prepare {
    struct xb_app *app;
    struct xb_xen *xen; /* NULL: not under Xen (yet), or another system's files */
    struct xb_prepare_spec spec;
    char xen_args[272];                                 /* what is to stand on Xen's command line */
    struct xb_blockdev devices[XB_PREPARE_DEVICES_MAX]; /* of spec.pvs */
    struct xb_step steps[XB_STEPS_MAX];
    size_t count;
    json_t *record; /* what was changed so far; NULL until it is read */
};

/* Add a step to the plan; is and will are filled by the caller. Never NULL. */
struct xb_step *xb_prepare_step(struct xb_prepare *prepare, enum xb_step_state state,
                                const char *what, xb_step_fn *apply);

/* Make the plan. XB_E_INPUT where a step is refused, with the plan whole all the same. */
int xb_prepare_plan(struct xb_prepare *prepare, struct xb_err *err);
int xb_prepare_plan_undo(struct xb_prepare *prepare, struct xb_err *err);

void xb_prepare_print(const struct xb_prepare *prepare);
size_t xb_prepare_left(const struct xb_prepare *prepare); /* how many steps are to do */

/* Do what the plan says, telling each step. A failure says how many were done before it. */
int xb_prepare_apply(struct xb_prepare *prepare, struct xb_err *err);
void xb_prepare_free(struct xb_prepare *prepare);

/* The parts of the plan. */
int xb_prepare_modules(struct xb_prepare *prepare, struct xb_err *err);
int xb_prepare_services(struct xb_prepare *prepare, struct xb_err *err);
int xb_prepare_xl_conf(struct xb_prepare *prepare, struct xb_err *err);
int xb_prepare_grub(struct xb_prepare *prepare, struct xb_err *err);
int xb_prepare_dom0(struct xb_prepare *prepare, struct xb_err *err);
int xb_prepare_lvm(struct xb_prepare *prepare, struct xb_err *err);

/* A step that gives a file, by its path below the root, this text; text is taken over. */
int xb_prepare_file(struct xb_prepare *prepare, const char *path, char *text, const char *what,
                    const char *will, struct xb_err *err);

/* The whole of a small file; NULL and no error where there is none. */
char *xb_prepare_read(const struct xb_prepare *prepare, const char *path, struct xb_err *err);
/* Write a file whole, below the root; text NULL: remove it. */
int xb_prepare_write(const struct xb_prepare *prepare, const char *path, const char *text,
                     struct xb_err *err);
bool xb_prepare_exists(const struct xb_prepare *prepare, const char *path);

/* Append to the record, before the change is made. change is taken over. */
int xb_prepare_note(struct xb_prepare *prepare, json_t *change, struct xb_err *err);
int xb_prepare_record_load(struct xb_prepare *prepare, struct xb_err *err);
int xb_prepare_record_save(struct xb_prepare *prepare, struct xb_err *err);

/* Undo of one kind of change: fills a step for it. */
void xb_prepare_undo_file(struct xb_prepare *prepare, json_t *change);
void xb_prepare_undo_service(struct xb_prepare *prepare, json_t *change);
void xb_prepare_undo_dom0(struct xb_prepare *prepare, json_t *change);
void xb_prepare_undo_grub(struct xb_prepare *prepare, json_t *change);
void xb_prepare_undo_pv(struct xb_prepare *prepare, json_t *change);
void xb_prepare_undo_vg(struct xb_prepare *prepare, json_t *change);
void xb_prepare_undo_pool(struct xb_prepare *prepare, json_t *change);

/* xl.conf with one setting changed (or added): the new text, to free. NULL without memory. */
char *xb_xl_conf_set(const char *text, const char *key, const char *value);

/* Does the running or the configured Xen command line have this option ("dom0_mem")? */
bool xb_cmdline_has(const char *cmdline, const char *option);

#endif
