/* Resource limits by the names that prlimit(1) uses. */
#ifndef XB_LIMITS_H
#define XB_LIMITS_H

/* The RLIMIT_* number for a lower-case name ("nofile"), or -1. */
int xb_limit_by_name(const char *name);

#endif
