/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames from agents as messages: the first look at a guest's bytes. The session's process does
 * this (dom0/session), or the controller itself with --no-sandbox.
 */
#ifndef XB_AGENT_MSG_H
#define XB_AGENT_MSG_H

#include "err.h"
#include "frame.h"

#include <protobuf-c/protobuf-c.h>

/* The longest string in a message, without its NUL. */
#define XB_MSG_STRING_MAX 1023

/* The message that an agent sends as this type; NULL for types that agents never send. */
const ProtobufCMessageDescriptor *xb_msg_descriptor(uint16_t type);

/*
 * Unpack a frame from an agent; NULL if it is malformed or of a type that only controllers send.
 * The caller frees the message.
 */
ProtobufCMessage *xb_msg_unpack(const struct xb_frame *frame, struct xb_err *err);

/* Replace bytes that terminals or JSON cannot show by '?', and cut s at max_bytes. */
void xb_msg_clean(char *s, size_t max_bytes);

#endif
