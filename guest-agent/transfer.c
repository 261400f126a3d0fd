/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transfer.h"

#include "state.h"
#include "base.h"
#include "filekind.h"
#include "handlers.h"
#include "xenbench.pb-c.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

static struct xa_transfer *find_kind(const struct xa_session *session, uint32_t id,
                                     enum xa_transfer_kind kind)
{
    struct xa_transfer *transfers = session->agent->transfers;
    for (size_t i = 0; i < XA_TRANSFERS_MAX; i++) {
        if (transfers[i].kind == kind && transfers[i].owner == session && transfers[i].id == id)
            return &transfers[i];
    }
    return NULL;
}

struct xa_transfer *xa_transfer_find(const struct xa_session *session, uint32_t id)
{
    struct xa_transfer *push = find_kind(session, id, XA_TRANSFER_PUSH);
    return push ? push : find_kind(session, id, XA_TRANSFER_PULL);
}

/* Release what a transfer holds; kind is its new kind. */
static void end_transfer(struct xa_transfer *transfer, enum xa_transfer_kind kind)
{
    if (transfer->part_path)
        unlink(transfer->part_path);
    xb_cleanup_close(&transfer->fd);
    free(transfer->path);
    free(transfer->part_path);
    *transfer =
        (struct xa_transfer){.kind = kind, .id = transfer->id, .owner = transfer->owner, .fd = -1};
}

void xa_transfer_cancel(struct xa_transfer *transfer)
{
    end_transfer(transfer,
                 transfer->kind == XA_TRANSFER_PUSH ? XA_TRANSFER_REFUSED : XA_TRANSFER_NONE);
}

static struct xa_transfer *begin(struct xa_session *session, uint32_t id, struct xb_err *err)
{
    struct xa_agent *agent = session->agent;
    if (xa_transfer_find(session, id) || (id && xa_job_find(agent, id))) {
        xb_fail(err, XB_E_INPUT, EEXIST, "id %u is in use", id);
        return NULL;
    }
    struct xa_transfer *slot = find_kind(session, id, XA_TRANSFER_REFUSED);
    for (size_t i = 0; i < XA_TRANSFERS_MAX && !slot; i++) {
        if (agent->transfers[i].kind == XA_TRANSFER_NONE)
            slot = &agent->transfers[i];
    }
    for (size_t i = 0; i < XA_TRANSFERS_MAX && !slot; i++) {
        if (agent->transfers[i].kind == XA_TRANSFER_REFUSED)
            slot = &agent->transfers[i];
    }
    if (!slot) {
        xb_fail(err, XB_E_INPUT, EBUSY, "%d transfers are in progress, which is the limit",
                XA_TRANSFERS_MAX);
        return NULL;
    }
    *slot = (struct xa_transfer){.id = id, .owner = session, .fd = -1};
    return slot;
}

/*
 * Return a copy of the path, which must be absolute and without "..", so that it means the same to
 * every reader. NULL with err filled.
 */
static char *checked_path(const ProtobufCBinaryData *bytes, struct xb_err *err)
{
    char *path = NULL;
    if (bytes->len > 0 && bytes->len < PATH_MAX - NAME_MAX &&
        !memchr(bytes->data, '\0', bytes->len))
        path = strndup((const char *)bytes->data, bytes->len);
    const char *last = path ? strrchr(path, '/') : NULL;
    size_t length = path ? strlen(path) : 0;
    if (last && path[0] == '/' && last[1] != '\0' && !strstr(path, "/../") &&
        strcmp(path + length - (length < 3 ? length : 3), "/..") != 0)
        return path;
    xb_fail(err, XB_E_INPUT, EINVAL, "'%.100s' is not the absolute path of a file",
            path ? path : "");
    free(path);
    return NULL;
}

