/*
 * Loop devices for guests' files.
 */
#ifndef XB_BLOCK_LOOP_H
#define XB_BLOCK_LOOP_H

#include "block.h"

#include <stddef.h>

struct xb_loop {
    int fd; /* the device lives as long as somebody has it open */
    char path[32];
    dev_t number;
};

/*
 * Bind a free loop device to the target. It frees itself when the last user closes it: loop->fd is
 * the first one, and the kernel's backend the second. So none is left behind whoever dies.
 */
int xb_loop_attach(struct xb_loop *loop, const struct xb_block *block, struct xb_err *err);

/* Wait until the kernel's backend has opened its device; from then on that is what keeps it. */
int xb_loop_hand_over(const struct xb_block *block, struct xb_err *err);

/* Free the loop device at path if it is the one of this disk, and not another's by now. */
int xb_loop_detach(const struct xb_block *block, const char *path, struct xb_err *err);

/* The loop devices bound to a file: at most max numbers into out. Returns how many. */
size_t xb_loop_find(const struct stat *file, dev_t *out, size_t max);

#endif
