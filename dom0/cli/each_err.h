/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XB_EACH_ERR_H
#define XB_EACH_ERR_H

#include "err.h"

/*
 * For work on several guests or parts, each with an err of its own: first, which main prints at the
 * end, becomes the first error; others are printed now.
 */
void xb_each_err(struct xb_err *first, const struct xb_err *why);

#endif
