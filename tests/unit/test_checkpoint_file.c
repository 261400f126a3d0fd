/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A checkpoint's file: data survives writing and reading, and incomplete files are refused. */
#include "base.h"
#include "checkpoint_file.h"
#include "checkpoint_old.h"
#include "sandbox.h"
#include "stream_format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <zstd.h>

#define PAGE ((size_t)4096)
/* Every byte of the head and tail is damaged in turn, and some of the bytes between. */
#define EDGE 160
#define STRIDE 397
#define OLD_BYTES (PAGE + 2100)

/* Memory like a guest's: pages of zeros, of text, and of noise. */
static unsigned char *make_memory(size_t bytes)
{
    unsigned char *memory = calloc(1, bytes);
    uint32_t noise = 1;
    assert_non_null(memory);
    for (size_t i = 0; i < bytes; i++) {
        size_t kind = i / PAGE % 4;
        noise = noise * 1664525 + 1013904223;
        memory[i] = kind == 0 ? 0 : kind == 1 ? (unsigned char)("guest"[i % 5]) : noise >> 24;
    }
    return memory;
}

static int write_file(const unsigned char *memory, size_t bytes, bool compress, int threads)
{
    struct xb_stream_packing packing = {
        .compress = compress, .level = 1, .threads = (unsigned)threads};
    struct xb_checkpoint_writer *writer = NULL;
    struct xb_err err = {0};
    json_t *head = json_pack("{s:s}", "name", "web"), *tail = json_pack("{s:i}", "suspended_ns", 7);
    int fd = memfd_create("checkpoint", MFD_CLOEXEC);
    assert_int_equal(xb_checkpoint_write_begin(&writer, fd, "test", head, &packing, &err), 0);
    for (size_t at = 0; at < bytes;) {
        size_t n = bytes - at < 10007 ? bytes - at : 10007;
        assert_int_equal(xb_checkpoint_write(writer, memory + at, n, &err), 0);
        at += n;
    }
    assert_int_equal(xb_checkpoint_write_end(writer, tail, &err), 0);
    assert_int_equal(xb_checkpoint_raw_bytes(writer), bytes);
    assert_int_equal(xb_checkpoint_stored_bytes(writer), lseek(fd, 0, SEEK_END));
    xb_checkpoint_writer_free(writer);
    json_decref(head);
    json_decref(tail);
    return fd;
}

struct got {
    unsigned char *bytes;
    size_t count, room;
};

static int collect(void *arg, uint64_t offset, const void *data, size_t bytes,
                   struct xb_err *err XB_UNUSED)
{
    struct got *got = arg;
    assert_int_equal(offset, got->count);
    assert_true(bytes <= got->room - got->count);
    memcpy(got->bytes + got->count, data, bytes);
    got->count += bytes;
    return 0;
}

static void assert_reads_back(const unsigned char *memory, size_t bytes, bool compress, int threads)
{
    struct xb_checkpoint_reader *reader = NULL;
    struct xb_err err = {0};
    xb_auto_close int fd = write_file(memory, bytes, compress, threads);
    xb_auto_free unsigned char *back = malloc(bytes + 1);
    struct got got = {.bytes = back, .room = bytes};
    assert_int_equal(xb_checkpoint_read_begin(&reader, fd, "test", &err), 0);
    assert_string_equal(json_string_value(json_object_get(xb_checkpoint_head(reader), "name")),
                        "web");
    assert_int_equal(xb_checkpoint_check(reader, NULL, &err), 0);
    assert_null(xb_checkpoint_tail(reader));
    assert_int_equal(xb_checkpoint_read(reader, collect, &got, &err), 0);
    assert_int_equal(got.count, bytes);
    assert_memory_equal(back, memory, bytes);
    assert_int_equal(
        json_integer_value(json_object_get(xb_checkpoint_tail(reader), "suspended_ns")), 7);
    assert_int_equal(xb_checkpoint_verify(fd, "test", NULL, NULL, &err), 0);
    xb_checkpoint_reader_free(reader);
}

static void what_goes_in_comes_out(void **state XB_UNUSED)
{
    static const size_t sizes[] = {0, 1, PAGE, XB_STREAM_CHUNK_BYTES,
                                   3 * XB_STREAM_CHUNK_BYTES + 5};
    for (size_t i = 0; i < XB_ARRAY_LEN(sizes); i++) {
        xb_auto_free unsigned char *memory = make_memory(sizes[i] + 1);
        assert_reads_back(memory, sizes[i], false, 1);
        assert_reads_back(memory, sizes[i], true, 1);
        assert_reads_back(memory, sizes[i], true, 3);
    }
}

