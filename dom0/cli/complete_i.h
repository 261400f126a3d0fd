/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared by complete.c, complete_values.c and complete_keys.c. */
#ifndef XB_COMPLETE_I_H
#define XB_COMPLETE_I_H

#include "complete.h"

#include <stdbool.h>

struct xb_completion {
    struct xb_app *app;
    FILE *out;
    const char *word;           /* the word being typed */
    size_t kept;                /* bytes of word that each offer repeats: "--image=", "web," */
    const char *command, *verb; /* "": none yet */
    const struct xb_opt *row;   /* the option whose value is typed; NULL: a word of the command */
    const char *store, *guests; /* values on the command line; NULL: not given */
    char **named;               /* the command's words before this one, without options */
    size_t named_count;
};

/* Offer a word if it begins like the word being typed. about NULL: no description. */
void xb_offer(const struct xb_completion *c, const char *text, const char *about);
/* The same for text with an end, "=" or ".", after which the user types on. */
void xb_offer_begun(const struct xb_completion *c, const char *text, const char *end,
                    const char *about);
void xb_offer_files(const struct xb_completion *c, bool only_dirs);

/*
 * Offer values of a kind, as a usage line calls it: "RUN", "GUEST|FILE" or "GUEST[,GUEST...]...".
 * If the kind is unknown, the option's name may be one.
 */
void xb_offer_values(struct xb_completion *c, const char *kind);
/* Offer values of one kind, by its name in capitals or not; false: there is no such kind. */
bool xb_offer_kind(struct xb_completion *c, const char *name);

/* complete_keys.c: "KEY=VALUE", and "NAME: KEY=VALUE KEY=VALUE ...". */
void xb_offer_keys(struct xb_completion *c);
void xb_offer_settings(struct xb_completion *c);

/*
 * The options of a kind of image, as its recipe's help lists them: rows that end with OPT_END, or
 * NULL. The caller frees the rows and *text, which holds their strings.
 */
struct xb_opt *xb_recipe_rows(const struct xb_completion *c, const char *kind, char **text);

#endif
