/*
 * Which level of zstd a checkpoint is written by: measured on the memory of a guest.
 */
#ifndef XB_LIFECYCLE_LEVELS_H
#define XB_LIFECYCLE_LEVELS_H

#include "lifecycle.h"

/*
 * Start the first of the guests, take its memory once, pack it by several levels into files where
 * checkpoints are kept, read them back, and print what each takes. The guest does not run
 * afterwards, and the files are removed.
 */
int xb_life_levels(struct xb_life *life, struct xb_err *err);

#endif
