/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A holder: a process that keeps one generation's event channel and control page open, because
 * Linux (6.1: drivers/xen/evtchn.c, evtchn_unbind_from_user) hits a BUG when an event channel from
 * before a restore is closed, and a dying process closes everything. fork shares open files, so
 * while the holder lives, the agent may die.
 *
 * The holder ends when the agent reports that the rings were closed properly, or when the agent is
 * dead and the domain was not restored; otherwise it stays until the guest's end. Its name begins
 * with @, so that systemd spares it at a shutdown. As PID 1 the agent needs none, because it does
 * not die.
 */
#ifndef XA_HOLDER_H
#define XA_HOLDER_H

#include "channel.h"
#include "err.h"

#include <stdbool.h>
#include <sys/types.h>

#define XA_HOLDER_NAME "@xenbench-hold"

struct xa_store;

struct xa_holder {
    pid_t pid; /* 0: none */
    int fd;    /* the pipe on which to tell it to end */
};

/*
 * How to notice that the domain was restored: its id changes, and a key of ours vanishes. Over: it
 * was restored since this was noted.
 */
struct xa_incarnation {
    char domid[16];
    char key[64];
};
bool xa_incarnation_is_over(const struct xa_incarnation *incarnation, struct xa_store *store);

/* The memory that holds this process's arguments: a holder writes its own name there. */
struct xa_name_area {
    char *start;
    size_t bytes;
};

/* Fork a holder for ch. */
int xa_holder_start(struct xa_holder *out, const struct xb_channel *ch,
                    const struct xa_incarnation *incarnation, const struct xa_name_area *name,
                    struct xb_err *err);
/*
 * The rings were closed properly: end the holder, if any, and wait, because its exit closes them
 * for the last time.
 */
void xa_holder_end(struct xa_holder *holder);
/* The rings outlived their domain: the holder stays for good. */
void xa_holder_leave(struct xa_holder *holder);

#endif
