/*
 * What guests and host are, into the store, with what speaks against measuring on them.
 */
#ifndef XB_RUN_FACTS_H
#define XB_RUN_FACTS_H

#include "run_state.h"

int xb_run_write_guest(struct xb_run *run, size_t guest, struct xb_err *err);
int xb_run_write_host(struct xb_run *run, struct xb_err *err);
/* Into run->facts: one, or all. */
int xb_run_fact(struct xb_run *run, const char *key, const char *value, struct xb_err *err);
int xb_run_collect_facts(struct xb_run *run, struct xb_err *err);

/* run_manifest.c: the machine in detail; and what image a guest was made from. */
int xb_run_write_manifest(struct xb_run *run, struct xb_err *err);
int xb_run_write_image(struct xb_run *run, size_t guest, struct xb_err *err);

/*
 * run_same.c: a run is resumed: is it on the host, and with the options, that it was begun with?
 * XB_E_INPUT where what differs changes what is measured; what was found stands in run->traces and
 * run->measured.
 */
int xb_run_check_same(struct xb_run *run, struct xb_err *err);
/* Write run->facts down. Of a run that has measured the old ones stay, and a warning says what differs. */
int xb_run_keep_facts(struct xb_run *run, struct xb_err *err);
/* Warn where a guest's image, of this digest, is not the one that cells were measured with. */
int xb_run_check_image(struct xb_run *run, size_t guest, const char *image, const char *digest,
                       struct xb_err *err);

#endif
