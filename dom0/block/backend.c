/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A disk's keys in xenstore: reading them, and reporting back.
 */
#include "block.h"

#include "base.h"

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

static int take_env(const char *name, char *out, size_t out_bytes, struct xb_err *err)
{
    const char *value = getenv(name);
    if (!value || !*value || strlen(value) >= out_bytes)
        return xb_fail(
            err, XB_E_INPUT, 0,
            "no %s in the environment: libxl runs this program for a disk with script=", name);
    snprintf(out, out_bytes, "%s", value);
    return 0;
}

int xb_block_from_env(struct xb_block *block, struct xb_err *err)
{
    char expected[80];
    if (take_env("XENBUS_PATH", block->path, sizeof(block->path), err) < 0 ||
        take_env("XENBUS_TYPE", block->type, sizeof(block->type), err) < 0 ||
        take_env("XENBUS_BASE_PATH", block->base_path, sizeof(block->base_path), err) < 0)
        return -1;
    const char *devid = strrchr(block->path, '/'), *domid = devid;
    while (domid && domid > block->path && domid[-1] != '/')
        domid--;
    if (domid && sscanf(domid, "%u/%u", &block->domid, &block->devid) == 2) {
        snprintf(expected, sizeof(expected), "%s/%s/%u/%u", block->base_path, block->type,
                 block->domid, block->devid);
        if (strcmp(expected, block->path) == 0)
            return 0;
    }
    return xb_fail(err, XB_E_INPUT, 0, "XENBUS_PATH=%s is no disk's backend", block->path);
}

enum xb_block_mode xb_block_mode_parse(const char *text)
{
    if (!strchr(text, 'w'))
        return XB_BLOCK_READ;
    return strchr(text, '!') ? XB_BLOCK_UNCHECKED : XB_BLOCK_WRITE;
}

bool xb_block_read(const struct xb_block *block, const char *key, char *out, size_t out_bytes)
{
    char path[sizeof(block->path) + 64];
    unsigned int bytes = 0;
    snprintf(path, sizeof(path), "%s/%s", block->path, key);
    xb_auto_free char *value = xs_read(block->xs, XBT_NULL, path, &bytes);
    if (!value || bytes == 0 || bytes >= out_bytes)
        return false;
    memcpy(out, value, bytes);
    out[bytes] = '\0';
    return true;
}

/* A target that is no path is a device in /dev, as for xl's block script. */
static int find_target(struct xb_block *block, struct xb_err *err)
{
    char params[PATH_MAX - 8], path[PATH_MAX];
    if (!xb_block_read(block, "params", params, sizeof(params)))
        return xb_fail(err, XB_E_INPUT, 0, "the disk has no target");
    bool absolute = params[0] == '/' || access(params, F_OK) == 0;
    snprintf(path, sizeof(path), "%s%s", absolute ? "" : "/dev/", params);
    if (!realpath(path, block->target) || stat(block->target, &block->target_stat) < 0)
        return xb_fail(err, XB_E_INPUT, errno, "the disk's target %s", path);
    if (S_ISREG(block->target_stat.st_mode) || S_ISBLK(block->target_stat.st_mode))
        return 0;
    return xb_fail(err, XB_E_INPUT, 0, "the disk's target %s is neither a file nor a block device",
                   path);
}

int xb_block_look(struct xb_block *block, struct xb_err *err)
{
    char mode[8], direct[8];
    if (find_target(block, err) < 0)
        return -1;
    if (!xb_block_read(block, "mode", mode, sizeof(mode)))
        return xb_fail(err, XB_E_HOST, 0, "the disk has no mode in xenstore");
    block->mode = xb_block_mode_parse(mode);
    block->direct_io =
        xb_block_read(block, "direct-io-safe", direct, sizeof(direct)) && strcmp(direct, "1") == 0;
    /* A file without write permission stays read-only, although root could write it. */
    if (block->mode == XB_BLOCK_WRITE && S_ISREG(block->target_stat.st_mode) &&
        !(block->target_stat.st_mode & 0222)) {
        block->busy = true;
        return xb_fail(err, XB_E_INPUT, 0,
                       "%s is read-only (chmod u+w, or access=ro), and the guest wants to write",
                       block->target);
    }
    return 0;
}

static bool put(const struct xb_block *block, xs_transaction_t t, const char *key,
                const char *value)
{
    char path[sizeof(block->path) + 64];
    snprintf(path, sizeof(path), "%s/%s", block->path, key);
    return xs_write(block->xs, t, path, value, (unsigned int)strlen(value));
}

int xb_block_connect(const struct xb_block *block, const char *node, const char *device,
                     dev_t number, struct xb_err *err)
{
    char text[32];
    snprintf(text, sizeof(text), "%x:%x", major(number), minor(number));
    for (;;) {
        xs_transaction_t t = xs_transaction_start(block->xs);
        if (t == XBT_NULL)
            break;
        bool ok = (!node || put(block, t, "node", node)) &&
                  put(block, t, "physical-device", text) &&
                  put(block, t, "physical-device-path", device) &&
                  put(block, t, "hotplug-status", "connected");
        int errnum = errno;
        if (xs_transaction_end(block->xs, t, !ok) && ok)
            return 0;
        if (!ok)
            errno = errnum;
        if (!ok || errno != EAGAIN)
            break;
    }
    return xb_fail(err, XB_E_HOST, errno, "cannot write to %s in xenstore", block->path);
}

void xb_block_tell_failure(const struct xb_block *block, const char *why)
{
    put(block, XBT_NULL, "hotplug-error", why);
    put(block, XBT_NULL, "hotplug-status", block->busy ? "busy" : "error");
}
