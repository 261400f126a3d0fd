/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A small controller for tests: starts a real agent on a unix socket and speaks the protocol to it.
 * Any error fails the running test at once.
 */
#ifndef XB_TEST_AGENT_CLIENT_H
#define XB_TEST_AGENT_CLIENT_H

#include "base.h"
#include "frame.h"
#include "link.h"
#include "xenbench.pb-c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TEST_TIMEOUT_NS (20 * XB_NS_PER_S)
#define TEST_CREDIT (64 * XB_KIB)

struct stream_text {
    uint8_t *data;
    size_t bytes;
    bool eof;
};

struct client {
    char folder[64]; /* a temporary folder, with the socket in it */
    char socket_path[96];
    pid_t agent_pid;
    struct xb_link *link;
    Xb__Hello *hello;              /* from the agent */
    uint64_t controller;           /* our number in HELLO; 0: none */
    bool grant;                    /* give back the credit that output used (the default) */
    struct stream_text streams[2]; /* output since the last client_drop_output */
    Xb__Result *early;             /* a RESULT that came while the test awaited another frame */
};

/* Start an agent and greet it; for cmocka's setup and teardown. *state is the client. */
int client_setup(void **state);
/* The same in a guest that seems to have 128 MiB (without root: the machine's memory). */
int client_setup_little_memory(void **state);
int client_teardown(void **state);

void client_connect(struct client *client); /* without HELLO */
void client_greet(struct client *client);
void client_disconnect(struct client *client);
void client_send(struct client *client, uint16_t type, uint32_t job_id,
                 const ProtobufCMessage *msg);
void client_send_raw(struct client *client, const void *bytes, size_t count);

/*
 * Wait for a frame of this type and job, collecting OUTPUT and keeping RESULT; any other frame
 * fails the test. The caller owns the message, which is NULL for types without a body.
 */
ProtobufCMessage *client_wait(struct client *client, uint16_t type, uint32_t job_id);
/* The same for ERROR: returns its errnum. */
int client_wait_error(struct client *client, uint16_t request, uint32_t job_id);
/* True once the agent has closed the connection; skips frames before that. */
bool client_wait_closed(struct client *client);
/* True if nothing but OUTPUT (and one RESULT, kept in early) comes during this time. */
bool client_is_quiet(struct client *client, uint64_t for_ns);
void client_drop_output(struct client *client);

/* A job that runs `sh -c script`; edit it before client_arm. */
struct command {
    Xb__Arm arm;
    ProtobufCBinaryData argv[3];
};
void command_shell(struct command *command, const char *script);
ProtobufCBinaryData bytes_of(const char *text);

void client_arm(struct client *client, uint32_t job_id, const struct command *command);
void client_release(struct client *client, uint32_t job_id, uint64_t at_ns);
Xb__Result *client_result(struct client *client, uint32_t job_id);
/* Arm, release now, and wait for the result. */
Xb__Result *client_run(struct client *client, uint32_t job_id, const struct command *command);
void client_forget(struct client *client, uint32_t job_id);
void client_kill(struct client *client, uint32_t job_id, uint32_t signal);
/* A stream's kept output from offset on, NUL-terminated; freed by client_drop_output. */
const char *client_fetch(struct client *client, uint32_t job_id, Xb__Stream stream,
                         uint64_t offset);
void client_wait_output(struct client *client); /* until both streams have ended */
Xb__Status *client_status(struct client *client);
Xb__Pong *client_ping(struct client *client);

void free_result(Xb__Result *result);
/* Sleep until path exists, or fail. */
void wait_for_file(const char *path);

#endif
