/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session.h"

#include "state.h"
#include "base.h"
#include "handlers.h"
#include "loop.h"

#include <errno.h>

/* The number of frames handled before signals and output get their turn. */
#define FRAMES_PER_TURN 64
/* Of a connection that has ended: more than exec sends at once. */
#define LAST_FRAMES_MAX 1024
/*
 * The number of job ids that one controller may choose from. Controllers that are not assigned ids
 * (protocol 1.1) use the first block.
 */
#define IDS_PER_BLOCK (1U << 20)
#define ID_BLOCKS 2047

static const struct request {
    uint16_t type;
    bool job_needed;
    const ProtobufCMessageDescriptor *descriptor;
    xa_handler_fn *handle;
} requests[] = {
    {XB_HELLO, false, &xb__hello__descriptor, xa_handle_hello},
    {XB_PING, false, &xb__ping__descriptor, xa_handle_ping},
    {XB_STATUS_REQUEST, false, &xb__status_request__descriptor, xa_handle_status_request},
    {XB_ARM, true, &xb__arm__descriptor, xa_handle_arm},
    {XB_RELEASE, true, &xb__release__descriptor, xa_handle_release},
    {XB_CANCEL, false, &xb__cancel__descriptor, xa_handle_cancel},
    {XB_KILL, true, &xb__kill__descriptor, xa_handle_kill},
    {XB_CREDIT, false, &xb__credit__descriptor, xa_handle_credit},
    {XB_FETCH, true, &xb__fetch__descriptor, xa_handle_fetch},
    {XB_FORGET, true, &xb__forget__descriptor, xa_handle_forget},
    {XB_PUSH, false, &xb__push__descriptor, xa_handle_push},
    {XB_DATA, false, &xb__data__descriptor, xa_handle_data},
    {XB_END, false, &xb__end__descriptor, xa_handle_end},
    {XB_PULL, false, &xb__pull__descriptor, xa_handle_pull},
    {XB_QUIESCE, false, &xb__quiesce__descriptor, xa_handle_quiesce},
    {XB_INPUT, true, &xb__input__descriptor, xa_handle_input},
    {XB_RESIZE, true, &xb__resize__descriptor, xa_handle_resize},
};

struct xa_session *xa_session_begin(struct xa_agent *agent, struct xb_link *link)
{
    struct xa_session *session = agent->sessions;
    while (session->link)
        session++;
    *session = (struct xa_session){.agent = agent, .link = link, .generation = agent->generation};
    return session;
}

size_t xa_sessions_count(const struct xa_agent *agent, size_t *greeted)
{
    size_t count = 0;
    *greeted = 0;
    for (size_t i = 0; i < XA_SESSION_SLOTS; i++) {
        count += agent->sessions[i].link != NULL;
        *greeted += agent->sessions[i].greeted;
    }
    return count;
}

/*
 * A controller that leaves does not wait for answers. A write to it fails, and that must not lose
 * what it had asked for before: that its command be killed, or forgotten.
 */
static void hear_out(struct xa_session *session)
{
    struct xb_frame frame;
    session->lost = true; /* nothing can be answered */
    if (!session->greeted)
        return;
    for (int left = LAST_FRAMES_MAX; left > 0 && xb_link_next(session->link, &frame, NULL) > 0;
         left--) {
        if (frame.type == XB_KILL || frame.type == XB_CANCEL || frame.type == XB_FORGET)
            xa_session_dispatch(session, &frame);
    }
}

struct xb_link *xa_session_end(struct xa_session *session)
{
    struct xb_link *link = session->link;
    if (!link)
        return NULL;
    if (!session->closing)
        hear_out(session);
    xa_jobs_disconnected(session);
    xa_transfers_disconnected(session);
    xa_parts_clear(&session->parts);
    *session = (struct xa_session){0};
    return link;
}

struct xb_link *xa_session_ready_link(struct xa_session *session)
{
    return session && session->greeted && !session->closing && !session->lost ? session->link
                                                                              : NULL;
}

void xa_session_lost(struct xa_session *session, const struct xb_err *err)
{
    if (!session || session->lost)
        return;
    if (session->greeted && err->errnum != 0)
        fprintf(stderr, "xenbench-agent: connection lost: %s\n", err->msg);
    session->lost = true;
}

