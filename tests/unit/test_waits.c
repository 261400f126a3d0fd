/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a wait for guests shows on a terminal. */
#include "base.h"
#include "progress.h"
#include "waits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const names[] = {"a", "b", "c"};
static bool done[3];

static bool is_done(const void *arg XB_UNUSED, size_t i)
{
    return done[i];
}

/* What a look at the guests writes to stderr. */
static const char *shown(struct xb_waits *waits)
{
    static char text[512];
    FILE *file = tmpfile();
    assert_non_null(file);
    int kept = dup(STDERR_FILENO);
    assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
    xb_waits_tell(waits, is_done, NULL);
    fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    ssize_t n = pread(fileno(file), text, sizeof(text) - 1, 0);
    text[n < 0 ? 0 : n] = '\0';
    fclose(file);
    return text;
}

static void test_line(void **state XB_UNUSED)
{
    struct xb_progress_line line = {.terminal = true, .columns = 80};
    struct xb_app app = {.waits = &line};
    struct xb_waits waits =
        XB_WAITS(&app, "agents answer", names, 3, xb_now_ns() + 100 * XB_NS_PER_S);
    memset(done, 0, sizeof(done));
    const char *text = shown(&waits);
    assert_non_null(strstr(text, "0 of 3 agents answer, at most 1 min 40 s; waiting for a, b, c"));
    assert_string_equal(shown(&waits), ""); /* nothing is new */
    done[1] = true;
    assert_non_null(strstr(shown(&waits), "1 of 3 agents answer, at most 1 min "));
    done[0] = done[2] = true;
    assert_string_equal(shown(&waits), "");
}

static void test_where_nobody_looks(void **state XB_UNUSED)
{
    struct xb_progress_line file = {.terminal = false}, quiet = {.off = true, .terminal = true};
    struct xb_app apps[] = {{.waits = NULL}, {.waits = &file}, {.waits = &quiet}};
    memset(done, 0, sizeof(done));
    for (size_t i = 0; i < XB_ARRAY_LEN(apps); i++) {
        struct xb_waits waits = XB_WAITS(&apps[i], "agents answer", names, 3, UINT64_MAX);
        assert_string_equal(shown(&waits), "");
        xb_waits_end(&waits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_where_nobody_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
