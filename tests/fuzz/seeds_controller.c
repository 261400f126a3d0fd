/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * seeds_controller FOLDER: writes an honest agent's side of the session in fuzz_controller, in that
 * fuzzer's input format.
 */
#include "seed.h"

/* Begin a piece, which answers one frame. Returns its start, for end_with. */
static size_t begin(struct seed *seed)
{
    seed->count += 2;
    return seed->count;
}

static void end_with(struct seed *seed, size_t from, size_t bytes)
{
    seed->bytes[from - 2] = (uint8_t)bytes;
    seed->bytes[from - 1] = (uint8_t)(bytes >> 8);
}

static void end(struct seed *seed, size_t from)
{
    end_with(seed, from, seed->count - from);
}

static void answer(struct seed *seed, uint16_t type, uint32_t job_id, const ProtobufCMessage *msg)
{
    size_t from = begin(seed);
    seed_put(seed, type, job_id, msg);
    end(seed, from);
}

static void hello(struct seed *seed, uint32_t left_over)
{
    Xb__Hello hello = XB__HELLO__INIT;
    Xb__JobState job = XB__JOB_STATE__INIT;
    Xb__JobState *jobs[] = {&job};
    hello.major = 1;
    hello.minor = 1;
    hello.version = (char *)"0.1.0";
    hello.boot_id = (char *)"4e2ee4b5-2b2c-4a06-9e0a-1f0c9e3b8a11";
    hello.generation = 1;
    hello.max_jobs = XB_JOBS_MAX;
    job.job_id = left_over;
    job.phase = XB__JOB_PHASE__JOB_PHASE_DONE;
    job.token = (char *)"token";
    hello.jobs = jobs;
    hello.n_jobs = left_over ? 1 : 0;
    answer(seed, XB_HELLO, 0, &hello.base);
}

static void clocks_and_status(struct seed *seed)
{
    Xb__Status status = XB__STATUS__INIT;
    for (int i = 0; i < 2; i++) /* to PING: an honest PONG */
        end_with(seed, begin(seed), 0xffff);
    status.monotonic_ns = 1000;
    status.kernel = (char *)"6.1.0";
    status.hostname = (char *)"web";
    answer(seed, XB_STATUS, 0, &status.base);
}

static void job(struct seed *seed, uint32_t job_id)
{
    Xb__Armed armed = XB__ARMED__INIT;
    Xb__Output output = XB__OUTPUT__INIT;
    Xb__Result result = XB__RESULT__INIT;
    armed.pid = 100;
    answer(seed, XB_ARMED, job_id, &armed.base);
    output.stream = XB__STREAM__STREAM_STDOUT;
    output.data = (ProtobufCBinaryData){3, (uint8_t *)"abc"};
    result.outcome = XB__OUTCOME__OUTCOME_EXITED;
    result.release_ns = 1000;
    result.opened_ns = 1100;
    result.ended_ns = 2000;
    result.stdout_bytes = result.stdout_kept_bytes = 3;
    size_t from = begin(seed);
    seed_put(seed, XB_OUTPUT, job_id, &output.base);
    seed_put(seed, XB_RESULT, job_id, &result.base);
    end(seed, from);
    output.eof = 1;
    answer(seed, XB_OUTPUT, job_id, &output.base);
    answer(seed, XB_DONE, job_id, NULL);
}

/* Answer PULL and PUSH; the ids of transfers follow those of jobs. */
static void files(struct seed *seed, uint32_t id)
{
    Xb__Pulling pulling = XB__PULLING__INIT;
    Xb__Data data = XB__DATA__INIT;
    Xb__End last = XB__END__INIT;
    pulling.size_bytes = last.size_bytes = 3;
    pulling.mode = 0644;
    data.data = (ProtobufCBinaryData){3, (uint8_t *)"abc"};
    last.crc32 = 0x352441c2;
    size_t from = begin(seed);
    seed_put(seed, XB_PULLING, id, &pulling.base);
    seed_put(seed, XB_DATA, id, &data.base);
    seed_put(seed, XB_END, id, &last.base);
    end(seed, from);
    for (int i = 0; i < 2; i++) /* to PUSH and DATA: nothing */
        end_with(seed, begin(seed), 0);
    answer(seed, XB_DONE, id + 1, NULL);
}

int main(int argc, char **argv)
{
    struct seed whole = {.count = 0}, again = {.count = 0};
    if (argc != 2)
        return 2;
    hello(&whole, 0);
    clocks_and_status(&whole);
    job(&whole, 1);
    files(&whole, 2);
    seed_write(argv[1], "whole", &whole);
    hello(&again, 1);
    clocks_and_status(&again);
    job(&again, 2);
    files(&again, 3);
    seed_write(argv[1], "left-over", &again);
    return 0;
}
