/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "one_line.h"

#include "alloc.h"
#include "base.h"
#include "escape.h"
#include "experiment_i.h"
#include "key_tree.h"
#include "keypath.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#define FILE_NAME "(command line)"

struct writing {
    const struct xb_one_line *line;
    struct xb_key_tree tree;
    struct xb_texts guests; /* their names */
    bool by_name;           /* the file names each guest, instead of their number */
};

bool xb_one_line_counts(const struct xb_one_line *line)
{
    unsigned from, to;
    return line->guests && (strspn(line->guests, "0123456789") == strlen(line->guests) ||
                            xb_yaml_range(line->guests, &from, &to));
}

/* List the guests' future names. A wrong number gives none: the reader refuses it later. */
static void name_guests(struct writing *w)
{
    const char *at = w->line->guests;
    unsigned from = 1, to = 0;
    char name[XB_GUEST_NAME_MAX + 16];
    if (!xb_one_line_counts(w->line)) {
        while (at) {
            char *one;
            at = xb_keypath_item(at, ", ", &one);
            if (*one)
                xb_texts_add(&w->guests, one);
            free(one);
        }
        return;
    }
    if (!xb_yaml_range(at, &from, &to))
        to = (unsigned)strtoul(at, NULL, 10);
    for (unsigned n = 1; n <= to && n <= XB_EXP_GUESTS_MAX; n++) {
        snprintf(name, sizeof(name), "g%u", n);
        xb_texts_add(&w->guests, name);
    }
}

/* Cut a text to one line of a name's length, not inside a UTF-8 character. */
static void cut_name(char *name)
{
    size_t n = strcspn(name, "\n\r\t");
    name[xb_cut_bytes(name, n > XB_EXP_NAME_MAX ? XB_EXP_NAME_MAX : n)] = '\0';
}

static int put(struct writing *w, const char *key, const char *value, const char *said,
               struct xb_err *err)
{
    xb_auto_free char *yaml = xb_keypath_value(value, false, said, err);
    char *keys[] = {(char *)key};
    return yaml ? xb_key_tree_set(&w->tree, keys, 1, yaml, said, true, err) : -1;
}

/* "x264,spin" as a list, which makes a case of each. */
static int put_workload(struct writing *w, struct xb_err *err)
{
    xb_auto_free char *said = xb_asprintf("--workload %.80s", w->line->workload);
    xb_auto_free char *list = strchr("[{\"'", *w->line->workload) || !strchr(w->line->workload, ',')
                                  ? xb_strdup(w->line->workload)
                                  : xb_asprintf("[%s]", w->line->workload);
    return put(w, "workload", list, said, err);
}

/* A command's words: one word is a line for the shell, several are a program and its arguments. */
static int put_command(struct writing *w, struct xb_err *err)
{
    const struct xb_texts *command = &w->line->command;
    xb_auto_free char *words = xb_strdup(""), *shown = xb_strdup("");
    for (size_t i = 0; i < command->count; i++) {
        xb_auto_free char *word = xb_keypath_quoted(command->v[i]);
        xb_auto_free char *words_before = words, *shown_before = shown;
        words = xb_asprintf("%s%s%s", words_before, i ? ", " : "", word);
        shown = xb_asprintf("%s%s%s", shown_before, i ? " " : "", command->v[i]);
    }
    cut_name(shown);
    xb_auto_free char *said = xb_asprintf("-- %s", shown), *name = xb_keypath_text(shown);
    xb_auto_free char *list = command->count == 1 ? xb_strdup(words) : xb_asprintf("[%s]", words);
    char *of_name[] = {"workload", "name"}, *of_command[] = {"workload", "command"};
    return xb_key_tree_set(&w->tree, of_name, 2, name, said, true, err) < 0 ||
                   xb_key_tree_set(&w->tree, of_command, 2, list, said, true, err) < 0
               ? -1
               : 0;
}

static int put_name(struct writing *w, struct xb_err *err)
{
    const struct xb_one_line *line = w->line;
    const char *what = line->workload        ? line->workload
                       : line->command.count ? line->command.v[0]
                                             : "workloads";
    xb_auto_free char *name = line->name
                                  ? xb_strdup(line->name)
                                  : xb_asprintf("%s in %s%s", what, line->guests,
                                                !xb_one_line_counts(line)        ? ""
                                                : strcmp(line->guests, "1") == 0 ? " guest"
                                                                                 : " guests");
    if (!line->name)
        cut_name(name);
    xb_auto_free char *text = xb_keypath_text(name);
    char *keys[] = {"name"};
    return xb_key_tree_set(&w->tree, keys, 1, text, "--name", true, err);
}

