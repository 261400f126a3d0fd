/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any text as the output of `lvs`.
 * For: dom0/storage/lvm.c
 */
#include "alloc.h"
#include "base.h"
#include "lvm.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct xb_err err = {0};
    struct xb_lv *lvs = NULL;
    size_t count = 0;
    xb_auto_free char *text = xb_calloc(1, bytes + 1);
    memcpy(text, data, bytes);
    if (xb_lvm_parse(text, &lvs, &count, &err) < 0 && err.class != XB_E_HOST)
        abort();
    for (size_t i = 0; lvs && i < count; i++)
        if (xb_lvm_by_name(lvs, count, lvs[i].vg, lvs[i].lv) > &lvs[i] ||
            (xb_lv_is_snapshot(&lvs[i]) && xb_lv_is_thin_pool(&lvs[i])))
            abort();
    free(lvs);
    return 0;
}
