/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "build_state.h"

#include "base.h"
#include "sched_words.h"
#include "xen_host.h"

#include <libxl_utils.h>
#include <string.h>
#include <xenctrl.h>

static const char *tsc_mode_word(uint32_t mode)
{
    for (uint32_t i = 0; xb_tsc_mode_words[i]; i++)
        if (i == mode)
            return xb_tsc_mode_words[i];
    return "unknown";
}

static uint64_t read_nodes(struct xb_xen *xen, uint32_t domid)
{
    libxl_bitmap map;
    uint64_t nodes = 0;
    libxl_bitmap_init(&map);
    if (libxl_node_bitmap_alloc(xen->ctx, &map, 0) == 0 &&
        libxl_domain_get_nodeaffinity(xen->ctx, domid, &map) == 0)
        for (int node = 0; node < XB_NODES_MAX && node < (int)map.size * 8; node++)
            nodes |= libxl_bitmap_test(&map, node) ? UINT64_C(1) << node : 0;
    libxl_bitmap_dispose(&map);
    return nodes;
}

void xb_build_read(struct xb_xen *xen, uint32_t domid, struct xb_build_state *out)
{
    uint32_t mode, incarnation;
    uint64_t elapsed_ns;
    *out = (struct xb_build_state){.nodes = read_nodes(xen, domid)};
    if (xc_domain_get_tsc_info(xen->xc, domid, &mode, &elapsed_ns, &out->tsc_khz, &incarnation) ==
        0)
        out->tsc_mode = tsc_mode_word(mode);
}

void xb_nodes_format(uint64_t nodes, char *out, size_t bytes)
{
    struct xb_cpus set = {.bits = {nodes}};
    xb_cpus_format(&set, XB_CPUS_MAX, out, bytes);
}

void xb_build_put(json_t *json, const struct xb_build_state *state)
{
    char text[XB_NODES_TEXT_BYTES];
    if (state->tsc_mode) {
        json_object_set_new(json, "tsc_mode", json_string(state->tsc_mode));
        json_object_set_new(json, "tsc_khz", json_integer(state->tsc_khz));
    }
    if (!state->nodes)
        return;
    xb_nodes_format(state->nodes, text, sizeof(text));
    json_object_set_new(json, "node_affinity", json_string(text));
}

static bool nodes_differ(const char *nodes, uint64_t built_nodes, char *why, size_t bytes)
{
    char got[XB_NODES_TEXT_BYTES];
    struct xb_err ignored = {0};
    uint64_t asked;
    if (!nodes[0] || !built_nodes || xb_nodes_parse(nodes, &asked, &ignored) < 0 ||
        asked == built_nodes)
        return false;
    xb_nodes_format(built_nodes, got, sizeof(got));
    snprintf(why, bytes, "memory from nodes %s asked, from nodes %.100s when it was built", nodes,
             got);
    return true;
}

bool xb_build_differs(const char *tsc_mode, const char *nodes, const struct xb_build_state *got,
                      uint64_t built_nodes, char *why, size_t bytes)
{
    if (tsc_mode && (!got->tsc_mode || strcmp(tsc_mode, got->tsc_mode) != 0)) {
        snprintf(why, bytes, "tsc_mode %s asked, %s in force", tsc_mode,
                 got->tsc_mode ? got->tsc_mode : "not known what is");
        return true;
    }
    return nodes_differ(nodes, built_nodes, why, bytes);
}
