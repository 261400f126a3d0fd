/*
 * What an agent says of itself in xenstore (proto/keys.h): a guest's word, read strictly.
 */
#ifndef XB_AGENT_KEYS_H
#define XB_AGENT_KEYS_H

#include "err.h"
#include "keys.h"

#include <stddef.h>
#include <stdint.h>

#define XB_WATCH_PATH_MAX 64

/*
 * A decimal number from 1 to UINT32_MAX without sign, space or leading zero. key is for the
 * message. The value need not end in a NUL.
 */
int xb_key_number(const char *key, const char *value, size_t bytes, uint32_t *out,
                  struct xb_err *err);

/* "major.minor", each at most 999; fails, naming both versions, when major is not ours. */
int xb_key_protocol(const char *value, size_t bytes, struct xb_err *err);

/* Refuse a major version that is not ours. */
int xb_check_major(uint32_t major, uint32_t minor, struct xb_err *err);

#endif
