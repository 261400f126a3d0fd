#include "yaml_axes.h"

#include "yaml.h"

#include <stdio.h>

struct fy_node *xb_yaml_axes_choose(const struct xb_yaml *yaml, struct fy_node *list,
                                    const char *key, struct xb_err *err)
{
    struct xb_yaml_axes *axes = yaml->axes;
    size_t i = 0;
    while (i < axes->count && axes->axis[i].list != list)
        i++;
    if (i == XB_YAML_AXES_MAX) {
        xb_yaml_fail(yaml, list, err,
                     "`%s` is list number %zu of one case; at most %d lists make a matrix", key,
                     i + 1, XB_YAML_AXES_MAX);
        return NULL;
    }
    if (i == axes->count) {
        int items = fy_node_sequence_item_count(list);
        if (items < 1) {
            xb_yaml_fail(yaml, list, err,
                         "`%s` is an empty list; give one value, or a list for one case each", key);
            return NULL;
        }
        axes->axis[i].list = list;
        axes->axis[i].key = key;
        axes->axis[i].at = 0;
        axes->axis[i].count = (size_t)items;
        axes->count++;
    }
    return fy_node_sequence_get_by_index(list, (int)axes->axis[i].at);
}

bool xb_yaml_axes_next(struct xb_yaml_axes *axes)
{
    for (size_t i = axes->count; i-- > 0;) {
        if (++axes->axis[i].at < axes->axis[i].count)
            return true;
        axes->axis[i].at = 0;
    }
    return false;
}

void xb_yaml_axes_label(const struct xb_yaml_axes *axes, char *buf, size_t bytes)
{
    size_t used = 0;
    buf[0] = '\0';
    for (size_t i = 0; i < axes->count && used < bytes; i++) {
        struct fy_node *item =
            fy_node_sequence_get_by_index(axes->axis[i].list, (int)axes->axis[i].at);
        const char *text = xb_yaml_scalar(item);
        char number[24];
        snprintf(number, sizeof(number), "#%zu", axes->axis[i].at + 1);
        used += (size_t)snprintf(buf + used, bytes - used, "%s%s %s", i ? ", " : "",
                                 axes->axis[i].key, text ? text : number);
    }
}
