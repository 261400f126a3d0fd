/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guests that the run makes: do they have an image, can they start here, is there enough memory? */
#include "base.h"
#include "doubts_view.h"
#include "files.h"

#include <inttypes.h>

/* A requested type must run on this host, and the image's kernel must support it. */
static int check_type(const struct xb_doubt_case *c, const struct xb_host_facts *host, size_t g,
                      const struct xb_host_image *image, struct xb_err *err)
{
    const struct xb_exp_case *ec = &c->exp->cases[c->case_no];
    int type = ec->parts[g].build.type;
    const char *word = xb_guest_type_words[type];
    unsigned line = xb_exp_line_of(&ec->parts[g].lines, "type");
    enum xb_known can = type == XB_GUEST_TYPE_PV    ? host->pv
                        : type == XB_GUEST_TYPE_PVH ? host->pvh
                        : type == XB_GUEST_TYPE_HVM ? host->hvm
                                                    : XB_UNKNOWN;
    if (can == XB_NO)
        return xb_fail(err, XB_E_INPUT, 0,
                       "%s:%u: case `%s`, %s: this host runs no guests of type %s (`xenbench "
                       "doctor` says why); `default` is a type that it runs",
                       c->exp->path, line, ec->name, c->exp->guests[g].name, word);
    /* An HVM guest's own boot loader finds the kernel. */
    if (type == XB_GUEST_TYPE_DEFAULT || type == XB_GUEST_TYPE_HVM || !image->types ||
        xb_json_has(image->types, word))
        return 0;
    return xb_fail(err, XB_E_INPUT, 0,
                   "%s:%u: case `%s`, %s: the kernel of image %s does not start as type %s; give "
                   "another type or another image",
                   c->exp->path, line, ec->name, c->exp->guests[g].name, image->name, word);
}

/* A guest that does not exist needs an image, and the memory that the image needs. */
static int check_guests(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                        struct xb_err *err)
{
    for (size_t g = 0; host->images && g < c->exp->guest_count; g++) {
        const struct xb_exp_guest *guest = &c->exp->guests[g];
        const struct xb_exp_part *part = &c->exp->cases[c->case_no].parts[g];
        const struct xb_host_image *image;
        uint64_t memory = xb_view_memory(c, host, g);
        unsigned line = xb_exp_line_of(&part->lines, "memory"),
                 image_line = xb_exp_line_of(&part->lines, "image");
        if (guest->socket || xb_host_present(host, guest->name))
            continue;
        if (!guest->image)
            return xb_fail(err, XB_E_INPUT, 0,
                           "%s:%u: there is no guest %s, and no `image` to make it from "
                           "(`xenbench image list` lists images)",
                           c->exp->path, guest->line, guest->name);
        image = xb_host_image(host, part->build.image);
        if (!image)
            return xb_fail(
                err, XB_E_INPUT, 0,
                "%s:%u: there is no image `%s` for guest %s (`xenbench image list` lists images, "
                "`xenbench image build` makes one)",
                c->exp->path, image_line ? image_line : guest->line, part->build.image,
                guest->name);
        if (memory < image->min_memory_bytes)
            return xb_fail(err, XB_E_INPUT, 0,
                           "%s:%u: guest %s has %" PRIu64 " MiB of memory; image %s needs %" PRIu64,
                           c->exp->path, line ? line : guest->line, guest->name, memory >> 20,
                           image->name, image->min_memory_bytes >> 20);
        if (check_type(c, host, g, image, err) < 0)
            return -1;
    }
    return 0;
}

static int check_memory(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                        struct xb_err *err)
{
    uint64_t need = xb_view_memory_needed(c, host);
    if (!host->free_bytes || host->balloons != XB_NO || need <= host->free_bytes)
        return 0;
    const struct xb_exp_case *ec = &c->exp->cases[c->case_no];
    return xb_fail(
        err, XB_E_INPUT, 0,
        "%s:%u: case `%s`: the guests to be started need %" PRIu64 " MiB, Xen has %" PRIu64
        " MiB free, and "
        "Dom0 keeps its own (dom0_mem= on Xen's command line): use fewer guests, or less "
        "memory for each",
        c->exp->path, ec->line, ec->name, need >> 20, host->free_bytes >> 20);
}

int xb_view_makeable(const struct xb_doubt_case *c, const struct xb_host_facts *host,
                     struct xb_err *err)
{
    return check_guests(c, host, err) < 0 ? -1 : check_memory(c, host, err);
}
