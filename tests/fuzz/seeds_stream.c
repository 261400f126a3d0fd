/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seeds_stream FOLDER: writes valid streams, of files and of guests' memory, for fuzz_stream. */
#include "base.h"
#include "checkpoint_file.h"
#include "stream.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

static int disk_with_holes(void)
{
    static char piece[3000];
    int fd = memfd_create("disk", MFD_CLOEXEC);
    memset(piece, 'x', sizeof(piece));
    if (fd < 0 || ftruncate(fd, 4 << 20) < 0 || pwrite(fd, piece, sizeof(piece), 100) < 0 ||
        pwrite(fd, piece, sizeof(piece), (3 << 20) + 5) < 0)
        exit(1);
    return fd;
}

static int write_files(int fd, int i, struct xb_err *err)
{
    const struct xb_stream_packing packing = {.compress = true, .level = 3, .threads = 1};
    xb_auto_stream_writer struct xb_stream_writer *stream = NULL;
    xb_auto_close int disk = disk_with_holes();
    if (xb_stream_create(&stream, fd, XB_STREAM_OF_FILES, &packing, NULL, err) < 0 ||
        xb_stream_add_text(stream, i ? "text" : "skipped", "{\"name\": \"x\"}", err) < 0 ||
        (i != 1 && xb_stream_add(stream, "disk.img", disk, err) < 0))
        return -1;
    return xb_stream_finish(stream, err);
}

static int write_checkpoint(int fd, bool compress, struct xb_err *err)
{
    const struct xb_stream_packing packing = {.compress = compress, .level = 1, .threads = 1};
    struct xb_checkpoint_writer *writer = NULL;
    char memory[3000];
    json_t *head =
        json_pack("{s:s, s:s}", "name", "web", "uuid", "00000000-0000-0000-0000-000000000000");
    json_t *tail = json_pack("{s:i, s:[]}", "suspended_ns", 1, "disks");
    for (size_t i = 0; i < sizeof(memory); i++)
        memory[i] = (char)(i * i >> 3);
    int status = xb_checkpoint_write_begin(&writer, fd, "seed", head, &packing, err);
    if (status == 0)
        status = xb_checkpoint_write(writer, memory, sizeof(memory), err);
    if (status == 0)
        status = xb_checkpoint_write_end(writer, tail, err);
    xb_checkpoint_writer_free(writer);
    json_decref(head);
    json_decref(tail);
    return status;
}

int main(int argc, char **argv)
{
    struct xb_err err = {0};
    char path[256];
    if (argc != 2)
        return 2;
    for (int i = 0; i < 5; i++) {
        snprintf(path, sizeof(path), "%s/stream%d", argv[1], i);
        xb_auto_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if ((i < 3 ? write_files(fd, i, &err) : write_checkpoint(fd, i == 3, &err)) < 0) {
            fprintf(stderr, "seeds_stream: %s: %s\n", path, err.msg);
            return 1;
        }
    }
    return 0;
}
