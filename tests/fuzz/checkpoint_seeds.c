/* checkpoint_seeds DIR: checkpoints that are whole, for the fuzzer to begin with. */
#include "base.h"
#include "checkpoint_file.h"

#include <fcntl.h>
#include <string.h>

static int write_seed(const char *dir, const char *name, bool compress)
{
    char path[4096], memory[3000];
    struct xb_checkpoint_packing packing = {.compress = compress, .level = 1, .threads = 1};
    struct xb_checkpoint_writer *writer = NULL;
    struct xb_err err = {0};
    json_t *head = json_pack("{s:s, s:s}", "name", "web", "uuid",
                             "00000000-0000-0000-0000-000000000000");
    json_t *tail = json_pack("{s:i, s:[]}", "suspended_ns", 1, "disks");
    for (size_t i = 0; i < sizeof(memory); i++)
        memory[i] = (char)(i * i >> 3);
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int status = fd < 0 || write(fd, "\1", 1) != 1 ? -1 : 0; /* the fuzzer's own first byte */
    if (status == 0)
        status = xb_checkpoint_write_begin(&writer, fd, path, head, &packing, &err);
    if (status == 0)
        status = xb_checkpoint_write(writer, memory, sizeof(memory), &err);
    if (status == 0)
        status = xb_checkpoint_write_end(writer, tail, &err);
    if (status < 0)
        fprintf(stderr, "checkpoint_seeds: %s: %s\n", path, err.msg);
    xb_checkpoint_writer_free(writer);
    json_decref(head);
    json_decref(tail);
    close(fd);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: checkpoint_seeds DIR\n");
        return 2;
    }
    return write_seed(argv[1], "zstd", true) < 0 || write_seed(argv[1], "none", false) < 0;
}
