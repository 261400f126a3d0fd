/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * agent_probe DOMID VERB...: speak to an agent from Dom0 over vchan, without the controller. For
 * lab tests of the agent alone: its rings across checkpoints, its clock, its throughput.
 *
 *   status            print the STATUS
 *   ping COUNT        print the round-trip times, and the agent's part in them
 *   run COMMAND       arm, release, wait; print the result and the kept output
 *   start COMMAND     arm and release job 1, and disconnect
 *   result            wait for job 1's result, and forget the job
 *   bulk MIB          push and pull a file; print both in MiB/s
 *   quiesce SECONDS   have the agent close its rings until a restore, or for this time
 *   hold SECONDS      stay connected and send nothing
 */
#include "base.h"
#include "keys.h"
#include "link.h"
#include "xenbench.pb-c.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <xenstore.h>

#define CREDIT_BYTES (256 * XB_KIB)
#define TIMEOUT_NS (60 * XB_NS_PER_S)
#define TRANSFER_ID 1000

struct probe {
    struct xb_link *link;
    struct xb_err err;
};

static __attribute__((noreturn)) void die(const char *what, const struct xb_err *err)
{
    fprintf(stderr, "agent_probe: %s: %s\n", what, err->msg);
    exit(1);
}

static void send_message(struct probe *probe, uint16_t type, uint32_t id,
                         const ProtobufCMessage *msg)
{
    if (xb_link_send(probe->link, type, id, msg, &probe->err) < 0)
        die(xb_type_name(type), &probe->err);
}

static bool wait_readable(struct probe *probe, uint64_t deadline_ns)
{
    struct pollfd pfd = {.fd = xb_link_fd(probe->link), .events = xb_link_poll_events(probe->link)};
    uint64_t now_ns = xb_now_ns();
    struct timespec left = xb_timespec(deadline_ns > now_ns ? deadline_ns - now_ns : 0);
    return ppoll(&pfd, 1, &left, NULL) > 0 &&
           xb_link_pump(probe->link, pfd.revents, &probe->err) == 0;
}

static void next_frame(struct probe *probe, struct xb_frame *frame)
{
    uint64_t deadline_ns = xb_now_ns() + TIMEOUT_NS;
    int r;
    while ((r = xb_link_next(probe->link, frame, &probe->err)) == 0) {
        if (!wait_readable(probe, deadline_ns)) {
            if (probe->err.class == XB_E_NONE)
                xb_fail(&probe->err, XB_E_BENCH, ETIMEDOUT, "no answer");
            die("wait", &probe->err);
        }
    }
    if (r < 0)
        die("wait", &probe->err);
}

/* Read the next frame, which must have this type. Returns it unpacked; NULL without descriptor. */
static void *expect(struct probe *probe, uint16_t type,
                    const ProtobufCMessageDescriptor *descriptor)
{
    struct xb_frame frame;
    next_frame(probe, &frame);
    if (frame.type == XB_ERROR) {
        Xb__Error *error = xb__error__unpack(NULL, frame.body_bytes, frame.body);
        fprintf(stderr, "agent_probe: refused: %s\n", error ? error->message : "?");
        exit(1);
    }
    if (frame.type != type) {
        fprintf(stderr, "agent_probe: %s instead of %s\n", xb_type_name(frame.type),
                xb_type_name(type));
        exit(1);
    }
    return descriptor ? protobuf_c_message_unpack(descriptor, NULL, frame.body_bytes, frame.body)
                      : NULL;
}

static uint32_t published_generation(struct xs_handle *xs, unsigned domid)
{
    char path[128];
    unsigned length;
    snprintf(path, sizeof(path), "/local/domain/%u/%s", domid, XB_KEY_GENERATION);
    char *value = xs_read(xs, XBT_NULL, path, &length);
    uint32_t generation = value ? (uint32_t)strtoul(value, NULL, 10) : 0;
    free(value);
    return generation;
}

