/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest's console: logged, the log bounded, passed to all clients without waiting for any. */
#include "base.h"
#include "files.h"
#include "monitor_console.h"

#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cmocka.h>

struct fixture {
    char dir[64];
    char log[PATH_MAX];
    char socket[108];
    int guest; /* the guest's end of the line */
    int line;  /* keeps the other end open */
    struct xb_console console;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    struct fixture *f = &fixture;
    struct xb_err err = {0};
    char tty[64];
    *f = (struct fixture){.guest = -1};
    snprintf(f->dir, sizeof(f->dir), "/tmp/xenbench-test-XXXXXX");
    if (!mkdtemp(f->dir) || openpty(&f->guest, &f->line, tty, NULL, NULL) < 0)
        return -1;
    snprintf(f->log, sizeof(f->log), "%.64s/console.log", f->dir);
    snprintf(f->socket, sizeof(f->socket), "%.64s/socket", f->dir);
    fcntl(f->guest, F_SETFL, O_NONBLOCK);
    xb_console_init(&f->console);
    *state = f;
    return xb_console_open(&f->console, f->log, f->socket, &err) < 0 ||
           xb_console_attach(&f->console, tty, &err) < 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    xb_console_close(&f->console);
    close(f->guest);
    close(f->line);
    return xb_remove_tree(f->dir, NULL);
}

/* Do what the monitor's loop does, until nothing happens for a while. */
static void turn(struct fixture *f)
{
    struct pollfd fds[XB_CONSOLE_POLLS];
    for (;;) {
        int timeout_ms = -1;
        int count = xb_console_before_poll(&f->console, fds, &timeout_ms);
        bool resting = timeout_ms >= 0;
        if (poll(fds, (nfds_t)count, resting ? timeout_ms : 20) == 0 && !resting)
            return;
        xb_console_after_poll(&f->console, fds, count);
    }
}

static void say(struct fixture *f, const char *text)
{
    assert_int_equal(write(f->guest, text, strlen(text)), strlen(text));
    turn(f);
}

static void assert_file(const char *path, const char *expected)
{
    char got[256];
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, got, sizeof(got) - 1);
    close(fd);
    assert_true(n >= 0);
    got[n] = '\0';
    assert_string_equal(got, expected);
}

static int join(struct fixture *f)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", f->socket);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        close(fd);
        return -1;
    }
    turn(f);
    return fd;
}

static void what_is_said_is_kept_as_it_was(void **state)
{
    struct fixture *f = *state;
    say(f, "hello\r\n\033[31m");
    say(f, "world\n");
    assert_file(f->log, "hello\r\n\033[31mworld\n");
}

static void listeners_hear_and_talk(void **state)
{
    struct fixture *f = *state;
    char got[64] = "";
    int client = join(f);
    assert_true(client >= 0);
    say(f, "login: ");
    assert_int_equal(read(client, got, sizeof(got)), 7);
    assert_int_equal(write(client, "root\r", 5), 5);
    turn(f);
    assert_int_equal(read(f->guest, got, sizeof(got)), 5);
    assert_memory_equal(got, "root\r", 5); /* raw: no echo, no translation */
    close(client);
    turn(f);
    say(f, "still kept");
    assert_file(f->log, "login: still kept");
}

static void listeners_are_few(void **state)
{
    struct fixture *f = *state;
    int clients[XB_CONSOLE_CLIENTS + 1];
    char byte;
    for (int i = 0; i <= XB_CONSOLE_CLIENTS; i++)
        assert_true((clients[i] = join(f)) >= 0);
    assert_int_equal(read(clients[XB_CONSOLE_CLIENTS], &byte, 1), 0); /* turned away */
    assert_int_equal(read(clients[0], &byte, 1), -1);                 /* still connected */
    for (int i = 0; i <= XB_CONSOLE_CLIENTS; i++)
        close(clients[i]);
}

static void a_flood_fills_neither_disk_nor_listener(void **state)
{
    struct fixture *f = *state;
    char block[4096], old[PATH_MAX + 2];
    struct stat st;
    int idle = join(f); /* never reads */
    memset(block, 'x', sizeof(block));
    for (size_t sent = 0; sent < 3 * XB_CONSOLE_LOG_MAX / 2;) {
        ssize_t n = write(f->guest, block, sizeof(block));
        sent += n > 0 ? (size_t)n : 0;
        if (n <= 0)
            turn(f);
    }
    turn(f);
    snprintf(old, sizeof(old), "%s.1", f->log);
    assert_int_equal(stat(f->log, &st), 0);
    assert_true(st.st_size > 0 && st.st_size <= (off_t)XB_CONSOLE_LOG_MAX);
    assert_int_equal(stat(old, &st), 0);
    assert_true(st.st_size > 0 && st.st_size <= (off_t)XB_CONSOLE_LOG_MAX);
    close(idle);
}

static void the_guests_end_is_noticed(void **state)
{
    struct fixture *f = *state;
    say(f, "bye");
    close(f->guest);
    close(f->line);
    turn(f);
    assert_int_equal(f->console.tty_fd, -1);
    f->guest = f->line = -1;
    assert_file(f->log, "bye");
}

int main(void)
{
#define CONSOLE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CONSOLE_TEST(what_is_said_is_kept_as_it_was),
        CONSOLE_TEST(listeners_hear_and_talk),
        CONSOLE_TEST(listeners_are_few),
        CONSOLE_TEST(a_flood_fills_neither_disk_nor_listener),
        CONSOLE_TEST(the_guests_end_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
