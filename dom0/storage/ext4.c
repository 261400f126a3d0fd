/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ext4.h"

#include "base.h"
#include "tool.h"

#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* The superblock: Documentation/filesystems/ext4/super.rst in Linux. */
#define SUPERBLOCK_AT 1024
#define SUPERBLOCK_BYTES 1024
#define PAGE_BYTES 4096 /* contains the superblock; O_DIRECT needs alignment */
#define AT_BLOCKS_LOW 0x4
#define AT_LOG_BLOCK_SIZE 0x18
#define AT_MOUNTED 0x2c
#define AT_WRITTEN 0x30
#define AT_MOUNTS 0x34
#define AT_MAGIC 0x38
#define AT_INCOMPAT 0x60
#define AT_RO_COMPAT 0x64
#define AT_UUID 0x68
#define AT_BLOCKS_HIGH 0x150
#define AT_KBYTES_WRITTEN 0x178
#define MAGIC 0xef53
#define INCOMPAT_64BIT 0x80
#define INCOMPAT_CSUM_SEED 0x2000
#define RO_COMPAT_GDT_CSUM 0x10
#define RO_COMPAT_METADATA_CSUM 0x400

static uint32_t le32(const unsigned char *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof(value));
    return le32toh(value);
}

static void understand(const unsigned char *super, struct xb_ext4 *out)
{
    uint32_t incompat = le32(super + AT_INCOMPAT), ro_compat = le32(super + AT_RO_COMPAT);
    uint64_t blocks = le32(super + AT_BLOCKS_LOW);
    uint32_t shift = 10 + (le32(super + AT_LOG_BLOCK_SIZE) & 0xf);
    if (incompat & INCOMPAT_64BIT)
        blocks |= (uint64_t)le32(super + AT_BLOCKS_HIGH) << 32;
    out->bytes = blocks << shift;
    out->checksums_by_uuid = (ro_compat & (RO_COMPAT_METADATA_CSUM | RO_COMPAT_GDT_CSUM)) &&
                             !(incompat & INCOMPAT_CSUM_SEED);
    const unsigned char *u = super + AT_UUID;
    snprintf(out->uuid, sizeof(out->uuid),
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0], u[1],
             u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14],
             u[15]);
}

int xb_ext4_look(const char *path, struct xb_ext4 *out, struct xb_err *err)
{
    unsigned char super[SUPERBLOCK_BYTES];
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : pread(fd, super, sizeof(super), SUPERBLOCK_AT);
    if (n < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot read the disk %s", path);
    if (n < (ssize_t)sizeof(super) || (le32(super + AT_MAGIC) & 0xffff) != MAGIC)
        return 0;
    understand(super, out);
    return 1;
}

/* Read a disk's first page; `how` is O_DIRECT, or 0 if the filesystem lacks it. */
static ssize_t read_page(const char *path, void *page, int how)
{
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | how);
    if (fd < 0)
        return -1;
    posix_fadvise(fd, 0, PAGE_BYTES, POSIX_FADV_DONTNEED);
    return pread(fd, page, PAGE_BYTES, 0);
}

int xb_ext4_written(const char *path, char out[XB_EXT4_WRITTEN_BYTES], struct xb_err *err)
{
    struct xb_ext4 fs;
    _Alignas(PAGE_BYTES) unsigned char page[PAGE_BYTES];
    ssize_t n = read_page(path, page, O_DIRECT);
    if (n < 0 && errno == EINVAL)
        n = read_page(path, page, 0);
    if (n < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot read the disk %s", path);
    const unsigned char *super = page + SUPERBLOCK_AT;
    if (n < SUPERBLOCK_AT + SUPERBLOCK_BYTES || (le32(super + AT_MAGIC) & 0xffff) != MAGIC)
        return 0;
    understand(super, &fs);
    snprintf(out, XB_EXT4_WRITTEN_BYTES, "%s mounted %u %u written %u %u", fs.uuid,
             le32(super + AT_MOUNTED), le32(super + AT_MOUNTS) & 0xffff, le32(super + AT_WRITTEN),
             le32(super + AT_KBYTES_WRITTEN));
    return 1;
}

int xb_ext4_settle(const char *path, const char *remedy, struct xb_err *err)
{
    const char *const argv[] = {"e2fsck", "-p", path, NULL};
    char said[XB_TOOL_SAID_BYTES];
    int status =
        xb_tool_status_within(&(struct xb_tool_reach){.disk = path}, argv, NULL, said, err);
    if (status < 0)
        return -1;
    /* 1: errors were corrected. 2: the same, and a host that had it mounted should reboot. */
    if (status > 2)
        return xb_fail(err, XB_E_HOST, 0, "the filesystem on %s is damaged: %s (%s)", path, said,
                       remedy);
    return 0;
}

int xb_ext4_grow(const char *path, struct xb_err *err)
{
    const char *const argv[] = {"resize2fs", "-f", path, NULL};
    return xb_tool_within(&(struct xb_tool_reach){.disk = path}, argv, NULL, err,
                          "enlarge the filesystem on %s", path);
}

/* debugfs reads commands and files by name; a file in memory has a name below /proc. */
struct memory_file {
    int fd;
    char path[48];
};

static void close_memory_file(struct memory_file *file)
{
    xb_cleanup_close(&file->fd);
}
#define xb_auto_memory_file XB_AUTO(close_memory_file)

static int open_memory_file(struct memory_file *file, const char *text, mode_t mode,
                            struct xb_err *err)
{
    size_t bytes = strlen(text);
    file->fd = memfd_create("debugfs", MFD_CLOEXEC);
    if (file->fd < 0 || write(file->fd, text, bytes) != (ssize_t)bytes || fchmod(file->fd, mode))
        return xb_fail(err, XB_E_HOST, errno, "cannot keep a file in memory");
    snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->fd);
    return 0;
}

