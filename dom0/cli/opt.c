/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "opt.h"

#include "alloc.h"
#include "base.h"
#include "colour.h"
#include "err.h"
#include "nearest.h"

#include <argp.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <string.h>

#define ROWS_MAX 48
/* argp's key of row i, unless the row has a letter. */
#define KEY_BASE 0x1000

struct reading {
    const struct xb_opts *opts;
    char *out;
};

bool xb_read_seconds(const char *text, uint64_t *out_ns)
{
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end || !isfinite(seconds) || seconds <= 0 || seconds > 10 * 365.25 * 86400)
        return false;
    *out_ns = (uint64_t)llround(seconds * 1e9);
    return *out_ns > 0;
}

bool xb_read_bytes(const char *text, uint64_t *out)
{
    static const char units[] = "KMGT";
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    uint64_t n = strtoull(text, &end, 10);
    if (errno)
        return false;
    const char *unit = *end ? strchr(units, *end) : NULL;
    if (*end && (!unit || end[1]))
        return false;
    return !__builtin_mul_overflow(n, UINT64_C(1) << (unit ? 10 * (unit - units + 1) : 0), out);
}

void xb_words_free(struct xb_words *words)
{
    free(words->v);
    *words = (struct xb_words){0};
}

static bool may_lack_value(const struct xb_opt *row)
{
    return row->arg && row->arg[0] == '[';
}

static bool has_value(const struct xb_opt *row)
{
    return row->arg || row->words;
}

static const char *shown(const struct xb_opt *row, char buf[40])
{
    if (row->name)
        snprintf(buf, 40, "--%s", row->name);
    else
        snprintf(buf, 40, "-%c", row->letter);
    return buf;
}

static void join(const char *const *words, const char *between, char *out, size_t bytes)
{
    size_t used = 0;
    *out = '\0';
    for (size_t i = 0; words[i] && used < bytes; i++)
        used += (size_t)snprintf(out + used, bytes - used, "%s%s", i ? between : "", words[i]);
}

const char *xb_opt_arg(const struct xb_opt *row, char out[XB_OPT_ARG_BYTES])
{
    if (row->arg)
        snprintf(out, XB_OPT_ARG_BYTES, "%s", row->arg);
    else if (row->words)
        join(row->words, "|", out, XB_OPT_ARG_BYTES);
    return has_value(row) ? out : NULL;
}

const struct xb_opt xb_opt_rows_json[] = {
    {XB_OPT_ROW(XB_OPT_TRUE, "json", 'j', NULL, XB_OPT_JSON_HELP)},
    OPT_END,
};

/* ---- values ---- */

static void add_word(struct xb_words *words, char *word)
{
    words->v = xb_reallocarray(words->v, words->count + 2, sizeof(*words->v));
    words->v[words->count++] = word;
    words->v[words->count] = NULL;
}

long xb_opt_number(const struct argp_state *state, const char *option, const char *text, long low,
                   long high)
{
    char *end;
    errno = 0;
    long n = strtol(text, &end, 10);
    if ((*text != '-' && (*text < '0' || *text > '9')) || *end || errno || n < low || n > high)
        argp_error(state, "%s=%s is not a number from %ld to %ld", option, text, low, high);
    return n;
}

uint64_t xb_opt_seconds(const struct argp_state *state, const char *option, const char *text)
{
    uint64_t ns = 0;
    if (!xb_read_seconds(text, &ns))
        argp_error(state, "%s=%s is not a number of seconds", option, text);
    return ns;
}

