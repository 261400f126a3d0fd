/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arbitrary bytes as JSON text, which must be UTF-8; numbers, which must be finite.
 */
#ifndef XB_JSON_TEXT_H
#define XB_JSON_TEXT_H

#include <jansson.h>
#include <stddef.h>

/* Text as a JSON string; if it is not UTF-8, it is escaped (escape.h). */
json_t *xb_text_json(const char *text, size_t bytes);
/* The same for a string; NULL becomes null. */
json_t *xb_json_text(const char *text);
/* A number; null if it is not finite. */
json_t *xb_json_number(double value);

#endif
