/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options as rows of data: what rows parse, and rules that all commands' rows obey. */
#include "base.h"
#include "commands.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_numbers(void **state)
{
    (void)state;
    uint64_t n = 0;
    assert_true(xb_read_seconds("2", &n) && n == 2000000000);
    assert_true(xb_read_seconds("0.25", &n) && n == 250000000);
    static const char *const bad_seconds[] = {"", "0", "-1", "nan", "inf", "1s", "1e99", "1e-12"};
    for (size_t i = 0; i < sizeof(bad_seconds) / sizeof(bad_seconds[0]); i++)
        assert_false(xb_read_seconds(bad_seconds[i], &n));
    assert_true(xb_read_bytes("0", &n) && n == 0);
    assert_true(xb_read_bytes("3K", &n) && n == 3072);
    assert_true(xb_read_bytes("2T", &n) && n == UINT64_C(2) << 40);
    assert_true(xb_read_bytes("18446744073709551615", &n) && n == UINT64_MAX);
    static const char *const bad_bytes[] = {
        "",   "-1",  "+1", "K", "1KB", "1k", "18446744073709551616", "18446744073709551615K",
        " 1", "0x10"};
    for (size_t i = 0; i < sizeof(bad_bytes) / sizeof(bad_bytes[0]); i++)
        assert_false(xb_read_bytes(bad_bytes[i], &n));
}

struct request {
    bool json, compress;
    uint64_t timeout_ns, bytes;
    int level, kind, side;
    const char *file;
    struct xb_words sets, names;
};

static const char *const kinds[] = {"small", "large", NULL};

static const struct xb_opt rows[] = {
    OPT_JSON(struct request, json),
    OPT_FALSE(struct request, compress, "no-compress", 0, "Do not compress"),
    OPT_TIMEOUT(struct request, timeout_ns, "How long"),
    OPT_BYTES(struct request, bytes, "size", 's', 1, "How large"),
    OPT_ZSTD(struct request, level, -7, 19),
    OPT_WORD(struct request, kind, "kind", kinds, 1, "Which kind"),
    OPT_VALUE(struct request, side, "left", 0, 7, "The left side"),
    OPT_STRING(struct request, file, "file", 0, "FILE", "Which file"),
    OPT_STRINGS(struct request, sets, "set", 0, "KEY=VALUE", "What to set"),
    OPT_END,
};

static const struct xb_opts opts = {
    .rows = rows,
    .words = OPT_WORDS(struct request, names, 0, XB_OPT_MANY, NULL),
};

/* Each kind of row sets its member; words may stand among options and after --. */
static void test_rows_fill_the_request(void **state)
{
    (void)state;
    struct request r = {.compress = true};
    char *argv[] = {
        "x",      "a",      "-j",     "--set",   "a=1",    "--no-compress", "--timeout=2",
        "-s4K",   "b",      "--zstd", "-3",      "--left", "--kind=large",  "--file",
        "--json", "--set=", "--",     "--other", NULL};
    xb_opts_parse(&opts, (int)XB_ARRAY_LEN(argv) - 1, argv, &r);
    assert_true(r.json && !r.compress);
    assert_int_equal(r.timeout_ns, 2000000000);
    assert_int_equal(r.bytes, 4096);
    assert_int_equal(r.level, -3);
    assert_int_equal(r.kind, 2);
    assert_int_equal(r.side, 7);
    assert_string_equal(r.file, "--json");
    assert_int_equal(r.sets.count, 2);
    assert_string_equal(r.sets.v[0], "a=1");
    assert_string_equal(r.sets.v[1], "");
    assert_null(r.sets.v[2]);
    assert_int_equal(r.names.count, 3);
    assert_string_equal(r.names.v[0], "a");
    assert_string_equal(r.names.v[1], "b");
    assert_string_equal(r.names.v[2], "--other");
    assert_string_equal(argv[0], "x");
    xb_words_free(&r.sets);
}

static void test_no_words_end_with_null(void **state)
{
    (void)state;
    struct request r = {0};
    char *argv[] = {"x", "-j", NULL};
    xb_opts_parse(&opts, 2, argv, &r);
    assert_int_equal(r.names.count, 0);
    assert_null(r.names.v[0]);
}

typedef void row_fn(const char *command, const struct xb_opt *row, void *arg);

static void each_row(const struct xb_verb *verbs, row_fn *fn, void *arg)
{
    for (; verbs->name; verbs++) {
        if (verbs->verbs)
            each_row(verbs->verbs, fn, arg);
        for (const struct xb_opt *row = verbs->opts ? verbs->opts->rows : NULL;
             row && row->kind != XB_OPT_END; row++)
            if (row->kind != XB_OPT_HEADING)
                fn(verbs->name, row, arg);
    }
}

static void check_letter(const char *command, const struct xb_opt *row, void *arg)
{
    const char **meanings = arg;
    if (!row->letter)
        return;
    assert_true(isalpha(row->letter));
    if (meanings[row->letter] && strcmp(meanings[row->letter], row->name) != 0)
        fail_msg("%s: -%c is --%s here and --%s elsewhere", command, row->letter, row->name,
                 meanings[row->letter]);
    meanings[row->letter] = row->name;
}

/* A letter has the same meaning in all commands. */
static void test_a_letter_means_one_thing(void **state)
{
    (void)state;
    const char *meanings[128] = {NULL};
    char line[64], readme[16384];
    FILE *file = fopen(XB_TEST_DATA "/../../dom0/README.md", "r");
    assert_non_null(file);
    readme[fread(readme, 1, sizeof(readme) - 1, file)] = '\0';
    fclose(file);
    each_row(xb_commands, check_letter, meanings);
    for (size_t letter = 0; letter < XB_ARRAY_LEN(meanings); letter++) {
        snprintf(line, sizeof(line), "| `-%c` | `--%s` |", (char)letter,
                 meanings[letter] ? meanings[letter] : "");
        if (meanings[letter] && !strstr(readme, line))
            fail_msg("dom0/README.md lacks: %s", line);
    }
}

static void check_row(const char *command, const struct xb_opt *row, void *arg)
{
    char buf[XB_OPT_ARG_BYTES];
    size_t length = strlen(row->help);
    (void)arg;
    if (!row->name || !isupper((unsigned char)row->help[0]) || row->help[length - 1] == '.')
        fail_msg("%s --%s: \"%s\" begins with a capital and ends without a full stop", command,
                 row->name ? row->name : "?", row->help);
    /* If the name of the option's value was truncated, buf is full. */
    assert_true(!xb_opt_arg(row, buf) || strlen(buf) < sizeof(buf) - 1);
}

static void test_help_has_one_style(void **state)
{
    (void)state;
    each_row(xb_commands, check_row, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_rows_fill_the_request),
        cmocka_unit_test(test_no_words_end_with_null),
        cmocka_unit_test(test_a_letter_means_one_thing),
        cmocka_unit_test(test_help_has_one_style),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
