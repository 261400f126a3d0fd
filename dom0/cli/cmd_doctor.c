/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench doctor`.
 */
#include "alloc.h"
#include "base.h"
#include "commands.h"
#include "doctor.h"

#include <jansson.h>

static const char *const words[] = {"ok", "warning", "FAIL"};

static void print_text(const struct xb_doctor *doctor)
{
    for (size_t i = 0; i < doctor->count; i++) {
        const struct xb_finding *f = &doctor->findings[i];
        printf("%-8s %-16s %s\n", words[f->health], f->what, f->text);
        if (f->advice[0])
            printf("%-8s %-16s   -> %s\n", "", "", f->advice);
    }
}

static void print_json(const struct xb_doctor *doctor, bool fit)
{
    json_t *checks = json_array();
    for (size_t i = 0; i < doctor->count; i++) {
        const struct xb_finding *f = &doctor->findings[i];
        json_array_append_new(checks,
                              json_pack("{s:s, s:s, s:s, s:s}", "check", f->what, "status",
                                        f->health == XB_HEALTH_FAIL ? "failure" : words[f->health],
                                        "text", f->text, "advice", f->advice));
    }
    json_t *json = json_pack("{s:b, s:o}", "fit", fit, "checks", checks);
    json_dumpf(json, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    putchar('\n');
    json_decref(json);
}

const struct xb_opts xb_opts_doctor = {
    .rows = xb_opt_rows_json,
    .doc = "Is this Dom0 fit to measure on? Print a line for each check: ok, warning or FAIL, and "
           "the remedy.\vExit status: 0 if Dom0 is fit (warnings are allowed), else 3.",
};

int xb_cmd_doctor(struct xb_app *app, int argc, char **argv)
{
    bool json = false, fit = true;
    xb_auto_facts struct xb_host_facts facts = {.max_cstate = -1};
    xb_auto_free struct xb_doctor *doctor = xb_calloc(1, sizeof(*doctor));
    xb_opts_parse(&xb_opts_doctor, argc, argv, &json);
    doctor->app = app;
    doctor->facts = &facts;
    xb_host_facts_collect(app, &facts);
    xb_doctor_system(doctor);
    xb_doctor_hypervisor(doctor);
    xb_doctor_storage(doctor);
    xb_doctor_frequency(doctor);
    xb_doctor_messages(doctor);
    for (size_t i = 0; i < doctor->count; i++)
        fit = fit && doctor->findings[i].health != XB_HEALTH_FAIL;
    if (json)
        print_json(doctor, fit);
    else
        print_text(doctor);
    return fit ? 0 : XB_E_HOST;
}
