/*
 * PID 1 mode: a vcpu that Dom0 gives back (`xl vcpu-set`) is there, and stays offline until somebody in the guest says
 * otherwise. Elsewhere that is udev's part (xenbench-agent.rules).
 */
#ifndef XB_VCPUS_H
#define XB_VCPUS_H

#include <stddef.h>


struct xb_agent;
struct xb_poll_set;

/*
 * Listen to the kernel's events, where the agent is PID 1. Where that fails, says so: the rest of
 * the agent can do without.
 */
void xb_vcpus_open(struct xb_agent *agent);
void xb_vcpus_poll(struct xb_agent *agent, struct xb_poll_set *set);
void xb_vcpus_close(struct xb_agent *agent);

/* The vcpu that an event of this many bytes, as the kernel sends it, adds; -1: it is about something else. */
int xb_vcpus_added(const char *event, size_t bytes);

#endif
