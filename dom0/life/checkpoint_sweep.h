/*
 * Checkpoints in xenbench's own folder of guests that are no more: nothing can restore them.
 */
#ifndef XB_CHECKPOINT_SWEEP_H
#define XB_CHECKPOINT_SWEEP_H

#include "journal.h"

/*
 * Sweeps checkpoints/ and checkpoints/at-shutdown/: checkpoints whose heads name a guest that is
 * not there are removed, and those of a guest that is being removed. What is damaged, or no
 * checkpoint, is left alone.
 */
extern const struct xb_journal_kind xb_checkpoint_file_kind;

#endif
