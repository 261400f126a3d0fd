/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent.h"
#include "alloc.h"
#include "base.h"
#include "commands.h"
#include "copy_line.h"
#include "interrupt.h"

#include <string.h>
#include <sys/stat.h>

#define MAX_BYTES_DEFAULT (UINT64_C(1) << 30)

struct request {
    struct xb_words words; /* guest, source, destination */
    uint64_t connect_timeout_ns;
    uint64_t max_bytes;
};

static const struct xb_opt rows[] = {
    OPT_BYTES(struct request, max_bytes, "max-bytes", 0, 0,
              "Refuse a file larger than this: a number, with K, M, G or T (default: 1G)"),
    OPT_CONNECT_TIMEOUT(struct request, connect_timeout_ns),
    OPT_END,
};

const struct xb_opts xb_opts_pull = {
    .rows = rows,
    .words =
        OPT_WORDS(struct request, words, 3, 3, "a guest, a source and a destination are needed"),
    .args = "GUEST SOURCE DESTINATION",
    .doc = "Copy a file out of a guest.\v"
           "SOURCE is an absolute path in the guest. In a DESTINATION that is a directory the file "
           "keeps its name. A file gets its name, and replaces an existing file, once it is "
           "complete and its checksum is right; it keeps its mode, except setuid and the like. "
           "`-` is stdout; devices and pipes are written in place. A link is followed, and "
           "stays.\n\n"
           "  xenbench pull web1 /var/log/syslog web1.log",
};

/* A destination that is a directory means a file in it with the source's name. */
static char *full_destination(const char *src, const char *dst)
{
    const char *slash = strrchr(src, '/');
    struct stat st;
    bool into = stat(dst, &st) == 0 && S_ISDIR(st.st_mode);
    return xb_asprintf("%s%s%s", dst, into ? "/" : "", into ? (slash ? slash + 1 : src) : "");
}

static int pull(struct xb_app *app, const struct request *o, int stop_fd, struct xb_err *err)
{
    const char *name = o->words.v[0];
    xb_auto_free char *dst = full_destination(o->words.v[1], o->words.v[2]);
    struct xb_agent *agent;
    uint64_t deadline_ns = xb_now_ns() + o->connect_timeout_ns;
    if (xb_agents_connect(&agent, app, &name, 1, deadline_ns, stop_fd, err) < 0)
        return -1;
    struct xb_copy_line line;
    struct xb_progress progress = {.fn = xb_copy_line_draw, .arg = &line};
    xb_copy_line_begin(&line, name);
    struct xb_pull_limit limit = {.bytes = o->max_bytes, .way_out = "--max-bytes raises it"};
    int r = xb_agent_pull(agent, o->words.v[1], dst, limit, &progress, err);
    xb_copy_line_end(&line);
    xb_agent_free(agent);
    return r;
}

int xb_cmd_pull(struct xb_app *app, int argc, char **argv)
{
    struct request o = {.connect_timeout_ns = XB_CONNECT_TIMEOUT_NS,
                        .max_bytes = MAX_BYTES_DEFAULT};
    xb_opts_parse(&xb_opts_pull, argc, argv, &o);
    int stop_fd = xb_interrupt_open(&app->err);
    if (stop_fd >= 0)
        pull(app, &o, stop_fd, &app->err);
    xb_interrupt_close(stop_fd);
    return (int)app->err.class;
}