static int put_guests(struct writing *w, struct xb_err *err)
{
    xb_auto_free char *said = xb_asprintf("--guests %.80s", w->line->guests);
    if (!w->by_name)
        return put(w, "guests", w->line->guests, said, err);
    struct xb_key_tree *guests = xb_key_tree_at(&w->tree, "guests");
    for (size_t g = 0; g < w->guests.count; g++) {
        size_t before = guests->count;
        struct xb_key_tree *guest = xb_key_tree_at(guests, w->guests.v[g]);
        if (guests->count == before)
            return xb_fail(err, XB_E_INPUT, 0, "%s: a second guest named `%s`", said,
                           w->guests.v[g]);
        guest->said = xb_strdup(said);
    }
    return 0;
}

/*
 * `hard=1,2,3` without a guest's name is a value for each guest, since a set of CPUs for all can be
 * written otherwise: 1-3, or all.hard=1,2,3.
 */
static int put_each(struct writing *w, struct xb_key_tree *tree, const struct xb_keypath *path,
                    const char *said, bool again, struct xb_err *err)
{
    size_t count = xb_keypath_values(path->value), g = 0;
    const char *key = path->keys[path->count - 1];
    if (count != w->guests.count)
        return xb_fail(err, XB_E_INPUT, 0,
                       "%s: %s=%s has %zu values for %zu guest%s: give one for each guest, or "
                       "all.%s=%s where it is one value",
                       said, key, path->value, count, w->guests.count, xb_plural(w->guests.count),
                       key, path->value);
    for (const char *at = path->value; at; g++) {
        char *one;
        at = xb_keypath_item(at, ",", &one);
        xb_auto_free char *value =
            *one ? xb_keypath_value(one, false, said, err)
                 : (xb_fail(err, XB_E_INPUT, 0, "%s: %s=%s has an empty value", said, key,
                            path->value),
                    NULL);
        char *keys[] = {"guests", w->guests.v[g], (char *)key};
        free(one);
        if (!value || xb_key_tree_set(tree, keys, 3, value, said, again, err) < 0)
            return -1;
    }
    return 0;
}

static int put_path(struct writing *w, struct xb_key_tree *tree, const struct xb_keypath *path,
                    const struct xb_keypath_place *place, const char *word, struct xb_err *err)
{
    bool again = place->of == XB_KEYPATH_TOP;
    if (path->common && xb_keypath_values(path->value) > 1)
        return put_each(w, tree, path, place->said, again, err);
    xb_auto_free char *value = xb_keypath_value(path->value, false, place->said, err);
    xb_auto_free char *said =
        again ? xb_strdup(place->said) : xb_asprintf("%s, %.80s", place->said, word);
    return value ? xb_key_tree_set(tree, path->keys, path->count, value, said, again, err) : -1;
}

/* Called for each --set, cut into path. */
typedef int on_set(struct writing *w, const struct xb_keypath *path,
                   const struct xb_keypath_place *place, const char *word, struct xb_err *err);

static int each_set(struct writing *w, on_set *take, struct xb_err *err)
{
    const struct xb_texts *sets = &w->line->sets;
    for (size_t i = 0; i < sets->count; i++) {
        struct xb_keypath path;
        xb_auto_free char *said = xb_asprintf("--set %.80s", sets->v[i]);
        const struct xb_keypath_place place = {
            .of = XB_KEYPATH_TOP, .guests = (const char *const *)w->guests.v, .said = said};
        if (xb_keypath_read(&path, sets->v[i], &place, err) < 0)
            return -1;
        int r = take(w, &path, &place, sets->v[i], err);
        xb_keypath_clear(&path);
        if (r < 0)
            return -1;
    }
    return 0;
}

static int put_set(struct writing *w, const struct xb_keypath *path,
                   const struct xb_keypath_place *place, const char *word, struct xb_err *err)
{
    return put_path(w, &w->tree, path, place, word, err);
}

/* A setting that needs the guests listed by name is refused where their number varies. */
static int check_need(struct writing *w, const struct xb_keypath *path,
                      const struct xb_keypath_place *place, const char *word XB_UNUSED,
                      struct xb_err *err)
{
    unsigned from, to;
    if ((strcmp(path->keys[0], "guests") != 0 || path->count == 1) &&
        (!path->common || xb_keypath_values(path->value) <= 1))
        return 0;
    w->by_name = true;
    if (xb_yaml_range(w->line->guests, &from, &to))
        return xb_fail(err, XB_E_INPUT, 0,
                       "%s is for guests by name, and --guests %s varies their number: write it in "
                       "a --case, or give all guests one value",
                       place->said, w->line->guests);
    return 0;
}

