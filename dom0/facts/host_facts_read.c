/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about this host, from Xen and from what xenbench keeps. */
#include "alloc.h"
#include "base.h"
#include "boot.h"
#include "domain.h"
#include "domain_build.h"
#include "files.h"
#include "guest_def.h"
#include "guest_rebuild.h"
#include "host_facts.h"
#include "host_power.h"
#include "hoststeal.h"
#include "hypfs.h"
#include "image.h"
#include "xen_domains.h"
#include "xen_host.h"

#include <libxl_utils.h>
#include <string.h>

/* Xen's build configuration, from Xen itself or the file that Debian puts beside it. To free. */
static char *find_config(const struct xb_host_facts *facts)
{
    char *config = xb_xen_config(), path[64];
    int major = 0, minor = 0;
    if (config || sscanf(facts->version, "%d.%d", &major, &minor) != 2)
        return config;
    snprintf(path, sizeof(path), "/boot/xen-%d.%d-amd64.config", major, minor);
    xb_auto_fclose FILE *file = fopen(path, "re");
    size_t room = 256 * XB_KIB;
    char *text = file ? xb_calloc(1, room) : NULL;
    if (text && fread(text, 1, room - 1, file) == 0)
        text[0] = '\0';
    return text;
}

static void read_schedulers(struct xb_host_facts *out)
{
    xb_auto_free char *config = find_config(out);
    for (size_t i = 0; config && i < XB_SCHEDULERS; i++)
        out->schedulers[i] = xb_xen_config_has(config, xb_scheduler_options[i]) ? XB_YES : XB_NO;
    /* The scheduler of an existing pool exists, whatever else is known. */
    for (size_t p = 0; p < out->pool_count; p++) {
        enum xb_scheduler rules = xb_scheduler_of(out->pools[p].scheduler);
        if (rules < XB_SCHEDULERS)
            out->schedulers[rules] = XB_YES;
    }
}

static void read_power(struct xb_xen *xen, struct xb_host_facts *out)
{
    struct xb_power power;
    xb_power_read(xen, &power);
    out->cpufreq = power.cpufreq ? XB_YES : XB_NO;
    snprintf(out->governor, sizeof(out->governor), "%s", power.governor);
    snprintf(out->governors, sizeof(out->governors), "%s", power.governors);
    out->turbo = power.turbo < 0 ? XB_UNKNOWN : power.turbo ? XB_YES : XB_NO;
    out->cstates = power.cstates ? XB_YES : XB_NO;
    out->max_cstate = power.max_cstate;
}

static void read_smt(struct xb_host_facts *out)
{
    out->smt = XB_NO;
    for (uint32_t a = 0; a < out->cpus; a++)
        for (uint32_t b = 0; b < a; b++)
            if (out->pcpus[a].online && out->pcpus[b].online &&
                out->pcpus[a].core == out->pcpus[b].core &&
                out->pcpus[a].socket == out->pcpus[b].socket)
                out->smt = XB_YES;
}

static enum xb_known known(bool yes)
{
    return yes ? XB_YES : XB_NO;
}

/* What Xen can do, as far as experiments depend on it. */
static int read_abilities(struct xb_xen *xen, struct xb_host_facts *out, struct xb_err *err)
{
    const struct xb_boot_host *boot = &out->xen.boot;
    if (xb_boot_host(xen, &out->xen.boot, err) < 0)
        return -1;
    out->pv = known(boot->pv);
    out->pvh = known(boot->pvh);
    out->hvm = known(boot->hvm && boot->device_model);
    out->balloons = known(xb_memory_may_balloon(xen));
    out->risky_moves = known(xb_pool_move_is_risky(xen));
    return 0;
}

static int read_xen(struct xb_xen *xen, struct xb_host_facts *out, struct xb_err *err)
{
    struct xb_xen_facts *facts = &out->xen;
    struct xb_domain dom0;
    if (!xb_xen_version(xen, &facts->version))
        return xb_fail(err, XB_E_HOST, 0, "Xen does not report its version");
    snprintf(out->version, sizeof(out->version), "%.31s", facts->version.text);
    xb_xen_forget(xen);
    int rc = xb_xen_machine(xen, &facts->machine);
    if (rc == 0)
        rc = xb_xen_free_memory(xen, &out->free_bytes);
    if (rc == 0)
        rc = xb_domain_look(xen, 0, &dom0);
    if (rc)
        return xb_xen_fail(xen, err, XB_E_HOST, rc, "Xen does not describe this machine");
    out->memory_bytes = facts->machine.memory_bytes;
    facts->dom0_vcpus = dom0.vcpus_online;
    facts->dom0_memory_bytes = dom0.memory_bytes;
    facts->node_count = xb_xen_nodes(xen, facts->node_bytes);
    facts->scaled = xb_cpufreq_read(xen, 0, &facts->frequency);
    xb_toolstack_file(facts->toolstack, sizeof(facts->toolstack));
    return read_abilities(xen, out, err);
}

static int read_cpus(struct xb_xen *xen, struct xb_host_facts *out, struct xb_err *err)
{
    size_t cpus = 0;
    int r = xb_pcpu_list(xen, &out->pcpus, &cpus, err);
    out->cpus = (uint32_t)cpus;
    return r;
}

static int read_pools(struct xb_xen *xen, struct xb_host_facts *out, struct xb_err *err)
{
    if (xb_pool_list(xen, &out->pools, &out->pool_count, err) < 0)
        return -1;
    out->pool_grans = xb_calloc(out->pool_count + 1, sizeof(*out->pool_grans));
    for (size_t i = 0; i < out->pool_count; i++) {
        struct xb_gran *gran = &out->pool_grans[i];
        bool told = xb_pool_gran_read(out->pools[i].id, gran->text, sizeof(gran->text));
        if (told && out->pools[i].id == 0)
            out->pool_gran = XB_YES;
    }
    return 0;
}

