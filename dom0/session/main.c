/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The process of one session with one guest: it alone touches the guest's ring and unpacks what
 * comes out of it. Once connected it gives up all rights. The controller's frames pass unchanged to
 * the guest; each message of the guest becomes a record (record.h) for the controller, but for a
 * series of PINGs (pinging.h), which goes on here and becomes one record.
 *
 * Started by the controller (agent_session.c), on descriptor 0 of which the controller is:
 *   xenbench-session domain ID PATH    the rings of a domain
 *   xenbench-session socket            the agent is on descriptor 1
 */
#include "agent_msg.h"
#include "base.h"
#include "link.h"
#include "pinging.h"
#include "record.h"
#include "sandbox.h"
#include "storm.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

/* The process links few libraries, and 64 KiB from a guest unpack to a few MiB at most. */
#define MEMORY_BYTES (256 * XB_MIB)
#define FRAME_ROOM (XB_FRAME_HEADER_BYTES + XB_FRAME_BODY_MAX)
/* How long a guest may take to read the controller's last frames. */
#define FAREWELL_NS (100 * XB_NS_PER_MS)

struct session {
    struct xb_link *dom0, *guest;
    struct xb_pinging pinging;
    struct xb_storm storm;
    bool told_storm;   /* what the controller last heard of the storm */
    bool closed;       /* the guest's side closed without breaking a rule */
    struct xb_err why; /* why the guest's side is over; XB_E_NONE: it is not */
    bool dom0_gone;
    bool more; /* frames may wait that poll does not report: a full queue was written at once */
    uint8_t record[XB_RECORD_MAX];
    struct xb_ping_times times[XB_PINGS_MAX];
};

static bool is_over(const struct session *s)
{
    return s->why.class != XB_E_NONE;
}

/* Relay the controller's frames, as far as the guest's queue has room. */
static void relay_down(struct session *s)
{
    struct xb_frame frame;
    struct xb_pings_order order;
    bool room = true;
    while (!is_over(s) && (room = xb_link_has_bulk_room(s->guest)) &&
           xb_link_next(s->dom0, &frame, NULL) > 0) {
        if (frame.type == XB_RECORD_PINGS) {
            if (xb_pings_order_unpack(&frame, &order) == 0)
                xb_pinging_begin(&s->pinging, &order, s->times);
            continue;
        }
        if (frame.type == XB_PING)
            s->pinging.sent_ns = xb_now_ns();
        xb_link_queue_packed(s->guest, frame.type, frame.job_id, frame.body, frame.body_bytes,
                             NULL);
    }
    xb_link_flush(s->guest, NULL);
    s->more |= !is_over(s) && !room && xb_link_has_bulk_room(s->guest);
}

/* A PONG within a series. Returns whether another PING has followed it. */
static bool ping_again(struct session *s, const Xb__Pong *pong, uint64_t back_ns)
{
    enum xb_pinging_next next = xb_pinging_took(&s->pinging, pong, back_ns);
    if (next == XB_PINGING_SEND) {
        s->pinging.sent_ns = xb_now_ns();
        xb_link_send(s->guest, XB_PING, 0, &s->pinging.ping.base, NULL);
    } else if (next == XB_PINGING_DONE) {
        size_t bytes = xb_pings_pack(s->record, &s->pinging);
        xb_link_queue_packed(s->dom0, XB_RECORD_PINGS, 0, s->record, bytes, NULL);
    }
    return next == XB_PINGING_SEND;
}

static void relay(struct session *s, const struct xb_frame *frame)
{
    /* Taken after the frame was read: a time before it came would make the round trip too short. */
    uint64_t at_ns = s->pinging.on ? xb_now_ns() : 0;
    ProtobufCMessage *msg = xb_msg_unpack(frame, &s->why);
    if (!msg)
        return;
    bool kept = s->pinging.on && frame->type == XB_PONG && frame->job_id == 0 &&
                ping_again(s, (const Xb__Pong *)msg, at_ns);
    long bytes = kept ? -1 : xb_record_bytes(msg, &s->why);
    uint8_t *at =
        bytes < 0 ? NULL
                  : xb_link_queue_body(s->dom0, frame->type, frame->job_id, (size_t)bytes, NULL);
    if (at)
        xb_record_pack(at, msg, NULL);
    protobuf_c_message_free_unpacked(msg, NULL);
}

