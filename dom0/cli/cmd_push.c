/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc.h"
#include "base.h"
#include "commands.h"
#include "guest_names.h"
#include "interrupt.h"
#include "push_all.h"

#include <string.h>

struct request {
    struct xb_words words; /* guests, source, destination */
    uint64_t connect_timeout_ns;
};

static const struct xb_opt rows[] = {
    OPT_CONNECT_TIMEOUT(struct request, connect_timeout_ns),
    OPT_END,
};

const struct xb_opts xb_opts_push = {
    .rows = rows,
    .words =
        OPT_WORDS(struct request, words, 3, 3, "guests, a source and a destination are needed"),
    .args = "GUEST[,GUEST...] SOURCE DESTINATION",
    .doc = "Copy a file into one or more guests, all at the same time.\v"
           "DESTINATION is an absolute path in the guest; in one that ends in / the file keeps its "
           "name. The file keeps its mode, belongs to root, and appears under its name once it is "
           "complete and its checksum is right.\n\n"
           "  xenbench push web1,web2 clip.y4m /root/",
};

/* A destination that ends in / means a file in that directory with the source's name. */
static char *full_destination(const char *src, const char *dst)
{
    const char *slash = strrchr(src, '/');
    bool into = *dst && dst[strlen(dst) - 1] == '/';
    return xb_asprintf("%s%s", dst, into ? (slash ? slash + 1 : src) : "");
}

static int push_file(struct xb_app *app, const struct request *o, int stop_fd, struct xb_err *err)
{
    xb_auto_guest_names struct xb_guest_names guests = {0};
    xb_auto_free char *dst = full_destination(o->words.v[1], o->words.v[2]);
    if (xb_guest_names_parse(&guests, o->words.v, 1, err) < 0)
        return -1;
    struct xb_push push = {
        .src = o->words.v[1], .dst = dst, .connect_timeout_ns = o->connect_timeout_ns};
    return xb_push_all(app, &push, guests.name, guests.count, stop_fd, err);
}

int xb_cmd_push(struct xb_app *app, int argc, char **argv)
{
    struct request o = {.connect_timeout_ns = XB_CONNECT_TIMEOUT_NS};
    xb_opts_parse(&xb_opts_push, argc, argv, &o);
    int stop_fd = xb_interrupt_open(&app->err);
    if (stop_fd >= 0)
        push_file(app, &o, stop_fd, &app->err);
    xb_interrupt_close(stop_fd);
    return (int)app->err.class;
}
