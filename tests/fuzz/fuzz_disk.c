/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as the beginning of a guest's disk, as far as xenbench itself reads the disk before it
 * runs e2fsprogs on it.
 * For: dom0/storage/ext4.c
 */
#include "base.h"
#include "ext4.h"

#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    char path[40], written[XB_EXT4_WRITTEN_BYTES] = "";
    struct xb_err err = {0};
    struct xb_ext4 fs = {0};
    xb_auto_close int fd = memfd_create("disk", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, bytes) != (ssize_t)bytes)
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int is_ext4 = xb_ext4_look(path, &fs, &err);
    if (is_ext4 < 0 || (is_ext4 && strlen(fs.uuid) != XB_UUID_TEXT_BYTES - 1))
        abort();
    int was_written = xb_ext4_written(path, written, &err);
    if (was_written < 0 || (was_written > 0 && !memchr(written, 0, sizeof(written))))
        abort();
    return 0;
}
