/*
 * Lists that spell out a matrix. While a mapping is read with axes, a list where one value belongs
 * is an axis: the
 * present choice of its values is read. Reading the mapping again after each xb_yaml_axes_next
 * visits the
 * product of all lists, the last list turning fastest.
 */
#ifndef XB_YAML_AXES_H
#define XB_YAML_AXES_H

#include "err.h"

#include <libfyaml.h>
#include <stdbool.h>
#include <stddef.h>

#define XB_YAML_AXES_MAX 16

struct xb_yaml;

struct xb_yaml_axes {
    struct {
        struct fy_node *list;
        const char *key;
        size_t at, count;
    } axis[XB_YAML_AXES_MAX];
    size_t count;
};

/*
 * The value of list that is chosen now; a list met for the first time becomes an axis. NULL with
 * err filled for an empty list or too many.
 */
struct fy_node *xb_yaml_axes_choose(const struct xb_yaml *yaml, struct fy_node *list,
                                    const char *key, struct xb_err *err);
/* Turn to the next choice; false when all have been visited. */
bool xb_yaml_axes_next(struct xb_yaml_axes *axes);
/* The present choice in words, "weight 512, cap 20", into buf; "" without axes. */
void xb_yaml_axes_label(const struct xb_yaml_axes *axes, char *buf, size_t bytes);

#endif
