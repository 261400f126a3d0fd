/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A guest that lies while the controller connects: it publishes and removes rings for ever, and its
 * job ids lead nowhere. This test replaces xenstore and vchan.
 */
#include "agent_i.h"
#include "base.h"
#include "keys.h"
#include "sandbox.h"

#include <libxenvchan.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include <cmocka.h>

#define PATIENCE_NS (300 * XB_NS_PER_MS)
/* Attempts are at least 20 ms apart; add the first and the last ones. */
#define ATTEMPTS_MAX (PATIENCE_NS / (20 * XB_NS_PER_MS) + 3)

static struct {
    uint32_t generation; /* a new one at each read of the key */
    bool blinks;         /* every other read finds no key */
    bool connects;       /* rings exist, but nobody answers */
    uint32_t number;     /* of the session that gets the events */
    int fd;              /* always readable: xenstore's events and the rings' */
    size_t attempts, events;
} guest;

/* Replacements for libxenstore and libxenvchan, for a single guest. */

void *xs_read(struct xs_handle *h XB_UNUSED, xs_transaction_t t XB_UNUSED, const char *path,
              unsigned int *bytes)
{
    char *value = NULL;
    if (strstr(path, XB_KEY_PROTOCOL))
        value = strdup("1.2");
    else if (strstr(path, XB_KEY_GENERATION) && (++guest.generation % 2 || !guest.blinks) &&
             asprintf(&value, "%u", guest.generation) < 0)
        value = NULL;
    errno = ENOENT;
    *bytes = value ? (unsigned int)strlen(value) : 0;
    return value;
}

struct xs_handle *xs_open(unsigned long flags XB_UNUSED)
{
    return (struct xs_handle *)&guest;
}

bool xs_watch(struct xs_handle *h XB_UNUSED, const char *path XB_UNUSED,
              const char *token XB_UNUSED)
{
    return true;
}

bool xs_unwatch(struct xs_handle *h XB_UNUSED, const char *path XB_UNUSED,
                const char *token XB_UNUSED)
{
    return true;
}

void xs_close(struct xs_handle *h XB_UNUSED)
{
}

int xs_fileno(struct xs_handle *h XB_UNUSED)
{
    return guest.fd;
}

char **xs_check_watch(struct xs_handle *h XB_UNUSED)
{
    char **event = calloc(1, 2 * sizeof(*event) + sizeof("generation-4294967295"));
    assert_non_null(event);
    event[XS_WATCH_PATH] = event[XS_WATCH_TOKEN] = (char *)(event + 2);
    sprintf(event[XS_WATCH_TOKEN], "generation-%u", guest.number);
    guest.events++;
    return event;
}

struct libxenvchan *libxenvchan_client_init(struct xentoollog_logger *logger XB_UNUSED,
                                            int domid XB_UNUSED, const char *path XB_UNUSED)
{
    guest.attempts++;
    errno = ENOENT;
    return guest.connects ? calloc(1, sizeof(struct libxenvchan)) : NULL;
}

void libxenvchan_close(struct libxenvchan *vchan)
{
    free(vchan);
}

int libxenvchan_is_open(struct libxenvchan *vchan XB_UNUSED)
{
    return 1;
}

int libxenvchan_fd_for_select(struct libxenvchan *vchan XB_UNUSED)
{
    return guest.fd;
}

int libxenvchan_wait(struct libxenvchan *vchan XB_UNUSED)
{
    return 0;
}

int libxenvchan_data_ready(struct libxenvchan *vchan XB_UNUSED)
{
    return 0;
}

int libxenvchan_read(struct libxenvchan *vchan XB_UNUSED, void *data XB_UNUSED,
                     size_t bytes XB_UNUSED)
{
    return 0;
}

int libxenvchan_write(struct libxenvchan *vchan XB_UNUSED, const void *data XB_UNUSED, size_t bytes)
{
    return (int)bytes;
}

static int ignore(void *arg XB_UNUSED, struct xb_agent *agent XB_UNUSED,
                  const struct xb_msg *msg XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    return 0;
}

/* The wait for an existing domain must end at the deadline, whatever the guest does. */
static void assert_gives_up(const char *why)
{
    struct xb_err err = {0};
    static struct xb_app app; /* keeps the connection to xenstore */
    struct xb_agent agent = {
        .app = &app,
        .name = (char *)"liar",
        .guest = {.name = "liar", .domid = 7},
        .has_door = true,
        .stop_fd = -1,
        .talk.fd = -1,
        .kept_end = &agent.kept,
        .state = XB_AGENT_AWAITING,
        .deadline_ns = xb_now_ns() + PATIENCE_NS,
    };
    struct xb_agent *list[] = {&agent};
    struct xb_agents_wait wait = {
        .agents = list,
        .count = 1,
        .deadline_ns = xb_now_ns() + 20 * XB_NS_PER_S,
        .stop_fd = -1,
        .on_message = ignore,
    };
    assert_int_equal(xb_agent_events_join(&agent, &err), 0);
    guest.number = agent.number;
    assert_int_equal(xb_agents_wait(&wait, &err), -1);
    xb_agent_events_leave(&agent);
    assert_int_equal(err.class, XB_E_BENCH);
    if (!strstr(err.msg, why))
        fail_msg("'%s' does not say '%s'", err.msg, why);
    assert_true(xb_now_ns() < agent.deadline_ns + 5 * XB_NS_PER_S);
    assert_in_range(guest.attempts, 1, ATTEMPTS_MAX);
    assert_true(guest.events > ATTEMPTS_MAX); /* it kept changing */
    assert_null(agent.link);
}

