/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake_agent.h"

#include "base.h"
#include "channel.h"
#include "keys.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

static void serve(int listen_fd, fake_script *script)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int fd;
    while ((fd = accept(listen_fd, NULL, NULL)) < 0)
        usleep(1000); /* the listening socket does not block */
    script(fd);
    _exit(0);
}

void fake_agent_start(struct fake_agent *fake, fake_script *script)
{
    struct xb_err err = {0};
    int listen_fd;
    strcpy(fake->folder, "/tmp/xenbench-fake.XXXXXX");
    if (!mkdtemp(fake->folder))
        abort();
    snprintf(fake->name, sizeof(fake->name), "unix:%s/s", fake->folder);
    if (xb_channel_unix_listen(&listen_fd, fake->name + strlen("unix:"), &err) < 0)
        abort();
    fake->pid = fork();
    if (fake->pid == 0)
        serve(listen_fd, script);
    close(listen_fd);
}

void fake_agent_stop(struct fake_agent *fake)
{
    kill(fake->pid, SIGKILL);
    waitpid(fake->pid, NULL, 0);
    unlink(fake->name + strlen("unix:"));
    rmdir(fake->folder);
}

void fake_send_raw(int fd, const void *bytes, size_t count)
{
    const uint8_t *at = bytes;
    while (count > 0) {
        ssize_t n = send(fd, at, count, MSG_NOSIGNAL);
        if (n < 0)
            _exit(0);
        at += n;
        count -= (size_t)n;
    }
}

void fake_send_header(int fd, uint32_t body_bytes, uint16_t type, uint16_t reserved,
                      uint32_t job_id)
{
    uint8_t header[XB_FRAME_HEADER_BYTES];
    xb_frame_encode_header(header, type, job_id, body_bytes);
    header[6] = (uint8_t)reserved;
    header[7] = (uint8_t)(reserved >> 8);
    fake_send_raw(fd, header, sizeof(header));
}

void fake_send(int fd, uint16_t type, uint32_t job_id, const ProtobufCMessage *msg)
{
    size_t bytes = msg ? protobuf_c_message_get_packed_size(msg) : 0;
    xb_auto_free uint8_t *body = malloc(bytes + 1);
    if (msg)
        protobuf_c_message_pack(msg, body);
    fake_send_header(fd, (uint32_t)bytes, type, 0, job_id);
    fake_send_raw(fd, body, bytes);
}

static void receive_raw(int fd, uint8_t *out, size_t count)
{
    while (count > 0) {
        ssize_t n = recv(fd, out, count, 0);
        if (n <= 0)
            _exit(0);
        out += n;
        count -= (size_t)n;
    }
}

uint16_t fake_receive_body(int fd, uint32_t *job_id, uint8_t body[XB_FRAME_BODY_MAX],
                           size_t *body_bytes)
{
    uint8_t header[XB_FRAME_HEADER_BYTES];
    receive_raw(fd, header, sizeof(header));
    size_t bytes = header[0] | (size_t)header[1] << 8 | (size_t)header[2] << 16;
    *body_bytes = bytes <= XB_FRAME_BODY_MAX ? bytes : 0;
    receive_raw(fd, body, *body_bytes);
    if (job_id)
        *job_id = header[8] | (uint32_t)header[9] << 8 | (uint32_t)header[10] << 16 |
                  (uint32_t)header[11] << 24;
    return (uint16_t)(header[4] | header[5] << 8);
}

static uint16_t receive(int fd, uint32_t *job_id)
{
    uint8_t body[XB_FRAME_BODY_MAX];
    size_t bytes;
    return fake_receive_body(fd, job_id, body, &bytes);
}

uint32_t fake_await(int fd, uint16_t type)
{
    uint32_t job_id;
    while (receive(fd, &job_id) != type)
        continue;
    return job_id;
}

void fake_greet(int fd)
{
    Xb__Hello hello = XB__HELLO__INIT;
    hello.major = XB_PROTOCOL_MAJOR;
    hello.minor = XB_PROTOCOL_MINOR;
    hello.version = (char *)"fake";
    hello.boot_id = (char *)"fake";
    hello.max_jobs = XB_JOBS_MAX;
    fake_await(fd, XB_HELLO);
    fake_send(fd, XB_HELLO, 0, &hello.base);
}

void fake_linger(int fd)
{
    for (;;)
        receive(fd, NULL);
}
