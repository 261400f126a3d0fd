/*
 * --storage, --vg and --thin-pool, for every command that makes a disk.
 */
#ifndef XB_STORAGE_OPTIONS_H
#define XB_STORAGE_OPTIONS_H

#include "disk.h"

#include <argp.h>

/* A child parser; its input is a struct xb_storage_choice. */
extern const struct argp xb_storage_argp;

#endif
