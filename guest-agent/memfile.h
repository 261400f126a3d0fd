/*
 * Files in memory with an upper bound, in a detached tmpfs without a path. Plain memfds without a
 * bound if the kernel (before 5.2) or our rights do not allow that.
 */
#ifndef XB_MEMFILE_H
#define XB_MEMFILE_H

#include <stdbool.h>
#include <stdint.h>

struct xb_memdir {
    int fd;               /* -1: memfds */
    uint64_t bound_bytes; /* 0: none */
};

/* Cannot fail: without a tmpfs there are still memfds. */
void xb_memdir_open(struct xb_memdir *dir, uint64_t bound_bytes);
/* Files created before stay until they are closed. */
void xb_memdir_close(struct xb_memdir *dir);
/* A file for appending and reading, close-on-exec; -1 with errno set. */
int xb_memdir_create(struct xb_memdir *dir, const char *name);
/* Is the file's tmpfs full? */
bool xb_memfile_dir_is_full(int fd);

#endif
