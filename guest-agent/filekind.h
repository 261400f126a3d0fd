/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kind of file behind a path: can it be copied, and is its size reliable? */
#ifndef XA_FILEKIND_H
#define XA_FILEKIND_H

#include "err.h"

#include <stdbool.h>
#include <sys/stat.h>

/* 0 for a regular file; else -1 with err saying why verb ("read", "write") is refused. */
int xa_file_is_regular(const char *verb, const char *path, const struct stat *st,
                       struct xb_err *err);

/*
 * Must the file be read to know its size? So for an empty file, and for one that the kernel
 * generates (/proc reports size 0, /sys 4096).
 */
bool xa_file_size_is_unknown(int fd, const struct stat *st);

#endif
