/* The guests of an experiment file. */
#include "base.h"
#include "experiment_i.h"
#include "image.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

const char *const xb_guest_type_words[] = {"default", "pv", "pvh", NULL};

static int read_socket(const struct xb_yaml *yaml, struct fy_node *node,
                       const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    const char *path = xb_yaml_scalar(node);
    if (!path || *path != '/' || strlen(path) > 100)
        return xb_yaml_fail(
            yaml, node, err,
            "`socket` is the absolute path of an agent's unix socket, at most 100 bytes");
    return xb_yaml_text(yaml, node, key, value, err);
}

static int read_image(const struct xb_yaml *yaml, struct fy_node *node,
                      const struct xb_yaml_key *key, void *value, struct xb_err *err)
{
    char shown[80];
    const char *name = xb_yaml_scalar(node);
    if (!name || !xb_image_name_ok(name))
        return xb_yaml_fail(
            yaml, node, err,
            "`image` is %s; the name of an image was expected (xenbench image list)",
            xb_yaml_shown(node, shown, sizeof(shown)));
    return xb_yaml_text(yaml, node, key, value, err);
}

#define GUEST_MEMORY_MIN (UINT64_C(32) << 20)
#define GUEST_MEMORY_MAX (UINT64_C(16) << 40)

static const struct xb_yaml_key guest_keys[] = {
    {.name = "image", .offset = offsetof(struct xb_exp_guest, image), .read = read_image},
    {.name = "memory",
     .offset = offsetof(struct xb_exp_guest, memory_bytes),
     .read = xb_yaml_size,
     .min = GUEST_MEMORY_MIN,
     .max = GUEST_MEMORY_MAX,
     .what = "32M or more"},
    {.name = "type",
     .offset = offsetof(struct xb_exp_guest, type),
     .read = xb_yaml_word,
     .words = xb_guest_type_words},
    {.name = "maxvcpus",
     .offset = offsetof(struct xb_exp_guest, maxvcpus),
     .read = xb_yaml_uint,
     .min = 1,
     .max = XB_CPUS_MAX},
    {.name = "keep", .offset = offsetof(struct xb_exp_guest, keep), .read = xb_yaml_bool},
    {.name = "socket", .offset = offsetof(struct xb_exp_guest, socket), .read = read_socket},
    XB_ALLOCATION_KEYS(struct xb_exp_guest, alloc),
    {0},
};

static int check_guest_name(const struct xb_yaml *yaml, struct fy_node *node, const char *name,
                            struct xb_err *err)
{
    size_t n = name ? strlen(name) : 0;
    bool ok = n > 0 && n <= XB_GUEST_NAME_MAX && isalnum((unsigned char)name[0]);
    bool digits = true;
    for (size_t i = 0; ok && i < n; i++) {
        ok = isalnum((unsigned char)name[i]) || strchr("._-", name[i]);
        digits = digits && isdigit((unsigned char)name[i]);
    }
    if (!ok || digits)
        return xb_yaml_fail(yaml, node, err,
                            "`%.60s` cannot name a guest: letters, digits, . _ -, at most %d of "
                            "them, not digits alone",
                            name ? name : "", XB_GUEST_NAME_MAX);
    if (strcmp(name, "all") == 0 || strcasecmp(name, "dom0") == 0 || strcmp(name, "Domain-0") == 0)
        return xb_yaml_fail(yaml, node, err,
                            "`%s` means something else already; give the guest another name", name);
    return 0;
}

static int read_guest(const struct xb_yaml *yaml, struct fy_node_pair *pair,
                      struct fy_node *defaults, struct xb_exp_guest *guest, struct xb_err *err)
{
    struct fy_node *key = fy_node_pair_key(pair);
    struct fy_node *value = fy_node_pair_value(pair);
    const char *name = xb_yaml_scalar(key);
    guest->alloc = XB_ALLOCATION_KEEP;
    guest->line = xb_yaml_line(key);
    if (check_guest_name(yaml, key, name, err) < 0)
        return -1;
    guest->name = strdup(name);
    if (!guest->name)
        return xb_fail(err, XB_E_HOST, ENOMEM, "%s", yaml->path);
    if (defaults && xb_yaml_map(yaml, defaults, guest_keys, xb_exp_aliases, guest, NULL, err) < 0)
        return -1;
    bool empty = !value || (fy_node_is_scalar(value) && fy_node_is_null(value));
    return empty ? 0 : xb_yaml_map(yaml, value, guest_keys, xb_exp_aliases, guest, NULL, err);
}

int xb_exp_read_guests(const struct xb_yaml *yaml, struct fy_node *guests, struct fy_node *defaults,
                       struct xb_experiment *exp, struct xb_err *err)
{
    int count = fy_node_is_mapping(guests) ? fy_node_mapping_item_count(guests) : 0;
    if (count < 1)
        return xb_yaml_fail(
            yaml, guests, err,
            "`guests` names at least one guest: {web: {image: debian, memory: 512M}}");
    if (count > XB_EXP_GUESTS_MAX)
        return xb_yaml_fail(yaml, guests, err, "%d guests; at most %d are possible", count,
                            XB_EXP_GUESTS_MAX);
    exp->guests = calloc((size_t)count, sizeof(*exp->guests));
    if (!exp->guests)
        return xb_fail(err, XB_E_HOST, ENOMEM, "%s", yaml->path);
    void *iter = NULL;
    struct fy_node_pair *pair;
    while ((pair = fy_node_mapping_iterate(guests, &iter))) {
        struct xb_exp_guest *guest = &exp->guests[exp->guest_count++];
        if (read_guest(yaml, pair, defaults, guest, err) < 0)
            return -1;
        if (guest->socket && guest->image)
            return xb_yaml_fail(
                yaml, fy_node_pair_key(pair), err,
                "`%s` has both an image and a socket; an agent behind a socket is no domain",
                guest->name);
    }
    return 0;
}
