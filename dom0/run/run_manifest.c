/*
 * Facts about the machine and its software that cannot be found out later: topology, microcode,
 * frequency scaling, the toolstack, the guests' images.
 */
#include "alloc.h"
#include "base.h"
#include "files.h"
#include "hypfs.h"
#include "image.h"
#include "run_facts.h"
#include "sha256.h"
#include "store_guest.h"
#include "xen_domains.h"
#include "xen_host.h"
#include "xen_power.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#define TEXT_MAX 16384

static int put(struct xb_run *run, const char *key, const char *value, struct xb_err *err)
{
    return value && *value ? xb_run_fact(run, key, value, err) : 0;
}

static int write_name(struct xb_run *run, struct xb_err *err)
{
    struct utsname name;
    return uname(&name) < 0 ? 0 : put(run, "host_name", name.nodename, err);
}

/* The microcode as Dom0's kernel sees it on its first CPU. */
static int write_microcode(struct xb_run *run, struct xb_err *err)
{
    char line[256];
    xb_auto_fclose FILE *file = fopen("/proc/cpuinfo", "re");
    while (file && fgets(line, sizeof(line), file)) {
        char *value = strstr(line, ": ");
        if (strncmp(line, "microcode", 9) != 0 || !value)
            continue;
        value[strcspn(value, "\n")] = '\0';
        return put(run, "cpu_microcode", value + 2, err);
    }
    return 0;
}

/* The file that libxl was loaded from ends in its version: libxenlight.so.4.17.0. */
static int write_toolstack(struct xb_run *run, struct xb_err *err)
{
    Dl_info info;
    char path[PATH_MAX];
    void *symbol;
    int (*alloc)(libxl_ctx **, int, unsigned, xentoollog_logger *) = libxl_ctx_alloc;
    memcpy(&symbol, &alloc, sizeof(symbol));
    if (!dladdr(symbol, &info) || !info.dli_fname || !realpath(info.dli_fname, path))
        return 0;
    char *base = strrchr(path, '/');
    return put(run, "toolstack", base ? base + 1 : path, err);
}

/*
 * "0:0.0.0 1:0.1.0 ...": CPU, then its socket, core and NUMA node. Two CPUs of one core mean SMT.
 */
static int write_topology(struct xb_run *run, struct xb_err *err)
{
    int count = 0;
    libxl_cputopology *cpus = libxl_get_cpu_topology(run->xen->ctx, &count);
    xb_auto_free char *text = xb_calloc(1, TEXT_MAX);
    size_t used = 0;
    bool smt = false;
    for (int c = 0; cpus && c < count; c++) {
        if (cpus[c].core == LIBXL_CPUTOPOLOGY_INVALID_ENTRY)
            continue;
        if (used < TEXT_MAX)
            used += (size_t)snprintf(text + used, TEXT_MAX - used, "%s%d:%u.%u.%u", used ? " " : "",
                                     c, cpus[c].socket, cpus[c].core, cpus[c].node);
        for (int d = 0; d < c; d++)
            smt = smt || (cpus[d].core == cpus[c].core && cpus[d].socket == cpus[c].socket);
    }
    if (cpus)
        libxl_cputopology_list_free(cpus, count);
    if (!text || put(run, "cpu_topology", text, err) < 0)
        return -1;
    return used ? put(run, "smt", smt ? "on" : "off", err) : 0;
}

static int write_numa(struct xb_run *run, struct xb_err *err)
{
    int count = 0;
    libxl_numainfo *nodes = libxl_get_numainfo(run->xen->ctx, &count);
    char text[1024] = "";
    size_t used = 0;
    for (int n = 0; nodes && n < count && used < sizeof(text); n++)
        if (nodes[n].size != LIBXL_NUMAINFO_INVALID_ENTRY)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%d: %" PRIu64 " MiB",
                                     used ? ", " : "", n, nodes[n].size >> 20);
    if (nodes)
        libxl_numainfo_list_free(nodes, count);
    return put(run, "numa", text, err);
}

static int write_dom0(struct xb_run *run, struct xb_err *err)
{
    struct xb_domain dom0;
    char vcpus[24], memory[24];
    if (xb_domain_look(run->xen, 0, &dom0) != 0)
        return 0;
    snprintf(vcpus, sizeof(vcpus), "%u", dom0.vcpus_online);
    snprintf(memory, sizeof(memory), "%" PRIu64, dom0.memory_bytes);
    return put(run, "dom0_vcpus", vcpus, err) < 0 ? -1 : put(run, "dom0_memory_bytes", memory, err);
}

