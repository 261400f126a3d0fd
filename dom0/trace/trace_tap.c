/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The protocol of the buffers: struct t_buf in xen/include/public/trace.h;
 * tools/xentrace/xentrace.c is its other reader.
 */
#include "trace_tap.h"

#include "alloc.h"
#include "base.h"
#include "trace_read.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <xen/trace.h>
#include <xenctrl.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>

struct tap_cpu {
    struct t_buf *meta; /* NULL: the CPU is missing, or was when the buffers were made */
    const uint8_t *data;
};

struct xb_tap {
    xc_interface *xc;
    xenforeignmemory_handle *memory;
    xenevtchn_handle *events;
    xenevtchn_port_or_error_t port;
    bool on;
    struct t_info *info;
    size_t info_pages;
    uint32_t data_bytes; /* of each buffer */
    struct tap_cpu *cpus;
    uint32_t cpu_count;
};

static int open_handles(struct xb_tap *tap, struct xb_err *err)
{
    tap->port = -1;
    tap->xc = xc_interface_open(NULL, NULL, 0);
    tap->memory = xenforeignmemory_open(NULL, 0);
    tap->events = xenevtchn_open(NULL, 0);
    if (!tap->xc || !tap->memory || !tap->events)
        return xb_fail(err, XB_E_HOST, errno, "cannot reach Xen to trace it");
    /* Xen allows one listener: two tracers would take each other's records. */
    tap->port = xenevtchn_bind_virq(tap->events, VIRQ_TBUF);
    if (tap->port < 0)
        return xb_fail(err, XB_E_HOST, errno,
                       "cannot trace (does xentrace run, or another tracer?): Xen's trace signal");
    return 0;
}

static int choose_events(struct xb_tap *tap, struct xb_err *err)
{
    xb_auto_free xc_cpumap_t all = xc_cpumap_alloc(tap->xc);
    int bytes = xc_get_cpumap_size(tap->xc);
    if (!all || bytes <= 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot trace: no CPU mask");
    memset(all, 0xff, (size_t)bytes);
    if (xc_tbuf_set_cpu_mask(tap->xc, all) < 0 || xc_tbuf_set_evt_mask(tap->xc, TRC_SCHED_MIN) < 0)
        return xb_fail(err, XB_E_HOST, errno,
                       "cannot tell Xen what to trace (was it built with CONFIG_TRACEBUFFER?)");
    return 0;
}

static void *map(struct xb_tap *tap, int prot, const xen_pfn_t *pages, size_t count)
{
    return xenforeignmemory_map(tap->memory, DOMID_XEN, prot, count, pages, NULL);
}

static int map_info(struct xb_tap *tap, unsigned long mfn, unsigned long bytes, struct xb_err *err)
{
    tap->info_pages = (bytes + XC_PAGE_SIZE - 1) / XC_PAGE_SIZE;
    xb_auto_free xen_pfn_t *pages = xb_calloc(tap->info_pages + 1, sizeof(*pages));
    for (size_t i = 0; i < tap->info_pages; i++)
        pages[i] = mfn + i;
    tap->info = map(tap, PROT_READ, pages, tap->info_pages);
    if (!tap->info || tap->info->tbuf_size == 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot map Xen's trace buffers");
    tap->data_bytes = (uint32_t)(tap->info->tbuf_size * XC_PAGE_SIZE - sizeof(struct t_buf));
    return 0;
}

static int map_cpu(struct xb_tap *tap, uint32_t cpu, struct xb_err *err)
{
    size_t count = tap->info->tbuf_size, offset = tap->info->mfn_offset[cpu];
    if (offset == 0)
        return 0; /* the CPU was offline when the buffers were made */
    if ((offset + count) * sizeof(uint32_t) > tap->info_pages * XC_PAGE_SIZE)
        return xb_fail(err, XB_E_HOST, 0, "Xen's trace buffers are not laid out as expected");
    const uint32_t *mfns = (const uint32_t *)tap->info + offset;
    xb_auto_free xen_pfn_t *pages = xb_calloc(count, sizeof(*pages));
    for (size_t i = 0; i < count; i++)
        pages[i] = mfns[i];
    struct t_buf *meta = map(tap, PROT_READ | PROT_WRITE, pages, count);
    if (!meta)
        return xb_fail(err, XB_E_HOST, errno, "cannot map the trace buffer of CPU %u", cpu);
    tap->cpus[cpu] = (struct tap_cpu){.meta = meta, .data = (const uint8_t *)(meta + 1)};
    return 0;
}

static int map_all(struct xb_tap *tap, unsigned long mfn, unsigned long bytes, struct xb_err *err)
{
    xc_physinfo_t physical = {0};
    if (xc_physinfo(tap->xc, &physical) < 0)
        return xb_fail(err, XB_E_HOST, errno, "Xen does not report the number of CPUs");
    tap->cpu_count = physical.max_cpu_id + 1;
    tap->cpus = xb_calloc(tap->cpu_count, sizeof(*tap->cpus));
    if (map_info(tap, mfn, bytes, err) < 0)
        return -1;
    for (uint32_t cpu = 0; cpu < tap->cpu_count; cpu++)
        if (map_cpu(tap, cpu, err) < 0)
            return -1;
    return 0;
}

/* Drop records of an earlier trace. */
static void discard(struct xb_tap *tap)
{
    for (uint32_t cpu = 0; cpu < tap->cpu_count; cpu++) {
        struct t_buf *meta = tap->cpus[cpu].meta;
        if (meta)
            __atomic_store_n(&meta->cons, __atomic_load_n(&meta->prod, __ATOMIC_ACQUIRE),
                             __ATOMIC_RELEASE);
    }
}

static int switch_on(struct xb_tap *tap, uint32_t pages, struct xb_err *err)
{
    unsigned long mfn = 0, bytes = 0;
    if (xc_tbuf_enable(tap->xc, pages, &mfn, &bytes) < 0 || mfn == 0)
        return xb_fail(err, XB_E_HOST, errno,
                       "Xen makes no trace buffers (it needs %u KiB of its own memory for each "
                       "CPU; see free_memory in `xl info`)",
                       pages * 4);
    tap->on = true;
    if (map_all(tap, mfn, bytes, err) < 0)
        return -1;
    discard(tap);
    return 0;
}

int xb_tap_open(struct xb_tap **out, uint32_t pages, struct xb_err *err)
{
    struct xb_tap *tap = xb_calloc(1, sizeof(*tap));
    if (open_handles(tap, err) < 0 || choose_events(tap, err) < 0 ||
        switch_on(tap, pages, err) < 0) {
        xb_tap_close(tap);
        return -1;
    }
    *out = tap;
    return 0;
}

int xb_tap_disable(struct xb_tap *tap, struct xb_err *err)
{
    if (xc_tbuf_disable(tap->xc) < 0)
        return xb_fail(err, XB_E_HOST, errno, "Xen's tracing cannot be switched off");
    /* Xen's value after boot. */
    xc_tbuf_set_evt_mask(tap->xc, TRC_ALL);
    tap->on = false;
    return 0;
}

void xb_tap_close(struct xb_tap *tap)
{
    struct xb_err ignored = {0};
    if (!tap)
        return;
    if (tap->on)
        xb_tap_disable(tap, &ignored);
    for (uint32_t cpu = 0; tap->cpus && cpu < tap->cpu_count; cpu++)
        if (tap->cpus[cpu].meta)
            xenforeignmemory_unmap(tap->memory, tap->cpus[cpu].meta, tap->info->tbuf_size);
    if (tap->info)
        xenforeignmemory_unmap(tap->memory, tap->info, tap->info_pages);
    free(tap->cpus);
    if (tap->events)
        xenevtchn_close(tap->events);
    if (tap->memory)
        xenforeignmemory_close(tap->memory);
    if (tap->xc)
        xc_interface_close(tap->xc);
    free(tap);
}

int xb_tap_fd(struct xb_tap *tap)
{
    return xenevtchn_fd(tap->events);
}

int xb_tap_heard(struct xb_tap *tap, struct xb_err *err)
{
    xenevtchn_port_or_error_t port = xenevtchn_pending(tap->events);
    if (port < 0 || xenevtchn_unmask(tap->events, (evtchn_port_t)port) < 0)
        return xb_fail(err, XB_E_HOST, errno, "Xen's trace signal");
    return 0;
}

static int write_all(int fd, const struct iovec *parts, size_t count, uint64_t at,
                     struct xb_err *err)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *from = parts[i].iov_base;
        for (size_t left = parts[i].iov_len; left > 0;) {
            ssize_t n = pwrite(fd, from, left, (off_t)at);
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                return xb_fail(err, XB_E_HOST, errno, "cannot keep the trace");
            from += n;
            at += (size_t)n;
            left -= (size_t)n;
        }
    }
    return 0;
}

