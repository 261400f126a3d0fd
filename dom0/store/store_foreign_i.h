/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the readers of foreign stores share, for dom0/store alone.
 */
#ifndef XB_STORE_FOREIGN_I_H
#define XB_STORE_FOREIGN_I_H

#include "store_i.h"

/* An empty private database, which SQLite removes at closing; path is for messages. */
struct xb_store *xb_store_open_private(const char *path, struct xb_err *err);

/* Refuse content that SQLite finds unsound or that no xenbench writes: XB_E_INPUT. */
int xb_store_check_content(struct xb_store *copy, struct xb_err *err);

/* Copy one database, read from path, into another's. */
int xb_store_copy_pages(sqlite3 *to, const char *to_name, sqlite3 *from, const char *path,
                        struct xb_err *err);

#endif
