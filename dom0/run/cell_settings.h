/* What is in force for the domains of a cell, beside what its case asks. */
#ifndef XB_CELL_SETTINGS_H
#define XB_CELL_SETTINGS_H

#include "err.h"

#include <stdbool.h>

struct xb_cell;

/*
 * Read back every setting of Dom0, the guests and the case's cpupools, write it down, and warn of
 * what is not as asked. At the start, also what the settings promise each guest.
 */
int xb_cell_settings(struct xb_cell *cell, bool at_end, struct xb_err *err);

#endif
