#include "plan.h"

#include "base.h"

#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

static void add_case(struct xb_plan_cell *cells, size_t *at, uint32_t case_no, uint32_t repetition,
                     bool warmup)
{
    cells[(*at)++] =
        (struct xb_plan_cell){.case_no = case_no, .repetition = repetition, .warmup = warmup};
}

static void lay_sequential(const struct xb_experiment *exp, struct xb_plan_cell *cells)
{
    size_t at = 0;
    for (uint32_t c = 0; c < exp->case_count; c++) {
        for (uint32_t r = 0; r < exp->warmup; r++)
            add_case(cells, &at, c, r, true);
        for (uint32_t r = 0; r < exp->repetitions; r++)
            add_case(cells, &at, c, r, false);
    }
}

/* Every round has every case once; rng NULL: in the order of the file. */
static void lay_rounds(const struct xb_experiment *exp, struct xb_plan_cell *cells, gsl_rng *rng)
{
    size_t at = 0;
    for (uint32_t r = 0; r < exp->warmup + exp->repetitions; r++) {
        bool warmup = r < exp->warmup;
        struct xb_plan_cell *round = &cells[at];
        for (uint32_t c = 0; c < exp->case_count; c++)
            add_case(cells, &at, c, warmup ? r : r - exp->warmup, warmup);
        if (rng)
            gsl_ran_shuffle(rng, round, exp->case_count, sizeof(*round));
    }
}

int xb_plan_cells(const struct xb_experiment *exp, uint64_t seed, struct xb_plan_cell **out,
                  size_t *count, struct xb_err *err)
{
    *count = exp->case_count * ((size_t)exp->warmup + exp->repetitions);
    *out = calloc(*count, sizeof(**out));
    if (!*out)
        return xb_fail(err, XB_E_HOST, ENOMEM, "cannot lay out %zu cells", *count);
    if (exp->order == XB_ORDER_SEQUENTIAL) {
        lay_sequential(exp, *out);
    } else if (exp->order == XB_ORDER_INTERLEAVED) {
        lay_rounds(exp, *out, NULL);
    } else {
        gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
        if (!rng)
            return xb_fail(err, XB_E_HOST, ENOMEM, "cannot shuffle %zu cells", *count);
        gsl_rng_set(rng, seed);
        lay_rounds(exp, *out, rng);
        gsl_rng_free(rng);
    }
    return 0;
}
