/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "allocation_sched.h"

#include "base.h"
#include "interrupt.h"
#include "xen_domains.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>

#define BALLOON_WAIT_NS (60 * XB_NS_PER_S)
#define BALLOON_LOOK_LONGEST_MS 100
#define BALLOON_SLACK_KB 1024

static int read_rtds(struct xb_xen *xen, uint32_t domid, struct xb_allocation *out,
                     struct xb_err *err)
{
    libxl_vcpu_sched_params params;
    libxl_vcpu_sched_params_init(&params);
    int status = 0, rc = libxl_vcpu_sched_params_get_all(xen->ctx, domid, &params);
    if (rc)
        status =
            xb_xen_fail(xen, err, XB_E_HOST, rc, "cannot read domain %u's rtds parameters", domid);
    for (int i = 0; status == 0 && i < params.num_vcpus; i++) {
        struct xb_rtds rtds = XB_RTDS_KEEP;
        xb_settings_from_xen(xb_rtds_settings, &rtds, XB_SCHED_RTDS, &params.vcpus[i]);
        status = xb_allocation_set_rtds(out, params.vcpus[i].vcpuid, &rtds, err);
    }
    libxl_vcpu_sched_params_dispose(&params);
    return status;
}

static int read_shares(struct xb_xen *xen, uint32_t domid, const char *scheduler,
                       struct xb_allocation *out, struct xb_err *err)
{
    libxl_domain_sched_params params;
    libxl_domain_sched_params_init(&params);
    int rc = libxl_domain_sched_params_get(xen->ctx, domid, &params);
    if (rc == 0)
        xb_settings_from_xen(xb_domain_settings, out, xb_scheduler_of(scheduler), &params);
    libxl_domain_sched_params_dispose(&params);
    return rc ? xb_xen_fail(xen, err, XB_E_HOST, rc, "cannot read what %s gives domain %u",
                            scheduler, domid)
              : 0;
}

int xb_sched_read(struct xb_xen *xen, uint32_t domid, const char *scheduler,
                  struct xb_allocation *out, struct xb_err *err)
{
    if (xb_scheduler_of(scheduler) == XB_SCHED_RTDS)
        return read_rtds(xen, domid, out, err);
    return xb_scheduler_has_weights(scheduler) ? read_shares(xen, domid, scheduler, out, err) : 0;
}

static int apply_shares(struct xb_xen *xen, uint32_t domid, const char *scheduler,
                        const struct xb_allocation *want, struct xb_err *err)
{
    char said[160] = "";
    libxl_domain_sched_params params;
    libxl_domain_sched_params_init(&params);
    xb_settings_to_xen(xb_domain_settings, want, xb_scheduler_of(scheduler), &params);
    xb_xen_forget(xen);
    int rc = libxl_domain_sched_params_set(xen->ctx, domid, &params);
    libxl_domain_sched_params_dispose(&params);
    if (rc == 0)
        return 0;
    xb_settings_say(xb_domain_settings, want, said, sizeof(said));
    return xb_xen_fail(xen, err, rc == ERROR_INVAL ? XB_E_INPUT : XB_E_HOST, rc,
                       "%s cannot set the parameters of domain %u as asked%s", scheduler, domid,
                       said);
}

/* Set one vcpu at a time, so that the other vcpus' parameters need not be known. */
static int apply_rtds_vcpu(struct xb_xen *xen, uint32_t domid, int vcpu, const struct xb_rtds *want,
                           struct xb_err *err)
{
    char said[160] = "";
    libxl_sched_params one;
    libxl_vcpu_sched_params params;
    libxl_vcpu_sched_params_init(&params);
    libxl_sched_params_init(&one);
    one.vcpuid = vcpu;
    xb_settings_to_xen(xb_rtds_settings, want, XB_SCHED_RTDS, &one);
    params.sched = LIBXL_SCHEDULER_RTDS;
    params.num_vcpus = 1;
    params.vcpus = &one;
    xb_xen_forget(xen);
    int rc = vcpu < 0 ? libxl_vcpu_sched_params_set_all(xen->ctx, domid, &params)
                      : libxl_vcpu_sched_params_set(xen->ctx, domid, &params);
    if (rc == 0)
        return 0;
    xb_settings_say(xb_rtds_settings, want, said, sizeof(said));
    return xb_xen_fail(xen, err, rc == ERROR_INVAL ? XB_E_INPUT : XB_E_HOST, rc,
                       "cannot set the parameters of vcpu %d (-1: all) of domain %u as asked%s",
                       vcpu, domid, said);
}

