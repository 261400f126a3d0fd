/*
 * Any bytes as a stream that somebody sent: its files are found or refused, nothing is read or
 * written beyond what is there. Checksums are passed over in this build (stream_format.c).
 */
#include "base.h"
#include "stream.h"

#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

#define TARGET_MAX (1 << 24) /* larger files are read without being written */

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct xb_err err = {0};
    struct xb_stream_file file;
    xb_auto_stream_reader struct xb_stream_reader *stream = NULL;
    xb_auto_close int fd = input(data, bytes);
    if (xb_stream_open(&stream, fd, NULL, &err) < 0)
        return 0;
    int more;
    while ((more = xb_stream_next(stream, &file, &err)) > 0) {
        if (file.name[0] == 's')
            continue; /* passed over by xb_stream_next */
        if (take_file(stream, &file, &err) < 0)
            break;
    }
    if (more < 0 && !err.class)
        abort();
    return 0;
}
