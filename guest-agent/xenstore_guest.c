/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "xenstore_guest.h"

#include "base.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <xen/io/xs_wire.h>
#include <xenstore.h>

#define DEVICE "/dev/xen/xenbus"

struct xa_store {
    struct xs_handle *handle;
    int watch_fd;
};

int xa_store_open(struct xa_store **out, struct xb_err *err)
{
    struct xa_store *store = calloc(1, sizeof(*store));
    if (!store)
        return xb_fail(err, XB_E_HOST, ENOMEM, "connect to xenstore");
    store->watch_fd = -1;
    store->handle = xs_open(0);
    if (!store->handle) {
        xb_fail(err, XB_E_HOST, errno,
                "connect to xenstore (is this a Xen guest, and is " DEVICE " there?)");
        free(store);
        return -1;
    }
    *out = store;
    return 0;
}

void xa_store_close(struct xa_store *store)
{
    if (!store)
        return;
    xs_close(store->handle);
    xb_cleanup_close(&store->watch_fd);
    free(store);
}

int xa_store_write(struct xa_store *store, const char *path, const char *value, struct xb_err *err)
{
    if (!xs_write(store->handle, XBT_NULL, path, value, (unsigned)strlen(value)))
        return xb_fail(err, XB_E_HOST, errno, "write %s in xenstore", path);
    return 0;
}

bool xa_store_read(struct xa_store *store, const char *path, char *out, size_t bytes)
{
    unsigned length;
    xb_auto_free char *value = xs_read(store->handle, XBT_NULL, path, &length);
    if (value)
        snprintf(out, bytes, "%s", value);
    return value != NULL;
}

bool xa_store_exists(struct xa_store *store, const char *path)
{
    char ignored[1];
    return xa_store_read(store, path, ignored, sizeof(ignored));
}

void xa_store_remove(struct xa_store *store, const char *path)
{
    xs_rm(store->handle, XBT_NULL, path);
}

static bool read_exactly(int fd, void *buf, size_t bytes)
{
    for (size_t done = 0; done < bytes;) {
        ssize_t n = read(fd, (char *)buf + done, bytes - done);
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

/* Wait for the answer to XS_WATCH; events may precede it. */
static bool watch_accepted(int fd)
{
    struct xsd_sockmsg header;
    char body[XENSTORE_PAYLOAD_MAX];
    do {
        if (!read_exactly(fd, &header, sizeof(header)) || header.len > sizeof(body) ||
            !read_exactly(fd, body, header.len))
            return false;
    } while (header.type == XS_WATCH_EVENT);
    errno = EINVAL; /* xenstore names the error, but the only possible one is an exhausted quota */
    return header.type == XS_WATCH;
}

/* Send one message: a header, then the path and a token, both NUL-terminated. */
static bool send_watch(int fd, const char *path)
{
    static const char token[] = "w";
    char message[sizeof(struct xsd_sockmsg) + XENSTORE_REL_PATH_MAX + sizeof(token)];
    size_t path_bytes = strlen(path) + 1;
    struct xsd_sockmsg header = {.type = XS_WATCH, .len = (uint32_t)(path_bytes + sizeof(token))};
    memcpy(message, &header, sizeof(header));
    memcpy(message + sizeof(header), path, path_bytes);
    memcpy(message + sizeof(header) + path_bytes, token, sizeof(token));
    ssize_t bytes = (ssize_t)(sizeof(header) + header.len);
    return write(fd, message, (size_t)bytes) == bytes;
}

int xa_store_watch(struct xa_store *store, const char *path, struct xb_err *err)
{
    if (strlen(path) >= XENSTORE_REL_PATH_MAX)
        return xb_fail(err, XB_E_HOST, ENAMETOOLONG, "watch %s in xenstore", path);
    xb_auto_close int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
    if (fd < 0 || !send_watch(fd, path) || !watch_accepted(fd) ||
        fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
        return xb_fail(err, XB_E_HOST, errno, "watch %s in xenstore", path);
    store->watch_fd = xb_steal_fd(&fd);
    return 0;
}

int xa_store_watch_fd(const struct xa_store *store)
{
    return store->watch_fd;
}

void xa_store_take_events(struct xa_store *store)
{
    char ignored[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX];
    while (read(store->watch_fd, ignored, sizeof(ignored)) > 0)
        continue;
}
