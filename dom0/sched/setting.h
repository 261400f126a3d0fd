/*
 * One row for each thing that Xen's schedulers can be told: a parameter of a cpupool (pool.h), a
 * setting of a domain, what rtds gives a vcpu (allocation.h). The keys of the experiment file,
 * results.json, records, what differs, plan's text and what libxl is told all come from the rows.
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

/* A table of rows ends with a nameless one. Values are members of the struct that the table is of. */
struct xb_setting {
    const char *name;  /* the key in experiment files */
    const char *json;  /* the key in results and records; NULL: the name */
    const char *label; /* for people; NULL: the name */
    const char *unit;  /* "us"; NULL: none */
    const struct xb_setting_kind *kind;
    size_t offset;     /* of the value */
    int keep;          /* numbers: what stands for "not said" */
    int given;         /* numbers: what Xen gives at first */
    uint64_t min, max; /* what Xen takes */
    const char *what;  /* the bounds in words; NULL: as numbers */
    /* Where the scheduler's own struct of libxl has it (XB_IN_XEN); 0: this one does not know it. */
    size_t xen[XB_SCHEDULERS];
    /* Arrays of one entry for all vcpus, or one for each. */
    size_t count_offset;           /* of their length, a size_t */
    size_t item_bytes;             /* of an entry; 0: no array */
    const struct xb_setting *rows; /* of an entry; NULL: it has none */
};
#define XB_IN_XEN(type, member) (offsetof(type, member) + 1)

/* How a value is kept. */
struct xb_setting_kind {
    bool (*said)(const struct xb_setting *row, const void *in);
    void (*clear)(const struct xb_setting *row, void *in);
    int (*copy)(const struct xb_setting *row, void *to, const void *from, struct xb_err *err);
    bool (*differs)(const struct xb_setting *row, const void *want, const void *got, char *why,
                    size_t why_bytes);
    json_t *(*to_json)(const struct xb_setting *row, const void *in);
    int (*from_json)(const struct xb_setting *row, void *in, const json_t *json,
                     struct xb_err *err);
    /* What Xen gives; NULL: nothing. */
    int (*give)(const struct xb_setting *row, void *in, struct xb_err *err);
};
extern const struct xb_setting_kind xb_setting_number; /* int, or uint32_t up to INT_MAX */
extern const struct xb_setting_kind xb_setting_flag;   /* int: 0 or 1 */

/* The row of that name; NULL: there is none. */
const struct xb_setting *xb_settings_find(const struct xb_setting *rows, const char *name);

/* Has anything been said? */
bool xb_settings_said(const struct xb_setting *rows, const void *in);
/* All as Xen gives it. */
int xb_settings_give(const struct xb_setting *rows, void *in, struct xb_err *err);
void xb_settings_clear(const struct xb_setting *rows, void *in);
/* Copy what over says; the rest of to stays. */
int xb_settings_over(const struct xb_setting *rows, void *to, const void *over, struct xb_err *err);
/* Is anything that want says not in force? With true, the first difference in words. */
bool xb_settings_differ(const struct xb_setting *rows, const void *want, const void *got, char *why,
                        size_t why_bytes);

/* What is said, into an object; and back, where what is absent stays. XB_E_INPUT names the key. */
void xb_settings_put(const struct xb_setting *rows, const void *in, json_t *json);
int xb_settings_get(const struct xb_setting *rows, void *in, const json_t *json,
                    struct xb_err *err);

/* Append each number that is said: ", timeslice 5 ms, ratelimit 1000 us". */
void xb_settings_say(const struct xb_setting *rows, const void *in, char *out, size_t bytes);

/* Does it depend on the scheduler at all, and does this one know it? */
bool xb_setting_is_schedulers(const struct xb_setting *row);
bool xb_setting_known(const struct xb_setting *row, enum xb_scheduler scheduler);
/* The first that is said and that the scheduler does not know; NULL: it knows all. */
const struct xb_setting *xb_settings_unknown(const struct xb_setting *rows, const void *in,
                                             const char *scheduler);
/* Who knows it: "credit has", "credit and credit2 have", by the verb for one and for several. */
const char *xb_setting_knowers(const struct xb_setting *row, const char *one, const char *several,
                               char *out, size_t bytes);
/* Has anything been said that depends on the scheduler? */
bool xb_settings_said_of_scheduler(const struct xb_setting *rows, const void *in);
/* Clear what the scheduler does not know; what it knows and nobody said is as Xen gives it. */
int xb_settings_fit(const struct xb_setting *rows, void *in, const char *scheduler,
                    struct xb_err *err);

/* Numbers from and to the scheduler's own struct; to_xen puts only what is said. */
void xb_settings_from_xen(const struct xb_setting *rows, void *in, enum xb_scheduler scheduler,
                          const void *xen);
void xb_settings_to_xen(const struct xb_setting *rows, const void *in, enum xb_scheduler scheduler,
                        void *xen);

#endif
