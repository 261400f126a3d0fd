/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Setting Dom0's memory and vcpus now, without waiting for the next boot.
 */
#include "allocation.h"
#include "base.h"
#include "boot_id.h"
#include "prepare.h"
#include "xen_domains.h"
#include "xen_host.h"

#include <inttypes.h>
#include <string.h>

#define TOLERANCE_KB (8 << 10)
#define RESERVE_KB (256 << 10) /* what Dom0 must keep beyond what it uses now */

static uint64_t meminfo_kb(const char *key)
{
    char line[128];
    unsigned long long kb;
    xb_auto_fclose FILE *f = fopen("/proc/meminfo", "re");
    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, key, strlen(key)) == 0 && sscanf(line + strlen(key), ": %llu", &kb) == 1)
            return kb;
    return 0;
}

static int note_dom0(struct xb_prepare *prepare, struct xb_err *err)
{
    xb_auto_allocation struct xb_allocation now = XB_ALLOCATION_KEEP;
    char boot[XB_BOOT_ID_BYTES];
    uint64_t kb = 0;
    xb_boot_id(boot);
    if (xb_allocation_read(prepare->xen, 0, &now, err) < 0)
        return -1;
    int rc = libxl_get_memory_target(prepare->xen->ctx, 0, &kb);
    if (rc)
        return xb_xen_fail(prepare->xen, err, XB_E_HOST, rc, "cannot ask how much memory Dom0 has");
    return xb_prepare_note(prepare,
                           json_pack("{s:s, s:s, s:I, s:o}", "kind", "dom0", "boot", boot,
                                     "memory_kb", (json_int_t)kb, "allocation",
                                     xb_allocation_to_json(&now)),
                           err);
}

static int set_memory(struct xb_xen *xen, uint64_t kb, struct xb_err *err)
{
    xb_xen_forget(xen);
    int rc = libxl_set_memory_target(xen->ctx, 0, (int64_t)kb, 0, 1);
    if (rc == 0)
        rc = libxl_wait_for_memory_target(xen->ctx, 0, 10);
    return rc ? xb_xen_fail(xen, err, XB_E_HOST, rc, "cannot give Dom0 %" PRIu64 " MiB", kb >> 10)
              : 0;
}

static int apply_memory(struct xb_prepare *prepare, const struct xb_step *step, struct xb_err *err)
{
    return note_dom0(prepare, err) < 0 ? -1 : set_memory(prepare->xen, step->number, err);
}

/* Why Dom0's memory cannot change to this size while it runs; NULL if it can. */
static const char *memory_obstacle(struct xb_prepare *prepare, uint64_t now_kb, uint64_t want_kb)
{
    char text[32] = "";
    if (want_kb < now_kb) {
        uint64_t used_kb = meminfo_kb("MemTotal") - meminfo_kb("MemAvailable");
        return want_kb < used_kb + RESERVE_KB ? "at the next boot: Dom0 uses too much of it now"
                                              : NULL;
    }
    if (!xb_xen_read_key(prepare->xen, 0, "memory/static-max", text, sizeof(text)) ||
        strtoull(text, NULL, 10) + TOLERANCE_KB < want_kb)
        return "at the next boot: Dom0 was started with less";
    uint64_t bytes;
    return xb_xen_free_memory(prepare->xen, &bytes) || bytes >> 10 < want_kb - now_kb
               ? "at the next boot: guests have the memory now"
               : NULL;
}

static void plan_memory(struct xb_prepare *prepare)
{
    uint64_t now_kb = 0, want_kb = prepare->spec.dom0_memory_bytes >> 10;
    if (!want_kb || libxl_get_memory_target(prepare->xen->ctx, 0, &now_kb))
        return;
    uint64_t apart_kb = now_kb > want_kb ? now_kb - want_kb : want_kb - now_kb;
    const char *obstacle = memory_obstacle(prepare, now_kb, want_kb);
    struct xb_step *step = xb_prepare_step(prepare,
                                           apart_kb <= TOLERANCE_KB ? XB_STEP_DONE
                                           : obstacle               ? XB_STEP_CANNOT
                                                                    : XB_STEP_TODO,
                                           "dom0 memory now", apply_memory);
    step->number = want_kb;
    snprintf(step->is, sizeof(step->is), "%" PRIu64 " MiB", now_kb >> 10);
    snprintf(step->will, sizeof(step->will), "%" PRIu64 " MiB%s%s", want_kb >> 10,
             obstacle ? ", " : "", obstacle ? obstacle : "");
}

