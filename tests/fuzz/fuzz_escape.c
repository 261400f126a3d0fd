/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A guest's bytes on the way to a terminal, into a message and into JSON. Everything that comes out
 * must be printable text. The first byte says where the others are cut in two.
 * For: dom0/base/escape.c dom0/base/json_text.c dom0/base/said.c
 */
#include "alloc.h"
#include "base.h"
#include "escape.h"
#include "files.h"
#include "json_text.h"
#include "said.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check_text(const char *text, size_t bytes, const char *passes)
{
    for (size_t at = 0, n; at < bytes; at += n) {
        n = xb_printable((const uint8_t *)text + at, bytes - at);
        if (n == 0 && text[at] && strchr(passes, text[at]))
            n = 1;
        if (n == 0)
            abort();
    }
}

static void check_stream(const uint8_t *data, size_t bytes, size_t cut)
{
    struct xb_escape escape = {0};
    xb_auto_free char *out = xb_calloc(1, XB_ESCAPE_MAX(bytes) + XB_ESCAPE_MAX(0));
    size_t n = xb_escape(&escape, data, cut, false, out);
    n += xb_escape(&escape, data + cut, bytes - cut, true, out + n);
    check_text(out, n, "\n\t");
}

static void check_said(const uint8_t *data, size_t bytes)
{
    char out[200];
    xb_auto_free char *text = xb_calloc(1, bytes + 1);
    memcpy(text, data, bytes);
    xb_said(text, out, sizeof(out));
    if (!memchr(out, 0, sizeof(out)))
        abort();
    check_text(out, strlen(out), "");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes == 0)
        return 0;
    size_t cut = data[0] < bytes ? data[0] : bytes;
    check_stream(data, bytes, cut);
    check_said(data, bytes);
    xb_auto_json json_t *json = xb_text_json((const char *)data, bytes);
    if (!json_is_string(json))
        abort();
    return 0;
}
