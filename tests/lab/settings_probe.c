/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For tests/lab/15-settings.bats: does what `xenbench run` does to a host, one step at a time.
 *
 *   settings_probe read DOMID              print what is in force, as JSON
 *   settings_probe apply DOMID JSON        put it in force, and report a setting that is not
 *   settings_probe pool NAME SCHED CPUS    make a cpupool
 *   settings_probe unpool NAME             remove it
 *   settings_probe params NAME RATELIMIT   set a pool's rate limit (us)
 *   settings_probe times DOMID             run time of each vcpu
 *   settings_probe pcpus                   the physical CPUs
 *   settings_probe record                  record the host; stays until it is killed
 */
#include "allocation.h"
#include "base.h"
#include "host.h"

#include <inttypes.h>
#include <string.h>

static int read_domain(struct xb_xen *xen, uint32_t domid, struct xb_err *err)
{
    xb_auto_allocation struct xb_allocation got = XB_ALLOCATION_KEEP;
    if (xb_allocation_read(xen, domid, &got, err) < 0)
        return -1;
    json_t *json = xb_allocation_to_json(&got);
    json_dumpf(json, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(json);
    return 0;
}

static int apply_domain(struct xb_xen *xen, uint32_t domid, const char *text, struct xb_err *err)
{
    xb_auto_allocation struct xb_allocation want = XB_ALLOCATION_KEEP, got = XB_ALLOCATION_KEEP;
    char why[256];
    json_t *json = json_loads(text, 0, NULL);
    int status = xb_allocation_from_json(json, &want, err);
    json_decref(json);
    if (status < 0 || xb_allocation_apply(xen, domid, &want, err) < 0 ||
        xb_allocation_read(xen, domid, &got, err) < 0)
        return -1;
    if (xb_allocation_differs(&want, &got, why, sizeof(why)))
        return xb_fail(err, XB_E_HOST, 0, "%s", why);
    return 0;
}

static int make_pool(struct xb_xen *xen, char **argv, struct xb_err *err)
{
    struct xb_cpus cpus;
    return xb_cpus_parse(argv[2], &cpus, err) < 0
               ? -1
               : xb_pool_create(xen, argv[0], argv[1], NULL, &cpus, err);
}

static int set_params(struct xb_xen *xen, char **argv, struct xb_err *err)
{
    struct xb_pool_params params = XB_POOL_PARAMS_KEEP;
    params.ratelimit_us = (int)strtol(argv[1], NULL, 10);
    return xb_pool_set_params(xen, argv[0], &params, err);
}

static int print_times(struct xb_xen *xen, uint32_t domid, struct xb_err *err)
{
    struct xb_vcpu_time times[8];
    size_t count;
    if (xb_vcpu_times(xen, domid, times, XB_ARRAY_LEN(times), &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count && i < XB_ARRAY_LEN(times); i++)
        printf("%u %s %u %" PRIu64 "\n", times[i].vcpu, times[i].online ? "online" : "offline",
               times[i].pcpu, times[i].run_ns);
    return 0;
}

static int print_pcpus(struct xb_xen *xen, struct xb_err *err)
{
    xb_auto_free struct xb_pcpu *pcpus = NULL;
    size_t count;
    if (xb_pcpu_list(xen, &pcpus, &count, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        printf("%u core %u socket %u node %u idle %" PRIu64 "\n", pcpus[i].cpu, pcpus[i].core,
               pcpus[i].socket, pcpus[i].node, pcpus[i].idle_ns);
    return 0;
}

static int act(struct xb_app *app, int argc, char **argv)
{
    struct xb_xen *xen = xb_xen_get(app, &app->err);
    const char *verb = argc > 1 ? argv[1] : "";
    if (!xen)
        return -1;
    if (strcmp(verb, "read") == 0 && argc == 3)
        return read_domain(xen, (uint32_t)strtoul(argv[2], NULL, 10), &app->err);
    if (strcmp(verb, "apply") == 0 && argc == 4)
        return apply_domain(xen, (uint32_t)strtoul(argv[2], NULL, 10), argv[3], &app->err);
    if (strcmp(verb, "pool") == 0 && argc == 5)
        return make_pool(xen, argv + 2, &app->err);
    if (strcmp(verb, "unpool") == 0 && argc == 3)
        return xb_pool_destroy(xen, argv[2], &app->err);
    if (strcmp(verb, "params") == 0 && argc == 4)
        return set_params(xen, argv + 2, &app->err);
    if (strcmp(verb, "times") == 0 && argc == 3)
        return print_times(xen, (uint32_t)strtoul(argv[2], NULL, 10), &app->err);
    if (strcmp(verb, "pcpus") == 0)
        return print_pcpus(xen, &app->err);
    if (strcmp(verb, "record") == 0) {
        static const struct xb_host_scope scope = {.pools = true};
        int status = xb_host_record(app, &scope, &app->err);
        if (status >= 0)
            status = xb_host_record_pools(app, (const char *const *)argv + 2, (size_t)argc - 2,
                                          &app->err);
        puts(status == 0 ? "recorded" : app->err.msg);
        fflush(stdout);
        return status < 0 ? status : pause();
    }
    return xb_fail(&app->err, XB_E_INPUT, 0, "no such verb");
}

int main(int argc, char **argv)
{
    struct xb_app app = {.state_dir = "/var/lib/xenbench", .run_dir = "/run/xenbench"};
    act(&app, argc, argv);
    if (app.err.class)
        fprintf(stderr, "settings_probe: %s\n", app.err.msg);
    xb_xen_close(app.xen);
    return (int)app.err.class;
}
