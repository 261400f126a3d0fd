/*
 * Copies of disks that take no more room than they must.
 */
#ifndef XB_SPARSE_H
#define XB_SPARSE_H

#include "err.h"

#include <stdint.h>

/*
 * Copy a raw file or a block device into a new file of at least `bytes` (0: the source's size): by
 * reference where the filesystem can, else holes and zeros stay holes. Synced. dst must not exist;
 * on failure nothing of it is left.
 */
int xb_copy_disk(const char *src, const char *dst, uint64_t bytes, struct xb_err *err);

#endif
