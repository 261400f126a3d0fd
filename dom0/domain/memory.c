/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory for new domains. libxl leaves taking memory from Dom0 to its callers; this does it as xl
 * does.
 */
#include "base.h"
#include "domain_build.h"
#include "xen_host.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libxlutil.h>
#include <string.h>

#define XL_LOCK "/var/lock/xl" /* xl holds this lock while it builds a domain */
#define BALLOON_WAIT_S 10
#define BALLOON_TRIES 3

/*
 * xl.conf's autoballoon: "on", "off", "1", "0" or the default "auto", which means on unless
 * dom0_mem= fixes Dom0's size.
 */
bool xb_memory_may_balloon(struct xb_xen *xen)
{
    const char *value = NULL;
    char choice[16] = "auto";
    XLU_Config *conf = xlu_cfg_init(stderr, XB_XL_CONF);
    if (conf && access(XB_XL_CONF, R_OK) == 0 && xlu_cfg_readfile(conf, XB_XL_CONF) == 0 &&
        xlu_cfg_get_string(conf, "autoballoon", &value, 0) == 0)
        snprintf(choice, sizeof(choice), "%s", value);
    if (conf)
        xlu_cfg_destroy(conf);
    if (strcmp(choice, "auto") != 0)
        return strcmp(choice, "on") == 0 || strcmp(choice, "1") == 0;
    struct xb_xen_version version;
    xb_xen_version(xen, &version);
    return !strstr(version.command_line, "dom0_mem=");
}

static int lock_xl(int *lock_fd, struct xb_err *err)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    *lock_fd = open(XL_LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (*lock_fd < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot open xl's lock %s", XL_LOCK);
    while (fcntl(*lock_fd, F_OFD_SETLKW, &lock) < 0)
        if (errno != EINTR)
            return xb_fail(err, XB_E_HOST, errno, "cannot take xl's lock %s", XL_LOCK);
    return 0;
}

static int memory_needed(struct xb_xen *xen, libxl_domain_config *configs, size_t count,
                         uint64_t *out_kb, struct xb_err *err)
{
    *out_kb = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t kb = 0;
        int rc = libxl_domain_need_memory(xen->ctx, &configs[i], INVALID_DOMID, &kb);
        if (rc)
            return xb_xen_fail(xen, err, XB_E_HOST, rc,
                               "guest %s: cannot find out how much memory it needs",
                               configs[i].c_info.name);
        *out_kb += kb;
    }
    return 0;
}

/* 1: enough is free, 0: not enough, -1: failed. */
static int is_free(struct xb_xen *xen, uint64_t need_kb, uint64_t *free_kb, struct xb_err *err)
{
    uint64_t bytes;
    int rc = xb_xen_free_memory(xen, &bytes);
    if (rc)
        return xb_xen_fail(xen, err, XB_E_HOST, rc, "cannot find out how much memory Xen has free");
    *free_kb = bytes >> 10;
    return *free_kb >= need_kb;
}

static void shrink_dom0(struct xb_xen *xen, uint64_t by_kb)
{
    /* A Dom0 at its smallest refuses; the caller then sees what is free and reports it. */
    if (libxl_set_memory_target(xen->ctx, 0, -(int64_t)by_kb, 1, 0) == 0)
        libxl_wait_for_memory_target(xen->ctx, 0, BALLOON_WAIT_S);
}

int xb_memory_free(struct xb_xen *xen, libxl_domain_config *configs, size_t count, int *lock_fd,
                   struct xb_err *err)
{
    uint64_t need_kb, free_kb = 0;
    bool balloon = xb_memory_may_balloon(xen);
    int enough = -1;
    *lock_fd = -1;
    xb_xen_forget(xen);
    if (memory_needed(xen, configs, count, &need_kb, err) < 0 ||
        (balloon && lock_xl(lock_fd, err) < 0))
        goto fail;
    enough = is_free(xen, need_kb, &free_kb, err);
    for (int i = 0; balloon && enough == 0 && i < BALLOON_TRIES; i++) {
        shrink_dom0(xen, need_kb - free_kb);
        enough = is_free(xen, need_kb, &free_kb, err);
    }
    if (enough == 1)
        return 0;
    if (enough == 0)
        xb_fail(
            err, XB_E_HOST, 0, "%zu guest%s need%s %" PRIu64 " MiB, Xen has %" PRIu64 " MiB free%s",
            count, xb_plural(count), count == 1 ? "s" : "", need_kb >> 10, free_kb >> 10,
            balloon ? " and Dom0 gives up no more (stop other guests, or give these less memory)"
                    : ", and Dom0 keeps its own (dom0_mem= on Xen's command line, or autoballoon "
                      "in " XB_XL_CONF "): stop other guests, or give these less memory");
fail:
    if (*lock_fd >= 0)
        close(*lock_fd);
    *lock_fd = -1;
    return -1;
}
