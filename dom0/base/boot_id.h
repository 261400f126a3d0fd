/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XB_BOOT_ID_H
#define XB_BOOT_ID_H

#include <stdbool.h>

#define XB_BOOT_ID_BYTES 40

/* Identifies this boot of Dom0: domains and settings of earlier boots are gone. "" if unknown. */
void xb_boot_id(char out[XB_BOOT_ID_BYTES]);
/* Is `then` (may be NULL) this boot? */
bool xb_boot_is(const char *then);

#endif
