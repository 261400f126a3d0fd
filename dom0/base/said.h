/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A failed program's output, condensed to fit one line of ours.
 */
#ifndef XB_SAID_H
#define XB_SAID_H

#include <stddef.h>

/*
 * Joins text's lines by "; ". If out is too small, leaves out warnings; failing that, keeps the
 * first line (for most tools the reason) and as many of the last as fit. Escapes for terminals;
 * modifies text.
 */
void xb_said(char *text, char *out, size_t out_bytes);

#endif
