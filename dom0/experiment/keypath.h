/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a KEY=VALUE of the command line belongs in an experiment: "g1.cap=50" is guests/g1/cap. The
 * key tables that read the file decide this.
 */
#ifndef XB_KEYPATH_H
#define XB_KEYPATH_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>

#define XB_KEYPATH_MAX 8

/* A KEY=VALUE word, cut into its parts. Owns its texts. */
struct xb_keypath {
    char *keys[XB_KEYPATH_MAX]; /* from the top of the experiment, or of the case */
    size_t count;
    char *value; /* as it was written */
    bool common; /* a setting of all guests, given without a guest's name */
};

/* What the words may name. */
enum xb_keypath_of { XB_KEYPATH_TOP, XB_KEYPATH_CASE };
struct xb_keypath_place {
    enum xb_keypath_of of;
    const char *const *guests; /* names, NULL-terminated */
    const char *said;          /* the option, for messages: "--case 'shared'" */
};

/*
 * Cut a word. A key of the file stays as it is. A setting without a guest's name is for all guests,
 * and what begins with a guest's name is a setting of that guest. XB_E_INPUT, with the nearest
 * word, for any other key. End with xb_keypath_clear (not after a failure).
 */
int xb_keypath_read(struct xb_keypath *out, const char *word, const struct xb_keypath_place *place,
                    struct xb_err *err);
void xb_keypath_clear(struct xb_keypath *path);

/*
 * A value as YAML in one line, to free. A value that begins with [ { or a quote is YAML already;
 * any other is plain text, which is always quoted inside braces (flow). NULL, with err filled, if
 * it is not YAML; messages begin with said.
 */
char *xb_keypath_value(const char *value, bool flow, const char *said, struct xb_err *err);

/* A text as YAML, to free: always in double quotes, or (_text) only if it needs them. */
char *xb_keypath_quoted(const char *text);
char *xb_keypath_text(const char *text);

/*
 * The next item of a list, up to one of `separators` outside brackets and quotes, in *out (to
 * free). Returns what follows the separator; NULL at the end.
 */
const char *xb_keypath_item(const char *text, const char *separators, char **out);
/* The number of values with commas between them; 1 if the text begins as YAML ([, { or a quote). */
size_t xb_keypath_values(const char *value);

#endif
