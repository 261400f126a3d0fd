/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of the host record, and how each is restored.
 */
#ifndef XB_HOST_RECORD_H
#define XB_HOST_RECORD_H

#include "allocation.h"

#include <jansson.h>
#include <stdbool.h>

/* Does one of these objects have that value? compare is strcmp or strcasecmp. */
bool xb_record_lists(const json_t *list, const char *key, const char *value,
                     int (*compare)(const char *a, const char *b));

/* An undo continues after failures and collects them. */
struct xb_undo {
    struct xb_xen *xen;
    struct xb_err failed; /* all that could not be restored */
};

/*
 * Did the record's run create this pool? Older records do not name such pools (made NULL); they
 * only tell which pools existed before.
 */
bool xb_pool_is_made(const char *name, const json_t *recorded, const json_t *made);
/*
 * The CPUs that a recorded pool gets back: its own, less those in pools that others created since.
 */
struct xb_cpus xb_pool_cpus_back(const struct xb_pool *want, const struct xb_pool *now,
                                 size_t count, const json_t *recorded, const json_t *made);
void xb_undo_pools(struct xb_undo *undo, const json_t *pools, const json_t *made);
/* The key of a domain that was recorded only because moving its pool's CPUs may change it. */
#define XB_RECORD_BYSTANDER "bystander"
/*
 * Where Xen took a CPU from a vcpu that was pinned to it, the vcpu may now run anywhere. The
 * affinities of a domain with such vcpus put right; false if there are none. *want is to free.
 */
bool xb_affinity_mended(const struct xb_allocation *recorded, const struct xb_allocation *now,
                        struct xb_allocation *want);
/* With memory, balloon targets are restored too. */
void xb_undo_domains(struct xb_undo *undo, const json_t *domains, bool memory);
void xb_undo_power(struct xb_undo *undo, const json_t *power);

#endif
