/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `xenbench host prepare` and `undo`: plan and do what makes a bare Dom0 fit to measure on. */
#include "alloc.h"
#include "base.h"
#include "commands.h"
#include "files.h"
#include "prepare.h"

#include <argp.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct call {
    struct xb_prepare_spec spec;
    bool yes;
};

static struct xb_prepare_spec *spec_of(void *call)
{
    return &((struct call *)call)->spec;
}

static void add(struct argp_state *state, const char **list, size_t *count, size_t max,
                const char *what, const char *arg)
{
    if (*count == max)
        argp_error(state, "more than %zu %s", max, what);
    list[(*count)++] = arg;
}

/* A size, or `keep` for no change. */
static void take_memory(struct argp_state *state, char *value, void *out)
{
    struct xb_prepare_spec *spec = spec_of(out);
    spec->keep_memory = strcmp(value, "keep") == 0;
    if (!spec->keep_memory && (!xb_read_bytes(value, &spec->dom0_memory_bytes) ||
                               spec->dom0_memory_bytes < (UINT64_C(256) << 20)))
        argp_error(state, "--dom0-memory=%s: a size such as 2G, at least 256M, or `keep`", value);
    if (spec->keep_memory)
        spec->dom0_memory_bytes = 0; /* of an earlier --dom0-memory of this line */
}

static void take_vcpus(struct argp_state *state, char *value, void *out)
{
    struct xb_prepare_spec *spec = spec_of(out);
    spec->keep_vcpus = strcmp(value, "keep") == 0;
    spec->dom0_vcpus =
        spec->keep_vcpus ? 0 : (uint32_t)xb_opt_number(state, "--dom0-vcpus", value, 1, 512);
}

