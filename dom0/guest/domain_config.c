/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "domain_config.h"

#include "alloc.h"
#include "base.h"
#include "child.h"
#include "files.h"
#include "interrupt.h"
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <libxl_utils.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* The time limit for xl reading a file, and its grace period after SIGTERM. */
#define READ_NS (60 * XB_NS_PER_S)
#define GRACE_NS (3 * XB_NS_PER_S)

/*
 * Run xl with its output in two descriptors, in a process group of its own, so that xl's children
 * end with xl. Returns its exit status, or -1 with err filled.
 */
static int run_xl(const char *const *argv, int out_fd, int err_fd, uint64_t deadline_ns,
                  struct xb_err *err)
{
    const struct xb_child_spec spec = {
        .argv = argv, .in = XB_CHILD_NULL, .out = out_fd, .err = err_fd, .group = true};
    struct xb_child child;
    xb_auto_close int stop_fd = xb_stop_fd();
    if (xb_child_start(&child, &spec, err) < 0)
        return xb_fail_context(err, "cannot run `xl %s`", argv[1]);
    enum xb_child_wait end = xb_child_await(&child, deadline_ns, stop_fd);
    if (end == XB_CHILD_DEADLINE)
        xb_fail(err, XB_E_BENCH, 0, "`xl %s` did not end in time and was killed", argv[1]);
    else if (end == XB_CHILD_STOP)
        xb_fail(err, XB_E_BENCH, EINTR, "`xl %s` was ended", argv[1]);
    /* Send SIGTERM first, so that xl can release its locks. */
    if (end != XB_CHILD_ENDED)
        xb_child_end(&child, GRACE_NS);
    int status = xb_child_reap(&child, NULL);
    if (status < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot wait for `xl %s`", argv[1]);
    return end == XB_CHILD_ENDED ? status : -1;
}

/* xl always begins by naming the file that it reads. */
#define XL_READS "Parsing config"

/* xl ignores values that it does not understand or has renamed, and warns about each. */
static void pass_warnings_on(int log, const char *cfg)
{
    xb_auto_free char *line = NULL;
    size_t room = 0;
    xb_auto_fclose FILE *in = fdopen(dup(log), "r");
    if (in)
        rewind(in);
    while (in && getline(&line, &room, in) > 0) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] && strncmp(line, XL_READS, strlen(XL_READS)) != 0)
            fprintf(stderr, "warning: xl says about %s: %s\n", cfg, line);
    }
}

int xb_domain_cfg_paths(const char *dir, const char *name, char cfg[PATH_MAX], char json[PATH_MAX],
                        struct xb_err *err)
{
    return xb_path(cfg, PATH_MAX, err, "%s/%s.cfg", dir, name) < 0
               ? -1
               : xb_path(json, PATH_MAX, err, "%s/%s.cfg.json", dir, name);
}

int xb_domain_cfg_to_json(const char *cfg, const char *json, struct xb_err *err)
{
    char temporary[PATH_MAX], said[XB_TOOL_SAID_BYTES];
    if (xb_path(temporary, sizeof(temporary), err, "%s.new.%d", json, (int)getpid()) < 0)
        return -1;
    xb_auto_close int out = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    xb_auto_close int log = memfd_create("xl", MFD_CLOEXEC);
    if (out < 0 || log < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s", temporary);
    const char *const argv[] = {"xl", "-N", "create", cfg, NULL};
    int status = run_xl(argv, out, log, xb_now_ns() + READ_NS, err);
    if (status == 0 && fsync(out) == 0 && rename(temporary, json) == 0) {
        pass_warnings_on(log, cfg);
        return 0;
    }
    if (status == 0)
        xb_fail(err, XB_E_HOST, errno, "cannot have `xl` read %s", cfg);
    xb_tool_words(argv, log, XL_READS, said);
    if (status > 0)
        xb_fail(err, XB_E_INPUT, 0, "xl cannot use %s: %s", cfg, said);
    unlink(temporary);
    return -1;
}

int xb_run_xl(const char *const *args, uint64_t deadline_ns, struct xb_err *err)
{
    const char *argv[12] = {"xl"};
    char said[XB_TOOL_SAID_BYTES];
    for (size_t i = 0; args[i] && i + 2 < XB_ARRAY_LEN(argv); i++)
        argv[i + 1] = args[i];
    xb_auto_close int log = memfd_create("xl", MFD_CLOEXEC);
    if (log < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot run `xl %s`", args[0]);
    int status = run_xl(argv, log, log, deadline_ns, err);
    if (status <= 0)
        return status;
    xb_tool_words(argv, log, XL_READS, said);
    return xb_fail(err, XB_E_HOST, 0, "`xl %s` failed: %s", args[0], said);
}

static bool is_older(const struct stat *a, const struct stat *b)
{
    return a->st_mtim.tv_sec != b->st_mtim.tv_sec ? a->st_mtim.tv_sec < b->st_mtim.tv_sec
                                                  : a->st_mtim.tv_nsec < b->st_mtim.tv_nsec;
}

int xb_domain_config_load(struct xb_xen *xen, const struct xb_guest_def *def,
                          libxl_domain_config *out, struct xb_err *err)
{
    char cfg[PATH_MAX], json[PATH_MAX];
    struct stat cfg_stat, json_stat;
    void *text = NULL;
    int bytes = 0;
    libxl_domain_config_init(out);
    if (xb_domain_cfg_paths(def->dir, def->name, cfg, json, err) < 0)
        return -1;
    if (stat(cfg, &cfg_stat) < 0)
        return xb_fail(err, XB_E_INPUT, errno, "guest %s: cannot read %s", def->name, cfg);
    if ((stat(json, &json_stat) < 0 || is_older(&json_stat, &cfg_stat)) &&
        xb_domain_cfg_to_json(cfg, json, err) < 0)
        return -1;
    errno = libxl_read_file_contents(xen->ctx, json, &text, &bytes);
    if (errno || bytes == 0)
        return xb_fail(err, XB_E_HOST, errno, "guest %s: cannot read %s", def->name, json);
    char *ended = xb_reallocarray(text, (size_t)bytes + 1, 1);
    ended[bytes] = '\0';
    xb_xen_forget(xen);
    int rc = libxl_domain_config_from_json(xen->ctx, out, ended);
    free(ended);
    if (rc)
        return xb_xen_fail(xen, err, XB_E_HOST, rc,
                           "guest %s: libxl cannot use %s (remove it and try again)", def->name,
                           json);
    if (!out->c_info.name || strcmp(out->c_info.name, def->name) != 0)
        return xb_fail(err, XB_E_INPUT, 0, "guest %s: %s gives the domain another name", def->name,
                       cfg);
    return 0;
}

/* libxl defaults memory to maxmem if only that is set. */
uint64_t xb_domain_config_memory(const libxl_domain_config *config)
{
    const libxl_domain_build_info *info = &config->b_info;
    uint64_t kb = info->target_memkb == LIBXL_MEMKB_DEFAULT || !info->target_memkb
                      ? info->max_memkb
                      : info->target_memkb;
    return kb == LIBXL_MEMKB_DEFAULT ? 0 : kb << 10;
}
