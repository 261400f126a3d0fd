/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "yaml_axes.h"

#include "alloc.h"
#include "base.h"
#include "yaml.h"

#include <stdio.h>
#include <string.h>

bool xb_yaml_range(const char *text, unsigned *from, unsigned *to)
{
    int end = 0;
    return text && strspn(text, "0123456789.") == strlen(text) &&
           sscanf(text, "%9u..%9u%n", from, to, &end) == 2 && text[end] == '\0';
}

bool xb_yaml_is_axis(struct fy_node *node)
{
    unsigned from, to;
    return fy_node_is_sequence(node) || xb_yaml_range(xb_yaml_scalar(node), &from, &to);
}

/* Expand a range to a list. */
static struct fy_node *write_out(const struct xb_yaml *yaml, struct fy_node *said, const char *key,
                                 struct xb_err *err)
{
    unsigned from = 0, to = 0;
    xb_yaml_range(xb_yaml_scalar(said), &from, &to);
    if (from > to || to - from >= XB_YAML_RANGE_MAX) {
        xb_yaml_fail(yaml, said, err,
                     "`%s` is `%.40s`; a range must ascend, and has at most "
                     "%d values",
                     key, xb_yaml_scalar(said), XB_YAML_RANGE_MAX);
        return NULL;
    }
    size_t bytes = ((size_t)(to - from) + 1) * 12 + 3, used = 0;
    char *text = xb_malloc(bytes);
    for (unsigned n = from; n <= to; n++)
        used += (size_t)snprintf(text + used, bytes - used, "%s%u", n == from ? "[" : ", ", n);
    snprintf(text + used, bytes - used, "]");
    return xb_need(fy_node_build_from_malloc_string(yaml->doc, text, FY_NT));
}

/* The key whose value the node is; NULL if there is none. */
static const char *key_of(struct fy_node *node)
{
    struct fy_node *parent = node ? fy_node_get_parent(node) : NULL;
    void *iter = NULL;
    struct fy_node_pair *pair;
    while (fy_node_is_mapping(parent) && (pair = fy_node_mapping_iterate(parent, &iter)))
        if (fy_node_pair_value(pair) == node)
            return xb_yaml_scalar(fy_node_pair_key(pair));
    return NULL;
}

/* In `guests: {victim: {weight: [1, 2]}}`, the victim. NULL if the key names several guests. */
static const char *guest_of(struct fy_node *said)
{
    for (struct fy_node *node = fy_node_get_parent(said); node; node = fy_node_get_parent(node)) {
        const char *guest = key_of(node), *above = key_of(fy_node_get_parent(node));
        if (guest && above && strcmp(above, "guests") == 0)
            return strcmp(guest, "all") == 0 || strpbrk(guest, "*?[") || strstr(guest, "..")
                       ? NULL
                       : guest;
    }
    return NULL;
}

static int add_axis(const struct xb_yaml *yaml, struct fy_node *said, const char *key,
                    struct xb_err *err)
{
    struct xb_yaml_axes *axes = yaml->axes;
    size_t i = axes->count;
    if (i == XB_YAML_AXES_MAX)
        return xb_yaml_fail(yaml, said, err,
                            "`%s` is list number %zu of one case; a matrix has at most %d lists",
                            key, i + 1, XB_YAML_AXES_MAX);
    struct fy_node *list = fy_node_is_sequence(said) ? said : write_out(yaml, said, key, err);
    if (!list)
        return -1;
    int items = fy_node_sequence_item_count(list);
    if (items < 1)
        return xb_yaml_fail(yaml, said, err,
                            "`%s` is an empty list; give one value, or several for one case "
                            "each",
                            key);
    axes->axis[i].said = said;
    axes->axis[i].list = list;
    axes->axis[i].key = xb_strdup(key);
    axes->axis[i].guest = guest_of(said);
    axes->axis[i].at = 0;
    axes->axis[i].count = (size_t)items;
    axes->count++;
    return 0;
}

struct fy_node *xb_yaml_axes_choose(const struct xb_yaml *yaml, struct fy_node *said,
                                    const char *key, struct xb_err *err)
{
    struct xb_yaml_axes *axes = yaml->axes;
    size_t i = 0;
    while (i < axes->count && axes->axis[i].said != said)
        i++;
    if (i == axes->count && add_axis(yaml, said, key, err) < 0)
        return NULL;
    axes->axis[i].met = true;
    return fy_node_sequence_get_by_index(axes->axis[i].list, (int)axes->axis[i].at);
}

