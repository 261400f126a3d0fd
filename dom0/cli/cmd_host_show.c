/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xenbench host show */
#include "base.h"
#include "commands.h"
#include "host_facts.h"
#include "slurm_node.h"
#include "streams.h"

#include <argp.h>
#include <limits.h>
#include <string.h>

struct request {
    bool slurm;
    const char *node, *host;
};

static const struct xb_opt rows[] = {
    OPT_TRUE(struct request, slurm, "slurm", 0,
             "Print the lines for Slurm's slurm.conf and gres.conf that describe this host as a "
             "node, for `xenbench fleet submit`"),
    OPT_STRING(struct request, node, "node", 0, "NAME",
               "The node's name for Slurm (default: the host's name, up to its first dot)"),
    OPT_STRING(struct request, host, "host", 0, "FILE",
               "With --slurm: describe the host of this description, from `xenbench host show`"),
    OPT_END,
};

static void check(struct argp_state *state, void *out)
{
    const struct request *o = out;
    if ((o->node || o->host) && !o->slurm)
        argp_error(state, "--node and --host are for --slurm");
    if (o->host && !o->node)
        argp_error(state, "--host: a description has no name: --node NAME");
    if (o->node && !xb_slurm_is_name(o->node))
        argp_error(state, "--node %s: a node's name has letters, digits, dots and dashes", o->node);
}

const struct xb_opts xb_opts_host_show = {
    .rows = rows,
    .check = check,
    .doc = "Describe this host as JSON: CPUs, cpupools and schedulers, memory, guests, images, "
           "frequency scaling.\vOn any machine, `xenbench plan --host FILE` judges an experiment "
           "by such a description.",
};

static int print_slurm(const struct request *o, const struct xb_host_facts *facts,
                       struct xb_err *err)
{
    char name[HOST_NAME_MAX + 1] = "";
    if (!o->node) {
        gethostname(name, sizeof(name) - 1);
        name[strcspn(name, ".")] = '\0';
        if (!xb_slurm_is_name(name))
            return xb_fail(err, XB_E_HOST, 0,
                           "the host's name is no name for a node: --node NAME gives one");
    }
    xb_slurm_node_print(facts, o->node ? o->node : name, !o->host, stdout);
    return xb_stream_flush(stdout, "the description", err);
}

static int print_json(const struct xb_host_facts *facts, struct xb_err *err)
{
    json_t *json = xb_host_facts_to_json(facts);
    json_dumpf(json, stdout, JSON_INDENT(2));
    json_decref(json);
    putchar('\n');
    return xb_stream_flush(stdout, "the description", err);
}

int xb_cmd_host_show(struct xb_app *app, int argc, char **argv)
{
    struct request o = {.slurm = false};
    xb_auto_facts struct xb_host_facts facts = {.max_cstate = -1};
    xb_opts_parse(&xb_opts_host_show, argc, argv, &o);
    int r = o.host ? xb_host_facts_load(&facts, o.host, &app->err)
                   : xb_host_facts_read(app, &facts, &app->err);
    if (r == 0)
        r = o.slurm ? print_slurm(&o, &facts, &app->err) : print_json(&facts, &app->err);
    return r < 0 ? (int)app->err.class : 0;
}
