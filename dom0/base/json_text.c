/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "json_text.h"

#include "alloc.h"
#include "base.h"
#include "escape.h"

#include <math.h>
#include <string.h>

json_t *xb_text_json(const char *text, size_t bytes)
{
    json_t *json = json_stringn(text, bytes);
    if (json)
        return json;
    struct xb_escape escape = {0};
    xb_auto_free char *shown = xb_malloc(XB_ESCAPE_MAX(bytes) + 1);
    return json_stringn(shown, xb_escape(&escape, (const uint8_t *)text, bytes, true, shown));
}

json_t *xb_json_text(const char *text)
{
    return text ? xb_text_json(text, strlen(text)) : json_null();
}

json_t *xb_json_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}
