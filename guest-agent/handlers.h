/*
 * One handler per request. msg has the request's type and is freed afterwards. A handler sends its
 * own answer, or fails and fills err, which becomes the ERROR.
 */
#ifndef XB_HANDLERS_H
#define XB_HANDLERS_H

#include "err.h"

#include <protobuf-c/protobuf-c.h>
#include <stdint.h>

struct xb_session;

typedef int xb_handler_fn(struct xb_session *session, uint32_t job_id, const ProtobufCMessage *msg,
                          struct xb_err *err);

/* handlers.c */
xb_handler_fn xb_handle_hello, xb_handle_ping, xb_handle_status_request, xb_handle_credit,
    xb_handle_quiesce;
xb_handler_fn xb_handle_arm, xb_handle_release, xb_handle_cancel, xb_handle_kill, xb_handle_fetch,
    xb_handle_forget, xb_handle_input, xb_handle_resize;
/* files.c */
xb_handler_fn xb_handle_push, xb_handle_data, xb_handle_end, xb_handle_pull;

#endif