/*
 * The name in "shared: hard=2-3", and where the settings begin. A case without a name is named
 * after its settings.
 */
static char *name_of_case(const char *text, const char **settings)
{
    const char *colon = strchr(text, ':'), *equals = strchr(text, '=');
    while (colon && colon[1] && !isspace((unsigned char)colon[1]))
        colon = strchr(colon + 1, ':');
    if (colon && equals && equals < colon)
        colon = NULL;
    *settings = colon ? colon + 1 : equals ? text : "";
    size_t n = colon ? (size_t)(colon - text) : strlen(text);
    char *name = xb_strndup(text, n);
    while (n > 0 && isspace((unsigned char)name[n - 1]))
        name[--n] = '\0';
    if (!colon)
        cut_name(name);
    return name;
}

/* Does a flow mapping in the value of a setting, "{image: micro}", have this key? */
static bool mapping_has(const char *mapping, const char *key)
{
    size_t n = strlen(key);
    for (const char *at = mapping; (at = strstr(at, key)); at += n) {
        bool begins = !isalnum((unsigned char)at[-1]) && at[-1] != '_';
        if (begins && at[n + strspn(at + n, " ")] == ':')
            return true;
    }
    return false;
}

/* "image=micro", "defaults.image=micro" and "g1={image: micro}" name `image`. */
static bool word_names(const char *word, const char *key)
{
    const char *equals = strchr(word, '=');
    xb_auto_free char *keys = xb_strndup(word, equals ? (size_t)(equals - word) : 0);
    for (const char *at = keys; at && *at;) {
        xb_auto_free char *one = NULL;
        at = xb_keypath_item(at, ".", &one);
        if (strcmp(one, key) == 0)
            return true;
    }
    return equals && (equals[1] == '{' || equals[1] == '[') && mapping_has(equals + 2, key);
}

static bool words_name(const char *words, const char *key)
{
    while (words) {
        xb_auto_free char *word = NULL;
        words = xb_keypath_item(words, " \t\n", &word);
        if (word_names(word, key))
            return true;
    }
    return false;
}

bool xb_one_line_sets(const struct xb_one_line *line, const char *key)
{
    const char *settings;
    for (size_t i = 0; i < line->sets.count; i++)
        if (word_names(line->sets.v[i], key))
            return true;
    for (size_t i = 0; i < line->cases.count; i++) {
        xb_auto_free char *name = name_of_case(line->cases.v[i], &settings);
        if (words_name(settings, key))
            return true;
    }
    return false;
}

static int put_words(struct writing *w, struct xb_key_tree *entry, const char *words,
                     const char *said, struct xb_err *err)
{
    const struct xb_keypath_place place = {
        .of = XB_KEYPATH_CASE, .guests = (const char *const *)w->guests.v, .said = said};
    while (words) {
        struct xb_keypath path;
        xb_auto_free char *word = NULL;
        words = xb_keypath_item(words, " \t\n", &word);
        if (!*word)
            continue;
        if (xb_keypath_read(&path, word, &place, err) < 0)
            return -1;
        int r = put_path(w, entry, &path, &place, word, err);
        xb_keypath_clear(&path);
        if (r < 0)
            return -1;
    }
    return 0;
}

static int put_case(struct writing *w, struct xb_key_tree *cases, const char *text,
                    struct xb_err *err)
{
    const char *settings;
    xb_auto_free char *name = name_of_case(text, &settings);
    xb_auto_free char *said = xb_asprintf("--case '%.64s'", name);
    xb_auto_free char *quoted = xb_keypath_text(name);
    struct xb_key_tree *entry = xb_append(&cases->in, &cases->count);
    char *keys[] = {"name"};
    if (!*name)
        return xb_fail(err, XB_E_INPUT, 0,
                       "--case '%.64s': no name; 'NAME: KEY=VALUE ...' was expected", text);
    for (size_t i = 0; i + 1 < cases->count; i++)
        if (strcmp(cases->in[i].in[0].value, quoted) == 0)
            return xb_fail(err, XB_E_INPUT, 0, "%s: a second case of this name", said);
    if (xb_key_tree_set(entry, keys, 1, quoted, said, false, err) < 0)
        return -1;
    return put_words(w, entry, settings, said, err);
}

