/*
 * A guest whose xl.cfg a person wrote: the file becomes the guest's definition, and its disks stay
 * that person's.
 */
#ifndef XB_GUEST_ADOPT_H
#define XB_GUEST_ADOPT_H

#include "app.h"
#include "guest.h"

#include <stdbool.h>

struct xb_adopted {
    char name[XB_GUEST_OWN_NAME_MAX + 1];
    int nic_count;  /* network devices that the cfg gives it */
    bool no_memory; /* the cfg does not say how much */
};

/*
 * Make a guest from the xl.cfg at path, under the cfg's own name or, where name is not NULL, that
 * one. What the file says is kept as it is; where it must be made complete, lines are added at its
 * end. Nothing is started. XB_E_INPUT with xl's words where xl cannot read it.
 */
int xb_guest_adopt(struct xb_app *app, const char *path, const char *name, struct xb_adopted *out,
                   struct xb_err *err);

#endif
