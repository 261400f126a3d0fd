/*
 * Lists that spell out a matrix. While a mapping is read with axes, a list where one value belongs
 * is an axis, and so is a range such as 1..8: the present choice of its values is read. Reading the
 * mapping again after each xb_yaml_axes_next visits the product of all axes, the last one turning
 * fastest.
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
        struct fy_node *said; /* in the file: a list, or a range's text */
        struct fy_node *list; /* said, or what its range was written out to (ours to free) */
        char *key;            /* owned */
        const char
            *guest; /* whose setting it is, where it stands in that of one guest; else NULL */
        size_t at, count;
        bool met; /* in this reading: a list may stand within a choice of another one */
    } axis[XB_YAML_AXES_MAX];
    size_t count;
};

/* Does this stand for several values: a list, or A..B? */
bool xb_yaml_is_axis(struct fy_node *node);

/*
 * The value of an axis that is chosen now; one met for the first time is added. NULL with err
 * filled for an empty list, a range that goes down, or too many.
 */
struct fy_node *xb_yaml_axes_choose(const struct xb_yaml *yaml, struct fy_node *said,
                                    const char *key, struct xb_err *err);
/* Turn to the next choice; false when all have been visited. */
bool xb_yaml_axes_next(struct xb_yaml_axes *axes);
/*
 * The present choice in words, "weight 512, cap 20", into buf; "" without axes. Where lists of one
 * key stand in several places those of one guest are called by its name: "victim.weight 512".
 */
void xb_yaml_axes_label(const struct xb_yaml_axes *axes, char *buf, size_t bytes);
/* The same of the axes that stand within a node, such as the lists of one workload. */
void xb_yaml_axes_label_within(const struct xb_yaml_axes *axes, struct fy_node *node, char *buf,
                               size_t bytes);
/* What is chosen there, to be compared and not shown; to free. NULL: no memory. */
char *xb_yaml_axes_choice_within(const struct xb_yaml_axes *axes, struct fy_node *node);
/* Is "victim.weight" axis i's name in full? It is without that of a guest for lists of several. */
bool xb_yaml_axes_is(const struct xb_yaml_axes *axes, size_t i, const char *name);
/* The text of the present choice of axis i: of a mapping its `name`, else its number in the list.
 */
const char *xb_yaml_axes_text(const struct xb_yaml_axes *axes, size_t i, char *buf, size_t bytes);
/* Where in the file a value of an axis comes from: node itself unless a range was written out. */
struct fy_node *xb_yaml_axes_origin(const struct xb_yaml_axes *axes, struct fy_node *node);
void xb_yaml_axes_clear(struct xb_yaml_axes *axes);

/* "3..8" */
bool xb_yaml_range(const char *text, unsigned *from, unsigned *to);

#endif
