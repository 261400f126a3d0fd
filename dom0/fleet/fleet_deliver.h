/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files from a node into the fleet's directory: through a directory that all nodes share, or by the
 * program that the site has for it.
 */
#ifndef XB_FLEET_DELIVER_H
#define XB_FLEET_DELIVER_H

#include "fleet_job.h"

/* Into this folder of the fleet's directory, under the same name; an earlier file is replaced. */
int xb_fleet_deliver(const struct xb_fleet_job *job, const char *path, const char *folder,
                     struct xb_err *err);

#endif
