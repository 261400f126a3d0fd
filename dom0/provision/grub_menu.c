/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grub_menu.h"

#include "alloc.h"
#include "base.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES 512

/* Skip a line's leading blanks; *n is the length of the rest. */
static const char *line_at(const char *at, size_t *n)
{
    at += strspn(at, " \t");
    *n = strcspn(at, "\n");
    return at;
}

static const char *next_line(const char *at)
{
    at += strcspn(at, "\n");
    return *at ? at + 1 : at;
}

static bool begins(const char *line, const char *word)
{
    return strncmp(line, word, strlen(word)) == 0;
}

/*
 * Read the default entry (a title, id or number) without its submenus. 00_header sets it first for
 * a one-time boot and then by GRUB_DEFAULT, so the last setting counts.
 */
static void read_default(const char *menu, char out[NAME_BYTES])
{
    out[0] = '\0';
    for (; *menu; menu = next_line(menu)) {
        size_t n;
        const char *line = line_at(menu, &n);
        if (begins(line, "set default=\""))
            snprintf(out, NAME_BYTES, "%.*s", (int)strcspn(line + 13, "\"\n"), line + 13);
    }
    const char *last = strrchr(out, '>');
    if (last)
        memmove(out, last + 1, strlen(last));
}

/* Is this the `menuentry` line with this title or id? Both are in single quotes. */
static bool has_name(const char *line, size_t n, const char *name)
{
    char quoted[NAME_BYTES + 4];
    int bytes = snprintf(quoted, sizeof(quoted), " '%s' ", name);
    return name[0] && memmem(line, n, quoted, (size_t)bytes);
}

/* The command line that the named entry gives to Xen, *n bytes; NULL if there is none. */
static const char *find_xen(const char *menu, const char *name, size_t *n)
{
    bool inside = false;
    for (; *menu; menu = next_line(menu)) {
        const char *line = line_at(menu, n);
        if (begins(line, "menuentry ") || begins(line, "submenu ")) {
            if (inside)
                return NULL;
            inside = begins(line, "menuentry ") && has_name(line, *n, name);
        }
        if (inside && begins(line, "multiboot") && memmem(line, *n, "/xen", 4))
            return line;
    }
    return NULL;
}

/* Does any entry start Xen? */
static bool has_xen(const char *menu)
{
    for (; *menu; menu = next_line(menu)) {
        size_t n;
        const char *line = line_at(menu, &n);
        if (begins(line, "multiboot") && memmem(line, n, "/xen", 4))
            return true;
    }
    return false;
}

/* Is the word on the line, between blanks or the line's ends? */
static bool has_word(const char *line, size_t n, const char *word, size_t word_bytes)
{
    for (size_t i = 0; i + word_bytes <= n; i++) {
        size_t end = i + word_bytes;
        if (memcmp(line + i, word, word_bytes) == 0 && (i == 0 || strchr(" \t", line[i - 1])) &&
            (end == n || strchr(" \t", line[end])))
            return true;
    }
    return false;
}

static bool has_all_words(const char *line, size_t n, const char *words)
{
    for (const char *word = words + strspn(words, " "); *word; word += strspn(word, " ")) {
        size_t bytes = strcspn(word, " ");
        if (!has_word(line, n, word, bytes))
            return false;
        word += bytes;
    }
    return true;
}

const char *xb_grub_menu_lacks(const char *menu, const char *words)
{
    char name[NAME_BYTES];
    size_t n;
    read_default(menu, name);
    const char *xen = find_xen(menu, name, &n);
    if (!xen)
        return has_xen(menu) ? "it does not start Xen" : "it has no entry for Xen";
    return has_all_words(xen, n, words) ? NULL
                                        : "Xen's command line lacks the requested "
                                          "options";
}
