/*
 * Between the files that read an experiment.
 */
#ifndef XB_EXPERIMENT_I_H
#define XB_EXPERIMENT_I_H

#include "experiment.h"

/*
 * Keys of an allocation, for use in tables: `type` is a struct and `field` its struct
 * xb_allocation.
 */
#define XB_ALLOCATION_KEYS(type, field)                                                            \
    {.name = "vcpus",                                                                              \
     .offset = offsetof(type, field.vcpus),                                                        \
     .read = xb_yaml_uint,                                                                         \
     .min = 1,                                                                                     \
     .max = XB_CPUS_MAX,                                                                           \
     .matrix = true},                                                                              \
        {.name = "hard", .offset = offsetof(type, field), .read = xb_exp_hard, .matrix = true},    \
        {.name = "soft", .offset = offsetof(type, field), .read = xb_exp_soft, .matrix = true},    \
        {.name = "weight",                                                                         \
         .offset = offsetof(type, field.weight),                                                   \
         .read = xb_yaml_int,                                                                      \
         .min = 1,                                                                                 \
         .max = 65535,                                                                             \
         .matrix = true},                                                                          \
        {.name = "cap",                                                                            \
         .offset = offsetof(type, field.cap),                                                      \
         .read = xb_yaml_int,                                                                      \
         .min = 0,                                                                                 \
         .max = 65535,                                                                             \
         .what = "per cent of one CPU, 0 for no cap",                                              \
         .matrix = true},                                                                          \
    {                                                                                              \
        .name = "pool", .offset = offsetof(type, field.pool), .read = xb_exp_pool_name,            \
        .matrix = true                                                                             \
    }

extern const struct xb_yaml_key xb_exp_allocation_keys[];
/* xl.cfg's words for the same things. */
extern const struct xb_yaml_alias xb_exp_aliases[];

xb_yaml_read_fn xb_exp_hard,
    xb_exp_soft;                   /* struct xb_allocation: "2-3", or {0: "2", 1: "3"} by vcpu */
xb_yaml_read_fn xb_exp_pool_name;  /* char[XB_POOL_NAME_MAX + 1] */
xb_yaml_read_fn xb_exp_allocation; /* struct xb_allocation: a mapping of all of them */
xb_yaml_read_fn xb_exp_workload;   /* struct xb_exp_workload: a name, or a mapping */

void xb_exp_workload_free(struct xb_exp_workload *workload);

/* Put over's settings, where it has any, into alloc. */
int xb_exp_overlay(struct xb_allocation *alloc, const struct xb_allocation *over,
                   struct xb_err *err);

/* Read the guests of the file, with the defaults that hold for all, into exp. */
int xb_exp_read_guests(const struct xb_yaml *yaml, struct fy_node *guests, struct fy_node *defaults,
                       struct xb_experiment *exp, struct xb_err *err);

/*
 * Read a mapping of pools into pools, which has room for XB_EXP_POOLS_MAX; a name that is there
 * already is changed.
 */
int xb_exp_read_pools(const struct xb_yaml *yaml, struct fy_node *node, struct xb_exp_pool *pools,
                      size_t *count, struct xb_err *err);

/*
 * Read the list of cases (NULL: one case without settings) into exp, whose guests are known; dom0
 * and pools hold for all.
 */
int xb_exp_read_cases(struct xb_yaml *yaml, struct fy_node *cases, const struct xb_allocation *dom0,
                      const struct xb_exp_pool *pools, size_t pool_count, struct xb_experiment *exp,
                      struct xb_err *err);

/* experiment_repeat.c: `until`; and `compare`, when cases and order are known. */
int xb_exp_read_until(const struct xb_yaml *yaml, struct fy_node *node, struct xb_exp_until *until,
                      struct xb_err *err);
int xb_exp_read_pairs(const struct xb_yaml *yaml, struct fy_node *node, struct xb_experiment *exp,
                      struct xb_err *err);

/*
 * experiment_set.c: put "KEY=VALUE" into the root of a file that was parsed. keys is the table of
 * that level.
 */
int xb_exp_set(struct xb_yaml *yaml, const char *set, const struct xb_yaml_key *keys,
               struct xb_err *err);

/* Is text fit to be shown as a name in one line and a table? */
int xb_exp_check_name(const struct xb_yaml *yaml, struct fy_node *node, const char *what,
                      const char *text, struct xb_err *err);

#endif
