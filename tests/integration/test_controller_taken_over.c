/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session process that its guest has compromised, and what it reports of a series of PINGs. This
 * program also plays that process: the controller finds it under the name xenbench-session.
 */
#include "agent.h"
#include "app.h"
#include "base.h"
#include "fake_agent.h"
#include "files.h"
#include "keys.h"
#include "record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>

#define PROGRAM "xenbench-session"
#define SCRIPT "XB_TEST_SCRIPT"
#define SOON_NS (10 * XB_NS_PER_S)
#define PINGS 20

static char dir[] = "/tmp/xb-taken-over-XXXXXX";
static struct xb_app app = {.run_dir = dir, .lib_dir = dir};

/* ---- the process ---- */

static uint8_t record[XB_RECORD_MAX];

static void send_record(uint16_t type, size_t bytes)
{
    fake_send_header(STDIN_FILENO, (uint32_t)bytes, type, 0, 0);
    fake_send_raw(STDIN_FILENO, record, bytes);
}

static void send_message(uint16_t type, const ProtobufCMessage *msg)
{
    send_record(type, (size_t)xb_record_pack(record, msg, NULL));
}

static void greet(void)
{
    Xb__Hello hello = XB__HELLO__INIT;
    hello.major = XB_PROTOCOL_MAJOR;
    hello.minor = XB_PROTOCOL_MINOR;
    hello.version = hello.boot_id = (char *)"taken over";
    hello.max_jobs = XB_JOBS_MAX;
    fake_await(STDIN_FILENO, XB_HELLO);
    send_message(XB_HELLO, &hello.base);
}

/* Wait for the order of a series and the PING that begins it. */
static struct xb_pinging await_order(void)
{
    static struct xb_ping_times times[XB_PINGS_MAX];
    uint8_t body[XB_FRAME_BODY_MAX];
    struct xb_frame frame = {.body = body};
    struct xb_pings_order order;
    struct xb_pinging pinging;
    do
        frame.type = fake_receive_body(STDIN_FILENO, NULL, body, &frame.body_bytes);
    while (xb_pings_order_unpack(&frame, &order) < 0);
    fake_await(STDIN_FILENO, XB_PING);
    xb_pinging_begin(&pinging, &order, times);
    return pinging;
}

/* Invent plausible times: each round trip takes a microsecond, half of it each way. */
static void make_up(struct xb_pinging *pinging, uint32_t count)
{
    uint64_t at_ns = xb_now_ns();
    for (pinging->count = 0; pinging->count < count; pinging->count++)
        pinging->times[pinging->count] =
            (struct xb_ping_times){at_ns, at_ns + 500, at_ns + 500, at_ns + 1000};
    usleep(1000); /* so that these times are in the past */
}

static void report(const struct xb_pinging *pinging)
{
    send_record(XB_RECORD_PINGS, xb_pings_pack(record, pinging));
}

static void end_series(void)
{
    Xb__Pong pong = XB__PONG__INIT;
    send_message(XB_PONG, &pong.base);
}

static void honest(struct xb_pinging *pinging)
{
    make_up(pinging, PINGS);
    report(pinging);
    end_series();
}

static void times_before_the_series(struct xb_pinging *pinging)
{
    make_up(pinging, PINGS);
    for (uint32_t i = 0; i < PINGS; i++)
        pinging->times[i].sent_ns = 1;
    report(pinging);
    end_series();
}

static void times_of_the_future(struct xb_pinging *pinging)
{
    make_up(pinging, PINGS);
    for (uint32_t i = 0; i < PINGS; i++)
        pinging->times[i].back_ns = UINT64_MAX;
    report(pinging);
    end_series();
}

static void back_before_it_was_sent(struct xb_pinging *pinging)
{
    make_up(pinging, PINGS);
    for (uint32_t i = 0; i < PINGS; i++)
        pinging->times[i].sent_ns = UINT64_MAX;
    report(pinging);
    end_series();
}

static void more_than_was_ordered(struct xb_pinging *pinging)
{
    make_up(pinging, PINGS + 1);
    report(pinging);
    end_series();
}

static void twice(struct xb_pinging *pinging)
{
    make_up(pinging, PINGS);
    report(pinging);
    report(pinging);
    end_series();
}

static void of_another_series(struct xb_pinging *pinging)
{
    make_up(pinging, PINGS);
    pinging->order.dom0_ns++;
    report(pinging);
    end_series();
}

