/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copies a file out of a guest. The caller alone chooses the target, and the file never grows
 * beyond the announced size and the limit.
 */
#include "agent_i.h"

#include "base.h"
#include "keys.h"
#include "outfile.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <zlib.h>

#define WINDOW_BYTES (512 * XB_KIB)
/* The space that a pull leaves free on Dom0's disk. */
#define DISK_RESERVE_BYTES (64 * XB_MIB)
/* While a file of unknown size arrives, check the free space once per this many bytes. */
#define SPACE_STEP_BYTES (8 * XB_MIB)

struct pull {
    struct xb_agent *agent;
    uint32_t job_id;
    const char *src;
    struct xb_newfile file;
    const struct xb_progress *progress;
    uint64_t size_bytes; /* 0: not known before the file's end */
    struct xb_pull_limit limit;
    uint64_t got_bytes, unpaid_bytes;
    uint64_t space_bytes; /* the disk had room for a file of this size when last checked */
    uint32_t crc;
    bool failed; /* a piece could not be taken, for the reason in err */
    struct xb_err err;
};

static const char *guest_of(const struct pull *pull)
{
    return xb_agent_name(pull->agent);
}

static bool is_late(const struct pull *pull)
{
    return pull->limit.deadline_ns && xb_now_ns() >= pull->limit.deadline_ns;
}

/* How long the guest may take until its next message. */
static uint64_t patience_ns(const struct pull *pull)
{
    uint64_t now_ns = xb_now_ns(), until_ns = pull->limit.deadline_ns;
    return until_ns && until_ns < now_ns + XB_PROGRESS_TIMEOUT_NS
               ? until_ns - (now_ns < until_ns ? now_ns : until_ns)
               : XB_PROGRESS_TIMEOUT_NS;
}

static int too_late(const struct pull *pull, struct xb_err *err)
{
    return xb_fail(err, XB_E_BENCH, 0,
                   "%s of guest %s did not arrive in time (%" PRIu64 " bytes did)", pull->src,
                   guest_of(pull), pull->got_bytes);
}

/* Check that the disk has room for a file of `bytes`, including those written already. */
static int check_space(struct pull *pull, uint64_t bytes, struct xb_err *err)
{
    struct statvfs fs;
    if (pull->file.direct)
        return 0;
    if (fstatvfs(pull->file.fd, &fs) < 0)
        return xb_fail(err, XB_E_HOST, errno, "check the free space for %s", pull->file.path);
    uint64_t free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
    uint64_t more_bytes = bytes - pull->got_bytes;
    if (more_bytes > free_bytes || free_bytes - more_bytes < DISK_RESERVE_BYTES)
        return xb_fail(err, XB_E_HOST, 0,
                       "%s of guest %s has %" PRIu64 " bytes or more, and only %" PRIu64
                       " are free here (%zu MiB "
                       "must stay free)",
                       pull->src, guest_of(pull), bytes, free_bytes, DISK_RESERVE_BYTES >> 20);
    pull->space_bytes = bytes;
    return 0;
}

static int check_size(const struct pull *pull, uint64_t bytes, struct xb_err *err)
{
    if (bytes <= pull->limit.bytes)
        return 0;
    return xb_fail(err, XB_E_BENCH, 0,
                   "%s of guest %s has %" PRIu64 " bytes%s, the limit is %" PRIu64 " (%s)",
                   pull->src, guest_of(pull), bytes, pull->size_bytes ? "" : " or more",
                   pull->limit.bytes, pull->limit.way_out);
}

static int begin(struct pull *pull, struct xb_err *err)
{
    Xb__Pull msg = XB__PULL__INIT;
    msg.path = (ProtobufCBinaryData){.len = strlen(pull->src), .data = (uint8_t *)pull->src};
    msg.credit_bytes = WINDOW_BYTES;
    ProtobufCMessage *answer;
    if (is_late(pull))
        return too_late(pull, err);
    if (xb_agent_call(pull->agent, XB_PULL, pull->job_id, &msg.base, XB_PULLING, &answer,
                      patience_ns(pull), err) < 0)
        return -1;
    const Xb__Pulling *pulling = (const Xb__Pulling *)answer;
    pull->size_bytes = pulling->size_bytes;
    mode_t mode = pulling->mode & 0777;
    protobuf_c_message_free_unpacked(answer, NULL);
    if (check_size(pull, pull->size_bytes, err) < 0)
        return -1;
    if (!pull->file.direct && fchmod(pull->file.fd, mode) < 0)
        return xb_fail(err, XB_E_HOST, errno, "set the mode of %s", pull->file.path);
    return check_space(pull, pull->size_bytes, err);
}

static int pay(struct pull *pull, struct xb_err *err)
{
    if (pull->unpaid_bytes < WINDOW_BYTES / 4)
        return 0;
    Xb__Credit credit = XB__CREDIT__INIT;
    credit.bytes = pull->unpaid_bytes;
    pull->unpaid_bytes = 0;
    return xb_agent_send(pull->agent, XB_CREDIT, pull->job_id, &credit.base, err);
}

/*
 * An agent older than 1.2 announces the size that stat reports, but sends the bytes that it reads.
 */
