/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairs the cases and guests of each run with those of the baseline, by name. */
#include "base.h"
#include "compare_model.h"

#include <stdio.h>
#include <string.h>

#define NONE SIZE_MAX

static size_t find_case(const struct xb_model *m, const char *name, size_t length)
{
    for (size_t i = 0; i < m->case_count; i++)
        if (strlen(m->cases[i].name) == length && strncmp(m->cases[i].name, name, length) == 0)
            return i;
    return NONE;
}

static size_t find_guest(const struct xb_model *m, const char *name)
{
    for (size_t i = 0; i < m->guest_count; i++)
        if (strcmp(m->guests[i].name, name) == 0)
            return i;
    return NONE;
}

/*
 * "NAME=NAME": the baseline's case and the run's. Names may contain `=`, so each `=` is tried as
 * the separator.
 */
static bool read_pair(const struct xb_comparison *c, const char *pair, size_t run, size_t *a,
                      size_t *b)
{
    const struct xb_model *ours = &c->runs[0].model, *theirs = &c->runs[run].model;
    for (const char *at = strchr(pair, '='); at; at = strchr(at + 1, '=')) {
        *a = find_case(ours, pair, (size_t)(at - pair));
        *b = find_case(theirs, at + 1, strlen(at + 1));
        if (*a != NONE && *b != NONE)
            return true;
    }
    return false;
}

static int check_pairs(const struct xb_comparison *c, const struct xb_compare_request *request,
                       struct xb_err *err)
{
    for (size_t i = 0; i < request->case_count; i++) {
        size_t a, b;
        bool known = false;
        for (size_t run = 1; run < c->run_count; run++)
            known = known || read_pair(c, request->cases[i], run, &a, &b);
        if (!known)
            return xb_fail(err, XB_E_INPUT, 0,
                           "--case '%s': write NAME=NAME, a case of the baseline and its name in "
                           "the other run (`xenbench runs show RUN` lists them)",
                           request->cases[i]);
    }
    return 0;
}

/* The run's counterpart of a baseline case: by --case, else by name; NONE: there is none. */
static size_t other_case(const struct xb_comparison *c, const struct xb_compare_request *request,
                         size_t run, size_t case_a)
{
    for (size_t i = 0; i < request->case_count; i++) {
        size_t a, b;
        if (read_pair(c, request->cases[i], run, &a, &b) && a == case_a)
            return b;
    }
    const char *name = c->runs[0].model.cases[case_a].name;
    return find_case(&c->runs[run].model, name, strlen(name));
}

static void add_row(struct xb_comparison *c, size_t run, size_t case_a, size_t case_b,
                    size_t guest_a)
{
    const struct xb_model *ours = &c->runs[0].model, *theirs = &c->runs[run].model;
    const char *guest = ours->guests[guest_a].name;
    size_t guest_b = find_guest(theirs, guest);
    const struct xb_group *a = xb_model_group(ours, case_a, guest_a);
    if (guest_b == NONE)
        return;
    const struct xb_group *b = xb_model_group(theirs, case_b, guest_b);
    if (a->role != XB_ROLE_MEASURED && b->role != XB_ROLE_MEASURED)
        return;
    if (a->role != b->role) {
        xb_compare_say(c, &c->alone, &c->alone_count, "%s, %s: %s in A, %s in %s",
                       ours->cases[case_a].name, guest, xb_role_words[a->role],
                       xb_role_words[b->role], c->runs[run].letter);
        return;
    }
    struct xb_compared *row = xb_arena_grow(&c->arena, &c->rows, &c->row_count, sizeof(*row));
    *row = (struct xb_compared){
        .run = run,
        .case_a = case_a,
        .case_b = case_b,
        .guest_a = guest_a,
        .guest_b = guest_b,
        .a = a,
        .b = b,
    };
}

static void say_alone(struct xb_comparison *c, size_t run, const bool *used)
{
    const struct xb_model *ours = &c->runs[0].model, *theirs = &c->runs[run].model;
    const char *letter = c->runs[run].letter;
    for (size_t i = 0; i < theirs->case_count; i++)
        if (!used[i])
            xb_compare_say(c, &c->alone, &c->alone_count, "case %s: only in %s",
                           theirs->cases[i].name, letter);
    for (size_t i = 0; i < ours->guest_count; i++)
        if (find_guest(theirs, ours->guests[i].name) == NONE)
            xb_compare_say(c, &c->alone, &c->alone_count, "guest %s: in A, not in %s",
                           ours->guests[i].name, letter);
    for (size_t i = 0; i < theirs->guest_count; i++)
        if (find_guest(ours, theirs->guests[i].name) == NONE)
            xb_compare_say(c, &c->alone, &c->alone_count, "guest %s: only in %s",
                           theirs->guests[i].name, letter);
}

static int match_run(struct xb_comparison *c, const struct xb_compare_request *request, size_t run,
                     struct xb_err *err)
{
    const struct xb_model *ours = &c->runs[0].model, *theirs = &c->runs[run].model;
    bool *used = xb_arena_alloc(&c->arena, theirs->case_count + 1, sizeof(*used));
    size_t before = c->row_count;
    for (size_t i = 0; i < ours->case_count; i++) {
        size_t other = other_case(c, request, run, i);
        if (other == NONE) {
            xb_compare_say(c, &c->alone, &c->alone_count, "case %s: in A, not in %s",
                           ours->cases[i].name, c->runs[run].letter);
            continue;
        }
        used[other] = true;
        for (size_t g = 0; g < ours->guest_count; g++)
            add_row(c, run, i, other, g);
    }
    say_alone(c, run, used);
    if (c->row_count > before)
        return 0;
    return xb_fail(err, XB_E_INPUT, 0,
                   "%s and %s have no measured case and guest of the same name: A's first are `%s` "
                   "and `%s`, %s's `%s` and `%s` (--case 'NAME=NAME' says which cases belong "
                   "together)",
                   c->runs[0].word, c->runs[run].word, ours->case_count ? ours->cases[0].name : "",
                   ours->guest_count ? ours->guests[0].name : "", c->runs[run].letter,
                   theirs->case_count ? theirs->cases[0].name : "",
                   theirs->guest_count ? theirs->guests[0].name : "");
}

int xb_compare_match(struct xb_comparison *c, const struct xb_compare_request *request,
                     struct xb_err *err)
{
    if (check_pairs(c, request, err) < 0)
        return -1;
    for (size_t run = 1; run < c->run_count; run++)
        if (match_run(c, request, run, err) < 0)
            return -1;
    return 0;
}

void xb_compared_case(const struct xb_comparison *c, const struct xb_compared *row, char *out,
                      size_t bytes)
{
    const char *a = c->runs[0].model.cases[row->case_a].name;
    const char *b = c->runs[row->run].model.cases[row->case_b].name;
    bool same = strcmp(a, b) == 0;
    snprintf(out, bytes, "%s%s%s", a, same ? "" : " = ", same ? "" : b);
}

void xb_compared_name(const struct xb_comparison *c, const struct xb_compared *row, char *out,
                      size_t bytes)
{
    xb_compared_case(c, row, out, bytes);
    size_t used = strlen(out);
    snprintf(out + used, bytes - used, ", %s", c->runs[0].model.guests[row->guest_a].name);
}
