#include "session.h"

#include "agent.h"
#include "base.h"
#include "handlers.h"
#include "loop.h"

#include <errno.h>

/* Frames handled before signals and output get their turn again. */
#define FRAMES_PER_TURN 64
/*
 * Job ids that one controller may choose from. The first block is left to controllers that are
 * told of none (protocol 1.1).
 */
#define IDS_PER_BLOCK (1U << 20)
#define ID_BLOCKS 2047

static const struct request {
    uint16_t type;
    bool job_needed;
    const ProtobufCMessageDescriptor *descriptor;
    xb_handler_fn *handle;
} requests[] = {
    {XB_HELLO, false, &xb__hello__descriptor, xb_handle_hello},
    {XB_PING, false, &xb__ping__descriptor, xb_handle_ping},
    {XB_STATUS_REQUEST, false, &xb__status_request__descriptor, xb_handle_status_request},
    {XB_ARM, true, &xb__arm__descriptor, xb_handle_arm},
    {XB_RELEASE, true, &xb__release__descriptor, xb_handle_release},
    {XB_CANCEL, true, &xb__cancel__descriptor, xb_handle_cancel},
    {XB_KILL, true, &xb__kill__descriptor, xb_handle_kill},
    {XB_CREDIT, false, &xb__credit__descriptor, xb_handle_credit},
    {XB_FETCH, true, &xb__fetch__descriptor, xb_handle_fetch},
    {XB_FORGET, true, &xb__forget__descriptor, xb_handle_forget},
    {XB_PUSH, false, &xb__push__descriptor, xb_handle_push},
    {XB_DATA, false, &xb__data__descriptor, xb_handle_data},
    {XB_END, false, &xb__end__descriptor, xb_handle_end},
    {XB_PULL, false, &xb__pull__descriptor, xb_handle_pull},
    {XB_QUIESCE, false, &xb__quiesce__descriptor, xb_handle_quiesce},
    {XB_INPUT, true, &xb__input__descriptor, xb_handle_input},
    {XB_RESIZE, true, &xb__resize__descriptor, xb_handle_resize},
};

struct xb_session *xb_session_begin(struct xb_agent *agent, struct xb_link *link)
{
    struct xb_session *session = agent->sessions;
    while (session->link)
        session++;
    *session = (struct xb_session){.agent = agent, .link = link, .generation = agent->generation};
    return session;
}

size_t xb_sessions_count(const struct xb_agent *agent, size_t *greeted)
{
    size_t count = 0;
    *greeted = 0;
    for (size_t i = 0; i < XB_SESSION_SLOTS; i++) {
        count += agent->sessions[i].link != NULL;
        *greeted += agent->sessions[i].greeted;
    }
    return count;
}

struct xb_link *xb_session_end(struct xb_session *session)
{
    struct xb_link *link = session->link;
    if (!link)
        return NULL;
    xb_jobs_disconnected(session);
    xb_transfers_disconnected(session);
    xb_parts_clear(&session->parts);
    *session = (struct xb_session){0};
    return link;
}

struct xb_link *xb_session_ready_link(struct xb_session *session)
{
    return session && session->greeted && !session->closing && !session->lost ? session->link
                                                                              : NULL;
}

void xb_session_lost(struct xb_session *session, const struct xb_err *err)
{
    if (!session || session->lost)
        return;
    if (session->greeted && err->errnum != 0)
        fprintf(stderr, "xenbench-agent: connection lost: %s\n", err->msg);
    session->lost = true;
}

static void send_any(struct xb_session *session, uint16_t type, uint32_t job_id,
                     const ProtobufCMessage *msg)
{
    struct xb_err err = {0};
    if (session && session->link && !session->lost &&
        xb_link_send(session->link, type, job_id, msg, &err) < 0)
        xb_session_lost(session, &err);
}

void xb_session_send(struct xb_session *session, uint16_t type, uint32_t job_id,
                     const ProtobufCMessage *msg)
{
    if (xb_session_ready_link(session))
        send_any(session, type, job_id, msg);
}

void xb_session_refuse(struct xb_session *session, uint16_t request, uint32_t job_id,
                       const struct xb_err *why)
{
    Xb__Error msg = XB__ERROR__INIT;
    msg.request = request;
    msg.errnum = why->errnum;
    msg.message = (char *)why->msg;
    send_any(session, XB_ERROR, job_id, &msg.base);
}

