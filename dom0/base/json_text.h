/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arbitrary bytes as JSON text, which must be UTF-8.
 */
#ifndef XB_JSON_TEXT_H
#define XB_JSON_TEXT_H

#include <jansson.h>
#include <stddef.h>

/* Escapes bytes that are not UTF-8. */
json_t *xb_text_json(const char *text, size_t bytes);
/* The same for a string; NULL becomes null. */
json_t *xb_json_text(const char *text);

#endif
