/*
 * A job's processes, wherever they went. Its group is easy; some leave it with setsid, and some are
 * orphans, which the kernel gives to the agent (it is their subreaper). Those are known by the tag
 * in their first environment.
 */
#ifndef XB_DESCEND_H
#define XB_DESCEND_H

#include <sys/types.h>

/* SIGKILL to all of a job's processes. pid is that of its leader, -1 when that has been reaped. */
void xb_descend_kill(pid_t pid, const char *tag);

#endif