/* Create it in the target's directory, so that the final rename is atomic. */
static int create_part_file(struct xa_transfer *transfer, struct xb_err *err)
{
    struct stat st;
    if (stat(transfer->path, &st) == 0 && xa_file_is_regular("write", transfer->path, &st, err) < 0)
        return -1;
    const char *name = strrchr(transfer->path, '/') + 1;
    if (asprintf(&transfer->part_path, "%.*s.xenbench.XXXXXX", (int)(name - transfer->path),
                 transfer->path) < 0) {
        transfer->part_path = NULL;
        return xb_fail(err, XB_E_HOST, ENOMEM, "write file %s", transfer->path);
    }
    transfer->fd = mkostemp(transfer->part_path, O_CLOEXEC);
    if (transfer->fd < 0) {
        xb_fail(err, XB_E_INPUT, errno, "write file %s", transfer->path);
        free(xb_steal_ptr(&transfer->part_path)); /* nothing to remove */
        return -1;
    }
    return 0;
}

static int begin_push(struct xa_transfer *transfer, const Xb__Push *push, struct xb_err *err)
{
    transfer->kind = XA_TRANSFER_PUSH;
    transfer->size_bytes = push->size_bytes;
    transfer->path = checked_path(&push->path, err);
    if (!transfer->path || create_part_file(transfer, err) < 0)
        return -1;
    if (push->size_bytes > INT64_MAX)
        return xb_fail(err, XB_E_INPUT, EFBIG, "write file %s", transfer->path);
    /* Where the file system supports this, a full disk shows now rather than after the data. */
    if (push->size_bytes > 0 &&
        fallocate(transfer->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)push->size_bytes) < 0 &&
        errno == ENOSPC)
        return xb_fail(err, XB_E_HOST, ENOSPC, "write file %s of %llu bytes", transfer->path,
                       (unsigned long long)push->size_bytes);
    if (fchmod(transfer->fd, push->mode & 07777) < 0)
        return xb_fail(err, XB_E_HOST, errno, "set the mode of file %s", transfer->path);
    return 0;
}

int xa_handle_push(struct xa_session *session, uint32_t id, const ProtobufCMessage *msg,
                   struct xb_err *err)
{
    struct xa_transfer *transfer = begin(session, id, err);
    if (!transfer)
        return -1;
    if (begin_push(transfer, (const Xb__Push *)msg, err) == 0)
        return 0;
    end_transfer(transfer, XA_TRANSFER_REFUSED);
    return -1;
}

static int write_data(struct xa_transfer *transfer, const Xb__Data *data, struct xb_err *err)
{
    if (data->offset != transfer->offset || data->data.len == 0 || data->data.len > XB_DATA_MAX ||
        data->data.len > transfer->size_bytes - transfer->offset)
        return xb_fail(err, XB_E_INPUT, EPROTO,
                       "DATA of %zu bytes at %llu, where %s of %llu bytes stands at %llu",
                       data->data.len, (unsigned long long)data->offset, transfer->path,
                       (unsigned long long)transfer->size_bytes,
                       (unsigned long long)transfer->offset);
    for (size_t done = 0; done < data->data.len;) {
        ssize_t n = write(transfer->fd, data->data.data + done, data->data.len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return xb_fail(err, XB_E_HOST, n < 0 ? errno : EIO, "write file %s", transfer->path);
        done += (size_t)n;
    }
    transfer->crc = (uint32_t)crc32_z(transfer->crc, data->data.data, data->data.len);
    transfer->offset += data->data.len;
    return 0;
}

/* The push with this id, perhaps a refused one; NULL with err filled. */
static struct xa_transfer *find_push(const struct xa_session *session, uint32_t id,
                                     struct xb_err *err)
{
    struct xa_transfer *transfer = find_kind(session, id, XA_TRANSFER_PUSH);
    if (!transfer)
        transfer = find_kind(session, id, XA_TRANSFER_REFUSED);
    if (!transfer)
        xb_fail(err, XB_E_INPUT, ENOENT, "there is no push with id %u", id);
    return transfer;
}

int xa_handle_data(struct xa_session *session, uint32_t id, const ProtobufCMessage *msg,
                   struct xb_err *err)
{
    struct xa_transfer *transfer = find_push(session, id, err);
    if (!transfer)
        return -1;
    if (transfer->kind == XA_TRANSFER_REFUSED ||
        write_data(transfer, (const Xb__Data *)msg, err) == 0)
        return 0;
    end_transfer(transfer, XA_TRANSFER_REFUSED);
    return -1;
}

static int sync_directory(const char *path, struct xb_err *err)
{
    const char *name = strrchr(path, '/') + 1;
    xb_auto_free char *directory = strndup(path, (size_t)(name - path));
    xb_auto_close int fd = directory ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0 || fsync(fd) < 0)
        return xb_fail(err, XB_E_HOST, errno, "sync the directory of %s", path);
    return 0;
}

