/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A man in the middle: the controller uses our rings, and we use a real agent's unix socket. */
#include "hostile.h"

#include "channel.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define AGENT "/usr/lib/xenbench/xenbench-agent"
#define BEHIND "/tmp/hostile.behind"

/* The first members of channel_vchan.c's structure. */
struct peek {
    struct xb_channel base;
    struct libxenvchan *vchan;
};

static void send_on(struct xb_link *link, const struct xb_frame *frame)
{
    xb_link_send_packed(link, frame->type, frame->job_id, frame->body, frame->body_bytes, NULL);
}

static void from_controller(struct relay *r, const struct attack *a, const struct xb_frame *frame)
{
    if (frame->type == XB_HELLO) /* these rings are in use now */
        remove_key(r->harm, XB_KEY_GENERATION);
    if (frame->type == XB_FETCH && a->on_fetch) {
        a->on_fetch(r, frame);
        return;
    }
    send_on(r->agent, frame);
    if (frame->type == XB_RELEASE && a->on_release) {
        xb_link_pump(r->agent, 0, NULL);
        a->on_release(r);
    }
}

static void from_agent(struct relay *r, const struct attack *a, struct xb_frame *frame)
{
    static uint8_t room[2 * XB_FRAME_BODY_MAX];
    if (!a->on_frame || !a->on_frame(r, frame, room))
        send_on(r->dom0, frame);
}

/* One connection, until either side ends it. */
static void relay(struct relay *r, const struct attack *a)
{
    struct xb_frame frame;
    while (!r->ends && !is_over(r->harm)) {
        struct pollfd fds[] = {
            {.fd = xb_link_fd(r->dom0), .events = POLLIN},
            {.fd = xb_link_fd(r->agent), .events = xb_link_poll_events(r->agent)}};
        poll(fds, 2, 200);
        int dom0 = xb_link_pump(r->dom0, fds[0].revents, NULL);
        int agent = xb_link_pump(r->agent, fds[1].revents, NULL);
        while (!r->silent && !r->ends && xb_link_next(r->dom0, &frame, NULL) > 0)
            from_controller(r, a, &frame);
        while (!r->silent && !r->ends && xb_link_next(r->agent, &frame, NULL) > 0)
            from_agent(r, a, &frame);
        if (dom0 < 0 || agent < 0)
            return;
    }
}

static void start_agent(struct harm *h)
{
    unlink(BEHIND);
    h->helper = fork();
    if (h->helper == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execl(AGENT, AGENT, "--socket", BEHIND, (char *)NULL);
        _exit(1);
    }
    while (access(BEHIND, F_OK) < 0 && kill(h->helper, 0) == 0)
        nap(20 * XB_NS_PER_MS);
}

/* Without Xen: accept the controller's next connection, instead of serving rings. */
static int accept_controller(struct harm *h, struct xb_channel **out)
{
    if (h->listen_fd < 0 && xb_channel_unix_listen(&h->listen_fd, h->listen, NULL) < 0)
        return -1;
    struct pollfd fd = {.fd = h->listen_fd, .events = POLLIN};
    int accepted =
        poll(&fd, 1, (int)(LOOK_NS / XB_NS_PER_MS)) > 0 ? accept(h->listen_fd, NULL, NULL) : -1;
    return accepted < 0 ? -1 : xb_channel_unix_from_fd(out, accepted, NULL);
}

static int serve(struct relay *r, struct xb_channel **out)
{
    char path[XB_KEY_PATH_MAX + 1];
    if (r->harm->listen)
        return accept_controller(r->harm, out);
    if (xb_channel_vchan_serve(out, next_path(r->harm, path), READ_RING_BYTES, WRITE_RING_BYTES,
                               NULL) < 0)
        return -1;
    r->vchan = ((struct peek *)*out)->vchan;
    return 0;
}

static bool connect_relay(struct relay *r, struct harm *h)
{
    struct xb_channel *dom0, *agent;
    *r = (struct relay){.harm = h};
    if (serve(r, &dom0) < 0 || xb_link_new(&r->dom0, dom0, NULL) < 0)
        return false;
    if (xb_channel_unix_connect(&agent, h->listen ? h->agent : BEHIND, NULL) == 0 &&
        xb_link_new(&r->agent, agent, NULL) == 0)
        return true;
    xb_link_free(r->dom0);
    return false;
}

void attack_in_the_middle(struct harm *h, const struct attack *a)
{
    if (!h->listen)
        start_agent(h);
    while (!is_over(h)) {
        struct relay r;
        if (!connect_relay(&r, h)) {
            nap(h->listen ? 0 : LOOK_NS);
            continue;
        }
        publish(h);
        relay(&r, a);
        end_storm(&r);
        xb_link_free(r.dom0);
        xb_link_free(r.agent);
    }
}
