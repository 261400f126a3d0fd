/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kernel modules and services that Dom0 needs.
 */
#include "alloc.h"
#include "base.h"
#include "prepare.h"
#include "tool.h"

#include <string.h>
#include <sys/utsname.h>

#define MODULES_FILE "/etc/modules-load.d/xenbench.conf"

static const char *const modules[] = {"xenfs",        "xen-privcmd", "xen-evtchn", "xen-gntdev",
                                      "xen-gntalloc", "xen-blkback", "loop"};

static char *modules_text(bool thin)
{
    char text[512] = "# Written by `xenbench host prepare`: what Dom0 needs for guests.\n";
    for (size_t i = 0; i < XB_ARRAY_LEN(modules); i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s\n", modules[i]);
    snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s", thin ? "dm-thin-pool\n" : "");
    return xb_strdup(text);
}

/* Is the module loaded or built into the kernel? */
static bool is_loaded(const char *module)
{
    char path[320], line[320], name[64], kernel_file[80];
    struct utsname kernel;
    snprintf(name, sizeof(name), "%s", module);
    for (char *c = name; *c; c++)
        if (*c == '-')
            *c = '_';
    snprintf(path, sizeof(path), "/sys/module/%s", name);
    if (access(path, F_OK) == 0)
        return true;
    uname(&kernel);
    snprintf(path, sizeof(path), "/lib/modules/%s/modules.builtin", kernel.release);
    snprintf(kernel_file, sizeof(kernel_file), "/%s.ko\n", module);
    xb_auto_fclose FILE *builtin = fopen(path, "re");
    while (builtin && fgets(line, sizeof(line), builtin)) {
        size_t n = strlen(line), m = strlen(kernel_file);
        if (n >= m && strcmp(line + n - m, kernel_file) == 0)
            return true;
    }
    return false;
}

static int apply_modules(struct xb_prepare *prepare, const struct xb_step *step XB_UNUSED,
                         struct xb_err *err)
{
    bool thin = prepare->spec.thin_pool != NULL;
    for (size_t i = 0; i < XB_ARRAY_LEN(modules) + thin; i++) {
        const char *module = i < XB_ARRAY_LEN(modules) ? modules[i] : "dm-thin-pool";
        const char *const argv[] = {"modprobe", module, NULL};
        if (!is_loaded(module) && xb_tool(argv, NULL, err, "load the module %s", module) < 0)
            return -1;
    }
    return 0;
}

/* Undo removes the file but leaves the modules loaded, which is harmless. */
static void plan_loading(struct xb_prepare *prepare)
{
    char missing[300] = "";
    for (size_t i = 0; i < XB_ARRAY_LEN(modules); i++)
        if (!is_loaded(modules[i]))
            snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing), " %s",
                     modules[i]);
    if (prepare->spec.thin_pool && !is_loaded("dm-thin-pool"))
        snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing), " dm-thin-pool");
    bool possible = prepare->xen != NULL;
    struct xb_step *step = xb_prepare_step(prepare,
                                           !missing[0] ? XB_STEP_DONE
                                           : possible  ? XB_STEP_TODO
                                                       : XB_STEP_CANNOT,
                                           "modules", apply_modules);
    snprintf(step->is, sizeof(step->is), "%s%s", missing[0] ? "not loaded:" : "all loaded",
             missing);
    snprintf(step->will, sizeof(step->will), "%s",
             possible ? "loaded now" : "loaded when this system starts under Xen");
}

int xb_prepare_modules(struct xb_prepare *prepare, struct xb_err *err)
{
    xb_auto_free char *now = xb_prepare_read(prepare, MODULES_FILE, NULL);
    bool thin = prepare->spec.thin_pool || (now && strstr(now, "dm-thin-pool"));
    if (xb_prepare_file(prepare, MODULES_FILE, modules_text(thin), "modules at boot",
                        "Dom0's modules are loaded at each boot", err) < 0)
        return -1;
    if (!prepare->spec.root[0])
        plan_loading(prepare);
    return 0;
}

/* Does systemctl answer yes to the verb, is-enabled or is-active? */
static bool systemctl_says(const char *verb, const char *unit)
{
    const char *const argv[] = {"systemctl", "--quiet", verb, unit, NULL};
    char said[XB_TOOL_SAID_BYTES];
    struct xb_err ignored = {0};
    return xb_tool_status(argv, NULL, said, &ignored) == 0;
}

