/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finding all of a job's processes: its group, those that left the group with setsid, and orphans.
 * The kernel gives orphans to the agent (their subreaper), which recognises them by the tag in
 * their initial environment.
 */
#ifndef XA_DESCEND_H
#define XA_DESCEND_H

#include <sys/types.h>

/* SIGKILL all of a job's processes. pid is its leader, or -1 once the leader was reaped. */
void xa_descend_kill(pid_t pid, const char *tag);

#endif
