/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rendezvous.h"

#include "state.h"
#include "base.h"
#include "holder.h"
#include "keys.h"
#include "loop.h"
#include "modules.h"
#include "xenstore_guest.h"
#include "suspend.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define READ_RING_BYTES (128 * XB_KIB)
#define WRITE_RING_BYTES (256 * XB_KIB) /* output and pulled files: the busier direction */

#define RESUME_AFTER_DEFAULT_NS (60 * XB_NS_PER_S)
#define RETRY_FIRST_NS XB_NS_PER_S
#define RETRY_MAX_NS (30 * XB_NS_PER_S)

enum state {
    SERVING,
    QUIESCED, /* no rings until a restore, an order in xenstore, or the deadline */
    RETRYING, /* making rings for the next controller failed; try again at the deadline */
};

struct xa_rendezvous {
    struct xa_store *store;
    enum state state;
    bool watch_fired;
    bool full;                              /* and the state in xenstore says so */
    const struct xa_session *quiesce_after; /* NULL: no request */
    uint64_t resume_after_ns;
    uint64_t deadline_ns; /* monotonic, when to publish again; UINT64_MAX: never by itself */
    uint64_t retry_ns;
    struct xa_incarnation incarnation;
    struct xa_suspend_clock clock;
};

static void log_error(const struct xb_err *err)
{
    fprintf(stderr, "xenbench-agent: %s\n", err->msg);
}

/*
 * Has Dom0 ordered "quiesce" or "quiesce SECONDS" without a connection? Without a restore, the
 * agent publishes itself again after that time.
 */
static bool was_told_to_be_quiet(struct xa_rendezvous *rv)
{
    char state[32];
    unsigned seconds = 0;
    if (!xa_store_read(rv->store, XB_KEY_STATE, state, sizeof(state)))
        return false;
    if (strcmp(state, XB_STATE_QUIESCE) != 0 &&
        sscanf(state, XB_STATE_QUIESCE " %6u", &seconds) != 1)
        return false;
    rv->resume_after_ns = seconds ? seconds * XB_NS_PER_S : RESUME_AFTER_DEFAULT_NS;
    return true;
}

/* Write our state, but never over an order of Dom0 that has not been handled yet. */
static int tell_state(struct xa_rendezvous *rv, const char *state, struct xb_err *err)
{
    return was_told_to_be_quiet(rv) ? 0 : xa_store_write(rv->store, XB_KEY_STATE, state, err);
}

static int write_keys(struct xa_agent *agent, struct xb_err *err)
{
    struct xa_store *store = agent->rendezvous->store;
    char protocol[16], generation[16];
    snprintf(protocol, sizeof(protocol), "%d.%d", XB_PROTOCOL_MAJOR, XB_PROTOCOL_MINOR);
    snprintf(generation, sizeof(generation), "%" PRIu32, agent->generation);
    if (xa_store_write(store, XB_KEY_PROTOCOL, protocol, err) < 0 ||
        xa_store_write(store, XB_KEY_AGENT, XB_VERSION, err) < 0 ||
        xa_store_write(store, XB_KEY_BOOT, agent->boot_id, err) < 0 ||
        xa_store_write(store, XB_KEY_LATEST, generation, err) < 0 ||
        tell_state(agent->rendezvous, XB_STATE_SERVING, err) < 0)
        return -1;
    /* Written last, because a controller that sees this key may connect. */
    return xa_store_write(store, XB_KEY_GENERATION, generation, err);
}

/* Note our identity: a restored domain has another id, and our protocol key vanishes with data/. */
static void note_incarnation(struct xa_rendezvous *rv)
{
    rv->incarnation = (struct xa_incarnation){.key = XB_KEY_PROTOCOL};
    xa_store_read(rv->store, "domid", rv->incarnation.domid, sizeof(rv->incarnation.domid));
}

static int start_holder(struct xa_agent *agent, struct xb_channel *channel, struct xa_holder *out,
                        struct xb_err *err)
{
    struct xa_rendezvous *rv = agent->rendezvous;
    int r = 0;
    if (!agent->options.init)
        r = xa_holder_start(out, channel, &rv->incarnation, &agent->name_area, err);
    xb_channel_vchan_keep_from_forks(channel);
    return r;
}

static bool was_restored(const struct xa_rendezvous *rv)
{
    return xa_incarnation_is_over(&rv->incarnation, rv->store);
}

void xa_rendezvous_note_freeze(struct xa_agent *agent)
{
    if (agent->rendezvous)
        agent->frozen_ns += xa_suspend_clock_slept_ns(&agent->rendezvous->clock);
}

