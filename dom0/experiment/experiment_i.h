/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shared by the files that read an experiment.
 */
#ifndef XB_EXPERIMENT_I_H
#define XB_EXPERIMENT_I_H

#include "base.h"
#include "experiment.h"
#include "yaml_axes.h"

/* The settings of a guest in a case: its allocation, and what it is and does. */
struct xb_exp_setting {
    struct xb_experiment *exp; /* collects the workloads that are named */
    struct xb_allocation alloc;
    struct xb_exp_build build;
    int background, idle; /* -1: not said */
    uint32_t workload;    /* XB_EXP_NO_WORKLOAD: not set */
    struct xb_exp_lines lines;
};
#define XB_EXP_SETTING_KEEP(experiment)                                                            \
    ((struct xb_exp_setting){.exp = (experiment),                                                  \
                             .alloc = XB_ALLOCATION_KEEP,                                          \
                             .build = XB_EXP_BUILD_KEEP,                                           \
                             .background = -1,                                                     \
                             .idle = -1,                                                           \
                             .workload = XB_EXP_NO_WORKLOAD})
static inline void xb_exp_setting_clear(struct xb_exp_setting *setting)
{
    xb_allocation_free(&setting->alloc);
}
#define xb_auto_setting XB_AUTO(xb_exp_setting_clear)

#define XB_GUEST_MEMORY_MIN (UINT64_C(32) << 20)
#define XB_GUEST_MEMORY_MAX (UINT64_C(16) << 40)

/* Keys from several tables, combined for xb_yaml_map. Zeroed: no keys. */
#define XB_EXP_KEYS_MAX 48
struct xb_exp_keys {
    struct xb_yaml_key v[XB_EXP_KEYS_MAX + 1];
    size_t count;
};
/*
 * Add the keys of a table, which ends with a nameless key. offset: where the table's struct begins
 * in the struct that xb_yaml_map fills.
 */
void xb_exp_keys_add(struct xb_exp_keys *keys, const struct xb_yaml_key *more, size_t offset);
/* A key for each row. */
void xb_exp_keys_rows(struct xb_exp_keys *keys, const struct xb_setting *rows, size_t offset);
/* Add all settings of a guest in a case; offset: where struct xb_exp_setting begins. */
void xb_exp_keys_setting(struct xb_exp_keys *keys, size_t offset);

/* The tables of the file's top level, of a case, of a guest in the whole run, and of `host`. */
extern const struct xb_yaml_key xb_exp_head_keys[], xb_exp_case_keys[], xb_exp_fixed_keys[],
    xb_exp_host_keys[];

/* Other words that users may try, many from xl.cfg, and the keys that they mean. */
extern const struct xb_yaml_alias xb_exp_aliases[];

xb_yaml_read_fn xb_exp_masks;     /* struct xb_allocation: "2-3", or {0: "2", 1: "3"} by vcpu */
xb_yaml_read_fn xb_exp_rtds;      /* struct xb_allocation: one {period_us: ...}, or by vcpu */
xb_yaml_read_fn xb_exp_pool_name; /* char[XB_POOL_NAME_MAX + 1] */
xb_yaml_read_fn xb_exp_schedule;  /* char[XB_SCHEDULE_TEXT_BYTES] */
xb_yaml_read_fn xb_exp_dom0;      /* struct xb_allocation: a mapping of Dom0's settings */
xb_yaml_read_fn xb_exp_setting;   /* struct xb_exp_setting: a mapping of all its settings */
xb_yaml_read_fn xb_exp_workload;  /* struct xb_exp_setting: a name, or a mapping */
xb_yaml_read_fn xb_exp_flag;      /* int: 0 or 1 for false or true */
xb_yaml_read_fn xb_exp_image;     /* char[XB_IMAGE_NAME_MAX + 1] */
xb_yaml_read_fn xb_exp_nodes;     /* char[XB_EXP_NODES_MAX + 1] */
xb_yaml_read_fn xb_exp_host;      /* struct xb_exp_host */
xb_yaml_read_fn xb_exp_hooks;     /* struct xb_exp_hooks */

/* Note the lines of a mapping's keys. */
void xb_exp_note_lines(struct fy_node *mapping, struct xb_exp_lines *lines);

void xb_exp_workload_free(struct xb_exp_workload *workload);

/* Copy into setting whatever over sets. */
int xb_exp_setting_over(struct xb_exp_setting *setting, const struct xb_exp_setting *over,
                        struct xb_err *err);

/* The top level of the file, as the basis of every case. */
struct xb_exp_base {
    struct fy_node *workload, *guests, *defaults, *dom0, *pools, *host, *cases, *exclude;
};

/*
 * Find the file's guests and what is the same in every case (keep, socket, resize). Other settings
 * are read for each case.
 */
