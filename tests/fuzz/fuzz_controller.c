/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The controller's session with a hostile agent must end properly, whatever the agent answers.
 * The input is what the agent sends: pieces (a two-byte little-endian length, then the bytes), the
 * first answering HELLO, each further one a frame of the controller; then the agent hangs up. The
 * length 65535 means an honest PONG, whose contents no input can know.
 * The controller does what commands and runs do: ping, status, a job with output, files both ways.
 * For: dom0/agent/agent_expect.c dom0/agent/agent_msg.c dom0/agent/agent_wait.c dom0/agent/agent_pull.c dom0/agent/agent_push.c dom0/agent/agent_clock.c
 */
#include "agent.h"
#include "app.h"
#include "base.h"
#include "channel.h"
#include "frame.h"
#include "guest_talk.h"
#include "sandbox.h"

#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

/* Short, because most inputs leave the controller waiting until the time-out. */
#define SESSION_NS (20 * XB_NS_PER_MS)
#define PEER_IDLE_US 5000
#define PEER_ACCEPT_MS 100
#define PULL_MAX 65536
#define HONEST_PONG 0xffff

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Replacements: the fuzzer's guest is no domain. */
int xb_guest_find(struct xb_app *app, const char *name, struct xb_guest *out, struct xb_err *err);

struct xb_xen *xb_app_xen(struct xb_app *app XB_UNUSED)
{
    abort();
}

int xb_guest_find(struct xb_app *app XB_UNUSED, const char *name XB_UNUSED,
                  struct xb_guest *out XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    abort();
}

/* No other process talks to the guest, so no lock is needed. */
int xb_guest_talk_open(struct xb_guest_talk *out, struct xb_app *app XB_UNUSED,
                       const char *key XB_UNUSED, const char *name, struct xb_err *err XB_UNUSED)
{
    *out = (struct xb_guest_talk){.name = name, .fd = -1, .slot = -1};
    snprintf(out->path, sizeof(out->path), "%s", name);
    return 0;
}

void xb_guest_talk_close(struct xb_guest_talk *talk XB_UNUSED)
{
}

int xb_guest_talk_join(struct xb_guest_talk *talk XB_UNUSED,
                       const struct xb_talk_wait *wait XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    return 0;
}

int xb_guest_talk_measure(struct xb_guest_talk *talk XB_UNUSED,
                          const struct xb_talk_wait *wait XB_UNUSED, struct xb_err *err XB_UNUSED)
{
    abort();
}

void xb_guest_talk_measured(struct xb_guest_talk *talk XB_UNUSED)
{
}

bool xb_guest_door_take(struct xb_guest_talk *talk XB_UNUSED)
{
    abort();
}

int xb_guest_door_wait(struct xb_guest_talk *talk XB_UNUSED, struct xb_lock_wait *out XB_UNUSED,
                       struct xb_err *err XB_UNUSED)
{
    abort();
}

void xb_guest_door_taken(struct xb_guest_talk *talk XB_UNUSED)
{
}

void xb_guest_door_leave(struct xb_guest_talk *talk XB_UNUSED)
{
}

void xb_guest_door_holder(const struct xb_guest_talk *talk XB_UNUSED, char *out XB_UNUSED,
                          size_t bytes XB_UNUSED)
{
}

struct peer {
    int listen_fd;
    const uint8_t *data;
    size_t left;
};

static bool receive_all(int fd, void *out, size_t bytes)
{
    return recv(fd, out, bytes, MSG_WAITALL) == (ssize_t)bytes;
}

static bool receive_frame(int fd, uint8_t body[XB_FRAME_BODY_MAX], size_t *bytes)
{
    uint8_t header[XB_FRAME_HEADER_BYTES];
    if (!receive_all(fd, header, sizeof(header)))
        return false;
    *bytes = (size_t)header[0] | (size_t)header[1] << 8 | (size_t)header[2] << 16;
    if (*bytes > XB_FRAME_BODY_MAX)
        abort(); /* would be a bug of this fuzzer */
    return *bytes == 0 || receive_all(fd, body, *bytes);
}

static bool send_pong(int fd, const uint8_t *body, size_t bytes)
{
    uint8_t frame[256];
    Xb__Pong pong = XB__PONG__INIT;
    Xb__Ping *ping = xb__ping__unpack(NULL, bytes, body);
    if (ping) { /* if the frame is no PING, any numbers will do */
        pong.sequence = ping->sequence;
        pong.dom0_ns = ping->dom0_ns;
        xb__ping__free_unpacked(ping, NULL);
    }
    pong.received_ns = pong.sent_ns = xb_now_ns();
    size_t packed = xb__pong__get_packed_size(&pong);
    xb_frame_encode_header(frame, XB_PONG, 0, (uint32_t)packed);
    xb__pong__pack(&pong, frame + XB_FRAME_HEADER_BYTES);
    return send(fd, frame, XB_FRAME_HEADER_BYTES + packed, MSG_NOSIGNAL) > 0;
}