static int finish_push(struct xa_transfer *transfer, const Xb__End *end, struct xb_err *err)
{
    if (end->size_bytes != transfer->offset || transfer->offset != transfer->size_bytes)
        return xb_fail(err, XB_E_INPUT, EPROTO, "%s: %llu bytes came, but %llu were announced",
                       transfer->path, (unsigned long long)transfer->offset,
                       (unsigned long long)transfer->size_bytes);
    if (end->crc32 != transfer->crc)
        return xb_fail(err, XB_E_INPUT, EBADMSG, "%s is damaged: its CRC is %08x, not %08x",
                       transfer->path, transfer->crc, end->crc32);
    if (fsync(transfer->fd) < 0 || rename(transfer->part_path, transfer->path) < 0)
        return xb_fail(err, XB_E_HOST, errno, "put file %s in place", transfer->path);
    free(xb_steal_ptr(&transfer->part_path)); /* renamed, so nothing to remove */
    return sync_directory(transfer->path, err);
}

int xa_handle_end(struct xa_session *session, uint32_t id, const ProtobufCMessage *msg,
                  struct xb_err *err)
{
    struct xa_transfer *transfer = find_push(session, id, err);
    if (!transfer)
        return -1;
    bool refused = transfer->kind == XA_TRANSFER_REFUSED;
    int r = refused ? 0 : finish_push(transfer, (const Xb__End *)msg, err);
    end_transfer(transfer, XA_TRANSFER_NONE);
    if (!refused && r == 0)
        xa_session_send(session, XB_DONE, id, NULL);
    return r;
}

static int begin_pull(struct xa_transfer *transfer, const Xb__Pull *pull, Xb__Pulling *answer,
                      struct xb_err *err)
{
    const char *path = transfer->path = checked_path(&pull->path, err);
    if (!path)
        return -1;
    struct stat st;
    transfer->kind = XA_TRANSFER_PULL;
    transfer->credit_bytes = pull->credit_bytes;
    /* Check before opening, because opening a device can trigger it (a watchdog, a tape). */
    if (stat(path, &st) < 0)
        return xb_fail(err, XB_E_INPUT, errno, "read file %s", path);
    if (xa_file_is_regular("read", path, &st, err) < 0)
        return -1;
    /* O_NONBLOCK: an endless file (/proc/kmsg) must not block the agent. */
    transfer->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (transfer->fd < 0 || fstat(transfer->fd, &st) < 0)
        return xb_fail(err, XB_E_INPUT, errno, "read file %s", path);
    if (xa_file_is_regular("read", path, &st, err) < 0)
        return -1;
    answer->mode = st.st_mode & 07777;
    bool unknown = xa_file_size_is_unknown(transfer->fd, &st);
    answer->size_bytes = unknown ? 0 : (uint64_t)st.st_size;
    transfer->size_bytes = unknown ? UINT64_MAX : answer->size_bytes;
    return 0;
}

int xa_handle_pull(struct xa_session *session, uint32_t id, const ProtobufCMessage *msg,
                   struct xb_err *err)
{
    Xb__Pulling pulling = XB__PULLING__INIT;
    struct xa_transfer *transfer = begin(session, id, err);
    if (!transfer)
        return -1;
    if (begin_pull(transfer, (const Xb__Pull *)msg, &pulling, err) < 0) {
        end_transfer(transfer, XA_TRANSFER_NONE);
        return -1;
    }
    xa_session_send(session, XB_PULLING, id, &pulling.base);
    return 0;
}

