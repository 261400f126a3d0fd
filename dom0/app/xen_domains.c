/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "xen_domains.h"

#include "base.h"

#include <libxl_utils.h>
#include <string.h>
#include <strings.h>
#include <xenctrl.h>

static enum xb_ending ending_of(libxl_shutdown_reason reason)
{
    switch (reason) {
    case LIBXL_SHUTDOWN_REASON_POWEROFF:
        return XB_ENDED_POWEROFF;
    case LIBXL_SHUTDOWN_REASON_REBOOT:
        return XB_ENDED_REBOOT;
    case LIBXL_SHUTDOWN_REASON_WATCHDOG:
        return XB_ENDED_WATCHDOG;
    case LIBXL_SHUTDOWN_REASON_CRASH:
        return XB_ENDED_CRASH;
    default:
        return XB_ENDED_OTHERWISE;
    }
}

static void fill(const libxl_dominfo *info, struct xb_domain *out)
{
    *out = (struct xb_domain){
        .domid = info->domid,
        .running = info->running,
        .paused = info->paused,
        .shutdown = info->shutdown,
        .suspended = info->shutdown && info->shutdown_reason == LIBXL_SHUTDOWN_REASON_SUSPEND,
        .dying = info->dying,
        .ending = ending_of(info->shutdown_reason),
        .pool = info->cpupool,
        .vcpus_online = info->vcpu_online,
        .vcpus_max = info->vcpu_max_id + 1,
        .memory_bytes = info->current_memkb << 10,
        .outstanding_bytes = info->outstanding_memkb << 10,
        .allowance_bytes = info->max_memkb << 10,
    };
    snprintf(out->uuid, sizeof(out->uuid), LIBXL_UUID_FMT, LIBXL_UUID_BYTES(info->uuid));
}

int xb_domain_look(struct xb_xen *xen, uint32_t domid, struct xb_domain *out)
{
    libxl_dominfo info;
    libxl_dominfo_init(&info);
    int rc = libxl_domain_info(xen->ctx, &info, domid);
    *out = (struct xb_domain){0};
    if (rc == 0)
        fill(&info, out);
    libxl_dominfo_dispose(&info);
    return rc;
}

int xb_domain_find(struct xb_xen *xen, uint32_t domid, struct xb_domain *out, struct xb_err *err)
{
    int rc = xb_domain_look(xen, domid, out);
    return rc ? xb_xen_fail(xen, err, XB_E_BENCH, rc, "domain %u is not running", domid) : 0;
}

struct xb_domain *xb_domain_list(struct xb_xen *xen, size_t *count, struct xb_err *err)
{
    int found = 0;
    *count = 0;
    libxl_dominfo *infos = libxl_list_domain(xen->ctx, &found);
    struct xb_domain *domains = infos ? calloc((size_t)found + 1, sizeof(*domains)) : NULL;
    for (int i = 0; domains && i < found; i++)
        fill(&infos[i], &domains[(*count)++]);
    if (infos)
        libxl_dominfo_list_free(infos, found);
    if (!domains)
        xb_xen_fail(xen, err, XB_E_HOST, ERROR_FAIL, "cannot list the domains");
    return domains;
}

bool xb_domain_named(struct xb_xen *xen, const char *name, uint32_t *domid)
{
    return libxl_name_to_domid(xen->ctx, name, domid) == 0;
}

char *xb_domain_name(struct xb_xen *xen, uint32_t domid)
{
    return libxl_domid_to_name(xen->ctx, domid);
}

bool xb_domain_with_uuid(struct xb_xen *xen, const char *uuid, uint32_t *domid)
{
    size_t count;
    bool found = false;
    xb_auto_free struct xb_domain *domains = xb_domain_list(xen, &count, NULL);
    for (size_t i = 0; i < count; i++) {
        if (domains[i].dying || strcasecmp(domains[i].uuid, uuid) != 0)
            continue;
        *domid = domains[i].domid;
        found = true;
    }
    return found;
}

bool xb_domain_alive(struct xb_xen *xen, uint32_t domid)
{
    struct xb_domain domain;
    return xb_domain_look(xen, domid, &domain) == 0 && !domain.dying;
}

void xb_domain_type(struct xb_xen *xen, uint32_t domid, char out[XB_DOMAIN_TYPE_BYTES])
{
    char path[32];
    unsigned int bytes = 0;
    libxl_dominfo info;
    snprintf(path, sizeof(path), "/libxl/%u/type", domid);
    xb_auto_free char *noted = xs_read(xen->xs, XBT_NULL, path, &bytes);
    libxl_dominfo_init(&info);
    bool found = !noted && libxl_domain_info(xen->ctx, &info, domid) == 0;
    snprintf(out, XB_DOMAIN_TYPE_BYTES, "%s",
             noted   ? noted
             : found ? libxl_domain_type_to_string(info.domain_type)
                     : "");
    libxl_dominfo_dispose(&info);
}

bool xb_vcpu_look(struct xb_xen *xen, uint32_t domid, uint32_t vcpu, struct xb_vcpu_now *out)
{
    xc_vcpuinfo_t info;
    if (xc_vcpu_getinfo(xen->xc, domid, vcpu, &info) < 0)
        return false;
    *out = (struct xb_vcpu_now){.online = info.online != 0,
                                .running = info.running != 0,
                                .blocked = info.blocked != 0,
                                .pcpu = info.cpu};
    return true;
}