static void send_any(struct xa_session *session, uint16_t type, uint32_t job_id,
                     const ProtobufCMessage *msg)
{
    struct xb_err err = {0};
    if (session && session->link && !session->lost &&
        xb_link_send(session->link, type, job_id, msg, &err) < 0)
        xa_session_lost(session, &err);
}

void xa_session_send(struct xa_session *session, uint16_t type, uint32_t job_id,
                     const ProtobufCMessage *msg)
{
    if (xa_session_ready_link(session))
        send_any(session, type, job_id, msg);
}

void xa_session_queue(struct xa_session *session, uint16_t type, uint32_t job_id,
                      const ProtobufCMessage *msg)
{
    struct xb_link *link = xa_session_ready_link(session);
    struct xb_err err = {0};
    if (link && xb_link_queue(link, type, job_id, msg, &err) < 0)
        xa_session_lost(session, &err);
}

void xa_session_flush(struct xa_session *session)
{
    struct xb_link *link = xa_session_ready_link(session);
    struct xb_err err = {0};
    if (link && xb_link_flush(link, &err) < 0)
        xa_session_lost(session, &err);
}

void xa_session_refuse(struct xa_session *session, uint16_t request, uint32_t job_id,
                       const struct xb_err *why)
{
    Xb__Error msg = XB__ERROR__INIT;
    msg.request = request;
    msg.errnum = why->errnum;
    msg.message = (char *)why->msg;
    send_any(session, XB_ERROR, job_id, &msg.base);
}

/* Answer with an ERROR and ignore all further frames: the peer does not speak this protocol. */
static void cut_off(struct xa_session *session, const struct xb_frame *frame,
                    const struct xb_err *why)
{
    xa_session_refuse(session, frame->type, frame->job_id, why);
    session->closing = true;
}

static const struct request *find_request(uint16_t type)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(requests); i++) {
        if (requests[i].type == type)
            return &requests[i];
    }
    return NULL;
}

static int check_order(const struct xa_session *session, const struct xb_frame *frame,
                       struct xb_err *err)
{
    if (!session->greeted && frame->type != XB_HELLO)
        return xb_fail(err, XB_E_INPUT, EPROTO, "%s before HELLO", xb_type_name(frame->type));
    if (session->greeted && frame->type == XB_HELLO)
        return xb_fail(err, XB_E_INPUT, EPROTO, "a second HELLO");
    return 0;
}

static void call_handler(struct xa_session *session, const struct request *request,
                         const struct xb_frame *frame)
{
    struct xb_err err = {0};
    ProtobufCMessage *msg =
        protobuf_c_message_unpack(request->descriptor, NULL, frame->body_bytes, frame->body);
    if (!msg) {
        xb_fail(&err, XB_E_INPUT, EBADMSG, "malformed %s", xb_type_name(frame->type));
        cut_off(session, frame, &err);
        return;
    }
    if (request->job_needed && frame->job_id == 0)
        xb_fail(&err, XB_E_INPUT, EINVAL, "%s needs a job id that is not 0",
                xb_type_name(frame->type));
    else
        request->handle(session, frame->job_id, msg, &err);
    if (err.class != XB_E_NONE)
        xa_session_refuse(session, frame->type, frame->job_id, &err);
    protobuf_c_message_free_unpacked(msg, NULL);
}

static void dispatch_whole(struct xa_session *session, const struct xb_frame *frame)
{
    struct xb_err err = {0};
    const struct request *request = find_request(frame->type);
    if (!request) {
        /* A newer minor version may have more requests, which need not end the connection. */
        xb_fail(&err, XB_E_INPUT, EOPNOTSUPP, "request of type %u (%s)", frame->type,
                xb_type_name(frame->type));
        xa_session_refuse(session, frame->type, frame->job_id, &err);
        return;
    }
    call_handler(session, request, frame);
}

void xa_session_dispatch(struct xa_session *session, const struct xb_frame *frame)
{
    struct xb_err err = {0};
    struct xb_frame whole = *frame;
    int r = check_order(session, frame, &err);
    if (r == 0)
        r = frame->type == XB_PART ? xa_parts_add(&session->parts, frame, &err)
                                   : xa_parts_complete(&session->parts, &whole, &err);
    if (r < 0)
        cut_off(session, frame, &err);
    else if (frame->type != XB_PART)
        dispatch_whole(session, &whole);
    if (frame->type != XB_PART || r < 0)
        xa_parts_clear(&session->parts);
}

