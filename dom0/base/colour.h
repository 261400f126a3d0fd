/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether to use colours: decided by `--color`, then NO_COLOR (no-color.org), then isatty. */
#ifndef XB_COLOUR_H
#define XB_COLOUR_H

#include <stdbool.h>
#include <stdio.h>

enum xb_colour { XB_COLOUR_AUTO = 0, XB_COLOUR_ALWAYS, XB_COLOUR_NEVER };
/* Their names, NULL-terminated: auto, always, never. */
extern const char *const xb_colour_words[];

/* Set `--color` for this process and the xenbench processes that it starts. */
void xb_colour_set(enum xb_colour when);
bool xb_colour_wanted(FILE *out);

#endif
