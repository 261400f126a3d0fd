/*
 * What a program said when it failed, as a part of one line of ours.
 */
#ifndef XB_SAID_H
#define XB_SAID_H

#include <stddef.h>

/*
 * All lines of text joined by "; ", where out has room; else without warnings; else the first, which for most tools is the
 * reason, and as many of the last as there is room for. What a terminal would obey is escaped. text is taken apart.
 */
void xb_said(char *text, char *out, size_t out_bytes);

#endif