/* Take a request only if its answer can be queued, so a peer that does not read is not served. */
static bool may_take_frame(const struct xa_session *session)
{
    return session->link && !session->closing && !session->lost &&
           xb_link_room(session->link) >= XB_FRAME_HEADER_BYTES + XB_FRAME_BODY_MAX;
}

static void take_frames(struct xa_session *session)
{
    struct xb_frame frame;
    struct xb_err err = {0};
    int r = 1;
    int left = FRAMES_PER_TURN;
    while (left > 0 && may_take_frame(session) &&
           (r = xb_link_next(session->link, &frame, &err)) > 0) {
        /* Not at the poll: the frame may have arrived while the previous one was handled. */
        session->received_ns = xb_now_ns();
        xa_session_dispatch(session, &frame);
        left--;
    }
    session->more = r > 0;
    if (r < 0)
        xa_session_lost(session, &err);
}

static void link_event(struct xa_agent *agent XB_UNUSED, void *arg, short revents)
{
    struct xa_session *session = arg;
    struct xb_err err = {0};
    if (!session->link || session->lost)
        return;
    int r = xb_link_pump(session->link, revents, &err);
    take_frames(session);
    if (r < 0)
        xa_session_lost(session, &err);
}

/* Does any job, or another session, use the block of ids that begins at session->first_id? */
static bool block_is_taken(const struct xa_session *session)
{
    const struct xa_agent *agent = session->agent;
    for (size_t i = 0; i < XB_JOBS_MAX; i++) {
        const struct xa_job *job = agent->jobs[i];
        if (job && job->id / IDS_PER_BLOCK == session->first_id / IDS_PER_BLOCK)
            return true;
    }
    for (size_t i = 0; i < XA_SESSION_SLOTS; i++) {
        const struct xa_session *other = &agent->sessions[i];
        if (other != session && other->first_id == session->first_id)
            return true;
    }
    return false;
}

/*
 * Read from all other sessions, to find controllers that left without a word. Their jobs then have
 * no owner, so a controller that returns can have its jobs back.
 */
static void notice_the_dead(const struct xa_session *but)
{
    for (size_t i = 0; i < XA_SESSION_SLOTS; i++) {
        struct xa_session *session = &but->agent->sessions[i];
        if (session != but && session->greeted)
            link_event(but->agent, session, 0);
    }
}

/*
 * A controller has one connection. If the old one's end shows only after the next HELLO, the old
 * connection would still own the jobs. A delayed HELLO must not end a later connection.
 */
static void end_the_older(struct xa_session *session)
{
    for (size_t i = 0; i < XA_SESSION_SLOTS; i++) {
        struct xa_session *other = &session->agent->sessions[i];
        if (other == session || !other->greeted || other->controller != session->controller)
            continue;
        if (other->generation < session->generation)
            other->lost = true;
        else
            session->lost = true;
    }
}

void xa_session_greeted(struct xa_session *session, uint64_t controller)
{
    notice_the_dead(session);
    session->controller = controller;
    if (controller)
        end_the_older(session);
    session->greeted = true;
    uint32_t block = session->generation;
    do
        session->first_id = (block++ % ID_BLOCKS + 1) * IDS_PER_BLOCK;
    while (block_is_taken(session));
}

static void poll_session(struct xa_session *session, struct xa_poll_set *set)
{
    short events = xb_link_poll_events(session->link);
    if (!may_take_frame(session) && (events & POLLOUT))
        events &= (short)~POLLIN; /* do not wake for frames that we would not take */
    xa_poll_add(set, xb_link_fd(session->link), events, link_event, session);
    /* Poll does not report them: the queue may have been written by whoever sent last. */
    if (session->more && may_take_frame(session))
        xa_poll_until(set, 0);
}

void xa_sessions_poll(struct xa_agent *agent, struct xa_poll_set *set)
{
    for (size_t i = 0; i < XA_SESSION_SLOTS; i++) {
        if (agent->sessions[i].link)
            poll_session(&agent->sessions[i], set);
    }
}

void xa_sessions_work(struct xa_agent *agent)
{
    for (size_t i = 0; i < XA_SESSION_SLOTS; i++) {
        if (agent->sessions[i].more)
            take_frames(&agent->sessions[i]);
    }
}

bool xa_session_is_over(const struct xa_session *session)
{
    return session->link && (session->lost || (session->closing && xb_link_flushed(session->link)));
}
