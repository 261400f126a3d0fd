/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hotplug.h"

#include "state.h"
#include "base.h"
#include "loop.h"
#include "modules.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

enum { GROUP_KERNEL = 1, EVENT_MAX = 2048 };

#define XEN_DEVICES "/sys/bus/xen/devices"

static bool has_disks(void)
{
    bool found = false;
    DIR *dir = opendir(XEN_DEVICES);
    for (const struct dirent *e; dir && !found && (e = readdir(dir));)
        found = strncmp(e->d_name, "vbd-", 4) == 0;
    if (dir)
        closedir(dir);
    return found;
}

void xa_hotplug_open(struct xa_agent *agent)
{
    const struct sockaddr_nl all = {.nl_family = AF_NETLINK, .nl_groups = GROUP_KERNEL};
    if (!agent->options.init)
        return;
    if (has_disks())
        xa_modules_load_disks();
    agent->uevent_fd =
        socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
    if (agent->uevent_fd < 0 ||
        bind(agent->uevent_fd, (const struct sockaddr *)&all, sizeof(all)) < 0) {
        fprintf(stderr, "xenbench-agent: listen to the kernel's events: %s\n", strerror(errno));
        xa_hotplug_close(agent);
    }
}

/* Parse "add@/devices/system/cpu/cpu1"; the KEY=VALUE strings after its NUL are not needed. */
int xa_hotplug_vcpu(const char *event, size_t bytes)
{
    static const char start[] = "add@/devices/system/cpu/cpu";
    const size_t length = sizeof(start) - 1;
    int vcpu = 0;
    if (bytes <= length || memcmp(event, start, length) != 0)
        return -1;
    size_t i = length;
    for (; i < bytes && i < length + 4 && event[i] >= '0' && event[i] <= '9'; i++)
        vcpu = 10 * vcpu + (event[i] - '0');
    return i > length && i < bytes && event[i] == '\0' ? vcpu : -1;
}

bool xa_hotplug_is_disk(const char *event, size_t bytes)
{
    static const char start[] = "add@/devices/vbd-";
    return bytes >= sizeof(start) && memcmp(event, start, sizeof(start) - 1) == 0;
}

static void bring_online(int vcpu)
{
    char path[64];
    snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", vcpu);
    xb_auto_close int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "1", 1) < 0)
        fprintf(stderr, "xenbench-agent: bring vcpu %d online: %s\n", vcpu, strerror(errno));
}

static void uevent_event(struct xa_agent *agent, void *arg XB_UNUSED, short revents XB_UNUSED)
{
    char event[EVENT_MAX];
    struct sockaddr_nl from;
    socklen_t from_bytes = sizeof(from);
    ssize_t n = recvfrom(agent->uevent_fd, event, sizeof(event), MSG_TRUNC,
                         (struct sockaddr *)&from, &from_bytes);
    if (n < 0 || (size_t)n > sizeof(event) || from.nl_pid != 0)
        return; /* nl_pid 0 is the kernel; messages of processes have the sender's number */
    int vcpu = xa_hotplug_vcpu(event, (size_t)n);
    if (vcpu >= 0)
        bring_online(vcpu);
    else if (xa_hotplug_is_disk(event, (size_t)n))
        xa_modules_load_disks();
}

void xa_hotplug_poll(struct xa_agent *agent, struct xa_poll_set *set)
{
    xa_poll_add(set, agent->uevent_fd, POLLIN, uevent_event, NULL);
}

void xa_hotplug_close(struct xa_agent *agent)
{
    xb_cleanup_close(&agent->uevent_fd);
    agent->uevent_fd = -1;
}
