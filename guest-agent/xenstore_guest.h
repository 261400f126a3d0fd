/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xenstore as a guest sees it: paths are relative to the domain's directory. */
#ifndef XA_XENSTORE_GUEST_H
#define XA_XENSTORE_GUEST_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>

struct xa_store;

/* Connect to xenstore. Fails without Xen. */
int xa_store_open(struct xa_store **out, struct xb_err *err);
void xa_store_close(struct xa_store *store); /* NULL is allowed */

int xa_store_write(struct xa_store *store, const char *path, const char *value, struct xb_err *err);
/* Read a value into out, cut to bytes - 1. False if there is none. */
bool xa_store_read(struct xa_store *store, const char *path, char *out, size_t bytes);
bool xa_store_exists(struct xa_store *store, const char *path);
/* Remove a path and everything below it, if it exists. */
void xa_store_remove(struct xa_store *store, const char *path);

/*
 * Watch a path and everything below it; the watch survives a restore, and fires then. One watch per
 * store, with its own connection: Debian's static libxenstore has no thread to separate events from
 * answers, and would confuse them.
 */
int xa_store_watch(struct xa_store *store, const char *path, struct xb_err *err);
/* For poll: readable when the watch has fired; -1 before xa_store_watch. */
int xa_store_watch_fd(const struct xa_store *store);
/* Discard all pending events: with one watch, they only say that it fired. */
void xa_store_take_events(struct xa_store *store);

#endif