static void note_restore(struct xa_agent *agent)
{
    agent->restores++;
    agent->frozen_ns += xa_suspend_clock_frozen_ns(&agent->rendezvous->clock);
}

/*
 * Close rings, or abandon them if their domain was restored. Check as late as possible: a restore
 * between the check and the close would still hit the kernel's BUG, but that takes microseconds.
 */
static void end_rings(const struct xa_rendezvous *rv, struct xb_link *link,
                      struct xa_holder *holder)
{
    if (was_restored(rv)) {
        xb_channel_vchan_abandon(xb_link_detach(link));
        xa_holder_leave(holder);
    } else {
        xb_link_free(link);
        xa_holder_end(holder);
    }
}

static void end_session(struct xa_rendezvous *rv, struct xa_session *session)
{
    struct xa_holder holder = session->holder;
    end_rings(rv, xa_session_end(session), &holder);
}

static void end_all(struct xa_agent *agent)
{
    for (size_t i = 0; i < XA_SESSION_SLOTS; i++) {
        if (agent->sessions[i].link)
            end_session(agent->rendezvous, &agent->sessions[i]);
    }
    agent->rendezvous->quiesce_after = NULL;
}

/* Make rings with a new number and publish their keys. */
static int publish(struct xa_agent *agent, struct xb_err *err)
{
    struct xa_rendezvous *rv = agent->rendezvous;
    struct xb_channel *channel;
    struct xb_link *link;
    struct xa_holder holder = {.fd = -1};
    char path[XB_KEY_PATH_MAX + 1];
    agent->generation++;
    snprintf(path, sizeof(path), "%s/%" PRIu32, XB_KEY_RINGS, agent->generation);
    note_incarnation(rv);
    if (xb_channel_vchan_serve(&channel, path, READ_RING_BYTES, WRITE_RING_BYTES, err) < 0 ||
        xb_link_new(&link, channel, err) < 0)
        return -1;
    if (start_holder(agent, channel, &holder, err) < 0 || write_keys(agent, err) < 0) {
        end_rings(rv, link, &holder);
        return -1;
    }
    xa_session_begin(agent, link)->holder = holder;
    rv->full = false;
    if (agent->published_ns == 0)
        agent->published_ns = xa_boottime_ns();
    return 0;
}

static void publish_or_retry(struct xa_agent *agent)
{
    struct xa_rendezvous *rv = agent->rendezvous;
    struct xb_err err = {0};
    if (publish(agent, &err) == 0) {
        rv->state = SERVING;
        rv->retry_ns = RETRY_FIRST_NS;
        rv->deadline_ns = UINT64_MAX;
        return;
    }
    log_error(&err);
    rv->state = RETRYING;
    rv->deadline_ns = xb_now_ns() + rv->retry_ns;
    rv->retry_ns = 2 * rv->retry_ns < RETRY_MAX_NS ? 2 * rv->retry_ns : RETRY_MAX_NS;
}

/* Continue after the highest published number, so that a second or restarted agent reuses none. */
static void continue_generations(struct xa_agent *agent)
{
    static const char *const keys[] = {XB_KEY_GENERATION, XB_KEY_LATEST};
    char text[16];
    for (size_t i = 0; i < XB_ARRAY_LEN(keys); i++) {
        uint32_t number = 0;
        if (xa_store_read(agent->rendezvous->store, keys[i], text, sizeof(text)))
            number = (uint32_t)strtoul(text, NULL, 10);
        if (number > agent->generation)
            agent->generation = number;
    }
    xa_store_remove(agent->rendezvous->store, XB_KEY_RINGS); /* left by a killed agent */
}

int xa_rendezvous_open(struct xa_agent *agent, struct xb_err *err)
{
    if (agent->options.socket_path)
        return 0;
    struct xa_rendezvous *rv = calloc(1, sizeof(*rv));
    if (!rv)
        return xb_fail(err, XB_E_HOST, ENOMEM, "no memory for the rendezvous");
    agent->rendezvous = rv;
    rv->retry_ns = RETRY_FIRST_NS;
    xa_modules_load();
    xa_suspend_clock_set(&rv->clock);
    if (xa_store_open(&rv->store, err) < 0)
        return -1;
    continue_generations(agent);
    publish_or_retry(agent);
    return xa_store_watch(rv->store, XB_KEY_ROOT, err);
}

