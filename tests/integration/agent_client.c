/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent_client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const struct {
    uint16_t type;
    const ProtobufCMessageDescriptor *descriptor;
} types[] = {
    {XB_HELLO, &xb__hello__descriptor},   {XB_ERROR, &xb__error__descriptor},
    {XB_PONG, &xb__pong__descriptor},     {XB_STATUS, &xb__status__descriptor},
    {XB_ARMED, &xb__armed__descriptor},   {XB_RESULT, &xb__result__descriptor},
    {XB_OUTPUT, &xb__output__descriptor}, {XB_PULLING, &xb__pulling__descriptor},
    {XB_ACCEPT, &xb__accept__descriptor}, {XB_DATA, &xb__data__descriptor},
    {XB_END, &xb__end__descriptor},
};

/* The agent's path: where the test runner says the programs are, or where make puts them. */
static void agent_program(char *out, size_t bytes)
{
    const char *folder = getenv("XENBENCH_BIN");
    snprintf(out, bytes, "%s/xenbench-agent", folder ? folder : XB_TEST_BIN);
}

/*
 * Let this process and its children see a machine with 128 MiB of memory: filling an eighth of a
 * large machine would take long.
 */
static bool see_little_memory(const char *folder)
{
    char path[96];
    snprintf(path, sizeof(path), "%s/meminfo", folder);
    FILE *file = fopen(path, "we");
    if (!file || fprintf(file, "MemTotal: %d kB\n", 128 * 1024) < 0 || fclose(file) != 0)
        return false;
    return unshare(CLONE_NEWNS) == 0 && mount("", "/proc", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount(path, "/proc/meminfo", NULL, MS_BIND, NULL) == 0;
}

static void start_agent(struct client *client, bool little_memory)
{
    char program[256];
    agent_program(program, sizeof(program));
    client->agent_pid = fork();
    assert_int_not_equal(client->agent_pid, -1);
    if (client->agent_pid == 0) {
        if (little_memory && !see_little_memory(client->folder))
            _exit(126);
        execl(program, "xenbench-agent", "--socket", client->socket_path, (char *)NULL);
        _exit(127);
    }
    wait_for_file(client->socket_path);
}

void wait_for_file(const char *path)
{
    uint64_t deadline_ns = xb_now_ns() + TEST_TIMEOUT_NS;
    struct stat st;
    while (stat(path, &st) < 0) {
        if (xb_now_ns() > deadline_ns)
            fail_msg("%s did not appear", path);
        usleep(2000);
    }
}

static int setup(void **state, bool little_memory)
{
    struct client *client = calloc(1, sizeof(*client));
    assert_non_null(client);
    strcpy(client->folder, "/tmp/xb-agent-XXXXXX");
    assert_non_null(mkdtemp(client->folder));
    assert_int_equal(chmod(client->folder, 0755), 0); /* for jobs of other users */
    snprintf(client->socket_path, sizeof(client->socket_path), "%s/socket", client->folder);
    start_agent(client, little_memory);
    client_connect(client);
    client_greet(client);
    *state = client;
    return 0;
}

int client_setup(void **state)
{
    return setup(state, false);
}

int client_setup_little_memory(void **state)
{
    return setup(state, geteuid() == 0);
}

static int remove_folder(const char *folder)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command);
}

