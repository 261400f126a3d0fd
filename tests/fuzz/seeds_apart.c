/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seeds_apart FOLDER: writes what honest readers send, for fuzz_apart: a stream of two files, and a
 * trace of one vcpu.
 */
#include "base.h"
#include "seed.h"
#include "stream.h"

#include <string.h>

#define RECORD 3 /* fuzz_apart.c */
#define DONE 1

/* As in stream_read.c. */
struct message {
    uint32_t told, bytes;
    uint64_t offset;
    struct xb_stream_file file;
};
enum told { TOLD_OPEN, TOLD_FILE, TOLD_END, TOLD_CHUNK, TOLD_FILE_END };

static void put(struct seed *seed, uint8_t what, const void *bytes, uint8_t count)
{
    seed->bytes[seed->count++] = what;
    seed->bytes[seed->count++] = count;
    memcpy(seed->bytes + seed->count, bytes, count);
    seed->count += count;
}

static void put_message(struct seed *seed, const struct message *message)
{
    put(seed, RECORD, message, sizeof(*message));
}

static void put_file(struct seed *seed, const char *name, uint32_t bytes)
{
    struct message file = {.told = TOLD_FILE, .file = {.bytes = bytes}};
    snprintf(file.file.name, sizeof(file.file.name), "%s", name);
    put_message(seed, &file);
    put_message(seed, &(struct message){.told = TOLD_CHUNK, .bytes = bytes});
    put_message(seed, &(struct message){.told = TOLD_FILE_END});
}

static void write_stream(const char *folder, const char *name)
{
    struct seed seed = {.bytes = {1}, .count = 1};
    put_message(&seed, &(struct message){.told = TOLD_OPEN});
    put_file(&seed, name, 4096);
    put_file(&seed, "disk.img", 8192);
    put_message(&seed, &(struct message){.told = TOLD_END});
    seed_write(folder, name, &seed);
}

/* The trace's counts, and a vcpu with everything that it may have. */
static void write_trace(const char *folder)
{
    uint64_t whole[6] = {0, 1000, 1000, 0, 1, 4};
    uint8_t vcpu[240];
    struct seed seed = {.bytes = {0}, .count = 1};
    memset(vcpu, 1, sizeof(vcpu));
    put(&seed, RECORD, whole, sizeof(whole));
    put(&seed, RECORD, vcpu, sizeof(vcpu));
    put(&seed, DONE, "", 0);
    seed_write(folder, "trace", &seed);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    write_stream(argv[1], "disk.img");
    write_stream(argv[1], "text");
    write_stream(argv[1], "skipped");
    write_trace(argv[1]);
    return 0;
}
