/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Removes checkpoints in xenbench's own directory that nothing can restore: their guests are gone.
 */
#ifndef XB_CHECKPOINT_SWEEP_H
#define XB_CHECKPOINT_SWEEP_H

#include "journal.h"

/*
 * Sweeps checkpoints/ and checkpoints/at-shutdown/ for checkpoints of guests that no longer exist
 * or are being removed. Damaged checkpoints and other files stay.
 */
extern const struct xb_journal_kind xb_checkpoint_file_kind;

#endif
