/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shutdown_request.h"

#include "base.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Limited, because a guest may write the key without pause. */
#define WITHDRAW_TRIES 100

static void key_of(uint32_t domid, char out[64])
{
    snprintf(out, 64, "/local/domain/%" PRIu32 "/control/shutdown", domid);
}

bool xb_shutdown_request(struct xb_xen *xen, uint32_t domid, const char *request)
{
    char key[64];
    key_of(domid, key);
    return xs_write(xen->xs, XBT_NULL, key, request, (unsigned int)strlen(request));
}

bool xb_shutdown_withdraw(struct xb_xen *xen, uint32_t domid, const char *request)
{
    char key[64];
    unsigned int bytes = 0;
    key_of(domid, key);
    for (int i = 0; i < WITHDRAW_TRIES; i++) {
        xs_transaction_t t = xs_transaction_start(xen->xs);
        xb_auto_free char *value = t ? xs_read(xen->xs, t, key, &bytes) : NULL;
        bool unread = value && strcmp(value, request) == 0 && xs_write(xen->xs, t, key, "", 0);
        if (xs_transaction_end(xen->xs, t, !unread) || errno != EAGAIN)
            return unread;
    }
    return false;
}