/* Open, check and unpack the file; returns the first error. */
static int read_whole(int fd, struct xb_err *err)
{
    struct xb_checkpoint_reader *reader = NULL;
    if (xb_checkpoint_read_begin(&reader, fd, "test", err) < 0)
        return -1;
    int status = xb_checkpoint_check(reader, NULL, err);
    if (status == 0)
        status = xb_checkpoint_read(reader, NULL, NULL, err);
    xb_checkpoint_reader_free(reader);
    return status;
}

static void assert_refused(int fd, const char *what, off_t at)
{
    struct xb_err err = {0};
    if (read_whole(fd, &err) == 0)
        fail_msg("%s at %lld was not seen", what, (long long)at);
    assert_int_equal(err.class, XB_E_INPUT);
    err = (struct xb_err){0};
    assert_int_equal(xb_checkpoint_verify(fd, "test", NULL, NULL, &err), -1);
}

/* Index 0 and 1: our file with and without compression; 2 and 3: files that 0.1.0 wrote. */
#define FILES 4
static int any_file(int index)
{
    static const char *const old[] = {XB_TEST_DATA "/old/checkpoint-1-zstd",
                                      XB_TEST_DATA "/old/checkpoint-1-none"};
    char bytes[64 << 10];
    if (index < 2) {
        xb_auto_free unsigned char *memory = make_memory(5 * PAGE);
        return write_file(memory, 5 * PAGE, index == 0, 1);
    }
    xb_auto_close int from = open(old[index - 2], O_RDONLY | O_CLOEXEC);
    int fd = memfd_create("old", MFD_CLOEXEC);
    ssize_t n = read(from, bytes, sizeof(bytes));
    assert_in_range(n, 1, sizeof(bytes) - 1);
    assert_int_equal(write(fd, bytes, (size_t)n), n);
    return fd;
}

static void no_truncated_file_passes(void **state XB_UNUSED)
{
    for (int i = 0; i < FILES; i++) {
        xb_auto_close int fd = any_file(i);
        for (off_t end = lseek(fd, 0, SEEK_END) - 1; end >= 0; end -= end > EDGE ? STRIDE : 1) {
            assert_int_equal(ftruncate(fd, end), 0);
            assert_refused(fd, "the end", end);
        }
    }
}

static void no_changed_byte_passes(void **state XB_UNUSED)
{
    for (int i = 0; i < FILES; i++) {
        xb_auto_close int fd = any_file(i);
        off_t size = lseek(fd, 0, SEEK_END);
        for (off_t at = 0; at<size; at += at> EDGE && at < size - EDGE ? STRIDE : 1) {
            char byte, other;
            assert_int_equal(pread(fd, &byte, 1, at), 1);
            other = (char)(byte ^ 0x10);
            assert_int_equal(pwrite(fd, &other, 1, at), 1);
            assert_refused(fd, "a changed byte", at);
            assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        }
        struct xb_err err = {0};
        assert_int_equal(read_whole(fd, &err), 0);
    }
}

static void what_follows_the_end_is_refused(void **state XB_UNUSED)
{
    for (int i = 0; i < FILES; i++) {
        xb_auto_close int fd = any_file(i);
        lseek(fd, 0, SEEK_END);
        assert_int_equal(write(fd, "x", 1), 1);
        assert_refused(fd, "what follows", 0);
    }
}

static int fail_sink(void *arg XB_UNUSED, uint64_t offset XB_UNUSED, const void *data XB_UNUSED,
                     size_t bytes XB_UNUSED, struct xb_err *err)
{
    return xb_fail(err, XB_E_INPUT, 0, "the sink's own");
}

/* If the receiver fails, the file is not reported as damaged. */
static void an_error_of_the_sink_is_its_own(void **state XB_UNUSED)
{
    for (int i = 0; i < FILES; i++) {
        struct xb_checkpoint_reader *reader = NULL;
        struct xb_err err = {0};
        xb_auto_close int fd = any_file(i);
        assert_int_equal(xb_checkpoint_read_begin(&reader, fd, "test", &err), 0);
        assert_int_equal(xb_checkpoint_read(reader, fail_sink, NULL, &err), -1);
        assert_string_equal(err.msg, "the sink's own");
        assert_null(xb_checkpoint_tail(reader));
        xb_checkpoint_reader_free(reader);
    }
}

