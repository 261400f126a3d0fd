/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finding all of a job's processes: its group, those that left it with setsid, and orphans. The
 * kernel gives orphans to the agent (their subreaper), which recognises them by the tag in their
 * first environment.
 */
#ifndef XA_DESCEND_H
#define XA_DESCEND_H

#include <sys/types.h>

/* SIGKILL all of a job's processes. pid is its leader's, or -1 once that was reaped. */
void xa_descend_kill(pid_t pid, const char *tag);

#endif
