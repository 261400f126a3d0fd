/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The settings in force for a cell's domains, compared with those that its case asks for. */
#ifndef XB_CELL_SETTINGS_H
#define XB_CELL_SETTINGS_H

#include "err.h"

#include <stdbool.h>

struct xb_cell;

/*
 * Read back and store every setting of Dom0, the guests and the case's cpupools, and warn of those
 * that are not as asked. At the start, also store what the settings promise each guest.
 */
int xb_cell_settings(struct xb_cell *cell, bool at_end, struct xb_err *err);

#endif
