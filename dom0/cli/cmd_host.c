/*
 * `xenbench host`: what a person does by hand before a Dom0 can measure, as a plan.
 */
#include "alloc.h"
#include "base.h"
#include "cmd_host.h"
#include "files.h"
#include "options.h"
#include "prepare.h"
#include "verbs.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum {
    OPTION_ROOT = 1000,
    OPTION_PV,
    OPTION_VG,
    OPTION_OVERWRITE,
    OPTION_THIN_POOL,
    OPTION_THIN_SIZE,
    OPTION_MEMORY,
    OPTION_VCPUS,
    OPTION_PIN,
    OPTION_XEN,
};

struct call {
    struct xb_prepare_spec spec;
    bool yes;
};

static void add(struct argp_state *state, const char **list, size_t *count, size_t max,
                const char *what, const char *arg)
{
    if (*count == max)
        argp_error(state, "more than %zu %s", max, what);
    list[(*count)++] = arg;
}

/* A size, or `keep`: leave it alone. */
static void parse_memory(struct argp_state *state, struct xb_prepare_spec *spec, const char *arg)
{
    spec->keep_memory = strcmp(arg, "keep") == 0;
    if (!spec->keep_memory && (!xb_option_bytes(arg, &spec->dom0_memory_bytes) ||
                               spec->dom0_memory_bytes < (UINT64_C(256) << 20)))
        argp_error(state, "--dom0-memory=%s: a size such as 2G, at least 256M, or `keep`", arg);
}

static void parse_vcpus(struct argp_state *state, struct xb_prepare_spec *spec, const char *arg)
{
    char *end;
    spec->keep_vcpus = strcmp(arg, "keep") == 0;
    unsigned long n = spec->keep_vcpus ? 0 : strtoul(arg, &end, 10);
    if (!spec->keep_vcpus && (!isdigit((unsigned char)*arg) || *end || n < 1 || n > 512))
        argp_error(state, "--dom0-vcpus=%s: a number, or `keep`", arg);
    spec->dom0_vcpus = (uint32_t)n;
}

