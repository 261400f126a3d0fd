/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot.h"

#include "base.h"
#include "files.h"
#include "xen_host.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* The QEMU that libxl starts: Debian's, then Xen's own build. */
static const char *const device_models[] = {
    "/usr/libexec/xen-qemu-system-i386",
    "/usr/lib/xen/bin/qemu-system-i386",
    "/usr/libexec/xen/bin/qemu-system-i386",
    "/usr/local/lib/xen/bin/qemu-system-i386",
};
static const char *const grubs_pv[] = {
    "/usr/lib/grub-xen/grub-x86_64-xen.bin",
    "/usr/lib/xen/boot/pvgrub64.bin",
};
static const char *const grubs_pvh[] = {
    "/usr/lib/grub-xen/grub-i386-xen_pvh.bin",
    "/usr/lib/xen/boot/pvhgrub.bin",
};

static const char *first_there(const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (access(paths[i], R_OK) == 0)
            return paths[i];
    return NULL;
}

int xb_boot_host(struct xb_xen *xen, struct xb_boot_host *out, struct xb_err *err)
{
    struct xb_xen_machine machine;
    xb_xen_forget(xen);
    int rc = xb_xen_machine(xen, &machine);
    *out = (struct xb_boot_host){
        .pv = machine.pv,
        .pvh = machine.hvm && machine.hap,
        .hvm = machine.hvm && (machine.hap || machine.shadow),
        .device_model = first_there(device_models, XB_ARRAY_LEN(device_models)),
        .grub_pv = first_there(grubs_pv, XB_ARRAY_LEN(grubs_pv)),
        .grub_pvh = first_there(grubs_pvh, XB_ARRAY_LEN(grubs_pvh)),
    };
    if (rc)
        return xb_xen_fail(xen, err, XB_E_HOST, rc,
                           "cannot ask Xen which kinds of guest it can run");
    return 0;
}

static int check_type(const struct xb_boot_host *host, enum xb_guest_type type, struct xb_err *err)
{
    bool pv = type == XB_GUEST_TYPE_PV;
    if (pv && !host->pv)
        return xb_fail(err, XB_E_INPUT, 0,
                       "this host runs no PV guests (Xen was built without); use --type pvh");
    if (!pv && !(type == XB_GUEST_TYPE_PVH ? host->pvh : host->hvm))
        return xb_fail(err, XB_E_INPUT, 0,
                       "this host runs no %s guests: Xen reports no VT-x with EPT or SVM with "
                       "NPT (is it enabled in the firmware?); use --type pv",
                       type == XB_GUEST_TYPE_PVH ? "PVH" : "HVM");
    if (type == XB_GUEST_TYPE_HVM && !host->device_model)
        return xb_fail(err, XB_E_INPUT, 0,
                       "this host runs no HVM guests: its toolstack has no device model (%s is "
                       "missing; Debian's package is qemu-system-xen); use --type pvh or pv",
                       device_models[0]);
    return 0;
}

/* Can the image's kernel start as this type? Older images do not say. */
static bool kernel_is_for(const struct xb_image *image, const char *type)
{
    const json_t *types = json_object_get(image->json, "xen_types");
    return !types || xb_json_has(types, type);
}

static int pick_type(const struct xb_boot_host *host, const struct xb_guest_spec *spec,
                     const struct xb_image *image, enum xb_guest_type *out, struct xb_err *err)
{
    bool own_kernel = spec->kernel != NULL;
    *out = spec->type;
    if (*out == XB_GUEST_TYPE_DEFAULT)
        *out = host->pvh && (own_kernel || kernel_is_for(image, "pvh")) ? XB_GUEST_TYPE_PVH
                                                                        : XB_GUEST_TYPE_PV;
    if (check_type(host, *out, err) < 0)
        return xb_fail_context(err, "guest %s", spec->name);
    const char *word = xb_guest_type_words[*out];
    if (*out != XB_GUEST_TYPE_HVM && !own_kernel && !kernel_is_for(image, word))
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest %s: the kernel of image %s (%s) has no entry for %s guests",
                       spec->name, spec->image, image->kernel_release, word);
    return 0;
}

static int full_path(const struct xb_guest_spec *spec, const char *what, const char *path,
                     char out[PATH_MAX], struct xb_err *err)
{
    if (!realpath(path, out))
        return xb_fail(err, XB_E_INPUT, errno, "guest %s: %s %s", spec->name, what, path);
    return 0;
}

/* A PC's boot loader starts a bzImage ("HdrS" at 514, Linux's Documentation/arch/x86/boot.rst). */
static bool is_bzimage(const char *path)
{
    char magic[4] = "";
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd >= 0 && pread(fd, magic, sizeof(magic), 514) == sizeof(magic) &&
           memcmp(magic, "HdrS", sizeof(magic)) == 0;
}