static int read_word(const struct argp_state *state, const struct xb_opt *row, const char *text)
{
    char all[160], name[40];
    for (int i = 0; row->words[i]; i++)
        if (strcmp(row->words[i], text) == 0)
            return row->value + i;
    join(row->words, ", ", all, sizeof(all));
    const char *near = xb_nearest(text, row->words);
    argp_error(state, "%s=%s is none of %s%s%s%s", shown(row, name), text, all,
               near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return row->value;
}

bool xb_read_color(const char *word)
{
    for (int i = 0; xb_colour_words[i]; i++)
        if (strcmp(xb_colour_words[i], word) == 0) {
            xb_colour_set((enum xb_colour)i);
            return true;
        }
    return false;
}

void xb_opt_color(struct argp_state *state, char *value, void *out XB_UNUSED)
{
    static const struct xb_opt row = {.name = "color", .words = xb_colour_words};
    if (!xb_read_color(value))
        read_word(state, &row, value);
}

static uint64_t read_bytes(const struct argp_state *state, const struct xb_opt *row,
                           const char *text)
{
    uint64_t bytes = 0;
    char name[40], least[32] = "";
    if (row->low >= 1 << 20)
        snprintf(least, sizeof(least), " of %ldM or more", row->low >> 20);
    if (!xb_read_bytes(text, &bytes) || bytes < (uint64_t)row->low)
        argp_error(state, "%s=%s is not a size%s (such as 256M or 2G)", shown(row, name), text,
                   least);
    return bytes;
}

static void take(struct argp_state *state, const struct xb_opt *row, char *value, char *out)
{
    void *at = out + row->at;
    char name[40];
    switch (row->kind) {
    case XB_OPT_TRUE:
    case XB_OPT_FALSE:
        *(bool *)at = row->kind == XB_OPT_TRUE;
        break;
    case XB_OPT_VALUE:
        *(int *)at = row->value;
        break;
    case XB_OPT_STRING:
        *(const char **)at = value;
        break;
    case XB_OPT_STRINGS:
        add_word(at, value);
        break;
    case XB_OPT_NUMBER:
        *(int *)at = (int)xb_opt_number(state, shown(row, name), value, row->low, row->high);
        break;
    case XB_OPT_SECONDS:
        *(uint64_t *)at = xb_opt_seconds(state, shown(row, name), value);
        break;
    case XB_OPT_BYTES:
        *(uint64_t *)at = read_bytes(state, row, value);
        break;
    case XB_OPT_WORD:
        *(int *)at = read_word(state, row, value);
        break;
    case XB_OPT_CALL:
        row->call(state, value, out);
        break;
    case XB_OPT_HEADING:
    case XB_OPT_END:
        break;
    }
}

void xb_opt_check_all(const struct argp_state *state, bool all, const struct xb_words *words,
                      const char *missing)
{
    if (words->count == 0 && !all)
        argp_error(state, "%s", missing);
    if (words->count > 0 && all)
        argp_error(state, "--all and names do not go together");
}

/* ---- parsing ---- */

static int key_of(const struct xb_opt *rows, size_t i)
{
    return rows[i].letter ? rows[i].letter : KEY_BASE + (int)i;
}

static const struct xb_opt *row_of(const struct xb_opt *rows, int key)
{
    for (size_t i = 0; rows && rows[i].kind != XB_OPT_END; i++)
        if (rows[i].kind != XB_OPT_HEADING && key_of(rows, i) == key)
            return &rows[i];
    return NULL;
}

static error_t take_words(struct argp_state *state, const struct xb_opts *opts, char *out)
{
    struct xb_words words = {.v = state->argv + state->next,
                             .count = (size_t)(state->argc - state->next)};
    if (opts->words.most == 0 && words.count > 0)
        argp_error(state, "`%s`: no argument is expected", words.v[0]);
    if (words.count > opts->words.most)
        argp_error(state, "`%s` is one argument too many", words.v[opts->words.most]);
    if (words.count < opts->words.least)
        argp_error(state, "%s", opts->words.missing);
    if (opts->words.most > 0)
        *(struct xb_words *)(void *)(out + opts->words.at) = words;
    return 0;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct reading *reading = state->input;
    const struct xb_opts *opts = reading->opts;
    const struct xb_opt *row = row_of(opts->rows, key);
    if (row)
        take(state, row, value, reading->out);
    else if (key == ARGP_KEY_ARGS || key == ARGP_KEY_NO_ARGS)
        return take_words(state, opts, reading->out);
    else if (key == ARGP_KEY_END && opts->check)
        opts->check(state, reading->out);
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

/* The rows in argp's form. */
struct argp_rows {
    struct argp_option row[ROWS_MAX + 1];
    char arg[ROWS_MAX][XB_OPT_ARG_BYTES];
};

static void to_argp(const struct xb_opt *rows, struct argp_rows *out)
{
    int group = 1;
    size_t n = 0;
    for (size_t i = 0; rows && rows[i].kind != XB_OPT_END && n < ROWS_MAX; i++, n++) {
        const struct xb_opt *row = &rows[i];
        if (row->kind == XB_OPT_HEADING) {
            group++;
            out->row[n] = (struct argp_option){.doc = row->help, .group = group};
            continue;
        }
        const char *arg = xb_opt_arg(row, out->arg[n]);
        bool optional = arg && may_lack_value(row);
        if (optional) /* argp adds brackets of its own */
            out->arg[n][strlen(arg++) - 1] = '\0';
        out->row[n] = (struct argp_option){.name = row->name,
                                           .key = key_of(rows, i),
                                           .arg = arg,
                                           .flags = optional ? OPTION_ARG_OPTIONAL : 0,
                                           .doc = row->help,
                                           .group = group};
    }
    out->row[n] = (struct argp_option){0};
}

/* ---- unknown names ---- */

static const char *const argps_own[] = {"help", "usage", NULL};

static void refuse(const char *command, const struct option *known, const char *word)
{
    const char *names[ROWS_MAX + XB_ARRAY_LEN(argps_own)] = {NULL};
    char tried[64];
    snprintf(tried, sizeof(tried), "%.*s", (int)strcspn(word, "="), word);
    for (size_t i = 0; known[i].name; i++) {
        if (strncmp(known[i].name, tried, strlen(tried)) == 0)
            return; /* it is a name, or begins several: argp reports that */
        names[i] = known[i].name;
    }
    const char *near = xb_nearest(tried, names);
    if (near)
        fprintf(stderr, "xenbench %s: no option --%s; did you mean --%s?\n", command, tried, near);
    else
        fprintf(stderr, "xenbench %s: no option --%s (`xenbench %s --help` lists them)\n", command,
                tried, command);
    exit(XB_E_INPUT);
}

/* Find unknown long options with getopt, as argp does, because argp suggests no name. */
static void check_names(const struct xb_opts *opts, int argc, char **argv)
{
    struct option known[ROWS_MAX + XB_ARRAY_LEN(argps_own)] = {{0}};
    char letters[3 * ROWS_MAX + 4] = ":?";
    size_t n = 0, used = strlen(letters);
    for (const struct xb_opt *row = opts->rows; row && row->kind != XB_OPT_END; row++) {
        int value = !has_value(row)       ? no_argument
                    : may_lack_value(row) ? optional_argument
                                          : required_argument;
        if (row->name)
            known[n++] = (struct option){.name = row->name, .has_arg = value};
        if (row->letter)
            used += (size_t)snprintf(letters + used, sizeof(letters) - used, "%c%.*s", row->letter,
                                     value, "::");
    }
    for (const char *const *name = argps_own; *name; name++)
        known[n++] = (struct option){.name = *name};
    optind = 0;
    opterr = 0;
    for (int c; (c = getopt_long(argc, argv, letters, known, NULL)) != -1;)
        if (c == '?' && optopt == 0 && optind > 0 && strncmp(argv[optind - 1], "--", 2) == 0)
            refuse(argv[0], known, argv[optind - 1] + 2);
    opterr = 1;
}

void xb_opts_parse(const struct xb_opts *opts, int argc, char **argv, void *out)
{
    char name[64];
    char *plain = argv[0];
    struct argp_rows rows;
    struct reading reading = {.opts = opts, .out = out};
    to_argp(opts->rows, &rows);
    const struct argp argp = {.options = opts->rows ? rows.row : NULL,
                              .parser = parse,
                              .args_doc = opts->args,
                              .doc = opts->doc};
    check_names(opts, argc, argv);
    snprintf(name, sizeof(name), "xenbench %s", plain);
    argp_err_exit_status = XB_E_INPUT;
    argv[0] = name;
    if (argp_parse(&argp, argc, argv, 0, NULL, &reading) != 0)
        exit(XB_E_INPUT); /* argp has printed the reason */
    argv[0] = plain;
}
