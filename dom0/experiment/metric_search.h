/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the searches for figures and histograms share. They read a guest's bytes with regexec, which
 * may run forever, so they run in a locked down process with limited CPU time.
 */
#ifndef XB_METRIC_SEARCH_H
#define XB_METRIC_SEARCH_H

#include "err.h"
#include "escape.h"

#include <stdbool.h>
#include <stddef.h>

/* A search of so few bytes always ends soon and needs no process of its own. */
#define XB_SEARCH_SMALL_BYTES 2048

static inline bool xb_ends_line(char c)
{
    return c == '\n' || c == '\r' || c == '\0';
}

/* Zeroed memory to share with such a process, to munmap; NULL with err filled. */
void *xb_search_shared(size_t bytes, struct xb_err *err);

/* Run search(arg) in a process of its own. bytes: the size of the text, for the message. */
int xb_search_apart(void (*search)(void *arg), void *arg, size_t bytes, struct xb_err *err);

/* Fail because of an answer that such a process gives only if a guest took it over. Always -1. */
int xb_search_fail_answer(struct xb_err *err);

#define XB_SHOWN_BYTES 100
struct xb_shown {
    char text[XB_ESCAPE_MAX(XB_SHOWN_BYTES) + 8];
};
/* The beginning of a guest's text, safe for a terminal. */
const char *xb_shown(const char *text, size_t bytes, struct xb_shown *out);

#endif