static void watch_event(struct xa_agent *agent, void *arg XB_UNUSED, short revents XB_UNUSED)
{
    xa_store_take_events(agent->rendezvous->store);
    agent->rendezvous->watch_fired = true;
}

void xa_rendezvous_poll(struct xa_agent *agent, struct xa_poll_set *set)
{
    struct xa_rendezvous *rv = agent->rendezvous;
    if (!rv)
        return;
    xa_poll_add(set, xa_store_watch_fd(rv->store), POLLIN, watch_event, NULL);
    xa_poll_until(set, rv->deadline_ns);
}

void xa_rendezvous_taken(struct xa_agent *agent)
{
    if (agent->rendezvous)
        xa_store_remove(agent->rendezvous->store, XB_KEY_GENERATION);
}

void xa_rendezvous_quiesce(struct xa_session *session, uint64_t resume_after_ns)
{
    struct xa_rendezvous *rv = session->agent->rendezvous;
    rv->quiesce_after = session;
    rv->resume_after_ns = resume_after_ns ? resume_after_ns : RESUME_AFTER_DEFAULT_NS;
}

static void become_quiet(struct xa_agent *agent)
{
    struct xa_rendezvous *rv = agent->rendezvous;
    struct xb_err err = {0};
    end_all(agent);
    rv->state = QUIESCED;
    rv->deadline_ns = xb_now_ns() + rv->resume_after_ns;
    if (rv->deadline_ns < rv->resume_after_ns)
        rv->deadline_ns = UINT64_MAX;
    /* Written last, because Dom0 may save the domain as soon as it reads this. */
    if (xa_store_write(rv->store, XB_KEY_STATE, XB_STATE_QUIESCED, &err) < 0)
        log_error(&err);
}

static void begin_anew(struct xa_agent *agent)
{
    end_all(agent);
    note_restore(agent);
    publish_or_retry(agent);
}

static void end_what_is_over(struct xa_agent *agent)
{
    struct xa_rendezvous *rv = agent->rendezvous;
    bool ended = false, hush = false;
    for (size_t i = 0; i < XA_SESSION_SLOTS; i++) {
        if (!xa_session_is_over(&agent->sessions[i]))
            continue;
        ended = true;
        hush |= rv->quiesce_after == &agent->sessions[i];
        end_session(rv, &agent->sessions[i]);
    }
    if (ended && was_restored(rv))
        begin_anew(agent);
    else if (hush)
        become_quiet(agent);
}

/* After saving a domain that goes on, Dom0 may end the quiet by overwriting our state. */
static bool was_told_to_resume(const struct xa_rendezvous *rv)
{
    char state[16];
    return rv->state == QUIESCED && xa_store_read(rv->store, XB_KEY_STATE, state, sizeof(state)) &&
           strcmp(state, XB_STATE_QUIESCED) != 0;
}

/* One of our keys in xenstore has changed, usually because we wrote it. */
static void look_at_store(struct xa_agent *agent)
{
    struct xa_rendezvous *rv = agent->rendezvous;
    rv->watch_fired = false;
    if (was_restored(rv))
        begin_anew(agent);
    else if (was_told_to_be_quiet(rv))
        become_quiet(agent);
    else if (was_told_to_resume(rv))
        publish_or_retry(agent);
}

/* Make rings for the next controller if another one may connect. */
static void open_the_door(struct xa_agent *agent)
{
    struct xa_rendezvous *rv = agent->rendezvous;
    size_t greeted;
    bool door = xa_sessions_count(agent, &greeted) > greeted;
    if (!door && greeted < XA_SESSIONS_MAX) {
        publish_or_retry(agent);
    } else if (!door && !rv->full) {
        tell_state(rv, XB_STATE_FULL, NULL);
        rv->full = true;
    }
}

void xa_rendezvous_work(struct xa_agent *agent, uint64_t now_ns)
{
    struct xa_rendezvous *rv = agent->rendezvous;
    if (!rv)
        return;
    if (rv->watch_fired)
        look_at_store(agent);
    end_what_is_over(agent);
    if (rv->state == SERVING)
        open_the_door(agent);
    else if (now_ns >= rv->deadline_ns)
        publish_or_retry(agent);
}

void xa_rendezvous_close(struct xa_agent *agent)
{
    struct xa_rendezvous *rv = agent->rendezvous;
    if (!rv)
        return;
    end_all(agent);
    if (rv->store)
        xa_store_write(rv->store, XB_KEY_STATE, "stopped", NULL);
    xa_store_close(rv->store);
    free(rv);
    agent->rendezvous = NULL;
}
