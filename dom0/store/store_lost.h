/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef XB_STORE_LOST_H
#define XB_STORE_LOST_H

/*
 * SQLite maps a file beside the store (FILE-shm). Where the kernel can no longer read or write it, as
 * after an error of the disk that makes its filesystem read-only, the process is sent SIGBUS. From
 * now on it then says so, and ends with status 3. `path`, of the store, is copied.
 */
void xb_store_lost_tell(const char *path);

#endif
