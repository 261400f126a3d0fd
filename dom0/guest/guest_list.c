#include "alloc.h"
#include "base.h"
#include "domain.h"
#include "domain_wait.h"
#include "guest_def.h"
#include "xen.h"

#include <libxl_utils.h>
#include <string.h>

static const char *state_of(const libxl_dominfo *info)
{
    if (info->dying)
        return "dying";
    if (info->shutdown && info->shutdown_reason == LIBXL_SHUTDOWN_REASON_SUSPEND)
        return "suspended";
    if (info->shutdown)
        return info->shutdown_reason == LIBXL_SHUTDOWN_REASON_CRASH ? "crashed" : "shutdown";
    if (info->paused)
        return "paused";
    return info->running ? "running" : "blocked";
}

static void add_domain(struct xb_app *app, const libxl_dominfo *info, struct xb_guest_info *guest)
{
    guest->guest.domid = info->domid;
    guest->state = state_of(info);
    guest->vcpus = info->vcpu_online;
    guest->memory_bytes = (info->current_memkb + info->outstanding_memkb) << 10;
    xb_xen_domain_type(app->xen, info->domid, guest->type);
    guest->agent = xb_guest_agent_published(app, info->domid);
}

static void add_definition(const struct xb_guest_def *def, struct xb_guest_info *guest)
{
    snprintf(guest->guest.name, sizeof(guest->guest.name), "%s", def->name);
    memcpy(guest->guest.uuid, def->uuid, sizeof(guest->guest.uuid));
    memcpy(guest->image, def->image, sizeof(guest->image));
    memcpy(guest->run, def->run, sizeof(guest->run));
    memcpy(guest->type, def->type, sizeof(guest->type));
    guest->defined = true;
    guest->state = "stopped";
    guest->vcpus = def->vcpus;
    guest->memory_bytes = def->memory_bytes;
}

/* The entry with this UUID among the defined ones, or a new one at the end. */
static struct xb_guest_info *entry_for(struct xb_guest_info *guests, size_t *count,
                                       const libxl_dominfo *info)
{
    char uuid[37];
    snprintf(uuid, sizeof(uuid), LIBXL_UUID_FMT, LIBXL_UUID_BYTES(info->uuid));
    for (size_t i = 0; i < *count; i++)
        if (strcmp(guests[i].guest.uuid, uuid) == 0)
            return &guests[i];
    struct xb_guest_info *guest = &guests[(*count)++];
    memcpy(guest->guest.uuid, uuid, sizeof(uuid));
    return guest;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct xb_guest_info *)a)->guest.name,
                  ((const struct xb_guest_info *)b)->guest.name);
}

static void merge(struct xb_app *app, const struct xb_guest_def *defs, size_t def_count,
                  const libxl_dominfo *domains, size_t domain_count, struct xb_guest_info **out,
                  size_t *out_count)
{
    struct xb_guest_info *guests = xb_calloc(def_count + domain_count + 1, sizeof(*guests));
    size_t count = 0;
    for (; count < def_count; count++)
        add_definition(&defs[count], &guests[count]);
    for (size_t i = 0; i < domain_count; i++) {
        if (domains[i].domid == 0)
            continue;
        struct xb_guest_info *guest = entry_for(guests, &count, &domains[i]);
        xb_auto_free char *name = libxl_domid_to_name(app->xen->ctx, domains[i].domid);
        if (!guest->defined)
            snprintf(guest->guest.name, sizeof(guest->guest.name), "%s", name ? name : "(null)");
        add_domain(app, &domains[i], guest);
    }
    qsort(guests, count, sizeof(*guests), by_name);
    *out = guests;
    *out_count = count;
}

int xb_guest_list(struct xb_app *app, struct xb_guest_info **out, size_t *out_count,
                  struct xb_err *err)
{
    xb_auto_free struct xb_guest_def *defs = NULL;
    size_t def_count = 0;
    int domain_count = 0;
    struct xb_xen *xen = xb_xen_get(app, err);
    if (!xen || xb_guest_def_list(app, &defs, &def_count, err) < 0)
        return -1;
    xb_xen_forget(xen);
    libxl_dominfo *domains = libxl_list_domain(xen->ctx, &domain_count);
    if (!domains)
        return xb_xen_fail(xen, err, XB_E_HOST, ERROR_FAIL, "cannot list the domains");
    merge(app, defs, def_count, domains, (size_t)domain_count, out, out_count);
    libxl_dominfo_list_free(domains, domain_count);
    return 0;
}
