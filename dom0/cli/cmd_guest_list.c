/*
 * `xenbench guest list`.
 */
#include "base.h"
#include "cmd_guest.h"
#include "domain.h"
#include "options.h"

#include <jansson.h>

static void print_table(const struct xb_guest_info *guests, size_t count)
{
    printf("%-20s %5s %-8s %-4s %5s %8s %-5s %s\n", "NAME", "DOMID", "STATE", "TYPE", "VCPUS",
           "MEMORY", "AGENT", "IMAGE");
    for (size_t i = 0; i < count; i++) {
        const struct xb_guest_info *g = &guests[i];
        char domid[16] = "-";
        if (g->guest.domid)
            snprintf(domid, sizeof(domid), "%u", g->guest.domid);
        printf("%-20s %5s %-8s %-4s %5u %7lluM %-5s %s%s%s%s\n", g->guest.name, domid, g->state,
               g->type, g->vcpus, (unsigned long long)g->memory_bytes >> 20, g->agent ? "yes" : "-",
               g->defined ? g->image : "(not made by xenbench)", g->run[0] ? " (of run " : "",
               g->run, g->run[0] ? ")" : "");
    }
}

static void print_json(const struct xb_guest_info *guests, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct xb_guest_info *g = &guests[i];
        json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:i, s:I, s:b, s:b}", "name", g->guest.name,
                                 "uuid", g->guest.uuid, "state", g->state, "type", g->type, "vcpus",
                                 (int)g->vcpus, "memory_bytes", (json_int_t)g->memory_bytes,
                                 "agent", g->agent, "made_by_xenbench", g->defined);
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

int xb_cmd_guest_list(struct xb_app *app, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"json", 'j', NULL, 0, "As JSON", 0},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = xb_option_json,
        .doc =
            "All guests: those that xenbench made, running or not, and those of others that run.",
    };
    bool json = false;
    xb_auto_free struct xb_guest_info *guests = NULL;
    size_t count = 0;
    xb_options_parse(&argp, argc, argv, &json);
    if (xb_guest_list(app, &guests, &count, &app->err) < 0)
        return (int)app->err.class;
    if (json)
        print_json(guests, count);
    else
        print_table(guests, count);
    return 0;
}
