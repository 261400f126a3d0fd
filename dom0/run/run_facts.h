/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts about guests and host, written to the store, with warnings that bear on the measurement.
 */
#ifndef XB_RUN_FACTS_H
#define XB_RUN_FACTS_H

#include "run_state.h"

int xb_run_write_guest(struct xb_run *run, size_t guest, struct xb_err *err);

/* run_manifest.c: ask the host, into run->found and run->facts; and into the store too. */
int xb_run_collect_facts(struct xb_run *run, struct xb_err *err);
int xb_run_write_host(struct xb_run *run, struct xb_err *err);
/* Each fact by its name, in the order of the results. Without has_xen Xen's are not known. */
json_t *xb_run_facts_in_words(const struct xb_host_facts *host, bool has_xen);

/*
 * run_same.c: does a resumed run have the host and options that it began with? XB_E_INPUT where a
 * difference changes what is measured. Fills run->traces and run->measured.
 */
int xb_run_check_same(struct xb_run *run, struct xb_err *err);
/* Store run->facts; a run that has measured keeps its old facts, and warns of differences. */
int xb_run_keep_facts(struct xb_run *run, struct xb_err *err);
/* Warn where earlier cells were measured with another image of this name than this digest's. */
int xb_run_check_image(struct xb_run *run, size_t guest, const char *image, const char *digest,
                       struct xb_err *err);

#endif
