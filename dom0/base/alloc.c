/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc.h"

#include "err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * write and _exit: stdio's buffers and exit handlers are shared with other threads or the parent.
 */
void xb_no_memory(void)
{
    static const char said[] =
        "xenbench: no memory left (free -m shows what Dom0 has; "
        "xl mem-set Domain-0 gives more; xenbench clean puts the host back)\n";
    ssize_t r = write(STDERR_FILENO, said, sizeof(said) - 1);
    (void)r;
    _exit(XB_E_HOST);
}

void *xb_malloc(size_t bytes)
{
    return xb_need(malloc(bytes ? bytes : 1));
}

void *xb_calloc(size_t count, size_t bytes)
{
    return xb_need(calloc(count ? count : 1, bytes ? bytes : 1));
}

void *xb_reallocarray(void *old, size_t count, size_t bytes)
{
    return xb_need(reallocarray(old, count ? count : 1, bytes ? bytes : 1));
}

void *xb_lengthened(void *old, size_t count, size_t bytes)
{
    char *array = xb_reallocarray(old, count + 1, bytes);
    memset(array + count * bytes, 0, bytes);
    return array;
}

char *xb_strdup(const char *text)
{
    return xb_need(strdup(text));
}

char *xb_strndup(const char *text, size_t most)
{
    return xb_need(strndup(text, most));
}

char *xb_vasprintf(const char *fmt, va_list ap)
{
    char *out = NULL;
    if (vasprintf(&out, fmt, ap) < 0)
        xb_no_memory();
    return out;
}

char *xb_asprintf(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *out = xb_vasprintf(fmt, ap);
    va_end(ap);
    return out;
}
