/* Which of the agent's descriptors a forked process keeps. */
#ifndef XB_DESCRIPTORS_H
#define XB_DESCRIPTORS_H

#include <stddef.h>

#define XB_DESCRIPTORS_KEPT_MAX 4

/* Close all descriptors above 2 except keep's (negative ones are skipped). -1 with errno set. */
int xb_close_all_but(const int *keep, size_t count);

#endif
