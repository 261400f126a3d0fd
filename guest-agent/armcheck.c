/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "armcheck.h"

#include "base.h"
#include "frame.h"
#include "rlimit.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

static bool is_string(const ProtobufCBinaryData *bytes)
{
    return memchr(bytes->data ? bytes->data : (const uint8_t *)"", '\0', bytes->len) == NULL;
}

static int check_strings(const char *what, const ProtobufCBinaryData *list, size_t count,
                         struct xb_err *err)
{
    if (count > XB_ARGS_MAX)
        return xb_fail(err, XB_E_INPUT, E2BIG, "%zu entries in %s, the limit is %d", count, what,
                       XB_ARGS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (!is_string(&list[i]))
            return xb_fail(err, XB_E_INPUT, EINVAL, "%s[%zu] contains a NUL byte", what, i);
    }
    return 0;
}

static int check_path(const char *what, const ProtobufCBinaryData *path, struct xb_err *err)
{
    if (!is_string(path) || path->len >= PATH_MAX)
        return xb_fail(err, XB_E_INPUT, EINVAL,
                       "%s is not a path: it contains a NUL byte or is too long", what);
    return 0;
}

static int check_env(const Xb__Arm *arm, struct xb_err *err)
{
    if (check_strings("env", arm->env, arm->n_env, err) < 0)
        return -1;
    for (size_t i = 0; i < arm->n_env; i++) {
        const ProtobufCBinaryData *entry = &arm->env[i];
        if (entry->len == 0 || entry->data[0] == '=' || !memchr(entry->data, '=', entry->len))
            return xb_fail(err, XB_E_INPUT, EINVAL, "env[%zu] is not NAME=VALUE", i);
    }
    return 0;
}

static int check_limits(const Xb__Arm *arm, struct xb_err *err)
{
    if (arm->n_rlimits > XB_RLIMITS_MAX)
        return xb_fail(err, XB_E_INPUT, E2BIG, "%zu limits", arm->n_rlimits);
    for (size_t i = 0; i < arm->n_rlimits; i++) {
        const Xb__Rlimit *limit = arm->rlimits[i];
        if (xa_rlimit_by_name(limit->name) < 0)
            return xb_fail(err, XB_E_INPUT, EINVAL, "limit '%.32s' is not known", limit->name);
        if (limit->soft > limit->hard)
            return xb_fail(err, XB_E_INPUT, EINVAL,
                           "limit %s has a soft value above its hard "
                           "value",
                           limit->name);
    }
    return 0;
}

/* The agent, perhaps as root, removes a job's own standard input: its path must be unambiguous. */
static int check_stdin(const Xb__Arm *arm, struct xb_err *err)
{
    if (check_path("the standard input", &arm->stdin_path, err) < 0)
        return -1;
    if (arm->stdin_remove && (arm->stdin_path.len == 0 || arm->stdin_path.data[0] != '/'))
        return xb_fail(err, XB_E_INPUT, EINVAL,
                       "a standard input to be removed needs an absolute path");
    if (arm->stdin_stream &&
        (arm->stdin_path.len > 0 || arm->output != XB__OUTPUT_MODE__OUTPUT_STREAM))
        return xb_fail(err, XB_E_INPUT, EINVAL,
                       "streamed input needs streamed output, and excludes other input");
    return 0;
}

static int check_terminal(const Xb__Arm *arm, struct xb_err *err)
{
    const Xb__Terminal *terminal = arm->terminal;
    if (!terminal)
        return 0;
    if (!arm->stdin_stream)
        return xb_fail(err, XB_E_INPUT, EINVAL, "a terminal needs streamed input");
    if (!is_string(&terminal->type) || terminal->type.len > XB_TOKEN_MAX)
        return xb_fail(err, XB_E_INPUT, EINVAL, "the terminal's type is not a word");
    return 0;
}

static int check_output(const Xb__Arm *arm, struct xb_err *err)
{
    if (arm->output != XB__OUTPUT_MODE__OUTPUT_KEEP &&
        arm->output != XB__OUTPUT_MODE__OUTPUT_STREAM)
        return xb_fail(err, XB_E_INPUT, EINVAL, "output mode %d is not known", (int)arm->output);
    if (arm->keep_bytes > XB_KEEP_BYTES_MAX)
        return xb_fail(err, XB_E_INPUT, EINVAL, "%llu bytes of output to keep, the limit is %zu",
                       (unsigned long long)arm->keep_bytes, XB_KEEP_BYTES_MAX);
    return 0;
}

int xa_arm_check(const Xb__Arm *arm, struct xb_err *err)
{
    if (arm->n_argv == 0 || arm->argv[0].len == 0)
        return xb_fail(err, XB_E_INPUT, EINVAL, "no command");
    if (strlen(arm->token) > XB_TOKEN_MAX)
        return xb_fail(err, XB_E_INPUT, EINVAL, "the token is longer than %d bytes", XB_TOKEN_MAX);
    if (check_strings("argv", arm->argv, arm->n_argv, err) < 0 || check_env(arm, err) < 0 ||
        check_path("the working directory", &arm->cwd, err) < 0 ||
        check_path("the user", &arm->user, err) < 0 || check_stdin(arm, err) < 0 ||
        check_terminal(arm, err) < 0 || check_limits(arm, err) < 0)
        return -1;
    return check_output(arm, err);
}
