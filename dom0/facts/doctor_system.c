/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checks of Dom0 as a system.
 */
#include "base.h"
#include "doctor.h"
#include "files.h"
#include "host.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/statvfs.h>

#define DISK_LEAST_BYTES (UINT64_C(4) << 30)

/* The first line of a small file; "" if there is none. */
static const char *read_line(const char *path, char *out, size_t out_bytes)
{
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, out, out_bytes - 1);
    out[n > 0 ? n : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
    return out;
}

static void check_dom0(struct xb_doctor *doctor)
{
    char type[32], capabilities[64];
    if (geteuid() != 0) {
        xb_doctor_find(doctor, XB_HEALTH_FAIL, "user", "not running as root");
        xb_doctor_advise(doctor, "run it as root: the hypervisor answers only root");
    }
    if (strcmp(read_line("/sys/hypervisor/type", type, sizeof(type)), "xen") != 0) {
        xb_doctor_find(doctor, XB_HEALTH_FAIL, "dom0", "this kernel does not run on Xen");
        xb_doctor_advise(doctor, "install xen-system-amd64 and choose the Xen entry at boot; "
                                 "images can be built here");
        return;
    }
    /* The file is empty in a guest. */
    bool mounted = access("/proc/xen/capabilities", F_OK) == 0;
    read_line("/proc/xen/capabilities", capabilities, sizeof(capabilities));
    if (strstr(capabilities, "control_d"))
        xb_doctor_find(doctor, XB_HEALTH_OK, "dom0", "this is a Dom0");
    else if (mounted)
        xb_doctor_find(doctor, XB_HEALTH_FAIL, "dom0", "this is a guest (DomU), not Dom0");
    else
        xb_doctor_find(doctor, XB_HEALTH_WARNING, "dom0",
                       "xenfs is not mounted, so Dom0 cannot be told from a guest");
    if (!strstr(capabilities, "control_d"))
        xb_doctor_advise(doctor,
                         mounted ? "run xenbench in Dom0" : "mount -t xenfs xenfs /proc/xen");
}

static void check_devices(struct xb_doctor *doctor)
{
    static const struct {
        const char *path, *module;
    } nodes[] = {
        {"/dev/xen/privcmd", "xen-privcmd"},  {"/dev/xen/evtchn", "xen-evtchn"},
        {"/dev/xen/gntdev", "xen-gntdev"},    {"/dev/xen/gntalloc", "xen-gntalloc"},
        {"/dev/xen/xenbus_backend", "xenfs"},
    };
    char missing[160] = "", modules[160] = "";
    for (size_t i = 0; i < XB_ARRAY_LEN(nodes); i++) {
        if (access(nodes[i].path, R_OK | W_OK) == 0)
            continue;
        size_t used = strlen(missing), module_used = strlen(modules);
        snprintf(missing + used, sizeof(missing) - used, " %s", nodes[i].path);
        snprintf(modules + module_used, sizeof(modules) - module_used, " %s", nodes[i].module);
    }
    if (!missing[0]) {
        xb_doctor_find(doctor, XB_HEALTH_OK, "device nodes",
                       "privcmd, evtchn, gntdev, gntalloc and xenbus exist");
        return;
    }
    xb_doctor_find(doctor, XB_HEALTH_FAIL, "device nodes", "missing or not readable:%s", missing);
    xb_doctor_advise(doctor, "modprobe -a%s, or `xenbench host prepare`", modules);
}

/* Is a process of this name running? */
static bool runs(const char *name)
{
    char path[300], comm[32];
    xb_auto_closedir DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && (entry = readdir(proc));) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
            continue;
        snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
        if (strcmp(read_line(path, comm, sizeof(comm)), name) == 0)
            return true;
    }
    return false;
}

static void check_services(struct xb_doctor *doctor)
{
    struct xs_handle *xs = xs_open(0);
    unsigned int bytes = 0;
    xb_auto_free void *name = xs ? xs_read(xs, XBT_NULL, "/local/domain/0/name", &bytes) : NULL;
    if (name)
        xb_doctor_find(doctor, XB_HEALTH_OK, "xenstored", "answers");
    else
        xb_doctor_find(doctor, XB_HEALTH_FAIL, "xenstored", "%s",
                       xs ? "does not know Dom0" : "does not answer");
    if (!name)
        xb_doctor_advise(doctor, "systemctl start xen (or /etc/init.d/xen start)");
    if (xs)
        xs_close(xs);
    if (runs("xenconsoled")) {
        xb_doctor_find(doctor, XB_HEALTH_OK, "xenconsoled", "runs");
    } else {
        xb_doctor_find(doctor, XB_HEALTH_FAIL, "xenconsoled",
                       "not running: guests have no console");
        xb_doctor_advise(doctor, "systemctl start xen (or /etc/init.d/xen start)");
    }
}

/* Shorten the path to the part that exists. */
static void existing_part(char *path)
{
    while (access(path, F_OK) < 0 && strcmp(path, "/") != 0 && strcmp(path, ".") != 0) {
        const char *folder = dirname(path); /* cuts the path, so call it once */
        memmove(path, folder, strlen(folder) + 1);
    }
}

