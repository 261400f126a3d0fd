/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Brings files from a node into the fleet's directory: directly, if all nodes share it, or by the
 * site's program for copying.
 */
#ifndef XB_FLEET_DELIVER_H
#define XB_FLEET_DELIVER_H

#include "fleet_job.h"

/* Copy the file at path into this folder of the fleet's directory, replacing one of that name. */
int xb_fleet_deliver(const struct xb_fleet_job *job, const char *path, const char *folder,
                     struct xb_err *err);

#endif
