/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the hypervisor reports about itself, its CPUs and its memory.
 */
#include "base.h"
#include "doctor.h"
#include "xen_host.h"

#include <inttypes.h>
#include <string.h>

#define GUEST_MEMORY_LEAST_MIB 512

static void unknown(struct xb_doctor *doctor, const char *what)
{
    xb_doctor_find(doctor, XB_HEALTH_FAIL, what, "unknown: no hypervisor answers");
}

/* The toolstack's version is part of its library's name: libxenlight.so.4.17. "" if unknown. */
static void toolstack_version(const char *file, char *out, size_t out_bytes)
{
    const char *version = strstr(file, ".so.");
    int major, minor;
    out[0] = '\0';
    if (version && sscanf(version, ".so.%d.%d", &major, &minor) == 2)
        snprintf(out, out_bytes, "%d.%d", major, minor);
}

static void check_version(struct xb_doctor *doctor)
{
    const struct xb_xen_version *version = &doctor->facts->xen.version;
    char toolstack[32], hypervisor[32];
    toolstack_version(doctor->facts->xen.toolstack, toolstack, sizeof(toolstack));
    snprintf(hypervisor, sizeof(hypervisor), "%d.%d", version->major, version->minor);
    bool same = !toolstack[0] || strcmp(toolstack, hypervisor) == 0;
    xb_doctor_find(doctor, same ? XB_HEALTH_OK : XB_HEALTH_WARNING, "hypervisor",
                   "Xen %s, toolstack %s", version->text,
                   toolstack[0] ? toolstack : "of unknown version");
    if (!same)
        xb_doctor_advise(doctor,
                         "hypervisor and toolstack should have the same version: reboot after an "
                         "upgrade, or build xenbench for this Xen");
    xb_doctor_find(doctor, XB_HEALTH_OK, "command line", "%s",
                   version->command_line[0] ? version->command_line : "(none)");
}

static void check_virtualisation(struct xb_doctor *doctor, const struct xb_boot_host *host,
                                 bool iommu)
{
    bool hvm = host->hvm && host->device_model;
    if (host->pvh) {
        xb_doctor_find(doctor, XB_HEALTH_OK, "guest types", "%sPVH%s%s", host->pv ? "PV, " : "",
                       hvm ? ", HVM" : "", iommu ? "; IOMMU" : "");
        return;
    }
    xb_doctor_find(doctor, host->pv ? XB_HEALTH_WARNING : XB_HEALTH_FAIL, "guest types", "%s",
                   host->pv ? "only PV: Xen reports no VT-x or SVM with nested paging" : "none");
    xb_doctor_advise(
        doctor,
        "enable virtualisation in the firmware; a virtual machine must get it from its host");
}

/* Only some guests need these, so a missing one is reported but is no fault. */
static void check_boot(struct xb_doctor *doctor, const struct xb_boot_host *host)
{
    xb_doctor_find(doctor, XB_HEALTH_OK, "device model", "%s",
                   host->device_model ? host->device_model : "none, so no HVM guests");
    if (!host->device_model)
        xb_doctor_advise(doctor, "apt-get install qemu-system-xen, for guests of --type hvm");
    bool both = host->grub_pv && host->grub_pvh;
    xb_doctor_find(doctor, XB_HEALTH_OK, "guest grub", "%s",
                   both             ? "for PV and PVH guests"
                   : host->grub_pv  ? "for PV guests only"
                   : host->grub_pvh ? "for PVH guests only"
                                    : "none, so guests must boot their kernel directly");
    if (!both)
        xb_doctor_advise(doctor, "apt-get install grub-xen-host, for guests of --boot grub");
}

