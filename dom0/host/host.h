/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Restoring the host: a run's changes are recorded before the first one, and undone at the end.
 */
#ifndef XB_HOST_H
#define XB_HOST_H

#include "allocation.h"
#include "journal.h"

#include <stdbool.h>
#include <stddef.h>

/* Undone after guests are removed, because a dead run's guests may live in a pool to be removed. */
extern const struct xb_journal_kind xb_host_kind;

/* What a process is going to change besides Dom0 and power settings. */
struct xb_host_scope {
    bool memory;               /* balloons */
    bool pools;                /* CPUs of cpupools, which can break any domain's affinity */
    const char *const *guests; /* names of the domains to change; NULL: any */
    size_t guest_count;
};

/*
 * Record the host before the first change: allocations of Dom0 and the scope's running guests,
 * cpupools, power settings. Restores a dead process's record first. Returns the record's lock; -1
 * (XB_E_HOST, naming it) if a live process holds the record.
 */
int xb_host_record(struct xb_app *app, const struct xb_host_scope *scope, struct xb_err *err);

/*
 * Record all cpupools that this process creates, before each creation: only these are removed when
 * the host is restored.
 */
int xb_host_record_pools(struct xb_app *app, const char *const *names, size_t count,
                         struct xb_err *err);

/*
 * Record the settings of a domain that started after the record was written; one already recorded
 * stays.
 */
int xb_host_record_domain(struct xb_app *app, uint32_t domid, const char *uuid,
                          const struct xb_allocation *allocation, struct xb_err *err);

/*
 * Restore what this process's record holds, remove the record and unlock it; also after errors and
 * signals. Finds guests by UUID, and destroys only pools that the run made. Goes on after failures,
 * then fails with all of them (XB_E_HOST) and keeps the record for `xenbench clean`.
 */
int xb_host_restore(struct xb_app *app, int lock_fd, struct xb_err *err);

/* Is there a record? *owner is the process that holds it, 0 if that process died. */
bool xb_host_recorded(struct xb_app *app, pid_t *owner);

#endif
