/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that is freed all at once. */
#include "arena.h"
#include "base.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static void test_arrays_grow_side_by_side(void **state)
{
    (void)state;
    xb_auto_arena struct xb_arena arena = {0};
    int *squares = NULL;
    char **words = NULL;
    size_t square_count = 0, word_count = 0;
    for (int i = 0; i < 1000; i++) {
        int *square = xb_arena_grow(&arena, &squares, &square_count, sizeof(*square));
        assert_int_equal(*square, 0);
        *square = i * i;
        char **word = xb_arena_grow(&arena, &words, &word_count, sizeof(*word));
        assert_null(*word);
        *word = xb_arena_strdup(&arena, i % 2 ? "odd" : "even");
    }
    assert_int_equal(square_count, 1000);
    assert_int_equal(word_count, 1000);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(squares[i], i * i);
        assert_string_equal(words[i], i % 2 ? "odd" : "even");
    }
}

static void test_what_is_not_there(void **state)
{
    (void)state;
    struct xb_arena arena = {0};
    assert_null(xb_arena_strdup(&arena, NULL));
    assert_non_null(xb_arena_alloc(&arena, 0, 8));
    xb_arena_free(&arena);
    xb_arena_free(&arena);
    assert_int_equal(arena.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arrays_grow_side_by_side),
        cmocka_unit_test(test_what_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