/* Under core scheduling, all vcpus on a core belong to one guest at a time. */
static void check_smt(struct xb_doctor *doctor, uint32_t threads)
{
    const struct xb_host_facts *facts = doctor->facts;
    const char *gran = facts->pool_gran == XB_YES ? facts->pool_grans[0].text : "";
    bool smt = threads > 1, whole = smt && gran[0] && strcmp(gran, "cpu") != 0;
    xb_doctor_find(doctor, smt && !whole ? XB_HEALTH_WARNING : XB_HEALTH_OK, "smt",
                   "%u thread%s per core%s%s", threads, smt ? "s" : "",
                   whole ? ", all of one guest at a time: sched-gran=" : "", whole ? gran : "");
    if (smt && !whole)
        xb_doctor_advise(doctor, "vcpus on two threads of a core slow each other down: pin by "
                                 "cores, or put smt=0 on Xen's command line");
}

/* A range of CPUs in an experiment leaves them out, and a number that names one is refused. */
static void check_offline(struct xb_doctor *doctor)
{
    const struct xb_host_facts *facts = doctor->facts;
    struct xb_cpus offline = {.nodes = 0};
    char text[XB_CPUS_TEXT_BYTES];
    for (uint32_t i = 0; facts->pcpus && i < facts->cpus; i++)
        if (!facts->pcpus[i].online)
            xb_cpus_add(&offline, facts->pcpus[i].cpu);
    if (xb_cpus_count(&offline, facts->cpus) == 0)
        return;
    xb_cpus_format(&offline, XB_CPUS_MAX, text, sizeof(text));
    xb_doctor_find(doctor, XB_HEALTH_WARNING, "offline cpus", "CPU%s %s",
                   xb_plural(xb_cpus_count(&offline, facts->cpus)), text);
    xb_doctor_advise(doctor, "experiments cannot use them: `xen-hptool cpu-online N` and `xl "
                             "cpupool-cpu-add Pool-0 N` bring one back");
}

static void check_cpus(struct xb_doctor *doctor, const struct xb_xen_machine *machine,
                       uint32_t dom0_vcpus)
{
    bool wide = dom0_vcpus >= machine->cpus;
    xb_doctor_find(doctor, machine->cpus < 2 ? XB_HEALTH_WARNING : XB_HEALTH_OK, "cpus",
                   "%u CPUs, %u NUMA node%s, %" PRIu64 " MHz", machine->cpus, machine->numa_nodes,
                   xb_plural(machine->numa_nodes), machine->cpu_khz / 1000);
    if (machine->cpus < 2)
        xb_doctor_advise(doctor,
                         "Dom0 and the guests share one CPU: Dom0's work shows in every result");
    check_offline(doctor);
    check_smt(doctor, machine->threads_per_core);
    xb_doctor_find(doctor, wide ? XB_HEALTH_WARNING : XB_HEALTH_OK, "dom0 vcpus", "%u of %u CPUs",
                   dom0_vcpus, machine->cpus);
    if (wide)
        xb_doctor_advise(doctor, "dom0_max_vcpus=N on Xen's command line keeps CPUs free of "
                                 "Dom0 (dom0_vcpus_pin pins Dom0 to its CPUs)");
}

/* xl.conf's autoballoon decides before dom0_mem= does (xb_memory_may_balloon). */
static void check_memory(struct xb_doctor *doctor, const struct xb_xen_machine *machine,
                         uint64_t dom0_mib)
{
    const struct xb_host_facts *facts = doctor->facts;
    bool fixed = facts->balloons != XB_YES;
    bool at_boot = strstr(facts->xen.version.command_line, "dom0_mem=");
    uint64_t free_mib = machine->free_bytes >> 20;
    bool low = free_mib < GUEST_MEMORY_LEAST_MIB;
    xb_doctor_find(doctor, fixed ? XB_HEALTH_OK : XB_HEALTH_WARNING, "dom0 memory",
                   "%" PRIu64 " MiB, %s", dom0_mib,
                   !fixed    ? "not fixed: it shrinks when guests start"
                   : at_boot ? "fixed by dom0_mem="
                             : "fixed by autoballoon in " XB_XL_CONF);
    if (!fixed)
        xb_doctor_advise(doctor, "%s: ballooning disturbs measurements",
                         at_boot ? "set autoballoon=\"off\" in " XB_XL_CONF ", which overrules "
                                   "dom0_mem="
                                 : "put dom0_mem=2G,max:2G on Xen's command line, and "
                                   "autoballoon=\"off\" into " XB_XL_CONF);
    xb_doctor_find(doctor,
                   low && fixed ? XB_HEALTH_FAIL
                   : low        ? XB_HEALTH_WARNING
                                : XB_HEALTH_OK,
                   "free memory", "%" PRIu64 " MiB for guests", free_mib);
    if (low)
        xb_doctor_advise(
            doctor, fixed ? "stop other guests, or give Dom0 less (dom0_mem= on Xen's command line)"
                          : "Dom0 gives some up when guests start");
}

