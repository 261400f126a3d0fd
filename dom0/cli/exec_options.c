#include "alloc.h"
#include "exec.h"

#include "base.h"
#include "options.h"

#include <string.h>

#define CONNECT_TIMEOUT_NS (60 * XB_NS_PER_S)

enum {
    OPTION_RLIMIT = 0x100,
    OPTION_TOGETHER,
    OPTION_PREFIX,
    OPTION_NO_PREFIX,
    OPTION_CONNECT,
    OPTION_JSON,
    OPTION_TIMEOUT
};

static const struct argp_option options[] = {
    {NULL, 0, NULL, 0, "The command's surroundings:", 1},
    {"env", 'e', "NAME=VALUE", 0, "Set a variable in its environment; may be repeated", 0},
    {"cwd", 'C', "DIR", 0, "Start it in DIR (default: its user's home directory)", 0},
    {"user", 'u', "NAME", 0, "Run it as this user of the guest (default: root)", 0},
    {"stdin", 's', "FILE", 0, "Let it read FILE (default: /dev/null)", 0},
    {NULL, 'i', NULL, 0, "Let it read our own stdin as that comes: short for --stdin=-", 0},
    {"tty", 't', NULL, 0,
     "Give it a terminal, for programs that want one; with -i and --raw: the guest can send what it "
     "likes to yours. Enter ~ . kills the command and leaves",
     0},
    {"rlimit", OPTION_RLIMIT, "NAME=SOFT[:HARD]", 0,
     "Set a limit as prlimit(1) names them (nofile, as, core ...); a number, with K, M, G or T, or "
     "unlimited",
     0},
    {"timeout", OPTION_TIMEOUT, "SECONDS", 0,
     "Kill it, and all it has started, after this time; the status is then 124", 0},
    {NULL, 0, NULL, 0, "Several guests:", 2},
    {"together", OPTION_TOGETHER, NULL, 0,
     "Start it in all guests at one instant, by their calibrated clocks", 0},
    {"prefix", OPTION_PREFIX, NULL, 0,
     "Put the guest's name before each line (default with several guests)", 0},
    {"no-prefix", OPTION_NO_PREFIX, NULL, 0, "Do not, and pass output on as it comes", 0},
    {"connect-timeout", OPTION_CONNECT, "SECONDS", 0,
     "How long to wait for the agents, at the start and after a restore, and for a measurement in "
     "a "
     "guest to end (default: 60)",
     0},
    {NULL, 0, NULL, 0, "Output:", 3},
    {"raw", 'r', NULL, 0,
     "Pass control characters on to a terminal (default: shown as \\xHH, as guests are not "
     "trusted with it)",
     0},
    {"json", OPTION_JSON, NULL, 0,
     "Print one JSON object per guest: the status, what was measured, and output "
     "(up to 1 MiB of each stream)",
     0},
    {0},
};

static const char doc[] =
    "Run COMMAND in one or more guests, with its output here."
    "\v"
    "Exit status: with one guest that of the command, or 128 + n where signal n ended it, 124 "
    "after --timeout, 126 where it could not be run, 127 where it was not found. With several "
    "guests 0 where all are 0, else 1. Where xenbench itself fails it says so on stderr, and "
    "the status is 2 (usage) or 3 (no agent, a lost guest, the toolstack); a command can return "
    "these as well, so a script that must know asks for --json.\n\n"
    "Ctrl-C, SIGTERM, SIGHUP and SIGQUIT are passed on to the command in each guest, which may "
    "end as it likes; a second one kills it there, and a third leaves at once. With -i it reads "
    "our stdin as far as it wants to, each guest's command all of it.\n\n"
    "  xenbench exec web1 -- uname -a\n"
    "  xenbench exec -t web1 -- bash\n"
    "  tar c . | xenbench exec -i web1,web2 -- tar x -C /srv\n"
    "  xenbench exec web1,web2 --together -- sysbench cpu run";

struct reader {
    struct xb_exec_options *out;
    char **words; /* names of guests */
    size_t word_count;
    size_t env_count;
};

static bool read_limit(const char *text, uint64_t *out)
{
    if (strcmp(text, "unlimited") != 0)
        return xb_option_bytes(text, out);
    *out = UINT64_MAX;
    return true;
}

