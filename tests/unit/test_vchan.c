/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of a vchan connection, with libxenvchan replaced. */
#include "base.h"
#include "channel.h"

#include <libxenvchan.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char last_words[] = "RESULT";

/* A peer that writes its last bytes and closes before the call with this number. */
static struct {
    int calls, leaves_at;
    int ready; /* bytes in the ring */
    bool open;
    bool asked; /* for a signal at the next write */
} peer;

static void next_call(void)
{
    if (peer.calls++ != peer.leaves_at)
        return;
    peer.ready = sizeof(last_words);
    peer.open = false;
}

struct libxenvchan *libxenvchan_client_init(struct xentoollog_logger *logger XB_UNUSED,
                                            int domid XB_UNUSED, const char *path XB_UNUSED)
{
    return calloc(1, sizeof(struct libxenvchan));
}

void libxenvchan_close(struct libxenvchan *vchan)
{
    free(vchan);
}

int libxenvchan_fd_for_select(struct libxenvchan *vchan XB_UNUSED)
{
    return -1;
}

int libxenvchan_is_open(struct libxenvchan *vchan XB_UNUSED)
{
    next_call();
    return peer.open;
}

int libxenvchan_data_ready(struct libxenvchan *vchan XB_UNUSED)
{
    next_call();
    peer.asked = true;
    return peer.ready;
}

/* As the library does it: the peer may also leave between its look at the data and at the state. */
int libxenvchan_read(struct libxenvchan *vchan, void *data, size_t bytes)
{
    next_call();
    size_t n = (size_t)peer.ready;
    peer.asked |= n < bytes;
    if (n == 0)
        return libxenvchan_is_open(vchan) ? 0 : -1;
    n = n < bytes ? n : bytes;
    memcpy(data, last_words, n < sizeof(last_words) ? n : sizeof(last_words));
    peer.ready -= (int)n;
    return (int)n;
}

static void assert_last_words_arrive(struct xb_channel *ch)
{
    char got[2 * sizeof(last_words)] = "";
    ssize_t n = 0;
    while (n == 0)
        n = ch->ops->read(ch, got, sizeof(got));
    assert_int_equal(n, sizeof(last_words));
    assert_string_equal(got, last_words);
    assert_int_equal(ch->ops->read(ch, got, sizeof(got)), -1);
    assert_int_equal(errno, EPIPE);
}

static void test_last_words_arrive_whenever_the_peer_leaves(void **state XB_UNUSED)
{
    struct xb_channel *ch = NULL;
    assert_int_equal(xb_channel_vchan_connect(&ch, 7, "/rings", NULL), 0);
    for (int moment = 0; moment < 20; moment++) {
        peer.calls = peer.ready = 0;
        peer.open = true;
        peer.leaves_at = moment;
        assert_last_words_arrive(ch);
    }
    xb_channel_close(ch);
}

/* While there is more to read, the peer is not asked to signal its next write; at the end it is. */
static void test_signals_are_asked_for_at_the_end_alone(void **state XB_UNUSED)
{
    static char got[256 * XB_KIB];
    struct xb_channel *ch = NULL;
    assert_int_equal(xb_channel_vchan_connect(&ch, 7, "/rings", NULL), 0);
    peer.open = true;
    peer.leaves_at = -1;
    peer.asked = false;
    peer.ready = 128 * XB_KIB;
    while (peer.ready > 0) {
        assert_false(peer.asked);
        assert_true(ch->ops->read(ch, got, sizeof(got)) > 0);
    }
    assert_int_equal(ch->ops->read(ch, got, sizeof(got)), 0);
    assert_true(peer.asked);
    xb_channel_close(ch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signals_are_asked_for_at_the_end_alone),
        cmocka_unit_test(test_last_words_arrive_whenever_the_peer_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
