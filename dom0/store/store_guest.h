/*
 * The guests of a run in the store: whose they are, what they said of themselves, and what they were made from.
 */
#ifndef XB_STORE_GUEST_H
#define XB_STORE_GUEST_H

#include "store.h"

#include <jansson.h>

/* Did the run make this guest, or start it? */
struct xb_guest_owned {
    bool made, started;
};
int xb_store_guest_own(struct xb_store *store, const char *run, const char *guest,
                       struct xb_guest_owned owned, struct xb_err *err);
/* All false where the store does not know the guest. */
int xb_store_guest_owned(struct xb_store *store, const char *run, const char *guest,
                         struct xb_guest_owned *out, struct xb_err *err);

/* What a guest's agent says, and what Xen knows; strings may be NULL. */
struct xb_guest_said {
    const char *uuid, *agent, *boot_id, *kernel, *os, *clocksource;
    const char *net; /* JSON list of its network devices */
    uint64_t memory_bytes;
    uint32_t vcpus;
    bool settled;
};
int xb_store_guest_said(struct xb_store *store, const char *run, const char *guest,
                        const struct xb_guest_said *said, struct xb_err *err);
/* The domain's type; NULL where it is not known. */
int xb_store_guest_type(struct xb_store *store, const char *run, const char *guest,
                        const char *type, struct xb_err *err);

/* The image that a guest was made from, and SHA-256 of its parts; NULL where it is not known. */
struct xb_guest_origin {
    const char *image, *image_sha256, *recipe_sha256, *agent_sha256, *kernel_sha256, *initrd_sha256;
    const char *disk_sha256; /* NULL: what is known of the disk stays */
};
int xb_store_guest_origin(struct xb_store *store, const char *run, const char *guest,
                          const struct xb_guest_origin *origin, struct xb_err *err);
/* What is known of the guest's type, kernel and image holds in this case. */
int xb_store_guest_in_case(struct xb_store *store, const char *run, const char *guest,
                           uint32_t case_no, struct xb_err *err);
/* A digest of `image`, other than `digest`, that the guest had in a case; NULL where there is none; to free. */
int xb_store_guest_other_image(struct xb_store *store, const char *run, const char *guest,
                               const char *image, const char *digest, char **out,
                               struct xb_err *err);

/* The guest's allocation before the first cell, as JSON. */
int xb_store_guest_set_baseline(struct xb_store *store, const char *run, const char *guest,
                                const json_t *baseline, struct xb_err *err);
/* Its text, NULL where there is none; to free. */
int xb_store_guest_baseline(struct xb_store *store, const char *run, const char *guest, char **out,
                            struct xb_err *err);

#endif
