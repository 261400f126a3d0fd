/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads and sets a cpupool's schedule under arinc653, by libxenctrl, because libxl lacks it.
 */
#include "alloc.h"
#include "base.h"
#include "pool.h"
#include "schedule.h"
#include "xen_domains.h"

#include <errno.h>
#include <libxl_uuid.h>
#include <string.h>
#include <xenctrl.h>

typedef struct xen_sysctl_arinc653_schedule xen_schedule;

/* No domain has this UUID, so nobody runs in its entries. (Dom0's is all zeros.) */
static void set_nobody(xen_domain_handle_t handle)
{
    memset(handle, 0xff, sizeof(xen_domain_handle_t));
}

static bool is_nobody(const xen_domain_handle_t handle)
{
    xen_domain_handle_t nobody = {0};
    set_nobody(nobody);
    return memcmp(handle, nobody, sizeof(nobody)) == 0;
}

/* The domain's name; its UUID if no domain has that UUID or the name is too long. */
static void name_handle(struct xb_xen *xen, const xen_domain_handle_t handle, char *out,
                        size_t bytes)
{
    libxl_uuid uuid;
    uint32_t domid;
    char text[37];
    memcpy(libxl_uuid_bytearray(&uuid), handle, sizeof(xen_domain_handle_t));
    snprintf(text, sizeof(text), LIBXL_UUID_FMT, LIBXL_UUID_BYTES(uuid));
    xb_auto_free char *name =
        xb_domain_with_uuid(xen, text, &domid) ? xb_domain_name(xen, domid) : NULL;
    snprintf(out, bytes, "%s",
             is_nobody(handle)                   ? XB_SCHEDULE_IDLE
             : name && strlen(name) + 1 <= bytes ? name
                                                 : text);
}

static void from_xen(struct xb_xen *xen, const xen_schedule *got, struct xb_schedule *out)
{
    *out = (struct xb_schedule){.count = 0};
    for (size_t i = 0; i < got->num_sched_entries && i < XB_SCHEDULE_ENTRIES_MAX; i++) {
        struct xb_schedule_entry *entry = &out->entries[out->count++];
        name_handle(xen, got->sched_entries[i].dom_handle, entry->guest, sizeof(entry->guest));
        entry->vcpu = got->sched_entries[i].vcpu_id;
        entry->run_ns = got->sched_entries[i].runtime;
    }
    uint64_t named_ns = xb_schedule_frame_ns(out);
    if (out->count == 0 || out->count == XB_SCHEDULE_ENTRIES_MAX || got->major_frame <= named_ns)
        return;
    out->entries[out->count++] = (struct xb_schedule_entry){.guest = XB_SCHEDULE_IDLE,
                                                            .run_ns = got->major_frame - named_ns};
}

int xb_pool_read_schedule(struct xb_xen *xen, uint32_t pool, char out[XB_SCHEDULE_TEXT_BYTES],
                          struct xb_err *err)
{
    xen_schedule got = {.num_sched_entries = 0};
    struct xb_schedule schedule;
    memset(out, 0, XB_SCHEDULE_TEXT_BYTES);
    if (xc_sched_arinc653_schedule_get(xen->xc, pool, &got) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot read the schedule of cpupool %u", pool);
    from_xen(xen, &got, &schedule);
    /* It is longer than any that xenbench sets, so somebody else has set it: report none of it. */
    if (!xb_schedule_format(&schedule, out, XB_SCHEDULE_TEXT_BYTES))
        memset(out, 0, XB_SCHEDULE_TEXT_BYTES);
    return 0;
}

static int to_xen(const struct xb_schedule *schedule, xb_uuid_fn *uuid_of, void *arg,
                  xen_schedule *out, struct xb_err *err)
{
    memset(out, 0, sizeof(*out));
    out->major_frame = xb_schedule_frame_ns(schedule);
    out->num_sched_entries = (uint8_t)schedule->count;
    for (size_t i = 0; i < schedule->count; i++) {
        const struct xb_schedule_entry *entry = &schedule->entries[i];
        libxl_uuid uuid;
        char text[37] = "";
        out->sched_entries[i].vcpu_id = entry->vcpu;
        out->sched_entries[i].runtime = entry->run_ns;
        if (xb_schedule_is_idle(entry->guest)) {
            set_nobody(out->sched_entries[i].dom_handle);
            continue;
        }
        if (uuid_of(arg, entry->guest, text, err) < 0)
            return -1;
        if (libxl_uuid_from_string(&uuid, text) < 0)
            return xb_fail(err, XB_E_HOST, 0, "guest %s has no UUID: `%s`", entry->guest, text);
        memcpy(out->sched_entries[i].dom_handle, libxl_uuid_bytearray(&uuid),
               sizeof(xen_domain_handle_t));
    }
    return 0;
}

/* Compare member by member, because padding in the entries may differ. */
static bool is_same(const xen_schedule *want, const xen_schedule *got)
{
    bool same =
        got->major_frame == want->major_frame && got->num_sched_entries == want->num_sched_entries;
    for (size_t i = 0; same && i < want->num_sched_entries; i++)
        same = got->sched_entries[i].vcpu_id == want->sched_entries[i].vcpu_id &&
               got->sched_entries[i].runtime == want->sched_entries[i].runtime &&
               memcmp(got->sched_entries[i].dom_handle, want->sched_entries[i].dom_handle,
                      sizeof(xen_domain_handle_t)) == 0;
    return same;
}

int xb_pool_set_schedule(struct xb_xen *xen, const char *name, const char *text,
                         xb_uuid_fn *uuid_of, void *arg, struct xb_err *err)
{
    struct xb_pool pool;
    struct xb_schedule schedule;
    xen_schedule want, got;
    if (xb_pool_find(xen, name, &pool, err) < 0 || xb_schedule_parse(text, &schedule, err) < 0 ||
        to_xen(&schedule, uuid_of, arg, &want, err) < 0)
        return -1;
    memset(&got, 0, sizeof(got));
    if (xc_sched_arinc653_schedule_set(xen->xc, pool.id, &want) < 0 ||
        xc_sched_arinc653_schedule_get(xen->xc, pool.id, &got) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot set the schedule of cpupool %s", name);
    if (!is_same(&want, &got))
        return xb_fail(err, XB_E_HOST, 0,
                       "cpupool %s: Xen accepted the schedule but did not apply it", name);
    return 0;
}