bool xb_yaml_axes_next(struct xb_yaml_axes *axes)
{
    bool turned = false;
    for (size_t i = axes->count; i-- > 0;) {
        if (!turned && axes->axis[i].met)
            turned = ++axes->axis[i].at < axes->axis[i].count;
        if (!turned)
            axes->axis[i].at = 0;
        axes->axis[i].met = false;
    }
    return turned;
}

const char *xb_yaml_axes_text(const struct xb_yaml_axes *axes, size_t i, char *buf, size_t bytes)
{
    struct fy_node *item = fy_node_sequence_get_by_index(axes->axis[i].list, (int)axes->axis[i].at);
    const char *text = xb_yaml_scalar(item);
    if (!text && fy_node_is_mapping(item))
        text = xb_yaml_scalar(fy_node_mapping_lookup_value_by_simple_key(item, "name", FY_NT));
    if (text)
        snprintf(buf, bytes, "%s", text);
    else
        snprintf(buf, bytes, "#%zu", axes->axis[i].at + 1);
    return buf;
}

bool xb_yaml_axes_is(const struct xb_yaml_axes *axes, size_t i, const char *name)
{
    const char *guest = axes->axis[i].guest, *key = axes->axis[i].key;
    if (!axes->axis[i].met)
        return false;
    size_t n = guest ? strlen(guest) : 0;
    if (!guest)
        return strcmp(key, name) == 0;
    return strncmp(name, guest, n) == 0 && name[n] == '.' && strcmp(name + n + 1, key) == 0;
}

static bool has_namesake(const struct xb_yaml_axes *axes, size_t i)
{
    for (size_t o = 0; o < axes->count; o++)
        if (o != i && axes->axis[o].met && strcmp(axes->axis[o].key, axes->axis[i].key) == 0)
            return true;
    return false;
}

static bool is_within(struct fy_node *inner, const struct fy_node *outer)
{
    while (inner && inner != outer)
        inner = fy_node_get_parent(inner);
    return inner || !outer;
}

void xb_yaml_axes_label(const struct xb_yaml_axes *axes, char *buf, size_t bytes)
{
    xb_yaml_axes_label_within(axes, NULL, buf, bytes);
}

void xb_yaml_axes_label_within(const struct xb_yaml_axes *axes, struct fy_node *node, char *buf,
                               size_t bytes)
{
    size_t used = 0;
    buf[0] = '\0';
    for (size_t i = 0; axes && i < axes->count && used < bytes; i++) {
        char text[80];
        if (!axes->axis[i].met || !is_within(axes->axis[i].said, node))
            continue;
        const char *guest = !node && has_namesake(axes, i) ? axes->axis[i].guest : NULL;
        used += (size_t)snprintf(buf + used, bytes - used, "%s%s%s%s %s", used ? ", " : "",
                                 guest ? guest : "", guest ? "." : "", axes->axis[i].key,
                                 xb_yaml_axes_text(axes, i, text, sizeof(text)));
    }
}

char *xb_yaml_axes_choice_within(const struct xb_yaml_axes *axes, struct fy_node *node)
{
    size_t bytes = XB_YAML_AXES_MAX * 48 + 1, used = 0;
    char *out = xb_calloc(1, bytes);
    for (size_t i = 0; axes && i < axes->count; i++)
        if (axes->axis[i].met && is_within(axes->axis[i].said, node))
            used += (size_t)snprintf(out + used, bytes - used, "%p:%zu ",
                                     (void *)axes->axis[i].said, axes->axis[i].at);
    return out;
}

struct fy_node *xb_yaml_axes_origin(const struct xb_yaml_axes *axes, struct fy_node *node)
{
    for (size_t i = 0; axes && i < axes->count; i++)
        if (axes->axis[i].list != axes->axis[i].said &&
            (node == axes->axis[i].list || fy_node_get_parent(node) == axes->axis[i].list))
            return axes->axis[i].said;
    return node;
}

void xb_yaml_axes_clear(struct xb_yaml_axes *axes)
{
    for (size_t i = 0; i < axes->count; i++) {
        if (axes->axis[i].list != axes->axis[i].said)
            fy_node_free(axes->axis[i].list);
        free(axes->axis[i].key);
    }
    axes->count = 0;
}
