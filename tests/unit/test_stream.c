/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams: what is written is read back, and incomplete streams are refused. */
#include "base.h"
#include "sandbox.h"
#include "stream.h"
#include "stream_format.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cmocka.h>

#define DISK_BYTES (8 << 20)
/* Every byte of the first and last records' heads is damaged in turn, and some of the rest. */
#define EDGE 250
#define STRIDE 4999

/*
 * A disk with data at its first byte, across two chunks and at its last byte, with holes between.
 */
static int make_disk(void)
{
    static char noise[300000];
    uint32_t x = 1;
    for (size_t i = 0; i < sizeof(noise); i++)
        noise[i] = (char)((x = x * 1664525 + 1013904223) >> 24);
    int fd = memfd_create("disk", MFD_CLOEXEC);
    assert_int_equal(ftruncate(fd, DISK_BYTES), 0);
    assert_int_equal(pwrite(fd, "first", 5, 0), 5);
    assert_int_equal(pwrite(fd, noise, sizeof(noise), (3 << 20) - 150000), sizeof(noise));
    assert_int_equal(pwrite(fd, "last", 4, DISK_BYTES - 4), 4);
    return fd;
}

static int make_stream(unsigned threads)
{
    struct xb_err err = {0};
    int fd = memfd_create("stream", MFD_CLOEXEC), disk = make_disk();
    struct xb_stream_writer *stream;
    const struct xb_stream_packing packing = {.compress = true, .level = 3, .threads = threads};
    assert_int_equal(xb_stream_create(&stream, fd, XB_STREAM_OF_FILES, &packing, NULL, &err), 0);
    assert_int_equal(xb_stream_add_text(stream, "image.json", "{}", &err), 0);
    assert_int_equal(xb_stream_add_text(stream, "empty", "", &err), 0);
    assert_int_equal(xb_stream_add(stream, "disk.img", disk, &err), 0);
    assert_int_equal(xb_stream_finish(stream, &err), 0);
    assert_int_equal(xb_stream_written(stream), lseek(fd, 0, SEEK_END));
    xb_stream_writer_free(stream);
    close(disk);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static void assert_same(int a, int b)
{
    static char left[DISK_BYTES], right[DISK_BYTES];
    assert_int_equal(pread(a, left, DISK_BYTES, 0), DISK_BYTES);
    assert_int_equal(pread(b, right, DISK_BYTES, 0), DISK_BYTES);
    assert_memory_equal(left, right, DISK_BYTES);
}

static void comes_back(unsigned threads)
{
    struct xb_err err = {0};
    struct xb_stream_file file;
    struct xb_stream_reader *stream;
    struct stat st;
    char *text;
    int fd = make_stream(threads), back = memfd_create("back", MFD_CLOEXEC), disk = make_disk();
    assert_int_equal(xb_stream_open(&stream, fd, NULL, &err), 0);
    assert_int_equal(xb_stream_next(stream, &file, &err), 1);
    assert_string_equal(file.name, "image.json");
    assert_int_equal(xb_stream_read_text(stream, &file, 100, &text, &err), 0);
    assert_string_equal(text, "{}");
    free(text);
    assert_int_equal(xb_stream_next(stream, &file, &err), 1); /* left unread */
    assert_int_equal(xb_stream_next(stream, &file, &err), 1);
    assert_int_equal(file.bytes, DISK_BYTES);
    assert_int_equal(xb_stream_read_to(stream, &file, back, &err), 0);
    assert_int_equal(xb_stream_next(stream, &file, &err), 0);
    assert_true(xb_stream_held(stream) < 4 << 20);
    assert_same(disk, back);
    assert_int_equal(fstat(back, &st), 0);
    assert_true(st.st_blocks * 512 < 1 << 20);
    xb_stream_reader_free(stream);
    close(fd);
    close(back);
    close(disk);
}

static void what_is_written_comes_back(void **state XB_UNUSED)
{
    comes_back(1);
    comes_back(3);
}

/* Read and check the complete stream: 0, or -1, which must come with a reason. */
static int verify(int fd)
{
    struct xb_err err = {0};
    struct xb_stream_reader *stream = NULL;
    lseek(fd, 0, SEEK_SET);
    int status = xb_stream_open(&stream, fd, NULL, &err);
    if (status == 0)
        status = xb_stream_verify(stream, &err);
    xb_stream_reader_free(stream);
    assert_int_equal(status == 0, err.class == XB_E_NONE);
    if (status < 0)
        assert_int_equal(err.class, XB_E_INPUT);
    return status;
}

static void a_stream_that_is_cut_off_anywhere_is_refused(void **state XB_UNUSED)
{
    int fd = make_stream(1);
    off_t bytes = lseek(fd, 0, SEEK_END);
    assert_int_equal(verify(fd), 0);
    for (off_t cut = bytes - 1; cut >= 0; cut -= cut > EDGE ? STRIDE : 1) {
        assert_int_equal(ftruncate(fd, cut), 0);
        assert_int_equal(verify(fd), -1);
    }
    close(fd);
}

static void a_bit_that_is_turned_anywhere_is_noticed(void **state XB_UNUSED)
{
    int fd = make_stream(1);
    off_t bytes = lseek(fd, 0, SEEK_END);
    for (off_t at = 0; at < bytes; at += at < EDGE || bytes - at < EDGE ? 1 : STRIDE) {
        unsigned char was, turned;
        assert_int_equal(pread(fd, &was, 1, at), 1);
        turned = was ^ 0x10;
        assert_int_equal(pwrite(fd, &turned, 1, at), 1);
        assert_int_equal(verify(fd), -1);
        assert_int_equal(pwrite(fd, &was, 1, at), 1);
    }
    assert_int_equal(verify(fd), 0);
    assert_int_equal(pwrite(fd, "x", 1, bytes), 1); /* something follows */
    assert_int_equal(verify(fd), -1);
    close(fd);
}

static void put_head(int fd, enum xb_stream_version version)
{
    uint8_t head[XB_STREAM_HEAD_BYTES];
    xb_stream_encode_head(version, head);
    assert_int_equal(write(fd, head, sizeof(head)), sizeof(head));
}

static void put(int fd, struct xb_record record, const char *payload)
{
    uint8_t head[XB_RECORD_HEAD_BYTES];
    record.payload_bytes = payload ? (uint32_t)strlen(payload) : record.payload_bytes;
    if (payload)
        record.payload_crc = xb_stream_crc(0, payload, record.payload_bytes);
    xb_record_encode(&record, head);
    assert_int_equal(write(fd, head, sizeof(head)), sizeof(head));
    if (payload)
        assert_int_equal(write(fd, payload, record.payload_bytes), record.payload_bytes);
}

/* Refuse records whose checksums are right, but which our writer would never write. */
static void refuse_in(enum xb_stream_version version, struct xb_record first,
                      const char *first_payload, struct xb_record second,
                      const char *second_payload)
{
    int fd = memfd_create("stream", MFD_CLOEXEC);
    put_head(fd, version);
    put(fd, first, first_payload);
    second.number = 1;
    put(fd, second, second_payload);
    assert_int_equal(verify(fd), -1);
    close(fd);
}

static void refuse(struct xb_record first, const char *first_payload, struct xb_record second,
                   const char *second_payload)
{
    refuse_in(XB_STREAM_OF_FILES, first, first_payload, second, second_payload);
}

static void what_no_writer_writes_is_refused(void **state XB_UNUSED)
{
    struct xb_record file = {.type = XB_RECORD_FILE, .length = 100}, none = {0};
    struct xb_record end = {.type = XB_RECORD_END};
    struct xb_record data = {.type = XB_RECORD_DATA, .length = 200};
    refuse(file, "../../etc/passwd", none, NULL);
    refuse(file, ".hidden", none, NULL);
    refuse(file, "UPPER", none, NULL);
    refuse(file, "a name that is longer than thirty-two", none, NULL);
    refuse(file, "disk.img", end, NULL);
    refuse(file, "disk.img", data, "beyond the end of the file");
    data.length = 50;
    refuse(file, "disk.img", data, "no zstd frame");
    data.offset = UINT64_MAX - 10;
    refuse(file, "disk.img", data, "an offset that overflows");
    file.length = UINT64_MAX;
    refuse(file, "disk.img", none, NULL);
    file = (struct xb_record){.type = XB_RECORD_FILE, .payload_bytes = UINT32_MAX};
    refuse(file, NULL, none, NULL);
    refuse((struct xb_record){.type = 77}, NULL, none, NULL);
    refuse(end, NULL, end, NULL);
}

static void what_no_writer_of_flows_writes_is_refused(void **state XB_UNUSED)
{
    struct xb_record file = {.type = XB_RECORD_FILE, .length = 100}, flow = file;
    struct xb_record stored = {.type = XB_RECORD_STORED, .length = 4};
    flow.length = XB_STREAM_FLOW;
    refuse_in(XB_STREAM_OF_FILES, flow, "memory", stored, "data");
    refuse_in(XB_STREAM_OF_FILES, file, "disk.img", stored, "data");
    refuse_in(XB_STREAM_OF_FLOWS, flow, "memory", stored, "more data than it says");
    stored.offset = 4096;
    refuse_in(XB_STREAM_OF_FLOWS, flow, "memory", stored, "data");
    flow.length--;
    refuse_in(XB_STREAM_OF_FLOWS, flow, "memory", stored, "data");
    refuse_in(3, file, "disk.img", stored, "data");
}

/* Each record is right, but the end's checksum over all data is not. */
static void exchanged_data_is_noticed_at_the_end(void **state XB_UNUSED)
{
    for (int exchanged = 0; exchanged < 2; exchanged++) {
        int fd = memfd_create("stream", MFD_CLOEXEC);
        struct xb_record record = {.type = XB_RECORD_FILE, .length = XB_STREAM_FLOW};
        put_head(fd, XB_STREAM_OF_FLOWS);
        put(fd, record, "memory");
        record = (struct xb_record){.type = XB_RECORD_STORED, .number = 1, .length = 3};
        put(fd, record, exchanged ? "two" : "one");
        record.number = 2;
        record.offset = 3;
        put(fd, record, exchanged ? "one" : "two");
        put(fd, (struct xb_record){.type = XB_RECORD_FILE_END, .number = 3, .length = 6}, NULL);
        record = (struct xb_record){.type = XB_RECORD_END,
                                    .number = 4,
                                    .offset = 1,
                                    .length = 6,
                                    .payload_crc = xb_stream_crc(0, "onetwo", 6)};
        put(fd, record, NULL);
        assert_int_equal(verify(fd), exchanged ? -1 : 0);
        close(fd);
    }
}

#define FLOW_BYTES ((5 << 20) + 5)

/* Memory with pages of zeros, of text and of noise. */
static char *make_flow(void)
{
    char *flow = calloc(1, FLOW_BYTES);
    uint32_t x = 1;
    assert_non_null(flow);
    for (size_t i = 0; i < FLOW_BYTES; i++) {
        x = x * 1664525 + 1013904223;
        size_t kind = i / 65536 % 3;
        flow[i] = (char)(kind == 0 ? 0 : kind == 1 ? "guest"[i % 5] : (char)(x >> 24));
    }
    return flow;
}

/* A text, a flow in small pieces, and a text longer than a chunk. */
static int make_flows(const struct xb_stream_packing *packing, const char *flow, const char *text)
{
    struct xb_err err = {0};
    int fd = memfd_create("stream", MFD_CLOEXEC);
    struct xb_stream_writer *stream;
    assert_int_equal(xb_stream_create(&stream, fd, XB_STREAM_OF_FLOWS, packing, NULL, &err), 0);
    assert_int_equal(xb_stream_add_text(stream, "head", "{}", &err), 0);
    assert_int_equal(xb_stream_flow_begin(stream, "memory", &err), 0);
    for (size_t at = 0; at < FLOW_BYTES; at += 10007) {
        size_t n = FLOW_BYTES - at < 10007 ? FLOW_BYTES - at : 10007;
        assert_int_equal(xb_stream_flow_append(stream, flow + at, n, &err), 0);
    }
    assert_int_equal(xb_stream_flow_end(stream, &err), 0);
    assert_int_equal(xb_stream_add_text(stream, "tail", text, &err), 0);
    assert_int_equal(xb_stream_finish(stream, &err), 0);
    xb_stream_writer_free(stream);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

struct got {
    char *bytes;
    uint64_t count;
};

static int collect(void *arg, uint64_t offset, const void *data, size_t bytes,
                   struct xb_err *err XB_UNUSED)
{
    struct got *got = arg;
    assert_int_equal(offset, got->count);
    assert_true(bytes <= FLOW_BYTES - offset);
    memcpy(got->bytes + offset, data, bytes);
    got->count += bytes;
    return 0;
}

static void flow_comes_back(const struct xb_stream_packing *packing, const char *flow)
{
    struct xb_err err = {0};
    struct xb_stream_file file;
    struct xb_stream_reader *stream;
    char *long_text = malloc((3 << 20) + 1), *text;
    struct got got = {.bytes = malloc(FLOW_BYTES)};
    assert_non_null(long_text);
    memset(long_text, 'x', 3 << 20);
    long_text[3 << 20] = '\0';
    int fd = make_flows(packing, flow, long_text);
    for (int skip = 0; skip < 2; skip++) {
        lseek(fd, 0, SEEK_SET);
        assert_int_equal(xb_stream_open(&stream, fd, NULL, &err), 0);
        assert_int_equal(xb_stream_next(stream, &file, &err), 1);
        assert_int_equal(xb_stream_next(stream, &file, &err), 1);
        assert_true(file.bytes == XB_STREAM_FLOW);
        if (skip)
            assert_int_equal(xb_stream_skip(stream, &err), 0);
        else
            assert_int_equal(xb_stream_read(stream, collect, &got, &err), 0);
        assert_int_equal(xb_stream_next(stream, &file, &err), 1);
        assert_int_equal(xb_stream_read_text(stream, &file, 3 << 20, &text, &err), 0);
        assert_string_equal(text, long_text);
        free(text);
        assert_int_equal(xb_stream_next(stream, &file, &err), 0);
        assert_int_equal(xb_stream_held(stream), 2 + FLOW_BYTES + (3 << 20));
        xb_stream_reader_free(stream);
    }
    assert_int_equal(got.count, FLOW_BYTES);
    assert_memory_equal(got.bytes, flow, FLOW_BYTES);
    free(got.bytes);
    free(long_text);
    close(fd);
}

static void flows_come_back(void **state XB_UNUSED)
{
    char *flow = make_flow();
    for (unsigned threads = 1; threads < 5; threads++) {
        flow_comes_back(
            &(struct xb_stream_packing){.compress = true, .level = 1, .threads = threads}, flow);
        flow_comes_back(&(struct xb_stream_packing){.threads = threads}, flow);
    }
    flow_comes_back(&(struct xb_stream_packing){.compress = true, .level = -7}, flow);
    free(flow);
}

static void what_is_skipped_is_checked_and_flows_are_no_disks(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    struct xb_stream_file file;
    struct xb_stream_reader *stream;
    char *flow = make_flow();
    int fd = make_flows(&(struct xb_stream_packing){.threads = 1}, flow, "{}");
    xb_auto_close int target = memfd_create("target", MFD_CLOEXEC);
    assert_int_equal(pwrite(fd, "?", 1, 2 << 20), 1);
    for (int skip = 0; skip < 2; skip++) {
        lseek(fd, 0, SEEK_SET);
        assert_int_equal(xb_stream_open(&stream, fd, NULL, &err), 0);
        assert_int_equal(xb_stream_next(stream, &file, &err), 1);
        assert_int_equal(xb_stream_next(stream, &file, &err), 1);
        assert_int_equal(skip ? xb_stream_skip(stream, &err)
                              : xb_stream_read_to(stream, &file, target, &err),
                         -1);
        assert_int_equal(err.class, XB_E_INPUT);
        assert_non_null(strstr(err.msg, skip ? "a checksum does not fit" : "has no size"));
        xb_err_clear(&err);
        xb_stream_reader_free(stream);
    }
    free(flow);
    close(fd);
}

/* An older xenbench must be able to read exports. */
static void exports_keep_the_first_version(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    struct xb_stream_writer *stream = NULL;
    uint8_t head[XB_STREAM_HEAD_BYTES];
    const struct xb_stream_packing packing = {.compress = true, .level = 3, .threads = 2},
                                   none = {0};
    int fd = make_stream(1), disk = make_disk();
    assert_int_equal(pread(fd, head, sizeof(head), 0), sizeof(head));
    assert_int_equal(head[8], 1);
    assert_int_equal(xb_stream_create(&stream, disk, XB_STREAM_OF_FILES, &none, NULL, &err), -1);
    xb_err_clear(&err);
    assert_int_equal(xb_stream_create(&stream, disk, XB_STREAM_OF_FILES, &packing, NULL, &err), 0);
    assert_int_equal(xb_stream_flow_begin(stream, "memory", &err), -1);
    xb_stream_writer_free(stream);
    close(fd);
    close(disk);
}

static void texts_are_bounded(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    struct xb_stream_file file;
    struct xb_stream_reader *stream;
    char *text = NULL;
    int fd = make_stream(1);
    assert_int_equal(xb_stream_open(&stream, fd, NULL, &err), 0);
    assert_int_equal(xb_stream_next(stream, &file, &err), 1);
    assert_int_equal(xb_stream_read_text(stream, &file, 1, &text, &err), -1);
    assert_int_equal(err.class, XB_E_INPUT);
    xb_stream_reader_free(stream);
    close(fd);
}

static void a_full_target_is_told(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    struct xb_stream_writer *stream;
    xb_auto_close int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    const struct xb_stream_packing packing = {.compress = true, .level = 3, .threads = 1};
    assert_int_equal(xb_stream_create(&stream, fd, XB_STREAM_OF_FILES, &packing, NULL, &err), -1);
    assert_int_equal(err.class, XB_E_HOST);
}

/* Do not use the sandbox: a process for each of thousands of damaged streams would take minutes. */
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
        cmocka_unit_test(what_is_written_comes_back),
        cmocka_unit_test_setup_teardown(a_stream_that_is_cut_off_anywhere_is_refused, decode_here,
                                        decode_apart),
        cmocka_unit_test_setup_teardown(a_bit_that_is_turned_anywhere_is_noticed, decode_here,
                                        decode_apart),
        cmocka_unit_test(what_no_writer_writes_is_refused),
        cmocka_unit_test(what_no_writer_of_flows_writes_is_refused),
        cmocka_unit_test(exchanged_data_is_noticed_at_the_end),
        cmocka_unit_test(flows_come_back),
        cmocka_unit_test(what_is_skipped_is_checked_and_flows_are_no_disks),
        cmocka_unit_test(exports_keep_the_first_version),
        cmocka_unit_test(texts_are_bounded),
        cmocka_unit_test(a_full_target_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
