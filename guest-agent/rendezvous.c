#include "rendezvous.h"

#include "agent.h"
#include "base.h"

int xb_rendezvous_open(struct xb_agent *agent, struct xb_err *err)
{
    if (agent->options.socket_path)
        return 0;
    return xb_fail(err, XB_E_HOST, 0, "vchan is not served yet: use --socket");
}

void xb_rendezvous_poll(struct xb_agent *agent XB_UNUSED, struct xb_poll_set *set XB_UNUSED)
{
}

void xb_rendezvous_work(struct xb_agent *agent XB_UNUSED, uint64_t now_ns XB_UNUSED)
{
}

void xb_rendezvous_quiesce(struct xb_agent *agent XB_UNUSED, uint64_t resume_after_ns XB_UNUSED)
{
}

void xb_rendezvous_close(struct xb_agent *agent XB_UNUSED)
{
}
