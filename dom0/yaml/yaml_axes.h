/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lists as axes of a matrix. A list where one value belongs, or a range such as 1..8, is an axis; a
 * reading takes its current choice. Reading again after each xb_yaml_axes_next visits the product
 * of all axes, the last one changing fastest.
 */
#ifndef XB_YAML_AXES_H
#define XB_YAML_AXES_H

#include "err.h"

#include <libfyaml.h>
#include <stdbool.h>
#include <stddef.h>

#define XB_YAML_AXES_MAX 16
#define XB_YAML_RANGE_MAX 1024

struct xb_yaml;

struct xb_yaml_axes {
    struct {
        struct fy_node *said; /* the node in the file: a list, or a range's text */
        struct fy_node *list; /* said, or the expanded range (ours to free) */
        char *key;            /* owned */
        const char *guest;    /* the guest whose setting it is; NULL: no single guest's */
        size_t at, count;
        bool met; /* in this reading; a list may stand inside a choice of another */
    } axis[XB_YAML_AXES_MAX];
    size_t count;
};

/* Does this stand for several values: a list, or A..B? */
bool xb_yaml_is_axis(struct fy_node *node);

/*
 * The current choice of an axis, which is added when it is first met. NULL with err filled for an
 * empty list, a descending range, or too many axes.
 */
struct fy_node *xb_yaml_axes_choose(const struct xb_yaml *yaml, struct fy_node *said,
                                    const char *key, struct xb_err *err);
/* Go to the next combination; false after the last. */
bool xb_yaml_axes_next(struct xb_yaml_axes *axes);
/*
 * The current choices in words, "weight 512, cap 20", in buf; "" without axes. If several lists
 * have the same key, a guest's list has the guest's name: "victim.weight 512".
 */
void xb_yaml_axes_label(const struct xb_yaml_axes *axes, char *buf, size_t bytes);
/* The same for the axes inside a node, such as the lists of one workload. */
void xb_yaml_axes_label_within(const struct xb_yaml_axes *axes, struct fy_node *node, char *buf,
                               size_t bytes);
/* A key for the choices inside a node, for comparison only; to free. */
char *xb_yaml_axes_choice_within(const struct xb_yaml_axes *axes, struct fy_node *node);
/*
 * Is "victim.weight" the full name of axis i? (The name has no guest if the list is for several
 * guests.)
 */
bool xb_yaml_axes_is(const struct xb_yaml_axes *axes, size_t i, const char *name);
/* The text of axis i's choice: a mapping's `name`, else the number in the list. */
const char *xb_yaml_axes_text(const struct xb_yaml_axes *axes, size_t i, char *buf, size_t bytes);
/* Where in the file a value of an axis comes from: node itself, unless a range was expanded. */
struct fy_node *xb_yaml_axes_origin(const struct xb_yaml_axes *axes, struct fy_node *node);
void xb_yaml_axes_clear(struct xb_yaml_axes *axes);

/* "3..8" */
bool xb_yaml_range(const char *text, unsigned *from, unsigned *to);

#endif