/* Relay the guest's messages, as far as the controller's queue has room. Was there one? */
static bool relay_up(struct session *s, const struct xb_err *end, bool ended)
{
    struct xb_frame frame;
    bool any = false, room = true;
    while (!is_over(s) && !s->dom0_gone && (room = xb_link_has_bulk_room(s->dom0))) {
        struct xb_err broken = {0};
        int n = xb_link_next(s->guest, &frame, &broken);
        if (n > 0) {
            any = true;
            relay(s, &frame);
            continue;
        }
        s->closed = ended || (n < 0 && !xb_link_is_open(s->guest));
        if (n < 0 || ended)
            s->why = n < 0 && !ended ? broken : *end;
        break;
    }
    /* One write for all of them: each write would wake the controller. */
    s->dom0_gone |= xb_link_flush(s->dom0, NULL) < 0;
    s->more |= !is_over(s) && !s->dom0_gone && !room && xb_link_has_bulk_room(s->dom0);
    return any;
}

/* Sleep until there is something to do. During a storm the guest is ignored until its next look. */
static int sleep_for(struct session *s, struct pollfd fds[2])
{
    uint64_t now_ns = xb_now_ns(), until_ns;
    if (!xb_storm_may_look(&s->storm, now_ns))
        fds[1].fd = -1;
    until_ns = xb_storm_until(&s->storm, now_ns);
    int left_ms = until_ns == UINT64_MAX ? -1 : (int)((until_ns - now_ns) / XB_NS_PER_MS) + 1;
    if (s->more)
        left_ms = 0;
    s->more = false;
    return poll(fds, 2, left_ms);
}

/* Report the start or end of a storm as soon as the controller's queue has room for it. */
static void tell_storm(struct session *s)
{
    if (s->storm.rages == s->told_storm || xb_link_room(s->dom0) < FRAME_ROOM)
        return;
    size_t bytes = xb_storm_pack(s->record, s->storm.rages);
    if (xb_link_send_packed(s->dom0, XB_RECORD_STORM, 0, s->record, bytes, NULL) < 0)
        s->dom0_gone = true;
    s->told_storm = s->storm.rages;
}

/* Sleep once, and do what there is to do then. */
static void turn(struct session *s)
{
    bool up = xb_link_has_bulk_room(s->dom0), down = xb_link_has_bulk_room(s->guest);
    short dom0_events = (short)((down ? POLLIN : 0) | (xb_link_flushed(s->dom0) ? 0 : POLLOUT));
    struct pollfd fds[] = {
        {.fd = xb_link_fd(s->dom0), .events = dom0_events},
        {.fd = up ? xb_link_fd(s->guest) : -1, .events = xb_link_poll_events(s->guest)},
    };
    uint64_t moved = xb_link_moved(s->guest);
    if (sleep_for(s, fds) < 0)
        return;
    /* A guest that does not read must not hide that the controller has left. */
    bool hung_up = !down && (fds[0].revents & (POLLHUP | POLLERR));
    s->dom0_gone = (fds[0].revents && xb_link_pump(s->dom0, fds[0].revents, NULL) < 0) || hung_up;
    struct xb_err end = {0};
    bool ended = fds[1].revents && xb_link_pump(s->guest, fds[1].revents, &end) < 0;
    relay_down(s); /* only now is it known how much room both sides have */
    bool of_use = relay_up(s, &end, ended);
    if (fds[1].revents)
        xb_storm_woken(&s->storm, xb_now_ns(),
                       of_use || xb_link_moved(s->guest) - moved >= XB_STORM_USE_BYTES);
    tell_storm(s);
}

