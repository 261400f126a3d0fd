/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XB_STORE_LOST_H
#define XB_STORE_LOST_H

/*
 * SQLite maps a file beside the store (FILE-shm). If the disk fails, or an error makes its
 * filesystem read-only, access to that file raises SIGBUS. From now on the process then prints what
 * has happened and exits with status 3. path is the store's; it is copied.
 */
void xb_store_lost_tell(const char *path);

#endif
