/*
 * All that commands which die may leave behind, in the order in which it is undone.
 */
#ifndef XB_JOURNAL_KINDS_H
#define XB_JOURNAL_KINDS_H

#include "journal.h"

extern const struct xb_journal_kind *const xb_journal_kinds[];

#endif
