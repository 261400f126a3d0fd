/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a session's process tells the controller: an agent's message as a record of fixed layout in
 * a frame's body. The schema alone fixes each field's place and the record's length, so the
 * controller checks only sizes, ranges and strings, and parses nothing that a guest has encoded.
 */
#ifndef XB_RECORD_H
#define XB_RECORD_H

#include "err.h"
#include "frame.h"
#include "pinging.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

/* The frame type of the record that ends a session, beyond the protocol's types. */
#define XB_RECORD_PARTING 0x100

/* From the process, about the guest's event channel. */
#define XB_RECORD_STORM 0x101

/*
 * From the controller: the PING that follows is the first of a series, which the process continues.
 * From the process: the times of the series whose last PONG follows.
 */
#define XB_RECORD_PINGS 0x102

/* The length of the longest record, for buffers. */
#define XB_RECORD_MAX (48 * XB_KIB)

/* The length of a message's record; -1 with err if the message breaks a limit. */
long xb_record_bytes(const ProtobufCMessage *msg, struct xb_err *err);
/* Lay a message out in that many bytes, which are returned; -1 likewise. */
long xb_record_pack(uint8_t *out, const ProtobufCMessage *msg, struct xb_err *err);

/*
 * Read a record back. NULL if it is malformed; protobuf_c_message_free_unpacked frees the message.
 */
ProtobufCMessage *xb_record_unpack(const struct xb_frame *frame, struct xb_err *err);

/* Why a session has ended; closed: the peer ended the connection and broke no rule. */
size_t xb_parting_pack(uint8_t out[XB_RECORD_MAX], bool closed, const struct xb_err *why);
/* -1 if it is no such record. */
int xb_parting_unpack(const struct xb_frame *frame, bool *closed, struct xb_err *why);

/* A storm of events (storm.h) has begun, or is over. */
size_t xb_storm_pack(uint8_t out[XB_RECORD_MAX], bool rages);
/* -1 if it is no such record. */
int xb_storm_unpack(const struct xb_frame *frame, bool *rages);

size_t xb_pings_order_pack(uint8_t out[XB_RECORD_MAX], const struct xb_pings_order *order);
/* -1 if it is no such record. */
int xb_pings_order_unpack(const struct xb_frame *frame, struct xb_pings_order *order);

/* Pack the name of a finished series, and its times (at least one). */
size_t xb_pings_pack(uint8_t out[XB_RECORD_MAX], const struct xb_pinging *pinging);
/*
 * Unpack the times into the series that was ordered. Times of another series, or for pinging NULL,
 * are ignored. -1 if it is no such record, or has more times than were ordered.
 */
int xb_pings_unpack(const struct xb_frame *frame, struct xb_pinging *pinging);

#endif
