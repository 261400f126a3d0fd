/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The schedule of a cpupool under arinc653: which vcpu runs when, in a frame that repeats.
 *
 * As text: "a 4ms, b:1 500us, idle 5ms" is a frame of 9.5 ms in which first vcpu 0 of guest a runs,
 * then vcpu 1 of guest b, then nobody.
 */
#ifndef XB_SCHEDULE_H
#define XB_SCHEDULE_H

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define XB_SCHEDULE_TEXT_BYTES 1024
#define XB_SCHEDULE_ENTRIES_MAX 64 /* Xen's ARINC653_MAX_DOMAINS_PER_SCHEDULE */
#define XB_SCHEDULE_NAME_MAX 64    /* of a guest that a run makes */
#define XB_SCHEDULE_IDLE "idle"

struct xb_schedule_entry {
    char guest[XB_SCHEDULE_NAME_MAX + 1]; /* "idle": nobody runs */
    uint32_t vcpu;
    uint64_t run_ns;
};

struct xb_schedule {
    struct xb_schedule_entry entries[XB_SCHEDULE_ENTRIES_MAX];
    size_t count;
};

static inline bool xb_schedule_is_idle(const char *guest)
{
    return strcmp(guest, XB_SCHEDULE_IDLE) == 0;
}

/* XB_E_INPUT names the bad entry. */
int xb_schedule_parse(const char *text, struct xb_schedule *out, struct xb_err *err);
/* Equal schedules have equal texts. False if out is too small. */
bool xb_schedule_format(const struct xb_schedule *schedule, char *out, size_t bytes);

/* The sum of all entries. */
uint64_t xb_schedule_frame_ns(const struct xb_schedule *schedule);
/* How long this vcpu runs in each frame; 0 if the schedule does not name it. */
uint64_t xb_schedule_run_ns(const struct xb_schedule *schedule, const char *guest, uint32_t vcpu);

#endif
