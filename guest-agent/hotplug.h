/*
 * PID 1 mode: what Dom0 gives a guest that has no udev. A vcpu that comes back (`xl vcpu-set`) stays offline until
 * somebody in the guest says otherwise; a disk needs its driver. Elsewhere that is udev's part (xenbench-agent.rules).
 */
#ifndef XB_HOTPLUG_H
#define XB_HOTPLUG_H

#include <stdbool.h>
#include <stddef.h>

struct xb_agent;
struct xb_poll_set;

/*
 * Where the agent is PID 1: load the driver of the disks that are there, and listen to the kernel's events. Where that
 * fails, says so: the rest of the agent can do without.
 */
void xb_hotplug_open(struct xb_agent *agent);
void xb_hotplug_poll(struct xb_agent *agent, struct xb_poll_set *set);
void xb_hotplug_close(struct xb_agent *agent);

/* Of an event of this many bytes, as the kernel sends it: the vcpu that it adds; -1: it is about something else. */
int xb_hotplug_vcpu(const char *event, size_t bytes);
/* Does it add a disk, that is, a virtual block device on Xen's bus? */
bool xb_hotplug_is_disk(const char *event, size_t bytes);

#endif
