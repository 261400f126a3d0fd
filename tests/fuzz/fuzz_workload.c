/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a workload's file give a workload or an error that names the file.
 * For: dom0/experiment/workload.c
 */
#include "base.h"
#include "workload.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct xb_err err = {0};
    struct xb_workload *workload = NULL;
    int status = xb_workload_parse(&workload, "w.yaml", (const char *)data, bytes, &err);
    if (status < 0 && (err.class != XB_E_INPUT || strncmp(err.msg, "w.yaml", 6) != 0))
        abort();
    if (status == 0 && !workload->command.count)
        abort();
    xb_workload_free(workload);
    return 0;
}
