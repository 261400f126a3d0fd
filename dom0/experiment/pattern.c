/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads patterns that regcomp(3) has accepted. Even a malformed one is not read beyond its end. */
#include "pattern.h"

#include <string.h>

enum kind {
    KIND_PLAIN, /* a character that stands for itself */
    KIND_ESCAPED,
    KIND_ANY,  /* `.`, `[^...]`, `\S`, `\w`, `\W` */
    KIND_LIST, /* `[...]` */
    KIND_OPEN,
    KIND_CLOSE,
    KIND_OTHER, /* an anchor, or `|` */
};

struct atom {
    enum kind kind;
    struct xb_span text; /* without its repetition */
    char repeated;       /* `*`, `+`, `?`, `{`, or 0 */
};

/* The end of a list that begins at `at`; a `]` at its start, or in `[:alpha:]`, does not end it. */
static size_t list_end(const char *pattern, size_t at)
{
    size_t i = at + 1;
    i += pattern[i] == '^';
    i += pattern[i] == ']';
    for (; pattern[i] && pattern[i] != ']'; i++) {
        if (pattern[i] != '[' || !pattern[i + 1] || !strchr(":.=", pattern[i + 1]))
            continue;
        const char closing[] = {pattern[i + 1], ']', '\0'}, *end = strstr(pattern + i + 2, closing);
        if (end)
            i = (size_t)(end - pattern) + 1;
    }
    return i + (pattern[i] == ']');
}

static struct atom atom_at(const char *pattern, size_t at)
{
    struct atom atom = {.kind = KIND_PLAIN, .text = {at, at + 1}};
    char c = pattern[at];
    if (c == '\\' && pattern[at + 1]) {
        atom.kind = strchr("SwW", pattern[at + 1]) ? KIND_ANY : KIND_ESCAPED;
        atom.text.to++;
    } else if (c == '[') {
        atom.kind = pattern[at + 1] == '^' ? KIND_ANY : KIND_LIST;
        atom.text.to = list_end(pattern, at);
    } else if (c == '.') {
        atom.kind = KIND_ANY;
    } else if (c == '(' || c == ')') {
        atom.kind = c == '(' ? KIND_OPEN : KIND_CLOSE;
    } else if (c == '^' || c == '$' || c == '|') {
        atom.kind = KIND_OTHER;
    }
    return atom;
}

static bool next_atom(const char *pattern, size_t *at, struct atom *atom)
{
    if (!pattern[*at])
        return false;
    *atom = atom_at(pattern, *at);
    *at = atom->text.to;
    while (pattern[*at] && strchr("*+?{", pattern[*at])) {
        atom->repeated = pattern[*at];
        const char *end = pattern[*at] == '{' ? strchr(pattern + *at, '}') : pattern + *at;
        *at = end ? (size_t)(end - pattern) + 1 : *at + 1;
    }
    return true;
}

/* `[a-z0-9]*` before a group may match digits that belong to the group. */
static bool takes_numbers_before(const struct atom *atom)
{
    return atom->kind == KIND_ANY ||
           (atom->kind == KIND_LIST && atom->repeated && atom->repeated != '?');
}

struct xb_pattern_sides xb_pattern_sides(const char *pattern)
{
    struct xb_pattern_sides sides = {false, false};
    struct atom atom, last = {.kind = KIND_OTHER};
    size_t at = 0, depth = 0;
    while (next_atom(pattern, &at, &atom) && atom.kind != KIND_OPEN)
        last = atom;
    if (!pattern[at])
        return sides;
    sides.before = takes_numbers_before(&last);
    for (depth = 1; depth > 0 && next_atom(pattern, &at, &atom);)
        depth = depth + (atom.kind == KIND_OPEN) - (atom.kind == KIND_CLOSE);
    sides.after = next_atom(pattern, &at, &atom) && atom.kind == KIND_ANY;
    return sides;
}

struct xb_span xb_pattern_literal(const char *pattern)
{
    struct xb_span best = {0, 0}, run = {0, 0};
    struct atom atom;
    for (size_t at = 0; next_atom(pattern, &at, &atom);) {
        bool may_lack = atom.repeated && atom.repeated != '+';
        if (atom.kind == KIND_PLAIN && !may_lack)
            run.to = atom.text.to;
        if (run.to - run.from > best.to - best.from)
            best = run;
        if (atom.kind != KIND_PLAIN || atom.repeated)
            run = (struct xb_span){at, at};
    }
    return best;
}
