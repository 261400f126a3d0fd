/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seeds_session FOLDER: writes inputs for fuzz_session that pass the first checks, one per file.
 * fuzz_frame uses them too; it takes the first byte as the size of a read.
 */
#include "seed.h"

#include <stdbool.h>
#include <string.h>

static ProtobufCBinaryData text(const char *value)
{
    return (ProtobufCBinaryData){strlen(value), (uint8_t *)value};
}

static void put_arm(struct seed *seed, uint32_t job_id, Xb__OutputMode output)
{
    ProtobufCBinaryData argv[] = {text("sh"), text("-c"), text("true")}, env[] = {text("A=b")};
    Xb__Rlimit limit = XB__RLIMIT__INIT;
    Xb__Rlimit *limits[] = {&limit};
    Xb__Arm arm = XB__ARM__INIT;
    limit.name = (char *)"nofile";
    limit.soft = limit.hard = 100;
    arm.token = (char *)"token";
    arm.argv = argv;
    arm.n_argv = 3;
    arm.env = env;
    arm.n_env = 1;
    arm.rlimits = limits;
    arm.n_rlimits = 1;
    arm.cwd = text("/");
    arm.user = text("root");
    arm.stdin_path = text("/dev/null");
    arm.timeout_ns = 1;
    arm.output = output;
    arm.credit_bytes = 100;
    seed_put(seed, XB_ARM, job_id, &arm.base);
}

/* The events of fuzz_session.c. */
enum { READY = 0xff00, RUNS, ENDS, LOST, TIME };

static void job(struct seed *seed, Xb__OutputMode output)
{
    Xb__Release release = XB__RELEASE__INIT;
    Xb__Credit credit = XB__CREDIT__INIT;
    Xb__Fetch fetch = XB__FETCH__INIT;
    Xb__Kill kill = XB__KILL__INIT;
    put_arm(seed, 1, output);
    seed_put(seed, READY, 1, NULL);
    seed_put(seed, XB_RELEASE, 1, &release.base);
    seed_put(seed, RUNS, 1, NULL);
    credit.bytes = 1000;
    seed_put(seed, XB_CREDIT, 1, &credit.base);
    kill.signal = 15;
    seed_put(seed, XB_KILL, 1, &kill.base);
    seed_put(seed, TIME, 0, NULL);
    seed_put(seed, ENDS, 1, NULL);
    fetch.stream = XB__STREAM__STREAM_STDOUT;
    fetch.credit_bytes = 1000;
    seed_put(seed, XB_FETCH, 1, &fetch.base);
    seed_put(seed, XB_FORGET, 1, NULL);
}

/* A job that reads input. Its ARM comes in two pieces: a PART, and the rest in the ARM frame. */
static void reading_job(struct seed *seed, bool terminal)
{
    ProtobufCBinaryData argv[] = {text("cat")};
    Xb__Terminal window = XB__TERMINAL__INIT;
    Xb__Arm arm = XB__ARM__INIT, rest = XB__ARM__INIT;
    arm.argv = argv;
    arm.n_argv = 1;
    arm.output = XB__OUTPUT_MODE__OUTPUT_STREAM;
    arm.stdin_stream = true;
    arm.terminal = terminal ? &window : NULL;
    uint8_t packed[64];
    Xb__Part part = XB__PART__INIT;
    part.data = (ProtobufCBinaryData){.len = xb__arm__pack(&arm, packed), .data = packed};
    rest.credit_bytes = 100;
    seed_put(seed, XB_PART, 6, &part.base);
    seed_put(seed, XB_ARM, 6, &rest.base);
    seed_put(seed, READY, 6, NULL);
    Xb__Input input = XB__INPUT__INIT;
    input.data = text("hello\n");
    seed_put(seed, XB_INPUT, 6, &input.base);
    Xb__Resize resize = XB__RESIZE__INIT;
    resize.rows = 20;
    seed_put(seed, XB_RESIZE, 6, &resize.base);
    Xb__Fetch fetch = XB__FETCH__INIT;
    fetch.stream = XB__STREAM__STREAM_STDIN;
    seed_put(seed, XB_FETCH, 6, &fetch.base);
    input.offset = 6;
    input.data.len = 0;
    input.eof = true;
    seed_put(seed, XB_INPUT, 6, &input.base);
    seed_put(seed, ENDS, 6, NULL);
}

static void cancelled_job(struct seed *seed)
{
    put_arm(seed, 2, XB__OUTPUT_MODE__OUTPUT_KEEP);
    seed_put(seed, READY, 2, NULL);
    seed_put(seed, XB_CANCEL, 2, NULL);
    seed_put(seed, ENDS, 2, NULL);
}

static void connection(struct seed *seed)
{
    Xb__Hello hello = XB__HELLO__INIT;
    Xb__Ping ping = XB__PING__INIT;
    put_arm(seed, 3, XB__OUTPUT_MODE__OUTPUT_STREAM);
    seed_put(seed, LOST, 0, NULL);
    hello.major = 1;
    seed_put(seed, XB_HELLO, 0, &hello.base);
    seed_put(seed, XB_PING, 0, &ping.base);
    seed_put(seed, XB_STATUS_REQUEST, 0, NULL);
    seed_put(seed, XB_QUIESCE, 0, NULL);
}

static void files(struct seed *seed)
{
    Xb__Push push = XB__PUSH__INIT;
    Xb__Data data = XB__DATA__INIT;
    Xb__End end = XB__END__INIT;
    Xb__Pull pull = XB__PULL__INIT;
    push.path = text("/tmp/x");
    push.size_bytes = 5;
    seed_put(seed, XB_PUSH, 4, &push.base);
    data.data = text("hello");
    seed_put(seed, XB_DATA, 4, &data.base);
    end.size_bytes = 5;
    end.crc32 = 0x3610a686;
    seed_put(seed, XB_END, 4, &end.base);
    pull.path = text("/proc/x");
    pull.credit_bytes = 10000;
    seed_put(seed, XB_PULL, 5, &pull.base);
    seed_put(seed, XB_CANCEL, 5, NULL);
}

int main(int argc, char **argv)
{
    struct seed seeds[7] = {0};
    if (argc != 2)
        return 2;
    job(&seeds[0], XB__OUTPUT_MODE__OUTPUT_KEEP);
    job(&seeds[1], XB__OUTPUT_MODE__OUTPUT_STREAM);
    cancelled_job(&seeds[2]);
    connection(&seeds[3]);
    files(&seeds[4]);
    reading_job(&seeds[5], false);
    reading_job(&seeds[6], true);
    for (size_t i = 0; i < XB_ARRAY_LEN(seeds); i++) {
        char name[16];
        snprintf(name, sizeof(name), "seed%zu", i);
        seed_write(argv[1], name, &seeds[i]);
    }
    return 0;
}
