/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion of the keys of an experiment, for --set and --case. */
#include "alloc.h"
#include "base.h"
#include "complete_i.h"
#include "experiment.h"

#include <stdlib.h>
#include <string.h>

/* Offers the keys below `before`, such as "dom0.", and after a key's "=" its values. */
struct keys {
    struct xb_completion *c;
    const char *before;
    const char *but; /* a key that another table has too; NULL: none */
};

/* The experiment file on the command line; NULL if there is none that can be read. */
static struct xb_experiment *read_file(const struct xb_completion *c)
{
    struct xb_err err = {0};
    struct xb_experiment *exp = NULL;
    const struct xb_exp_source source = {.path = c->named_count ? c->named[0] : NULL};
    return source.path && xb_experiment_read(&exp, &source, &err) == 0 ? exp : NULL;
}

/* After "compare={a: " and "exclude={case: ", offer the file's cases. */
static void offer_cases(struct xb_completion *c, const char *name)
{
    const char *colon = strrchr(c->word + c->kept, ':');
    if (!colon || colon[1] != ' ' || (strcmp(name, "compare") != 0 && strcmp(name, "exclude") != 0))
        return;
    struct xb_experiment *exp = read_file(c);
    c->kept = (size_t)(colon + 2 - c->word);
    for (size_t i = 0; exp && i < exp->case_count; i++)
        xb_offer(c, exp->cases[i].name, NULL);
    xb_experiment_free(exp);
}

static void offer_key_values(struct xb_completion *c, const char *name, const char *const *words)
{
    for (; words && *words; words++)
        xb_offer(c, *words, NULL);
    xb_offer_kind(c, name);
    offer_cases(c, name);
}

static void offer_key(void *arg, const char *name, const char *help, const char *const *words)
{
    const struct keys *k = arg;
    struct xb_completion in = *k->c;
    xb_auto_free char *key = xb_asprintf("%s%s", k->before, name);
    const char *begun = in.word + in.kept;
    size_t length = strlen(key);
    if (k->but && strcmp(name, k->but) == 0)
        return;
    if (strncmp(begun, key, length) == 0 && begun[length] == '=') {
        in.kept += length + 1;
        offer_key_values(&in, name, words);
    } else {
        xb_offer_begun(k->c, key, "=", help);
    }
}

static void offer_keys_below(struct xb_completion *c, const char *before, enum xb_exp_place place)
{
    struct keys keys = {c, before, NULL};
    const char *begun = c->word + c->kept;
    if (*before && strncmp(begun, before, strlen(before)) != 0)
        xb_offer(c, before, NULL);
    else
        xb_exp_each_key(place, offer_key, &keys);
}

static void offer_keys_of_guest(struct xb_completion *c, const char *name)
{
    xb_auto_free char *before = xb_asprintf("%s.", name);
    offer_keys_below(c, before, XB_EXP_IN_GUEST);
}

/* The guests of --guests, or of the experiment file. */
static void offer_keys_of_guests(struct xb_completion *c)
{
    struct xb_experiment *exp = read_file(c);
    xb_auto_free char *names = xb_strdup(c->guests ? c->guests : "");
    unsigned made = (unsigned)strtoul(names, NULL, 10);
    for (unsigned i = 1; i <= made && i <= XB_EXP_GUESTS_MAX; i++) {
        xb_auto_free char *name = xb_asprintf("g%u", i);
        offer_keys_of_guest(c, name);
    }
    for (char *at = names, *name; made == 0 && (name = strsep(&at, ","));)
        if (*name)
            offer_keys_of_guest(c, name);
    for (size_t g = 0; exp && g < exp->guest_count; g++)
        offer_keys_of_guest(c, exp->guests[g].name);
    xb_experiment_free(exp);
}

void xb_offer_keys(struct xb_completion *c)
{
    struct keys of_all_guests = {c, "", "workload"};
    offer_keys_below(c, "", XB_EXP_IN_FILE);
    xb_exp_each_key(XB_EXP_IN_GUEST, offer_key, &of_all_guests);
    offer_keys_below(c, "dom0.", XB_EXP_IN_DOM0);
    offer_keys_below(c, "host.", XB_EXP_IN_HOST);
    offer_keys_of_guests(c);
}

void xb_offer_settings(struct xb_completion *c)
{
    const char *blank = strrchr(c->word + c->kept, ' ');
    if (blank)
        c->kept = (size_t)(blank + 1 - c->word);
    offer_keys_below(c, "", XB_EXP_IN_GUEST);
    offer_keys_below(c, "dom0.", XB_EXP_IN_DOM0);
    offer_keys_below(c, "host.", XB_EXP_IN_HOST);
    offer_keys_of_guests(c);
    xb_offer(c, "active=", NULL);
}
