/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Does xenbench work on this host, and how fast is it here? With guests of its own, which are
 * removed afterwards.
 */
#ifndef XB_SELFTEST_H
#define XB_SELFTEST_H

#include "app.h"
#include "sched_words.h"

#include <stdbool.h>
#include <stdint.h>

struct xb_selftest_options {
    const char *image;
    enum xb_guest_type type; /* 0: what the image's guests have by default */
    const char *json;        /* a file for all of it; "-": stdout, without the text; NULL: none */
    uint32_t rounds;         /* of the bench */
    bool bench;              /* measure too */
    bool quiet;              /* no progress on stderr */
};

/*
 * Go through the steps (selftest_steps.c) and print each; then, if asked, measure
 * (selftest_bench.c) and print the rows. The guests are removed, whatever happened; those of a
 * self-test that was killed go at the next one, or with `xenbench clean`. XB_E_BENCH: a guest
 * failed; XB_E_INPUT: no such image, or a guest has one of our names; XB_E_HOST: all else.
 */
int xb_selftest(struct xb_app *app, const struct xb_selftest_options *options, struct xb_err *err);

#endif
