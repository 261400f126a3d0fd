/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a session's process tells the controller: an agent's message as a record of fixed layout in
 * a frame's body. The schema alone decides where each field lies and how long the record is, so the
 * controller checks sizes, ranges and strings, and parses nothing that a guest has encoded.
 */
#ifndef XB_RECORD_H
#define XB_RECORD_H

#include "err.h"
#include "frame.h"

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

/* The record that ends a session: its frame's type, beyond all of the protocol. */
#define XB_RECORD_PARTING 0x100

/* Said of the guest's event channel, not by the guest. */
#define XB_RECORD_STORM 0x101

/* Dom0's monotonic clock, read beside the guest's ring. */
struct xb_stamps {
    uint64_t at_ns;   /* when the message was there */
    uint64_t sent_ns; /* when the last PING was put on the ring; 0: none was */
};

/* The length of the longest record, for buffers. */
#define XB_RECORD_MAX (48 * XB_KIB)

/* Lay a message out. Returns the record's length; 0 with err if the message breaks a limit. */
size_t xb_record_pack(uint8_t out[XB_RECORD_MAX], const struct xb_stamps *stamps,
                      const ProtobufCMessage *msg, struct xb_err *err);

/* Read a record back. NULL if it is none; protobuf_c_message_free_unpacked frees it. */
ProtobufCMessage *xb_record_unpack(const struct xb_frame *frame, struct xb_stamps *stamps,
                                   struct xb_err *err);

/* Why a session has ended; closed: the peer ended the connection and broke no rule. */
size_t xb_parting_pack(uint8_t out[XB_RECORD_MAX], bool closed, const struct xb_err *why);
/* -1 if it is no such record. */
int xb_parting_unpack(const struct xb_frame *frame, bool *closed, struct xb_err *why);

/* A storm of events (storm.h) has begun, or is over. */
size_t xb_storm_pack(uint8_t out[XB_RECORD_MAX], bool rages);
/* -1 if it is no such record. */
int xb_storm_unpack(const struct xb_frame *frame, bool *rages);

#endif