/* Xen, or QEMU for an HVM guest, gets the kernel directly. */
static int plan_direct(const struct xb_guest_spec *spec, const struct xb_image *image,
                       struct xb_boot *out, struct xb_err *err)
{
    bool hvm = out->type == XB_GUEST_TYPE_HVM;
    const char *kernel = spec->kernel ? spec->kernel : hvm ? image->bzimage : image->kernel;
    const char *ramdisk = spec->ramdisk ? spec->ramdisk : image->initrd;
    if (!kernel)
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest %s: image %s has its kernel only as ELF, and an HVM guest needs "
                       "a bzImage: rebuild the image, or use --type pvh",
                       spec->name, spec->image);
    if (full_path(spec, "kernel", kernel, out->kernel, err) < 0 ||
        full_path(spec, "ramdisk", ramdisk, out->ramdisk, err) < 0)
        return -1;
    if (hvm && !is_bzimage(out->kernel))
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest %s: %s is not a bzImage, which an HVM guest needs (a "
                       "distribution's vmlinuz is one)",
                       spec->name, kernel);
    return 0;
}

/* Can GRUB boot this image's disk in a guest of this type? */
static bool disk_has_grub(const struct xb_image *image, enum xb_guest_type type)
{
    return image->disk &&
           xb_json_has(json_object_get(image->json, "grub"), xb_guest_type_words[type]);
}

static int refuse_disk(const struct xb_guest_spec *spec, const struct xb_image *image,
                       enum xb_guest_type type, struct xb_err *err)
{
    if (!image->disk)
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest %s: image %s has no disk that GRUB could boot from; use --boot "
                       "direct",
                       spec->name, spec->image);
    return xb_fail(err, XB_E_INPUT, 0,
                   "guest %s: GRUB cannot boot the disk of image %s in a %s guest%s; use --boot "
                   "direct",
                   spec->name, spec->image, xb_guest_type_words[type],
                   json_object_get(image->json, "grub") ? " (its kernel is no bzImage)"
                                                        : ": rebuild the image");
}

/* GRUB reads kernel and ramdisk from the guest's disk, as the disk's grub.cfg says. */
static int plan_grub(const struct xb_boot_host *host, const struct xb_guest_spec *spec,
                     const struct xb_image *image, struct xb_boot *out, struct xb_err *err)
{
    bool pvh = out->type == XB_GUEST_TYPE_PVH;
    const char *grub = pvh ? host->grub_pvh : host->grub_pv;
    if (spec->kernel || spec->ramdisk)
        return xb_fail(
            err, XB_E_INPUT, 0,
            "guest %s: GRUB takes kernel and ramdisk from the guest's disk; --kernel and "
            "--ramdisk need --boot direct (`xenbench image build --kernel` puts a kernel into "
            "an image)",
            spec->name);
    if (!disk_has_grub(image, out->type))
        return refuse_disk(spec, image, out->type, err);
    if (xb_boot_check_grub_words(spec->cmdline, err) < 0)
        return xb_fail_context(err, "guest %s", spec->name);
    out->by_grub = true;
    if (out->type == XB_GUEST_TYPE_HVM)
        return 0;
    if (!grub)
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest %s: this Dom0 has no GRUB for %s guests (%s is missing; Debian's "
                       "package is grub-xen-host); use --boot direct",
                       spec->name, pvh ? "PVH" : "PV", pvh ? grubs_pvh[0] : grubs_pv[0]);
    return full_path(spec, "kernel", grub, out->kernel, err);
}

/*
 * QEMU hands a kernel to an HVM guest byte by byte through an I/O port: seconds on hardware, many
 * minutes under emulation. Loading from the disk is fast.
 */
static bool wants_grub(const struct xb_guest_spec *spec, const struct xb_image *image,
                       enum xb_guest_type type)
{
    if (spec->boot != XB_GUEST_BOOT_DEFAULT)
        return spec->boot == XB_GUEST_BOOT_GRUB;
    return type == XB_GUEST_TYPE_HVM && !spec->kernel && !spec->ramdisk &&
           disk_has_grub(image, type);
}

int xb_boot_plan(const struct xb_boot_host *host, const struct xb_guest_spec *spec,
                 const struct xb_image *image, struct xb_boot *out, struct xb_err *err)
{
    *out = (struct xb_boot){0};
    if (pick_type(host, spec, image, &out->type, err) < 0)
        return -1;
    return wants_grub(spec, image, out->type) ? plan_grub(host, spec, image, out, err)
                                              : plan_direct(spec, image, out, err);
}
