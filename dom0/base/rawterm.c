/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rawterm.h"

#include <unistd.h>

static void make_raw(const struct termios *before)
{
    struct termios raw = *before;
    cfmakeraw(&raw);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

void xb_rawterm_enter(struct xb_rawterm *term)
{
    term->raw = tcgetattr(STDIN_FILENO, &term->before) == 0;
    xb_rawterm_again(term);
}

void xb_rawterm_again(const struct xb_rawterm *term)
{
    if (term->raw)
        make_raw(&term->before);
}

void xb_rawterm_leave(struct xb_rawterm *term)
{
    if (term->raw)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &term->before);
    term->raw = false;
}
