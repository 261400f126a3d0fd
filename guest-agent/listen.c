/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "listen.h"

#include "state.h"
#include "base.h"
#include "loop.h"

#include <sys/socket.h>

int xa_listen_open(struct xa_agent *agent, struct xb_err *err)
{
    if (!agent->options.socket_path)
        return 0;
    if (xb_channel_unix_listen(&agent->listen_fd, agent->options.socket_path, err) < 0)
        return -1;
    agent->published_ns = xa_boottime_ns();
    return 0;
}

static void accept_event(struct xa_agent *agent, void *arg XB_UNUSED, short revents XB_UNUSED)
{
    struct xb_channel *channel;
    struct xb_link *link;
    int fd = accept4(agent->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    struct xb_err err = {0};
    if (xb_channel_unix_from_fd(&channel, fd, &err) < 0 || xb_link_new(&link, channel, &err) < 0) {
        fprintf(stderr, "xenbench-agent: %s\n", err.msg);
        return;
    }
    agent->generation++;
    xa_session_begin(agent, link);
}

void xa_listen_poll(struct xa_agent *agent, struct xa_poll_set *set)
{
    /* At most as many as with vchan; further connections wait in the kernel's queue. */
    size_t greeted;
    if (xa_sessions_count(agent, &greeted) < XA_SESSIONS_MAX)
        xa_poll_add(set, agent->listen_fd, POLLIN, accept_event, NULL);
}

void xa_listen_work(struct xa_agent *agent)
{
    for (size_t i = 0; agent->listen_fd >= 0 && i < XA_SESSION_SLOTS; i++) {
        if (xa_session_is_over(&agent->sessions[i]))
            xb_link_free(xa_session_end(&agent->sessions[i]));
    }
}

void xa_listen_close(struct xa_agent *agent)
{
    if (agent->listen_fd < 0)
        return;
    for (size_t i = 0; i < XA_SESSION_SLOTS; i++)
        xb_link_free(xa_session_end(&agent->sessions[i]));
    xb_cleanup_close(&agent->listen_fd);
    agent->listen_fd = -1;
    unlink(agent->options.socket_path);
}
