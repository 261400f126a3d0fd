/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "escape.h"

#include "alloc.h"
#include "base.h"

#include <stdio.h>
#include <string.h>

/* The length that a lead byte announces: 1 for ASCII, 0 if the byte cannot lead (RFC 3629). */
static size_t announced(uint8_t lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if (lead >= 0xe0 && lead <= 0xef)
        return 3;
    if (lead >= 0xf0 && lead <= 0xf4)
        return 4;
    return 0;
}

static bool harmless(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7f && c < 0xa0))
        return false;
    if ((c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
        return false;
    /* Line and paragraph separators, and the bidirectional controls of Unicode's UAX 9. */
    if ((c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
        c == 0x200f || c == 0x061c)
        return false;
    return true;
}

size_t xb_printable(const uint8_t *s, size_t bytes)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = bytes ? announced(s[0]) : 0;
    if (n == 0 || n > bytes)
        return 0;
    uint32_t c = n == 1 ? s[0] : s[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    return c >= smallest[n] && harmless(c) ? n : 0;
}

/* Could s be the start of a character that is still incomplete? */
static bool is_start(const uint8_t *s, size_t bytes)
{
    if (announced(s[0]) <= bytes)
        return false;
    for (size_t i = 1; i < bytes; i++)
        if ((s[i] & 0xc0) != 0x80)
            return false;
    return true;
}

static size_t escape_byte(uint8_t byte, char *out)
{
    static const char digits[] = "0123456789abcdef";
    if (byte == '\n' || byte == '\t') {
        *out = (char)byte;
        return 1;
    }
    if (byte == '\r') {
        memcpy(out, "\\r", 2);
        return 2;
    }
    memcpy(out, "\\x", 2);
    out[2] = digits[byte >> 4];
    out[3] = digits[byte & 15];
    return 4;
}

/*
 * Escape the complete characters of s; if last, also an incomplete one at the end. Returns the
 * bytes taken from s; *written grows.
 */
static size_t escape_some(const uint8_t *s, size_t bytes, bool last, char *out, size_t *written)
{
    size_t at = 0;
    while (at < bytes) {
        size_t n = xb_printable(s + at, bytes - at);
        if (n > 0) {
            memcpy(out + *written, s + at, n);
            *written += n;
            at += n;
        } else if (!last && is_start(s + at, bytes - at)) {
            break;
        } else {
            *written += escape_byte(s[at++], out + *written);
        }
    }
    return at;
}

size_t xb_escape(struct xb_escape *escape, const uint8_t *in, size_t bytes, bool last, char *out)
{
    size_t written = 0;
    /* Complete the held character byte by byte, until nothing is held or the input ends. */
    while (escape->held_bytes > 0 && bytes > 0) {
        escape->held[escape->held_bytes++] = *in++;
        bytes--;
        size_t taken = escape_some(escape->held, escape->held_bytes, false, out, &written);
        escape->held_bytes -= taken;
        memmove(escape->held, escape->held + taken, escape->held_bytes);
    }
    size_t taken = escape_some(in, bytes, last, out, &written);
    if (taken < bytes) {
        escape->held_bytes = bytes - taken;
        memcpy(escape->held, in + taken, escape->held_bytes);
    }
    if (last && escape->held_bytes > 0) {
        escape_some(escape->held, escape->held_bytes, true, out, &written);
        escape->held_bytes = 0;
    }
    return written;
}

size_t xb_cut_bytes(const char *text, size_t bytes)
{
    while (bytes > 0 && ((unsigned char)text[bytes] & 0xc0) == 0x80)
        bytes--;
    return bytes;
}

char *xb_escaped(const char *text)
{
    struct xb_escape escape = {0};
    size_t bytes = text ? strlen(text) : 0;
    char *out = xb_malloc(XB_ESCAPE_MAX(bytes) + 1);
    out[xb_escape(&escape, (const uint8_t *)text, bytes, true, out)] = '\0';
    return out;
}

void xb_escaped_into(char *out, size_t bytes, const char *text)
{
    xb_auto_free char *clean = xb_escaped(text);
    size_t n = strlen(clean);
    if (n >= bytes)
        n = xb_cut_bytes(clean, bytes - 1);
    memcpy(out, clean, n);
    out[n] = '\0';
}
