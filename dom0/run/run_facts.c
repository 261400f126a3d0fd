#include "run_facts.h"

#include "base.h"
#include "files.h"
#include "hypfs.h"
#include "run_rebuild.h"
#include "sha256.h"
#include "store_guest.h"
#include "xen_domains.h"
#include "xen_host.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/utsname.h>

/*
 * The guest's network devices as a JSON list; *other is a device other than lo, NULL where there is
 * none.
 */
static char *list_devices(const Xb__Status *status, const char **other)
{
    json_t *list = json_array();
    *other = NULL;
    for (size_t i = 0; i < status->n_net; i++) {
        const char *name = status->net[i]->name;
        json_array_append_new(list, json_string(name));
        if (strcmp(name, "lo") != 0)
            *other = name;
    }
    char *text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    return text;
}

static int write_status(struct xb_run *run, size_t g, const Xb__Status *status, struct xb_err *err)
{
    const struct xb_run_guest *guest = &run->guests[g];
    const Xb__Hello *hello = xb_agent_hello(run->agents[g]);
    const char *name = guest->exp->name, *other;
    xb_auto_free char *net = list_devices(status, &other);
    const struct xb_guest_said said = {
        .uuid = guest->is_domain ? xb_agent_guest(run->agents[g])->uuid : NULL,
        .memory_bytes = status->memory_total_bytes,
        .vcpus = status->vcpus_online,
        .agent = hello->version,
        .boot_id = hello->boot_id,
        .kernel = status->kernel,
        .os = status->os,
        .clocksource = status->clocksource,
        .net = net,
        .settled = status->settled,
    };
    if (xb_store_guest_said(run->store, run->id, name, &said, err) < 0)
        return -1;
    struct xb_about about = {-1, -1, name};
    if (!other)
        return 0;
    return xb_run_warn(run, about, "network", err,
                       "guest %s has a network device (%.20s): traffic can disturb what is "
                       "measured; guests made by "
                       "xenbench have none",
                       name, other);
}

static int write_type(struct xb_run *run, size_t g, struct xb_err *err)
{
    char type[XB_DOMAIN_TYPE_BYTES];
    if (!run->guests[g].is_domain)
        return 0;
    xb_domain_type(run->xen, xb_run_domid(run, g), type);
    return xb_store_guest_type(run->store, run->id, run->guests[g].exp->name, type[0] ? type : NULL,
                               err);
}

/* Write a guest's facts for all cases that build the guest in the same way. */
static int write_parts(struct xb_run *run, size_t g, struct xb_err *err)
{
    uint32_t built = run->guests[g].built_for;
    for (uint32_t c = 0; c < run->exp->case_count; c++)
        if (!xb_exp_made_anew(run->exp, built == XB_EXP_NO_CASE ? 0 : built, c, g) &&
            xb_store_guest_in_case(run->store, run->id, run->guests[g].exp->name, c, err) < 0)
            return -1;
    return 0;
}

/*
 * A dead controller built the guest, and nobody knows for which case. Where cases differ, the guest
 * is built anew before the next cell.
 */
static bool is_of_unknown_case(const struct xb_run *run, size_t g)
{
    return run->guests[g].built_for == XB_EXP_NO_CASE && xb_run_must_make(run, g, 0);
}

int xb_run_write_guest(struct xb_run *run, size_t guest, struct xb_err *err)
{
    Xb__Status *status;
    if (is_of_unknown_case(run, guest))
        return 0;
    if (xb_agent_status(run->agents[guest], &status, err) < 0)
        return -1;
    int rc = write_status(run, guest, status, err);
    xb__status__free_unpacked(status, NULL);
    return rc < 0 || write_type(run, guest, err) < 0 || xb_run_write_image(run, guest, err) < 0
               ? -1
               : write_parts(run, guest, err);
}

static int write_kernel(struct xb_run *run, struct xb_err *err)
{
    struct utsname name;
    if (uname(&name) < 0)
        return xb_fail(err, XB_E_HOST, errno, "uname");
    if (xb_run_fact(run, "dom0_kernel", name.release, err) < 0)
        return -1;
    /* Where Debian keeps the file that the running kernel was booted from. */
    char path[PATH_MAX], digest[XB_SHA256_HEX_BYTES];
    if (xb_path(path, sizeof(path), NULL, "/boot/vmlinuz-%s", name.release) < 0 ||
        !xb_sha256_file(path, digest))
        return 0;
    return xb_run_fact(run, "dom0_kernel_sha256", digest, err);
}

