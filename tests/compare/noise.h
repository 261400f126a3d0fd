/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What simulated figures are drawn from, and how far a simulated rate may be from the stated one. */
#ifndef XB_TEST_NOISE_H
#define XB_TEST_NOISE_H

#include <gsl/gsl_rng.h>
#include <stdbool.h>
#include <stddef.h>

#define XB_NOISES 3

/* Each of mean 0 or 1 and standard deviation 1. */
struct xb_noise {
    const char *name;
    double (*draw)(gsl_rng *rng);
    bool is_normal;
};
extern const struct xb_noise xb_noises[XB_NOISES];

/* A rate as simulated in so many trials lies within this of the true one, but for once in 16,000. */
double xb_rate_slack(double rate, size_t trials);

#endif
