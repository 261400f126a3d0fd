/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench exec`.
 */
#include "alloc.h"
#include "base.h"
#include "commands.h"
#include "exec.h"

#include <argp.h>
#include <string.h>

struct request {
    struct xb_exec_options exec;
    struct xb_words guests, env, limits;
    Xb__Rlimit *rlimits;
};

static void take_our_stdin(struct argp_state *state, char *value, void *out)
{
    (void)state;
    (void)value;
    ((struct request *)out)->exec.stdin_file = "-";
}

static const struct xb_opt rows[] = {
    OPT_HEADING("The command's environment:"),
    OPT_STRINGS(struct request, env, "env", 'e', "NAME=VALUE",
                "Set an environment variable; may be repeated"),
    OPT_STRING(struct request, exec.cwd, "cwd", 'C', "DIR",
               "Start the command in DIR (default: its user's home directory)"),
    OPT_STRING(struct request, exec.user, "user", 'u', "NAME",
               "Run the command as this user of the guest (default: root)"),
    OPT_STRING(struct request, exec.stdin_file, "stdin", 0, "FILE",
               "The command's input (default: /dev/null)"),
    OPT_CALL(take_our_stdin, "interactive", 'i', NULL,
             "Pass xenbench's stdin to the command as it comes: short for --stdin=-"),
    OPT_TRUE(struct request, exec.terminal, "tty", 't',
             "Give the command a terminal; implies -i and --raw, so the guest can send anything to "
             "your terminal. Enter ~ . kills the command and leaves"),
    OPT_STRINGS(struct request, limits, "rlimit", 0, "NAME=SOFT[:HARD]",
                "Set a limit by prlimit(1)'s name (nofile, as, core ...): a number, with K, M, G "
                "or T, or unlimited"),
    OPT_TIMEOUT(struct request, exec.timeout_ns,
                "Kill the command, and all that it started, after this time: the status is 124"),
    OPT_HEADING("Several guests:"),
    OPT_TRUE(struct request, exec.together, "together", 0,
             "Start the command in all guests at one instant, by their calibrated clocks"),
    OPT_VALUE(struct request, exec.prefix, "prefix", 0, XB_PREFIX_ON,
              "Put the guest's name before each line (default with several guests)"),
    OPT_VALUE(struct request, exec.prefix, "no-prefix", 0, XB_PREFIX_OFF,
              "Put no name before lines, and pass output on as it comes"),
    OPT_CONNECT_TIMEOUT(struct request, exec.connect_timeout_ns),
    OPT_HEADING("Output:"),
    OPT_TRUE(struct request, exec.raw, "raw", 'r',
             "Pass control characters on to a terminal (default: shown as \\xHH, since guests are "
             "not trusted)"),
    OPT_TRUE(struct request, exec.json, "json", 'j',
             "Print one JSON object per guest: status, measurements, and output (up to 1 MiB of "
             "each stream)"),
    OPT_END,
};

static bool read_limit(const char *text, uint64_t *out)
{
    if (strcmp(text, "unlimited") != 0)
        return xb_read_bytes(text, out);
    *out = UINT64_MAX;
    return true;
}

/* Cut NAME=SOFT[:HARD] into its parts. */
static bool split_rlimit(char *text, Xb__Rlimit *out)
{
    char *soft = strchr(text, '=');
    if (!soft || soft == text)
        return false;
    *soft++ = '\0';
    char *hard = strchr(soft, ':');
    if (hard)
        *hard++ = '\0';
    out->name = text;
    return read_limit(soft, &out->soft) && read_limit(hard ? hard : soft, &out->hard);
}

static void read_limits(struct argp_state *state, struct request *r)
{
    size_t count = r->limits.count;
    r->rlimits = xb_calloc(count + 1, sizeof(*r->rlimits));
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): protobuf-c takes an array of pointers */
    r->exec.rlimits = xb_calloc(count + 1, sizeof(*r->exec.rlimits));
    for (size_t i = 0; i < count; i++) {
        xb__rlimit__init(&r->rlimits[i]);
        r->exec.rlimits[i] = &r->rlimits[i];
        if (!split_rlimit(r->limits.v[i], &r->rlimits[i]))
            argp_error(state, "--rlimit: as nofile=1024 or nofile=1024:4096 or as=2G");
    }
    r->exec.rlimit_count = count;
}

static void check(struct argp_state *state, void *out)
{
    struct request *r = out;
    for (size_t i = 0; i < r->env.count; i++)
        if (!strchr(r->env.v[i], '=') || r->env.v[i][0] == '=')
            argp_error(state, "--env=%s: as NAME=VALUE", r->env.v[i]);
    read_limits(state, r);
    if (!r->exec.argv || !r->exec.argv[0])
        argp_error(state, "no command: put -- between the guests and the command");
    if (!r->exec.argv[0][0])
        argp_error(state, "the command is an empty word");
    if (r->exec.terminal && !r->exec.stdin_file)
        r->exec.stdin_file = "-";
    r->exec.raw |= r->exec.terminal;
    r->exec.env = r->env.v;
}

const struct xb_opts xb_opts_exec = {
    .rows = rows,
    .words = OPT_WORDS(struct request, guests, 1, XB_OPT_MANY, "no guest is named"),
    .check = check,
    .args = "GUEST[,GUEST...]... -- COMMAND [ARGUMENT...]",
    .doc =
        "Run COMMAND in one or more guests, and print its output."
        "\v"
        "Exit status with one guest: the command's own; 128 + n if signal n ended the command, 124 "
        "after --timeout, 126 if it could not be run, 127 if it was not found. With several "
        "guests: 0 if all are 0, else 1. If xenbench itself fails, it says so on stderr, and the "
        "status is 2 (usage) or 3 (no agent, a lost guest, the toolstack); a command can return "
        "these too, so a script that must tell them apart uses --json.\n\n"
        "Ctrl-C, SIGTERM, SIGHUP and SIGQUIT are passed on to the command in each guest, which may "
        "handle them or go on. If a guest's agent (of a paused guest, too) does not answer "
        "within 1.5 s then, or later within 10 s, exec says so and does not wait for that guest; the "
        "status is 128 + n. A second signal kills the command and ends exec within 2 s, whatever the "
        "guests do; a third leaves at once. With -i every guest's command gets all of xenbench's "
        "stdin.\n\n"
        "  xenbench exec web1 -- uname -a\n"
        "  xenbench exec -t web1 -- bash\n"
        "  tar c . | xenbench exec -i web1,web2 -- tar x -C /srv\n"
        "  xenbench exec web1,web2 --together -- sysbench cpu run",
};

/* The index of the first "--"; all words after it belong to the command. */
static int find_separator(int argc, char **argv)
{
    int i = 1;
    while (i < argc && strcmp(argv[i], "--") != 0)
        i++;
    return i;
}

static int exec(struct xb_app *app, struct request *r, struct xb_err *err)
{
    struct xb_exec_options *exec = &r->exec;
    if (xb_guest_names_parse(&exec->guests, r->guests.v, r->guests.count, err) < 0)
        return XB_E_INPUT;
    if (exec->terminal && exec->guests.count > 1)
        return xb_fail(err, XB_E_INPUT, 0, "-t is for one guest, and %zu are named",
                       exec->guests.count),
               XB_E_INPUT;
    return xb_exec(app, exec, err);
}

int xb_cmd_exec(struct xb_app *app, int argc, char **argv)
{
    struct request r = {.exec.connect_timeout_ns = XB_CONNECT_TIMEOUT_NS};
    int separator = find_separator(argc, argv);
    if (separator < argc) {
        r.exec.argv = argv + separator + 1;
        argv[separator] = NULL; /* ends the words before it */
    }
    xb_opts_parse(&xb_opts_exec, separator, argv, &r);
    int status = exec(app, &r, &app->err);
    free(r.exec.rlimits);
    free(r.rlimits);
    xb_words_free(&r.env);
    xb_words_free(&r.limits);
    xb_guest_names_clear(&r.exec.guests);
    return status;
}