/* Wait until there are rings; the generation may come later. */
static struct xb_channel *connect_rings(unsigned domid)
{
    struct xs_handle *xs = xs_open(0);
    struct xb_channel *channel = NULL;
    uint64_t deadline_ns = xb_now_ns() + TIMEOUT_NS;
    while (xs && !channel && xb_now_ns() < deadline_ns) {
        char path[XB_KEY_PATH_MAX + 1];
        uint32_t generation = published_generation(xs, domid);
        snprintf(path, sizeof(path), "/local/domain/%u/%s/%" PRIu32, domid, XB_KEY_RINGS,
                 generation);
        if (generation == 0 || xb_channel_vchan_connect(&channel, domid, path, NULL) < 0)
            usleep(20000);
    }
    if (xs)
        xs_close(xs);
    return channel;
}

static void greet(struct probe *probe, unsigned domid)
{
    struct xb_channel *channel = connect_rings(domid);
    if (!channel || xb_link_new(&probe->link, channel, &probe->err) < 0) {
        fprintf(stderr, "agent_probe: domain %u has published no rings\n", domid);
        exit(1);
    }
    Xb__Hello hello = XB__HELLO__INIT;
    hello.major = XB_PROTOCOL_MAJOR;
    hello.minor = XB_PROTOCOL_MINOR;
    send_message(probe, XB_HELLO, 0, &hello.base);
    Xb__Hello *answer = expect(probe, XB_HELLO, &xb__hello__descriptor);
    printf("hello version %s generation %u jobs %zu\n", answer->version, answer->generation,
           answer->n_jobs);
}

static void verb_status(struct probe *probe)
{
    send_message(probe, XB_STATUS_REQUEST, 0, NULL);
    Xb__Status *s = expect(probe, XB_STATUS, &xb__status__descriptor);
    printf("kernel %s\nos %s\nclocksource %s\nvcpus %u\nmemory %" PRIu64 " of %" PRIu64 "\n",
           s->kernel, s->os, s->clocksource, s->vcpus_online, s->memory_available_bytes,
           s->memory_total_bytes);
    for (size_t i = 0; i < s->n_net; i++)
        printf("net %s\n", s->net[i]->name);
    printf("boottime_ms userspace %" PRIu64 " started %" PRIu64 " published %" PRIu64
           " now %" PRIu64 "\n",
           s->userspace_ns / XB_NS_PER_MS, s->agent_started_ns / XB_NS_PER_MS,
           s->agent_published_ns / XB_NS_PER_MS, s->boottime_ns / XB_NS_PER_MS);
    printf("restores %u wakeups %" PRIu64 " settled %d\n", s->restores, s->agent_wakeups,
           s->settled);
}

static void verb_ping(struct probe *probe, uint32_t count)
{
    uint64_t best_ns = UINT64_MAX, sum_ns = 0, own_ns = 0;
    for (uint32_t i = 0; i < count; i++) {
        Xb__Ping ping = XB__PING__INIT;
        ping.sequence = i;
        ping.dom0_ns = xb_now_ns();
        send_message(probe, XB_PING, 0, &ping.base);
        Xb__Pong *pong = expect(probe, XB_PONG, &xb__pong__descriptor);
        uint64_t round_ns = xb_now_ns() - pong->dom0_ns;
        best_ns = round_ns < best_ns ? round_ns : best_ns;
        sum_ns += round_ns;
        own_ns += pong->sent_ns - pong->received_ns;
        xb__pong__free_unpacked(pong, NULL);
    }
    printf("ping best_us %" PRIu64 " mean_us %" PRIu64 " agent_us %" PRIu64 "\n", best_ns / 1000,
           sum_ns / count / 1000, own_ns / count / 1000);
}

static void start_job(struct probe *probe, const char *command)
{
    ProtobufCBinaryData argv[3] = {
        {2, (uint8_t *)"sh"}, {2, (uint8_t *)"-c"}, {strlen(command), (uint8_t *)command}};
    Xb__Arm arm = XB__ARM__INIT;
    arm.argv = argv;
    arm.n_argv = 3;
    send_message(probe, XB_ARM, 1, &arm.base);
    expect(probe, XB_ARMED, NULL);
    Xb__Release release = XB__RELEASE__INIT;
    send_message(probe, XB_RELEASE, 1, &release.base);
}