/* NAME=SOFT[:HARD], which is cut into its parts. */
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

/* Lists are as long as the command line at most: room for argc entries was made. */
static void add_rlimit(struct argp_state *state, struct xb_exec_options *out, char *text)
{
    Xb__Rlimit *limit = xb_calloc(1, sizeof(*limit));
    out->rlimits[out->rlimit_count++] = limit;
    xb__rlimit__init(limit);
    if (!split_rlimit(text, limit))
        argp_error(state, "--rlimit: as nofile=1024 or nofile=1024:4096 or as=2G");
}

static void read_seconds(struct argp_state *state, const char *name, const char *text,
                         uint64_t *out_ns)
{
    if (!xb_option_seconds(text, out_ns))
        argp_error(state, "--%s=%s: not a number of seconds", name, text);
}

static void add_env(struct argp_state *state, struct reader *reader, char *text)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text)
        argp_error(state, "--env=%s: as NAME=VALUE", text);
    reader->out->env[reader->env_count++] = text;
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct reader *reader = state->input;
    struct xb_exec_options *out = reader->out;
    switch (key) {
    case 'e':
        add_env(state, reader, value);
        return 0;
    case 'C':
        out->cwd = value;
        return 0;
    case 'u':
        out->user = value;
        return 0;
    case 's':
        out->stdin_file = value;
        return 0;
    case 'i':
        out->stdin_file = "-";
        return 0;
    case 't':
        out->terminal = out->raw = true;
        return 0;
    case OPTION_TIMEOUT:
        read_seconds(state, "timeout", value, &out->timeout_ns);
        return 0;
    case 'r':
        out->raw = true;
        return 0;
    case OPTION_RLIMIT:
        add_rlimit(state, out, value);
        return 0;
    case OPTION_TOGETHER:
        out->together = true;
        return 0;
    case OPTION_PREFIX:
        out->prefix = XB_PREFIX_ON;
        return 0;
    case OPTION_NO_PREFIX:
        out->prefix = XB_PREFIX_OFF;
        return 0;
    case OPTION_CONNECT:
        read_seconds(state, "connect-timeout", value, &out->connect_timeout_ns);
        return 0;
    case OPTION_JSON:
        out->json = true;
        return 0;
    case ARGP_KEY_ARG:
        reader->words[reader->word_count++] = value;
        return 0;
    case ARGP_KEY_END:
        if (reader->word_count == 0)
            argp_error(state, "no guest is named");
        if (out->terminal && !out->stdin_file)
            out->stdin_file = "-";
        if (!out->argv || !out->argv[0])
            argp_error(state, "no command: put -- between the guests and the command");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_option,
    .args_doc = "GUEST[,GUEST...]... -- COMMAND [ARGUMENT...]",
    .doc = doc,
};

/* The first word that is -- on its own; all after it belongs to the command. */
static int find_separator(int argc, char **argv)
{
    int i = 1;
    while (i < argc && strcmp(argv[i], "--") != 0)
        i++;
    return i;
}

int xb_exec_options_parse(struct xb_exec_options *out, int argc, char **argv, struct xb_err *err)
{
    int separator = find_separator(argc, argv);
    *out = (struct xb_exec_options){.connect_timeout_ns = CONNECT_TIMEOUT_NS};
    xb_auto_free char **words = xb_calloc((size_t)argc, sizeof(*words));
    out->env = xb_calloc((size_t)argc + 1, sizeof(*out->env));
    out->rlimits = xb_calloc((size_t)argc, sizeof(*out->rlimits));
    if (separator < argc)
        out->argv = argv + separator + 1;
    struct reader reader = {.out = out, .words = words};
    xb_options_parse(&parser, separator, argv, &reader);
    if (xb_guest_names_parse(&out->guests, words, reader.word_count, err) < 0)
        return -1;
    if (out->terminal && out->guests.count > 1)
        return xb_fail(err, XB_E_INPUT, 0, "-t is for one guest, and %zu are named",
                       out->guests.count);
    return 0;
}

void xb_exec_options_clear(struct xb_exec_options *out)
{
    for (size_t i = 0; i < out->rlimit_count; i++)
        free(out->rlimits[i]);
    free(out->rlimits);
    free(out->env);
    xb_guest_names_clear(&out->guests);
}
