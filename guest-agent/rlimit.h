/* Resource limits by the names that prlimit(1) uses. */
#ifndef XB_RLIMIT_H
#define XB_RLIMIT_H

/* The RLIMIT_* number for a lower-case name ("nofile"), or -1. */
int xb_rlimit_by_name(const char *name);

#endif
