/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All kinds of records that dead commands may leave behind, in the order of their recovery.
 */
#ifndef XB_JOURNAL_KINDS_H
#define XB_JOURNAL_KINDS_H

#include "journal.h"

extern const struct xb_journal_kind *const xb_journal_kinds[];

#endif
