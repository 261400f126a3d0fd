/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tool.h"

#include "alloc.h"
#include "base.h"
#include "child.h"
#include "escape.h"
#include "said.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>

#define OUTPUT_MAX (16 << 20)
#define STATUS_NOT_CONFINED 126

static char *read_all(int fd)
{
    off_t bytes = lseek(fd, 0, SEEK_END);
    if (bytes < 0 || bytes > OUTPUT_MAX)
        return NULL;
    char *text = xb_malloc((size_t)bytes + 1);
    ssize_t n = pread(fd, text, (size_t)bytes, 0);
    if (n < 0) {
        free(text);
        return NULL;
    }
    text[n] = '\0';
    return text;
}

/* With -v, show everything that a tool prints, whether it fails or not. */
static void show(const char *const argv[], const char *text)
{
    size_t bytes = strlen(text);
    xb_auto_free char *clean = xb_escaped(text);
    fputs("xenbench: ran", stderr);
    for (size_t i = 0; argv[i]; i++)
        fprintf(stderr, " %s", argv[i]);
    fprintf(stderr, "%s%s%s", bytes ? ", which says:\n" : "\n", clean,
            bytes && text[bytes - 1] != '\n' ? "\n" : "");
}

static void drop_lines(char *text, const char *prefix)
{
    char *to = text;
    for (char *line = text, *next; *line; line = next) {
        size_t length = strcspn(line, "\n");
        next = line + length + (line[length] == '\n');
        if (strncmp(line, prefix, strlen(prefix)) == 0)
            continue;
        memmove(to, line, (size_t)(next - line));
        to += next - line;
    }
    *to = '\0';
}

void xb_tool_words(const char *const argv[], int fd, const char *drop,
                   char said[XB_TOOL_SAID_BYTES])
{
    char nothing[] = "";
    xb_auto_free char *text = read_all(fd);
    if (getenv(XB_VERBOSE_ENV))
        show(argv, text ? text : nothing);
    if (text && drop)
        drop_lines(text, drop);
    xb_said(text ? text : nothing, said, XB_TOOL_SAID_BYTES);
}

bool xb_tool_find(const char *name, char out[PATH_MAX])
{
    const char *path = getenv("PATH");
    xb_auto_free char *folders = xb_asprintf("%s:/usr/sbin:/sbin", path ? path : "");
    char *rest = folders, *folder;
    while ((folder = strsep(&rest, ":")))
        if (*folder == '/' && snprintf(out, PATH_MAX, "%s/%s", folder, name) < PATH_MAX &&
            access(out, X_OK) == 0)
            return true;
    return false;
}

/* What the child needs to become the confined program. */
struct confined {
    const char *const *argv;
    const struct xb_tool_reach *reach;
    char program[PATH_MAX];
    const char *const *env;
};

static int become_confined(void *arg)
{
    const struct confined *c = arg;
    struct xb_err err = {0};
    for (const int *fd = c->reach->fds; fd && *fd >= 0; fd++)
        fcntl(*fd, F_SETFD, 0);
    for (const char *const *variable = c->env; *variable; variable++)
        putenv((char *)*variable);
    if (xb_sandbox_confine(c->program, c->reach->disk, &err) == 0) {
        execv(c->program, (char *const *)c->argv);
        xb_fail(&err, XB_E_HOST, errno, "execute %s", c->program);
    }
    dprintf(STDERR_FILENO, "%s\n", err.msg);
    return STATUS_NOT_CONFINED;
}

static int run(const struct xb_tool_reach *reach, const struct xb_child_spec *spec,
               struct xb_err *err)
{
    struct confined confined = {.argv = spec->argv, .reach = reach, .env = spec->env};
    if (!reach)
        return xb_child_run(spec, err);
    if (!xb_tool_find(spec->argv[0], confined.program))
        return xb_fail(err, XB_E_HOST, ENOENT, "find it");
    struct xb_child_spec there = *spec;
    there.argv = NULL;
    there.main = become_confined;
    there.arg = &confined;
    return xb_child_run(&there, err);
}

int xb_tool_status_within(const struct xb_tool_reach *reach, const char *const argv[], char **out,
                          char said[XB_TOOL_SAID_BYTES], struct xb_err *err)
{
    xb_auto_close int out_fd = out ? memfd_create("tool", MFD_CLOEXEC) : -1;
    xb_auto_close int said_fd = memfd_create("tool", MFD_CLOEXEC);
    if (said_fd < 0 || (out && out_fd < 0))
        return xb_fail(err, XB_E_HOST, errno, "cannot run %s", argv[0]);
    /* xenbench must understand the tool's messages. */
    static const char *const env[] = {"LC_ALL=C", "LVM_SUPPRESS_FD_WARNINGS=1", NULL};
    const struct xb_child_spec spec = {
        .argv = argv,
        .env = env,
        .in = XB_CHILD_NULL,
        .out = out ? out_fd : said_fd,
        .err = said_fd,
        .group = true,
        .kept = true,
    };
    struct xb_err cause = {0};
    int status = run(reach, &spec, &cause);
    if (status < 0 && cause.errnum == ENOENT)
        return xb_fail(err, XB_E_HOST, 0, "the program %s is missing (which package has it?)",
                       argv[0]);
    if (status < 0)
        return xb_fail(err, XB_E_HOST, cause.errnum, "cannot run %s", argv[0]);
    xb_tool_words(argv, said_fd, NULL, said);
    if (out && !(*out = read_all(out_fd)))
        return xb_fail(err, XB_E_HOST, 0, "%s says more than %d bytes, or it cannot be read",
                       argv[0], OUTPUT_MAX);
    return status;
}

int xb_tool_status(const char *const argv[], char **out, char said[XB_TOOL_SAID_BYTES],
                   struct xb_err *err)
{
    return xb_tool_status_within(NULL, argv, out, said, err);
}

static int require_success(const struct xb_tool_reach *reach, const char *const argv[], char **out,
                           struct xb_err *err, const char *what, va_list ap)
{
    char said[XB_TOOL_SAID_BYTES], purpose[300];
    int status = xb_tool_status_within(reach, argv, out, said, err);
    if (status == 0)
        return 0;
    vsnprintf(purpose, sizeof(purpose), what, ap);
    if (status < 0)
        return xb_fail_context(err, "cannot %s", purpose);
    if (out) {
        free(*out);
        *out = NULL;
    }
    return xb_fail(err, XB_E_HOST, 0, "cannot %s: %s", purpose, said);
}

int xb_tool(const char *const argv[], char **out, struct xb_err *err, const char *what, ...)
{
    va_list ap;
    va_start(ap, what);
    int r = require_success(NULL, argv, out, err, what, ap);
    va_end(ap);
    return r;
}

int xb_tool_within(const struct xb_tool_reach *reach, const char *const argv[], char **out,
                   struct xb_err *err, const char *what, ...)
{
    va_list ap;
    va_start(ap, what);
    int r = require_success(reach, argv, out, err, what, ap);
    va_end(ap);
    return r;
}
