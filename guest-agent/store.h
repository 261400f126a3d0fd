/* xenstore, as a guest sees it: paths are relative to the domain's own directory. */
#ifndef XB_STORE_H
#define XB_STORE_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>

struct xb_store;

/* Connect to xenstore. Fails where there is no Xen. */
int xb_store_open(struct xb_store **out, struct xb_err *err);
void xb_store_close(struct xb_store *store); /* NULL is allowed */

int xb_store_write(struct xb_store *store, const char *path, const char *value, struct xb_err *err);
/* Read a value into out, cut to bytes - 1. False when there is none. */
bool xb_store_read(struct xb_store *store, const char *path, char *out, size_t bytes);
bool xb_store_exists(struct xb_store *store, const char *path);
/* Remove a path and what is below it; nothing when it is not there. */
void xb_store_remove(struct xb_store *store, const char *path);

/* Watch a path and what is below it. A watch survives a restore, and fires then. */
int xb_store_watch(struct xb_store *store, const char *path, struct xb_err *err);
/* To poll for watches that fired. */
int xb_store_fd(const struct xb_store *store);
/* Take all watches that fired. */
void xb_store_take_events(struct xb_store *store);

#endif
