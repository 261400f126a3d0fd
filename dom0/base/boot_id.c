/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot_id.h"

#include "base.h"

#include <string.h>

void xb_boot_id(char out[XB_BOOT_ID_BYTES])
{
    xb_auto_fclose FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
    if (!f || !fgets(out, XB_BOOT_ID_BYTES, f))
        out[0] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

bool xb_boot_is(const char *then)
{
    char now[XB_BOOT_ID_BYTES];
    xb_boot_id(now);
    return then && strcmp(then, now) == 0;
}
