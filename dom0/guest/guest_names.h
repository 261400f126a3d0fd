/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Guests as named on a command line: "web1 web2", "web1,web2", "unix:/run/agent.sock".
 */
#ifndef XB_GUEST_NAMES_H
#define XB_GUEST_NAMES_H

#include "app.h"
#include "base.h"

#include <stddef.h>

/* End with xb_guest_names_clear; zeroed is allowed. */
struct xb_guest_names {
    char *text; /* owns what name points into */
    const char **name;
    size_t count;
};

/* Split words at commas. XB_E_INPUT if a name is empty or repeated. */
int xb_guest_names_parse(struct xb_guest_names *out, char *const *words, size_t count,
                         struct xb_err *err);
/* All of xenbench's running guests; there may be none. */
int xb_guest_names_running(struct xb_guest_names *out, struct xb_app *app, struct xb_err *err);
void xb_guest_names_clear(struct xb_guest_names *names);

#define xb_auto_guest_names XB_AUTO(xb_guest_names_clear)

#endif
