/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Without memory the process ends with a message and status 3. */
#include "alloc.h"
#include "err.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

/* Make an impossible request return NULL, as it does without the sanitizer. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static volatile size_t too_much = SIZE_MAX / 4;

static void too_large(void)
{
    free(xb_malloc(too_much));
}

static void too_large_zeroed(void)
{
    free(xb_calloc(too_much, 1));
}

static void too_many(void)
{
    free(xb_reallocarray(NULL, too_much, 16));
}

/* The product overflows size_t. */
static void overflow(void)
{
    free(xb_calloc(too_much, 16));
}

static void library_has_none(void)
{
    char *volatile none = NULL;
    assert_non_null(xb_need((char *)none));
}

static void assert_ends(void (*attempt)(void))
{
    char said[256] = "";
    int ends[2], status;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        attempt();
        _exit(0);
    }
    close(ends[1]);
    for (size_t used = 0; used < sizeof(said) - 1;) {
        ssize_t n = read(ends[0], said + used, sizeof(said) - 1 - used);
        if (n <= 0)
            break;
        used += (size_t)n;
    }
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), XB_E_HOST);
    assert_non_null(strstr(said, "xenbench: no memory left"));
}

static void test_no_memory_ends_the_process(void **state)
{
    (void)state;
    void (*const attempts[])(void) = {too_large, too_large_zeroed, too_many, overflow,
                                      library_has_none};
    for (size_t i = 0; i < sizeof(attempts) / sizeof(*attempts); i++)
        assert_ends(attempts[i]);
}

/* An empty list needs no memory, so it must not look like a lack of memory. */
static void test_nothing_is_something(void **state)
{
    (void)state;
    void *none = xb_reallocarray(xb_calloc(0, 8), 0, 8);
    assert_non_null(none);
    free(none);
    free(xb_malloc(0));
}

static void test_texts(void **state)
{
    (void)state;
    char *text = xb_asprintf("%s, %d", "guest", 3), *cut = xb_strndup(text, 5);
    assert_string_equal(text, "guest, 3");
    assert_string_equal(cut, "guest");
    free(text);
    free(cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_memory_ends_the_process),
        cmocka_unit_test(test_nothing_is_something),
        cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
