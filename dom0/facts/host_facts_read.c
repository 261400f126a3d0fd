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
#include "xen_host.h"

#include <libxl_utils.h>
#include <string.h>

/* Ask Xen itself, or read the file that Debian puts beside the hypervisor. */
static char *find_config(const struct xb_host_facts *facts)
{
    char *config = xb_xen_config(), path[64];
    int major = 0, minor = 0;
    if (config || sscanf(facts->version, "%d.%d", &major, &minor) != 2)
        return config;
    snprintf(path, sizeof(path), "/boot/xen-%d.%d-amd64.config", major, minor);
    xb_auto_fclose FILE *file = fopen(path, "re");
    size_t room = 256 * 1024;
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

static int read_xen(struct xb_xen *xen, struct xb_host_facts *out, struct xb_err *err)
{
    struct xb_xen_version version;
    struct xb_xen_machine machine;
    size_t cpus = 0;
    xb_xen_version(xen, &version);
    snprintf(out->version, sizeof(out->version), "%.31s", version.text);
    int rc = xb_xen_machine(xen, &machine);
    if (rc == 0)
        rc = xb_xen_free_memory(xen, &out->free_bytes);
    out->memory_bytes = machine.memory_bytes;
    if (rc)
        return xb_xen_fail(xen, err, XB_E_HOST, rc, "Xen does not describe this machine");
    out->balloons = xb_memory_may_balloon(xen) ? XB_YES : XB_NO;
    out->risky_moves = xb_pool_move_is_risky(xen) ? XB_YES : XB_NO;
    if (xb_pcpu_list(xen, &out->pcpus, &cpus, err) < 0 ||
        xb_pool_list(xen, &out->pools, &out->pool_count, err) < 0)
        return -1;
    out->cpus = (uint32_t)cpus;
    return xb_allocation_read(xen, 0, &out->dom0, err);
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
 * A stopped guest starts as its xl.cfg says, which may have changed: in that pool, with that many
 * vcpus.
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

static int read_types(struct xb_xen *xen, struct xb_host_facts *out, struct xb_err *err)
{
    struct xb_boot_host can;
    if (xb_boot_host(xen, &can, err) < 0)
        return -1;
    out->pv = can.pv ? XB_YES : XB_NO;
    out->pvh = can.pvh ? XB_YES : XB_NO;
    out->hvm = can.hvm && can.device_model ? XB_YES : XB_NO;
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

int xb_host_facts_read(struct xb_app *app, struct xb_host_facts *out, struct xb_err *err)
{
    struct xb_xen *xen = xb_xen_get(app, err);
    *out = (struct xb_host_facts){.dom0 = XB_ALLOCATION_KEEP, .max_cstate = -1};
    if (!xen)
        return -1;
    if (read_xen(xen, out, err) < 0 || read_guests(app, out, err) < 0 ||
        read_images(app, out, err) < 0 || read_types(xen, out, err) < 0) {
        xb_host_facts_clear(out);
        return -1;
    }
    read_schedulers(out);
    read_power(xen, out);
    read_smt(out);
    if (xb_pool_gran_read(0, out->sched_gran, sizeof(out->sched_gran)))
        out->pool_gran = XB_YES;
    struct xb_xen_version version;
    xb_xen_version(xen, &version);
    xb_host_gran_read(version.command_line, out->sched_gran, sizeof(out->sched_gran));
    read_beneath(out);
    return 0;
}
