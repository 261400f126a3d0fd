/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who may talk to a guest's agent. Conversations share the guest, but a measurement excludes them
 * and waits for them to end, by a lock file per guest in run_dir, and waiting wakes nobody. The
 * door serialises connecting, because published rings serve one controller.
 */
#ifndef XB_GUEST_TALK_H
#define XB_GUEST_TALK_H

#include "app.h"
#include "lockwait.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct xb_guest_talk {
    const char *name; /* the guest's name for messages; the caller's */
    char path[PATH_MAX];
    int fd;   /* -1: not open */
    int slot; /* our slot, which tells others who we are; -1: all are taken */
    bool measures;
};

/*
 * How long a wait may take, and whom to tell: with a text that names the guest and the other
 * process.
 */
struct xb_talk_wait {
    uint64_t deadline_ns;
    int stop_fd;
    void (*tell)(void *arg, const char *text);
    void *arg;
};

/* Open a guest's file without taking part; key is its UUID or another unique word. */
int xb_guest_talk_open(struct xb_guest_talk *out, struct xb_app *app, const char *key,
                       const char *name, struct xb_err *err);
/* Leave and unlock everything. Allowed on zeros with fd -1. */
void xb_guest_talk_close(struct xb_guest_talk *talk);

/*
 * Begin to talk, after waiting while the guest is measured. XB_E_BENCH at the deadline and at
 * stop_fd.
 */
int xb_guest_talk_join(struct xb_guest_talk *talk, const struct xb_talk_wait *wait,
                       struct xb_err *err);
/*
 * For one who talks: exclude the others until xb_guest_talk_measured, after they have left. Measure
 * several guests in the order of their paths.
 */
int xb_guest_talk_measure(struct xb_guest_talk *talk, const struct xb_talk_wait *wait,
                          struct xb_err *err);
void xb_guest_talk_measured(struct xb_guest_talk *talk);

/* The door: true if we have it now; else a wait for it can begin. */
bool xb_guest_door_take(struct xb_guest_talk *talk);
int xb_guest_door_wait(struct xb_guest_talk *talk, struct xb_lock_wait *out, struct xb_err *err);
/* The wait for the door succeeded. */
void xb_guest_door_taken(struct xb_guest_talk *talk);
void xb_guest_door_leave(struct xb_guest_talk *talk);
/* Who has it: "process 12 (xenbench exec w -- sleep 8)". */
void xb_guest_door_holder(const struct xb_guest_talk *talk, char *out, size_t bytes);

#endif
