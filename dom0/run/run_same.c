/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A resumed run has cells that were measured before. Later cells must be measured on the same host
 * with the same options, or they do not belong in one table with the earlier ones.
 */
#include "base.h"
#include "host.h"
#include "run_facts.h"
#include "store_guest.h"

#include <inttypes.h>
#include <string.h>

/* Facts that a run does not change itself, so they can be compared before anything is touched. */
static const char *const same[] = {
    "xen_version",
    "xen_command_line",
    "xen_changeset",
    "xen_compile_date",
    "scheduler",
    "smt",
    "scheduler_granularity",
    "cpus",
    "threads_per_core",
    "cores_per_socket",
    "numa_nodes",
    "cpu_model",
    "cpu_microcode",
    "cpu_topology",
    "dom0_kernel",
    "dom0_kernel_sha256",
};
/* Likewise where no case sets them and no dead run may have left them changed. */
static const char *const same_power[] = {"governor", "turbo"};
/* Facts that are worth a warning, compared once the host is as it was found. */
static const char *const told[] = {"host_name", "toolstack", "xen_capabilities", "numa",
                                   "governor",  "turbo",     "dom0_vcpus",       "lab_host_cpus",
                                   "lab_cpus",  "sandbox"};

/* Does a fact that was known then and is known now differ? *then is to free. */
static bool differs(struct xb_run *run, const char *key, char **then, const char **now)
{
    *then = xb_store_host_fact(run->store, run->id, key);
    *now = json_string_value(json_object_get(run->facts, key));
    return *then && *now && strcmp(*then, *now) != 0;
}

static void list_differences(struct xb_run *run, const char *const *keys, size_t count, char *out,
                             size_t bytes)
{
    for (size_t i = 0; i < count; i++) {
        xb_auto_free char *then = NULL;
        const char *now;
        size_t used = strlen(out);
        if (differs(run, keys[i], &then, &now))
            snprintf(out + used, bytes - used, "%s%s is %.120s and was %.120s", used ? "; " : "",
                     keys[i], now, then);
    }
}

static bool sets_power(const struct xb_experiment *exp)
{
    for (size_t c = 0; c < exp->case_count; c++)
        if (exp->cases[c].host.governor[0] || exp->cases[c].host.turbo >= 0)
            return true;
    return false;
}

static int check_host(struct xb_run *run, struct xb_err *err)
{
    char list[700] = "";
    int owner;
    list_differences(run, same, XB_ARRAY_LEN(same), list, sizeof(list));
    if (!sets_power(run->exp) && !xb_host_recorded(run->app, &owner))
        list_differences(run, same_power, XB_ARRAY_LEN(same_power), list, sizeof(list));
    if (!list[0])
        return 0;
    if (run->options->other_host)
        *run->options->other_host = true;
    return xb_fail(
        err, XB_E_INPUT, 0,
        "run %.8s began on another host than this one is now: %s; its cells would not be one "
        "measurement (`xenbench run --afresh FILE` begins another run)",
        run->id, list);
}

/* A trace costs CPU time, so all cells have one or none has. */
static int check_trace(struct xb_run *run, struct xb_err *err)
{
    int then = xb_store_run_trace(run->store, run->id);
    bool asked = run->exp->trace || run->options->trace;
    if (then == 0 && asked && run->measured)
        return xb_fail(err, XB_E_INPUT, 0,
                       "run %.8s began without --trace, which changes what is measured: resume "
                       "it without --trace, or begin another run with --afresh",
                       run->id);
    run->traces = then > 0 || asked;
    if (then > 0 && !asked)
        xb_progress_done(&run->progress, "run %.8s began with --trace, and continues with it",
                         run->id);
    return then == run->traces ? 0 : xb_store_run_set_trace(run->store, run->id, run->traces, err);
}

int xb_run_check_same(struct xb_run *run, struct xb_err *err)
{
    uint32_t all, done;
    if (xb_store_cell_count(run->store, run->id, &all, &done, err) < 0)
        return -1;
    run->measured = done > 0;
    if (check_trace(run, err) < 0)
        return -1;
    return run->measured ? check_host(run, err) : 0;
}

static int tell(struct xb_run *run, const char *key, struct xb_err *err)
{
    xb_auto_free char *then = NULL;
    const char *now;
    struct xb_about about = {.case_no = -1, .cell = -1, .name = key};
    if (!differs(run, key, &then, &now))
        return 0;
    return xb_run_warn(
        run, about, XB_WARN_HOST_CHANGED, err,
        "since the run was resumed the host's %s is %.120s; when the run began it was %.120s", key,
        now, then);
}

int xb_run_keep_facts(struct xb_run *run, struct xb_err *err)
{
    const char *key;
    json_t *value;
    json_object_foreach(run->facts, key, value)
    {
        xb_auto_free char *then =
            run->measured ? xb_store_host_fact(run->store, run->id, key) : NULL;
        if (!then && xb_store_host(run->store, run->id, key, json_string_value(value), err) < 0)
            return -1;
    }
    for (size_t i = 0; run->measured && i < XB_ARRAY_LEN(told); i++)
        if (tell(run, told[i], err) < 0)
            return -1;
    return 0;
}

int xb_run_check_image(struct xb_run *run, size_t guest, const char *image, const char *digest,
                       struct xb_err *err)
{
    xb_auto_free char *other = NULL;
    struct xb_about about = XB_ABOUT_GUEST(run->guests[guest].exp->name);
    if (!run->measured || !digest[0])
        return 0;
    if (xb_store_guest_other_image(run->store, run->id, about.guest, image, digest, &other, err) <
        0)
        return -1;
    if (!other)
        return 0;
    return xb_run_warn(run, about, XB_WARN_IMAGE_CHANGED, err,
                       "guest %s: its image was rebuilt after the run began (image_sha256 "
                       "%.12s, then %.12s)",
                       about.guest, other, digest);
}