static void forget_the_guest(void)
{
    guest.generation = 0;
    guest.attempts = guest.events = 0;
    guest.blinks = guest.connects = false;
}

static void rings_that_change_without_end_are_tried_now_and_then(void **state XB_UNUSED)
{
    forget_the_guest();
    assert_gives_up("cannot connect to vchan at /local/domain/7/");
    forget_the_guest();
    guest.blinks = true;
    assert_gives_up("no agent in time");
}

static void rings_that_change_while_hello_is_unanswered(void **state XB_UNUSED)
{
    forget_the_guest();
    guest.connects = true;
    assert_gives_up("does not answer HELLO");
    forget_the_guest();
    guest.connects = guest.blinks = true;
    assert_gives_up("does not answer HELLO");
}

static void events_read_by_one_session_reach_the_other(void **state XB_UNUSED)
{
    static struct xb_app app;
    struct xb_err err = {0};
    struct xb_agent a = {.app = &app, .name = (char *)"a"}, b = {.app = &app, .name = (char *)"b"};
    bool ended;
    uint32_t of_key;
    forget_the_guest();
    assert_int_equal(xb_agent_events_join(&a, &err), 0);
    assert_int_equal(xb_agent_events_join(&b, &err), 0);
    assert_ptr_equal(a.events, b.events);
    assert_int_not_equal(a.number, b.number);
    guest.number = b.number;
    assert_int_equal(xb_agent_events_take(&a, &ended, &of_key, &err), 0);
    assert_int_equal(of_key, 0);
    assert_false(xb_agent_has_events(&a));
    assert_true(xb_agent_has_events(&b));
    xb_agent_events_leave(&a);
    guest.number = 0;
    assert_int_equal(xb_agent_events_take(&b, &ended, &of_key, &err), 0);
    assert_true(of_key > 0);
    assert_false(ended || xb_agent_has_events(&b));
    xb_agent_events_leave(&b);
}

/* After a HELLO that lists these jobs, the controller's new ids must be free ones, and never 0. */
static void assert_ids_are_free(uint32_t first_id, const uint32_t *taken, size_t count)
{
    struct xb_err err = {0};
    struct xb_agent agent = {.name = (char *)"liar", .state = XB_AGENT_GREETING, .talk.fd = -1};
    Xb__Hello hello = XB__HELLO__INIT;
    Xb__JobState states[XB_JOBS_MAX], *list[XB_JOBS_MAX];
    uint8_t body[4096];
    hello.major = XB_PROTOCOL_MAJOR;
    hello.minor = XB_PROTOCOL_MINOR;
    hello.first_id = first_id;
    hello.jobs = list;
    hello.n_jobs = count;
    for (size_t i = 0; i < count; i++) {
        xb__job_state__init(&states[i]);
        states[i].job_id = taken[i];
        states[i].phase = XB__JOB_PHASE__JOB_PHASE_DONE;
        list[i] = &states[i];
    }
    struct xb_incoming in = {.type = XB_HELLO};
    in.body = (ProtobufCMessage *)xb__hello__unpack(NULL, xb__hello__pack(&hello, body), body);
    assert_int_equal(xb_agent_greeted(&agent, &in, &err), 0);
    for (uint32_t n = 0, id, before = 0; n < 3 * XB_JOBS_MAX; n++, before = id) {
        id = xb_agent_next_job(&agent);
        assert_int_not_equal(id, 0);
        assert_int_not_equal(id, before);
        for (size_t i = 0; i < count; i++)
            assert_int_not_equal(id, taken[i]);
    }
    xb__hello__free_unpacked(agent.hello, NULL);
}

static void ids_from_where_there_is_no_room(void **state XB_UNUSED)
{
    uint32_t all[XB_JOBS_MAX];
    static const uint32_t firsts[] = {0, 1, UINT32_MAX - 1, UINT32_MAX, 1U << 20};
    for (size_t f = 0; f < XB_ARRAY_LEN(firsts); f++) {
        assert_ids_are_free(firsts[f], NULL, 0);
        /* All ids of the block's beginning are taken, across the wrap-around too. */
        for (size_t i = 0; i < XB_JOBS_MAX; i++)
            all[i] = firsts[f] + (uint32_t)i;
        assert_ids_are_free(firsts[f], all, XB_JOBS_MAX);
        for (size_t i = 0; i < XB_JOBS_MAX; i++)
            all[i] = firsts[f];
        assert_ids_are_free(firsts[f], all, XB_JOBS_MAX);
    }
}

static int set_up(void **state XB_UNUSED)
{
    guest.fd = eventfd(1, EFD_CLOEXEC);
    setenv(XB_NO_SANDBOX_ENV, "1", 1); /* the rings of this guest are in this process */
    return guest.fd < 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rings_that_change_without_end_are_tried_now_and_then),
        cmocka_unit_test(rings_that_change_while_hello_is_unanswered),
        cmocka_unit_test(events_read_by_one_session_reach_the_other),
        cmocka_unit_test(ids_from_where_there_is_no_room),
    };
    return cmocka_run_group_tests_name("seek", tests, set_up, NULL);
}
