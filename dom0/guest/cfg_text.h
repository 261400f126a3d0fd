/*
 * The text of an xl.cfg, taken apart as libxlutil's scanner does: a setting may go over many lines and two may stand in one,
 * strings have quotes of two kinds and escapes. libxlutil tells what a file sets, and cannot write one.
 */
#ifndef XB_CFG_TEXT_H
#define XB_CFG_TEXT_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A setting, from its key up to the end of its value, or a string with its quotes: a part of the text. */
struct xb_cfg_part {
    size_t from, to;
};

/* A file's text, which ends with a newline, to free; NULL, with XB_E_INPUT, where it cannot be read, is beyond 1 MiB or has NUL bytes in it. */
char *xb_cfg_read(const char *path, struct xb_err *err);

/* The next setting from *at on, which is then its end; false where there is none. */
bool xb_cfg_next_setting(const char *text, size_t *at, struct xb_cfg_part *out);
bool xb_cfg_is_key(const char *text, struct xb_cfg_part setting, const char *key);
/* The next string of a setting, likewise. */
bool xb_cfg_next_string(const char *text, size_t *at, struct xb_cfg_part setting,
                        struct xb_cfg_part *out);
/* What such a string says, to free; NULL: no memory. */
char *xb_cfg_unquote(const char *text, struct xb_cfg_part string);

/* Text within double quotes, without these; a whole line `key = "value"`. */
void xb_cfg_put_quoted(FILE *out, const char *text);
void xb_cfg_put_string(FILE *out, const char *key, const char *value);

#endif
