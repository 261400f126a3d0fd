/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as an experiment file must give an experiment or an error that names the line. There is
 * no catalogue of workloads; only workloads defined in the file are read.
 * For: dom0/experiment/experiment.c dom0/experiment/experiment_alloc.c dom0/experiment/experiment_builds.c dom0/experiment/experiment_cases.c dom0/experiment/experiment_choice.c dom0/experiment/experiment_guests.c dom0/experiment/experiment_host.c dom0/experiment/experiment_json.c dom0/experiment/experiment_keys.c dom0/experiment/experiment_nodes.c dom0/experiment/experiment_pools.c dom0/experiment/experiment_repeat.c dom0/experiment/experiment_set.c dom0/experiment/experiment_settings.c dom0/experiment/experiment_solo.c dom0/experiment/experiment_wanted.c dom0/experiment/experiment_workload.c dom0/yaml/yaml.c dom0/yaml/yaml_axes.c dom0/yaml/yaml_command.c dom0/yaml/yaml_read.c
 */
#include "base.h"
#include "experiment.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct xb_err err = {0};
    struct xb_experiment *exp = NULL;
    if (xb_experiment_parse(&exp, "e.yaml", (const char *)data, bytes, &err) == 0) {
        for (size_t c = 0; c < exp->case_count; c++)
            json_decref(xb_exp_case_to_json(exp, &exp->cases[c]));
        json_decref(xb_exp_pairs_to_json(exp));
    } else if (err.class != XB_E_INPUT || strncmp(err.msg, "e.yaml", 6) != 0) {
        abort();
    }
    xb_experiment_free(exp);
    return 0;
}
