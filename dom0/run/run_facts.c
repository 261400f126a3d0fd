/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stores what a guest reports about itself, and what it was made from. */
#include "base.h"
#include "files.h"
#include "image.h"
#include "run_facts.h"
#include "run_rebuild.h"
#include "sha256.h"
#include "store_guest.h"
#include "xen_domains.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

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
    struct xb_about about = XB_ABOUT_GUEST(name);
    if (!other)
        return 0;
    return xb_run_warn(run, about, XB_WARN_NETWORK, err,
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

static int write_image(struct xb_run *run, size_t guest, struct xb_err *err)
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

int xb_run_write_guest(struct xb_run *run, size_t guest, struct xb_err *err)
{
    Xb__Status *status;
    if (is_of_unknown_case(run, guest))
        return 0;
    if (xb_agent_status(run->agents[guest], &status, err) < 0)
        return -1;
    int r = write_status(run, guest, status, err);
    xb__status__free_unpacked(status, NULL);
    return r < 0 || write_type(run, guest, err) < 0 || write_image(run, guest, err) < 0
               ? -1
               : write_parts(run, guest, err);
}
