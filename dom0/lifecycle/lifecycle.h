/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long the phases of a guest's life take, as a user sees them, beside xl's times for the same.
 * docs/lifecycle.md says what is measured.
 */
#ifndef XB_LIFECYCLE_H
#define XB_LIFECYCLE_H

#include "checkpoint.h"
#include "guest_def.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of a repetition. */
enum xb_phase {
    XB_PHASE_BOOT,
    XB_PHASE_PAUSE,
    XB_PHASE_UNPAUSE,
    XB_PHASE_REBOOT,
    XB_PHASE_MIGRATE,
    XB_PHASE_CHECKPOINT,
    XB_PHASE_RESTORE,
    XB_PHASE_SHUTDOWN,
    XB_PHASES,
};
const char *xb_phase_name(enum xb_phase phase);
/* "boot,shutdown" as a set of bits; XB_E_INPUT for an unknown word. */
int xb_phases_parse(const char *text, unsigned *out, struct xb_err *err);

enum xb_life_by { XB_BY_XENBENCH, XB_BY_XL, XB_BYS };

/* A share of a phase's time. Shares follow each other and add up to the whole. */
#define XB_LIFE_PARTS 8
struct xb_life_part {
    const char *name; /* static */
    uint64_t ns;
    bool guest; /* only the guest's word tells when it ended */
};

/* One phase of one guest, once. */
struct xb_life_sample {
    size_t guest;
    unsigned repetition; /* from 1 */
    enum xb_phase phase;
    enum xb_life_by by;
    uint64_t total_ns;   /* to its end as a user sees it */
    uint64_t command_ns; /* xl: until the command had ended, as `time` measures */
    struct xb_life_part parts[XB_LIFE_PARTS];
    size_t part_count;
    bool parts_refused;               /* the guest's account of its start is impossible */
    uint64_t raw_bytes, stored_bytes; /* checkpoint */
    uint64_t frozen_ns;               /* restore, migrate: by Dom0's clock */
    uint64_t guest_frozen_ns;         /* and by the guest's clocks */
};

struct xb_life_options {
    unsigned repeat;
    unsigned phases; /* bits */
    bool parallel;   /* all guests at the same time; else one after the other */
    bool xl;         /* xl's times too */
    struct xb_checkpoint_options save;
    const char *dir;     /* for the checkpoints, which are removed; NULL: xenbench's own */
    uint64_t timeout_ns; /* for each phase */
    bool quiet;
};

/* All that was measured. */
struct xb_life {
    struct xb_app *app;
    const struct xb_life_options *options;
    const char *const *names;
    struct xb_guest_def *guests;
    size_t count;
    struct xb_life_sample *samples;
    size_t sample_count;
};

/*
 * Take stopped guests through their lives. Even on failure, samples holds what was measured (end
 * with xb_life_clear), the guests are stopped afterwards and no checkpoint is left.
 */
int xb_life_run(struct xb_life *life, struct xb_err *err);
void xb_life_clear(struct xb_life *life);

/* Add a sample with these fields, and 0 in all others. Valid until another sample is added. */
struct xb_life_sample *xb_life_add(struct xb_life *life, size_t guest, unsigned repetition,
                                   enum xb_phase phase, enum xb_life_by by);
void xb_life_part(struct xb_life_sample *sample, const char *name, uint64_t ns, bool guest);

/* The tables, and everything as JSON. */
void xb_life_print(const struct xb_life *life);
int xb_life_save_json(const struct xb_life *life, const char *path, struct xb_err *err);

#endif
