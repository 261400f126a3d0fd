/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench guest list`.
 */
#include "base.h"
#include "commands.h"
#include "domain.h"
#include "width.h"

#include <inttypes.h>
#include <jansson.h>

static void print_table(const struct xb_guest_info *guests, size_t count)
{
    int width = 20;
    for (size_t i = 0; i < count; i++)
        if (xb_width(guests[i].guest.name) > width)
            width = xb_width(guests[i].guest.name);
    printf("%-*s %5s %-8s %-4s %5s %8s %-5s %s\n", width, "NAME", "DOMID", "STATE", "TYPE", "VCPUS",
           "MEMORY", "AGENT", "IMAGE");
    for (size_t i = 0; i < count; i++) {
        const struct xb_guest_info *g = &guests[i];
        char domid[16] = "-", vcpus[16] = "?", memory[32] = "?";
        if (g->guest.domid)
            snprintf(domid, sizeof(domid), "%u", g->guest.domid);
        if (g->vcpus)
            snprintf(vcpus, sizeof(vcpus), "%u", g->vcpus);
        if (g->memory_bytes)
            snprintf(memory, sizeof(memory), "%" PRIu64 "M", g->memory_bytes >> 20);
        xb_put(stdout, g->guest.name, width);
        printf(" %5s %-8s %-4s %5s %8s %-5s %s%s%s%s\n", domid, g->state, g->type, vcpus, memory,
               g->agent ? "yes" : "-", g->defined ? g->image : "(not made by xenbench)",
               g->run[0] ? " (of run " : "", g->run, g->run[0] ? ")" : "");
    }
}

/* A number, or null if it is not known: 0 means that the xl.cfg does not set it. */
static json_t *known(uint64_t number)
{
    return number ? json_integer((json_int_t)number) : json_null();
}

static void print_json(const struct xb_guest_info *guests, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct xb_guest_info *g = &guests[i];
        json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:b, s:b}", "name", g->guest.name,
                                 "uuid", g->guest.uuid, "state", g->state, "type", g->type, "vcpus",
                                 known(g->vcpus), "memory_bytes", known(g->memory_bytes), "agent",
                                 g->agent, "made_by_xenbench", g->defined);
        if (g->guest.domid)
            json_object_set_new(json, "domid", json_integer(g->guest.domid));
        if (g->image[0])
            json_object_set_new(json, "image", json_string(g->image));
        if (g->run[0])
            json_object_set_new(json, "run", json_string(g->run));
        json_array_append_new(list, json);
    }
    json_dumpf(list, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    putchar('\n');
    json_decref(list);
}

const struct xb_opts xb_opts_guest_list = {
    .rows = xb_opt_rows_json,
    .doc = "List all guests: those that xenbench made, running or not, and all other running "
           "domains.",
};

int xb_cmd_guest_list(struct xb_app *app, int argc, char **argv)
{
    bool json = false;
    xb_auto_free struct xb_guest_info *guests = NULL;
    size_t count = 0;
    xb_opts_parse(&xb_opts_guest_list, argc, argv, &json);
    if (xb_guest_list(app, &guests, &count, &app->err) < 0)
        return (int)app->err.class;
    if (json)
        print_json(guests, count);
    else
        print_table(guests, count);
    return 0;
}
