/*
 * Text that may hold anything as JSON, which is UTF-8.
 */
#ifndef XB_JSON_TEXT_H
#define XB_JSON_TEXT_H

#include <jansson.h>
#include <stddef.h>

/* Bytes that are not UTF-8 are escaped. NULL where memory ran out. */
json_t *xb_text_json(const char *text, size_t bytes);
/* Likewise a string; NULL is null. */
json_t *xb_json_text(const char *text);

#endif
