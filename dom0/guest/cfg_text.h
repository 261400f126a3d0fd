/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The text of an xl.cfg, split as libxlutil's scanner does: settings may span lines or share one,
 * strings have two kinds of quotes and escapes. Needed because libxlutil cannot write a file.
 */
#ifndef XB_CFG_TEXT_H
#define XB_CFG_TEXT_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A part of the text: a setting from its key to its value's end, or a string with its quotes. */
struct xb_cfg_part {
    size_t from, to;
};

/*
 * A file's text, ending with a newline, to free. NULL with XB_E_INPUT if it is unreadable, beyond 1
 * MiB or contains NUL bytes.
 */
char *xb_cfg_read(const char *path, struct xb_err *err);

/* The next setting from *at on; *at moves to its end. False at the end of the text. */
bool xb_cfg_next_setting(const char *text, size_t *at, struct xb_cfg_part *out);
bool xb_cfg_is_key(const char *text, struct xb_cfg_part setting, const char *key);
/* The same for the next string of a setting. */
bool xb_cfg_next_string(const char *text, size_t *at, struct xb_cfg_part setting,
                        struct xb_cfg_part *out);
/* The string's value, to free. */
char *xb_cfg_unquote(const char *text, struct xb_cfg_part string);

/* Write text as it stands between double quotes (without them); write a line `key = "value"`. */
void xb_cfg_put_quoted(FILE *out, const char *text);
void xb_cfg_put_string(FILE *out, const char *key, const char *value);

#endif
