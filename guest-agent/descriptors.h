/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of the agent's descriptors a forked process keeps. */
#ifndef XA_DESCRIPTORS_H
#define XA_DESCRIPTORS_H

#include <stddef.h>

#define XA_DESCRIPTORS_KEPT_MAX 4

/* Close all descriptors above 2 except keep's (negative ones are skipped). -1 with errno set. */
int xa_close_all_but(const int *keep, size_t count);

#endif
