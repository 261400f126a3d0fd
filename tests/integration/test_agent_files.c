/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pushing files to the guest and pulling them. */
#include "agent_client.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <zlib.h>

#define ID 100

static void push_begin(struct client *client, const char *path, uint32_t mode, uint64_t size_bytes)
{
    Xb__Push push = XB__PUSH__INIT;
    push.path = bytes_of(path);
    push.mode = mode;
    push.size_bytes = size_bytes;
    client_send(client, XB_PUSH, ID, &push.base);
}

static void push_data(struct client *client, uint64_t offset, const void *bytes, size_t count)
{
    Xb__Data data = XB__DATA__INIT;
    data.offset = offset;
    data.data = (ProtobufCBinaryData){count, (uint8_t *)bytes};
    client_send(client, XB_DATA, ID, &data.base);
}

static void push_end(struct client *client, uint64_t size_bytes, uint32_t crc32)
{
    Xb__End end = XB__END__INIT;
    end.size_bytes = size_bytes;
    end.crc32 = crc32;
    client_send(client, XB_END, ID, &end.base);
}

static void pull_begin(struct client *client, const char *path, uint64_t credit_bytes)
{
    Xb__Pull pull = XB__PULL__INIT;
    pull.path = bytes_of(path);
    pull.credit_bytes = credit_bytes;
    client_send(client, XB_PULL, ID, &pull.base);
}

static const char *in_folder(const struct client *client, const char *name)
{
    static char path[128];
    snprintf(path, sizeof(path), "%s/%s", client->folder, name);
    return path;
}

static size_t files_in_folder(const struct client *client)
{
    DIR *dir = opendir(client->folder);
    size_t count = 0;
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count - 3; /* . .. and the socket */
}

static void test_push(void **state)
{
    struct client *client = *state;
    const char *path = in_folder(client, "pushed");
    push_begin(client, path, 04751, 11);
    push_data(client, 0, "hello ", 6);
    push_data(client, 6, "guest", 5);
    push_end(client, 11, crc32_z(0, (const uint8_t *)"hello guest", 11));
    client_wait(client, XB_DONE, ID);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 04751);
    assert_int_equal(st.st_size, 11);
    assert_int_equal(files_in_folder(client), 1);
    /* Push an empty file over the existing one. */
    push_begin(client, path, 0644, 0);
    push_end(client, 0, 0);
    client_wait(client, XB_DONE, ID);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 0);
}

static void test_push_damaged(void **state)
{
    struct client *client = *state;
    push_begin(client, in_folder(client, "damaged"), 0644, 5);
    push_data(client, 0, "hello", 5);
    push_end(client, 5, crc32_z(0, (const uint8_t *)"hallo", 5));
    assert_int_equal(client_wait_error(client, XB_END, ID), EBADMSG);
    assert_int_equal(files_in_folder(client), 0);
}

static void test_push_breaks_its_word(void **state)
{
    struct client *client = *state;
    push_begin(client, in_folder(client, "nothing"), 0644, 3);
    push_data(client, 0, "", 0);
    assert_int_equal(client_wait_error(client, XB_DATA, ID), EPROTO);
    push_begin(client, in_folder(client, "more"), 0644, 3);
    push_data(client, 0, "hello", 5);
    assert_int_equal(client_wait_error(client, XB_DATA, ID), EPROTO);
    push_begin(client, in_folder(client, "gap"), 0644, 10);
    push_data(client, 5, "hello", 5);
    assert_int_equal(client_wait_error(client, XB_DATA, ID), EPROTO);
    push_begin(client, in_folder(client, "less"), 0644, 10);
    push_data(client, 0, "hello", 5);
    push_end(client, 5, crc32_z(0, (const uint8_t *)"hello", 5));
    assert_int_equal(client_wait_error(client, XB_END, ID), EPROTO);
    assert_int_equal(files_in_folder(client), 0);
}

/* Frames that follow a refused PUSH are ignored, and the id can be reused. */
static void test_push_refused(void **state)
{
    static const char *const bad[] = {
        "relative", "/", "/tmp/", "/tmp/../tmp/x", "/tmp/..", "", "/no/such/folder/x"};
    struct client *client = *state;
    for (size_t i = 0; i < XB_ARRAY_LEN(bad); i++) {
        push_begin(client, bad[i], 0644, 5);
        push_data(client, 0, "hello", 5);
        push_end(client, 5, 1);
        assert_int_not_equal(client_wait_error(client, XB_PUSH, ID), 0);
    }
    push_begin(client, client->folder, 0644, 0);
    assert_int_equal(client_wait_error(client, XB_PUSH, ID), EISDIR);
    push_begin(client, in_folder(client, "fine"), 0644, 0);
    push_end(client, 0, 0);
    client_wait(client, XB_DONE, ID);
}

