/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The measurements of one guest, phase by phase.
 */
#ifndef XB_LIFECYCLE_SUMMARY_H
#define XB_LIFECYCLE_SUMMARY_H

#include "lifecycle.h"
#include "stats.h"

struct xb_life_summary {
    enum xb_phase phase;
    struct xb_stats total[XB_BYS];
    struct xb_stats command; /* xl's */
    struct {
        const char *name;
        bool guest;
        struct xb_stats stats;
    } parts[XB_LIFE_PARTS]; /* of xenbench's */
    size_t part_count;
    size_t refused; /* samples in which the guest's account of its start was impossible */
    struct xb_stats raw_bytes, stored_bytes;
    struct xb_stats frozen, guest_frozen;
};

/* Fill one for each phase with samples; returns how many. out has room for XB_PHASES. */
size_t xb_life_summarise(const struct xb_life *life, size_t guest, struct xb_life_summary *out);

#endif
