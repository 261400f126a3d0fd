/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copying disks so that holes stay holes.
 */
#ifndef XB_SPARSE_H
#define XB_SPARSE_H

#include "err.h"
#include "work.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Does the buffer hold only zeros? */
bool xb_all_zero(const void *buf, size_t bytes);

/* Write all bytes at the offset; -1 with errno. */
int xb_write_at(int fd, const void *buf, size_t bytes, off_t at);

/* The size of a file or a block device; -1 with errno. */
off_t xb_disk_size(int fd);

/*
 * Find the next range from `at` that may hold data: *start to *end, both at most `bytes`. 0: none,
 * 1: found, -1 with errno. On devices, and on filesystems without holes, everything is data.
 */
int xb_next_data(int fd, off_t at, off_t bytes, off_t *start, off_t *end);

/*
 * Copy a raw file or block device into a new file of `bytes` bytes (0: the source's size; less:
 * XB_E_INPUT), by reference where the filesystem can, else keeping holes and zeros as holes.
 * Synced. dst must not exist and is removed on failure. work may be NULL.
 */
int xb_copy_disk(const char *src, const char *dst, uint64_t bytes, struct xb_work *work,
                 struct xb_err *err);

/*
 * Give a file that is never written a second name: a hard link or, on another filesystem, a copy by
 * xb_copy_disk.
 */
int xb_share_file(const char *src, const char *dst, struct xb_err *err);

/*
 * Copy a raw file or block device onto a block device of at least its size, and sync. The rest is
 * zeroed; `zeroed` means that the device holds only zeros already.
 */
int xb_copy_to_device(const char *src, const char *device, bool zeroed, struct xb_work *work,
                      struct xb_err *err);

#endif
