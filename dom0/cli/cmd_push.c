#include "alloc.h"
#include "base.h"
#include "guest_names.h"
#include "interrupt.h"
#include "options.h"
#include "push_all.h"

#include <string.h>

#define CONNECT_TIMEOUT_NS (60 * XB_NS_PER_S)

struct push_options {
    char *words[3];
    size_t word_count;
    uint64_t connect_timeout_ns;
};

enum { OPTION_CONNECT = 0x100 };

static const struct argp_option options[] = {
    {"connect-timeout", OPTION_CONNECT, "SECONDS", 0,
     "How long to wait for the agents, and for a measurement in a guest to end (default: 60)", 0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct push_options *out = state->input;
    switch (key) {
    case OPTION_CONNECT:
        if (!xb_option_seconds(value, &out->connect_timeout_ns))
            argp_error(state, "--connect-timeout=%s: not a number of seconds", value);
        return 0;
    case ARGP_KEY_ARG:
        if (out->word_count == XB_ARRAY_LEN(out->words))
            argp_error(state, "more than guests, a source and a destination");
        out->words[out->word_count++] = value;
        return 0;
    case ARGP_KEY_END:
        if (out->word_count < XB_ARRAY_LEN(out->words))
            argp_error(state, "guests, a source and a destination are needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_option,
    .args_doc = "GUEST[,GUEST...] SOURCE DESTINATION",
    .doc = "Copy a file into one or more guests, into all of them at the same time.\v"
           "DESTINATION is an absolute path in the guest; one that ends in / keeps the source's "
           "name. The file "
           "keeps its mode, belongs to root, and appears under its name when it is whole and its "
           "checksum is right.\n\n"
           "  xenbench push web1,web2 clip.y4m /root/",
};

/* A destination that ends in / means: in there, under the source's own name. */
static char *full_destination(const char *src, const char *dst)
{
    const char *slash = strrchr(src, '/');
    bool into = *dst && dst[strlen(dst) - 1] == '/';
    return xb_asprintf("%s%s", dst, into ? (slash ? slash + 1 : src) : "");
}

static int push_file(struct xb_app *app, const struct push_options *o, int stop_fd,
                     struct xb_err *err)
{
    xb_auto_guest_names struct xb_guest_names guests = {0};
    xb_auto_free char *dst = full_destination(o->words[1], o->words[2]);
    if (xb_guest_names_parse(&guests, o->words, 1, err) < 0)
        return -1;
    struct xb_push push = {
        .src = o->words[1], .dst = dst, .connect_timeout_ns = o->connect_timeout_ns};
    return xb_push_all(app, &push, guests.name, guests.count, stop_fd, err);
}

int xb_cmd_push(struct xb_app *app, int argc, char **argv)
{
    struct push_options o = {.connect_timeout_ns = CONNECT_TIMEOUT_NS};
    xb_options_parse(&parser, argc, argv, &o);
    int stop_fd = xb_interrupt_open(&app->err);
    if (stop_fd >= 0)
        push_file(app, &o, stop_fd, &app->err);
    xb_interrupt_close(stop_fd);
    return (int)app->err.class;
}
