/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "metric_search.h"

#include "base.h"
#include "child.h"
#include "sandbox.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define SEARCH_MAX_S 5
#define STATUS_NOT_LOCKED 3 /* the child's exit status */

void *xb_search_shared(size_t bytes, struct xb_err *err)
{
    void *shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared != MAP_FAILED)
        return shared;
    xb_fail(err, XB_E_HOST, errno, "search what a job wrote");
    return NULL;
}

struct apart {
    void (*search)(void *arg);
    void *arg;
};

static int search_in_child(void *arg)
{
    const struct apart *apart = arg;
    const struct xb_sandbox sandbox = {.profile = XB_SANDBOX_READER};
    struct rlimit limit = {SEARCH_MAX_S, SEARCH_MAX_S};
    setrlimit(RLIMIT_CPU, &limit);
    if (xb_sandbox_enter(&sandbox, NULL) < 0)
        return STATUS_NOT_LOCKED;
    apart->search(apart->arg);
    return 0;
}

int xb_search_apart(void (*search)(void *arg), void *arg, size_t bytes, struct xb_err *err)
{
    struct apart apart = {search, arg};
    const struct xb_child_spec spec = {
        .main = search_in_child,
        .arg = &apart,
        .in = XB_CHILD_NULL,
        .out = XB_CHILD_NULL,
        .err = XB_SANDBOX_SANITIZED ? XB_CHILD_OURS : XB_CHILD_NULL, /* it reports there */
    };
    int status = xb_child_run(&spec, err);
    if (status < 0)
        return xb_fail_context(err, "search what a job wrote");
    if (status == STATUS_NOT_LOCKED)
        return xb_fail(err, XB_E_HOST, 0,
                       "the process that searches what a job wrote could not be locked down");
    if (status > 0)
        return xb_fail(
            err, XB_E_BENCH, 0,
            "its %zu bytes could not be searched for the pattern within %d s of CPU time: "
            "begin the pattern with a word that occurs in that line only",
            bytes, SEARCH_MAX_S);
    return 0;
}

int xb_search_fail_answer(struct xb_err *err)
{
    return xb_fail(err, XB_E_HOST, 0,
                   "the process that searches what a job wrote gave a wrong answer");
}

const char *xb_shown(const char *text, size_t bytes, struct xb_shown *out)
{
    struct xb_escape escape = {0};
    bool cut = bytes > XB_SHOWN_BYTES;
    size_t n =
        xb_escape(&escape, (const uint8_t *)text, cut ? XB_SHOWN_BYTES : bytes, true, out->text);
    snprintf(out->text + n, sizeof(out->text) - n, "%s", cut ? "..." : "");
    return out->text;
}