int client_teardown(void **state)
{
    struct client *client = *state;
    int status = 0;
    client_disconnect(client);
    kill(client->agent_pid, SIGTERM);
    waitpid(client->agent_pid, &status, 0);
    free_result(client->early);
    client_drop_output(client);
    int r = remove_folder(client->folder);
    free(client);
    /* Show a sanitizer's report about the agent. */
    return r == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

void client_connect(struct client *client)
{
    struct xb_err err = {0};
    struct xb_channel *channel;
    uint64_t deadline_ns = xb_now_ns() + TEST_TIMEOUT_NS;
    while (xb_channel_unix_connect(&channel, client->socket_path, &err) < 0) {
        if (xb_now_ns() > deadline_ns)
            fail_msg("%s", err.msg);
        xb_err_clear(&err);
        usleep(2000); /* the path exists a moment before the agent listens */
    }
    if (xb_link_new(&client->link, channel, &err) < 0)
        fail_msg("%s", err.msg);
    client->grant = true;
}

void client_greet(struct client *client)
{
    Xb__Hello hello = XB__HELLO__INIT;
    hello.major = 1;
    hello.version = (char *)"test";
    hello.controller = client->controller;
    client_send(client, XB_HELLO, 0, &hello.base);
    client->hello = (Xb__Hello *)client_wait(client, XB_HELLO, 0);
}

void client_disconnect(struct client *client)
{
    xb_link_free(client->link);
    client->link = NULL;
    if (client->hello)
        xb__hello__free_unpacked(client->hello, NULL);
    client->hello = NULL;
}

void client_send(struct client *client, uint16_t type, uint32_t job_id, const ProtobufCMessage *msg)
{
    struct xb_err err = {0};
    if (xb_link_send(client->link, type, job_id, msg, &err) < 0)
        fail_msg("send %s: %s", xb_type_name(type), err.msg);
}

void client_send_raw(struct client *client, const void *bytes, size_t count)
{
    assert_true(xb_link_flushed(client->link));
    assert_int_equal(send(xb_link_fd(client->link), bytes, count, MSG_NOSIGNAL), (ssize_t)count);
}

/* Read one frame: 1, 0 at the deadline, or -1 if the connection is closed. */
static int next_frame(struct client *client, struct xb_frame *frame, uint64_t deadline_ns)
{
    struct xb_err err = {0};
    bool closed = false;
    for (;;) {
        int r = xb_link_next(client->link, frame, &err);
        if (r > 0)
            return 1;
        if (r < 0 || closed)
            return -1;
        struct pollfd pfd = {.fd = xb_link_fd(client->link),
                             .events = xb_link_poll_events(client->link)};
        uint64_t now_ns = xb_now_ns();
        if (now_ns >= deadline_ns)
            return 0;
        struct timespec left = xb_timespec(deadline_ns - now_ns);
        if (ppoll(&pfd, 1, &left, NULL) > 0)
            closed = xb_link_pump(client->link, pfd.revents, &err) < 0;
    }
}

static ProtobufCMessage *unpack(const struct xb_frame *frame)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(types); i++) {
        if (types[i].type != frame->type)
            continue;
        ProtobufCMessage *msg =
            protobuf_c_message_unpack(types[i].descriptor, NULL, frame->body_bytes, frame->body);
        if (!msg)
            fail_msg("malformed %s from the agent", xb_type_name(frame->type));
        return msg;
    }
    assert_int_equal(frame->body_bytes, 0);
    return NULL;
}

static void collect_output(struct client *client, uint32_t job_id, Xb__Output *output)
{
    assert_true(output->stream == XB__STREAM__STREAM_STDOUT ||
                output->stream == XB__STREAM__STREAM_STDERR);
    struct stream_text *text = &client->streams[output->stream == XB__STREAM__STREAM_STDERR];
    text->data = realloc(text->data, text->bytes + output->data.len + 1);
    assert_non_null(text->data);
    if (output->data.len)
        memcpy(text->data + text->bytes, output->data.data, output->data.len);
    text->bytes += output->data.len;
    text->data[text->bytes] = '\0';
    text->eof = output->eof;
    if (client->grant && output->data.len) {
        Xb__Credit credit = XB__CREDIT__INIT;
        credit.bytes = output->data.len;
        client_send(client, XB_CREDIT, job_id, &credit.base);
    }
    xb__output__free_unpacked(output, NULL);
}

/* Handle a frame that the caller does not await. False if the frame is for the caller. */
static bool absorb(struct client *client, const struct xb_frame *frame, uint16_t awaited)
{
    if (frame->type == XB_OUTPUT && awaited != XB_OUTPUT) {
        collect_output(client, frame->job_id, (Xb__Output *)unpack(frame));
        return true;
    }
    if (frame->type == XB_RESULT && awaited != XB_RESULT) {
        free_result(client->early);
        client->early = (Xb__Result *)unpack(frame);
        return true;
    }
    return false;
}

ProtobufCMessage *client_wait(struct client *client, uint16_t type, uint32_t job_id)
{
    uint64_t deadline_ns = xb_now_ns() + TEST_TIMEOUT_NS;
    for (;;) {
        struct xb_frame frame;
        int r = next_frame(client, &frame, deadline_ns);
        if (r <= 0)
            fail_msg("no %s for job %u: %s", xb_type_name(type), job_id,
                     r < 0 ? "closed" : "time is over");
        if (absorb(client, &frame, type))
            continue;
        ProtobufCMessage *msg = unpack(&frame);
        if (frame.type == XB_ERROR && type != XB_ERROR)
            fail_msg("wanted %s for job %u, got ERROR: %s", xb_type_name(type), job_id,
                     ((Xb__Error *)msg)->message);
        if (frame.type != type || frame.job_id != job_id)
            fail_msg("wanted %s for job %u, got %s for job %u", xb_type_name(type), job_id,
                     xb_type_name(frame.type), frame.job_id);
        return msg;
    }
}

