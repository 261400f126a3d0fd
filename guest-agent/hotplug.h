/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * PID 1 mode: hotplug without udev. A vcpu that comes back (`xl vcpu-set`) stays offline until the
 * guest brings it online; a disk needs its driver. Elsewhere udev does this (xenbench-agent.rules).
 */
#ifndef XA_HOTPLUG_H
#define XA_HOTPLUG_H

#include <stdbool.h>
#include <stddef.h>

struct xa_agent;
struct xa_poll_set;

/*
 * As PID 1: load the driver of present disks and listen to the kernel's events. A failure is only
 * reported.
 */
void xa_hotplug_open(struct xa_agent *agent);
void xa_hotplug_poll(struct xa_agent *agent, struct xa_poll_set *set);
void xa_hotplug_close(struct xa_agent *agent);

/* The number of the vcpu that this kernel event adds, or -1 if it is another event. */
int xa_hotplug_vcpu(const char *event, size_t bytes);
/* Does the event add a disk, a virtual block device on Xen's bus? */
bool xa_hotplug_is_disk(const char *event, size_t bytes);

#endif
