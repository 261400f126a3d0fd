/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For every file: cleanup attributes, clocks, small helpers. */
#ifndef XB_BASE_H
#define XB_BASE_H

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define XB_NS_PER_S UINT64_C(1000000000)
#define XB_NS_PER_H (3600 * XB_NS_PER_S)
#define XB_NS_PER_MS UINT64_C(1000000)
#define XB_KIB ((size_t)1024)
#define XB_MIB (1024 * XB_KIB)
#define XB_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define XB_UNUSED __attribute__((unused))

/* They return 0 for what is no number and anything on overflow; strtol and its like report both. */
#pragma GCC poison atoi atol atoll atof

/* Call a function on a variable when its scope ends. Written before the type, as xb_auto_NAME. */
#define XB_AUTO(function) __attribute__((cleanup(function)))
/* Define xb_cleanup_NAME for XB_AUTO: it calls end on a variable of this type unless it is NULL. */
#define XB_CLEANUP(name, type, end)                                                                \
    XB_UNUSED static inline void xb_cleanup_##name(type *pointer)                                  \
    {                                                                                              \
        if (*pointer)                                                                              \
            end(*pointer);                                                                         \
    }

XB_CLEANUP(fclose, FILE *, fclose)
XB_CLEANUP(closedir, DIR *, closedir)

/* For a pointer to any type. */
static inline void xb_cleanup_free(void *pointer)
{
    free(*(void **)pointer);
}

static inline void xb_cleanup_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

#define xb_auto_free XB_AUTO(xb_cleanup_free)
#define xb_auto_close XB_AUTO(xb_cleanup_close)
#define xb_auto_fclose XB_AUTO(xb_cleanup_fclose)
#define xb_auto_closedir XB_AUTO(xb_cleanup_closedir)

/* The ending of a counted noun: "1 guest", "3 guests". */
static inline const char *xb_plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* Give up ownership: returns the descriptor and leaves -1 for the cleanup. */
static inline int xb_steal_fd(int *fd)
{
    int out = *fd;
    *fd = -1;
    return out;
}

/* Likewise for a pointer. */
#define xb_steal_ptr(pp)                                                                           \
    ({                                                                                             \
        __typeof__(*(pp)) xb_stolen = *(pp);                                                       \
        *(pp) = NULL;                                                                              \
        xb_stolen;                                                                                 \
    })

/* Read a clock, in nanoseconds; for the clocks used here, that cannot fail on Linux. */
static inline uint64_t xb_clock_ns(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return (uint64_t)ts.tv_sec * XB_NS_PER_S + (uint64_t)ts.tv_nsec;
}

/* The monotonic clock, by which both sides measure. */
static inline uint64_t xb_now_ns(void)
{
    return xb_clock_ns(CLOCK_MONOTONIC);
}

static inline struct timespec xb_timespec(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / XB_NS_PER_S),
                             .tv_nsec = (long)(ns % XB_NS_PER_S)};
}

/*
 * The next pause of a loop that waits for an event without being notified: twice as long, up to
 * `most`. So an early event is noticed early, and a late one costs few checks.
 */
static inline uint64_t xb_longer(uint64_t pause, uint64_t most)
{
    return pause < most / 2 ? 2 * pause : most;
}

/* Sleep for *pause_ns, then set it to the next, longer pause. */
static inline void xb_pause(uint64_t *pause_ns, uint64_t most_ns)
{
    struct timespec pause = xb_timespec(*pause_ns);
    nanosleep(&pause, NULL);
    *pause_ns = xb_longer(*pause_ns, most_ns);
}

#endif
