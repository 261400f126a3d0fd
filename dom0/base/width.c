/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "width.h"

#include <locale.h>
#include <string.h>
#include <wchar.h>

/* The columns of the character at text, its length in *bytes. An invalid byte is one character. */
static int character(const char *text, size_t max, size_t *bytes)
{
    wchar_t c;
    mbstate_t state = {0};
    size_t n = mbrtowc(&c, text, max, &state);
    if (n == 0 || n > max) {
        *bytes = 1;
        return 1;
    }
    *bytes = n;
    int columns = wcwidth(c);
    return columns < 0 ? 1 : columns;
}

/*
 * How many bytes of text fit into `columns` (-1: all of them), and the columns that they take. Only
 * this function uses a UTF-8 locale; the rest of xenbench reads bytes.
 */
static size_t measure(const char *text, size_t max, int columns, int *width)
{
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t before = utf8 ? uselocale(utf8) : (locale_t)0;
    size_t at = 0, bytes;
    *width = 0;
    while (at < max && text[at]) {
        int more = character(text + at, max - at, &bytes);
        if (columns >= 0 && *width + more > columns)
            break;
        *width += more;
        at += bytes;
    }
    if (utf8) {
        uselocale(before);
        freelocale(utf8);
    }
    return at;
}

static int is_ascii(const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if ((unsigned char)text[i] > 0x7f)
            return 0;
    return 1;
}

int xb_width_of(const char *text, size_t bytes)
{
    int width = (int)bytes;
    if (!is_ascii(text, bytes))
        measure(text, bytes, -1, &width);
    return width;
}

int xb_width(const char *text)
{
    return text ? xb_width_of(text, strlen(text)) : 0;
}

size_t xb_width_cut(const char *text, int columns)
{
    int width;
    return measure(text, strlen(text), columns < 0 ? 0 : columns, &width);
}

void xb_put(FILE *out, const char *text, int columns)
{
    int spaces = (columns < 0 ? -columns : columns) - xb_width(text);
    if (spaces < 0)
        spaces = 0;
    fprintf(out, "%*s%s%*s", columns < 0 ? spaces : 0, "", text, columns < 0 ? 0 : spaces, "");
}
