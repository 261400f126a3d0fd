/*
 * The host is left as it was found: what a run changes is recorded before the first change, and put
 * back.
 */
#ifndef XB_HOST_H
#define XB_HOST_H

#include "allocation.h"
#include "journal.h"

#include <stdbool.h>
#include <stddef.h>

/* Undone after guests are removed: those of a dead run may live in a pool that is about to go. */
extern const struct xb_journal_kind xb_host_kind;

/*
 * Record the host before the first change: Dom0's online vcpus, and for Dom0 and each running guest
 * affinities, weight, cap and pool, all cpupools with their CPUs and parameters, governors, turbo
 * and the deepest C-state; with memory, also what balloons leave the domains. A record that a dead
 * process left is put back first. Returns the record's lock, for xb_host_restore; -1 with
 * XB_E_HOST, naming the process, where another live one holds the record: two runs on one host
 * would spoil each other.
 */
int xb_host_record(struct xb_app *app, bool memory, struct xb_err *err);

/*
 * Add to the record the cpupools that this process has made, all of them, each before it is made:
 * these are removed when the host is put back, and no others.
 */
int xb_host_record_pools(struct xb_app *app, const char *const *names, size_t count,
                         struct xb_err *err);

/*
 * Add a domain that came to run after the record was written, with what it is to have again; one
 * that is in it already stays as it is.
 */
int xb_host_record_domain(struct xb_app *app, uint32_t domid, const char *uuid,
                          const struct xb_allocation *allocation, struct xb_err *err);

/*
 * Put everything back that this process's record holds, remove the record and give its lock up:
 * pools that the run made are destroyed (their domains go to where they were, or to Pool-0; pools
 * that others made since are left alone, with the CPUs that they have), guests are found again by
 * UUID, those that are gone are passed over. Does all it can; fails with XB_E_HOST, naming all that
 * could not be put back, and then keeps the record for `xenbench clean`. Use at the end, on errors
 * and after a signal.
 */
int xb_host_restore(struct xb_app *app, int lock_fd, struct xb_err *err);

/* Is there a record? *owner is the process that holds it, or 0 where that died. */
bool xb_host_recorded(struct xb_app *app, pid_t *owner);

#endif
