#include "sparse.h"

#include "base.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>

#define CHUNK_BYTES (256 * 1024)

static bool all_zero(const char *buf, size_t bytes)
{
    return bytes == 0 || (buf[0] == 0 && memcmp(buf, buf + 1, bytes - 1) == 0);
}

static int write_at(int fd, const char *buf, size_t bytes, off_t at)
{
    while (bytes > 0) {
        ssize_t n = pwrite(fd, buf, bytes, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        buf += n;
        at += n;
        bytes -= (size_t)n;
    }
    return 0;
}

static int copy_extent(int from, int to, off_t at, off_t end, char *buf)
{
    while (at < end) {
        size_t want = end - at < CHUNK_BYTES ? (size_t)(end - at) : CHUNK_BYTES;
        ssize_t n = pread(from, buf, want, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        if (!all_zero(buf, (size_t)n) && write_at(to, buf, (size_t)n, at) < 0)
            return -1;
        at += n;
    }
    return 0;
}

/*
 * Filesystems and devices that know no holes report one extent: the zeros in it are left out all
 * the same.
 */
static int copy_extents(int from, int to, off_t bytes)
{
    xb_auto_free char *buf = malloc(CHUNK_BYTES);
    if (!buf)
        return -1;
    for (off_t data = 0; data < bytes;) {
        off_t start = lseek(from, data, SEEK_DATA);
        if (start < 0 && errno == ENXIO)
            break;
        if (start < 0)
            return copy_extent(from, to, data, bytes, buf);
        off_t end = lseek(from, start, SEEK_HOLE);
        if (end < 0 || end > bytes)
            end = bytes;
        if (copy_extent(from, to, start, end, buf) < 0)
            return -1;
        data = end;
    }
    return 0;
}

static int fill(int from, int to, off_t source_bytes, off_t bytes)
{
    if (ioctl(to, FICLONE, from) < 0 && copy_extents(from, to, source_bytes) < 0)
        return -1;
    if (ftruncate(to, bytes) < 0)
        return -1;
    return fdatasync(to);
}

int xb_copy_disk(const char *src, const char *dst, uint64_t bytes, struct xb_err *err)
{
    xb_auto_close int from = open(src, O_RDONLY | O_CLOEXEC);
    if (from < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot read the disk %s", src);
    off_t source_bytes = lseek(from, 0, SEEK_END);
    if (source_bytes < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot tell the size of %s", src);
    if (bytes && bytes < (uint64_t)source_bytes)
        return xb_fail(
            err, XB_E_INPUT, 0,
            "a disk of %llu MiB asked, the image's disk has %llu MiB and does not shrink",
            (unsigned long long)bytes >> 20, (unsigned long long)source_bytes >> 20);
    xb_auto_close int to = open(dst, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write the disk %s", dst);
    if (fill(from, to, source_bytes, bytes ? (off_t)bytes : source_bytes) == 0)
        return 0;
    xb_fail(err, XB_E_HOST, errno, "cannot copy the disk %s to %s", src, dst);
    unlink(dst);
    return -1;
}
