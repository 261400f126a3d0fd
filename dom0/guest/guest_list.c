/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alloc.h"
#include "base.h"
#include "guest_list.h"
#include "guest_def.h"
#include "xen_domains.h"

#include <string.h>

static const char *state_of(const struct xb_domain *domain)
{
    if (domain->dying)
        return "dying";
    if (domain->suspended)
        return "suspended";
    if (domain->shutdown)
        return domain->ending == XB_ENDED_CRASH ? "crashed" : "shutdown";
    if (domain->paused)
        return "paused";
    return domain->running ? "running" : "blocked";
}

static void add_domain(struct xb_app *app, const struct xb_domain *domain,
                       struct xb_guest_info *guest)
{
    guest->guest.domid = domain->domid;
    guest->state = state_of(domain);
    guest->vcpus = domain->vcpus_online;
    guest->memory_bytes = domain->memory_bytes + domain->outstanding_bytes;
    xb_domain_type(app->xen, domain->domid, guest->type);
    guest->agent = xb_guest_agent_published(app, domain->domid);
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

/* The defined guest with this UUID, or a new entry at the end. */
static struct xb_guest_info *entry_for(struct xb_guest_info *guests, size_t *count,
                                       const struct xb_domain *domain)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(guests[i].guest.uuid, domain->uuid) == 0)
            return &guests[i];
    struct xb_guest_info *guest = &guests[(*count)++];
    memcpy(guest->guest.uuid, domain->uuid, sizeof(domain->uuid));
    return guest;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct xb_guest_info *)a)->guest.name,
                  ((const struct xb_guest_info *)b)->guest.name);
}

static void merge(struct xb_app *app, const struct xb_guest_def *defs, size_t def_count,
                  const struct xb_domain *domains, size_t domain_count, struct xb_guest_info **out,
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
        xb_auto_free char *name = xb_domain_name(app->xen, domains[i].domid);
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
    size_t def_count = 0, domain_count;
    struct xb_xen *xen = xb_xen_get(app, err);
    if (!xen || xb_guest_def_list(app, &defs, &def_count, err) < 0)
        return -1;
    xb_xen_forget(xen);
    xb_auto_free struct xb_domain *domains = xb_domain_list(xen, &domain_count, err);
    if (!domains)
        return -1;
    merge(app, defs, def_count, domains, domain_count, out, out_count);
    return 0;
}
