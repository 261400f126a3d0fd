/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "xen_host.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define LIBXL "libxenlight.so."

struct quirk {
    int from;         /* first version with the quirk, 100 * major + minor */
    int to;           /* last version; 0: no version is known to be free of it */
    const char *what; /* words that follow "Xen up to 4.17 " */
};

/* docs/measurement.md tells what is known of each. */
static const struct quirk quirks[] = {
    /* A page fault in csched2_free_domdata; its cause is not known. */
    [XB_QUIRK_POOL_MOVE] = {0, 417, "can panic when a running domain moves"},
    /*
     * When the last CPU leaves, Xen kills the timer with the scheduler's lock held and waits for
     * the timer's function, csched_acct, which waits for that lock.
     */
    [XB_QUIRK_CREDIT_POOL_END] = {0, 0, "can hang when a cpupool of credit is removed"},
    /* helper_done (libxl_save_callout.c) then calls a completion callback that is not set yet. */
    [XB_QUIRK_STREAM_END] = {0, 0,
                             "has a libxl that crashes when a stream ends before its helper runs"},
    /*
     * schedule_cpu_rm clears the cpupool that rt_deinit_pdata uses. Fixed upstream in July 2026
     * (f294e3abe4); releases up to 4.22.0 lack the fix.
     */
    [XB_QUIRK_RTDS_POOL_END] = {414, 422, "can panic when a CPU leaves a cpupool of rtds"},
};

static bool is_between(const struct quirk *row, int major, int minor)
{
    int number = 100 * major + minor;
    return number >= row->from && (row->to == 0 || number <= row->to);
}

bool xb_xen_has(struct xb_xen *xen, enum xb_quirk quirk)
{
    struct xb_xen_version version;
    if (!xb_xen_version(xen, &version))
        return true;
    return is_between(&quirks[quirk], version.major, version.minor);
}

bool xb_quirk_of_version(enum xb_quirk quirk, const char *version)
{
    int major, minor;
    return sscanf(version, "%d.%d", &major, &minor) == 2 &&
           is_between(&quirks[quirk], major, minor);
}

void xb_quirk_say(enum xb_quirk quirk, char out[XB_QUIRK_BYTES])
{
    const struct quirk *row = &quirks[quirk];
    if (row->to)
        snprintf(out, XB_QUIRK_BYTES, "Xen up to %d.%d %s", row->to / 100, row->to % 100,
                 row->what);
    else
        snprintf(out, XB_QUIRK_BYTES, "Xen %s", row->what);
}

bool xb_xen_version(struct xb_xen *xen, struct xb_xen_version *out)
{
    const libxl_version_info *info = libxl_get_version_info(xen->ctx);
    *out = (struct xb_xen_version){.command_line = ""};
    if (!info)
        return false;
    *out = (struct xb_xen_version){
        .major = info->xen_version_major,
        .minor = info->xen_version_minor,
        .command_line = info->commandline ? info->commandline : "",
        .changeset = info->changeset,
        .compile_date = info->compile_date,
        .capabilities = info->capabilities,
    };
    snprintf(out->text, sizeof(out->text), "%d.%d%s", out->major, out->minor,
             info->xen_version_extra ? info->xen_version_extra : "");
    return true;
}

int xb_xen_machine(struct xb_xen *xen, struct xb_xen_machine *out)
{
    libxl_physinfo info;
    *out = (struct xb_xen_machine){0};
    libxl_physinfo_init(&info);
    int rc = libxl_get_physinfo(xen->ctx, &info);
    if (rc == 0)
        *out = (struct xb_xen_machine){
            .cpus = info.nr_cpus,
            .threads_per_core = info.threads_per_core,
            .cores_per_socket = info.cores_per_socket,
            .numa_nodes = info.nr_nodes,
            .cpu_khz = info.cpu_khz,
            .memory_bytes = info.total_pages * 4096,
            .free_bytes = (info.free_pages + info.scrub_pages) * 4096,
            .pv = info.cap_pv,
            .hvm = info.cap_hvm,
            .hap = info.cap_hap,
            .shadow = info.cap_shadow,
            .iommu = info.cap_hvm_directio,
        };
    libxl_physinfo_dispose(&info);
    return rc;
}

int xb_xen_free_memory(struct xb_xen *xen, uint64_t *bytes)
{
    uint64_t free_kb = 0;
    int rc = libxl_get_free_memory(xen->ctx, &free_kb);
    *bytes = free_kb << 10;
    return rc;
}

bool xb_xen_messages(struct xb_xen *xen, void (*take)(void *arg, const char *line), void *arg)
{
    char *line;
    libxl_xen_console_reader *reader = libxl_xen_console_read_start(xen->ctx, 0);
    while (reader && libxl_xen_console_read_line(xen->ctx, reader, &line) == 1)
        take(arg, line);
    if (reader)
        libxl_xen_console_read_finish(xen->ctx, reader);
    return reader;
}

size_t xb_xen_nodes(struct xb_xen *xen, uint64_t bytes[XB_NODES_MAX])
{
    int count = 0;
    libxl_numainfo *nodes = libxl_get_numainfo(xen->ctx, &count);
    if (!nodes)
        return 0;
    size_t kept = count < XB_NODES_MAX ? (size_t)count : XB_NODES_MAX;
    for (size_t n = 0; n < kept; n++)
        bytes[n] = nodes[n].size == LIBXL_NUMAINFO_INVALID_ENTRY ? XB_NODE_NONE : nodes[n].size;
    libxl_numainfo_list_free(nodes, count);
    return kept;
}

void xb_toolstack_file(char *out, size_t bytes)
{
    Dl_info info;
    char path[PATH_MAX];
    void *symbol;
    int (*alloc)(libxl_ctx **, int, unsigned, xentoollog_logger *) = libxl_ctx_alloc;
    memcpy(&symbol, &alloc, sizeof(symbol));
    bool known = dladdr(symbol, &info) && info.dli_fname && realpath(info.dli_fname, path);
    const char *name = known ? strrchr(path, '/') : NULL;
    if (name && strncmp(name + 1, LIBXL, strlen(LIBXL)) == 0)
        snprintf(out, bytes, "%s", name + 1);
    else
        snprintf(out, bytes, LIBXL XB_LIBXL_VERSION);
}
