/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Agents that send other files than they announced: nothing of these files stays in Dom0. */
#include "base.h"
#include "hostile.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static uint32_t begin_file(int fd, uint64_t size_bytes, uint32_t mode)
{
    Xb__Pulling pulling = XB__PULLING__INIT;
    pulling.size_bytes = size_bytes;
    pulling.mode = mode;
    fake_greet(fd);
    uint32_t job_id = fake_await(fd, XB_PULL);
    fake_send(fd, XB_PULLING, job_id, &pulling.base);
    return job_id;
}

static void send_data(int fd, uint32_t job_id, uint64_t offset, size_t bytes)
{
    static uint8_t zeros[XB_DATA_MAX];
    Xb__Data data = XB__DATA__INIT;
    data.offset = offset;
    data.data = (ProtobufCBinaryData){.len = bytes, .data = zeros};
    fake_send(fd, XB_DATA, job_id, &data.base);
}

static void send_end(int fd, uint32_t job_id, uint64_t size_bytes, uint32_t crc32)
{
    Xb__End msg = XB__END__INIT;
    msg.size_bytes = size_bytes;
    msg.crc32 = crc32;
    fake_send(fd, XB_END, job_id, &msg.base);
}

static void exabyte_file(int fd)
{
    begin_file(fd, UINT64_C(1) << 60, 0644);
    fake_linger(fd);
}

static void longer_than_said(int fd)
{
    uint32_t job_id = begin_file(fd, 10, 0644);
    send_data(fd, job_id, 0, 11);
    fake_linger(fd);
}

static void not_in_order(int fd)
{
    uint32_t job_id = begin_file(fd, 100, 0644);
    send_data(fd, job_id, 50, 10);
    fake_linger(fd);
}

static void wrong_checksum(int fd)
{
    uint32_t job_id = begin_file(fd, 4, 0644);
    send_data(fd, job_id, 0, 4);
    send_end(fd, job_id, 4, 12345);
    fake_linger(fd);
}

static void too_short(int fd)
{
    uint32_t job_id = begin_file(fd, 4, 0644);
    send_end(fd, job_id, 4, 0);
    fake_linger(fd);
}

static void setuid_file(int fd)
{
    uint32_t job_id = begin_file(fd, 4, 07755);
    send_data(fd, job_id, 0, 4);
    send_end(fd, job_id, 4, 0x2144df1c); /* for four zeros */
    fake_linger(fd);
}

/* Each message alone comes soon enough. */
static void never_ends(int fd)
{
    const struct timespec pause = {.tv_nsec = 20000000};
    uint32_t job_id = begin_file(fd, 0, 0644);
    for (uint64_t offset = 0;; offset++) {
        send_data(fd, job_id, offset, 1);
        nanosleep(&pause, NULL);
    }
}

static int count_files(const char *folder)
{
    int count = -2; /* without . and .. */
    xb_auto_closedir DIR *dir = opendir(folder);
    while (dir && readdir(dir))
        count++;
    return count;
}

struct target {
    char folder[64];
    char file[80];
};

static int make_target(void **state)
{
    static struct target target;
    strcpy(target.folder, "/tmp/xenbench-pull.XXXXXX");
    assert_non_null(mkdtemp(target.folder));
    snprintf(target.file, sizeof(target.file), "%s/file", target.folder);
    *state = &target;
    return 0;
}

static int remove_target(void **state)
{
    const struct target *target = *state;
    unlink(target->file);
    return rmdir(target->folder);
}

static const struct xb_pull_limit limit = {.bytes = 1 << 20, .way_out = "no more"};

static void assert_not_pulled(const struct target *target, fake_script *script, const char *part)
{
    struct session s;
    assert_int_equal(hostile_start(&s, script, SOON_NS), 0);
    assert_int_equal(xb_agent_pull(s.agent, "/x", target->file, limit, NULL, &s.err), -1);
    hostile_says(&s, part);
    assert_int_equal(count_files(target->folder), 0);
    hostile_end(&s);
}

static void test_false_files(void **state)
{
    assert_not_pulled(*state, exabyte_file, "the limit is 1048576");
    assert_not_pulled(*state, longer_than_said, "other bytes");
    assert_not_pulled(*state, not_in_order, "other bytes");
    assert_not_pulled(*state, wrong_checksum, "did not arrive whole");
    assert_not_pulled(*state, too_short, "did not arrive whole");
}

static void test_a_file_has_its_time(void **state)
{
    const struct target *target = *state;
    struct session s;
    struct xb_pull_limit soon = limit;
    assert_int_equal(hostile_start(&s, never_ends, SOON_NS), 0);
    uint64_t began_ns = xb_now_ns();
    soon.deadline_ns = began_ns + XB_NS_PER_S;
    assert_int_equal(xb_agent_pull(s.agent, "/x", target->file, soon, NULL, &s.err), -1);
    assert_true(xb_now_ns() - began_ns < 30 * XB_NS_PER_S);
    hostile_says(&s, "did not arrive in time");
    assert_int_equal(count_files(target->folder), 0);
    hostile_end(&s);
}

static void test_setuid_stays_behind(void **state)
{
    const struct target *target = *state;
    struct session s;
    struct stat st;
    assert_int_equal(hostile_start(&s, setuid_file, SOON_NS), 0);
    assert_int_equal(xb_agent_pull(s.agent, "/x", target->file, limit, NULL, &s.err), 0);
    assert_int_equal(stat(target->file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    assert_int_equal(st.st_size, 4);
    hostile_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_false_files, make_target, remove_target),
        cmocka_unit_test_setup_teardown(test_a_file_has_its_time, make_target, remove_target),
        cmocka_unit_test_setup_teardown(test_setuid_stays_behind, make_target, remove_target),
    };
    return cmocka_run_group_tests_name("files of hostile agents", tests, hostile_make_run_dir,
                                       hostile_remove_run_dir);
}
