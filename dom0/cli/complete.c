/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "complete_i.h"

#include "alloc.h"
#include "base.h"

#include <ctype.h>
#include <string.h>

/* Each line of output is a word, so a word must not contain control characters. */
static bool is_printable(const char *text)
{
    for (; *text; text++)
        if (iscntrl((unsigned char)*text))
            return false;
    return true;
}

static void put_about(const char *about, FILE *out)
{
    for (; about && *about && *about != '\n'; about++)
        putc(iscntrl((unsigned char)*about) ? ' ' : *about, out);
}

/* Is text already one of the comma-separated items before the one being typed? */
static bool is_listed(const struct xb_completion *c, const char *text)
{
    size_t length = strlen(text);
    for (const char *at = c->word, *end = at + c->kept; at < end; at++)
        if ((at == c->word || at[-1] == ',' || at[-1] == '=') && (size_t)(end - at) > length &&
            strncmp(at, text, length) == 0 && at[length] == ',')
            return true;
    return false;
}

void xb_offer_begun(const struct xb_completion *c, const char *text, const char *end,
                    const char *about)
{
    const char *begun = c->word + c->kept;
    if (strncmp(text, begun, strlen(begun)) != 0 || !is_printable(text) || is_listed(c, text))
        return;
    fprintf(c->out, "%.*s%s%s\t", (int)c->kept, c->word, text, end);
    put_about(about, c->out);
    putc('\n', c->out);
}

void xb_offer(const struct xb_completion *c, const char *text, const char *about)
{
    xb_offer_begun(c, text, "", about);
}

void xb_offer_files(const struct xb_completion *c, bool only_dirs)
{
    fputs(only_dirs ? "\tdirs\n" : "\tfiles\n", c->out);
}

static void offer_verbs(const struct xb_completion *c, const struct xb_verb *verbs)
{
    for (; verbs->name; verbs++)
        if (verbs->summary)
            xb_offer(c, verbs->name, verbs->summary);
}

static void offer_options(const struct xb_completion *c, const struct xb_opt *rows)
{
    for (; rows && rows->kind != XB_OPT_END; rows++) {
        if (!rows->name)
            continue;
        xb_auto_free char *option = xb_asprintf("--%s", rows->name);
        xb_offer(c, option, rows->help);
    }
    xb_offer(c, "--help", "Give a list of options");
}

/* ---- the words before ---- */

static bool takes_value(const struct xb_opt *row)
{
    return row->words || (row->arg && *row->arg != '[');
}

/* The row of an option as typed, "--name", "--name=value" or "-n"; NULL: none. */
static const struct xb_opt *find_row(const struct xb_opt *rows, const char *word)
{
    size_t length = strcspn(word, "=");
    for (; rows && rows->kind != XB_OPT_END; rows++) {
        bool is_long = rows->name && strncmp(word, "--", 2) == 0 &&
                       strlen(rows->name) == length - 2 &&
                       strncmp(rows->name, word + 2, length - 2) == 0;
        if (is_long || (rows->letter && word[1] == rows->letter && word[2] == '\0'))
            return rows;
    }
    return NULL;
}

static void note_value(struct xb_completion *c, const struct xb_opt *row, const char *value)
{
    if (row->name && strcmp(row->name, "store") == 0)
        c->store = value;
    else if (row->name && strcmp(row->name, "guests") == 0)
        c->guests = value;
}

/* Read the words before the last one. False after "--": the rest is the guest's command. */
static bool read_words(struct xb_completion *c, const struct xb_opt *rows, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i], *value = strchr(word, '=');
        if (strcmp(word, "--") == 0)
            return false;
        const struct xb_opt *row = *word == '-' ? find_row(rows, word) : NULL;
        if (*word != '-')
            c->named[c->named_count++] = argv[i];
        else if (row && value)
            note_value(c, row, value + 1);
        else if (row && takes_value(row) && i + 1 == argc)
            c->row = row;
        else if (row && takes_value(row))
            note_value(c, row, argv[++i]);
    }
    return true;
}

/* ---- the last word ---- */

static void offer_row_value(struct xb_completion *c)
{
    char buf[XB_OPT_ARG_BYTES];
    const struct xb_opt *row = c->row;
    for (size_t i = 0; row->words && row->words[i]; i++)
        xb_offer(c, row->words[i], NULL);
    if (!row->words && xb_opt_arg(row, buf))
        xb_offer_values(c, buf + (*buf == '['));
}

