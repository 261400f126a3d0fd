/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "noise.h"

#include <gsl/gsl_randist.h>
#include <math.h>

#define SIGMAS 4

static double normal(gsl_rng *rng)
{
    return gsl_ran_ugaussian(rng);
}

/* Skewed, like many measured times. */
static double exponential(gsl_rng *rng)
{
    return gsl_ran_exponential(rng, 1);
}

/* Has few different values, so that nearly every sample has ties. */
static double rounded(gsl_rng *rng)
{
    return round(2 * gsl_ran_ugaussian(rng)) / 2;
}

const struct xb_noise xb_noises[XB_NOISES] = {{"normal", normal, true},
                                              {"exponential", exponential, false},
                                              {"rounded normal", rounded, false}};

double xb_rate_slack(double rate, size_t trials)
{
    return SIGMAS * sqrt(rate * (1 - rate) / (double)trials);
}
