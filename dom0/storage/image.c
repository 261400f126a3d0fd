/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image.h"

#include "alloc.h"
#include "base.h"
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* The folders of images below state_dir; the first match wins. */
static const struct {
    const char *name;
    bool read_only;
} folders[] = {
    {"images", false},
    {"images-ro", true},
};

enum { PATH_DIR, PATH_KERNEL, PATH_INITRD, PATH_DISK, PATH_BZIMAGE };

bool xb_image_name_ok(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";
    size_t length = strlen(name);
    return length > 0 && length <= XB_IMAGE_NAME_MAX && strspn(name, allowed) == length &&
           name[0] != '.' && name[0] != '-';
}

void xb_image_clear(struct xb_image *image)
{
    json_decref(image->json);
    for (size_t i = 0; i < XB_ARRAY_LEN(image->path); i++)
        free(image->path[i]);
    *image = (struct xb_image){0};
}

const char *xb_image_digest(const struct xb_image *image, const char *file)
{
    const json_t *digests = json_object_get(image->json, "sha256");
    const char *digest = json_string_value(json_object_get(digests, file));
    bool is_one = digest && strlen(digest) == 64 && strspn(digest, "0123456789abcdef") == 64;
    return is_one ? digest : NULL;
}

/*
 * Find a file of the image: a plain name in its directory or, for a disk, a device. image owns the
 * path.
 */
static int locate(struct xb_image *image, int which, const char *file, const char **out,
                  struct xb_err *err)
{
    char path[PATH_MAX];
    bool device = which == PATH_DISK && strncmp(file, "/dev/", 5) == 0;
    if (!device && (!*file || strchr(file, '/')))
        return xb_fail(err, XB_E_HOST, 0,
                       "%s/image.json names the file `%.60s`, which is no plain name", image->dir,
                       file);
    if (xb_path(path, sizeof(path), err, "%s%s%s", device ? "" : image->dir, device ? "" : "/",
                file) < 0)
        return -1;
    image->path[which] = xb_strdup(path);
    if (access(path, F_OK) < 0)
        return xb_fail(err, XB_E_HOST, errno,
                       "image %s is damaged: %s (`xenbench image build` with --force rebuilds it)",
                       image->name, path);
    *out = image->path[which];
    return 0;
}

static int measure_disk(struct xb_image *image, struct xb_err *err)
{
    struct stat st;
    if (stat(image->disk, &st) < 0)
        return xb_fail(err, XB_E_HOST, errno, "image %s: %s", image->name, image->disk);
    image->disk_bytes = (uint64_t)st.st_size;
    if (!S_ISBLK(st.st_mode))
        return 0;
    xb_auto_close int fd = open(image->disk, O_RDONLY | O_CLOEXEC);
    off_t end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
    if (end < 0)
        return xb_fail(err, XB_E_HOST, errno, "image %s: cannot measure %s", image->name,
                       image->disk);
    image->disk_bytes = (uint64_t)end;
    return 0;
}

static int unpack_json(struct xb_image *image, struct xb_err *err)
{
    const char *kernel, *initrd;
    json_int_t min_memory = 0;
    json_error_t why;
    if (json_unpack_ex(image->json, &why, 0,
                       "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:s}", "name",
                       &image->name, "kind", &image->kind, "suite", &image->suite, "arch",
                       &image->arch, "kernel", &kernel, "kernel_release", &image->kernel_release,
                       "initrd", &initrd, "cmdline", &image->cmdline, "min_memory_bytes",
                       &min_memory, "agent_version", &image->agent_version, "agent_sha256",
                       &image->agent_sha256, "recipe_sha256", &image->recipe_sha256, "created",
                       &image->created) < 0)
        return xb_fail(err, XB_E_HOST, 0, "%s/image.json: %s", image->dir, why.text);
    image->min_memory_bytes = min_memory > 0 ? (uint64_t)min_memory : 0;
    if (!xb_image_name_ok(image->name))
        return xb_fail(err, XB_E_HOST, 0, "%s/image.json: the name is invalid", image->dir);
    if (locate(image, PATH_KERNEL, kernel, &image->kernel, err) < 0 ||
        locate(image, PATH_INITRD, initrd, &image->initrd, err) < 0)
        return -1;
    /* "" if the kernel was given as ELF; missing in images from before bzimage existed */
    const char *bzimage = json_string_value(json_object_get(image->json, "bzimage"));
    if (bzimage && *bzimage && locate(image, PATH_BZIMAGE, bzimage, &image->bzimage, err) < 0)
        return -1;
    const char *disk = json_string_value(json_object_get(image->json, "disk"));
    if (!disk)
        return 0; /* null: the image has no disk */
    return locate(image, PATH_DISK, disk, &image->disk, err) < 0 ? -1 : measure_disk(image, err);
}