int xb_exp_read_guests(struct xb_yaml *yaml, const struct xb_exp_base *base,
                       struct xb_experiment *exp, struct xb_err *err);
/*
 * What `defaults` and `guests` set for each guest under the current choice of axes, into settings
 * (one per guest). If `guests` is a number, *first is how many guests take part.
 */
int xb_exp_read_settings(const struct xb_yaml *yaml, const struct xb_exp_base *base,
                         struct xb_experiment *exp, struct xb_exp_setting *settings, size_t *first,
                         struct xb_err *err);

/* How specifically a key of `guests` names a guest: the most specific key wins. */
enum xb_closeness { XB_CLOSE_ALL, XB_CLOSE_PATTERN, XB_CLOSE_NAME, XB_CLOSE_END };
enum xb_closeness xb_exp_closeness(const char *key);
bool xb_exp_key_means(const char *key, const char *guest);
int xb_exp_fail_no_guest(const struct xb_yaml *yaml, struct fy_node *node, const char *key,
                         const struct xb_experiment *exp, struct xb_err *err);

/* A case's `active`: which guests take part. The others become idle. */
int xb_exp_active(const struct xb_yaml *yaml, struct fy_node *node, const struct xb_experiment *exp,
                  struct xb_exp_setting *settings, struct xb_err *err);
/* The first n guests that key matches take part; the others become idle. */
void xb_exp_first_active(const struct xb_experiment *exp, const char *key, size_t n,
                         struct xb_exp_setting *settings);

/*
 * Read a mapping of pools into pools, which has room for XB_EXP_POOLS_MAX. A pool that is already
 * there is changed.
 */
int xb_exp_read_pools(const struct xb_yaml *yaml, struct fy_node *node, struct xb_exp_pool *pools,
                      size_t *count, struct xb_err *err);

/* Read the list of cases (none: one case) into exp, multiplying out lists; after the guests. */
int xb_exp_read_cases(struct xb_yaml *yaml, const struct xb_exp_base *base,
                      struct xb_experiment *exp, struct xb_err *err);

/*
 * Does an entry of `exclude` match the current choice of axes? Counts each entry's matches;
 * xb_exp_check_exclude reports mistakes in entries.
 */
#define XB_EXP_EXCLUDES_MAX 256
#define XB_EXP_AMBIGUOUS UINT32_MAX /* instead of a count: the entry could mean several lists */
bool xb_exp_excluded(const struct xb_yaml *yaml, struct fy_node *exclude, const char *case_name,
                     uint32_t matches[XB_EXP_EXCLUDES_MAX]);
int xb_exp_check_exclude(const struct xb_yaml *yaml, struct fy_node *exclude,
                         const uint32_t matches[XB_EXP_EXCLUDES_MAX], struct xb_err *err);

/*
 * experiment_build.c: copy whatever over sets; write what is set into json; the first key in which
 * two builds differ (NULL: none), among all keys or only those that need the guest made anew.
 */
void xb_exp_build_over(struct xb_exp_build *build, const struct xb_exp_build *over);
void xb_exp_build_put(const struct xb_exp_build *build, json_t *json);
const char *xb_exp_build_key(const struct xb_exp_build *a, const struct xb_exp_build *b);
const char *xb_exp_remade_key(const struct xb_exp_build *a, const struct xb_exp_build *b);
/*
 * Settle the builds after all cases are read: what is equal in all cases needs no rebuild, and
 * differences that no rebuild can make are refused.
 */
int xb_exp_settle_builds(struct xb_experiment *exp, struct xb_err *err);

/* For each measured guest of each case, add a case in which it runs alone, if there is none yet. */
int xb_exp_add_solos(struct xb_experiment *exp, struct xb_err *err);

/* Append a case with all settings at KEEP. */
struct xb_exp_case *xb_exp_add_case(struct xb_experiment *exp);
/* Free a case's members; guests: the experiment's number of guests. */
void xb_exp_case_free(struct xb_exp_case *c, size_t guests);

/* experiment_repeat.c: `until`; and `compare`, once cases and order are known. */
int xb_exp_read_until(const struct xb_yaml *yaml, struct fy_node *node, struct xb_exp_until *until,
                      struct xb_err *err);
int xb_exp_read_pairs(const struct xb_yaml *yaml, struct fy_node *node, struct xb_experiment *exp,
                      struct xb_err *err);

/* experiment_set.c: put "KEY=VALUE" into a parsed file, as if it stood on this line. */
int xb_exp_set(struct xb_yaml *yaml, const char *set, unsigned line, struct xb_err *err);

/* Is text suitable as a name in one line and in a table? */
int xb_exp_check_name(const struct xb_yaml *yaml, struct fy_node *node, const char *what,
                      const char *text, struct xb_err *err);

#endif