/* The index-th word of a form of the usage line, in out; false if there is none, or an option. */
static bool form_word(const char *form, size_t index, char out[XB_OPT_ARG_BYTES])
{
    for (size_t i = 0;; i++) {
        size_t length = strcspn(form, " \n");
        if (length == 0 || form[form[0] == '['] == '-')
            return false;
        bool repeats = length > 3 && strncmp(form + length - 3, "...", 3) == 0;
        if (i == index || repeats) {
            snprintf(out, XB_OPT_ARG_BYTES, "%.*s", (int)length, form + (*form == '['));
            return true;
        }
        form += length + (form[length] == ' ');
    }
}

static void offer_word(struct xb_completion *c, const struct xb_opts *opts)
{
    char kind[XB_OPT_ARG_BYTES];
    for (const char *form = opts->args; form;) {
        if (form_word(form, c->named_count, kind))
            xb_offer_values(c, kind);
        const char *next = strchr(form, '\n');
        form = next ? next + 1 : NULL;
    }
}

static void offer_last(struct xb_completion *c, const struct xb_opts *opts,
                       const struct xb_opt *rows)
{
    const char *value = strchr(c->word, '=');
    const struct xb_opt *row = *c->word == '-' && value ? find_row(rows, c->word) : NULL;
    if (row) {
        c->row = row;
        c->kept = (size_t)(value + 1 - c->word);
    }
    if (c->row)
        offer_row_value(c);
    else if (*c->word == '-')
        offer_options(c, rows);
    else
        offer_word(c, opts);
}

/* The options of `image build` are those of the recipe, once its kind has been typed. */
static const struct xb_opt *rows_of(const struct xb_completion *c, const struct xb_opts *opts,
                                    int argc, char **argv, struct xb_opt **recipe, char **text)
{
    bool builds = strcmp(c->command, "image") == 0 && strcmp(c->verb, "build") == 0;
    if (builds && argc > 1 && argv[0][0] != '-')
        *recipe = xb_recipe_rows(c, argv[0], text);
    return *recipe ? *recipe : opts->rows;
}

/* argv: the words after the command and its verb. */
static void complete_command(struct xb_completion *c, const struct xb_opts *opts, int argc,
                             char **argv)
{
    xb_auto_free struct xb_opt *recipe = NULL;
    xb_auto_free char *text = NULL, **named = xb_calloc((size_t)argc, sizeof(*named));
    c->named = named;
    const struct xb_opt *rows = rows_of(c, opts, argc, argv, &recipe, &text);
    if (read_words(c, rows, argc - 1, argv))
        offer_last(c, opts, rows);
}

static const struct xb_verb *find_verb(const struct xb_verb *verbs, const char *name)
{
    while (verbs->name && strcmp(verbs->name, name) != 0)
        verbs++;
    return verbs->name ? verbs : NULL;
}

static void offer_first(const struct xb_completion *c, const struct xb_verb *commands,
                        const char *const *options)
{
    offer_verbs(c, commands);
    for (; *c->word == '-' && *options; options++) {
        xb_auto_free char *option = xb_asprintf("--%s", *options);
        xb_offer(c, option, NULL);
    }
}

void xb_complete(struct xb_app *app, const struct xb_verb *commands, const char *const *options,
                 int argc, char **argv, FILE *out)
{
    struct xb_completion c = {.app = app, .out = out, .command = "", .verb = ""};
    if (argc == 0)
        return;
    c.word = argv[argc - 1];
    while (argc > 1 && argv[0][0] == '-') /* options before the command */
        argc--, argv++;
    if (argc == 1)
        offer_first(&c, commands, options);
    const struct xb_verb *at = argc > 1 ? find_verb(commands, argv[0]) : NULL;
    c.command = at ? at->name : "";
    if (at && at->verbs) {
        argc--, argv++;
        if (argc == 1)
            offer_verbs(&c, at->verbs);
        at = argc > 1 ? find_verb(at->verbs, argv[0]) : NULL;
        c.verb = at ? at->name : "";
    }
    if (at && at->opts)
        complete_command(&c, at->opts, argc - 1, argv + 1);
}
