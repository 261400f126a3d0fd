/* A checkpoint's file: what goes in comes out, and nothing that is not whole passes. */
#include "base.h"
#include "checkpoint_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096
/* Each byte of a head and of a tail is tried, and every so many of what lies between. */
#define EDGE 160
#define STRIDE 397
#define OLD_BYTES (PAGE + 2100)

/* Memory as a guest's: pages of zeros, of text, and of noise. */
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
    struct xb_checkpoint_packing packing = {.compress = compress, .level = 1, .threads = threads};
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
    xb_checkpoint_writer_free(writer);
    json_decref(head);
    json_decref(tail);
    return fd;
}

static void assert_reads_back(const unsigned char *memory, size_t bytes, bool compress, int threads)
{
    struct xb_checkpoint_reader *reader = NULL;
    struct xb_err err = {0};
    xb_auto_close int fd = write_file(memory, bytes, compress, threads);
    xb_auto_free unsigned char *back = malloc(bytes + 1);
    size_t done = 0;
    ssize_t n;
    lseek(fd, 0, SEEK_SET);
    assert_int_equal(xb_checkpoint_read_begin(&reader, fd, "test", &err), 0);
    assert_string_equal(json_string_value(json_object_get(xb_checkpoint_head(reader), "name")),
                        "web");
    assert_int_equal(xb_checkpoint_check(reader, NULL, &err), 0);
    assert_null(xb_checkpoint_tail(reader));
    while ((n = xb_checkpoint_read(reader, back + done, bytes + 1 - done, &err)) > 0)
        done += (size_t)n;
    assert_int_equal(n, 0);
    assert_int_equal(done, bytes);
    assert_memory_equal(back, memory, bytes);
    assert_int_equal(
        json_integer_value(json_object_get(xb_checkpoint_tail(reader), "suspended_ns")), 7);
    assert_int_equal(xb_checkpoint_verify(fd, "test", &err), 0);
    xb_checkpoint_reader_free(reader);
}

static void what_goes_in_comes_out(void **state XB_UNUSED)
{
    static const size_t sizes[] = {0, 1, PAGE, XB_CHECKPOINT_CHUNK_MAX,
                                   3 * XB_CHECKPOINT_CHUNK_MAX + 5};
    for (size_t i = 0; i < XB_ARRAY_LEN(sizes); i++) {
        xb_auto_free unsigned char *memory = make_memory(sizes[i] + 1);
        assert_reads_back(memory, sizes[i], false, 1);
        assert_reads_back(memory, sizes[i], true, 1);
        assert_reads_back(memory, sizes[i], true, 3);
    }
}

/* Opened, checked, and unpacked: the error of the first that fails. */
static int read_whole(int fd, struct xb_err *err)
{
    struct xb_checkpoint_reader *reader = NULL;
    char bytes[PAGE];
    ssize_t n;
    lseek(fd, 0, SEEK_SET);
    if (xb_checkpoint_read_begin(&reader, fd, "test", err) < 0)
        return -1;
    int r = xb_checkpoint_check(reader, NULL, err);
    while (r == 0 && (n = xb_checkpoint_read(reader, bytes, sizeof(bytes), err)) != 0)
        r = n < 0 ? -1 : 0;
    xb_checkpoint_reader_free(reader);
    return r;
}

static void assert_refused(int fd, const char *what, off_t at)
{
    struct xb_err err = {0};
    if (read_whole(fd, &err) == 0)
        fail_msg("%s at %lld was not seen", what, (long long)at);
    assert_int_equal(err.class, XB_E_INPUT);
    err = (struct xb_err){0};
    assert_int_equal(xb_checkpoint_verify(fd, "test", &err), -1);
}

static void no_truncated_file_passes(void **state XB_UNUSED)
{
    xb_auto_free unsigned char *memory = make_memory(5 * PAGE);
    for (int compressed = 0; compressed < 2; compressed++) {
        xb_auto_close int fd = write_file(memory, 5 * PAGE, compressed, 1);
        for (off_t end = lseek(fd, 0, SEEK_END) - 1; end >= 0; end -= end > EDGE ? STRIDE : 1) {
            assert_int_equal(ftruncate(fd, end), 0);
            assert_refused(fd, "the end", end);
        }
    }
}

