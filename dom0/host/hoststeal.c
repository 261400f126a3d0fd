/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hoststeal.h"

#include "base.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <string.h>

#define ANSWER_MAX 16384
#define TIMEOUT_NS XB_NS_PER_S

int xb_hoststeal_open(const char *port)
{
    return open(port ? port : XB_HOSTSTEAL_PORT, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

static bool take_uint(const json_t *from, const char *key, uint64_t *out)
{
    const json_t *value = json_object_get(from, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *out = (uint64_t)json_integer_value(value);
    return true;
}

static int by_cpu(const void *a, const void *b)
{
    const struct xb_hoststeal_cpu *x = a, *y = b;
    return (x->cpu > y->cpu) - (x->cpu < y->cpu);
}

static bool take_cpus(const json_t *list, struct xb_hoststeal *out)
{
    size_t i;
    json_t *entry;
    if (!json_is_array(list) || json_array_size(list) > XB_HOSTSTEAL_CPUS_MAX)
        return false;
    json_array_foreach(list, i, entry)
    {
        uint64_t cpu;
        if (!take_uint(entry, "cpu", &cpu) || cpu >= XB_HOSTSTEAL_CPUS_MAX ||
            !take_uint(entry, "run_ns", &out->cpus[i].run_ns) ||
            !take_uint(entry, "delay_ns", &out->cpus[i].delay_ns))
            return false;
        out->cpus[i].cpu = (uint32_t)cpu;
    }
    out->count = json_array_size(list);
    qsort(out->cpus, out->count, sizeof(out->cpus[0]), by_cpu);
    return true;
}

/* Parse an answer: one line of JSON. */
static int parse(const char *line, size_t bytes, struct xb_hoststeal *out, struct xb_err *err)
{
    *out = (struct xb_hoststeal){0};
    json_t *json = json_loadb(line, bytes, 0, NULL);
    uint64_t host_cpus = 0;
    bool ok = json && take_uint(json, "time_ns", &out->time_ns) &&
              take_uint(json, "host_cpus", &host_cpus) && host_cpus <= UINT32_MAX &&
              take_cpus(json_object_get(json, "cpus"), out);
    json_decref(json);
    out->host_cpus = (uint32_t)host_cpus;
    if (ok)
        return 0;
    *out = (struct xb_hoststeal){0};
    return xb_fail(err, XB_E_HOST, 0, "the lab's answer about its CPUs is unreadable");
}

/* Discard what an earlier question left unread. */
static void drain(int fd)
{
    char rest[512];
    while (read(fd, rest, sizeof(rest)) > 0)
        ;
}

static int wait_for(int fd, short events, uint64_t deadline_ns)
{
    uint64_t now = xb_now_ns();
    if (now >= deadline_ns)
        return -1;
    struct timespec left = xb_timespec(deadline_ns - now);
    struct pollfd poll_fd = {.fd = fd, .events = events};
    int r = ppoll(&poll_fd, 1, &left, NULL);
    /* A port whose other side is gone is always "ready"; its error bits end the wait. */
    return r == 1 && (poll_fd.revents & events) ? 0 : -1;
}

static int read_line(int fd, char *line, size_t *bytes, uint64_t deadline_ns)
{
    *bytes = 0;
    while (*bytes < ANSWER_MAX) {
        ssize_t n = read(fd, line + *bytes, ANSWER_MAX - *bytes);
        if (n > 0) {
            *bytes += (size_t)n;
            if (memchr(line, '\n', *bytes))
                return 0;
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR) ||
                   wait_for(fd, POLLIN, deadline_ns) < 0) {
            return -1;
        }
    }
    return -1;
}

int xb_hoststeal_read(int fd, struct xb_hoststeal *out, struct xb_err *err)
{
    static const char question[] = "steal\n";
    char line[ANSWER_MAX];
    size_t bytes;
    *out = (struct xb_hoststeal){0};
    if (fd < 0)
        return 0;
    drain(fd);
    uint64_t deadline_ns = xb_now_ns() + TIMEOUT_NS;
    if (write(fd, question, sizeof(question) - 1) != (ssize_t)sizeof(question) - 1)
        return xb_fail(err, XB_E_HOST, errno, "the lab cannot be asked about its CPUs");
    if (read_line(fd, line, &bytes, deadline_ns) < 0)
        return xb_fail(err, XB_E_HOST, 0, "the lab does not answer about its CPUs");
    return parse(line, (size_t)((char *)memchr(line, '\n', bytes) - line), out, err);
}

void xb_hoststeal_between(const struct xb_hoststeal *from, const struct xb_hoststeal *to,
                          struct xb_hoststeal *out)
{
    *out = (struct xb_hoststeal){0};
    if (from->count == 0 || from->count != to->count || to->time_ns <= from->time_ns)
        return;
    for (size_t i = 0; i < to->count; i++) {
        if (to->cpus[i].cpu != from->cpus[i].cpu || to->cpus[i].run_ns < from->cpus[i].run_ns ||
            to->cpus[i].delay_ns < from->cpus[i].delay_ns)
            return;
        out->cpus[i].cpu = to->cpus[i].cpu;
        out->cpus[i].run_ns = to->cpus[i].run_ns - from->cpus[i].run_ns;
        out->cpus[i].delay_ns = to->cpus[i].delay_ns - from->cpus[i].delay_ns;
    }
    out->host_cpus = to->host_cpus;
    out->time_ns = to->time_ns - from->time_ns;
    out->count = to->count;
}
