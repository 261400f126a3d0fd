/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "said.h"

#include "alloc.h"
#include "base.h"
#include "escape.h"

#include <stdbool.h>
#include <string.h>

/* Non-empty lines, without consecutive repetitions. */
struct lines {
    char **line;
    size_t count;
};

static void split(struct lines *lines, char *text)
{
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\r\n"));) {
        line += strspn(line, " \t");
        for (size_t n = strlen(line); n && strchr(" \t", line[n - 1]);)
            line[--n] = '\0';
        if (!*line || (lines->count && strcmp(lines->line[lines->count - 1], line) == 0))
            continue;
        *xb_append(&lines->line, &lines->count) = line;
    }
}

static bool is_warning(const char *line)
{
    return strncasecmp(line, "warning", strlen("warning")) == 0;
}

/* Remove an incomplete character that a cut has left at the end. */
static void trim(char *text)
{
    size_t bytes = strlen(text), part = 1;
    while (part < bytes && part < 4 && ((uint8_t)text[bytes - part] & 0xc0) == 0x80)
        part++;
    if (bytes && !xb_printable((const uint8_t *)text + bytes - part, part))
        text[bytes - part] = '\0';
}

/* False if the line does not fit; out then holds the part that does. */
static bool put(char *out, size_t out_bytes, const char *line)
{
    struct xb_escape escape = {0};
    size_t used = strlen(out), bytes = strlen(line) < out_bytes ? strlen(line) : out_bytes;
    xb_auto_free char *clean = xb_malloc(XB_ESCAPE_MAX(bytes) + 1);
    clean[xb_escape(&escape, (const uint8_t *)line, bytes, true, clean)] = '\0';
    for (char *tab = clean; (tab = strchr(tab, '\t'));)
        *tab = ' ';
    int n = snprintf(out + used, out_bytes - used, "%s%s", used ? "; " : "", clean);
    trim(out);
    return n >= 0 && (size_t)n < out_bytes - used;
}

/* Join the lines starting at `from`, after `before` (may be NULL). */
static bool join(const struct lines *lines, size_t from, bool warnings, const char *before,
                 char *out, size_t out_bytes)
{
    bool fits = true;
    out[0] = '\0';
    if (before)
        fits = put(out, out_bytes, before) && put(out, out_bytes, "...");
    for (size_t i = from; fits && i < lines->count; i++)
        if (warnings || !is_warning(lines->line[i]))
            fits = put(out, out_bytes, lines->line[i]);
    return fits;
}

/* The first line, and as many of the last lines as fit. */
static void join_ends(const struct lines *lines, size_t first, bool warnings, char *out,
                      size_t out_bytes)
{
    const char *reason = lines->line[first];
    for (size_t from = first + 1; from < lines->count; from++)
        if (join(lines, from, warnings, reason, out, out_bytes))
            return;
    out[0] = '\0';
    put(out, out_bytes, reason);
}

void xb_said(char *text, char *out, size_t out_bytes)
{
    struct lines lines = {0};
    size_t first = 0;
    split(&lines, text);
    while (first < lines.count && is_warning(lines.line[first]))
        first++;
    bool warnings = first == lines.count; /* there is no other line */
    if (lines.count == 0)
        snprintf(out, out_bytes, "it did not say why");
    else if (!join(&lines, 0, true, NULL, out, out_bytes) &&
             !join(&lines, 0, warnings, NULL, out, out_bytes))
        join_ends(&lines, warnings ? 0 : first, warnings, out, out_bytes);
    free(lines.line);
}