/* Answer a frame, which has this body, with the next piece of the input. */
static bool answer(struct peer *peer, int fd, const uint8_t *body, size_t bytes)
{
    size_t n = (size_t)peer->data[0] | (size_t)peer->data[1] << 8;
    peer->data += 2;
    peer->left -= 2;
    if (n == HONEST_PONG)
        return send_pong(fd, body, bytes);
    n = n > peer->left ? peer->left : n;
    bool sent = send(fd, peer->data, n, MSG_NOSIGNAL) >= 0;
    peer->data += n;
    peer->left -= n;
    return sent;
}

static void *serve(void *arg)
{
    static uint8_t body[XB_FRAME_BODY_MAX];
    size_t bytes;
    struct peer *peer = arg;
    struct pollfd waiting = {.fd = peer->listen_fd, .events = POLLIN};
    int fd = poll(&waiting, 1, PEER_ACCEPT_MS) == 1 ? accept(peer->listen_fd, NULL, NULL) : -1;
    struct timeval idle = {.tv_usec = PEER_IDLE_US};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof(idle));
    while (fd >= 0 && peer->left >= 2 && receive_frame(fd, body, &bytes) &&
           answer(peer, fd, body, bytes))
        ;
    if (fd >= 0)
        close(fd);
    return NULL;
}

static int on_message(void *arg, struct xb_agent *agent XB_UNUSED, const struct xb_msg *msg,
                      struct xb_err *err XB_UNUSED)
{
    bool *ended = arg;
    const Xb__Output *output = (const Xb__Output *)msg->body;
    *ended = msg->type == XB_RESULT || (msg->type == XB_OUTPUT && output->eof);
    return 0;
}

static int run_job(struct xb_agent *agent, struct xb_err *err)
{
    ProtobufCBinaryData argv = {4, (uint8_t *)"true"};
    Xb__Arm arm = XB__ARM__INIT;
    Xb__Release release = XB__RELEASE__INIT;
    Xb__Fetch fetch = XB__FETCH__INIT;
    uint32_t job_id = xb_agent_next_job(agent);
    bool ended = false;
    arm.token = (char *)"token";
    arm.argv = &argv;
    arm.n_argv = 1;
    arm.output = XB__OUTPUT_MODE__OUTPUT_STREAM;
    arm.credit_bytes = 4096;
    arm.stdin_stream = true;
    struct xb_agents_wait wait = {.agents = &agent,
                                  .count = 1,
                                  .deadline_ns = xb_now_ns() + SESSION_NS,
                                  .stop_fd = -1,
                                  .stop = &ended,
                                  .on_message = on_message,
                                  .arg = &ended};
    if (xb_agent_call(agent, XB_ARM, job_id, &arm.base, XB_ARMED, NULL, SESSION_NS, err) < 0 ||
        xb_agent_send(agent, XB_RELEASE, job_id, &release.base, err) < 0 ||
        xb_agents_wait(&wait, err) < 0)
        return -1;
    ended = false;
    fetch.stream = XB__STREAM__STREAM_STDOUT;
    fetch.credit_bytes = 4096;
    if (xb_agent_send(agent, XB_FETCH, job_id, &fetch.base, err) < 0 ||
        xb_agents_wait(&wait, err) < 0)
        return -1;
    return xb_agent_call(agent, XB_FORGET, job_id, NULL, XB_DONE, NULL, SESSION_NS, err);
}

static int session(struct xb_app *app, const char *name, const char *file, struct xb_err *err)
{
    struct xb_agent *agent = NULL;
    static const struct xb_pull_limit limit = {.bytes = PULL_MAX, .way_out = "no more"};
    Xb__Status *status = NULL;
    int rc = xb_agents_connect(&agent, app, &name, 1, xb_now_ns() + SESSION_NS, -1, err);
    struct xb_clock_ask ask = {.agent = agent};
    if (rc == 0)
        xb_agents_clock(&ask, 1, 2);
    if (rc == 0 && ask.err.class != XB_E_NONE)
        rc = xb_fail(err, ask.err.class, 0, "%s", ask.err.msg);
    if (rc == 0 && (rc = xb_agent_status(agent, &status, err)) == 0)
        xb__status__free_unpacked(status, NULL);
    if (rc == 0)
        rc = run_job(agent, err);
    if (rc == 0)
        rc = xb_agent_pull(agent, "/a", file, limit, NULL, err);
    if (rc == 0)
        rc = xb_agent_push(agent, file, "/b", NULL, err);
    xb_agent_free(agent);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static char path[64], name[80], file[64];
    static int listen_fd = -1;
    struct xb_err err = {0};
    struct xb_app app = {0};
    if (listen_fd < 0) {
        setenv(XB_NO_SANDBOX_ENV, "1", 1); /* libFuzzer sees this process alone */
        snprintf(path, sizeof(path), "/tmp/xenbench-fuzz.%d", (int)getpid());
        snprintf(name, sizeof(name), XB_AGENT_UNIX "%s", path);
        snprintf(file, sizeof(file), "%s.file", path);
        if (xb_channel_unix_listen(&listen_fd, path, &err) < 0)
            abort();
    }
    int stale; /* left from the last input: the controller may retry after the peer is gone */
    while ((stale = accept(listen_fd, NULL, NULL)) >= 0)
        close(stale);
    struct peer peer = {listen_fd, data, bytes};
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, &peer) != 0)
        abort();
    if (session(&app, name, file, &err) < 0 && !err.class)
        abort();
    pthread_join(thread, NULL);
    return 0;
}