/* The first model name in /proc/cpuinfo. */
static int write_cpu_model(struct xb_run *run, struct xb_err *err)
{
    char line[512];
    xb_auto_fclose FILE *file = fopen("/proc/cpuinfo", "re");
    while (file && fgets(line, sizeof(line), file)) {
        char *value = strstr(line, ": ");
        if (strncmp(line, "model name", 10) != 0 || !value)
            continue;
        value[strcspn(value, "\n")] = '\0';
        return xb_run_fact(run, "cpu_model", value + 2, err);
    }
    return 0;
}

static int put_number(struct xb_run *run, const char *key, uint64_t value, struct xb_err *err)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, value);
    return xb_run_fact(run, key, text, err);
}

static int write_version(struct xb_run *run, struct xb_err *err)
{
    struct xb_xen_version version;
    if (!xb_xen_version(run->xen, &version))
        return xb_fail(err, XB_E_HOST, 0, "Xen does not report its version");
    const char *const facts[][2] = {{"xen_version", version.text},
                                    {"xen_command_line", version.command_line},
                                    {"xen_changeset", version.changeset},
                                    {"xen_compile_date", version.compile_date},
                                    {"xen_capabilities", version.capabilities}};
    for (size_t i = 0; i < XB_ARRAY_LEN(facts); i++)
        if (facts[i][1] && xb_run_fact(run, facts[i][0], facts[i][1], err) < 0)
            return -1;
    return 0;
}

static int write_physical(struct xb_run *run, struct xb_err *err)
{
    struct xb_xen_machine machine;
    int rc = xb_xen_machine(run->xen, &machine);
    if (rc)
        xb_fail(err, XB_E_HOST, 0, "Xen does not describe the machine (libxl error %d)", rc);
    if (rc || put_number(run, "cpus", machine.cpus, err) < 0 ||
        put_number(run, "threads_per_core", machine.threads_per_core, err) < 0 ||
        put_number(run, "cores_per_socket", machine.cores_per_socket, err) < 0 ||
        put_number(run, "numa_nodes", machine.numa_nodes, err) < 0 ||
        put_number(run, "cpu_khz", machine.cpu_khz, err) < 0 ||
        put_number(run, "memory_bytes", machine.memory_bytes, err) < 0)
        rc = -1;
    return rc ? -1 : 0;
}

static int write_pools(struct xb_run *run, struct xb_err *err)
{
    xb_auto_free struct xb_pool *pools = NULL;
    size_t count;
    if (xb_pool_list(run->xen, &pools, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        char key[80], text[160], gran[16];
        snprintf(key, sizeof(key), "pool_%s", pools[i].name);
        snprintf(text, sizeof(text), "%s", pools[i].scheduler);
        xb_settings_say(xb_pool_settings, &pools[i].params, text, sizeof(text));
        if (xb_pool_gran_read(pools[i].id, gran, sizeof(gran)))
            snprintf(text + strlen(text), sizeof(text) - strlen(text), ", granularity %s", gran);
        if (xb_run_fact(run, key, text, err) < 0)
            return -1;
        if (pools[i].id == 0 && xb_run_fact(run, "scheduler", pools[i].scheduler, err) < 0)
            return -1;
    }
    return 0;
}

/* In the lab: the CPUs of the machine beneath. */
static int write_beneath(struct xb_run *run, struct xb_err *err)
{
    struct xb_hoststeal now;
    struct xb_err ignored = {0};
    if (run->steal_fd < 0 || xb_hoststeal_read(run->steal_fd, &now, &ignored) < 0)
        return 0;
    return put_number(run, "lab_host_cpus", now.host_cpus, err) < 0 ||
                   put_number(run, "lab_cpus", now.count, err) < 0
               ? -1
               : 0;
}

int xb_run_fact(struct xb_run *run, const char *key, const char *value, struct xb_err *err)
{
    if (json_object_set_new(run->facts, key, json_string_nocheck(value)) < 0)
        return xb_fail(err, XB_E_HOST, 0, "cannot store the fact %s about the host", key);
    return 0;
}

static int collect(struct xb_run *run, struct xb_err *err)
{
    if (write_kernel(run, err) < 0 || write_cpu_model(run, err) < 0 ||
        xb_run_write_manifest(run, err) < 0 || write_beneath(run, err) < 0)
        return -1;
    if (!run->xen)
        return 0;
    return write_version(run, err) < 0 || write_physical(run, err) < 0 || write_pools(run, err) < 0
               ? -1
               : 0;
}

int xb_run_collect_facts(struct xb_run *run, struct xb_err *err)
{
    json_decref(run->facts);
    run->facts = json_object();
    return collect(run, err);
}

int xb_run_write_host(struct xb_run *run, struct xb_err *err)
{
    return xb_run_collect_facts(run, err) < 0 ? -1 : xb_run_keep_facts(run, err);
}
