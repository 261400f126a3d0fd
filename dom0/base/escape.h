/*
 * Bytes from a guest on their way to a terminal: text stays as it is, all else is shown as \xHH, so
 * that a guest can neither move the cursor nor retitle, recolour or type into the terminal of
 * whoever looks.
 */
#ifndef XB_ESCAPE_H
#define XB_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The length of the printable character at s (UTF-8, 1 to 4 bytes), or 0 where there is none:
 * control characters (C0, DEL, C1), the marks that reorder text, and bytes that are no whole UTF-8
 * character.
 */
size_t xb_printable(const uint8_t *s, size_t bytes);

/* Escapes a stream; a character that two writes share is held until its end comes. */
struct xb_escape {
    uint8_t held[4];
    size_t held_bytes;
};

/* What xb_escape can write for an input of n bytes. */
#define XB_ESCAPE_MAX(n) (4 * ((n) + 4))

/*
 * Escape in into out, which has room for XB_ESCAPE_MAX(bytes). Newlines and tabs pass. last:
 * nothing follows, so what is held is written too. Returns the bytes written.
 */
size_t xb_escape(struct xb_escape *escape, const uint8_t *in, size_t bytes, bool last, char *out);

#endif
