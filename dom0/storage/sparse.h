/*
 * Copies of disks that take no more room than they must.
 */
#ifndef XB_SPARSE_H
#define XB_SPARSE_H

#include "err.h"
#include "work.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Is there nothing but zeros in it? */
bool xb_all_zero(const void *buf, size_t bytes);

/* Write all of it there, or -1 with errno. */
int xb_write_at(int fd, const void *buf, size_t bytes, off_t at);

/* How large a file or a block device is, or -1 with errno. */
off_t xb_disk_size(int fd);

/*
 * The next range from `at` on that may hold data: *start to *end, both at most `bytes`. 0 where
 * there is none, 1 where there is, -1 with errno. Devices, and filesystems that know no holes, say
 * that all is data.
 */
int xb_next_data(int fd, off_t at, off_t bytes, off_t *start, off_t *end);

/*
 * Copy a raw file or a block device into a new file of at least `bytes` (0: the source's size): by
 * reference where the filesystem can, else holes and zeros stay holes. Synced. dst must not exist;
 * on failure nothing of it is left. work may be NULL.
 */
int xb_copy_disk(const char *src, const char *dst, uint64_t bytes, struct xb_work *work,
                 struct xb_err *err);

/*
 * Give a file that nobody writes into a second name: a hard link, or a copy as xb_copy_disk makes it
 * where there can be none (another filesystem).
 */
int xb_share_file(const char *src, const char *dst, struct xb_err *err);

/*
 * Copy a raw file or a block device onto a block device of at least its size, and sync. What the
 * source does not fill becomes zeros; `zeroed` says that the device holds nothing else yet.
 */
int xb_copy_to_device(const char *src, const char *device, bool zeroed, struct xb_work *work,
                      struct xb_err *err);

#endif