static void check_disk(struct xb_doctor *doctor)
{
    char path[PATH_MAX];
    struct statvfs fs;
    snprintf(path, sizeof(path), "%s", doctor->app->state_dir);
    existing_part(path);
    if (statvfs(path, &fs) < 0) {
        xb_doctor_find(doctor, XB_HEALTH_FAIL, "disk", "cannot look at %s: %s", path,
                       strerror(errno));
        return;
    }
    uint64_t bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
    xb_doctor_find(doctor, bytes < DISK_LEAST_BYTES ? XB_HEALTH_WARNING : XB_HEALTH_OK, "disk",
                   "%.1f GiB free for %s", (double)bytes / (1 << 30), doctor->app->state_dir);
    if (bytes < DISK_LEAST_BYTES)
        xb_doctor_advise(doctor, "images and guests' disks are kept there, about 1 GiB each: "
                                 "make room, or set XENBENCH_STATE");
}

/*
 * A PV kernel does not see VT-x or SVM, so ask Xen whether the CPU has it; the CPU's vendor tells
 * which of the two it is.
 */
static void check_virtualisation(struct xb_doctor *doctor)
{
    const char *vendor = doctor->facts->kernel.cpu_vendor;
    const struct xb_xen_machine *machine = &doctor->facts->xen.machine;
    bool has_xen = xb_doctor_has_xen(doctor);
    bool intel = strcmp(vendor, "GenuineIntel") == 0, amd = strcmp(vendor, "AuthenticAMD") == 0;
    const char *name = intel ? "VT-x" : amd ? "SVM" : "VT-x or SVM";
    if (!has_xen)
        xb_doctor_find(doctor, XB_HEALTH_FAIL, "virtualisation", "unknown: no hypervisor answers");
    else
        xb_doctor_find(doctor, machine->hvm ? XB_HEALTH_OK : XB_HEALTH_WARNING, "virtualisation",
                       "Xen reports %s%s%s", machine->hvm ? "" : "no ", name,
                       machine->hvm && machine->hap ? ", with nested paging" : "");
    if (has_xen && !machine->hvm)
        xb_doctor_advise(doctor, "enable %s in the firmware; PV guests run without it", name);
}

static void check_clock(struct xb_doctor *doctor)
{
    char source[32];
    read_line("/sys/devices/system/clocksource/clocksource0/current_clocksource", source,
              sizeof(source));
    bool good = strcmp(source, "xen") == 0 || strcmp(source, "tsc") == 0;
    xb_doctor_find(doctor, good ? XB_HEALTH_OK : XB_HEALTH_WARNING, "clocksource", "Dom0 uses %s",
                   source[0] ? source : "?");
    if (!good)
        xb_doctor_advise(doctor, "Dom0 reads the time from a slow clock; it should be xen or "
                                 "tsc (clocksource= on the kernel's command line)");
}

static void check_leftovers(struct xb_doctor *doctor)
{
    int owner = 0;
    if (!xb_host_recorded(doctor->app, &owner)) {
        xb_doctor_find(doctor, XB_HEALTH_OK, "earlier runs", "none has left changes on the host");
    } else if (owner) {
        xb_doctor_find(doctor, XB_HEALTH_WARNING, "earlier runs",
                       "a run is in progress: process %d", owner);
        xb_doctor_advise(doctor, "a second run is refused until that one has ended");
    } else {
        xb_doctor_find(doctor, XB_HEALTH_WARNING, "earlier runs",
                       "one died and left this host's settings changed");
        xb_doctor_advise(doctor, "`xenbench clean` restores them");
    }
}

/* How the processes that read guests' bytes are locked down. */
static void check_sandbox(struct xb_doctor *doctor)
{
    struct xb_sandbox_support support;
    if (xb_sandbox_is_off()) {
        xb_doctor_find(doctor, XB_HEALTH_WARNING, "sandbox", "off: guests are read as root");
        xb_doctor_advise(doctor, "leave out --no-sandbox (" XB_NO_SANDBOX_ENV ")");
        return;
    }
    xb_sandbox_look(&support);
    const char *user = support.own_user ? "a user of its own" : "your user";
    if (support.seccomp.class != XB_E_NONE) {
        xb_doctor_find(doctor, XB_HEALTH_FAIL, "sandbox", "%.250s", support.seccomp.msg);
        xb_doctor_advise(doctor, "the kernel needs CONFIG_SECCOMP_FILTER; without it, guests can "
                                 "be read only with --no-sandbox");
    } else if (support.landlock == 0) {
        xb_doctor_find(doctor, XB_HEALTH_WARNING, "sandbox",
                       "seccomp and %s; this kernel has no Landlock", user);
        xb_doctor_advise(doctor, "add landlock to lsm= on the kernel's command line, as a second "
                                 "lock on files");
    } else {
        xb_doctor_find(doctor, XB_HEALTH_OK, "sandbox", "seccomp, Landlock (version %d) and %s",
                       support.landlock, user);
    }
}

void xb_doctor_system(struct xb_doctor *doctor)
{
    check_dom0(doctor);
    check_devices(doctor);
    check_services(doctor);
    check_disk(doctor);
    check_virtualisation(doctor);
    check_clock(doctor);
    check_leftovers(doctor);
    check_sandbox(doctor);
}
