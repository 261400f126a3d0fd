#include "store.h"

#include "base.h"

#include <errno.h>
#include <string.h>
#include <xenstore.h>

struct xb_store {
    struct xs_handle *handle;
};

int xb_store_open(struct xb_store **out, struct xb_err *err)
{
    struct xb_store *store = calloc(1, sizeof(*store));
    if (!store)
        return xb_fail(err, XB_E_HOST, ENOMEM, "connect to xenstore");
    store->handle = xs_open(0);
    if (!store->handle) {
        xb_fail(err, XB_E_HOST, errno, "connect to xenstore (is this a Xen guest, and is /dev/xen/xenbus there?)");
        free(store);
        return -1;
    }
    *out = store;
    return 0;
}

void xb_store_close(struct xb_store *store)
{
    if (!store)
        return;
    xs_close(store->handle);
    free(store);
}

int xb_store_write(struct xb_store *store, const char *path, const char *value, struct xb_err *err)
{
    if (!xs_write(store->handle, XBT_NULL, path, value, (unsigned)strlen(value)))
        return xb_fail(err, XB_E_HOST, errno, "write %s in xenstore", path);
    return 0;
}

bool xb_store_read(struct xb_store *store, const char *path, char *out, size_t bytes)
{
    unsigned length;
    xb_auto_free char *value = xs_read(store->handle, XBT_NULL, path, &length);
    if (value)
        snprintf(out, bytes, "%s", value);
    return value != NULL;
}

bool xb_store_exists(struct xb_store *store, const char *path)
{
    char ignored[1];
    return xb_store_read(store, path, ignored, sizeof(ignored));
}

void xb_store_remove(struct xb_store *store, const char *path)
{
    xs_rm(store->handle, XBT_NULL, path);
}

int xb_store_watch(struct xb_store *store, const char *path, struct xb_err *err)
{
    if (!xs_watch(store->handle, path, path))
        return xb_fail(err, XB_E_HOST, errno, "watch %s in xenstore", path);
    return 0;
}

int xb_store_fd(const struct xb_store *store)
{
    return xs_fileno(store->handle);
}

void xb_store_take_events(struct xb_store *store)
{
    char **event;
    while ((event = xs_check_watch(store->handle)))
        free(event);
}
