/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sparse.h"

#include "alloc.h"
#include "base.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define CHUNK_BYTES (256 * XB_KIB)
#define ZERO_STEP_BYTES (UINT64_C(64) << 20) /* per step, so that the user can stop the work */

bool xb_all_zero(const void *buf, size_t bytes)
{
    const char *c = buf;
    return bytes == 0 || (c[0] == 0 && memcmp(c, c + 1, bytes - 1) == 0);
}

int xb_write_at(int fd, const void *buf, size_t bytes, off_t at)
{
    const char *c = buf;
    while (bytes > 0) {
        ssize_t n = pwrite(fd, c, bytes, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        c += n;
        at += n;
        bytes -= (size_t)n;
    }
    return 0;
}

off_t xb_disk_size(int fd)
{
    return lseek(fd, 0, SEEK_END);
}

int xb_next_data(int fd, off_t at, off_t bytes, off_t *start, off_t *end)
{
    if (at >= bytes)
        return 0;
    *start = lseek(fd, at, SEEK_DATA);
    if (*start < 0 && errno == ENXIO)
        return 0;
    if (*start < 0) {
        *start = at;
        *end = bytes;
        return 1;
    }
    if (*start >= bytes)
        return 0;
    *end = lseek(fd, *start, SEEK_HOLE);
    if (*end < 0 || *end > bytes)
        *end = bytes;
    return 1;
}

struct copy {
    int from, to;
    char *buf;
    struct xb_work *work;
};

static int copy_extent(const struct copy *copy, off_t at, off_t end, struct xb_err *err)
{
    while (at < end) {
        size_t want = end - at < (off_t)CHUNK_BYTES ? (size_t)(end - at) : CHUNK_BYTES;
        ssize_t n = pread(copy->from, copy->buf, want, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return xb_fail(err, XB_E_HOST, errno, "reading");
        if (n == 0)
            return xb_fail(err, XB_E_HOST, 0, "the source shrank meanwhile");
        if (!xb_all_zero(copy->buf, (size_t)n) &&
            xb_write_at(copy->to, copy->buf, (size_t)n, at) < 0)
            return xb_fail(err, XB_E_HOST, errno, "writing");
        if (xb_work_did(copy->work, (uint64_t)n, err) < 0)
            return -1;
        at += n;
    }
    return 0;
}

/* Copy data only: where the source has holes or zeros, the target stays as it is. */
static int copy_data(int from, int to, off_t bytes, struct xb_work *work, struct xb_err *err)
{
    xb_auto_free char *buf = xb_malloc(CHUNK_BYTES);
    struct copy copy = {from, to, buf, work};
    off_t start, end, at = 0;
    int more;
    while ((more = xb_next_data(from, at, bytes, &start, &end)) > 0) {
        if (xb_work_did(work, (uint64_t)(start - at), err) < 0 ||
            copy_extent(&copy, start, end, err) < 0)
            return -1;
        at = end;
    }
    return more < 0 ? xb_fail(err, XB_E_HOST, errno, "reading") : 0;
}

static int fill_file(int from, int to, off_t source_bytes, off_t bytes, struct xb_work *work,
                     struct xb_err *err)
{
    if (ioctl(to, FICLONE, from) < 0 && copy_data(from, to, source_bytes, work, err) < 0)
        return -1;
    if (ftruncate(to, bytes) < 0 || fdatasync(to) < 0)
        return xb_fail(err, XB_E_HOST, errno, "writing");
    return 0;
}

/* Open the source and get its size. Returns a descriptor or -1. */
static int open_source(const char *src, off_t *bytes, struct xb_err *err)
{
    xb_auto_close int fd = open(src, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot read the disk %s", src);
    *bytes = xb_disk_size(fd);
    if (*bytes < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot tell the size of %s", src);
    return xb_steal_fd(&fd);
}

int xb_copy_disk(const char *src, const char *dst, uint64_t bytes, struct xb_work *work,
                 struct xb_err *err)
{
    off_t source_bytes;
    xb_auto_close int from = open_source(src, &source_bytes, err);
    if (from < 0)
        return -1;
    if (bytes && bytes < (uint64_t)source_bytes)
        return xb_fail(err, XB_E_INPUT, 0,
                       "a disk of %" PRIu64 " MiB was asked for; the image's disk has %" PRIu64
                       " MiB and cannot shrink",
                       bytes >> 20, source_bytes >> 20);
    xb_auto_close int to = open(dst, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write the disk %s", dst);
    if (fill_file(from, to, source_bytes, bytes ? (off_t)bytes : source_bytes, work, err) == 0)
        return 0;
    unlink(dst);
    return xb_fail_context(err, "cannot copy the disk %s to %s", src, dst);
}

int xb_share_file(const char *src, const char *dst, struct xb_err *err)
{
    return link(src, dst) == 0 ? 0 : xb_copy_disk(src, dst, 0, NULL, err);
}

/* Let the device zero itself if it can; otherwise the kernel writes zeros. */
static int zero_device(int fd, struct xb_work *work, struct xb_err *err)
{
    off_t bytes = xb_disk_size(fd);
    for (uint64_t at = 0; bytes > 0 && at < (uint64_t)bytes;) {
        uint64_t step =
            (uint64_t)bytes - at < ZERO_STEP_BYTES ? (uint64_t)bytes - at : ZERO_STEP_BYTES;
        uint64_t range[2] = {at, step};
        if (ioctl(fd, BLKZEROOUT, range) < 0)
            return xb_fail(err, XB_E_HOST, errno, "zeroing");
        if (xb_work_did(work, 0, err) < 0)
            return -1;
        at += step;
    }
    return 0;
}

int xb_copy_to_device(const char *src, const char *device, bool zeroed, struct xb_work *work,
                      struct xb_err *err)
{
    off_t source_bytes;
    xb_auto_close int from = open_source(src, &source_bytes, err);
    if (from < 0)
        return -1;
    /* O_EXCL fails if the device is mounted or in use. */
    xb_auto_close int to = open(device, O_RDWR | O_EXCL | O_CLOEXEC);
    if (to < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write the disk %s", device);
    if (xb_disk_size(to) < source_bytes)
        return xb_fail(err, XB_E_HOST, 0, "cannot copy %s to %s, which is smaller", src, device);
    if ((!zeroed && zero_device(to, work, err) < 0) ||
        copy_data(from, to, source_bytes, work, err) < 0)
        return xb_fail_context(err, "cannot copy the disk %s to %s", src, device);
    if (fsync(to) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s", device);
    return 0;
}
