/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the searches for figures and histograms share. They read a guest's bytes with regexec, which
 * may take for ever, so they run in a locked down process with limited CPU time.
 */
#ifndef XB_METRIC_SEARCH_H
#define XB_METRIC_SEARCH_H

#include "err.h"
#include "escape.h"

#include <stdbool.h>
#include <stddef.h>

/* Any search of so few bytes ends soon and needs no process. */
#define XB_SEARCH_SMALL_BYTES 2048

static inline bool xb_ends_line(char c)
{
    return c == '\n' || c == '\r' || c == '\0';
}

/* Memory shared with such a process, of zeros, to munmap; NULL with err filled. */
void *xb_search_shared(size_t bytes, struct xb_err *err);

/* Run search(arg) in a process of its own; bytes: of the text, for the message. */
int xb_search_apart(void (*search)(void *arg), void *arg, size_t bytes, struct xb_err *err);

/* For an answer that such a process cannot give, unless the guest took it over. Always -1. */
int xb_search_fail_answer(struct xb_err *err);

#define XB_SHOWN_BYTES 100
struct xb_shown {
    char text[XB_ESCAPE_MAX(XB_SHOWN_BYTES) + 8];
};
/* The beginning of a guest's text, safe for a terminal. */
const char *xb_shown(const char *text, size_t bytes, struct xb_shown *out);

#endif
