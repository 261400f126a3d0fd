/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a stream and as a checkpoint: the files are found or refused, and nothing outside
 * them is read or written. This build ignores checksums (stream_format.h).
 * For: dom0/storage/stream_decode.c dom0/storage/stream_read.c dom0/storage/stream_format.c dom0/checkpoint/checkpoint_file.c dom0/checkpoint/checkpoint_old.c
 */
#include "base.h"
#include "checkpoint_file.h"
#include "sandbox.h"
#include "stream.h"

#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define TARGET_MAX (1 << 24) /* larger files are read without being written */
#define MEMORY_MAX (UINT64_C(64) << 20)

static int input(const uint8_t *data, size_t bytes)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, bytes) != (ssize_t)bytes || lseek(fd, 0, SEEK_SET) < 0)
        abort();
    return fd;
}

static int take_file(struct xb_stream_reader *stream, const struct xb_stream_file *file,
                     struct xb_err *err)
{
    xb_auto_free char *text = NULL;
    if (file->name[0] == 't')
        return xb_stream_read_text(stream, file, 1 << 16, &text, err);
    if (file->bytes > TARGET_MAX)
        return xb_stream_read(stream, NULL, NULL, err);
    xb_auto_close int fd = memfd_create("target", MFD_CLOEXEC);
    return xb_stream_read_to(stream, file, fd, err);
}

static void read_stream(int fd)
{
    struct xb_err err = {0};
    struct xb_stream_file file;
    xb_auto_stream_reader struct xb_stream_reader *stream = NULL;
    if (xb_stream_open(&stream, fd, NULL, &err) < 0)
        return;
    int more;
    while ((more = xb_stream_next(stream, &file, &err)) > 0) {
        if (file.name[0] == 's')
            continue; /* xb_stream_next skips it */
        if (take_file(stream, &file, &err) < 0)
            break;
    }
    if (more < 0 && !err.class)
        abort();
}

/* Memory must have no gaps. Stop at MEMORY_MAX, because a small input can unpack to a huge one. */
static int take_memory(void *arg, uint64_t offset, const void *data, size_t bytes,
                       struct xb_err *err)
{
    uint64_t *taken = arg;
    if (offset != *taken || !data || bytes == 0)
        abort();
    *taken += bytes;
    return *taken > MEMORY_MAX ? xb_fail(err, XB_E_BENCH, 0, "enough") : 0;
}

static void read_checkpoint(int fd)
{
    struct xb_checkpoint_reader *reader = NULL;
    struct xb_err err = {0};
    json_t *tail = NULL;
    uint64_t taken = 0;
    if (xb_checkpoint_read_begin(&reader, fd, "input", &err) < 0)
        return;
    int status = xb_checkpoint_check(reader, &tail, &err);
    if (status == 0)
        status = xb_checkpoint_read(reader, take_memory, &taken, &err);
    if (status == 0 ? !json_equal(tail, xb_checkpoint_tail(reader)) : !err.class)
        abort();
    json_decref(tail);
    xb_checkpoint_reader_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    xb_auto_close int fd = input(data, bytes);
    setenv(XB_NO_SANDBOX_ENV, "1", 1); /* libFuzzer sees this process alone */
    read_stream(fd);
    read_checkpoint(fd);
    return 0;
}