void xa_transfer_credit(struct xa_transfer *transfer, uint64_t bytes)
{
    if (__builtin_add_overflow(transfer->credit_bytes, bytes, &transfer->credit_bytes))
        transfer->credit_bytes = UINT64_MAX;
}

static void end_pull(struct xa_transfer *transfer)
{
    Xb__End end = XB__END__INIT;
    end.size_bytes = transfer->offset;
    end.crc32 = transfer->crc;
    xa_session_send(transfer->owner, XB_END, transfer->id, &end.base);
    end_transfer(transfer, XA_TRANSFER_NONE);
}

/* Abandon the rest of a file and say why; errnum 0 if the system gave no reason. */
static void break_off(struct xa_transfer *transfer, int errnum)
{
    struct xb_err err = {0};
    if (errnum == 0)
        xb_fail(&err, XB_E_BENCH, 0, "%s shrank while it was read, after %llu of %llu bytes",
                transfer->path, (unsigned long long)transfer->offset,
                (unsigned long long)transfer->size_bytes);
    else if (errnum == EAGAIN)
        xb_fail(&err, XB_E_BENCH, errnum, "read %s, which has no end and is read as it comes",
                transfer->path);
    else
        xb_fail(&err, XB_E_HOST, errnum, "read file %s at byte %llu", transfer->path,
                (unsigned long long)transfer->offset);
    xa_session_refuse(transfer->owner, XB_PULL, transfer->id, &err);
    end_transfer(transfer, XA_TRANSFER_NONE);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Queue one piece, or send END. Data that is appended to the file after the pull began is not sent. */
static void pull_chunk(struct xa_transfer *transfer)
{
    uint8_t buf[XB_DATA_MAX];
    uint64_t left_bytes = transfer->size_bytes - transfer->offset;
    size_t bytes = (size_t)least(least(transfer->credit_bytes, left_bytes), sizeof(buf));
    ssize_t n = read(transfer->fd, buf, bytes);
    if (n < 0 || (n == 0 && bytes > 0 && transfer->size_bytes != UINT64_MAX)) {
        break_off(transfer, n < 0 ? errno : 0);
        return;
    }
    if (n == 0) {
        end_pull(transfer);
        return;
    }
    Xb__Data data = XB__DATA__INIT;
    data.offset = transfer->offset;
    data.data = (ProtobufCBinaryData){.data = buf, .len = (size_t)n};
    xa_session_queue(transfer->owner, XB_DATA, transfer->id, &data.base);
    transfer->crc = (uint32_t)crc32_z(transfer->crc, buf, (size_t)n);
    transfer->offset += (uint64_t)n;
    transfer->credit_bytes -= (uint64_t)n;
}

static bool may_pull(const struct xa_transfer *transfer)
{
    struct xb_link *link = xa_session_ready_link(transfer->owner);
    return transfer->kind == XA_TRANSFER_PULL && transfer->credit_bytes > 0 && link &&
           xb_link_has_bulk_room(link);
}

void xa_transfers_work(struct xa_agent *agent)
{
    for (size_t i = 0; i < XA_TRANSFERS_MAX; i++) {
        struct xa_transfer *transfer = &agent->transfers[i];
        while (may_pull(transfer)) {
            while (may_pull(transfer))
                pull_chunk(transfer);
            xa_session_flush(transfer->owner);
        }
    }
}

void xa_transfers_disconnected(const struct xa_session *session)
{
    struct xa_transfer *transfers = session->agent->transfers;
    for (size_t i = 0; i < XA_TRANSFERS_MAX; i++) {
        if (transfers[i].owner == session)
            end_transfer(&transfers[i], XA_TRANSFER_NONE);
    }
}