/* The vcpus that Dom0 should have, and each vcpu's pin. */
static int want_vcpus(const struct xb_prepare *prepare, uint32_t now, struct xb_allocation *want,
                      struct xb_err *err)
{
    char cpu[16];
    uint32_t count = prepare->spec.dom0_vcpus ? prepare->spec.dom0_vcpus : now;
    want->vcpus = prepare->spec.dom0_vcpus;
    for (uint32_t v = 0; prepare->spec.dom0_pin && v < count; v++) {
        snprintf(cpu, sizeof(cpu), "%u", v);
        if (xb_allocation_set_hard(want, (int)v, cpu, err) < 0)
            return -1;
    }
    return 0;
}

static int apply_vcpus(struct xb_prepare *prepare, const struct xb_step *step XB_UNUSED,
                       struct xb_err *err)
{
    xb_auto_allocation struct xb_allocation now = XB_ALLOCATION_KEEP, want = XB_ALLOCATION_KEEP;
    if (xb_allocation_read(prepare->xen, 0, &now, err) < 0 ||
        want_vcpus(prepare, now.vcpus, &want, err) < 0 || note_dom0(prepare, err) < 0)
        return -1;
    return xb_allocation_apply(prepare->xen, 0, &want, err);
}

static int plan_vcpus(struct xb_prepare *prepare, struct xb_err *err)
{
    xb_auto_allocation struct xb_allocation now = XB_ALLOCATION_KEEP, want = XB_ALLOCATION_KEEP;
    char why[256] = "";
    struct xb_domain dom0;
    uint32_t most = xb_domain_look(prepare->xen, 0, &dom0) == 0 ? dom0.vcpus_max : 0;
    if ((!prepare->spec.dom0_vcpus && !prepare->spec.dom0_pin))
        return 0;
    if (xb_allocation_read(prepare->xen, 0, &now, err) < 0 ||
        want_vcpus(prepare, now.vcpus, &want, err) < 0)
        return -1;
    bool differs = xb_allocation_differs(&want, &now, why, sizeof(why));
    bool possible = want.vcpus <= most;
    struct xb_step *step = xb_prepare_step(prepare,
                                           !differs   ? XB_STEP_DONE
                                           : possible ? XB_STEP_TODO
                                                      : XB_STEP_CANNOT,
                                           "dom0 vcpus now", apply_vcpus);
    snprintf(step->is, sizeof(step->is), "%u of at most %u online%s", now.vcpus, most,
             prepare->spec.dom0_pin && !differs ? ", pinned" : "");
    snprintf(step->will, sizeof(step->will), "%u online%s%s", want.vcpus ? want.vcpus : now.vcpus,
             prepare->spec.dom0_pin ? ", each pinned to the CPU of its number" : "",
             possible ? "" : ", at the next boot: Dom0 was started with fewer");
    return 0;
}

int xb_prepare_dom0(struct xb_prepare *prepare, struct xb_err *err)
{
    if (!prepare->xen)
        return 0;
    plan_memory(prepare);
    return plan_vcpus(prepare, err);
}

static int undo_dom0(struct xb_prepare *prepare, const struct xb_step *step, struct xb_err *err)
{
    xb_auto_allocation struct xb_allocation want = XB_ALLOCATION_KEEP, now = XB_ALLOCATION_KEEP;
    char why[256];
    if (xb_allocation_from_json(json_object_get(step->change, "allocation"), &want, err) < 0 ||
        xb_allocation_read(prepare->xen, 0, &now, err) < 0 ||
        (xb_allocation_differs(&want, &now, why, sizeof(why)) &&
         xb_allocation_apply(prepare->xen, 0, &want, err) < 0))
        return -1;
    return set_memory(prepare->xen, step->number, err);
}

/* Has Dom0 booted since? Then Xen's command line sets it, which is restored too. */
static bool is_of_earlier_boot(const json_t *change)
{
    const char *then = json_string_value(json_object_get(change, "boot"));
    return then && !xb_boot_is(then);
}

void xb_prepare_undo_dom0(struct xb_prepare *prepare, json_t *change)
{
    bool over = is_of_earlier_boot(change);
    struct xb_step *step = xb_prepare_step(prepare,
                                           over           ? XB_STEP_DONE
                                           : prepare->xen ? XB_STEP_TODO
                                                          : XB_STEP_CANNOT,
                                           "dom0 now", undo_dom0);
    step->keep = !over && !prepare->xen;
    step->number = (uint64_t)json_integer_value(json_object_get(change, "memory_kb"));
    snprintf(step->is, sizeof(step->is), "%s",
             over           ? "Dom0 has booted since: Xen's command line sets its memory and vcpus"
             : prepare->xen ? "memory and vcpus are as xenbench set them"
                            : "Xen does not answer");
    snprintf(step->will, sizeof(step->will), "%" PRIu64 " MiB and %lld vcpus, as before",
             step->number >> 10,
             (long long)json_integer_value(
                 json_object_get(json_object_get(change, "allocation"), "vcpus")));
}
