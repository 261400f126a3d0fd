/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files in memory with a common upper bound, in a detached tmpfs without a path. If the kernel
 * (before 5.2) or our rights do not allow that, they are memfds without a bound.
 */
#ifndef XA_MEMFILE_H
#define XA_MEMFILE_H

#include <stdbool.h>
#include <stdint.h>

struct xa_memdir {
    int fd;               /* -1: memfds */
    uint64_t bound_bytes; /* 0: none */
};

/* Cannot fail: without a tmpfs there are still memfds. */
void xa_memdir_open(struct xa_memdir *dir, uint64_t bound_bytes);
/* Files created in it live on until they are closed. */
void xa_memdir_close(struct xa_memdir *dir);
/* A file for appending and reading, close-on-exec; -1 with errno set. */
int xa_memdir_create(struct xa_memdir *dir, const char *name);
/* Is the file's tmpfs full? */
bool xa_memfile_dir_is_full(int fd);

#endif
