/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Loop devices for guests' files.
 */
#ifndef XB_BLOCK_LOOPDEV_H
#define XB_BLOCK_LOOPDEV_H

#include "block.h"

#include <stddef.h>

struct xb_loop {
    int fd; /* the kernel frees the device once nobody has it open */
    char path[32];
    dev_t number;
};

/*
 * Bind a free loop device to the target. The kernel frees it when its last user closes it: first
 * loop->fd, then the kernel's backend. So no process can leave one behind by dying.
 */
int xb_loop_attach(struct xb_loop *loop, const struct xb_block *block, struct xb_err *err);

/* Wait until the kernel's backend has opened the device, and so keeps it alive. */
int xb_loop_hand_over(const struct xb_block *block, struct xb_err *err);

/* Free the loop device at path if it still belongs to this disk. */
int xb_loop_detach(const struct xb_block *block, const char *path, struct xb_err *err);

/* Find the loop devices bound to a file: at most max numbers into out. Returns how many. */
size_t xb_loop_find(const struct stat *file, dev_t *out, size_t max);

#endif