/* It becomes part of a file that the shell reads. */
static void parse_xen(struct argp_state *state, struct xb_prepare_spec *spec, const char *arg)
{
    static const char fit[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "_-+.,:=/@";
    if (!*arg || strspn(arg, fit) != strlen(arg))
        argp_error(state, "--xen=%s: one option as Xen's command line has it, such as sched=credit",
                   arg);
    add(state, spec->xen_words, &spec->xen_word_count, XB_PREPARE_WORDS_MAX, "options for Xen",
        arg);
}

/* Names as LVM takes them; they become arguments of its commands. */
static const char *lvm_name(struct argp_state *state, const char *option, const char *arg)
{
    static const char fit[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "+_.-";
    if (!*arg || *arg == '-' || *arg == '.' || strlen(arg) > 120 || strspn(arg, fit) != strlen(arg))
        argp_error(state, "--%s=%s is no name that LVM takes", option, arg);
    return arg;
}

static error_t parse_lvm(int key, char *arg, struct argp_state *state)
{
    struct xb_prepare_spec *spec = &((struct call *)state->input)->spec;
    switch (key) {
    case OPTION_PV:
        add(state, spec->pvs, &spec->pv_count, XB_PREPARE_DEVICES_MAX, "devices", arg);
        return 0;
    case OPTION_OVERWRITE:
        add(state, spec->overwrite, &spec->overwrite_count, XB_PREPARE_DEVICES_MAX, "devices", arg);
        return 0;
    case OPTION_VG:
        spec->vg = lvm_name(state, "vg", arg);
        return 0;
    case OPTION_THIN_POOL:
        spec->thin_pool = lvm_name(state, "thin-pool", arg);
        return 0;
    case OPTION_THIN_SIZE:
        if (!xb_option_bytes(arg, &spec->thin_bytes) || spec->thin_bytes < (1 << 20))
            argp_error(state, "--thin-size=%s: a size such as 20G", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void check(struct argp_state *state, const struct xb_prepare_spec *spec)
{
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

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct call *call = state->input;
    switch (key) {
    case 'y':
        call->yes = true;
        return 0;
    case OPTION_ROOT:
        call->spec.root = strcmp(arg, "/") == 0 ? "" : arg;
        return 0;
    case OPTION_MEMORY:
        parse_memory(state, &call->spec, arg);
        return 0;
    case OPTION_VCPUS:
        parse_vcpus(state, &call->spec, arg);
        return 0;
    case OPTION_PIN:
        call->spec.dom0_pin = true;
        return 0;
    case OPTION_XEN:
        parse_xen(state, &call->spec, arg);
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "`%s`: no argument is expected", arg);
        return EINVAL;
    case ARGP_KEY_END:
        check(state, &call->spec);
        return 0;
    default:
        return parse_lvm(key, arg, state);
    }
}

static int finish(struct xb_prepare *prepare, const char *verb, bool yes, struct xb_err *err)
{
    size_t left = xb_prepare_left(prepare);
    if (yes && (left || strcmp(verb, "undo") == 0))
        return xb_prepare_apply(prepare, err);
    if (left)
        printf("%zu step%s to do; `xenbench host %s ... --yes` does %s\n", left,
               left == 1 ? "" : "s", verb, left == 1 ? "it" : "them");
    else
        puts("nothing to do");
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

static int cmd_prepare(struct xb_app *app, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"yes", 'y', NULL, 0, "Do it; without, the plan is only shown", 0},
        {"vg", OPTION_VG, "NAME", 0, "A volume group of this name for guests' disks", 1},
        {"pv", OPTION_PV, "DEVICE", 0, "A device for the volume group; may be repeated", 1},
        {"overwrite", OPTION_OVERWRITE, "DEVICE", 0,
         "What is on this --pv may be lost; without, a device that carries data is refused", 1},
        {"thin-pool", OPTION_THIN_POOL, "NAME", 0, "A thin pool in the volume group", 1},
        {"thin-size", OPTION_THIN_SIZE, "SIZE", 0, "Its size (default: 90 % of what is free)", 1},
        {"dom0-memory", OPTION_MEMORY, "SIZE", 0,
         "Dom0's memory (default: as Xen's command line fixes it; else 2G, on small hosts a "
         "quarter); `keep` leaves it alone",
         2},
        {"dom0-vcpus", OPTION_VCPUS, "N", 0,
         "Dom0's vcpus (default: as Xen's command line fixes it; else 2, on small hosts half of "
         "the CPUs); `keep` leaves it alone",
         2},
        {"dom0-pin", OPTION_PIN, NULL, 0, "Each of Dom0's vcpus stays on the CPU of its number", 2},
        {"xen", OPTION_XEN, "OPTION", 0,
         "One more option for Xen's command line, such as sched=credit; may be repeated", 2},
        {"root", OPTION_ROOT, "DIR", 0, "Change the files of the system in DIR, and nothing else",
         3},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .doc = "Make a bare Dom0 a host to measure on: modules, services, xl.conf, Xen's command "
               "line and its entry in GRUB's menu, Dom0's memory and vcpus, a volume group. "
               "Shows each step, what is and what will be."
               "\vA second call finds nothing to do. What is changed is recorded first; `xenbench "
               "host undo` puts it back. A device that is in use is refused always, one that "
               "carries data unless it is named with --overwrite.",
    };
    struct call call = {.spec = {.root = ""}};
    xb_options_parse(&argp, argc, argv, &call);
    return carry_out(app, "prepare", &call, xb_prepare_plan);
}

static error_t parse_undo(int key, char *arg, struct argp_state *state)
{
    return key == 'y' || key == OPTION_ROOT || key == ARGP_KEY_ARG ? parse(key, arg, state)
                                                                   : ARGP_ERR_UNKNOWN;
}

static int cmd_undo(struct xb_app *app, int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"yes", 'y', NULL, 0, "Do it; without, the plan is only shown", 0},
        {"root", OPTION_ROOT, "DIR", 0, "Of the system in DIR", 0},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse_undo,
        .doc = "Put back what `xenbench host prepare` changed, the newest change first."
               "\vA file that somebody else has changed since is left alone, and so is a volume "
               "group with volumes in it. What was overwritten on a device does not come back. "
               "Loaded modules and running services go on until the next boot.",
    };
    struct call call = {.spec = {.root = ""}};
    xb_options_parse(&argp, argc, argv, &call);
    return carry_out(app, "undo", &call, xb_prepare_plan_undo);
}

int xb_cmd_host(struct xb_app *app, int argc, char **argv)
{
    static const struct xb_verb verbs[] = {
        {"prepare", cmd_prepare, "make a bare Dom0 a host to measure on; the plan is shown first"},
        {"undo", cmd_undo, "put back what that changed"},
        {"show", xb_cmd_host_show, "describe this host as JSON, for `xenbench plan --host FILE`"},
    };
    return xb_run_verb(app, "host", verbs, XB_ARRAY_LEN(verbs), argc, argv);
}
