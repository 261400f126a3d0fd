/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which guests a run removes before it begins, on a host that this file plays. */
#include "alloc.h"
#include "base.h"
#include "domain.h"
#include "guest_create.h"
#include "guest_list.h"
#include "run_guests.h"
#include "store_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define OURS "11111111-1111-4111-8111-111111111111"
#define OVER "22222222-2222-4222-8222-222222222222"
#define UNKNOWN "33333333-3333-4333-8333-333333333333"

static const char *const makers[] = {"", OURS, OVER, UNKNOWN};
static char removed[8]; /* the first letters of the guests that were removed */

/* The linker calls these instead of what asks a real Xen and a store (build.mk). */
__typeof__(xb_guest_list) __wrap_xb_guest_list;
__typeof__(xb_guest_exists) __wrap_xb_guest_exists;
__typeof__(xb_guest_destroy) __wrap_xb_guest_destroy;
__typeof__(xb_guest_remove) __wrap_xb_guest_remove;
__typeof__(xb_store_run_over) __wrap_xb_store_run_over;

int __wrap_xb_guest_list(struct xb_app *app XB_UNUSED, struct xb_guest_info **out, size_t *count,
                         struct xb_err *err XB_UNUSED)
{
    *count = XB_ARRAY_LEN(makers);
    *out = xb_calloc(*count, sizeof(**out));
    for (size_t i = 0; i < *count; i++) {
        (*out)[i].guest.name[0] = (char)('a' + i);
        snprintf((*out)[i].run, sizeof((*out)[i].run), "%s", makers[i]);
    }
    return 0;
}

bool __wrap_xb_guest_exists(struct xb_app *app XB_UNUSED, const char *name XB_UNUSED)
{
    return true;
}

int __wrap_xb_guest_destroy(struct xb_app *app XB_UNUSED, const char *name XB_UNUSED,
                            struct xb_err *err XB_UNUSED)
{
    return 0;
}

int __wrap_xb_guest_remove(struct xb_app *app XB_UNUSED, const char *name,
                           struct xb_err *err XB_UNUSED)
{
    strcat(removed, name);
    return 0;
}

int __wrap_xb_store_run_over(struct xb_store *store XB_UNUSED, const char *run,
                             struct xb_err *err XB_UNUSED)
{
    return strcmp(run, OVER) == 0;
}

static const char *sweep(bool alone)
{
    const struct xb_run_options options = {.alone = alone};
    struct xb_run run = {.options = &options, .id = OURS, .has_domains = true};
    struct xb_err err = {0};
    removed[0] = '\0';
    assert_int_equal(xb_run_guests_sweep(&run, &err), 0);
    return removed;
}

static void a_run_removes_guests_of_runs_that_are_over(void **state XB_UNUSED)
{
    assert_string_equal(sweep(false), "c");
}

static void a_run_that_is_alone_removes_all_other_runs_guests(void **state XB_UNUSED)
{
    assert_string_equal(sweep(true), "cd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_removes_guests_of_runs_that_are_over),
        cmocka_unit_test(a_run_that_is_alone_removes_all_other_runs_guests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