static int apply_service(struct xb_prepare *prepare, const struct xb_step *step, struct xb_err *err)
{
    bool enabled = systemctl_says("is-enabled", step->subject);
    json_t *change = json_pack("{s:s, s:s, s:b}", "kind", "service", "unit", step->subject,
                               "enabled_before", enabled);
    const char *const enable[] = {"systemctl", "--quiet", "enable", step->subject, NULL};
    const char *const start[] = {"systemctl", "--quiet", "start", step->subject, NULL};
    if (xb_prepare_note(prepare, change, err) < 0 ||
        (!enabled && xb_tool(enable, NULL, err, "enable the service %s", step->subject) < 0))
        return -1;
    return prepare->xen || systemctl_says("is-active", "proc-xen.mount")
               ? xb_tool(start, NULL, err, "start the service %s", step->subject)
               : 0;
}

static bool has_unit(const char *unit)
{
    static const char *const where[] = {"/etc/systemd/system/%s.service",
                                        "/lib/systemd/system/%s.service",
                                        "/usr/lib/systemd/system/%s.service", "/etc/init.d/%s"};
    for (size_t i = 0; i < XB_ARRAY_LEN(where); i++) {
        char path[160], fmt_free[64];
        const char *mark = strchr(where[i], '%');
        snprintf(fmt_free, sizeof(fmt_free), "%.*s", (int)(mark - where[i]), where[i]);
        snprintf(path, sizeof(path), "%s%s%s", fmt_free, unit, mark + 2);
        if (access(path, F_OK) == 0)
            return true;
    }
    return false;
}

static void plan_service(struct xb_prepare *prepare, const char *unit)
{
    char what[64];
    snprintf(what, sizeof(what), "service %s", unit);
    bool enabled = systemctl_says("is-enabled", unit), active = systemctl_says("is-active", unit);
    bool done = enabled && (active || !prepare->xen);
    struct xb_step *step =
        xb_prepare_step(prepare, done ? XB_STEP_DONE : XB_STEP_TODO, what, apply_service);
    snprintf(step->subject, sizeof(step->subject), "%s", unit);
    snprintf(step->is, sizeof(step->is), "%s, %s",
             enabled ? "started at boot" : "not started at boot", active ? "runs" : "does not run");
    snprintf(step->will, sizeof(step->will), "%s",
             prepare->xen ? "started at boot and now" : "started at boot");
}

/* Debian has one script for xenstored, xenconsoled and Dom0's entry, upstream a unit for each. */
int xb_prepare_services(struct xb_prepare *prepare, struct xb_err *err XB_UNUSED)
{
    static const char *const units[] = {"xen", "xenstored", "xen-init-dom0", "xenconsoled"};
    bool any = false;
    if (prepare->spec.root[0])
        return 0;
    for (size_t i = 0; i < XB_ARRAY_LEN(units) && access("/run/systemd/system", F_OK) == 0; i++) {
        if (!has_unit(units[i]))
            continue;
        any = true;
        plan_service(prepare, units[i]);
    }
    if (!any) {
        struct xb_step *step = xb_prepare_step(prepare, XB_STEP_CANNOT, "services", NULL);
        snprintf(step->is, sizeof(step->is), "no systemd, or no services of Xen's");
        snprintf(step->will, sizeof(step->will),
                 "see that xenstored and xenconsoled start at boot (xen-utils-common has them)");
    }
    return 0;
}

static int undo_service(struct xb_prepare *prepare XB_UNUSED, const struct xb_step *step,
                        struct xb_err *err)
{
    const char *const argv[] = {"systemctl", "--quiet", "disable", step->subject, NULL};
    return xb_tool(argv, NULL, err, "disable the service %s", step->subject);
}

/* Services keep running, because guests may need them. */
void xb_prepare_undo_service(struct xb_prepare *prepare, json_t *change)
{
    char what[64];
    const char *unit = json_string_value(json_object_get(change, "unit"));
    bool was = json_is_true(json_object_get(change, "enabled_before"));
    snprintf(what, sizeof(what), "service %s", unit ? unit : "?");
    bool done = was || !unit || !systemctl_says("is-enabled", unit);
    struct xb_step *step =
        xb_prepare_step(prepare, done ? XB_STEP_DONE : XB_STEP_TODO, what, undo_service);
    snprintf(step->subject, sizeof(step->subject), "%s", unit ? unit : "");
    snprintf(step->is, sizeof(step->is), "%s",
             was ? "was started at boot before" : "set up by xenbench");
    snprintf(step->will, sizeof(step->will), "no longer started at boot; runs until then");
}
