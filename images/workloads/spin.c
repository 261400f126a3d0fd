/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spin: integer work in units of fixed size, for measuring how much CPU a guest is given.
 *
 *   spin --units N      do N units
 *   spin --seconds S    do as many units as S seconds of wall time allow
 *
 * Prints one line: units, seconds, units per second, and a checksum that depends only on the number
 * of units, so that a machine that computes wrongly is found out.
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* About 50 us on a current core and 1 ms under emulation: short compared to a timeslice. */
#define STEPS_PER_UNIT 20000

struct options {
    uint64_t units;
    double seconds;
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/*
 * Each step needs the previous result, so neither a compiler nor a wide core can shorten the work.
 * This is Vigna's xorshift64*.
 */
static uint64_t do_unit(uint64_t state)
{
    for (int i = 0; i < STEPS_PER_UNIT; i++) {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state *= UINT64_C(2685821657736338717);
    }
    return state;
}

static error_t parse_option(int key, char *arg, struct argp_state *parser)
{
    struct options *options = parser->input;
    char *end = arg;

    errno = 0;
    switch (key) {
    case 'u':
        options->units = strtoull(arg, &end, 10);
        if (errno || *end || *arg == '-' || options->units == 0)
            argp_error(parser, "--units takes a whole number above 0, not `%s`", arg);
        return 0;
    case 's':
        options->seconds = strtod(arg, &end);
        if (errno || *end || !isfinite(options->seconds) || options->seconds <= 0)
            argp_error(parser, "--seconds takes a number above 0, not `%s`", arg);
        return 0;
    case ARGP_KEY_END:
        if ((options->units == 0) == (options->seconds == 0))
            argp_error(parser, "give either --units or --seconds");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int main(int argc, char **argv)
{
    static const struct argp_option accepted[] = {
        {"units", 'u', "N", 0, "do N units of work", 0},
        {"seconds", 's', "S", 0, "work for S seconds of wall time", 0},
        {0},
    };
    static const struct argp argp = {
        accepted, parse_option, NULL, "Does integer work in units of fixed size.",
        NULL,     NULL,         NULL};
    struct options options = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &options);

    double start = now_s(), elapsed = 0;
    uint64_t state = 1, units = 0;
    while (options.units ? units < options.units : elapsed < options.seconds) {
        state = do_unit(state);
        units++;
        if (!options.units)
            elapsed = now_s() - start;
    }
    elapsed = now_s() - start;
    printf("units=%" PRIu64 " seconds=%.6f units_per_s=%.3f checksum=%016" PRIx64 "\n", units,
           elapsed, (double)units / elapsed, state);
    return 0;
}
