/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One handler per request. msg has the request's type, and the caller frees it. A handler sends its
 * own answer, or fails and fills err, which the caller sends as an ERROR.
 */
#ifndef XA_HANDLERS_H
#define XA_HANDLERS_H

#include "err.h"

#include <protobuf-c/protobuf-c.h>
#include <stdint.h>

struct xa_session;

typedef int xa_handler_fn(struct xa_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                          struct xb_err *err);

/* handlers.c */
xa_handler_fn xa_handle_hello, xa_handle_ping, xa_handle_status_request, xa_handle_credit,
    xa_handle_quiesce;
xa_handler_fn xa_handle_arm, xa_handle_release, xa_handle_cancel, xa_handle_kill, xa_handle_fetch,
    xa_handle_forget, xa_handle_input, xa_handle_resize;
/* transfer.c */
xa_handler_fn xa_handle_push, xa_handle_data, xa_handle_end, xa_handle_pull;

#endif
