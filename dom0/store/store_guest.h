/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The guests of a run in the store: who made them, what they report, and which image they are from.
 */
#ifndef XB_STORE_GUEST_H
#define XB_STORE_GUEST_H

#include "store.h"

#include <jansson.h>

/* Did the run make or start this guest? */
struct xb_guest_owned {
    bool made, started;
};
int xb_store_guest_own(struct xb_store *store, const char *run, const char *guest,
                       struct xb_guest_owned owned, struct xb_err *err);
/* All false where the store does not know the guest. */
int xb_store_guest_owned(struct xb_store *store, const char *run, const char *guest,
                         struct xb_guest_owned *out, struct xb_err *err);

/* What a guest's agent reports, and what Xen knows; strings may be NULL. */
struct xb_guest_said {
    const char *uuid, *agent, *boot_id, *kernel, *os, *clocksource;
    const char *net; /* JSON list of its network devices */
    uint64_t memory_bytes;
    uint32_t vcpus;
    bool settled;
};
int xb_store_guest_said(struct xb_store *store, const char *run, const char *guest,
                        const struct xb_guest_said *said, struct xb_err *err);
/* Set the domain's type; NULL where the type is not known. */
int xb_store_guest_type(struct xb_store *store, const char *run, const char *guest,
                        const char *type, struct xb_err *err);

/* The image that a guest was made from, and SHA-256 of its files; NULL where not known. */
struct xb_guest_origin {
    const char *image, *image_sha256, *recipe_sha256, *agent_sha256, *kernel_sha256, *initrd_sha256;
    const char *disk_sha256; /* NULL: the stored digest of the disk stays */
};
int xb_store_guest_origin(struct xb_store *store, const char *run, const char *guest,
                          const struct xb_guest_origin *origin, struct xb_err *err);
/* Copy the guest's stored type, kernel and image digest to its part in this case. */
int xb_store_guest_in_case(struct xb_store *store, const char *run, const char *guest,
                           uint32_t case_no, struct xb_err *err);
/* A digest of `image` other than `digest` that the guest had in a case, to free; NULL: none. */
int xb_store_guest_other_image(struct xb_store *store, const char *run, const char *guest,
                               const char *image, const char *digest, char **out,
                               struct xb_err *err);

/* The guest's allocation before the first cell, as JSON. */
int xb_store_guest_set_baseline(struct xb_store *store, const char *run, const char *guest,
                                const json_t *baseline, struct xb_err *err);
/* That allocation's JSON text, to free; NULL where there is none. */
int xb_store_guest_baseline(struct xb_store *store, const char *run, const char *guest, char **out,
                            struct xb_err *err);

#endif
