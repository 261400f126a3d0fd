/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparing two samples: results against R's (tests/data/compare) and against counts by hand. */
#include "alloc.h"
#include "base.h"
#include "stats_rank.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROWS_MAX 32
#define VALUES_MAX 128

static void near(const char *what, double got, double want)
{
    if (fabs(got - want) > 1e-9 * fmax(1, fabs(want)))
        fail_msg("%s: got %.15g, R has %.15g", what, got, want);
}

struct pair {
    char name[64];
    double a[VALUES_MAX], b[VALUES_MAX];
    size_t n_a, n_b;
};

static size_t read_values(char *text, double *values)
{
    size_t n = 0;
    char *rest = NULL;
    for (char *word = strtok_r(text, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest)) {
        assert_true(n < VALUES_MAX);
        values[n++] = strtod(word, NULL);
    }
    return n;
}

static size_t read_pairs(struct pair *pairs)
{
    char *line = NULL;
    size_t size = 0, count = 0;
    FILE *file = fopen(XB_TEST_DATA "/compare/pairs.tsv", "r");
    assert_non_null(file);
    while (getline(&line, &size, file) > 0) {
        char *rest = NULL, *name = strtok_r(line, "\t", &rest);
        struct pair *p = &pairs[count++];
        assert_true(count <= ROWS_MAX);
        snprintf(p->name, sizeof(p->name), "%s", name);
        p->n_a = read_values(strtok_r(NULL, "\t", &rest), p->a);
        p->n_b = read_values(strtok_r(NULL, "\t", &rest), p->b);
    }
    free(line);
    fclose(file);
    return count;
}

static void check_row(const struct pair *p, const struct xb_rank *r, double holm, const char *line)
{
    double u, p_value, shift, low, high, coverage = NAN, delta, p_holm;
    char name[64], cover[32];
    assert_int_equal(sscanf(line, "%63[^\t] %lf %lf %lf %lf %lf %31s %lf %lf", name, &u, &p_value,
                            &shift, &low, &high, cover, &delta, &p_holm),
                     9);
    assert_string_equal(name, p->name);
    near(name, r->u, u);
    near(name, r->p, p_value);
    near(name, r->shift, shift);
    near(name, r->low, low);
    near(name, r->high, high);
    near(name, r->delta, delta);
    near(name, holm, p_holm);
    if (strcmp(cover, "NA") != 0) {
        coverage = strtod(cover, NULL);
        near(name, r->coverage, coverage);
    }
    assert_int_equal(isnan(coverage), !r->exact);
}

static void test_as_r_has_it(void **state XB_UNUSED)
{
    static struct pair pairs[ROWS_MAX];
    struct xb_rank ranks[ROWS_MAX];
    double holm[ROWS_MAX];
    size_t count = read_pairs(pairs), size = 0;
    char *line = NULL;
    FILE *file = fopen(XB_TEST_DATA "/compare/figures.tsv", "r");
    assert_non_null(file);
    assert_true(getline(&line, &size, file) > 0);
    for (size_t i = 0; i < count; i++) {
        ranks[i] = xb_rank_of(pairs[i].a, pairs[i].n_a, pairs[i].b, pairs[i].n_b, 0.95);
        holm[i] = ranks[i].p;
    }
    xb_holm(holm, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(getline(&line, &size, file) > 0);
        check_row(&pairs[i], &ranks[i], holm[i], line);
    }
    assert_true(count > 10 && getline(&line, &size, file) < 0);
    free(line);
    fclose(file);
}

/* Three against three: 20 choices, so p is at least 2/20; the interval is the complete range. */
static void test_too_few(void **state XB_UNUSED)
{
    struct xb_rank r = xb_rank_of((double[]){1, 2, 3}, 3, (double[]){7, 8, 9}, 3, 0.95);
    near("p", r.p, 0.1);
    near("least", xb_rank_least_p(3, 3), 0.1);
    near("coverage", r.coverage, 0.9);
    near("low", r.low, 4);
    near("high", r.high, 8);
    assert_true(isinf(xb_rank_detectable(3, 3, 0.05, 0.8)));
    assert_false(isinf(xb_rank_detectable(4, 4, 0.05, 0.8)));
}

static void test_nothing(void **state XB_UNUSED)
{
    struct xb_rank r = xb_rank_of(NULL, 0, (double[]){1}, 1, 0.95);
    near("p", r.p, 1);
    near("coverage", r.coverage, 0);
    near("least", xb_rank_least_p(0, 4), 1);
    near("spread", xb_pooled_sd((double[]){1}, 1, (double[]){2}, 1), 0);
    xb_holm(NULL, 0);
}

/* R: power.t.test(n = 20, power = 0.8) has 0.909; the rank test needs 1 / sqrt(3 / pi) of it. */
static void test_detectable(void **state XB_UNUSED)
{
    double small = xb_rank_detectable(20, 20, 0.05, 0.8);
    double large = xb_rank_detectable(200, 200, 0.05, 0.8);
    assert_true(fabs(small - 0.909 * sqrt(M_PI / 3)) < 0.03);
    assert_true(fabs(large - 0.2809 * sqrt(M_PI / 3)) < 0.003);
    assert_true(xb_rank_detectable(20, 20, 0.05 / 12, 0.8) > small);
}

static void test_spread(void **state XB_UNUSED)
{
    near("pooled", xb_pooled_sd((double[]){1, 3}, 2, (double[]){10, 10, 16}, 3), sqrt(26 / 3.0));
}

/* The normal distribution takes over where the exact one ends, without a jump. */
static void test_no_jump(void **state XB_UNUSED)
{
    double a[50], b[50];
    for (size_t i = 0; i < 50; i++) {
        a[i] = (double)i;
        b[i] = (double)i + 10.5;
    }
    struct xb_rank exact = xb_rank_of(a, 49, b, 49, 0.95), normal = xb_rank_of(a, 50, b, 50, 0.95);
    assert_true(exact.exact && !normal.exact);
    assert_true(fabs(exact.p - normal.p) < 0.002);
    assert_true(fabs(exact.low - normal.low) < 1 && fabs(exact.coverage - normal.coverage) < 0.002);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_r_has_it), cmocka_unit_test(test_too_few),
        cmocka_unit_test(test_nothing),     cmocka_unit_test(test_detectable),
        cmocka_unit_test(test_spread),      cmocka_unit_test(test_no_jump),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