static void test_push_is_dropped_with_its_connection(void **state)
{
    struct client *client = *state;
    push_begin(client, in_folder(client, "half"), 0644, 10);
    push_data(client, 0, "hello", 5);
    xb__pong__free_unpacked(client_ping(client), NULL);
    assert_int_equal(files_in_folder(client), 1);
    client_disconnect(client);
    client_connect(client);
    client_greet(client);
    assert_int_equal(files_in_folder(client), 0);
}

static void test_push_cancelled(void **state)
{
    struct client *client = *state;
    push_begin(client, in_folder(client, "half"), 0644, 10);
    push_data(client, 0, "hello", 5);
    client_send(client, XB_CANCEL, ID, NULL);
    push_data(client, 5, "hello", 5);
    client_wait(client, XB_DONE, ID);
    assert_true(client_is_quiet(client, 50 * XB_NS_PER_MS));
    assert_int_equal(files_in_folder(client), 0);
}

static void test_transfer_0_can_be_cancelled(void **state)
{
    struct client *client = *state;
    Xb__Push push = XB__PUSH__INIT;
    push.path = bytes_of(in_folder(client, "half"));
    push.size_bytes = 10;
    client_send(client, XB_PUSH, 0, &push.base);
    client_send(client, XB_CANCEL, 0, NULL);
    client_wait(client, XB_DONE, 0);
    assert_int_equal(files_in_folder(client), 0);
    client_send(client, XB_CANCEL, 0, NULL);
    assert_int_equal(client_wait_error(client, XB_CANCEL, 0), ENOENT);
}

/* Read all DATA up to this size, giving back credit. Returns their CRC. */
static uint32_t pull_all(struct client *client, uint64_t size_bytes)
{
    uint64_t at = 0;
    uint32_t crc = 0;
    while (at < size_bytes) {
        Xb__Data *data = (Xb__Data *)client_wait(client, XB_DATA, ID);
        assert_int_equal(data->offset, at);
        assert_in_range(data->data.len, 1, XB_DATA_MAX);
        at += data->data.len;
        crc = (uint32_t)crc32_z(crc, data->data.data, data->data.len);
        Xb__Credit credit = XB__CREDIT__INIT;
        credit.bytes = data->data.len;
        client_send(client, XB_CREDIT, ID, &credit.base);
        xb__data__free_unpacked(data, NULL);
    }
    return crc;
}

static void write_noise(const char *path, size_t bytes)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    for (uint32_t x = 1; bytes > 0; bytes--) {
        x = x * 1664525 + 1013904223;
        fputc((int)(x >> 24), file);
    }
    assert_int_equal(fclose(file), 0);
}

static void test_pull(void **state)
{
    struct client *client = *state;
    const char *path = in_folder(client, "noise");
    write_noise(path, 1000003);
    assert_int_equal(chmod(path, 0640), 0);
    pull_begin(client, path, 100000);
    Xb__Pulling *pulling = (Xb__Pulling *)client_wait(client, XB_PULLING, ID);
    assert_int_equal(pulling->mode, 0640);
    assert_int_equal(pulling->size_bytes, 1000003);
    xb__pulling__free_unpacked(pulling, NULL);
    uint32_t crc = pull_all(client, 1000003);
    Xb__End *end = (Xb__End *)client_wait(client, XB_END, ID);
    assert_int_equal(end->size_bytes, 1000003);
    assert_int_equal(end->crc32, crc);
    xb__end__free_unpacked(end, NULL);
}

/* A file of /proc claims size 0 but has contents. */
static void test_pull_from_proc(void **state)
{
    struct client *client = *state;
    pull_begin(client, "/proc/version", 10000);
    xb__pulling__free_unpacked((Xb__Pulling *)client_wait(client, XB_PULLING, ID), NULL);
    Xb__Data *data = (Xb__Data *)client_wait(client, XB_DATA, ID);
    assert_memory_equal(data->data.data, "Linux version", 13);
    xb__data__free_unpacked(data, NULL);
    xb__end__free_unpacked((Xb__End *)client_wait(client, XB_END, ID), NULL);
}

static uint64_t announced_bytes(struct client *client, const char *path, uint64_t credit_bytes)
{
    pull_begin(client, path, credit_bytes);
    Xb__Pulling *pulling = (Xb__Pulling *)client_wait(client, XB_PULLING, ID);
    uint64_t bytes = pulling->size_bytes;
    xb__pulling__free_unpacked(pulling, NULL);
    return bytes;
}

