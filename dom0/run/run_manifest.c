/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The facts about the host that a run stores, by name and as text, because nobody can ask later. */
#include "base.h"
#include "run_facts.h"
#include "sandbox.h"

#include <inttypes.h>
#include <string.h>

#define TEXT_MAX 16384

/* Unknown facts are left out. */
static void put(json_t *facts, const char *key, const char *value)
{
    if (value && *value)
        json_object_set_new(facts, key, json_string_nocheck(value));
}

static void put_number(json_t *facts, const char *key, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, value);
    put(facts, key, text);
}

static void put_kernel(json_t *facts, const struct xb_kernel_facts *kernel)
{
    put(facts, "dom0_kernel", kernel->release);
    put(facts, "dom0_kernel_sha256", kernel->sha256);
    put(facts, "cpu_model", kernel->cpu_model);
    put(facts, "host_name", kernel->host_name);
    put(facts, "cpu_microcode", kernel->microcode);
}

static void put_topology(json_t *facts, const struct xb_host_facts *host)
{
    char text[TEXT_MAX] = "";
    size_t used = 0;
    for (uint32_t c = 0; c < host->cpus && used < sizeof(text); c++)
        if (host->pcpus[c].online)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%u:%u.%u.%u",
                                     used ? " " : "", c, host->pcpus[c].socket, host->pcpus[c].core,
                                     host->pcpus[c].node);
    /* "0:0.0.0 1:0.1.0 ...": CPU, then its socket, core and NUMA node. */
    put(facts, "cpu_topology", text);
    put(facts, "smt", host->smt == XB_YES ? "on" : "off");
}

static void put_nodes(json_t *facts, const struct xb_xen_facts *xen)
{
    char text[1024] = "";
    size_t used = 0;
    for (size_t n = 0; n < xen->node_count && used < sizeof(text); n++)
        if (xen->node_bytes[n] != XB_NODE_NONE)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%zu: %" PRIu64 " MiB",
                                     used ? ", " : "", n, xen->node_bytes[n] >> 20);
    put(facts, "numa", text);
}

/* CPU 0's governor and turbo, as xenpm shows them; "none" where Xen scales no frequency. */
static void put_scaling(json_t *facts, const struct xb_xen_facts *xen)
{
    bool scaled = xen->scaled && xen->frequency.governors[0];
    put(facts, "governor", scaled ? xen->frequency.governor : "none");
    if (scaled)
        put(facts, "turbo", xen->frequency.turbo ? "on" : "off");
}

static void put_version(json_t *facts, const struct xb_xen_version *version)
{
    put(facts, "xen_version", version->text);
    json_object_set_new(facts, "xen_command_line", json_string_nocheck(version->command_line));
    put(facts, "xen_changeset", version->changeset);
    put(facts, "xen_compile_date", version->compile_date);
    put(facts, "xen_capabilities", version->capabilities);
}

static void put_machine(json_t *facts, const struct xb_xen_machine *machine)
{
    put_number(facts, "cpus", machine->cpus);
    put_number(facts, "threads_per_core", machine->threads_per_core);
    put_number(facts, "cores_per_socket", machine->cores_per_socket);
    put_number(facts, "numa_nodes", machine->numa_nodes);
    put_number(facts, "cpu_khz", machine->cpu_khz);
    put_number(facts, "memory_bytes", machine->memory_bytes);
}

static void put_pools(json_t *facts, const struct xb_host_facts *host)
{
    for (size_t i = 0; i < host->pool_count; i++) {
        const struct xb_pool *pool = &host->pools[i];
        const char *gran = host->pool_grans[i].text;
        char key[80], text[160];
        snprintf(key, sizeof(key), "pool_%s", pool->name);
        snprintf(text, sizeof(text), "%s", pool->scheduler);
        xb_settings_say(xb_pool_settings, &pool->params, text, sizeof(text));
        if (gran[0])
            snprintf(text + strlen(text), sizeof(text) - strlen(text), ", granularity %s", gran);
        put(facts, key, text);
        if (pool->id == 0)
            put(facts, "scheduler", pool->scheduler);
    }
}

json_t *xb_run_facts_in_words(const struct xb_host_facts *host, bool has_xen)
{
    const struct xb_xen_facts *xen = &host->xen;
    json_t *facts = json_object();
    put_kernel(facts, &host->kernel);
    if (has_xen) {
        put(facts, "toolstack", xen->toolstack);
        put_topology(facts, host);
        put_nodes(facts, xen);
        put_number(facts, "dom0_vcpus", xen->dom0_vcpus);
        put_number(facts, "dom0_memory_bytes", xen->dom0_memory_bytes);
        put_scaling(facts, xen);
        put(facts, "scheduler_granularity", host->sched_gran);
        put(facts, "scheduler_granularity_from", xen->gran_from);
    }
    if (host->lab_cpus) {
        put_number(facts, "lab_host_cpus", host->lab_host_cpus);
        put_number(facts, "lab_cpus", host->lab_cpus);
    }
    if (has_xen) {
        put_version(facts, &xen->version);
        put_machine(facts, &xen->machine);
        put_pools(facts, host);
    }
    return facts;
}

/* In the lab: the CPUs of the machine beneath. Only the run that holds its port can ask. */
static void read_beneath(struct xb_run *run)
{
    struct xb_hoststeal now;
    struct xb_err ignored = {0};
    if (run->steal_fd < 0 || xb_hoststeal_read(run->steal_fd, &now, &ignored) < 0)
        return;
    run->found.lab_host_cpus = now.host_cpus;
    run->found.lab_cpus = (uint32_t)now.count;
}

/* How the processes that read guests' data are locked down; "off" after --no-sandbox. */
static void put_sandbox(json_t *facts)
{
    char words[XB_SANDBOX_WORDS_BYTES];
    xb_sandbox_words(words);
    put(facts, "sandbox", words);
}

int xb_run_collect_facts(struct xb_run *run, struct xb_err *err)
{
    xb_host_facts_clear(&run->found);
    if (!run->has_domains)
        xb_kernel_facts_read(&run->found.kernel);
    else if (xb_host_facts_read(run->app, &run->found, err) < 0)
        return -1;
    read_beneath(run);
    json_decref(run->facts);
    run->facts = xb_run_facts_in_words(&run->found, run->has_domains);
    put_sandbox(run->facts);
    return 0;
}

int xb_run_write_host(struct xb_run *run, struct xb_err *err)
{
    return xb_run_collect_facts(run, err) < 0 ? -1 : xb_run_keep_facts(run, err);
}