/* prod and cons run to twice the buffer's size, so that full and empty differ. */
static int drain_cpu(struct xb_tap *tap, uint32_t cpu, int fd, uint64_t *size, uint64_t max,
                     struct xb_err *err)
{
    struct t_buf *meta = tap->cpus[cpu].meta;
    uint32_t whole = tap->data_bytes, cons = meta->cons;
    uint32_t prod = __atomic_load_n(&meta->prod, __ATOMIC_ACQUIRE);
    uint32_t bytes = prod >= cons ? prod - cons : prod + 2 * whole - cons;
    if (cons >= 2 * whole || prod >= 2 * whole || bytes > whole)
        return xb_fail(err, XB_E_HOST, 0, "the trace buffer of CPU %u is inconsistent", cpu);
    if (bytes == 0)
        return 0;
    uint32_t header[3] = {XB_TRACE_WINDOW, cpu, bytes};
    if (*size + sizeof(header) + bytes > max)
        return 1;
    uint32_t start = cons % whole, first = bytes < whole - start ? bytes : whole - start;
    const struct iovec parts[] = {
        {header, sizeof(header)},
        {(void *)(tap->cpus[cpu].data + start), first},
        {(void *)tap->cpus[cpu].data, bytes - first},
    };
    if (write_all(fd, parts, XB_ARRAY_LEN(parts), *size, err) < 0)
        return -1;
    *size += sizeof(header) + bytes;
    __atomic_store_n(&meta->cons, prod, __ATOMIC_RELEASE);
    return 0;
}

int xb_tap_drain(struct xb_tap *tap, int fd, uint64_t *size, uint64_t max, struct xb_err *err)
{
    for (uint32_t cpu = 0; cpu < tap->cpu_count; cpu++) {
        int r = tap->cpus[cpu].meta ? drain_cpu(tap, cpu, fd, size, max, err) : 0;
        if (r != 0)
            return r;
    }
    return 0;
}

int xb_tap_off(struct xb_err *err)
{
    xc_interface *xc = xc_interface_open(NULL, NULL, 0);
    if (!xc)
        return xb_fail(err, XB_E_HOST, errno, "cannot reach Xen to end its tracing");
    int r = xc_tbuf_disable(xc);
    if (r < 0)
        xb_fail(err, XB_E_HOST, errno, "Xen's tracing cannot be switched off");
    xc_interface_close(xc);
    return r < 0 ? -1 : 0;
}