/* Answer with an ERROR and hear nothing more: for a peer that does not speak this protocol. */
static void cut_off(struct xb_session *session, const struct xb_frame *frame,
                    const struct xb_err *why)
{
    xb_session_refuse(session, frame->type, frame->job_id, why);
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

static int check_order(const struct xb_session *session, const struct xb_frame *frame,
                       struct xb_err *err)
{
    if (!session->greeted && frame->type != XB_HELLO)
        return xb_fail(err, XB_E_INPUT, EPROTO, "%s before HELLO", xb_type_name(frame->type));
    if (session->greeted && frame->type == XB_HELLO)
        return xb_fail(err, XB_E_INPUT, EPROTO, "a second HELLO");
    return 0;
}

static void call_handler(struct xb_session *session, const struct request *request,
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
        xb_session_refuse(session, frame->type, frame->job_id, &err);
    protobuf_c_message_free_unpacked(msg, NULL);
}

static void dispatch_whole(struct xb_session *session, const struct xb_frame *frame)
{
    struct xb_err err = {0};
    const struct request *request = find_request(frame->type);
    if (!request) {
        /* A newer minor version may know more requests; that is no reason to part. */
        xb_fail(&err, XB_E_INPUT, EOPNOTSUPP, "request of type %u (%s)", frame->type,
                xb_type_name(frame->type));
        xb_session_refuse(session, frame->type, frame->job_id, &err);
        return;
    }
    call_handler(session, request, frame);
}

void xb_session_dispatch(struct xb_session *session, const struct xb_frame *frame)
{
    struct xb_err err = {0};
    struct xb_frame whole = *frame;
    int r = check_order(session, frame, &err);
    if (r == 0)
        r = frame->type == XB_PART ? xb_parts_add(&session->parts, frame, &err)
                                   : xb_parts_complete(&session->parts, &whole, &err);
    if (r < 0)
        cut_off(session, frame, &err);
    else if (frame->type != XB_PART)
        dispatch_whole(session, &whole);
    if (frame->type != XB_PART || r < 0)
        xb_parts_clear(&session->parts);
}

/* A request is taken only when its answer can be queued: a peer that does not read is not heard. */
static bool may_take_frame(const struct xb_session *session)
{
    return session->link && !session->closing && !session->lost &&
           xb_link_room(session->link) >= XB_FRAME_HEADER_BYTES + XB_FRAME_BODY_MAX;
}

static void take_frames(struct xb_session *session)
{
    struct xb_frame frame;
    struct xb_err err = {0};
    int r = 1;
    int left = FRAMES_PER_TURN;
    while (left > 0 && may_take_frame(session) &&
           (r = xb_link_next(session->link, &frame, &err)) > 0) {
        /* Not at the poll: this frame may have come while the one before it was handled. */
        session->received_ns = xb_now_ns();
        xb_session_dispatch(session, &frame);
        left--;
    }
    session->more = left == 0;
    if (r < 0)
        xb_session_lost(session, &err);
}

static void link_event(struct xb_agent *agent XB_UNUSED, void *arg, short revents)
{
    struct xb_session *session = arg;
    struct xb_err err = {0};
    if (!session->link || session->lost)
        return;
    int r = xb_link_pump(session->link, revents, &err);
    take_frames(session);
    if (r < 0)
        xb_session_lost(session, &err);
}

/* Does anybody else have ids of the session's block? */
static bool block_is_taken(const struct xb_session *session)
{
    const struct xb_agent *agent = session->agent;
    for (size_t i = 0; i < XB_JOBS_MAX; i++) {
        const struct xb_job *job = agent->jobs[i];
        if (job && job->id / IDS_PER_BLOCK == session->first_id / IDS_PER_BLOCK)
            return true;
    }
    for (size_t i = 0; i < XB_SESSION_SLOTS; i++) {
        const struct xb_session *other = &agent->sessions[i];
        if (other != session && other->first_id == session->first_id)
            return true;
    }
    return false;
}

/*
 * Controllers that have left without a word, which shows when they are listened to: their jobs are
 * nobody's from then on, and who comes back finds its own.
 */
static void notice_the_dead(const struct xb_session *but)
{
    for (size_t i = 0; i < XB_SESSION_SLOTS; i++) {
        struct xb_session *session = &but->agent->sessions[i];
        if (session != but && session->greeted)
            link_event(but->agent, session, 0);
    }
}

/*
 * A controller has one connection. The end of the one before may show later than the next HELLO,
 * and would keep the controller's jobs from it; a HELLO that was delayed is no reason to end a later
 * connection.
 */
static void end_the_older(struct xb_session *session)
{
    for (size_t i = 0; i < XB_SESSION_SLOTS; i++) {
        struct xb_session *other = &session->agent->sessions[i];
        if (other == session || !other->greeted || other->controller != session->controller)
            continue;
        if (other->generation < session->generation)
            other->lost = true;
        else
            session->lost = true;
    }
}

void xb_session_greeted(struct xb_session *session, uint64_t controller)
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

static void poll_session(struct xb_session *session, struct xb_poll_set *set)
{
    short events = xb_link_poll_events(session->link);
    if (!may_take_frame(session) && (events & POLLOUT))
        events &= (short)~POLLIN; /* what we would not take must not wake us */
    xb_poll_add(set, xb_link_fd(session->link), events, link_event, session);
    if (session->more)
        xb_poll_until(set, 0);
}

void xb_sessions_poll(struct xb_agent *agent, struct xb_poll_set *set)
{
    for (size_t i = 0; i < XB_SESSION_SLOTS; i++) {
        if (agent->sessions[i].link)
            poll_session(&agent->sessions[i], set);
    }
}

void xb_sessions_work(struct xb_agent *agent)
{
    for (size_t i = 0; i < XB_SESSION_SLOTS; i++) {
        if (agent->sessions[i].more)
            take_frames(&agent->sessions[i]);
    }
}

bool xb_session_is_over(const struct xb_session *session)
{
    return session->link && (session->lost || (session->closing && xb_link_flushed(session->link)));
}
