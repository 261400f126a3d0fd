/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts about guests and host, written to the store, with warnings that bear on the measurement.
 */
#ifndef XB_RUN_FACTS_H
#define XB_RUN_FACTS_H

#include "run_state.h"

int xb_run_write_guest(struct xb_run *run, size_t guest, struct xb_err *err);

/* run_manifest.c: collect the host's facts in run->found and run->facts; the second stores them. */
int xb_run_collect_facts(struct xb_run *run, struct xb_err *err);
int xb_run_write_host(struct xb_run *run, struct xb_err *err);
/* The facts as text by name. Without has_xen, those of Xen are left out. */
json_t *xb_run_facts_in_words(const struct xb_host_facts *host, bool has_xen);

/*
 * run_same.c: does a resumed run have the host and options that it began with? XB_E_INPUT where a
 * difference changes what is measured. Fills run->traces and run->measured.
 */
int xb_run_check_same(struct xb_run *run, struct xb_err *err);
/* Store run->facts. If the run has done cells, stored facts stay, and differences give warnings. */
int xb_run_keep_facts(struct xb_run *run, struct xb_err *err);
/* Warn if earlier cells were measured with an image of this name but another digest. */
int xb_run_check_image(struct xb_run *run, size_t guest, const char *image, const char *digest,
                       struct xb_err *err);

#endif
