/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Resource limits by the names that prlimit(1) uses. */
#ifndef XA_RLIMIT_H
#define XA_RLIMIT_H

/* The RLIMIT_* number for a lower-case name ("nofile"), or -1. */
int xa_rlimit_by_name(const char *name);

#endif
