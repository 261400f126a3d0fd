/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XB_BOOT_ID_H
#define XB_BOOT_ID_H

#define XB_BOOT_ID_BYTES 40

/* Identifies this boot of Dom0: domains and settings of earlier boots are gone. "" if unknown. */
void xb_boot_id(char out[XB_BOOT_ID_BYTES]);

#endif