static void print_output(struct probe *probe, Xb__Stream stream)
{
    Xb__Fetch fetch = XB__FETCH__INIT;
    fetch.stream = stream;
    fetch.credit_bytes = UINT32_MAX;
    send_message(probe, XB_FETCH, 1, &fetch.base);
    bool eof = false;
    while (!eof) {
        Xb__Output *output = expect(probe, XB_OUTPUT, &xb__output__descriptor);
        fwrite(output->data.data, 1, output->data.len, stdout);
        eof = output->eof;
        xb__output__free_unpacked(output, NULL);
    }
}

static void print_result(struct probe *probe, const Xb__Result *r)
{
    printf("outcome %d status %d wall_us %" PRIu64 " dispatch_us %" PRIu64 " user_ms %" PRIu64
           " steal_ms %" PRIu64 " wakeups %" PRIu64 " restores %u frozen_ms %" PRIu64 " %s\n",
           (int)r->outcome, r->status, (r->ended_ns - r->opened_ns) / 1000,
           (r->opened_ns - r->release_ns) / 1000, r->user_ns / XB_NS_PER_MS,
           r->steal_ns / XB_NS_PER_MS, r->agent_wakeups, r->restores, r->frozen_ns / XB_NS_PER_MS,
           r->detail);
    print_output(probe, XB__STREAM__STREAM_STDOUT);
    print_output(probe, XB__STREAM__STREAM_STDERR);
    send_message(probe, XB_FORGET, 1, NULL);
    expect(probe, XB_DONE, NULL);
}

static void wait_for_result(struct probe *probe)
{
    Xb__Result *result = expect(probe, XB_RESULT, &xb__result__descriptor);
    print_result(probe, result);
    xb__result__free_unpacked(result, NULL);
}

/* The job may have ended before we connected, or still run. */
static void verb_result(struct probe *probe)
{
    for (;;) {
        struct xb_frame frame;
        Xb__Fetch fetch = XB__FETCH__INIT;
        send_message(probe, XB_FETCH, 1, &fetch.base);
        next_frame(probe, &frame);
        if (frame.type != XB_ERROR) {
            Xb__Result *result = xb__result__unpack(NULL, frame.body_bytes, frame.body);
            print_result(probe, result);
            return;
        }
        Xb__Error *error = xb__error__unpack(NULL, frame.body_bytes, frame.body);
        if (!error || error->errnum != EBUSY) {
            fprintf(stderr, "agent_probe: no result: %s\n", error ? error->message : "?");
            exit(1);
        }
        xb__error__free_unpacked(error, NULL);
        usleep(100000);
    }
}

static void push_file(struct probe *probe, const char *path, uint64_t bytes)
{
    static uint8_t block[XB_DATA_MAX];
    Xb__Push push = XB__PUSH__INIT;
    push.path = (ProtobufCBinaryData){strlen(path), (uint8_t *)path};
    push.mode = 0600;
    push.size_bytes = bytes;
    send_message(probe, XB_PUSH, TRANSFER_ID, &push.base);
    for (uint64_t offset = 0; offset < bytes; offset += sizeof(block)) {
        Xb__Data data = XB__DATA__INIT;
        data.offset = offset;
        data.data = (ProtobufCBinaryData){sizeof(block), block};
        while (xb_link_room(probe->link) < XB_FRAME_BODY_MAX)
            wait_readable(probe, xb_now_ns() + TIMEOUT_NS);
        send_message(probe, XB_DATA, TRANSFER_ID, &data.base);
    }
    while (!xb_link_flushed(probe->link))
        wait_readable(probe, xb_now_ns() + TIMEOUT_NS);
}