int client_wait_error(struct client *client, uint16_t request, uint32_t job_id)
{
    Xb__Error *error = (Xb__Error *)client_wait(client, XB_ERROR, job_id);
    assert_int_equal(error->request, request);
    assert_true(strlen(error->message) > 0);
    int errnum = error->errnum;
    xb__error__free_unpacked(error, NULL);
    return errnum;
}

bool client_wait_closed(struct client *client)
{
    struct xb_frame frame;
    int r;
    while ((r = next_frame(client, &frame, xb_now_ns() + TEST_TIMEOUT_NS)) > 0)
        continue;
    return r < 0;
}

bool client_is_quiet(struct client *client, uint64_t for_ns)
{
    uint64_t deadline_ns = xb_now_ns() + for_ns;
    struct xb_frame frame;
    int r;
    while ((r = next_frame(client, &frame, deadline_ns)) > 0) {
        if (!absorb(client, &frame, 0))
            return false;
    }
    return r == 0;
}

void client_drop_output(struct client *client)
{
    for (int i = 0; i < 2; i++) {
        free(client->streams[i].data);
        client->streams[i] = (struct stream_text){0};
    }
}

ProtobufCBinaryData bytes_of(const char *text)
{
    return (ProtobufCBinaryData){.data = (uint8_t *)text, .len = strlen(text)};
}

void command_shell(struct command *command, const char *script)
{
    xb__arm__init(&command->arm);
    command->argv[0] = bytes_of("sh");
    command->argv[1] = bytes_of("-c");
    command->argv[2] = bytes_of(script);
    command->arm.argv = command->argv;
    command->arm.n_argv = 3;
}

void client_arm(struct client *client, uint32_t job_id, const struct command *command)
{
    client_send(client, XB_ARM, job_id, &command->arm.base);
    Xb__Armed *armed = (Xb__Armed *)client_wait(client, XB_ARMED, job_id);
    assert_true(armed->pid > 1);
    xb__armed__free_unpacked(armed, NULL);
}

void client_release(struct client *client, uint32_t job_id, uint64_t at_ns)
{
    Xb__Release release = XB__RELEASE__INIT;
    release.at_ns = at_ns;
    client_send(client, XB_RELEASE, job_id, &release.base);
}

Xb__Result *client_result(struct client *client, uint32_t job_id)
{
    if (client->early)
        return xb_steal_ptr(&client->early);
    return (Xb__Result *)client_wait(client, XB_RESULT, job_id);
}

Xb__Result *client_run(struct client *client, uint32_t job_id, const struct command *command)
{
    client_arm(client, job_id, command);
    client_release(client, job_id, 0);
    return client_result(client, job_id);
}

void client_forget(struct client *client, uint32_t job_id)
{
    client_send(client, XB_FORGET, job_id, NULL);
    client_wait(client, XB_DONE, job_id);
}

void client_kill(struct client *client, uint32_t job_id, uint32_t signal)
{
    Xb__Kill msg = XB__KILL__INIT;
    msg.signal = signal;
    client_send(client, XB_KILL, job_id, &msg.base);
    client_wait(client, XB_DONE, job_id);
}

const char *client_fetch(struct client *client, uint32_t job_id, Xb__Stream stream, uint64_t offset)
{
    Xb__Fetch fetch = XB__FETCH__INIT;
    fetch.stream = stream;
    fetch.offset = offset;
    fetch.credit_bytes = TEST_CREDIT;
    client_drop_output(client);
    client_send(client, XB_FETCH, job_id, &fetch.base);
    struct stream_text *text = &client->streams[stream == XB__STREAM__STREAM_STDERR];
    while (!text->eof)
        collect_output(client, job_id, (Xb__Output *)client_wait(client, XB_OUTPUT, job_id));
    return (const char *)text->data;
}

void client_wait_output(struct client *client)
{
    struct xb_frame frame;
    while (!client->streams[0].eof || !client->streams[1].eof) {
        assert_int_equal(next_frame(client, &frame, xb_now_ns() + TEST_TIMEOUT_NS), 1);
        assert_true(absorb(client, &frame, 0));
    }
}

Xb__Status *client_status(struct client *client)
{
    client_send(client, XB_STATUS_REQUEST, 0, NULL);
    return (Xb__Status *)client_wait(client, XB_STATUS, 0);
}

Xb__Pong *client_ping(struct client *client)
{
    Xb__Ping ping = XB__PING__INIT;
    ping.sequence = 7;
    ping.dom0_ns = xb_now_ns();
    client_send(client, XB_PING, 0, &ping.base);
    return (Xb__Pong *)client_wait(client, XB_PONG, 0);
}

void free_result(Xb__Result *result)
{
    if (result)
        xb__result__free_unpacked(result, NULL);
}