static void check_pools(struct xb_doctor *doctor)
{
    const struct xb_host_facts *facts = doctor->facts;
    const struct xb_pool *pools = facts->pools;
    char params[160] = "";
    if (facts->why[XB_FACTS_POOLS].class) {
        xb_doctor_find(doctor, XB_HEALTH_FAIL, "scheduler", "%.300s",
                       facts->why[XB_FACTS_POOLS].msg);
        return;
    }
    xb_settings_say(xb_pool_settings, &pools[0].params, params, sizeof(params));
    bool known = xb_scheduler_has_weights(pools[0].scheduler);
    xb_doctor_find(doctor, known ? XB_HEALTH_OK : XB_HEALTH_WARNING, "scheduler", "%s%s",
                   pools[0].scheduler, params);
    if (!known)
        xb_doctor_advise(doctor,
                         "weights and caps need credit or credit2 (sched= on Xen's command line)");
    if (facts->pool_count > 1) {
        xb_doctor_find(doctor, XB_HEALTH_WARNING, "cpupools",
                       "%zu, so " XB_POOL_0 " does not have all CPUs", facts->pool_count);
        xb_doctor_advise(doctor, "`xl cpupool-list` shows them; remove the unused ones");
    }
}

static void check_guests(struct xb_doctor *doctor)
{
    const struct xb_host_facts *facts = doctor->facts;
    size_t running = 0;
    char names[2 * XB_GUEST_NAME_MAX] = "";
    if (facts->why[XB_FACTS_GUESTS].class) {
        xb_doctor_find(doctor, XB_HEALTH_FAIL, "guests", "%.300s", facts->why[XB_FACTS_GUESTS].msg);
        return;
    }
    for (size_t i = 0; i < facts->guest_count; i++) {
        const struct xb_host_guest *guest = &facts->guests[i];
        size_t used = strlen(names);
        if (!guest->running)
            continue;
        running++;
        /* Names are left out rather than truncated. */
        if (used + strlen(guest->name) + sizeof(" ...") < sizeof(names) - 1)
            snprintf(names + used, sizeof(names) - used, " %s", guest->name);
        else if (used < 4 || strcmp(names + used - 4, " ...") != 0)
            snprintf(names + used, sizeof(names) - used, " ...");
    }
    xb_doctor_find(doctor, running ? XB_HEALTH_WARNING : XB_HEALTH_OK, "guests",
                   running ? "%zu running:%s" : "none runs", running, names);
    if (running)
        xb_doctor_advise(doctor, "guests outside an experiment take CPU time from it");
}

void xb_doctor_hypervisor(struct xb_doctor *doctor)
{
    static const char *const checks[] = {"hypervisor", "command line", "guest types", "cpus",
                                         "smt",        "dom0 vcpus",   "dom0 memory", "free memory",
                                         "scheduler",  "guests"};
    const struct xb_xen_facts *xen = &doctor->facts->xen;
    if (!xb_doctor_has_xen(doctor)) {
        for (size_t i = 0; i < XB_ARRAY_LEN(checks); i++)
            unknown(doctor, checks[i]);
        return;
    }
    check_version(doctor);
    check_virtualisation(doctor, &xen->boot, xen->machine.iommu);
    check_boot(doctor, &xen->boot);
    check_cpus(doctor, &xen->machine, xen->dom0_vcpus);
    check_memory(doctor, &xen->machine, xen->dom0_memory_bytes >> 20);
    check_pools(doctor);
    check_guests(doctor);
}
