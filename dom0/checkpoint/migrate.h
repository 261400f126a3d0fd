/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Moving a guest live to a new domain on this host, in helper processes: one suspends the old
 * domain and becomes the guest's monitor, the other builds the new domain from the stream.
 */
#ifndef XB_MIGRATE_H
#define XB_MIGRATE_H

#include "monitor.h"

#include <jansson.h>

/*
 * Migrate the guest; monitor then watches its new domain. Opens monitor, which the caller closes if
 * *opened. On failure the guest stays where it was.
 */
int xb_migrate_move(struct xb_app *app, const char *name, int leash_fd, struct xb_monitor *monitor,
                    bool *opened, json_t **answer, struct xb_err *err);

/*
 * The other helper: build a paused domain NAME--incoming from stream_fd, configured by json_path.
 */
int xb_migrate_receive(struct xb_app *app, const char *name, const char *json_path, int stream_fd,
                       json_t **answer, struct xb_err *err);

#endif