static int put_cases(struct writing *w, struct xb_err *err)
{
    const struct xb_texts *texts = &w->line->cases;
    if (texts->count == 0)
        return 0;
    struct xb_key_tree *cases = xb_key_tree_at(&w->tree, "cases");
    if (cases->value || cases->count)
        return xb_fail(err, XB_E_INPUT, 0, "--case and %s exclude each other",
                       xb_key_tree_said(cases));
    cases->list = true;
    for (size_t i = 0; i < texts->count; i++)
        if (put_case(w, cases, texts->v[i], err) < 0)
            return -1;
    return 0;
}

static int put_image(struct writing *w, struct xb_err *err)
{
    char *keys[] = {"defaults", "image"};
    xb_auto_free char *said = xb_asprintf("--image %.60s", w->line->image);
    xb_auto_free char *value = xb_keypath_value(w->line->image, false, said, err);
    return value ? xb_key_tree_set(&w->tree, keys, 2, value, said, true, err) : -1;
}

static int put_all(struct writing *w, struct xb_err *err)
{
    const struct xb_one_line *line = w->line;
    w->by_name = !xb_one_line_counts(w->line);
    if (each_set(w, check_need, err) < 0 || put_name(w, err) < 0)
        return -1;
    if ((line->workload && put_workload(w, err) < 0) ||
        (line->command.count && put_command(w, err) < 0))
        return -1;
    if (put_guests(w, err) < 0 || (line->image && put_image(w, err) < 0))
        return -1;
    return each_set(w, put_set, err) < 0 ? -1 : put_cases(w, err);
}

/* ---- the text ---- */

/* Write a word, quoted for the shell. */
static void put_shell(FILE *out, const char *option, const char *word)
{
    bool plain = *word && !word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "0123456789_./+,%=:-")];
    fprintf(out, " %s%s%s", option, *option ? " " : "", plain ? "" : "'");
    for (; *word; word++) {
        if (*word == '\'')
            fputs("'\\''", out);
        else
            putc(*word == '\n' ? ' ' : *word, out);
    }
    fputs(plain ? "" : "'", out);
}

static void put_words_of(FILE *out, const char *option, const struct xb_texts *words)
{
    for (size_t i = 0; i < words->count; i++)
        put_shell(out, option, words->v[i]);
}

static void put_head(const struct xb_one_line *line, FILE *out, struct xb_texts *said)
{
    fputs("# An experiment of xenbench, as this command line says it:\n#   xenbench run", out);
    if (line->name)
        put_shell(out, "--name", line->name);
    if (line->workload)
        put_shell(out, "--workload", line->workload);
    put_shell(out, "--guests", line->guests);
    if (line->image)
        put_shell(out, "--image", line->image);
    put_words_of(out, "--set", &line->sets);
    put_words_of(out, "--case", &line->cases);
    if (line->command.count)
        fputs(" --", out);
    put_words_of(out, "", &line->command);
    fputs(
        "\n# Save it as FILE: `xenbench plan FILE` shows what it will do, `xenbench run FILE` runs it.\n",
        out);
    for (int i = 0; i < 3; i++)
        xb_texts_add(said, "");
}

int xb_one_line_write(struct xb_one_line_text *out, const struct xb_one_line *line,
                      struct xb_err *err)
{
    struct writing w = {.line = line};
    char folder[PATH_MAX];
    size_t bytes;
    *out = (struct xb_one_line_text){.path = NULL};
    if (!getcwd(folder, sizeof(folder)))
        return xb_fail(err, XB_E_INPUT, errno, "the current directory has no path");
    name_guests(&w);
    if (w.guests.count == 0)
        xb_texts_add(&w.guests, "g1");
    int r = put_all(&w, err);
    if (r == 0) {
        FILE *text = xb_need(open_memstream(&out->text, &bytes));
        put_head(line, text, &out->said);
        xb_exp_note_keys(&w.tree);
        xb_key_tree_write(&w.tree, text, &out->said);
        xb_exp_write_unset(&w.tree, text);
        fclose(text);
        out->path = xb_asprintf("%s/" FILE_NAME, strcmp(folder, "/") ? folder : "");
    }
    xb_key_tree_clear(&w.tree);
    xb_texts_free(&w.guests);
    return r;
}

void xb_one_line_text_clear(struct xb_one_line_text *text)
{
    free(text->path);
    free(text->text);
    xb_texts_free(&text->said);
    *text = (struct xb_one_line_text){.path = NULL};
}
