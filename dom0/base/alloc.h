/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Allocation that never returns NULL: when memory runs out, the process ends with a message and
 * status 3. That is safe at any point, because the journal undoes what the process changed on the
 * host. Callers bound any size that comes from a guest or a file.
 */
#ifndef XB_ALLOC_H
#define XB_ALLOC_H

#include <stdarg.h>
#include <stddef.h>

void *xb_malloc(size_t bytes) __attribute__((malloc, alloc_size(1), returns_nonnull));
void *xb_calloc(size_t count, size_t bytes)
    __attribute__((malloc, alloc_size(1, 2), returns_nonnull));
void *xb_reallocarray(void *old, size_t count, size_t bytes)
    __attribute__((alloc_size(2, 3), returns_nonnull, warn_unused_result));
char *xb_strdup(const char *text) __attribute__((malloc, nonnull, returns_nonnull));
char *xb_strndup(const char *text, size_t most) __attribute__((malloc, nonnull, returns_nonnull));
char *xb_asprintf(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), malloc, returns_nonnull));
char *xb_vasprintf(const char *fmt, va_list ap)
    __attribute__((format(printf, 1, 0), malloc, returns_nonnull));

/*
 * Lengthen an array by a zeroed element, increment its count, and give the element's address:
 * `*xb_append(&view->steps, &view->step_count) = step;`
 */
#define xb_append(array, count)                                                                    \
    ({                                                                                             \
        *(array) = xb_lengthened(*(array), *(count), sizeof(**(array)));                           \
        &(*(array))[(*(count))++];                                                                 \
    })
void *xb_lengthened(void *old, size_t count, size_t bytes)
    __attribute__((returns_nonnull, warn_unused_result));

/* For a library call that returns NULL only if memory ran out: `xb_need(ZSTD_createCCtx())`. */
#define xb_need(p)                                                                                 \
    ({                                                                                             \
        __typeof__(p) xb_needed = (p);                                                             \
        if (!xb_needed)                                                                            \
            xb_no_memory();                                                                        \
        xb_needed;                                                                                 \
    })

/* End the process because memory ran out. */
void xb_no_memory(void) __attribute__((noreturn, cold));

#endif
