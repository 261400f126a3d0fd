/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What complete.c, complete_values.c and complete_keys.c share. */
#ifndef XB_COMPLETE_I_H
#define XB_COMPLETE_I_H

#include "complete.h"

#include <stdbool.h>

struct xb_completion {
    struct xb_app *app;
    FILE *out;
    const char *word;           /* being typed */
    size_t kept;                /* bytes of word that stay before each offer: "--image=", "web," */
    const char *command, *verb; /* "": none yet */
    const struct xb_opt *row;   /* whose value is wanted; NULL: a word of the command */
    const char *store, *guests; /* values on the command line; NULL: not given */
    char **named;               /* words of the command before this one, not options */
    size_t named_count;
};

/* Offer a word, if it begins as the word being typed does. about NULL: there is nothing to say. */
void xb_offer(const struct xb_completion *c, const char *text, const char *about);
/* The same for text with an end, "=" or ".", after which the user goes on. */
void xb_offer_begun(const struct xb_completion *c, const char *text, const char *end,
                    const char *about);
void xb_offer_files(const struct xb_completion *c, bool only_dirs);

/*
 * Offer values of a kind: what a usage line calls them, such as "RUN", "GUEST|FILE" or
 * "GUEST[,GUEST...]...". Where that says nothing, the option's name may.
 */
void xb_offer_values(struct xb_completion *c, const char *kind);
/* Offer values of one kind, by its name in capitals or not; false: there is no such kind. */
bool xb_offer_kind(struct xb_completion *c, const char *name);

/* complete_keys.c: "KEY=VALUE", and "NAME: KEY=VALUE KEY=VALUE ...". */
void xb_offer_keys(struct xb_completion *c);
void xb_offer_settings(struct xb_completion *c);

/*
 * The options of a kind of image, as its recipe lists them: rows that end with OPT_END, or NULL.
 * Rows and *text, which holds their strings, are to free.
 */
struct xb_opt *xb_recipe_rows(const struct xb_completion *c, const char *kind, char **text);

#endif
