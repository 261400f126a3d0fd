/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "selftest_i.h"

#include "alloc.h"
#include "files.h"
#include "selftest_record.h"

#include <string.h>

#define PUSHED_MB 4
#define ONE XB_SELFTEST_1
#define THREE XB_SELFTEST_THREE

const char *const xb_selftest_guests[XB_SELFTEST_GUESTS] = {"selftest-1", "selftest-2",
                                                            "selftest-3", "selftest-4"};

/* The fourth guest is only for the bench, which also needs room for files in the first. */
#define MEMORY "256M"
#define LARGE_MEMORY "768M"

size_t xb_selftest_guest_count(const struct xb_selftest *test)
{
    return test->options->bench ? XB_SELFTEST_GUESTS : 3;
}

static int make(struct xb_selftest *test, struct xb_err *err)
{
    const char *type = xb_guest_type_words[test->options->type];
    size_t count = xb_selftest_guest_count(test);
    for (size_t i = 0; i < count; i++) {
        const char *name = xb_selftest_guests[i];
        bool large = i == 0 && test->options->bench;
        if (XB_SELFTEST_RUN(test, NULL, NULL, err, "xenbench", "guest", "create", name, "--image",
                            test->options->image, "--memory", large ? LARGE_MEMORY : MEMORY,
                            test->options->type ? "--type" : NULL, type) < 0 ||
            xb_selftest_record_guest(test->app, test->record, name, err) < 0)
            return -1;
    }
    return 0;
}

static int boot(struct xb_selftest *test, struct xb_err *err)
{
    return XB_SELFTEST_RUN(test, NULL, NULL, err, "xenbench", "guest", "start", "--wait", THREE);
}

static int command(struct xb_selftest *test, struct xb_err *err)
{
    xb_auto_free char *out = NULL;
    if (XB_SELFTEST_RUN(test, NULL, &out, err, "xenbench", "exec", ONE, "--", "echo",
                        "it answers") < 0 ||
        XB_SELFTEST_RUN(test, NULL, NULL, err, "xenbench", "exec", "--together", THREE, "--",
                        "true") < 0)
        return -1;
    if (strcmp(out, "it answers\n") != 0)
        return xb_fail(err, XB_E_BENCH, 0,
                       "the output of a command in %s differs from what it "
                       "wrote",
                       ONE);
    return 0;
}

static int copy(struct xb_selftest *test, struct xb_err *err)
{
    char here[PATH_MAX], back[PATH_MAX];
    if (xb_path(back, sizeof(back), err, "%s/back", test->dir) < 0 ||
        xb_selftest_file(test, PUSHED_MB, here, err) < 0 ||
        XB_SELFTEST_RUN(test, NULL, NULL, err, "xenbench", "push", ONE, here, "/tmp/selftest") <
            0 ||
        XB_SELFTEST_RUN(test, NULL, NULL, err, "xenbench", "pull", ONE, "/tmp/selftest", back) < 0)
        return -1;
    return XB_SELFTEST_RUN(test, NULL, NULL, err, "cmp", here, back);
}

static int experiment(struct xb_selftest *test, struct xb_err *err)
{
    char store[PATH_MAX];
    if (xb_path(store, sizeof(store), err, "%s/store", test->dir) < 0)
        return -1;
    return XB_SELFTEST_RUN(test, NULL, NULL, err, "xenbench", "run", "--quiet", "--store", store,
                           "--repetitions", "3", "--guests", THREE, "--", "true");
}

static int checkpoint(struct xb_selftest *test, struct xb_err *err)
{
    char file[PATH_MAX];
    if (xb_path(file, sizeof(file), err, "%s/checkpoint", test->dir) < 0 ||
        XB_SELFTEST_RUN(test, NULL, NULL, err, "xenbench", "guest", "checkpoint", ONE, file) < 0 ||
        XB_SELFTEST_RUN(test, NULL, NULL, err, "xenbench", "guest", "restore", "--wait", file) < 0)
        return -1;
    return XB_SELFTEST_RUN(test, NULL, NULL, err, "xenbench", "exec", ONE, "--", "true");
}

static int stop(struct xb_selftest *test, struct xb_err *err)
{
    return XB_SELFTEST_RUN(test, NULL, NULL, err, "xenbench", "guest", "stop", THREE);
}

static const struct {
    const char *what;
    int (*fn)(struct xb_selftest *test, struct xb_err *err);
} steps[] = {
    {"guests are made from the image", make},
    {"three boot, and their agents answer", boot},
    {"a command runs in one, and in all at one instant", command},
    {"a file comes back as it was sent", copy},
    {"an experiment runs in all three", experiment},
    {"one is written to a checkpoint and continues from it", checkpoint},
    {"they shut down when asked to", stop},
};

int xb_selftest_steps(struct xb_selftest *test, struct xb_err *err)
{
    bool shown = !test->options->json || strcmp(test->options->json, "-") != 0;
    for (size_t i = 0; i < XB_ARRAY_LEN(steps); i++) {
        uint64_t began_ns = xb_now_ns();
        xb_progress_now(&test->progress, "step %zu of %zu: %s", i + 1, XB_ARRAY_LEN(steps),
                        steps[i].what);
        if (steps[i].fn(test, err) < 0)
            return xb_fail_context(err, "step %zu of %zu, \"%s\"", i + 1, XB_ARRAY_LEN(steps),
                                   steps[i].what);
        double seconds = (double)(xb_now_ns() - began_ns) / 1e9;
        json_array_append_new(test->steps,
                              json_pack("{s:s, s:f}", "step", steps[i].what, "seconds", seconds));
        xb_progress_end(&test->progress);
        if (shown)
            printf("ok  %-54s %7.2f s\n", steps[i].what, seconds);
        fflush(stdout);
    }
    return 0;
}
