/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attacks by lies in xenstore. */
#include "hostile.h"

#include <string.h>

void attack_keys(struct harm *h)
{
    static const char *const keys[] = {XB_KEY_GENERATION, XB_KEY_PROTOCOL, XB_KEY_STATE,
                                       XB_KEY_AGENT, XB_KEY_BOOT};
    static const char *const values[] = {
        "",          "0", "-1", "1.2",         "500001",  "4294967295", "18446744073709551616",
        "../../0/x", "x", "1.", "\x1b[2J\xff", "999.999", "full",       "serving"};
    static char huge[2048];
    memset(huge, '7', sizeof(huge));
    write_text(h, XB_KEY_RINGS "/500001/ring-ref", "8");
    write_text(h, XB_KEY_RINGS "/500001/event-channel", "1");
    while (!is_over(h)) {
        const char *key = keys[any_number() % XB_ARRAY_LEN(keys)];
        unsigned which = any_number() % (XB_ARRAY_LEN(values) + 2);
        if (which < XB_ARRAY_LEN(values))
            write_text(h, key, values[which]);
        else /* xenstored's limit is 2,048 bytes, including what it adds */
            for (size_t bytes = sizeof(huge);
                 bytes > 1900 && !xs_write(h->xs, XBT_NULL, key, huge, (unsigned)bytes);)
                bytes -= 16;
        h->turn++;
    }
}

/* Announce rings that do not exist, without pause. */
void attack_restless(struct harm *h)
{
    while (!is_over(h)) {
        h->generation++;
        h->turn++;
        publish(h);
    }
}

/*
 * Claim another guest's ring references and event channels: they are looked up in our domain all
 * the same. If our own agent has rings with these numbers, put its keys back afterwards.
 */
void attack_claims(struct harm *h)
{
    static const char *const names[] = {"ring-ref", "event-channel"};
    char paths[XB_ARRAY_LEN(names)][XB_KEY_PATH_MAX + 20];
    char *before[XB_ARRAY_LEN(names)];
    unsigned bytes;
    for (size_t i = 0; i < XB_ARRAY_LEN(names); i++) {
        snprintf(paths[i], sizeof(paths[i]), XB_KEY_RINGS "/%.20s/%s", h->args[0], names[i]);
        before[i] = xs_read(h->xs, XBT_NULL, paths[i], &bytes);
        write_text(h, paths[i], h->args[2 + i]);
    }
    write_text(h, XB_KEY_GENERATION, h->args[0]);
    write_text(h, XB_KEY_BOOT, h->args[1]);
    while (!is_over(h))
        nap(LOOK_NS);
    for (size_t i = 0; i < XB_ARRAY_LEN(names); i++) {
        if (before[i])
            write_text(h, paths[i], before[i]);
        free(before[i]);
    }
}