/*
 * debugfs exits with 0 even if its commands fail, so the caller checks the result. content_fd: a
 * file that the commands name; -1: none.
 */
static int debugfs(const char *path, const char *commands, int content_fd, struct xb_err *err)
{
    xb_auto_memory_file struct memory_file script = {.fd = -1};
    const char *const argv[] = {"debugfs", "-w", "-f", script.path, path, NULL};
    if (open_memory_file(&script, commands, 0600, err) < 0)
        return -1;
    const int fds[] = {script.fd, content_fd, -1};
    const struct xb_tool_reach reach = {.disk = path, .fds = fds};
    return xb_tool_within(&reach, argv, NULL, err, "change the filesystem on %s", path);
}

/* A file of the filesystem as text, to free; "" if there is none. NULL with err filled. */
static char *read_file(const char *path, const char *name, struct xb_err *err)
{
    char command[PATH_MAX];
    const char *const argv[] = {"debugfs", "-R", command, path, NULL};
    char *text = NULL;
    snprintf(command, sizeof(command), "cat \"%s\"", name);
    return xb_tool_within(&(struct xb_tool_reach){.disk = path}, argv, &text, err,
                          "read the filesystem on %s", path) < 0
               ? NULL
               : text;
}

int xb_ext4_write_file(const char *path, const char *name, const char *text, mode_t mode,
                       struct xb_err *err)
{
    char commands[PATH_MAX];
    xb_auto_memory_file struct memory_file file = {.fd = -1};
    if (open_memory_file(&file, text, mode, err) < 0)
        return -1;
    snprintf(commands, sizeof(commands),
             "rm %s\nwrite %s %s\nset_inode_field %s mode 0100%o\nset_inode_field %s uid 0\n"
             "set_inode_field %s gid 0\n",
             name, file.path, name, name, mode, name, name);
    if (debugfs(path, commands, file.fd, err) < 0)
        return -1;
    xb_auto_free char *now = read_file(path, name, err);
    if (!now)
        return -1;
    if (strcmp(now, text) != 0)
        return xb_fail(err, XB_E_HOST, 0, "cannot write %s on the disk %s (is it full?)", name,
                       path);
    return 0;
}

static int has_etc(const char *path, struct xb_err *err)
{
    static const char command[] = "stat /etc";
    const char *const argv[] = {"debugfs", "-R", command, path, NULL};
    xb_auto_free char *text = NULL;
    if (xb_tool_within(&(struct xb_tool_reach){.disk = path}, argv, &text, err,
                       "read the filesystem on %s", path) < 0)
        return -1;
    return strstr(text, "Type: directory") != NULL;
}

int xb_ext4_set_identity(const char *path, const char *hostname, const char *uuid,
                         struct xb_err *err)
{
    char name[80], id[40];
    size_t n = 0;
    int found = has_etc(path, err);
    if (found <= 0)
        return found;
    for (const char *u = uuid; *u && n + 2 < sizeof(id); u++)
        if (*u != '-')
            id[n++] = (char)tolower((unsigned char)*u);
    snprintf(id + n, sizeof(id) - n, "\n");
    snprintf(name, sizeof(name), "%s\n", hostname);
    if (xb_ext4_write_file(path, "/etc/hostname", name, 0644, err) < 0 ||
        xb_ext4_write_file(path, "/etc/machine-id", id, 0444, err) < 0)
        return -1;
    return debugfs(path, "rm /var/lib/systemd/random-seed\n", -1, err);
}

/* Replace every occurrence of a UUID by another of the same length. */
static bool replace_uuid(char *text, const char *from, const char *to)
{
    bool any = false;
    for (char *at = text; (at = strcasestr(at, from)); any = true)
        memcpy(at, to, strlen(to));
    return any;
}

static int replace_in_file(const char *path, const char *name, const char *from, const char *to,
                           struct xb_err *err)
{
    xb_auto_free char *text = read_file(path, name, err);
    if (!text)
        return -1;
    return replace_uuid(text, from, to) ? xb_ext4_write_file(path, name, text, 0644, err) : 0;
}

static int check(const char *path, struct xb_err *err)
{
    const char *const argv[] = {"e2fsck", "-f", "-p", path, NULL};
    char said[XB_TOOL_SAID_BYTES];
    int status =
        xb_tool_status_within(&(struct xb_tool_reach){.disk = path}, argv, NULL, said, err);
    if (status > 2)
        return xb_fail(err, XB_E_HOST, 0, "the filesystem on %s is damaged: %s", path, said);
    return status < 0 ? -1 : 0;
}

int xb_ext4_set_uuid(const char *path, const struct xb_ext4 *fs, const char *uuid,
                     struct xb_err *err)
{
    const char *const argv[] = {"tune2fs", "-U", uuid, path, NULL};
    if (replace_in_file(path, "/etc/fstab", fs->uuid, uuid, err) < 0 ||
        replace_in_file(path, "/boot/grub/grub.cfg", fs->uuid, uuid, err) < 0)
        return -1;
    if (fs->checksums_by_uuid && check(path, err) < 0)
        return -1;
    if (xb_tool_within(&(struct xb_tool_reach){.disk = path}, argv, NULL, err,
                       "give the filesystem on %s a new UUID", path) < 0)
        return -1;
    /* tune2fs 1.47 leaves the orphan file with checksums of the old UUID. */
    return fs->checksums_by_uuid ? check(path, err) : 0;
}
