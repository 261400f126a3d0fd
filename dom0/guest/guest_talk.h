/*
 * Who talks with a guest's agent, who may not be disturbed, and who waits for whom.
 *
 * A conversation is let in beside others, but not while a guest is measured; and a measurement
 * waits until those who talk have ended, and lets nobody in meanwhile. A lock file of each guest
 * below run_dir keeps that, and tells who is there. Nobody is woken while waiting.
 *
 * The door is for who connects: the rings that are published are for one.
 */
#ifndef XB_GUEST_TALK_H
#define XB_GUEST_TALK_H

#include "app.h"
#include "lockwait.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct xb_guest_talk {
    const char *name; /* the guest's, for messages; the caller's */
    char path[PATH_MAX];
    int fd;   /* -1: not open */
    int slot; /* of the file, where others read who we are; -1: all are taken */
    bool measures;
};

/* What a wait may take, and whom to tell of it: with a text that names the guest and the other. */
struct xb_talk_wait {
    uint64_t deadline_ns;
    int stop_fd;
    void (*tell)(void *arg, const char *text);
    void *arg;
};

/* Open the file of a guest: key is its UUID, or another word that is its own. Takes no part yet. */
int xb_guest_talk_open(struct xb_guest_talk *out, struct xb_app *app, const char *key,
                       const char *name, struct xb_err *err);
/* Leave, and give all back. One of zeros with fd -1 is allowed. */
void xb_guest_talk_close(struct xb_guest_talk *talk);

/* Begin to talk: waits while the guest is measured. XB_E_BENCH at the deadline and at stop_fd. */
int xb_guest_talk_join(struct xb_guest_talk *talk, const struct xb_talk_wait *wait,
                       struct xb_err *err);
/*
 * Of one who talks: be alone, from now until xb_guest_talk_measured. Waits until the others have
 * left. Where several guests are measured, in the order of their paths.
 */
int xb_guest_talk_measure(struct xb_guest_talk *talk, const struct xb_talk_wait *wait,
                          struct xb_err *err);
void xb_guest_talk_measured(struct xb_guest_talk *talk);

/* The door: true where we have it now; else a wait for it can begin. */
bool xb_guest_door_take(struct xb_guest_talk *talk);
int xb_guest_door_wait(struct xb_guest_talk *talk, struct xb_lock_wait *out, struct xb_err *err);
/* A wait for it has ended well. */
void xb_guest_door_taken(struct xb_guest_talk *talk);
void xb_guest_door_leave(struct xb_guest_talk *talk);
/* "process 12 (xenbench exec w -- sleep 8)" of who has it. */
void xb_guest_door_holder(const struct xb_guest_talk *talk, char *out, size_t bytes);

#endif
