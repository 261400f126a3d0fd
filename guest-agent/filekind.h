/* What kind of thing a path names: whether it can be copied, and whether its size can be believed. */
#ifndef XB_FILEKIND_H
#define XB_FILEKIND_H

#include "err.h"

#include <stdbool.h>
#include <sys/stat.h>

/* 0 for a regular file; else -1, and err says what verb ("read", "write") would have met. */
int xb_file_is_regular(const char *verb, const char *path, const struct stat *st,
                       struct xb_err *err);

/*
 * True where only reading tells how long the file is: an empty one, or one that the kernel makes up
 * as it is read (/proc says 0, /sys says 4096).
 */
bool xb_file_size_is_unknown(int fd, const struct stat *st);

#endif