/* What the controller said before it left still goes to the guest: a FORGET, for one. */
static void say_farewell(struct session *s)
{
    uint64_t until_ns = xb_now_ns() + FAREWELL_NS, now_ns;
    xb_link_pump(s->dom0, POLLIN, NULL); /* also what has come since the last poll */
    relay_down(s);
    while ((s->more || !xb_link_flushed(s->guest)) && (now_ns = xb_now_ns()) < until_ns) {
        struct pollfd fd = {.fd = xb_link_fd(s->guest), .events = xb_link_poll_events(s->guest)};
        int left_ms = s->more ? 0 : (int)((until_ns - now_ns) / XB_NS_PER_MS) + 1;
        s->more = false;
        if (poll(&fd, 1, left_ms) < 0 || xb_link_pump(s->guest, fd.revents, NULL) < 0)
            return;
        relay_down(s);
    }
}

/* Tell the controller why the session is over, and wait until it has been written. */
static void part(struct session *s)
{
    size_t bytes = xb_parting_pack(s->record, s->closed, &s->why);
    xb_link_send_packed(s->dom0, XB_RECORD_PARTING, 0, s->record, bytes, NULL);
    while (!xb_link_flushed(s->dom0)) {
        struct pollfd fd = {.fd = xb_link_fd(s->dom0), .events = POLLOUT};
        if (poll(&fd, 1, -1) < 0 || xb_link_pump(s->dom0, fd.revents, NULL) < 0)
            return;
    }
}

static int connect_guest(struct session *s, int argc, char **argv)
{
    struct xb_channel *ch;
    if (argc == 4 && strcmp(argv[1], "domain") == 0) {
        uint32_t domid = (uint32_t)strtoul(argv[2], NULL, 10);
        if (xb_channel_vchan_connect(&ch, domid, argv[3], &s->why) < 0)
            return -1;
    } else if (argc == 2 && strcmp(argv[1], "socket") == 0) {
        if (xb_channel_unix_from_fd(&ch, STDOUT_FILENO, &s->why) < 0)
            return -1;
    } else {
        return xb_fail(&s->why, XB_E_HOST, 0, "xenbench starts this program by itself");
    }
    return xb_link_new(&s->guest, ch, &s->why);
}

/*
 * Our HELLO has come while the rings were connected: the guest may answer it during the lock-down.
 * This only writes; nothing of the guest is read before the rights are gone.
 */
static void pass_hello(struct session *s)
{
    s->dom0_gone = xb_link_pump(s->dom0, 0, NULL) < 0;
    relay_down(s);
}

static int lock_down(struct session *s)
{
    const struct xb_sandbox sandbox = {
        .profile = XB_SANDBOX_SESSION,
        .memory_bytes = MEMORY_BYTES,
        .keep_all = true, /* all were opened here: the event channel and the grants */
    };
    return xb_sandbox_enter(&sandbox, &s->why);
}

int main(int argc, char **argv)
{
    static struct session s;
    struct xb_channel *dom0;
    if (close_range(STDERR_FILENO + 1, ~0U, 0) < 0 ||
        xb_channel_unix_from_fd(&dom0, STDIN_FILENO, NULL) < 0 ||
        xb_link_new(&s.dom0, dom0, NULL) < 0)
        return XB_E_HOST;
    /* Rings that cannot be connected are treated like those of an agent that has left. */
    if (connect_guest(&s, argc, argv) < 0) {
        s.closed = true;
    } else {
        pass_hello(&s);
        lock_down(&s);
    }
    while (!is_over(&s) && !s.dom0_gone)
        turn(&s);
    if (s.dom0_gone && !is_over(&s))
        say_farewell(&s);
    else if (!s.dom0_gone)
        part(&s);
    xb_link_free(s.guest);
    /* _exit: sanitizers add work to the C library's exit that the sandbox forbids. */
    _exit(0);
}