int xb_image_read(const char *dir, struct xb_image *out, struct xb_err *err)
{
    char path[PATH_MAX];
    *out = (struct xb_image){0};
    out->dir = out->path[PATH_DIR] = realpath(dir, NULL);
    if (!out->dir)
        return xb_fail(err, XB_E_HOST, errno, "cannot read the image %s", dir);
    if (xb_path(path, sizeof(path), err, "%s/image.json", out->dir) == 0)
        out->json = xb_json_load(path, err);
    if (out->json && unpack_json(out, err) == 0)
        return 0;
    xb_image_clear(out);
    return -1;
}

int xb_image_find(struct xb_app *app, const char *name, struct xb_image *out, struct xb_err *err)
{
    char dir[PATH_MAX];
    if (!xb_image_name_ok(name))
        return xb_fail(err, XB_E_INPUT, 0,
                       "`%.60s` cannot be an image's name: letters, digits and . _ + -, at most %d",
                       name, XB_IMAGE_NAME_MAX);
    for (size_t i = 0; i < XB_ARRAY_LEN(folders); i++) {
        if (xb_path(dir, sizeof(dir), err, "%s/%s/%s", app->state_dir, folders[i].name, name) < 0)
            return -1;
        if (access(dir, F_OK) == 0) {
            int status = xb_image_read(dir, out, err);
            out->read_only = folders[i].read_only;
            return status;
        }
    }
    return xb_fail(
        err, XB_E_INPUT, 0,
        "there is no image %s (`xenbench image list` shows them, `xenbench image build` makes "
        "one)",
        name);
}

static bool is_listed(const struct xb_image *images, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(images[i].name, name) == 0)
            return true;
    return false;
}

/* Add the images of one folder that *images lacks. */
static int list_folder(struct xb_app *app, const char *folder, bool read_only,
                       struct xb_image **images, size_t *count, struct xb_err *err)
{
    char path[PATH_MAX], dir[PATH_MAX];
    if (xb_path(path, sizeof(path), err, "%s/%s", app->state_dir, folder) < 0)
        return -1;
    xb_auto_closedir DIR *entries = opendir(path);
    if (!entries)
        return errno == ENOENT ? 0 : xb_fail(err, XB_E_HOST, errno, "cannot list %s", path);
    for (struct dirent *entry; (entry = readdir(entries));) {
        struct xb_image image;
        struct xb_err damage = {0};
        if (!xb_image_name_ok(entry->d_name) || strcmp(entry->d_name, "lost+found") == 0 ||
            is_listed(*images, *count, entry->d_name))
            continue;
        if (xb_path(dir, sizeof(dir), err, "%s/%s", path, entry->d_name) < 0)
            return -1;
        if (xb_image_read(dir, &image, &damage) < 0) {
            fprintf(stderr, "xenbench: left out: %s\n", damage.msg);
            continue;
        }
        image.read_only = read_only;
        *xb_append(images, count) = image;
    }
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct xb_image *)a)->name, ((const struct xb_image *)b)->name);
}

int xb_image_list(struct xb_app *app, struct xb_image **out, size_t *count, struct xb_err *err)
{
    struct xb_image *images = NULL;
    size_t found = 0;
    for (size_t i = 0; i < XB_ARRAY_LEN(folders); i++) {
        if (list_folder(app, folders[i].name, folders[i].read_only, &images, &found, err) < 0) {
            xb_image_list_free(images, found);
            return -1;
        }
    }
    if (found > 0)
        qsort(images, found, sizeof(*images), by_name);
    *out = images;
    *count = found;
    return 0;
}

void xb_image_list_free(struct xb_image *images, size_t count)
{
    for (size_t i = 0; i < count; i++)
        xb_image_clear(&images[i]);
    free(images);
}
