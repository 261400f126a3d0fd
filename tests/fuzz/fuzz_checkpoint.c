/*
 * Any bytes as a checkpoint's file: they are refused, or read to an end that is as long as the tail
 * says. The checksums of an input are set right first, else nothing would get past them.
 */
#include "base.h"
#include "checkpoint_file.h"
#include "checkpoint_file_i.h"

#include <sys/mman.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Frames as they lie in the input, each with its own CRC, as far as they make sense. */
static void set_checksums(unsigned char *file, size_t bytes)
{
    size_t at = XB_CHECKPOINT_MAGIC_BYTES;
    while (at + 8 <= bytes) {
        uint32_t body = xb_get_le32(file + at);
        if (body == 0) { /* the tail's frame follows */
            at += 4;
            continue;
        }
        if (body > bytes - at - 8)
            return;
        xb_put_le32(file + at + 4, (uint32_t)crc32_z(0, file + at + 8, body));
        at += 8 + body;
    }
}

static void read_it(int fd)
{
    struct xb_checkpoint_reader *reader = NULL;
    struct xb_err err = {0};
    char buffer[4096];
    uint64_t all = 0;
    ssize_t n = -1;
    if (xb_checkpoint_read_begin(&reader, fd, "input", &err) < 0)
        return;
    if (xb_checkpoint_check(reader, NULL, &err) == 0)
        while ((n = xb_checkpoint_read(reader, buffer, sizeof(buffer), &err)) > 0 &&
               all < (UINT64_C(64) << 20))
            all += (uint64_t)n;
    if (n == 0 && all != (uint64_t)json_integer_value(
                             json_object_get(xb_checkpoint_tail(reader), "raw_bytes")))
        abort();
    if (n < 0 && err.class == XB_E_NONE)
        abort();
    xb_checkpoint_reader_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes < 1)
        return 0;
    xb_auto_free unsigned char *file = malloc(bytes);
    int fd = memfd_create("checkpoint", MFD_CLOEXEC);
    if (!file || fd < 0)
        abort();
    memcpy(file, data + 1, bytes - 1);
    if (data[0] & 1)
        set_checksums(file, bytes - 1);
    if (write(fd, file, bytes - 1) != (ssize_t)(bytes - 1) || lseek(fd, 0, SEEK_SET) < 0)
        abort();
    read_it(fd);
    close(fd);
    return 0;
}
