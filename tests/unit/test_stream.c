/* Streams: what is written comes back, and what is not whole is refused. */
#include "base.h"
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
/* Each byte of the first and last records' heads is tried, and every so many of the rest. */
#define EDGE 250
#define STRIDE 4999

/* A disk with data at its first byte, across two chunks, and at its last byte; the rest is holes. */
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
    assert_int_equal(xb_stream_create(&stream, fd, 3, threads, NULL, &err), 0);
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

/* 0 or -1, and never without a reason. */
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

static void put_head(int fd)
{
    uint8_t head[XB_STREAM_HEAD_BYTES];
    xb_stream_encode_head(head);
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

/* Whole checksums, and yet nothing that a writer of ours writes. */
static void refuse(struct xb_record first, const char *first_payload, struct xb_record second,
                   const char *second_payload)
{
    int fd = memfd_create("stream", MFD_CLOEXEC);
    put_head(fd);
    put(fd, first, first_payload);
    second.number = 1;
    put(fd, second, second_payload);
    assert_int_equal(verify(fd), -1);
    close(fd);
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
    assert_int_equal(xb_stream_create(&stream, fd, 3, 1, NULL, &err), -1);
    assert_int_equal(err.class, XB_E_HOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_comes_back),
        cmocka_unit_test(a_stream_that_is_cut_off_anywhere_is_refused),
        cmocka_unit_test(a_bit_that_is_turned_anywhere_is_noticed),
        cmocka_unit_test(what_no_writer_writes_is_refused),
        cmocka_unit_test(texts_are_bounded),
        cmocka_unit_test(a_full_target_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