static uint64_t pull_file(struct probe *probe, const char *path)
{
    Xb__Pull pull = XB__PULL__INIT;
    pull.path = (ProtobufCBinaryData){strlen(path), (uint8_t *)path};
    pull.credit_bytes = CREDIT_BYTES;
    send_message(probe, XB_PULL, TRANSFER_ID, &pull.base);
    expect(probe, XB_PULLING, NULL);
    uint64_t bytes = 0;
    for (;;) {
        struct xb_frame frame;
        next_frame(probe, &frame);
        if (frame.type != XB_DATA)
            return bytes;
        Xb__Data *data = xb__data__unpack(NULL, frame.body_bytes, frame.body);
        Xb__Credit credit = XB__CREDIT__INIT;
        credit.bytes = data->data.len;
        bytes += data->data.len;
        xb__data__free_unpacked(data, NULL);
        send_message(probe, XB_CREDIT, TRANSFER_ID, &credit.base);
    }
}

/* The push ends with a wrong CRC on purpose: only the transfer is measured, and no file is left. */
static void verb_bulk(struct probe *probe, uint64_t mib)
{
    uint64_t start_ns = xb_now_ns();
    push_file(probe, "/tmp/agent_probe.bulk", mib << 20);
    Xb__End end = XB__END__INIT;
    end.size_bytes = mib << 20;
    end.crc32 = 1;
    send_message(probe, XB_END, TRANSFER_ID, &end.base);
    struct xb_frame frame;
    next_frame(probe, &frame);
    double in_s = (double)(xb_now_ns() - start_ns) / 1e9;
    char command[128];
    snprintf(command, sizeof(command), "head -c %" PRIu64 " /dev/zero >/tmp/agent_probe.bulk",
             mib << 20);
    start_job(probe, command);
    wait_for_result(probe);
    start_ns = xb_now_ns();
    uint64_t bytes = pull_file(probe, "/tmp/agent_probe.bulk");
    double out_s = (double)(xb_now_ns() - start_ns) / 1e9;
    printf("bulk in %.1f out %.1f MiB/s\n", (double)mib / in_s, (double)(bytes >> 20) / out_s);
    start_job(probe, "rm -f /tmp/agent_probe.bulk");
    wait_for_result(probe);
}

static void verb_quiesce(struct probe *probe, uint64_t seconds)
{
    Xb__Quiesce quiesce = XB__QUIESCE__INIT;
    quiesce.resume_after_ns = seconds * XB_NS_PER_S;
    send_message(probe, XB_QUIESCE, 0, &quiesce.base);
    expect(probe, XB_DONE, NULL);
    while (wait_readable(probe, xb_now_ns() + TIMEOUT_NS))
        continue;
    puts("quiesced");
}

int main(int argc, char **argv)
{
    struct probe probe = {0};
    const char *verb = argc > 2 ? argv[2] : "";
    const char *value = argc > 3 ? argv[3] : "1";
    if (argc < 3) {
        fprintf(
            stderr,
            "usage: agent_probe DOMID status|ping|run|start|result|bulk|quiesce|hold [VALUE]\n");
        return 2;
    }
    greet(&probe, (unsigned)strtoul(argv[1], NULL, 10));
    if (strcmp(verb, "status") == 0) {
        verb_status(&probe);
    } else if (strcmp(verb, "ping") == 0) {
        verb_ping(&probe, (uint32_t)strtoul(value, NULL, 10));
    } else if (strcmp(verb, "run") == 0) {
        start_job(&probe, value);
        wait_for_result(&probe);
    } else if (strcmp(verb, "start") == 0) {
        start_job(&probe, value);
    } else if (strcmp(verb, "result") == 0) {
        verb_result(&probe);
    } else if (strcmp(verb, "bulk") == 0) {
        verb_bulk(&probe, strtoul(value, NULL, 10));
    } else if (strcmp(verb, "quiesce") == 0) {
        verb_quiesce(&probe, strtoul(value, NULL, 10));
    } else if (strcmp(verb, "hold") == 0) {
        fflush(stdout);
        sleep((unsigned)strtoul(value, NULL, 10));
    }
    xb_link_free(probe.link);
    return 0;
}
