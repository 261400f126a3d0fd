/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A failed program's output, condensed to fit one line of ours.
 */
#ifndef XB_SAID_H
#define XB_SAID_H

#include <stddef.h>

/*
 * Join text's lines by "; ". If out is too small, leave out warnings; if it still is, keep the
 * first line (for most tools the reason) and as many of the last as fit. Escapes and modifies text.
 */
void xb_said(char *text, char *out, size_t out_bytes);

#endif
