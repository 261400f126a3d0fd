/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checkpoints in xenbench's own folder whose guests no longer exist: nothing can restore them.
 */
#ifndef XB_CHECKPOINT_SWEEP_H
#define XB_CHECKPOINT_SWEEP_H

#include "journal.h"

/*
 * Sweep checkpoints/ and checkpoints/at-shutdown/: remove checkpoints of guests that do not exist
 * or are being removed. Damaged and other files stay.
 */
extern const struct xb_journal_kind xb_checkpoint_file_kind;

#endif
