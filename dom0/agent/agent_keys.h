/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parses what an agent publishes in xenstore (proto/keys.h): strictly, because it is untrusted. */
#ifndef XB_AGENT_KEYS_H
#define XB_AGENT_KEYS_H

#include "err.h"
#include "keys.h"

#include <stddef.h>
#include <stdint.h>

#define XB_WATCH_PATH_MAX 64

/*
 * A decimal number from 1 to UINT32_MAX without sign, space or leading zero. Errors name key. value
 * needs no terminating NUL.
 */
int xb_key_number(const char *key, const char *value, size_t bytes, uint32_t *out,
                  struct xb_err *err);

/*
 * Parse "major.minor", each at most 999. Fails, naming both versions, if the major one is not ours.
 */
int xb_key_protocol(const char *value, size_t bytes, struct xb_err *err);

/* Refuse a major version that is not ours. */
int xb_check_major(uint32_t major, uint32_t minor, struct xb_err *err);

#endif
