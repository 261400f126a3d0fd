/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "keypath.h"

#include "alloc.h"
#include "base.h"
#include "experiment_i.h"
#include "nearest.h"

#include <ctype.h>
#include <string.h>

#define WORDS_MAX (2 * XB_EXP_KEYS_MAX + XB_EXP_GUESTS_MAX + 2)

/* Skip a quoted or bracketed text; one that is not closed ends with the whole text. */
static const char *skip(const char *text)
{
    char open = *text++, close = open;
    if (open == '[')
        close = ']';
    else if (open == '{')
        close = '}';
    while (*text && *text != close) {
        bool inner = open == close ? false : strchr("[{\"'", *text) != NULL;
        if (*text == '\\' && open == '"' && text[1])
            text++;
        text = inner ? skip(text) : text + 1;
    }
    return *text ? text + 1 : text;
}

const char *xb_keypath_item(const char *text, const char *separators, char **out)
{
    const char *at = text;
    while (*at && !strchr(separators, *at))
        at = strchr("[{\"'", *at) ? skip(at) : at + 1;
    *out = xb_strndup(text, (size_t)(at - text));
    return *at ? at + 1 : NULL;
}

size_t xb_keypath_values(const char *value)
{
    size_t n = 0;
    for (const char *at = strchr("[{\"'", *value) ? NULL : value; at; n++) {
        char *one;
        at = xb_keypath_item(at, ",", &one);
        free(one);
    }
    return n ? n : 1;
}

/* Cut "noisy1..3.cap" at single dots; a part with a dot of its own may be quoted. */
static int cut_keys(struct xb_keypath *out, const char *keys, const char *end)
{
    while (keys < end) {
        const char *at = keys;
        bool quoted = *keys == '"' || *keys == '\'';
        if (quoted)
            at = skip(keys);
        while (at < end && (*at != '.' || at[1] == '.' || (at > keys && at[-1] == '.')))
            at++;
        if (at == keys || out->count == XB_KEYPATH_MAX)
            return -1;
        out->keys[out->count++] = quoted ? xb_strndup(keys + 1, (size_t)(at - keys) - 2)
                                         : xb_strndup(keys, (size_t)(at - keys));
        keys = at + 1;
        if (at < end && keys == end)
            return -1;
    }
    return out->count ? 0 : -1;
}

static bool has_key(const struct xb_yaml_key *keys, const char *name)
{
    for (; keys->name; keys++)
        if (strcmp(keys->name, name) == 0)
            return true;
    return false;
}

static void add_words(const char **words, size_t *count, const struct xb_yaml_key *keys)
{
    for (; keys->name; keys++)
        words[(*count)++] = keys->name;
}

static int fail_unknown(const char *key, const struct xb_keypath_place *place,
                        const struct xb_yaml_key *own, const struct xb_yaml_key *settings,
                        struct xb_err *err)
{
    const char *words[WORDS_MAX] = {NULL};
    char all[600] = "";
    size_t count = 0, used = 0;
    for (const struct xb_yaml_alias *alias = xb_exp_aliases; alias->tried; alias++)
        if (strcasecmp(alias->tried, key) == 0)
            return xb_fail(err, XB_E_INPUT, 0, "%s: no key `%.40s`; did you mean `%s`?",
                           place->said, key, alias->meant);
    add_words(words, &count, own);
    add_words(words, &count, settings);
    for (size_t i = 0; i < count && used < sizeof(all); i++)
        used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", i ? ", " : "", words[i]);
    for (size_t g = 0; place->guests[g] && count + 1 < WORDS_MAX; g++)
        words[count++] = place->guests[g];
    const char *near = xb_nearest(key, words);
    if (near)
        return xb_fail(err, XB_E_INPUT, 0, "%s: no key `%.40s`; did you mean `%s`?", place->said,
                       key, near);
    return xb_fail(err, XB_E_INPUT, 0, "%s: no key and no guest `%.40s`; there is: %s", place->said,
                   key, all);
}

static void put_before(struct xb_keypath *path, const char *key)
{
    memmove(path->keys + 1, path->keys, path->count * sizeof(*path->keys));
    path->keys[0] = xb_strdup(key);
    path->count++;
}

static bool names_guest(const char *key, const char *const *guests)
{
    bool found = strcmp(key, "all") == 0;
    for (; !found && *guests; guests++)
        found = xb_exp_key_means(key, *guests);
    return found;
}