static void no_changed_byte_passes(void **state XB_UNUSED)
{
    xb_auto_free unsigned char *memory = make_memory(5 * PAGE);
    for (int compressed = 0; compressed < 2; compressed++) {
        xb_auto_close int fd = write_file(memory, 5 * PAGE, compressed, 1);
        off_t size = lseek(fd, 0, SEEK_END);
        for (off_t at = 0; at < size; at += at > EDGE && at < size - EDGE ? STRIDE : 1) {
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
    xb_auto_free unsigned char *memory = make_memory(PAGE);
    xb_auto_close int fd = write_file(memory, PAGE, true, 1);
    lseek(fd, 0, SEEK_END);
    assert_int_equal(write(fd, "x", 1), 1);
    assert_refused(fd, "what follows", 0);
}

/* As many bytes as the tail counts, every chunk with its checksum, but in another order. */
static void exchanged_chunks_are_refused(void **state XB_UNUSED)
{
    size_t bytes = 2 * XB_CHECKPOINT_CHUNK_MAX, chunk = 8 + XB_CHECKPOINT_CHUNK_MAX;
    xb_auto_free unsigned char *memory = make_memory(bytes), *one = malloc(chunk),
                               *two = malloc(chunk);
    memory[0] = 'x';
    xb_auto_close int fd = write_file(memory, bytes, false, 1);
    struct xb_checkpoint_reader *reader = NULL;
    struct xb_err err = {0};
    lseek(fd, 0, SEEK_SET);
    assert_int_equal(xb_checkpoint_read_begin(&reader, fd, "test", &err), 0);
    off_t at = lseek(fd, 0, SEEK_CUR);
    xb_checkpoint_reader_free(reader);
    assert_int_equal(pread(fd, one, chunk, at), chunk);
    assert_int_equal(pread(fd, two, chunk, at + (off_t)chunk), chunk);
    assert_int_equal(pwrite(fd, two, chunk, at), chunk);
    assert_int_equal(pwrite(fd, one, chunk, at + (off_t)chunk), chunk);
    assert_refused(fd, "another order", 0);
}

static void other_files_are_named(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    xb_auto_close int fd = memfd_create("other", MFD_CLOEXEC);
    assert_int_equal(read_whole(fd, &err), -1);
    assert_non_null(strstr(err.msg, "is no checkpoint of xenbench"));
    err = (struct xb_err){0};
    assert_int_equal(pwrite(fd, "Xen saved domain, xl format\n", 28, 0), 28);
    assert_int_equal(read_whole(fd, &err), -1);
    assert_non_null(strstr(err.msg, "xl restore"));
}

/* tests/data/old: a checkpoint of 0.1.0 gives the memory and the JSON that went into it. */
static void assert_old_reads_back(const char *path)
{
    struct xb_checkpoint_reader *reader = NULL;
    struct xb_err err = {0};
    char back[2 * OLD_BYTES];
    size_t done = 0;
    ssize_t n;
    xb_auto_free unsigned char *memory = make_memory(OLD_BYTES);
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(xb_checkpoint_read_begin(&reader, fd, path, &err), 0);
    assert_string_equal(json_string_value(json_object_get(xb_checkpoint_head(reader), "uuid")),
                        "5d1b5f1e-64a2-4b43-a1ee-0d2b6c4c9f10");
    assert_int_equal(xb_checkpoint_check(reader, NULL, &err), 0);
    while ((n = xb_checkpoint_read(reader, back + done, sizeof(back) - done, &err)) > 0)
        done += (size_t)n;
    assert_int_equal(n, 0);
    assert_int_equal(done, OLD_BYTES);
    assert_memory_equal(back, memory, OLD_BYTES);
    assert_int_equal(json_integer_value(json_object_get(xb_checkpoint_tail(reader), "suspended_ns")),
                     1795939201000000000);
    xb_checkpoint_reader_free(reader);
}

static void checkpoints_of_older_versions_are_read(void **state XB_UNUSED)
{
    assert_old_reads_back(XB_TEST_DATA "/old/checkpoint-1-zstd");
    assert_old_reads_back(XB_TEST_DATA "/old/checkpoint-1-none");
}

static void a_full_disk_is_told(void **state XB_UNUSED)
{
    struct xb_checkpoint_packing packing = {.compress = false};
    struct xb_checkpoint_writer *writer = NULL;
    struct xb_err err = {0};
    xb_auto_free unsigned char *memory = make_memory(4 * XB_CHECKPOINT_CHUNK_MAX);
    json_t *head = json_object();
    xb_auto_close int fd = open("/dev/full", O_RDWR | O_CLOEXEC);
    if (xb_checkpoint_write_begin(&writer, fd, "the file", head, &packing, &err) == 0)
        while (xb_checkpoint_write(writer, memory, 4 * XB_CHECKPOINT_CHUNK_MAX, &err) == 0)
            continue;
    assert_int_equal(err.class, XB_E_HOST);
    assert_int_equal(err.errnum, ENOSPC);
    assert_non_null(strstr(err.msg, "the file"));
    xb_checkpoint_writer_free(writer);
    json_decref(head);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goes_in_comes_out),
        cmocka_unit_test(no_truncated_file_passes),
        cmocka_unit_test(no_changed_byte_passes),
        cmocka_unit_test(what_follows_the_end_is_refused),
        cmocka_unit_test(exchanged_chunks_are_refused),
        cmocka_unit_test(other_files_are_named),
        cmocka_unit_test(checkpoints_of_older_versions_are_read),
        cmocka_unit_test(a_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