/* xl's defaults: 1 vcpu, and all of them online. */
static void read_config(const libxl_domain_config *config, struct xb_host_guest *guest)
{
    int online = libxl_bitmap_count_set(&config->b_info.avail_vcpus);
    guest->maxvcpus = config->b_info.max_vcpus > 0 ? (uint32_t)config->b_info.max_vcpus : 1;
    guest->vcpus = online > 0 ? (uint32_t)online : guest->maxvcpus;
    guest->memory_bytes = xb_domain_config_memory(config);
}

/*
 * A stopped guest will start with the pool, vcpus and memory of its xl.cfg, which the user may have
 * changed.
 */
static void read_stopped(struct xb_app *app, struct xb_host_guest *guest)
{
    struct xb_guest_def def;
    struct xb_err ignored = {0};
    char cfg[PATH_MAX];
    xb_auto_config libxl_domain_config config;
    libxl_domain_config_init(&config);
    if (xb_guest_def_load(app, guest->name, &def, &ignored) < 0)
        return;
    if (xb_path(cfg, sizeof(cfg), &ignored, "%s/%s.cfg", def.dir, guest->name) == 0)
        xb_guest_cfg_pool(cfg, guest->pool);
    if (xb_domain_config_load(app->xen, &def, &config, &ignored) == 0)
        read_config(&config, guest);
}

static int read_guests(struct xb_app *app, struct xb_host_facts *out, struct xb_err *err)
{
    xb_auto_free struct xb_guest_info *infos = NULL;
    size_t count = 0;
    if (xb_guest_list(app, &infos, &count, err) < 0)
        return -1;
    out->guests = xb_calloc(count + 1, sizeof(*out->guests));
    for (size_t i = 0; i < count; i++) {
        struct xb_host_guest *guest = &out->guests[out->guest_count++];
        struct xb_err ignored = {0}; /* the domain may end just now */
        guest->now = XB_ALLOCATION_KEEP;
        guest->made = infos[i].run[0] != '\0';
        snprintf(guest->name, sizeof(guest->name), "%s", infos[i].guest.name);
        snprintf(guest->image, sizeof(guest->image), "%s", infos[i].image);
        guest->running = infos[i].guest.domid != 0;
        guest->vcpus = infos[i].vcpus;
        guest->memory_bytes = infos[i].memory_bytes;
        if (guest->running &&
            xb_allocation_read(app->xen, infos[i].guest.domid, &guest->now, &ignored) == 0)
            memcpy(guest->pool, guest->now.pool, sizeof(guest->pool));
        if (!guest->running)
            read_stopped(app, guest);
    }
    return 0;
}

static int read_images(struct xb_app *app, struct xb_host_facts *out, struct xb_err *err)
{
    struct xb_image *images = NULL;
    size_t count = 0;
    if (xb_image_list(app, &images, &count, err) < 0)
        return -1;
    out->images = xb_calloc(count + 1, sizeof(*out->images));
    for (size_t i = 0; i < count; i++) {
        struct xb_host_image *image = &out->images[out->image_count++];
        snprintf(image->name, sizeof(image->name), "%s", images[i].name);
        image->min_memory_bytes = images[i].min_memory_bytes;
        image->workloads = json_incref(json_object_get(images[i].json, "workloads"));
        image->types = json_incref(json_object_get(images[i].json, "xen_types"));
    }
    xb_image_list_free(images, count);
    return 0;
}

static void read_beneath(struct xb_host_facts *out)
{
    struct xb_hoststeal beneath = {0};
    struct xb_err ignored = {0};
    xb_auto_close int fd = xb_hoststeal_open(NULL);
    if (fd < 0 || xb_hoststeal_read(fd, &beneath, &ignored) < 0)
        return;
    out->lab_host_cpus = beneath.host_cpus;
    out->lab_cpus = (uint32_t)beneath.count;
}

void xb_host_facts_collect(struct xb_app *app, struct xb_host_facts *out)
{
    *out = (struct xb_host_facts){.dom0 = XB_ALLOCATION_KEEP, .max_cstate = -1};
    xb_kernel_facts_read(&out->kernel);
    struct xb_xen *xen = xb_xen_get(app, &out->why[XB_FACTS_XEN]);
    if (!xen || read_xen(xen, out, &out->why[XB_FACTS_XEN]) < 0)
        return;
    read_cpus(xen, out, &out->why[XB_FACTS_CPUS]);
    read_pools(xen, out, &out->why[XB_FACTS_POOLS]);
    xb_allocation_read(xen, 0, &out->dom0, &out->why[XB_FACTS_DOM0]);
    read_guests(app, out, &out->why[XB_FACTS_GUESTS]);
    read_images(app, out, &out->why[XB_FACTS_IMAGES]);
    read_schedulers(out);
    read_power(xen, out);
    read_smt(out);
    out->xen.gran_from =
        xb_host_gran_read(out->xen.version.command_line, out->sched_gran, sizeof(out->sched_gran));
    read_beneath(out);
}

int xb_host_facts_read(struct xb_app *app, struct xb_host_facts *out, struct xb_err *err)
{
    xb_host_facts_collect(app, out);
    for (size_t i = 0; i < XB_FACTS_PARTS; i++) {
        const struct xb_err *why = &out->why[i];
        if (why->class == XB_E_NONE)
            continue;
        xb_fail(err, why->class, 0, "%s", why->msg);
        xb_host_facts_clear(out);
        return -1;
    }
    return 0;
}
