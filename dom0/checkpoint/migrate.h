/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Moves a guest live to a new domain on this host, with two helper processes: one suspends the old
 * domain and becomes the guest's monitor, the other builds the new domain from the stream.
 */
#ifndef XB_MIGRATE_H
#define XB_MIGRATE_H

#include "monitor.h"

#include <jansson.h>

/*
 * Migrate the guest; monitor then watches its new domain. If *opened, monitor is open and the
 * caller closes it. On failure the guest stays in its old domain.
 */
int xb_migrate_move(struct xb_app *app, const char *name, int leash_fd, struct xb_monitor *monitor,
                    bool *opened, json_t **answer, struct xb_err *err);

/* In the other helper: build a paused domain NAME--incoming from stream_fd, as json_path says. */
int xb_migrate_receive(struct xb_app *app, const char *name, const char *json_path, int stream_fd,
                       json_t **answer, struct xb_err *err);

#endif
