/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distributions for simulated figures, and how far a simulated rate may be from the stated one. */
#ifndef XB_TEST_NOISE_H
#define XB_TEST_NOISE_H

#include <gsl/gsl_rng.h>
#include <stdbool.h>
#include <stddef.h>

#define XB_NOISES 3

/* A distribution with mean 0 or 1 and standard deviation 1. */
struct xb_noise {
    const char *name;
    double (*draw)(gsl_rng *rng);
    bool is_normal;
};
extern const struct xb_noise xb_noises[XB_NOISES];

/*
 * The most by which a rate simulated in so many trials may miss the true rate: four standard
 * errors, which chance exceeds once in 16,000 times.
 */
double xb_rate_slack(double rate, size_t trials);

#endif
