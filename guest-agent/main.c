/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xenbench-agent: runs in a guest and does what the controller in Dom0 requests over vchan. */
#include "state.h"
#include "base.h"
#include "hotplug.h"
#include "init.h"
#include "listen.h"
#include "loop.h"
#include "reap.h"
#include "rendezvous.h"
#include "sample.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/reboot.h>

const char *argp_program_version = "xenbench-agent " XB_VERSION;

enum { OPTION_SOCKET = 0x100, OPTION_INIT, OPTION_LOCK_MEMORY };

static const struct argp_option options[] = {
    {"socket", OPTION_SOCKET, "PATH", 0,
     "Serve a unix socket instead of vchan (for tests without Xen)", 0},
    {"init", OPTION_INIT, NULL, 0, "Be the guest's init, as when started as PID 1", 0},
    {"lock-memory", OPTION_LOCK_MEMORY, NULL, 0, "Keep the agent's own memory from being paged out",
     0},
    {0},
};

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct xa_agent_options *out = state->input;
    switch (key) {
    case OPTION_SOCKET:
        out->socket_path = value;
        return 0;
    case OPTION_INIT:
        out->init = true;
        return 0;
    case OPTION_LOCK_MEMORY:
        out->lock_memory = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp parser = {
    .options = options,
    .parser = parse_option,
    .doc = "Run jobs in this Xen guest for xenbench in Dom0, which connects over vchan.",
};

/* dup2 puts a job's descriptors 0 to 2 in place, so the agent's own must be above them. */
static int fill_standard_descriptors(struct xb_err *err)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDWR);
        if (fd < 0)
            return xb_fail(err, XB_E_HOST, errno, "open /dev/null");
    } while (fd <= STDERR_FILENO);
    close(fd);
    return 0;
}

static void survive_out_of_memory(void)
{
    xb_auto_close int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "-1000", 5) < 0)
        return; /* without the right to do this, as in tests, go on unprotected */
}

static int set_up_process(const struct xa_agent *agent, struct xb_err *err)
{
    if (fill_standard_descriptors(err) < 0)
        return -1;
    survive_out_of_memory();
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        return xb_fail(err, XB_E_HOST, errno, "become the jobs' reaper");
    if (agent->options.lock_memory && mlockall(MCL_CURRENT | MCL_FUTURE) < 0)
        return xb_fail(err, XB_E_HOST, errno, "lock memory");
    return 0;
}

/* The arguments lie in contiguous memory, which ps shows. */
static struct xa_name_area name_area(int argc, char **argv)
{
    const char *last = argv[argc - 1];
    return (struct xa_name_area){.start = argv[0],
                                 .bytes = (size_t)(last + strlen(last) + 1 - argv[0])};
}

static void init_agent(struct xa_agent *agent, int argc, char **argv)
{
    agent->name_area = name_area(argc, argv);
    agent->signal_fd = agent->uevent_fd = agent->listen_fd = -1;
    agent->started_ns = xa_boottime_ns();
    agent->reboot_command = RB_POWER_OFF; /* if the agent fails as PID 1 */
    for (size_t i = 0; i < XA_TRANSFERS_MAX; i++)
        agent->transfers[i].fd = -1;
}

static int serve(struct xa_agent *agent, struct xb_err *err)
{
    if (set_up_process(agent, err) < 0 || xa_signals_open(agent, err) < 0)
        return -1;
    xa_read_line_file("/proc/sys/kernel/random/boot_id", agent->boot_id, sizeof(agent->boot_id));
    xa_hotplug_open(agent);
    if (xa_listen_open(agent, err) < 0 || xa_rendezvous_open(agent, err) < 0)
        return -1;
    return xa_loop_run(agent, err);
}

static void end(struct xa_agent *agent)
{
    xa_jobs_end(agent);
    xa_listen_close(agent);
    xa_rendezvous_close(agent);
    xa_hotplug_close(agent);
    xb_cleanup_close(&agent->signal_fd);
}

int main(int argc, char **argv)
{
    struct xa_agent agent = {0};
    struct xb_err err = {0};
    init_agent(&agent, argc, argv);
    if (xa_power_is_called(argv[0]))
        return xa_power_main(argv[0]);
    if (getpid() == 1)
        agent.options.init = true; /* the kernel's remaining command line is not for us */
    else
        argp_parse(&parser, argc, argv, 0, NULL, &agent.options);

    int r = agent.options.init ? xa_init_set_up(&err) : 0;
    if (r == 0)
        r = serve(&agent, &err);
    end(&agent);
    if (r < 0)
        fprintf(stderr, "xenbench-agent: %s\n", err.msg);
    if (agent.options.init)
        xa_init_end(agent.reboot_command);
    return r < 0 ? (int)err.class : 0;
}
