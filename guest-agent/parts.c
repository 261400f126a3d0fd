/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include "base.h"
#include "xenbench.pb-c.h"

#include <errno.h>
#include <string.h>

static int append(struct xa_parts *parts, const uint8_t *data, size_t bytes, struct xb_err *err)
{
    if (bytes > XB_MESSAGE_MAX - parts->bytes)
        return xb_fail(err, XB_E_INPUT, EMSGSIZE, "a request of more than %zu bytes",
                       XB_MESSAGE_MAX);
    uint8_t *larger = realloc(parts->data, parts->bytes + bytes + 1);
    if (!larger)
        return xb_fail(err, XB_E_HOST, ENOMEM, "keep a part of a request");
    parts->data = larger;
    if (bytes > 0)
        memcpy(parts->data + parts->bytes, data, bytes);
    parts->bytes += bytes;
    return 0;
}

int xa_parts_add(struct xa_parts *parts, const struct xb_frame *frame, struct xb_err *err)
{
    if (frame->job_id == 0 || (parts->data && parts->job_id != frame->job_id))
        return xb_fail(err, XB_E_INPUT, EPROTO, "a PART of job %u among those of job %u",
                       frame->job_id, parts->job_id);
    Xb__Part *part = xb__part__unpack(NULL, frame->body_bytes, frame->body);
    if (!part || part->data.len == 0) {
        if (part)
            xb__part__free_unpacked(part, NULL);
        return xb_fail(err, XB_E_INPUT, EBADMSG, "malformed PART");
    }
    parts->job_id = frame->job_id;
    int r = append(parts, part->data.data, part->data.len, err);
    xb__part__free_unpacked(part, NULL);
    return r;
}

int xa_parts_complete(struct xa_parts *parts, struct xb_frame *frame, struct xb_err *err)
{
    if (!parts->data)
        return 0;
    if (frame->type != XB_ARM || frame->job_id != parts->job_id)
        return xb_fail(err, XB_E_INPUT, EPROTO, "%s of job %u after PARTs of an ARM of job %u",
                       xb_type_name(frame->type), frame->job_id, parts->job_id);
    if (append(parts, frame->body, frame->body_bytes, err) < 0)
        return -1;
    frame->body = parts->data;
    frame->body_bytes = parts->bytes;
    return 0;
}

void xa_parts_clear(struct xa_parts *parts)
{
    free(parts->data);
    *parts = (struct xa_parts){0};
}
