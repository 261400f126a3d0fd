/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words that Xen, xl.cfg and the experiment file share. Lists end with NULL.
 */
#ifndef XB_SCHED_WORDS_H
#define XB_SCHED_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* The schedulers that Xen can be built with, named as xl prints them. */
enum xb_scheduler {
    XB_SCHED_CREDIT,
    XB_SCHED_CREDIT2,
    XB_SCHED_RTDS,
    XB_SCHED_NULL,
    XB_SCHED_ARINC653,
    XB_SCHEDULERS /* their number; also for an unknown name */
};
extern const char *const xb_scheduler_words[];
/* Xen's build options for them, by the same index. */
extern const char *const xb_scheduler_options[];

/* The scheduler of Debian's Xen and of new cpupools. */
#define XB_SCHEDULER_DEFAULT "credit2"

enum xb_scheduler xb_scheduler_of(const char *word);
/* Does this scheduler have weights and caps? */
bool xb_scheduler_has_weights(const char *word);

/* The cpupool that Xen boots with; Dom0 never leaves it. */
#define XB_POOL_0 "Pool-0"

/* The unit that the scheduler places: a CPU, a core's threads, a socket's cores. */
extern const char *const xb_sched_gran_words[];
/* The index of a word; -1 for an unknown word. */
int xb_sched_gran_of(const char *word);

/* Types of guests, named as xl.cfg's `type` names them. */
enum xb_guest_type {
    XB_GUEST_TYPE_DEFAULT = 0, /* PVH if host and kernel support it, else PV */
    XB_GUEST_TYPE_PV,
    XB_GUEST_TYPE_PVH,
    XB_GUEST_TYPE_HVM,
};
extern const char *const xb_guest_type_words[];

/* What a guest does in a case. */
enum xb_role {
    XB_ROLE_MEASURED = 0,
    XB_ROLE_BACKGROUND, /* runs from before the window until after it; its samples do not count */
    XB_ROLE_IDLE,       /* is there and does nothing */
};
extern const char *const xb_role_words[];
/* XB_ROLE_MEASURED for an unknown word. */
enum xb_role xb_role_of(const char *word);

/* Modes of a guest's time stamp counter, by the hypervisor's number: xen-tscmode(7). */
extern const char *const xb_tsc_mode_words[];

#endif