static void no_times(struct xb_pinging *pinging XB_UNUSED)
{
    end_series();
}

static void death(struct xb_pinging *pinging XB_UNUSED)
{
    _exit(9);
}

static void a_cut_record(struct xb_pinging *pinging)
{
    make_up(pinging, PINGS);
    send_record(XB_RECORD_PINGS, xb_pings_pack(record, pinging) - 1);
    end_series();
}

static const struct {
    const char *name;
    void (*act)(struct xb_pinging *pinging);
    const char *told; /* NULL: the fit is good */
} scripts[] = {
    {"honest", honest, NULL},
    {"times-before", times_before_the_series, "before they were sent"},
    {"times-of-the-future", times_of_the_future, "after their PONGs had arrived"},
    {"back-first", back_before_it_was_sent, "before they were sent"},
    {"too-many", more_than_was_ordered, "wrong record"},
    {"twice", twice, "wrong record"},
    {"another", of_another_series, "PONG to a PING that was not sent"},
    {"none", no_times, "PONG to a PING that was not sent"},
    {"death", death, "died (status 9)"},
    {"cut", a_cut_record, "wrong record"},
};

static void be_the_process(const char *script)
{
    greet();
    if (strcmp(script, "unasked") == 0) {
        struct xb_pings_order order = {.count = PINGS};
        static struct xb_ping_times times[PINGS];
        struct xb_pinging pinging;
        xb_pinging_begin(&pinging, &order, times);
        make_up(&pinging, PINGS);
        report(&pinging);
        fake_linger(STDIN_FILENO);
    }
    for (size_t i = 0; i < XB_ARRAY_LEN(scripts); i++)
        if (strcmp(script, scripts[i].name) == 0)
            for (;;) {
                struct xb_pinging pinging = await_order();
                scripts[i].act(&pinging);
            }
    _exit(1);
}

/* ---- the controller ---- */

static struct xb_agent *start(struct fake_agent *fake, const char *script)
{
    struct xb_agent *agent = NULL;
    struct xb_err err = {0};
    setenv(SCRIPT, script, 1);
    fake_agent_start(fake, fake_linger);
    const char *name = fake->name;
    assert_int_equal(xb_agents_connect(&agent, &app, &name, 1, xb_now_ns() + SOON_NS, -1, &err), 0);
    return agent;
}

static void what_it_says_of_pings(void **state XB_UNUSED)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(scripts); i++) {
        struct fake_agent fake;
        struct xb_clock_ask ask = {.agent = start(&fake, scripts[i].name)};
        xb_agents_clock(&ask, 1, PINGS);
        bool fits = ask.err.class == XB_E_NONE;
        print_message("# %s: %s\n", scripts[i].name, fits ? "a fit" : ask.err.msg);
        assert_int_equal(fits, !scripts[i].told);
        if (scripts[i].told)
            assert_non_null(strstr(ask.err.msg, scripts[i].told));
        else
            assert_int_equal(ask.fit.error_ns, 500);
        xb_agent_free(ask.agent);
        fake_agent_stop(&fake);
    }
}

static void times_that_nobody_asked_for(void **state XB_UNUSED)
{
    struct fake_agent fake;
    struct xb_err err = {0};
    Xb__Ping ping = XB__PING__INIT;
    struct xb_agent *agent = start(&fake, "unasked");
    assert_int_equal(xb_agent_call(agent, XB_PING, 0, &ping.base, XB_PONG, NULL, SOON_NS, &err),
                     -1);
    assert_non_null(strstr(err.msg, "wrong record"));
    xb_agent_free(agent);
    fake_agent_stop(&fake);
}

static int make_dir(void **state XB_UNUSED)
{
    char self[4096], path[128];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (n < 0 || !mkdtemp(dir))
        return -1;
    self[n] = '\0';
    snprintf(path, sizeof(path), "%s/" PROGRAM, dir);
    return symlink(self, path);
}

static int remove_dir(void **state XB_UNUSED)
{
    return xb_remove_tree(dir, NULL);
}

int main(int argc XB_UNUSED, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_says_of_pings),
        cmocka_unit_test(times_that_nobody_asked_for),
    };
    if (strcmp(argv[0], PROGRAM) == 0)
        be_the_process(getenv(SCRIPT));
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