static void test_pull_of_false_size(void **state)
{
    struct client *client = *state;
    /* The kernel claims 4096 bytes, but the agent announces an unknown size. */
    assert_int_equal(announced_bytes(client, "/sys/kernel/uevent_seqnum", 10000), 0);
    xb__data__free_unpacked((Xb__Data *)client_wait(client, XB_DATA, ID), NULL);
    xb__end__free_unpacked((Xb__End *)client_wait(client, XB_END, ID), NULL);
}

static void test_pull_of_growing(void **state)
{
    struct client *client = *state;
    const char *path = in_folder(client, "log");
    write_noise(path, 2000);
    assert_int_equal(announced_bytes(client, path, 0), 2000);
    write_noise(path, 3000);
    Xb__Credit credit = XB__CREDIT__INIT;
    credit.bytes = 10000;
    client_send(client, XB_CREDIT, ID, &credit.base);
    pull_all(client, 2000);
    Xb__End *end = (Xb__End *)client_wait(client, XB_END, ID);
    assert_int_equal(end->size_bytes, 2000);
    xb__end__free_unpacked(end, NULL);
}

static void test_pull_of_shrinking(void **state)
{
    struct client *client = *state;
    const char *path = in_folder(client, "log");
    write_noise(path, 5000);
    assert_int_equal(announced_bytes(client, path, 0), 5000);
    assert_int_equal(truncate(path, 100), 0);
    Xb__Credit credit = XB__CREDIT__INIT;
    credit.bytes = 10000;
    client_send(client, XB_CREDIT, ID, &credit.base);
    pull_all(client, 100);
    assert_int_equal(client_wait_error(client, XB_PULL, ID), 0);
}

static void test_pull_waits_for_credit(void **state)
{
    struct client *client = *state;
    const char *path = in_folder(client, "noise");
    write_noise(path, 5000);
    pull_begin(client, path, 1000);
    xb__pulling__free_unpacked((Xb__Pulling *)client_wait(client, XB_PULLING, ID), NULL);
    Xb__Data *data = (Xb__Data *)client_wait(client, XB_DATA, ID);
    assert_int_equal(data->data.len, 1000);
    xb__data__free_unpacked(data, NULL);
    assert_true(client_is_quiet(client, 100 * XB_NS_PER_MS));
    client_send(client, XB_CANCEL, ID, NULL);
    client_wait(client, XB_DONE, ID);
}

static void test_pull_refused(void **state)
{
    struct client *client = *state;
    pull_begin(client, "/no/such/file", 1000);
    assert_int_equal(client_wait_error(client, XB_PULL, ID), ENOENT);
    pull_begin(client, "/tmp", 1000);
    assert_int_equal(client_wait_error(client, XB_PULL, ID), EISDIR);
    assert_int_equal(mkfifo(in_folder(client, "fifo"), 0600), 0);
    pull_begin(client, in_folder(client, "fifo"), 1000);
    assert_int_equal(client_wait_error(client, XB_PULL, ID), EINVAL);
    pull_begin(client, "/dev/zero", 1000);
    assert_int_equal(client_wait_error(client, XB_PULL, ID), EINVAL);
}

static void test_ids_do_not_clash(void **state)
{
    struct client *client = *state;
    struct command command;
    command_shell(&command, "true");
    push_begin(client, in_folder(client, "x"), 0644, 10);
    client_send(client, XB_ARM, ID, &command.arm.base);
    assert_int_equal(client_wait_error(client, XB_ARM, ID), EEXIST);
    push_begin(client, in_folder(client, "y"), 0644, 10);
    assert_int_equal(client_wait_error(client, XB_PUSH, ID), EEXIST);
    client_arm(client, 3, &command);
    Xb__Pull pull = XB__PULL__INIT;
    pull.path = bytes_of("/proc/version");
    client_send(client, XB_PULL, 3, &pull.base);
    assert_int_equal(client_wait_error(client, XB_PULL, 3), EEXIST);
}

#define AGENT_TEST(f) cmocka_unit_test_setup_teardown(f, client_setup, client_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AGENT_TEST(test_push),
        AGENT_TEST(test_push_damaged),
        AGENT_TEST(test_push_breaks_its_word),
        AGENT_TEST(test_push_refused),
        AGENT_TEST(test_push_is_dropped_with_its_connection),
        AGENT_TEST(test_push_cancelled),
        AGENT_TEST(test_transfer_0_can_be_cancelled),
        AGENT_TEST(test_pull),
        AGENT_TEST(test_pull_from_proc),
        AGENT_TEST(test_pull_of_false_size),
        AGENT_TEST(test_pull_of_growing),
        AGENT_TEST(test_pull_of_shrinking),
        AGENT_TEST(test_pull_waits_for_credit),
        AGENT_TEST(test_pull_refused),
        AGENT_TEST(test_ids_do_not_clash),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("agent: files", tests, NULL, NULL);
}
