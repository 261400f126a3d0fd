/* seeds_stream FOLDER: whole streams for fuzz_stream to begin with. */
#include "base.h"
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

int main(int argc, char **argv)
{
    struct xb_err err = {0};
    char path[256];
    if (argc != 2)
        return 2;
    for (int i = 0; i < 3; i++) {
        const struct xb_stream_packing packing = {.compress = true, .level = 3, .threads = 1};
        xb_auto_stream_writer struct xb_stream_writer *stream = NULL;
        xb_auto_close int disk = disk_with_holes();
        snprintf(path, sizeof(path), "%s/stream%d", argv[1], i);
        xb_auto_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (xb_stream_create(&stream, fd, XB_STREAM_OF_FILES, &packing, NULL, &err) < 0 ||
            xb_stream_add_text(stream, i ? "text" : "skipped", "{\"name\": \"x\"}", &err) < 0 ||
            (i != 1 && xb_stream_add(stream, "disk.img", disk, &err) < 0) ||
            xb_stream_finish(stream, &err) < 0) {
            fprintf(stderr, "%s\n", err.msg);
            return 1;
        }
    }
    return 0;
}