/* CPU 0's governor and turbo, as xenpm shows them; "none" where Xen scales no frequency. */
static int write_scaling(struct xb_run *run, struct xb_err *err)
{
    struct xb_cpufreq now;
    if (!xb_cpufreq_read(run->xen, 0, &now) || !now.governors[0])
        return put(run, "governor", "none", err);
    return put(run, "governor", now.governor, err) < 0
               ? -1
               : put(run, "turbo", now.turbo ? "on" : "off", err);
}

/* The unit that Xen schedules (cpu, core or socket), and the source of that fact. */
static int write_granularity(struct xb_run *run, struct xb_err *err)
{
    struct xb_xen_version version;
    char text[16];
    xb_xen_version(run->xen, &version);
    const char *from = xb_host_gran_read(version.command_line, text, sizeof(text));
    return put(run, "scheduler_granularity", text, err) < 0
               ? -1
               : put(run, "scheduler_granularity_from", from, err);
}

int xb_run_write_manifest(struct xb_run *run, struct xb_err *err)
{
    if (write_name(run, err) < 0 || write_microcode(run, err) < 0)
        return -1;
    if (!run->xen)
        return 0;
    return write_toolstack(run, err) < 0 || write_topology(run, err) < 0 ||
                   write_numa(run, err) < 0 || write_dom0(run, err) < 0 ||
                   write_scaling(run, err) < 0 || write_granularity(run, err) < 0
               ? -1
               : 0;
}

/*
 * A guest's kernel or ramdisk is a link to the image's file, with the digest noted there. Where the
 * image was rebuilt since, the link leads to the old file: compute its digest.
 */
static const char *digest_of_own(const struct xb_run *run, const char *guest, const char *own,
                                 const char *images, const char *noted,
                                 char hex[XB_SHA256_HEX_BYTES])
{
    char path[PATH_MAX];
    struct stat one, other;
    if (xb_path(path, sizeof(path), NULL, "%s/guests/%s/%s", run->app->state_dir, guest, own) < 0 ||
        stat(path, &one) < 0 ||
        (stat(images, &other) == 0 && one.st_ino == other.st_ino && one.st_dev == other.st_dev))
        return noted;
    return xb_sha256_file(path, hex) ? hex : NULL;
}

int xb_run_write_image(struct xb_run *run, size_t guest, struct xb_err *err)
{
    const struct xb_exp_guest *exp = run->guests[guest].exp;
    uint32_t built = run->guests[guest].built_for;
    const char *name =
        run->exp->cases[built == XB_EXP_NO_CASE ? 0 : built].parts[guest].build.image;
    xb_auto_image struct xb_image image = {0};
    struct xb_err ignored = {0};
    char path[PATH_MAX], digest[XB_SHA256_HEX_BYTES] = "";
    char kernel[XB_SHA256_HEX_BYTES], initrd[XB_SHA256_HEX_BYTES];
    if (!name[0] || xb_image_find(run->app, name, &image, &ignored) < 0)
        return 0;
    if (xb_path(path, sizeof(path), &ignored, "%s/image.json", image.dir) < 0 ||
        !xb_sha256_file(path, digest))
        digest[0] = '\0';
    if (xb_run_check_image(run, guest, name, digest, err) < 0)
        return -1;
    /* An existing guest's disk may be of an earlier build, or may have been written to. */
    bool ours = run->guests[guest].made || built != XB_EXP_NO_CASE;
    const char *kernel_digest = xb_image_digest(&image, "vmlinux"),
               *initrd_digest = xb_image_digest(&image, "initrd.img");
    if (!ours) {
        kernel_digest =
            digest_of_own(run, exp->name, "kernel", image.kernel, kernel_digest, kernel);
        initrd_digest =
            digest_of_own(run, exp->name, "ramdisk", image.initrd, initrd_digest, initrd);
    }
    const struct xb_guest_origin origin = {
        .image = name,
        .image_sha256 = digest[0] ? digest : NULL,
        .recipe_sha256 = image.recipe_sha256,
        .agent_sha256 = image.agent_sha256,
        .kernel_sha256 = kernel_digest,
        .initrd_sha256 = initrd_digest,
        .disk_sha256 = ours ? xb_image_digest(&image, "disk.img") : NULL,
    };
    return xb_store_guest_origin(run->store, run->id, exp->name, &origin, err);
}
