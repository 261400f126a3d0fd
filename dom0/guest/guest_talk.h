/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who may talk to a guest's agent. Conversations share the guest; a measurement waits for them to
 * end and then excludes them, by a lock file per guest in run_dir, without polling. The door
 * serialises connecting, because published rings serve one controller.
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
    int slot; /* our record in the file, which tells others who we are; -1: all are taken */
    bool measures;
};

/*
 * How long a wait may take. If there is a wait, tell is called with a text that names the guest and
 * the other process.
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
 * After xb_guest_talk_join: wait until the others have left, and exclude them until
 * xb_guest_talk_measured. For several guests, call it in the order of their paths.
 */
int xb_guest_talk_measure(struct xb_guest_talk *talk, const struct xb_talk_wait *wait,
                          struct xb_err *err);
void xb_guest_talk_measured(struct xb_guest_talk *talk);

/* Take the door if it is free; if not (false), xb_guest_door_wait begins a wait for it. */
bool xb_guest_door_take(struct xb_guest_talk *talk);
int xb_guest_door_wait(struct xb_guest_talk *talk, struct xb_lock_wait *out, struct xb_err *err);
/* To be called once that wait has succeeded. */
void xb_guest_door_taken(struct xb_guest_talk *talk);
void xb_guest_door_leave(struct xb_guest_talk *talk);
/* Who has it: "process 12 (xenbench exec w -- sleep 8)". */
void xb_guest_door_holder(const struct xb_guest_talk *talk, char *out, size_t bytes);

#endif
