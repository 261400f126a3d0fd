/*
 * PID 1 mode: hotplug without udev. A vcpu that comes back (`xl vcpu-set`) stays offline until the
 * guest brings it online; a disk needs its driver. Elsewhere udev does this (xenbench-agent.rules).
 */
#ifndef XB_HOTPLUG_H
#define XB_HOTPLUG_H

#include <stdbool.h>
#include <stddef.h>

struct xb_agent;
struct xb_poll_set;

/*
 * As PID 1: load the driver of present disks and listen to the kernel's events. A failure is only
 * reported.
 */
void xb_hotplug_open(struct xb_agent *agent);
void xb_hotplug_poll(struct xb_agent *agent, struct xb_poll_set *set);
void xb_hotplug_close(struct xb_agent *agent);

/*
 * The vcpu that this kernel event (of so many bytes) adds; -1: the event concerns something else.
 */
int xb_hotplug_vcpu(const char *event, size_t bytes);
/* Does the event add a disk, a virtual block device on Xen's bus? */
bool xb_hotplug_is_disk(const char *event, size_t bytes);

#endif
