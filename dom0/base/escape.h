/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Escapes a guest's bytes for a terminal: text passes, everything else becomes \xHH, so that a
 * guest cannot move the cursor, change colours or the title, or type into the user's terminal.
 */
#ifndef XB_ESCAPE_H
#define XB_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The length of the printable UTF-8 character at s (1 to 4 bytes); 0 for control characters (C0,
 * DEL, C1), marks that reorder text, and incomplete or invalid UTF-8.
 */
size_t xb_printable(const uint8_t *s, size_t bytes);

/* State of an escaped stream; holds a character that is split between two writes. */
struct xb_escape {
    uint8_t held[4];
    size_t held_bytes;
};

/* The most that xb_escape writes for n bytes. */
#define XB_ESCAPE_MAX(n) (4 * ((size_t)(n) + 4))

/*
 * Escape in into out, which has room for XB_ESCAPE_MAX(bytes). Newlines and tabs pass. last: flush
 * a held character too. Returns the bytes written.
 */
size_t xb_escape(struct xb_escape *escape, const uint8_t *in, size_t bytes, bool last, char *out);

/* The most bytes, up to `bytes` (within the text), that end no UTF-8 character early. */
size_t xb_cut_bytes(const char *text, size_t bytes);

/* Escape a complete text into new memory, which the caller frees. NULL counts as "". */
char *xb_escaped(const char *text) __attribute__((returns_nonnull));
/* The same into out, cut to whole characters where it is longer. */
void xb_escaped_into(char *out, size_t bytes, const char *text);

#endif
