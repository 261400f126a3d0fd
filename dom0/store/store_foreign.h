/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Foreign stores: written by somebody else, and only read here.
 */
#ifndef XB_STORE_FOREIGN_H
#define XB_STORE_FOREIGN_H

#include "store.h"

#define XB_STORE_FOREIGN_MAX_BYTES (INT64_C(4) << 30)

/*
 * Open a private copy of the store at path, checked and migrated; path does not change. XB_E_INPUT
 * where the file is no store, is damaged, comes from a newer xenbench, or holds what no xenbench
 * writes.
 */
int xb_store_open_foreign(struct xb_store **out, const char *path, struct xb_err *err);

/* The same for an export: a store, or JSON as `runs export` writes it. */
int xb_store_open_export(struct xb_store **out, const char *path, struct xb_err *err);

#endif
