/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "trace_make.h"

#include <stdlib.h>

static void put(struct trace_make *m, uint32_t word)
{
    if (m->size + 4 > sizeof(m->bytes))
        abort();
    for (int i = 0; i < 4; i++)
        m->bytes[m->size++] = (uint8_t)(word >> (8 * i));
    if (!m->open)
        return;
    uint32_t bytes = (uint32_t)(m->size - m->window - 12);
    for (int i = 0; i < 4; i++)
        m->bytes[m->window + 8 + (size_t)i] = (uint8_t)(bytes >> (8 * i));
}

void make_window(struct trace_make *m, uint32_t pcpu)
{
    m->open = false;
    m->window = m->size;
    put(m, 0x2001f003);
    put(m, pcpu);
    put(m, 0);
    m->open = true;
}

void make_record(struct trace_make *m, uint64_t tsc, uint32_t event, const uint32_t *extra,
                 unsigned words)
{
    put(m, 0x80000000u | words << 28 | event);
    put(m, (uint32_t)tsc);
    put(m, (uint32_t)(tsc >> 32));
    for (unsigned i = 0; i < words; i++)
        put(m, extra[i]);
}

void make_change(struct trace_make *m, uint64_t tsc, uint16_t domid, uint16_t vcpu,
                 enum xb_runstate from, enum xb_runstate to)
{
    uint32_t who = vcpu | (uint32_t)domid << 16;
    make_record(m, tsc, 0x00021001u | (uint32_t)from << 8 | (uint32_t)to << 4, &who, 1);
}

void make_continue(struct trace_make *m, uint64_t tsc, uint16_t domid, uint16_t vcpu)
{
    uint32_t who = vcpu | (uint32_t)domid << 16;
    make_record(m, tsc, 0x00021002u, &who, 1);
}

void make_lost(struct trace_make *m, uint64_t tsc, uint32_t count, uint64_t first_tsc)
{
    const uint32_t extra[] = {count, 0, (uint32_t)first_tsc, (uint32_t)(first_tsc >> 32)};
    make_record(m, tsc, 0x0001f001u, extra, 4);
}

void make_wrap(struct trace_make *m, unsigned words)
{
    put(m, words << 28 | 0x0001f002u);
    for (unsigned i = 0; i < words; i++)
        put(m, 0xfeedfeed);
}
