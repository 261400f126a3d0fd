/*
 * Moving a guest live to a new domain on this host, in helper processes: one suspends the old domain
 * and becomes the guest's monitor, another one builds the new domain from what comes out.
 */
#ifndef XB_MIGRATE_H
#define XB_MIGRATE_H

#include "monitor.h"

#include <jansson.h>

/*
 * Move the guest; afterwards monitor watches over its new domain. monitor is opened here, and to be
 * closed by the caller where *opened says so. The guest stays where it is on failure.
 */
int xb_migrate_move(struct xb_app *app, const char *name, int leash_fd, struct xb_monitor *monitor,
                    bool *opened, json_t **answer, struct xb_err *err);

/* The other one: build a paused domain NAME--incoming from stream_fd, configured as json_path says. */
int xb_migrate_receive(struct xb_app *app, const char *name, const char *json_path, int stream_fd,
                       json_t **answer, struct xb_err *err);

#endif
