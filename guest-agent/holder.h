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
#ifndef XB_HOLDER_H
#define XB_HOLDER_H

#include "channel.h"
#include "err.h"

#include <stdbool.h>
#include <sys/types.h>

#define XB_HOLDER_NAME "@xenbench-hold"

struct xb_store;

struct xb_holder {
    pid_t pid; /* 0: none */
    int fd;    /* tells it */
};

/* Signs of a restored domain: its id, which changes, and a key of ours, which vanishes. */
struct xb_incarnation {
    char domid[16];
    char key[64];
};
bool xb_incarnation_is_over(const struct xb_incarnation *incarnation, struct xb_store *store);

/* The memory of this process's arguments: a holder writes its own name there. */
struct xb_name_area {
    char *start;
    size_t bytes;
};

/* Fork a holder for ch. */
int xb_holder_start(struct xb_holder *out, const struct xb_channel *ch,
                    const struct xb_incarnation *incarnation, const struct xb_name_area *name,
                    struct xb_err *err);
/*
 * The rings were closed properly: end the holder, if any, and wait for its end, which is the last
 * close.
 */
void xb_holder_end(struct xb_holder *holder);
/* The rings outlived their domain: the holder stays for good. */
void xb_holder_leave(struct xb_holder *holder);

#endif