/* A valid stream that contains files with these names and texts is no checkpoint. */
static void assert_no_checkpoint(const char *const files[][2], size_t count, const char *why)
{
    const struct xb_stream_packing packing = {.compress = true, .level = 1, .threads = 1};
    struct xb_stream_writer *stream = NULL;
    struct xb_err err = {0};
    xb_auto_close int fd = memfd_create("stream", MFD_CLOEXEC);
    assert_int_equal(xb_stream_create(&stream, fd, XB_STREAM_OF_FLOWS, &packing, NULL, &err), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(xb_stream_add_text(stream, files[i][0], files[i][1], &err), 0);
    assert_int_equal(xb_stream_finish(stream, &err), 0);
    xb_stream_writer_free(stream);
    assert_int_equal(read_whole(fd, &err), -1);
    assert_int_equal(err.class, XB_E_INPUT);
    if (!strstr(err.msg, why))
        fail_msg("%s: not %s", err.msg, why);
}

#define HEAD "{\"format\": 2}"
static void streams_that_are_no_checkpoints_are_named(void **state XB_UNUSED)
{
    static const char *const image[][2] = {{"image.json", "{}"}};
    static const char *const newer[][2] = {{"checkpoint.json", "{\"format\": 3}"}};
    static const char *const list[][2] = {{"checkpoint.json", "[]"}};
    static const char *const half[][2] = {{"checkpoint.json", HEAD}, {"memory", ""}};
    static const char *const order[][2] = {{"checkpoint.json", HEAD}, {"end.json", "{}"}};
    static const char *const text[][2] = {
        {"checkpoint.json", HEAD}, {"memory", ""}, {"end.json", "hello"}};
    static const char *const more[][2] = {
        {"checkpoint.json", HEAD}, {"memory", ""}, {"end.json", "{}"}, {"more", ""}};
    assert_no_checkpoint(NULL, 0, "is empty");
    assert_no_checkpoint(image, 1, "is not a checkpoint of xenbench, but an image");
    assert_no_checkpoint(newer, 1, "has format 3");
    assert_no_checkpoint(list, 1, "checkpoint.json is no JSON object");
    assert_no_checkpoint(half, 2, "its end.json is missing");
    assert_no_checkpoint(order, 2, "its memory is missing");
    assert_no_checkpoint(text, 3, "end.json is no JSON object");
    assert_no_checkpoint(more, 4, "more follows its end");
}

static void other_files_are_named(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    xb_auto_close int fd = memfd_create("other", MFD_CLOEXEC);
    assert_int_equal(read_whole(fd, &err), -1);
    assert_non_null(strstr(err.msg, "is not a checkpoint of xenbench"));
    err = (struct xb_err){0};
    assert_int_equal(pwrite(fd, "Xen saved domain, xl format\n", 28, 0), 28);
    assert_int_equal(read_whole(fd, &err), -1);
    assert_non_null(strstr(err.msg, "xl restore"));
}

/* tests/data/old: a checkpoint by 0.1.0 still gives its memory and JSON. */
static void assert_old_reads_back(const char *path)
{
    struct xb_checkpoint_reader *reader = NULL;
    struct xb_err err = {0};
    unsigned char back[OLD_BYTES];
    struct got got = {.bytes = back, .room = sizeof(back)};
    xb_auto_free unsigned char *memory = make_memory(OLD_BYTES);
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(xb_checkpoint_read_begin(&reader, fd, path, &err), 0);
    assert_string_equal(json_string_value(json_object_get(xb_checkpoint_head(reader), "uuid")),
                        "5d1b5f1e-64a2-4b43-a1ee-0d2b6c4c9f10");
    assert_int_equal(xb_checkpoint_check(reader, NULL, &err), 0);
    assert_int_equal(xb_checkpoint_read(reader, collect, &got, &err), 0);
    assert_int_equal(got.count, OLD_BYTES);
    assert_memory_equal(back, memory, OLD_BYTES);
    assert_int_equal(
        json_integer_value(json_object_get(xb_checkpoint_tail(reader), "suspended_ns")),
        1795939201000000000);
    xb_checkpoint_reader_free(reader);
}

static void checkpoints_of_older_versions_are_read(void **state XB_UNUSED)
{
    assert_old_reads_back(XB_TEST_DATA "/old/checkpoint-1-zstd");
    assert_old_reads_back(XB_TEST_DATA "/old/checkpoint-1-none");
}

/* Write a checkpoint as 0.1.0 did: one zstd frame in two chunks, `first` bytes in the first. */
static int write_old(const char *packed, size_t bytes, size_t first, size_t raw_bytes,
                     uint32_t raw_crc)
{
    static const char head[] = "{\"format\": 1, \"packing\": \"zstd\"}";
    char tail[200];
    int fd = memfd_create("old", MFD_CLOEXEC);
    snprintf(tail, sizeof(tail),
             "{\"chunks\": 2, \"stored_bytes\": %zu, \"raw_bytes\": %zu, \"raw_crc32\": %u}", bytes,
             raw_bytes, raw_crc);
    const struct {
        const char *bytes;
        size_t count;
    } parts[] = {{head, strlen(head)},
                 {packed, first},
                 {packed + first, bytes - first},
                 {"", 0},
                 {tail, strlen(tail)}};
    assert_int_equal(write(fd, XB_OLD_CHECKPOINT_MAGIC, 8), 8);
    for (size_t i = 0; i < XB_ARRAY_LEN(parts); i++) {
        uint32_t count = (uint32_t)parts[i].count, crc = xb_stream_crc(0, parts[i].bytes, count);
        assert_int_equal(write(fd, &count, 4), 4);
        if (count > 0)
            assert_int_equal(write(fd, &crc, 4), 4);
        assert_int_equal(write(fd, parts[i].bytes, count), count);
    }
    return fd;
}

static void chunks_of_older_versions_are_put_together(void **state XB_UNUSED)
{
    size_t bytes = 3 << 20;
    struct xb_err err = {0};
    xb_auto_free unsigned char *memory = make_memory(bytes);
    xb_auto_free char *packed = malloc(ZSTD_compressBound(bytes));
    size_t n = ZSTD_compress(packed, ZSTD_compressBound(bytes), memory, bytes, 1);
    uint32_t crc = xb_stream_crc(0, memory, bytes);
    assert_in_range(n, 900000, 2 * 900000);
    for (size_t first = 1; first < n && n - first < 1 << 20; first += n / 5) {
        xb_auto_close int fd = write_old(packed, n, first, bytes, crc);
        assert_int_equal(read_whole(fd, &err), 0);
    }
    xb_auto_close int fd = write_old(packed, n, n / 2, bytes, crc);
    assert_int_equal(read_whole(fd, &err), 0);
    xb_auto_close int other = write_old(packed, n, n / 2, bytes, crc + 1);
    assert_refused(other, "another checksum of all", 0);
    xb_auto_close int less = write_old(packed, n - 1, n / 2, bytes, crc);
    assert_refused(less, "an open frame", 0);
    xb_auto_close int long_one = write_old(packed, n, n - 1, (4 << 20), crc);
    assert_refused(long_one, "another count, or a chunk that is too long", 0);
}

static void a_full_disk_is_told(void **state XB_UNUSED)
{
    struct xb_stream_packing packing = {.compress = false};
    struct xb_checkpoint_writer *writer = NULL;
    struct xb_err err = {0};
    xb_auto_free unsigned char *memory = make_memory(4 * XB_STREAM_CHUNK_BYTES);
    json_t *head = json_object();
    xb_auto_close int fd = open("/dev/full", O_RDWR | O_CLOEXEC);
    if (xb_checkpoint_write_begin(&writer, fd, "the file", head, &packing, &err) == 0)
        while (xb_checkpoint_write(writer, memory, 4 * XB_STREAM_CHUNK_BYTES, &err) == 0)
            continue;
    assert_int_equal(err.class, XB_E_HOST);
    assert_int_equal(err.errnum, ENOSPC);
    assert_non_null(strstr(err.msg, "the file"));
    xb_checkpoint_writer_free(writer);
    json_decref(head);
}

/* Do not use the sandbox: a process for each of thousands of damaged files would take minutes. */
static int decode_here(void **state XB_UNUSED)
{
    return setenv(XB_NO_SANDBOX_ENV, "1", 1);
}

static int decode_apart(void **state XB_UNUSED)
{
    return unsetenv(XB_NO_SANDBOX_ENV);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_in_comes_out),
        cmocka_unit_test_setup_teardown(no_truncated_file_passes, decode_here, decode_apart),
        cmocka_unit_test_setup_teardown(no_changed_byte_passes, decode_here, decode_apart),
        cmocka_unit_test(what_follows_the_end_is_refused),
        cmocka_unit_test(an_error_of_the_sink_is_its_own),
        cmocka_unit_test(other_files_are_named),
        cmocka_unit_test(streams_that_are_no_checkpoints_are_named),
        cmocka_unit_test(checkpoints_of_older_versions_are_read),
        cmocka_unit_test(chunks_of_older_versions_are_put_together),
        cmocka_unit_test(a_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