/* Prepend the keys that the user may leave out: `guests`, `all`, `defaults`. */
static int complete(struct xb_keypath *path, const struct xb_keypath_place *place,
                    struct xb_err *err)
{
    bool top = place->of == XB_KEYPATH_TOP;
    const struct xb_yaml_key *own = top ? xb_exp_head_keys : xb_exp_case_keys;
    struct xb_exp_keys settings = {0};
    const char *first = path->keys[0];
    if (top)
        xb_exp_keys_add(&settings, xb_exp_fixed_keys, 0);
    xb_exp_keys_setting(&settings, 0);
    if (has_key(own, first))
        return 0;
    bool guest = path->count > 1 && names_guest(first, place->guests);
    bool setting = !guest && has_key(settings.v, first);
    if ((!setting && !guest) || path->count + 2 > XB_KEYPATH_MAX)
        return fail_unknown(first, place, own, settings.v, err);
    path->common = setting && path->count == 1;
    if (setting)
        put_before(path, "all");
    if (!top || strcmp(path->keys[0], "all") != 0) {
        put_before(path, "guests");
    } else {
        free(path->keys[0]);
        path->keys[0] = xb_strdup("defaults");
    }
    return 0;
}

static const char *find_control(const char *text)
{
    while (*text && (!iscntrl((unsigned char)*text) || strchr("\n\t\r", *text)))
        text++;
    return *text ? text : NULL;
}

int xb_keypath_read(struct xb_keypath *out, const char *word, const struct xb_keypath_place *place,
                    struct xb_err *err)
{
    *out = (struct xb_keypath){.count = 0};
    const char *equals = strchr(word, '='), *control = NULL;
    int r;
    if (!equals || equals == word)
        r = xb_fail(err, XB_E_INPUT, 0, "%s: `%.80s` is no KEY=VALUE", place->said, word);
    else if (cut_keys(out, word, equals) < 0)
        r = xb_fail(err, XB_E_INPUT, 0, "%s: `%.*s` is no key, or keys with dots between them",
                    place->said, (int)(equals - word), word);
    else if (!equals[1])
        r = xb_fail(err, XB_E_INPUT, 0, "%s: `%s` has no value", place->said,
                    out->keys[out->count - 1]);
    else if ((control = find_control(equals + 1)))
        r = xb_fail(err, XB_E_INPUT, 0,
                    "%s: `%s` has the control character 0x%02x, which nothing "
                    "can show",
                    place->said, out->keys[out->count - 1], (unsigned char)*control);
    else
        r = complete(out, place, err);
    if (r < 0)
        xb_keypath_clear(out);
    else
        out->value = xb_strdup(equals + 1);
    return r;
}

void xb_keypath_clear(struct xb_keypath *path)
{
    for (size_t i = 0; i < path->count; i++)
        free(path->keys[i]);
    free(path->value);
    *path = (struct xb_keypath){.count = 0};
}

char *xb_keypath_quoted(const char *text)
{
    char *out = xb_malloc(4 * strlen(text) + 3), *at = out;
    *at++ = '"';
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            *at++ = '\\';
        if (iscntrl((unsigned char)*text))
            at += sprintf(at, "\\x%02x", (unsigned char)*text);
        else
            *at++ = *text;
    }
    strcpy(at, "\"");
    return out;
}

/* Does YAML read the unquoted text as this very text? */
static bool is_plain(const char *text)
{
    static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "_./+,^%=-() ";
    size_t n = strspn(text, fine);
    return n > 0 && !text[n] && text[n - 1] != ' ' &&
           (isalnum((unsigned char)*text) || *text == '/') && strcasecmp(text, "null") != 0;
}

char *xb_keypath_text(const char *text)
{
    return is_plain(text) ? xb_strdup(text) : xb_keypath_quoted(text);
}

char *xb_keypath_value(const char *value, bool flow, const char *said, struct xb_err *err)
{
    struct xb_yaml yaml;
    struct xb_err why = {0};
    if (!strchr("[{\"'", *value))
        return flow ? xb_keypath_quoted(value) : xb_keypath_text(value);
    char *out = xb_strdup(value);
    for (char *at = out; (at = strpbrk(at, "\r\n"));)
        *at = ' ';
    xb_auto_free char *line = xb_asprintf("value: %s\n", out);
    if (xb_yaml_parse(&yaml, "", line, strlen(line), &why) == 0) {
        xb_yaml_close(&yaml);
        return out;
    }
    xb_fail(err, XB_E_INPUT, 0,
            "%s: `%.80s` begins as YAML and is not: a bracket or a quote is open, "
            "or text follows it",
            said, value);
    free(out);
    return NULL;
}
