/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "opt_storage.h"

#include <argp.h>

void xb_opt_storage_check(struct argp_state *state, const struct xb_storage_choice *choice)
{
    if (choice->vg && choice->thin_pool)
        argp_error(state, "--vg and --thin-pool: one of them (a pool's group is in its name)");
    if (choice->storage == XB_STORAGE_FILE && (choice->vg || choice->thin_pool))
        argp_error(state, "--storage=file needs no --vg and no --thin-pool");
    if (choice->storage == XB_STORAGE_LVM && choice->thin_pool)
        argp_error(state, "--storage=lvm takes --vg, not --thin-pool");
    if (choice->storage == XB_STORAGE_THIN && choice->vg)
        argp_error(state, "--storage=thin takes --thin-pool VG/POOL, not --vg");
}
