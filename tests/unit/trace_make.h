/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing traces by hand, in xentrace's format. */
#ifndef XB_TRACE_MAKE_H
#define XB_TRACE_MAKE_H

#include "trace_read.h"

struct trace_make {
    uint8_t bytes[80000];
    size_t size;
    size_t window; /* the open window's header; 0 bytes there: none is open */
    bool open;
};

/* Begin a window: the records that follow are this CPU's. */
void make_window(struct trace_make *m, uint32_t pcpu);
void make_change(struct trace_make *m, uint64_t tsc, uint16_t domid, uint16_t vcpu,
                 enum xb_runstate from, enum xb_runstate to);
void make_continue(struct trace_make *m, uint64_t tsc, uint16_t domid, uint16_t vcpu);
void make_lost(struct trace_make *m, uint64_t tsc, uint32_t count, uint64_t first_tsc);
/* Add padding of `words` words, as at a buffer's end. */
void make_wrap(struct trace_make *m, unsigned words);
/* Add any record that has a time. */
void make_record(struct trace_make *m, uint64_t tsc, uint32_t event, const uint32_t *extra,
                 unsigned words);

#endif
