/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any text as GRUB's menu, grub.cfg.
 * For: dom0/provision/grub_menu.c
 */
#include "alloc.h"
#include "base.h"
#include "grub_menu.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    xb_auto_free char *menu = xb_calloc(1, bytes + 1);
    memcpy(menu, data, bytes);
    const char *lacks = xb_grub_menu_lacks(menu, "dom0_mem=2G,max:2G dom0_max_vcpus=2");
    if (lacks && !*lacks)
        abort();
    return 0;
}
