/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any value of an agent's key in xenstore: an accepted number is spelled as we would write it, and
 * an accepted version has a dot.
 * For: dom0/agent/agent_keys.c
 */
#include "agent_keys.h"
#include "base.h"

#include <inttypes.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check_number(const char *value, size_t bytes)
{
    char again[16];
    uint32_t number = 0;
    struct xb_err err = {0};
    if (xb_key_number("key", value, bytes, &number, &err) < 0) {
        if (!err.class)
            abort();
        return;
    }
    snprintf(again, sizeof(again), "%" PRIu32, number);
    if (number == 0 || strlen(again) != bytes || memcmp(again, value, bytes) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct xb_err err = {0};
    const char *value = (const char *)data;
    check_number(value, bytes);
    if (xb_key_protocol(value, bytes, &err) < 0 ? !err.class : memchr(value, '.', bytes) == NULL)
        abort();
    return 0;
}
