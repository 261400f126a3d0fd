/* Files in (PUSH) and out (PULL). A transfer belongs to its connection and ends with it. */
#ifndef XB_FILES_H
#define XB_FILES_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>

#define XB_TRANSFERS_MAX 8

struct xb_agent;
struct xb_session;

enum xb_transfer_kind {
    XB_TRANSFER_NONE = 0,
    XB_TRANSFER_PUSH,
    XB_TRANSFER_REFUSED, /* a push answered by ERROR: its remaining data is dropped */
    XB_TRANSFER_PULL,
};

struct xb_transfer {
    enum xb_transfer_kind kind;
    uint32_t id;
    struct xb_session *owner;
    int fd;
    uint32_t crc;
    uint64_t offset;       /* bytes so far */
    uint64_t size_bytes;   /* announced; UINT64_MAX: a pull to the end of the file */
    uint64_t credit_bytes; /* pull */
    char *path;            /* the target of a push, the source of a pull */
    char *part_path;       /* push: the file beside it */
};

/* The session's transfer in progress with this id, or NULL. */
struct xb_transfer *xb_transfer_find(const struct xb_session *session, uint32_t id);
void xb_transfer_credit(struct xb_transfer *transfer, uint64_t bytes);
/* End a transfer: an unfinished file is removed, and data still on its way is dropped. */
void xb_transfer_cancel(struct xb_transfer *transfer);
/* Send what pulls may send. */
void xb_transfers_work(struct xb_agent *agent);
/* End all of a session; unfinished files are removed. */
void xb_transfers_disconnected(const struct xb_session *session);

#endif
