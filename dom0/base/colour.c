/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "colour.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COLOUR_ENV "XENBENCH_COLOR"

const char *const xb_colour_words[] = {"auto", "always", "never", NULL};

void xb_colour_set(enum xb_colour when)
{
    setenv(COLOUR_ENV, xb_colour_words[when], 1);
}

bool xb_colour_wanted(FILE *out)
{
    const char *asked = getenv(COLOUR_ENV), *none = getenv("NO_COLOR");
    if (asked && strcmp(asked, xb_colour_words[XB_COLOUR_ALWAYS]) == 0)
        return true;
    if (asked && strcmp(asked, xb_colour_words[XB_COLOUR_NEVER]) == 0)
        return false;
    return isatty(fileno(out)) && (!none || !*none);
}
