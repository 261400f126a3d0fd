/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copies a file into a guest: PUSH, DATA while the link has room, END, and DONE once the guest has
 * the file on its disk.
 */
#include "agent_i.h"

#include "base.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

/* Wait for that much room, so that each wait is followed by several frames and one write. */
#define BATCH_ROOM (XB_LINK_QUEUE_BYTES - XB_LINK_BULK_BYTES / 4)

struct push {
    struct xb_agent *agent;
    uint32_t job_id;
    int fd;
    const char *src;
    const struct xb_progress *progress;
    uint64_t size_bytes, sent_bytes;
    uint32_t crc;
};

static int queue_chunk(struct push *push, struct xb_err *err)
{
    uint8_t buf[XB_DATA_MAX];
    ssize_t n = pread(push->fd, buf, sizeof(buf), (off_t)push->sent_bytes);
    if (n < 0)
        return xb_fail(err, XB_E_HOST, errno, "read %s", push->src);
    if (n == 0 || (uint64_t)n > push->size_bytes - push->sent_bytes)
        return xb_fail(err, XB_E_INPUT, 0, "%s changed while it was copied", push->src);
    Xb__Data data = XB__DATA__INIT;
    data.offset = push->sent_bytes;
    data.data = (ProtobufCBinaryData){.len = (size_t)n, .data = buf};
    if (xb_agent_queue(push->agent, XB_DATA, push->job_id, &data.base, err) < 0)
        return -1;
    push->crc = (uint32_t)crc32(push->crc, buf, (uInt)n);
    push->sent_bytes += (uint64_t)n;
    return 0;
}

/* Wait for room, or for a refusal, which may come at any time. */
static int await_room(struct push *push, struct xb_err *err)
{
    struct xb_call call = {.request = XB_PUSH, .job_id = push->job_id, .room = BATCH_ROOM};
    ProtobufCMessage *early = NULL;
    if (xb_agent_await(push->agent, &call, &early, XB_PROGRESS_TIMEOUT_NS, err) < 0)
        return -1;
    if (!early)
        return 0;
    protobuf_c_message_free_unpacked(early, NULL);
    return xb_fail(err, XB_E_BENCH, 0, "guest %s confirmed %s too early",
                   xb_agent_name(push->agent), push->src);
}

/* Is there room, if need be after a write? Without a connection, queueing says why there is none. */
static bool may_queue(struct push *push)
{
    if (!xb_agent_ready(push->agent) || xb_agent_has_bulk_room(push->agent))
        return true;
    xb_agent_flush(push->agent);
    return xb_agent_has_bulk_room(push->agent);
}

static int send_content(struct push *push, struct xb_err *err)
{
    while (push->sent_bytes < push->size_bytes) {
        if (!may_queue(push) && await_room(push, err) < 0)
            return -1;
        if (xb_agent_go_on(push->agent, err) < 0)
            return -1;
        if (queue_chunk(push, err) < 0)
            return -1;
        if (push->progress)
            push->progress->fn(push->progress->arg, push->sent_bytes, push->size_bytes);
    }
    Xb__End end = XB__END__INIT;
    end.size_bytes = push->sent_bytes;
    end.crc32 = push->crc;
    if (xb_agent_send(push->agent, XB_END, push->job_id, &end.base, err) < 0)
        return -1;
    struct xb_call call = {.request = XB_PUSH, .job_id = push->job_id};
    return xb_agent_await(push->agent, &call, NULL, XB_PROGRESS_TIMEOUT_NS, err);
}

/* Push an open regular file from its start; messages call it src_name. */
static int push_fd(struct xb_agent *agent, int fd, const char *src_name, uint32_t mode,
                   const char *guest_path, const struct xb_progress *progress, struct xb_err *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return xb_fail(err, XB_E_HOST, errno, "look at %s", src_name);
    if (!S_ISREG(st.st_mode))
        return xb_fail(err, XB_E_INPUT, 0, "%s is not a regular file", src_name);
    struct push push = {
        .agent = agent,
        .job_id = xb_agent_next_job(agent),
        .fd = fd,
        .src = src_name,
        .progress = progress,
        .size_bytes = (uint64_t)st.st_size,
        .crc = (uint32_t)crc32(0, NULL, 0),
    };
    Xb__Push msg = XB__PUSH__INIT;
    msg.path = (ProtobufCBinaryData){.len = strlen(guest_path), .data = (uint8_t *)guest_path};
    msg.mode = mode;
    msg.size_bytes = push.size_bytes;
    if (xb_agent_send(agent, XB_PUSH, push.job_id, &msg.base, err) == 0 &&
        send_content(&push, err) == 0)
        return 0;
    /* The agent may refuse each part that is still on its way. */
    xb_expect_abandon(&agent->expect, push.job_id);
    return -1;
}

int xb_agent_push(struct xb_agent *agent, const char *src, const char *guest_path,
                  const struct xb_progress *progress, struct xb_err *err)
{
    struct stat st;
    /* O_NONBLOCK: open must not block on a named pipe, which is refused below. */
    xb_auto_close int fd = open(src, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) < 0)
        return xb_fail(err, XB_E_INPUT, errno, "open %s", src);
    return push_fd(agent, fd, src, st.st_mode & 07777, guest_path, progress, err);
}
