/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making a guest from a person's xl.cfg: the file becomes its definition; the disks stay that
 * person's.
 */
#ifndef XB_GUEST_ADOPT_H
#define XB_GUEST_ADOPT_H

#include "app.h"
#include "guest.h"

#include <stdbool.h>

struct xb_adopted {
    char name[XB_GUEST_OWN_NAME_MAX + 1];
    int nic_count;  /* network devices in the cfg */
    bool no_memory; /* the cfg does not set the memory */
};

/*
 * Make a guest from the xl.cfg at path, named name (NULL: as in the cfg); starts nothing. Keeps the
 * file's text and appends what is missing. XB_E_INPUT with xl's words if xl cannot read it.
 */
int xb_guest_adopt(struct xb_app *app, const char *path, const char *name, struct xb_adopted *out,
                   struct xb_err *err);

#endif
