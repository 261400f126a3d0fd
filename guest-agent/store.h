/* xenstore as a guest sees it: paths are relative to the domain's directory. */
#ifndef XB_STORE_H
#define XB_STORE_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>

struct xb_store;

/* Connect to xenstore. Fails without Xen. */
int xb_store_open(struct xb_store **out, struct xb_err *err);
void xb_store_close(struct xb_store *store); /* NULL is allowed */

int xb_store_write(struct xb_store *store, const char *path, const char *value, struct xb_err *err);
/* Read a value into out, cut to bytes - 1. False if there is none. */
bool xb_store_read(struct xb_store *store, const char *path, char *out, size_t bytes);
bool xb_store_exists(struct xb_store *store, const char *path);
/* Remove a path and everything below it, if it exists. */
void xb_store_remove(struct xb_store *store, const char *path);

/*
 * Watch a path and everything below it; the watch survives a restore, and fires then. One watch per
 * store, with its own connection: Debian's static libxenstore has no thread to separate events from
 * answers, and would confuse them.
 */
int xb_store_watch(struct xb_store *store, const char *path, struct xb_err *err);
/* For poll: readable when the watch has fired; -1 before xb_store_watch. */
int xb_store_watch_fd(const struct xb_store *store);
/* Take all events; with one watch they only say that it fired. */
void xb_store_take_events(struct xb_store *store);

#endif