/* The option becomes part of a file that the shell reads, so its characters are restricted. */
static void take_xen(struct argp_state *state, char *value, void *out)
{
    static const char fit[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "_-+.,:=/@";
    struct xb_prepare_spec *spec = spec_of(out);
    if (!*value || strspn(value, fit) != strlen(value))
        argp_error(state, "--xen=%s: one option as Xen's command line has it, such as sched=credit",
                   value);
    if (xb_prepare_option_for(value))
        argp_error(state, "--xen=%s: %s sets it", value, xb_prepare_option_for(value));
    add(state, spec->xen_words, &spec->xen_word_count, XB_PREPARE_WORDS_MAX, "options for Xen",
        value);
}

static void take_pv(struct argp_state *state, char *value, void *out)
{
    struct xb_prepare_spec *spec = spec_of(out);
    add(state, spec->pvs, &spec->pv_count, XB_PREPARE_DEVICES_MAX, "devices", value);
}

static void take_overwrite(struct argp_state *state, char *value, void *out)
{
    struct xb_prepare_spec *spec = spec_of(out);
    add(state, spec->overwrite, &spec->overwrite_count, XB_PREPARE_DEVICES_MAX, "devices", value);
}

static void take_root(struct argp_state *state, char *value, void *out)
{
    if (!*value)
        argp_error(state, "--root: which directory?");
    spec_of(out)->root = strcmp(value, "/") == 0 ? "" : value;
}

/* The name becomes an argument of LVM's commands: check it by LVM's rules. */
static void check_lvm_name(struct argp_state *state, const char *option, const char *name)
{
    static const char fit[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "+_.-";
    if (name && (!*name || *name == '-' || *name == '.' || strlen(name) > 120 ||
                 strspn(name, fit) != strlen(name)))
        argp_error(state, "--%s=%s is no name that LVM takes", option, name);
}

static void check(struct argp_state *state, void *out)
{
    const struct xb_prepare_spec *spec = spec_of(out);
    check_lvm_name(state, "vg", spec->vg);
    check_lvm_name(state, "thin-pool", spec->thin_pool);
    if (!spec->vg && (spec->pv_count || spec->thin_pool || spec->thin_bytes))
        argp_error(state, "--pv and --thin-pool: of which volume group? --vg NAME");
    if (spec->thin_bytes && !spec->thin_pool)
        argp_error(state, "--thin-size: of which pool? --thin-pool NAME");
    if (spec->root[0] && spec->vg)
        argp_error(state, "--root changes files alone: no --vg with it");
    for (size_t i = 0; i < spec->overwrite_count; i++) {
        bool named = false;
        for (size_t k = 0; k < spec->pv_count; k++)
            named = named || strcmp(spec->pvs[k], spec->overwrite[i]) == 0;
        if (!named)
            argp_error(state, "--overwrite %s: it is no --pv", spec->overwrite[i]);
    }
}

static int finish(struct xb_prepare *prepare, const char *verb, bool yes, struct xb_err *err)
{
    size_t left = xb_prepare_left(prepare);
    if (yes && (left || strcmp(verb, "undo") == 0))
        return xb_prepare_apply(prepare, err);
    if (left)
        printf("%zu step%s to do; `xenbench host %s ... --yes` does %s\n", left, xb_plural(left),
               verb, left == 1 ? "it" : "them");
    else
        puts("nothing to do");
    return 0;
}

static int check_root(const char *root, struct xb_err *err)
{
    struct stat st;
    if (root[0] && stat(root, &st) < 0)
        return xb_fail(err, XB_E_INPUT, errno, "--root %s", root);
    if (root[0] && !S_ISDIR(st.st_mode))
        return xb_fail(err, XB_E_INPUT, ENOTDIR, "--root %s", root);
    return 0;
}

typedef int plan_fn(struct xb_prepare *prepare, struct xb_err *err);

static int carry_out(struct xb_app *app, const char *verb, const struct call *call, plan_fn *plan)
{
    char lock_path[PATH_MAX];
    struct xb_err *err = &app->err;
    xb_auto_close int lock = -1;
    xb_auto_free struct xb_prepare *prepare = xb_calloc(1, sizeof(*prepare));
    *prepare = (struct xb_prepare){.app = app, .spec = call->spec};
    if (check_root(call->spec.root, err) < 0)
        return (int)err->class;
    if (call->yes) {
        if (!call->spec.root[0] && geteuid() != 0)
            return xb_fail(err, XB_E_HOST, 0, "only root may change the host"), XB_E_HOST;
        if (xb_make_dirs(app->run_dir, err) < 0 ||
            xb_path(lock_path, sizeof(lock_path), err, "%s/host-prepare.lock", app->run_dir) < 0 ||
            (lock = xb_lock_take(lock_path, NULL, err)) < 0)
            return (int)err->class;
    }
    int status = plan(prepare, err);
    xb_prepare_print(prepare);
    if (status == 0)
        finish(prepare, verb, call->yes, err);
    xb_prepare_free(prepare);
    return (int)err->class;
}

#define OPT_YES OPT_TRUE(struct call, yes, "yes", 'y', "Carry out the plan (default: show it)")

static const struct xb_opt prepare_rows[] = {
    OPT_YES,
    OPT_HEADING("Storage:"),
    OPT_STRING(struct call, spec.vg, "vg", 0, "NAME",
               "A volume group of this name for guests' disks"),
    OPT_CALL(take_pv, "pv", 0, "DEVICE", "A device for the volume group; may be repeated"),
    OPT_CALL(
        take_overwrite, "overwrite", 0, "DEVICE",
        "Allow the loss of data on this --pv (default: a device that carries data is refused)"),
    OPT_STRING(struct call, spec.thin_pool, "thin-pool", 0, "NAME",
               "A thin pool in the volume group"),
    OPT_BYTES(struct call, spec.thin_bytes, "thin-size", 0, 1 << 20,
              "Size of the thin pool (default: 90 % of the free space)"),
    OPT_HEADING("Dom0 and Xen:"),
    OPT_CALL(
        take_memory, "dom0-memory", 0, "SIZE",
        "Dom0's memory (default: as on Xen's command line, else 2G, on small hosts a quarter); "
        "`keep` sets none, and takes an earlier call's off Xen's command line"),
    OPT_CALL(take_vcpus, "dom0-vcpus", 0, "N",
             "Dom0's vcpus (default: as on Xen's command line, else 2, on small hosts half of the "
             "CPUs); `keep` likewise"),
    OPT_TRUE(struct call, spec.dom0_pin, "dom0-pin", 0,
             "Pin each of Dom0's vcpus to the CPU of the same number"),
    OPT_CALL(take_xen, "xen", 0, "OPTION",
             "Add an option to Xen's command line, such as sched=credit; may be repeated"),
    OPT_HEADING("Another system:"),
    OPT_CALL(take_root, "root", 0, "DIR",
             "Change the files of the system in DIR, and nothing else"),
    OPT_END,
};

const struct xb_opts xb_opts_host_prepare = {
    .rows = prepare_rows,
    .check = check,
    .doc = "Make a bare Dom0 fit to measure on: modules, services, xl.conf, Xen's command line and "
           "its entry in GRUB's menu, Dom0's memory and vcpus, a volume group. Show each step with "
           "the present and the future state."
           "\vA second call finds nothing to do. Each change is recorded first; `xenbench host "
           "undo` reverts it. A device in use is always refused, and a device that carries data "
           "unless --overwrite names it.",
};

int xb_cmd_host_prepare(struct xb_app *app, int argc, char **argv)
{
    struct call call = {.spec = {.root = ""}};
    xb_opts_parse(&xb_opts_host_prepare, argc, argv, &call);
    return carry_out(app, "prepare", &call, xb_prepare_plan);
}

static const struct xb_opt undo_rows[] = {
    OPT_YES,
    OPT_CALL(take_root, "root", 0, "DIR", "Restore only the files of the system in DIR"),
    OPT_END,
};

const struct xb_opts xb_opts_host_undo = {
    .rows = undo_rows,
    .doc = "Restore what `xenbench host prepare` changed, the newest change first."
           "\vA file that somebody else has changed since is left alone. A volume group or thin "
           "pool with volumes in it stays, with exit status 3; the other steps are done. "
           "Overwritten data on a device is not restored. Loaded modules and "
           "running services stay until the next boot.",
};

int xb_cmd_host_undo(struct xb_app *app, int argc, char **argv)
{
    struct call call = {.spec = {.root = ""}};
    xb_opts_parse(&xb_opts_host_undo, argc, argv, &call);
    return carry_out(app, "undo", &call, xb_prepare_plan_undo);
}
