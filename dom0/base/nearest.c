/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nearest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* No word of ours is longer. */
#define NEAREST_WORD_MAX 32

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/*
 * The edits (insert, delete, replace, swap neighbours) between two words, by optimal string
 * alignment.
 */
static size_t edits(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b);
    size_t d[NEAREST_WORD_MAX + 1][NEAREST_WORD_MAX + 1];
    if (la > NEAREST_WORD_MAX || lb > NEAREST_WORD_MAX)
        return SIZE_MAX;
    for (size_t i = 0; i <= la; i++) {
        for (size_t j = 0; j <= lb; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = i + j;
                continue;
            }
            bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
            d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + !same);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                d[i - 2][j - 2] + 1 < d[i][j])
                d[i][j] = d[i - 2][j - 2] + 1;
        }
    }
    return d[la][lb];
}

const char *xb_nearest(const char *tried, const char *const *words)
{
    const char *best = NULL;
    size_t best_edits = SIZE_MAX;
    for (; *words; words++) {
        size_t n = edits(tried, *words);
        if (n < best_edits) {
            best_edits = n;
            best = *words;
        }
    }
    /* With more edits than a third of the word, a suggestion would be a guess. */
    return best && best_edits <= (strlen(tried) + 2) / 3 ? best : NULL;
}
