/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading histograms of samples.
 */
#ifndef XB_STORE_DIST_H
#define XB_STORE_DIST_H

#include "dist.h"
#include "store_read.h"

/*
 * A histogram of a sample, from cells that are done and not warm-ups; by case, guest, name and
 * cell.
 */
struct xb_dist_row {
    int64_t case_no, guest; /* guest: its position */
    char *name, *unit, *better;
    uint32_t cell, repetition;
    uint64_t over;
    double least, most;
    char *run, *guest_name;
    uint32_t attempt;
    struct xb_dist hist; /* the arena's; filled by xb_read_histograms */
};
int xb_read_histograms(const struct xb_read *in, struct xb_dist_row **rows, size_t *count);

#endif
