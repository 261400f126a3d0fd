/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An agent that follows a script, honest or not, in its own process behind a unix socket.
 */
#ifndef XB_FAKE_AGENT_H
#define XB_FAKE_AGENT_H

#include "frame.h"
#include "xenbench.pb-c.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The script for the agent's only connection. When it returns, the connection and the agent end. */
typedef void fake_script(int fd);

struct fake_agent {
    char folder[64];
    char name[96]; /* "unix:PATH", for xb_agent_new */
    pid_t pid;
};

void fake_agent_start(struct fake_agent *fake, fake_script *script);
void fake_agent_stop(struct fake_agent *fake);

/* For scripts. All of them end the process if the other side is gone. */
void fake_send(int fd, uint16_t type, uint32_t job_id, const ProtobufCMessage *msg);
void fake_send_raw(int fd, const void *bytes, size_t count);
void fake_send_header(int fd, uint32_t body_bytes, uint16_t type, uint16_t reserved,
                      uint32_t job_id);
/* Read the next frame. Returns its type; *job_id (may be NULL) gets its job. */
uint16_t fake_receive_body(int fd, uint32_t *job_id, uint8_t body[XB_FRAME_BODY_MAX],
                           size_t *body_bytes);
/* Read frames until one has this type. Returns its job id. */
uint32_t fake_await(int fd, uint16_t type);
/* Read HELLO and answer it honestly. */
void fake_greet(int fd);
/* Read and ignore until the other side closes. */
void fake_linger(int fd);

#endif
