/*
 * An agent that follows a script, right or wrong, in a process of its own behind a unix socket.
 */
#ifndef XB_FAKE_AGENT_H
#define XB_FAKE_AGENT_H

#include "frame.h"
#include "xenbench.pb-c.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What it does with its one connection; it ends, and the connection with it, when this returns. */
typedef void fake_script(int fd);

struct fake_agent {
    char folder[64];
    char name[96]; /* "unix:PATH", for xb_agent_new */
    pid_t pid;
};

void fake_agent_start(struct fake_agent *fake, fake_script *script);
void fake_agent_stop(struct fake_agent *fake);

/* For scripts. All end the process when the other side is gone. */
void fake_send(int fd, uint16_t type, uint32_t job_id, const ProtobufCMessage *msg);
void fake_send_raw(int fd, const void *bytes, size_t count);
void fake_send_header(int fd, uint32_t body_bytes, uint16_t type, uint16_t reserved,
                      uint32_t job_id);
/* Read the next frame; its type, and *job_id where that is not NULL. The body is thrown away. */
uint16_t fake_receive(int fd, uint32_t *job_id);
/* The same with the body. */
uint16_t fake_receive_body(int fd, uint32_t *job_id, uint8_t body[XB_FRAME_BODY_MAX],
                           size_t *body_bytes);
/* Read until a frame of this type has come; returns its job id. */
uint32_t fake_await(int fd, uint16_t type);
/* Take HELLO and answer as an honest agent. */
void fake_greet(int fd);
/* Read and ignore until the other side closes. */
void fake_linger(int fd);

#endif
