/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xenbench host show */
#include "base.h"
#include "commands.h"
#include "host_facts.h"

const struct xb_opts xb_opts_host_show = {
    .doc = "Describe this host as JSON: CPUs, cpupools and schedulers, memory, guests, images, "
           "frequency scaling.\vOn any machine, `xenbench plan --host FILE` judges an experiment "
           "by such a description.",
};

int xb_cmd_host_show(struct xb_app *app, int argc, char **argv)
{
    xb_auto_facts struct xb_host_facts facts = {.max_cstate = -1};
    xb_opts_parse(&xb_opts_host_show, argc, argv, NULL);
    if (xb_host_facts_read(app, &facts, &app->err) < 0)
        return (int)app->err.class;
    json_t *json = xb_host_facts_to_json(&facts);
    json_dumpf(json, stdout, JSON_INDENT(2));
    json_decref(json);
    putchar('\n');
    return 0;
}
