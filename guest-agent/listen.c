#include "listen.h"

#include "agent.h"
#include "base.h"
#include "loop.h"

#include <sys/socket.h>

int xb_listen_open(struct xb_agent *agent, struct xb_err *err)
{
    if (!agent->options.socket_path)
        return 0;
    if (xb_channel_unix_listen(&agent->listen_fd, agent->options.socket_path, err) < 0)
        return -1;
    agent->published_ns = xb_boottime_ns();
    return 0;
}

static void accept_event(struct xb_agent *agent, void *arg XB_UNUSED, short revents XB_UNUSED)
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
    xb_session_begin(agent, link);
}

void xb_listen_poll(struct xb_agent *agent, struct xb_poll_set *set)
{
    /* As many as with vchan: further ones wait in the kernel's queue. */
    size_t greeted;
    if (xb_sessions_count(agent, &greeted) < XB_SESSIONS_MAX)
        xb_poll_add(set, agent->listen_fd, POLLIN, accept_event, NULL);
}

void xb_listen_work(struct xb_agent *agent)
{
    for (size_t i = 0; agent->listen_fd >= 0 && i < XB_SESSION_SLOTS; i++) {
        if (xb_session_is_over(&agent->sessions[i]))
            xb_link_free(xb_session_end(&agent->sessions[i]));
    }
}

void xb_listen_close(struct xb_agent *agent)
{
    if (agent->listen_fd < 0)
        return;
    for (size_t i = 0; i < XB_SESSION_SLOTS; i++)
        xb_link_free(xb_session_end(&agent->sessions[i]));
    xb_cleanup_close(&agent->listen_fd);
    agent->listen_fd = -1;
    unlink(agent->options.socket_path);
}
