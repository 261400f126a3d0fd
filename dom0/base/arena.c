/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arena.h"

#include "alloc.h"
#include "base.h"

#include <string.h>

static int is_power_of_two(size_t n)
{
    return (n & (n - 1)) == 0;
}

/* The array of blocks, like any growing array, doubles when the count reaches a power of two. */
void *xb_arena_alloc(struct xb_arena *arena, size_t count, size_t bytes)
{
    if (is_power_of_two(arena->count))
        arena->blocks = xb_reallocarray(arena->blocks, arena->count ? arena->count * 2 : 1,
                                        sizeof(*arena->blocks));
    return arena->blocks[arena->count++] = xb_calloc(count, bytes);
}

char *xb_arena_strdup(struct xb_arena *arena, const char *text)
{
    if (!text)
        return NULL;
    size_t bytes = strlen(text) + 1;
    return memcpy(xb_arena_alloc(arena, bytes, 1), text, bytes);
}

void *xb_arena_grow(struct xb_arena *arena, void *array_of, size_t *count, size_t bytes)
{
    char *array;
    memcpy(&array, array_of, sizeof(array)); /* works for a pointer of any type */
    if (is_power_of_two(*count)) {
        char *grown = xb_arena_alloc(arena, *count ? *count * 2 : 1, bytes);
        if (*count)
            memcpy(grown, array, *count * bytes);
        memcpy(array_of, &grown, sizeof(grown));
        array = grown;
    }
    return array + (*count)++ * bytes;
}

void xb_arena_free(struct xb_arena *arena)
{
    for (size_t i = 0; i < arena->count; i++)
        free(arena->blocks[i]);
    free(arena->blocks);
    *arena = (struct xb_arena){0};
}
