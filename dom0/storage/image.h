/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An image: a directory that guests are made from, written by a recipe below images/ and never
 * changed afterwards. xb_image_find looks in state_dir/images, then in state_dir/images-ro
 * (prebuilt, read-only).
 *
 *   image.json   what it is (the fields of struct xb_image)
 *   vmlinux      the kernel as unpacked ELF: Xen starts it without unpacking
 *   vmlinuz      the same kernel as a bzImage from its package; absent if the user gave an ELF file
 *   initrd.img   the initramfs
 *   disk.img     ext4 without a partition table, raw and sparse; a micro image has none
 *   manifest.txt name, version and architecture of every package in it
 *
 * image.json has the SHA-256 of kernel, initramfs and disk, as "sha256": {"vmlinux": ...}. For a
 * disk in a logical volume it is that of the disk.img that was written to the volume.
 */
#ifndef XB_IMAGE_H
#define XB_IMAGE_H

#include "base.h"
#include "disk.h"
#include "journal.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_IMAGE_NAME_MAX 48

/* All strings belong to the struct and live until xb_image_clear. */
struct xb_image {
    const char *name;
    const char *dir;            /* absolute */
    const char *kind;           /* debian or micro */
    const char *suite;          /* bookworm ... */
    const char *arch;           /* Debian's word: amd64 */
    const char *kernel;         /* absolute path of the kernel as ELF */
    const char *bzimage;        /* absolute path of the kernel as bzImage; NULL: none */
    const char *kernel_release; /* uname -r */
    const char *initrd;         /* absolute path */
    const char *disk;           /* absolute path of a raw file or a logical volume; NULL: no disk */
    uint64_t disk_bytes;        /* apparent size of the disk; 0: no disk */
    const char *cmdline;        /* the kernel's command line, enough to boot to the agent */
    uint64_t min_memory_bytes;  /* a guest with less does not boot; 0: unknown */
    const char *agent_version;
    const char *agent_sha256;
    const char *recipe_sha256; /* of all that goes into it; if equal, nothing is rebuilt */
    const char *created;       /* UTC, ISO 8601 */
    bool read_only;            /* from images-ro: cannot be removed */
    json_t *json;  /* all of image.json: also packages, workloads and fields of newer recipes */
    char *path[5]; /* owned: dir, kernel, initrd, disk, bzimage */
};

/* The memory that an image's guest has by default. */
static inline uint64_t xb_image_default_memory(uint64_t min_memory_bytes)
{
    const uint64_t usual_bytes = UINT64_C(256) << 20;
    return min_memory_bytes > usual_bytes ? min_memory_bytes : usual_bytes;
}

/*
 * Read the image called name into *out; end with xb_image_clear (not after a failure). XB_E_INPUT
 * if there is no such image or the name is invalid, XB_E_HOST if its files are damaged.
 */
int xb_image_find(struct xb_app *app, const char *name, struct xb_image *out, struct xb_err *err);

/* The same from the image's directory. */
int xb_image_read(const char *dir, struct xb_image *out, struct xb_err *err);

/*
 * All images, sorted by name, in *out (end with xb_image_list_free). Damaged ones are reported on
 * stderr and left out; incomplete ones are hidden.
 */
int xb_image_list(struct xb_app *app, struct xb_image **out, size_t *count, struct xb_err *err);
void xb_image_list_free(struct xb_image *images, size_t count);

/*
 * Remove an image, and its logical volume if the build made the volume. Does not check whether
 * guests start with its kernel. XB_E_HOST if it is being built or its volume is in use.
 */
int xb_image_remove(struct xb_app *app, const char *name, struct xb_err *err);

/* Remove what killed builds left; running builds are left alone. */
extern const struct xb_journal_kind xb_image_kind;

/* The volumes of killed and running builds, without those of the image `except` (may be NULL). */
int xb_image_each_remains(struct xb_app *app, const char *except,
                          void (*each)(void *arg, const char *path, const struct xb_disk *disk),
                          void *arg, struct xb_err *err);

/*
 * May dir be removed for a replacement? XB_E_INPUT if its volume has a snapshot, which would be
 * removed too. 0 if dir does not exist.
 */
int xb_image_check_replaceable(const char *dir, struct xb_err *err);

/*
 * Remove an old or incomplete image, with its lock held: first the volume that its build made,
 * unless the image in `whole` uses that volume. If the volume is in use, both stay.
 */
int xb_image_remove_remains(const char *path, const char *whole, struct xb_err *err);

/*
 * xb_image_find for long reads: no build, import or removal changes the image until *lock is closed
 * (-1: no need). Readers share the lock. XB_E_HOST if the image is being changed now.
 */
int xb_image_find_held(struct xb_app *app, const char *name, struct xb_image *out, int *lock,
                       struct xb_err *err);

/*
 * Take the exclusive lock for building, importing or removing an image: a descriptor to close; -1
 * if the image is being changed or read.
 */
int xb_image_lock(const char *state_dir, const char *name, struct xb_err *err);

/* Free what the struct holds. A zeroed struct is allowed. */
void xb_image_clear(struct xb_image *image);

/*
 * Is name valid, and so safe as a file name? Letters, digits, . _ + - without a leading dot or
 * dash, at most XB_IMAGE_NAME_MAX characters.
 */
bool xb_image_name_ok(const char *name);

/* The build's SHA-256 of a file such as "vmlinux"; NULL if the build recorded none. */
const char *xb_image_digest(const struct xb_image *image, const char *file);

#define xb_auto_image XB_AUTO(xb_image_clear)

#endif
