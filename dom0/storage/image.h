/*
 * An image: a directory that guests are made from, written by a recipe below images/ and never
 * changed afterwards. It is looked for by name in state_dir/images, then in state_dir/images-ro
 * (prebuilt, read-only).
 *
 *   image.json   what it is (the fields of struct xb_image)
 *   vmlinux      the kernel as unpacked ELF: Xen starts it without unpacking
 *   vmlinuz      the same as a bzImage, as its package has it; not there for a kernel given as ELF
 *   initrd.img   the initramfs
 *   disk.img     ext4 without a partition table, raw and sparse; a micro image has none
 *   manifest.txt name, version and architecture of every package in it
 *
 * image.json has the SHA-256 of the kernel, initramfs and disk, as "sha256": {"vmlinux": ...}. A disk
 * that is a logical volume counts as the disk.img that was written to it.
 */
#ifndef XB_IMAGE_H
#define XB_IMAGE_H

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
    const char *dir;     /* absolute */
    const char *kind;    /* debian or micro */
    const char *suite;   /* bookworm ... */
    const char *arch;    /* Debian's word: amd64 */
    const char *kernel;  /* absolute path of the ELF kernel */
    const char *bzimage; /* absolute path of the same kernel as bzImage; NULL where there is none */
    const char *kernel_release; /* uname -r */
    const char *initrd;         /* absolute path */
    const char *disk;    /* absolute path of a raw file or of a logical volume; NULL where the image
                            has no disk */
    uint64_t disk_bytes; /* apparent size of the disk, 0 without one */
    const char *cmdline; /* the kernel's command line: all a guest needs to boot to its agent */
    uint64_t min_memory_bytes; /* less than this does not boot; 0: not known */
    const char *agent_version;
    const char *agent_sha256;
    const char *recipe_sha256; /* of the options, the recipe, the agent and the workloads: equal
                                  means nothing to build */
    const char *created;       /* UTC, ISO 8601 */
    bool read_only;            /* from images-ro: cannot be removed */
    json_t *json;  /* the whole of image.json: packages, workloads and what newer recipes add */
    char *path[5]; /* owned: dir, kernel, initrd, disk, bzimage */
};

/* What a guest of an image is made with where nobody says how much. */
static inline uint64_t xb_image_default_memory(uint64_t min_memory_bytes)
{
    const uint64_t usual_bytes = UINT64_C(256) << 20;
    return min_memory_bytes > usual_bytes ? min_memory_bytes : usual_bytes;
}

/*
 * Read the image called name into *out; the caller ends it with xb_image_clear. XB_E_INPUT where
 * there is no such image or the name cannot be one, XB_E_HOST where its files are damaged. On
 * failure *out needs no clearing.
 */
int xb_image_find(struct xb_app *app, const char *name, struct xb_image *out, struct xb_err *err);

/* Likewise from the image's directory. */
int xb_image_read(const char *dir, struct xb_image *out, struct xb_err *err);

/*
 * All images by name, in *out (end with xb_image_list_free). A damaged image is told on stderr and
 * left out; a half-built one is never seen.
 */
int xb_image_list(struct xb_app *app, struct xb_image **out, size_t *count, struct xb_err *err);
void xb_image_list_free(struct xb_image *images, size_t count);

/*
 * Remove an image, its logical volume too where the build made that volume. Whether guests need it
 * is not asked: those made from it start with its kernel. XB_E_HOST where it is being built just
 * now or its volume is in use.
 */
int xb_image_remove(struct xb_app *app, const char *name, struct xb_err *err);

/* Removes what killed builds left behind; builds that go on now are left alone. */
extern const struct xb_journal_kind xb_image_kind;

/* The volumes that killed builds made, and builds that go on now; not those of the image `except` (may be NULL). */
int xb_image_each_remains(struct xb_app *app, const char *except,
                          void (*each)(void *arg, const char *path, const struct xb_disk *disk),
                          void *arg, struct xb_err *err);

/*
 * May what is at dir be taken away to be replaced? XB_E_INPUT where its volume has a snapshot, which
 * would go too. 0 where nothing is there.
 */
int xb_image_check_replaceable(const char *dir, struct xb_err *err);

/*
 * Remove what is no image (any more), under its image's lock: the volume that its build made first,
 * unless that is the disk of the image in `whole`. Where that is in use both stay.
 */
int xb_image_remove_remains(const char *path, const char *whole, struct xb_err *err);

/*
 * xb_image_find for who reads the image's files for long: no build, import or removal changes them
 * until *lock is closed (-1: none is needed). Any number may read at the same time. XB_E_HOST where it is being
 * changed just now.
 */
int xb_image_find_held(struct xb_app *app, const char *name, struct xb_image *out, int *lock,
                       struct xb_err *err);

/*
 * The lock that builds, imports and removals of an image of this name hold, alone: a descriptor to
 * close, or -1 where one goes on, or somebody reads the image.
 */
int xb_image_lock(const char *state_dir, const char *name, struct xb_err *err);

/* Release what the struct holds. A zeroed struct is allowed. */
void xb_image_clear(struct xb_image *image);

/* Letters, digits, . _ + - and no leading dot or dash, at most XB_IMAGE_NAME_MAX: safe as a file
 * name. */
bool xb_image_name_ok(const char *name);

/* The SHA-256 of a file of the image, "vmlinux", as its build wrote it down; NULL where it did not. */
const char *xb_image_digest(const struct xb_image *image, const char *file);

/* Was the workload's software put into this image? */
bool xb_image_has_workload(const struct xb_image *image, const char *workload);

#define xb_auto_image __attribute__((cleanup(xb_image_clear)))

#endif