static const char *old_agent(const struct pull *pull)
{
    return xb_agent_hello(pull->agent)->minor >= XB_MINOR_PULL_TO_SIZE
               ? ""
               : " (its agent is too old for files of /sys and for growing files: update it, "
                 "or read the file with `xenbench exec`)";
}

/* A file of unknown size: look for several MiB at once, but near the disk's end at each piece. */
static int look_ahead(struct pull *pull, uint64_t end_bytes, struct xb_err *err)
{
    struct xb_err ignored = {0};
    return check_space(pull, end_bytes + SPACE_STEP_BYTES, &ignored) == 0
               ? 0
               : check_space(pull, end_bytes, err);
}

static int take_data(struct pull *pull, const Xb__Data *data, struct xb_err *err)
{
    uint64_t end_bytes = pull->got_bytes + data->data.len;
    if (data->offset != pull->got_bytes || (pull->size_bytes && end_bytes > pull->size_bytes))
        return xb_fail(err, XB_E_BENCH, 0,
                       "guest %s sent other bytes of %s than it had announced%s", guest_of(pull),
                       pull->src, old_agent(pull));
    if (check_size(pull, end_bytes, err) < 0 ||
        (end_bytes > pull->space_bytes && look_ahead(pull, end_bytes, err) < 0))
        return -1;
    if (xb_outfile_write(&pull->file, data->data.data, data->data.len, err) < 0)
        return -1;
    pull->crc = (uint32_t)crc32(pull->crc, data->data.data, (uInt)data->data.len);
    pull->got_bytes += data->data.len;
    pull->unpaid_bytes += data->data.len;
    if (pull->progress)
        pull->progress->fn(pull->progress->arg, pull->got_bytes, pull->size_bytes);
    return pay(pull, err);
}

static int check_end(const struct pull *pull, const Xb__End *end, struct xb_err *err)
{
    bool whole = pull->size_bytes == 0 || pull->got_bytes == pull->size_bytes;
    if (end->size_bytes == pull->got_bytes && whole && end->crc32 == pull->crc)
        return 0;
    return xb_fail(err, XB_E_BENCH, 0,
                   "%s of guest %s did not arrive whole (%" PRIu64 " of %" PRIu64
                   " bytes, checksum %08" PRIx32 " for %08" PRIx32 "): did it change meanwhile?%s",
                   pull->src, guest_of(pull), pull->got_bytes, pull->size_bytes, pull->crc,
                   end->crc32, old_agent(pull));
}

/* A piece of the file, taken while the wait goes on; anything else, or a failure, ends the wait. */
static bool take_piece(struct xb_call *call)
{
    struct pull *pull = call->arg;
    if (call->got != XB_DATA)
        return false;
    pull->failed = take_data(pull, (const Xb__Data *)call->body, &pull->err) < 0;
    call->until_ns = xb_now_ns() + patience_ns(pull);
    return !pull->failed;
}

/* Why the wait ended without the file's end. */
static int say_failure(struct pull *pull, const struct xb_err *why, struct xb_err *err)
{
    if (pull->failed)
        return xb_fail_also(err, &pull->err);
    if (!is_late(pull))
        return xb_fail_also(err, why);
    return too_late(pull, err);
}

static int receive(struct pull *pull, struct xb_err *err)
{
    struct xb_call call = {
        .request = XB_PULL, .job_id = pull->job_id, .take = take_piece, .arg = pull};
    struct xb_err why = {0};
    ProtobufCMessage *msg = NULL;
    if (xb_agent_await(pull->agent, &call, &msg, patience_ns(pull), &why) < 0)
        return say_failure(pull, &why, err);
    int r = -1;
    if (pull->failed)
        say_failure(pull, &why, err);
    else if (call.got == XB_END)
        r = check_end(pull, (const Xb__End *)msg, err);
    else
        xb_fail(err, XB_E_BENCH, 0, "guest %s sent %s in the middle of a file", guest_of(pull),
                xb_type_name(call.got));
    protobuf_c_message_free_unpacked(msg, NULL);
    return r;
}

/* Tell the agent to stop sending the file. */
static void give_up(struct pull *pull)
{
    if (xb_agent_ready(pull->agent) && xb_expect_knows(&pull->agent->expect, pull->job_id))
        xb_agent_send(pull->agent, XB_CANCEL, pull->job_id, NULL, NULL);
    xb_expect_abandon(&pull->agent->expect, pull->job_id);
}

static int take(struct pull *pull, struct xb_err *err)
{
    if (begin(pull, err) < 0 || receive(pull, err) < 0) {
        give_up(pull);
        return -1;
    }
    return xb_newfile_show(&pull->file, err);
}

int xb_agent_pull(struct xb_agent *agent, const char *guest_path, const char *dst,
                  struct xb_pull_limit limit, const struct xb_progress *progress,
                  struct xb_err *err)
{
    struct pull pull = {
        .agent = agent,
        .file = XB_NEWFILE_NONE,
        .job_id = xb_agent_next_job(agent),
        .src = guest_path,
        .limit = limit,
        .progress = progress,
        .crc = (uint32_t)crc32(0, NULL, 0),
    };
    int r = -1;
    if (xb_outfile_open(&pull.file, dst, 0600, true, NULL, err) == 0 &&
        xb_outfile_no_terminal(&pull.file, err) == 0)
        r = take(&pull, err);
    xb_newfile_end(&pull.file);
    return r;
}
