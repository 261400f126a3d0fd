/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The record of a domain being destroyed. libxl first pauses the domain, so whoever is killed
 * meanwhile leaves a paused domain, whose monitor waits for it. Whoever finds the record finishes
 * the work: `clean`, and the next start or destruction of the guest.
 */
#ifndef XB_DESTROY_RECORD_H
#define XB_DESTROY_RECORD_H

#include "guest_def.h"
#include "journal.h"

extern const struct xb_journal_kind xb_destroy_kind;

/*
 * Destroy a guest's domain, and keep a record of it meanwhile. Without the record if it cannot be
 * written, or if another process is destroying the guest and has one.
 */
int xb_destroy_recorded(struct xb_app *app, const struct xb_guest_def *def, uint32_t domid,
                        struct xb_err *err);

#endif
