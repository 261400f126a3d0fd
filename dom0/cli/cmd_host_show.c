/* xenbench host show */
#include "base.h"
#include "cmd_host.h"
#include "host_facts.h"
#include "options.h"

#include <errno.h>

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    if (key == ARGP_KEY_ARG)
        argp_error(state, "`%s`: no argument is expected", value);
    return key == ARGP_KEY_ARG ? EINVAL : ARGP_ERR_UNKNOWN;
}

static const struct argp parser = {
    NULL,
    parse_option,
    "",
    "Describe this host as JSON: CPUs, cpupools and schedulers, memory, guests, images, what can "
    "be "
    "scaled.\v`xenbench plan --host FILE` judges an experiment by such a description on any "
    "machine.",
    NULL,
    NULL,
    NULL,
};

int xb_cmd_host_show(struct xb_app *app, int argc, char **argv)
{
    xb_auto_facts struct xb_host_facts facts = {.max_cstate = -1};
    xb_options_parse(&parser, argc, argv, NULL);
    if (xb_host_facts_read(app, &facts, &app->err) < 0)
        return (int)app->err.class;
    json_t *json = xb_host_facts_to_json(&facts);
    json_dumpf(json, stdout, JSON_INDENT(2));
    json_decref(json);
    putchar('\n');
    return 0;
}
