/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A row describes a setting of Xen's schedulers: of a cpupool (pool.h), of a domain, or of a vcpu
 * under rtds (allocation.h). From the rows come the keys of experiment files, results.json and
 * records, the comparison with what is in force, plan's text and the calls to libxl.
 */
#ifndef XB_SETTING_H
#define XB_SETTING_H

#include "err.h"
#include "sched_words.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xb_setting_kind;

/* A table ends with a nameless row. The values are members of one struct. */
struct xb_setting {
    const char *name;  /* the key in experiment files */
    const char *json;  /* the key in results and records; NULL: same as name */
    const char *label; /* for people; NULL: the name */
    const char *unit;  /* "us"; NULL: none */
    const struct xb_setting_kind *kind;
    size_t offset;     /* of the value */
    int keep;          /* numbers: the value that means "not set" */
    int given;         /* numbers: Xen's default */
    uint64_t min, max; /* what Xen takes */
    const char *what;  /* the bounds in words; NULL: the numbers */
    /* Where each scheduler's libxl struct has the value (XB_IN_XEN); 0: it lacks this setting. */
    size_t xen[XB_SCHEDULERS];
    /* For arrays, of one entry for all vcpus or one each. */
    size_t count_offset;           /* of their length, a size_t */
    size_t item_bytes;             /* of an entry; 0: no array */
    const struct xb_setting *rows; /* rows of an entry; NULL: it has none */
};
#define XB_IN_XEN(type, member) (offsetof(type, member) + 1)

/* The operations on one kind of value. */
struct xb_setting_kind {
    bool (*said)(const struct xb_setting *row, const void *in);
    void (*clear)(const struct xb_setting *row, void *in);
    int (*copy)(const struct xb_setting *row, void *to, const void *from, struct xb_err *err);
    bool (*differs)(const struct xb_setting *row, const void *want, const void *got, char *why,
                    size_t why_bytes);
    json_t *(*to_json)(const struct xb_setting *row, const void *in);
    int (*from_json)(const struct xb_setting *row, void *in, const json_t *json,
                     struct xb_err *err);
    /* Fill in Xen's default; NULL: there is none. */
    int (*give)(const struct xb_setting *row, void *in, struct xb_err *err);
    /* The value's text, for xb_settings_say; NULL: it has none. */
    char *(*text)(const struct xb_setting *row, const void *in);
};
extern const struct xb_setting_kind xb_setting_number; /* int, or uint32_t up to INT_MAX */
extern const struct xb_setting_kind xb_setting_flag;   /* int: 0 or 1 */

/* The row with that name; NULL: there is none. */
const struct xb_setting *xb_settings_find(const struct xb_setting *rows, const char *name);

/* Is any value set? */
bool xb_settings_said(const struct xb_setting *rows, const void *in);
/* Set each value to Xen's default, if it has one. */
int xb_settings_give(const struct xb_setting *rows, void *in, struct xb_err *err);
void xb_settings_clear(const struct xb_setting *rows, void *in);
/* Copy the values that are set in `over`; leave the others in `to`. */
int xb_settings_over(const struct xb_setting *rows, void *to, const void *over, struct xb_err *err);
/*
 * Does anything that want sets differ from what is in force? If so, why gets the first difference.
 */
bool xb_settings_differ(const struct xb_setting *rows, const void *want, const void *got, char *why,
                        size_t why_bytes);

/*
 * Write the values that are set into an object, and read them back; absent ones stay. XB_E_INPUT
 * names the key.
 */
void xb_settings_put(const struct xb_setting *rows, const void *in, json_t *json);
int xb_settings_get(const struct xb_setting *rows, void *in, const json_t *json,
                    struct xb_err *err);

/* Append each number and text that is set: ", timeslice 5 ms, ratelimit 1000 us". */
void xb_settings_say(const struct xb_setting *rows, const void *in, char *out, size_t bytes);

/* The first set value that the scheduler lacks; NULL: there is none. */
const struct xb_setting *xb_settings_unknown(const struct xb_setting *rows, const void *in,
                                             const char *scheduler);
/* Which schedulers have it: "credit has", "credit and credit2 have", given the verb's two forms. */
const char *xb_setting_knowers(const struct xb_setting *row, const char *one, const char *several,
                               char *out, size_t bytes);
/* Is any value set that depends on the scheduler? */
bool xb_settings_said_of_scheduler(const struct xb_setting *rows, const void *in);
/* Clear what the scheduler lacks, and fill in Xen's default for what is not set. */
int xb_settings_fit(const struct xb_setting *rows, void *in, const char *scheduler,
                    struct xb_err *err);

/* Numbers from and to the scheduler's libxl struct; to_xen writes only values that are set. */
void xb_settings_from_xen(const struct xb_setting *rows, void *in, enum xb_scheduler scheduler,
                          const void *xen);
void xb_settings_to_xen(const struct xb_setting *rows, const void *in, enum xb_scheduler scheduler,
                        void *xen);

#endif
