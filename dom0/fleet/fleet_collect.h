/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench fleet collect`: merges the stores that came back from a fleet's nodes into one.
 */
#ifndef XB_FLEET_COLLECT_H
#define XB_FLEET_COLLECT_H

#include "app.h"

/*
 * Merge the stores in the fleet's directory into its fleet.sqlite: of each shard, the run that
 * counts. May be repeated at any time. Prints what came, what is missing and what is odd.
 * XB_E_INPUT if a store could not be collected; the others were.
 */
int xb_fleet_collect(struct xb_app *app, const char *dir, struct xb_err *err);

#endif
