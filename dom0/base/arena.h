/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that is freed all at once. Allocation never fails (alloc.h). */
#ifndef XB_ARENA_H
#define XB_ARENA_H

#include "base.h"

#include <stddef.h>

struct xb_arena {
    void **blocks;
    size_t count;
};

/* The memory is zeroed. */
void *xb_arena_alloc(struct xb_arena *arena, size_t count, size_t bytes);
/* NULL stays NULL. */
char *xb_arena_strdup(struct xb_arena *arena, const char *text);
/*
 * Add a zeroed element to the array that *(T **)array_of points to. The array must belong to this
 * arena and grow only through this function.
 */
void *xb_arena_grow(struct xb_arena *arena, void *array_of, size_t *count, size_t bytes);
void xb_arena_free(struct xb_arena *arena);

#define xb_auto_arena XB_AUTO(xb_arena_free)

#endif
