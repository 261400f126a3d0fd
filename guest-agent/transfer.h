/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files in (PUSH) and out (PULL). A transfer belongs to its connection and ends with it. */
#ifndef XA_TRANSFER_H
#define XA_TRANSFER_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>

#define XA_TRANSFERS_MAX 8

struct xa_agent;
struct xa_session;

enum xa_transfer_kind {
    XA_TRANSFER_NONE = 0,
    XA_TRANSFER_PUSH,
    XA_TRANSFER_REFUSED, /* a push that has ended early: its remaining data is dropped */
    XA_TRANSFER_PULL,
};

struct xa_transfer {
    enum xa_transfer_kind kind;
    uint32_t id;
    struct xa_session *owner;
    int fd;
    uint32_t crc;
    uint64_t offset;       /* bytes so far */
    uint64_t size_bytes;   /* announced; UINT64_MAX: a pull to the end of the file */
    uint64_t credit_bytes; /* pull */
    char *path;            /* the target of a push, the source of a pull */
    char *part_path;       /* push: the file beside it */
};

/* The session's transfer in progress with this id, or NULL. */
struct xa_transfer *xa_transfer_find(const struct xa_session *session, uint32_t id);
void xa_transfer_credit(struct xa_transfer *transfer, uint64_t bytes);
/* End a transfer: remove an unfinished file, and drop the data that is still to come. */
void xa_transfer_cancel(struct xa_transfer *transfer);
/* Send what pulls may send. */
void xa_transfers_work(struct xa_agent *agent);
/* End all transfers of a session, and remove their unfinished files. */
void xa_transfers_disconnected(const struct xa_session *session);

#endif