static int apply_rtds(struct xb_xen *xen, uint32_t domid, const struct xb_allocation *want,
                      struct xb_err *err)
{
    if (want->rtds_count == 1)
        return apply_rtds_vcpu(xen, domid, -1, &want->rtds[0], err);
    for (size_t v = 0; v < want->rtds_count; v++)
        if (xb_settings_said(xb_rtds_settings, &want->rtds[v]) &&
            apply_rtds_vcpu(xen, domid, (int)v, &want->rtds[v], err) < 0)
            return -1;
    return 0;
}

int xb_sched_apply(struct xb_xen *xen, uint32_t domid, const struct xb_pool *pool,
                   const struct xb_allocation *want, struct xb_err *err)
{
    char who[80];
    if (!xb_settings_said_of_scheduler(xb_domain_settings, want))
        return 0;
    const struct xb_setting *unknown =
        xb_settings_unknown(xb_domain_settings, want, pool->scheduler);
    if (unknown)
        return xb_fail(err, XB_E_INPUT, 0,
                       "domain %u: the scheduler %s of cpupool %s has no `%s` (%s)", domid,
                       pool->scheduler, pool->name, unknown->name,
                       xb_setting_knowers(unknown, "does", "do", who, sizeof(who)));
    return want->rtds_count ? apply_rtds(xen, domid, want, err)
                            : apply_shares(xen, domid, pool->scheduler, want, err);
}

static int read_memory(struct xb_xen *xen, uint32_t domid, uint64_t *bytes, struct xb_err *err)
{
    struct xb_domain domain;
    int r = xb_domain_find(xen, domid, &domain, err);
    *bytes = xb_memory_of(&domain);
    return r;
}

static bool obeys(uint64_t is_bytes, uint64_t want_bytes)
{
    uint64_t apart = is_bytes > want_bytes ? is_bytes - want_bytes : want_bytes - is_bytes;
    return apart <= BALLOON_SLACK_KB * UINT64_C(1024);
}

/*
 * Xen gives a domain no more memory than its allowance, which `xl mem-set` lowers to the target. If
 * the allowance is below the new target, raise it too; otherwise leave it alone.
 */
static bool allowance_is_below(struct xb_xen *xen, uint32_t domid, uint64_t bytes)
{
    struct xb_domain domain;
    return xb_domain_look(xen, domid, &domain) == 0 && domain.allowance_bytes / 1024 < bytes / 1024;
}

static int set_target(struct xb_xen *xen, uint32_t domid, uint64_t bytes)
{
    xb_xen_forget(xen);
    return libxl_set_memory_target(xen->ctx, domid, (int64_t)(bytes / 1024), 0,
                                   allowance_is_below(xen, domid, bytes));
}

/* The balloon is the guest's: it may refuse, and Ctrl-C does not wait for it. */
static int await_balloon(struct xb_xen *xen, uint32_t domid, uint64_t bytes, struct xb_err *err)
{
    uint64_t now = 0, deadline_ns = xb_now_ns() + BALLOON_WAIT_NS;
    xb_auto_close int stop_fd = xb_stop_fd();
    int pause_ms = 1;
    while (read_memory(xen, domid, &now, err) == 0) {
        struct pollfd stop = {.fd = stop_fd, .events = POLLIN};
        if (obeys(now, bytes))
            return 0;
        if (xb_now_ns() > deadline_ns)
            return xb_fail(
                err, XB_E_BENCH, 0,
                "domain %u: its balloon's target is %" PRIu64 " MiB, but after %d s it has "
                "%" PRIu64 " MiB (its kernel needs CONFIG_XEN_BALLOON; `resize: restart` "
                "rebuilds the guest instead)",
                domid, bytes >> 20, (int)(BALLOON_WAIT_NS / XB_NS_PER_S), now >> 20);
        if (poll(&stop, 1, pause_ms) > 0)
            return xb_fail(err, XB_E_BENCH, 0, "interrupted");
        pause_ms = 2 * pause_ms < BALLOON_LOOK_LONGEST_MS ? 2 * pause_ms : BALLOON_LOOK_LONGEST_MS;
    }
    return -1;
}

int xb_memory_apply(struct xb_xen *xen, uint32_t domid, uint64_t bytes, struct xb_err *err)
{
    uint64_t before = 0;
    if (!bytes)
        return 0;
    if (read_memory(xen, domid, &before, err) < 0)
        return -1;
    if (obeys(before, bytes))
        return 0;
    int rc = set_target(xen, domid, bytes);
    if (rc)
        return xb_xen_fail(xen, err, XB_E_INPUT, rc,
                           "domain %u: its balloon cannot go to %" PRIu64
                           " MiB (no more than it was "
                           "made with, no less than its kernel needs)",
                           domid, bytes >> 20);
    if (await_balloon(xen, domid, bytes, err) == 0)
        return 0;
    set_target(xen, domid, before); /* otherwise a balloon that refused may obey in a later cell */
    return -1;
}
