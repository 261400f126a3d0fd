/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Migrating several guests in parallel.
 */
#include "migrate.h"

#include "alloc.h"
#include "base.h"
#include "checkpoint_record.h"
#include "domain_state.h"
#include "files.h"
#include "helper.h"
#include "xen_host.h"

#include <string.h>

/* Xen tracks a running guest's writes in hardware for HVM and PVH, by shadow page tables for PV. */
static int check_kind(struct xb_xen *xen, const struct xb_guest_def *def, struct xb_err *err)
{
    struct xb_xen_machine machine;
    int rc = xb_xen_machine(xen, &machine);
    if (rc)
        return xb_xen_fail(xen, err, XB_E_HOST, rc, "cannot ask Xen what it can do");
    if (strcmp(def->type, "pv") != 0 || machine.shadow)
        return 0;
    return xb_fail(
        err, XB_E_INPUT, 0,
        "guest %s is a PV guest; migrating it live needs shadow paging, which this hypervisor "
        "was built without (as Debian's is); `xenbench guest checkpoint %s` and `restore` move "
        "it while it stands still",
        def->name, def->name);
}

static int look_up(struct xb_app *app, const char *name, libxl_domain_config *config,
                   struct xb_err *err)
{
    struct xb_guest guest;
    struct xb_guest_def def;
    libxl_domain_config_init(config);
    if (xb_guest_find(app, name, &guest, err) < 0)
        return -1;
    if (!xb_guest_exists(app, name))
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest %s was not made by xenbench: migrate it with `xl migrate`", name);
    if (xb_guest_def_load(app, name, &def, err) < 0 || check_kind(app->xen, &def, err) < 0)
        return -1;
    xb_xen_forget(app->xen);
    int rc = libxl_retrieve_domain_configuration(app->xen->ctx, guest.domid, config, NULL);
    return rc ? xb_xen_fail(app->xen, err, XB_E_HOST, rc, "guest %s: cannot read its configuration",
                            name)
              : 0;
}

/* Both domains exist for a while, so free memory for all new domains first. */
static int prepare(struct xb_app *app, const char *const *names, size_t count, int *xl_lock,
                   struct xb_err *err)
{
    xb_auto_free libxl_domain_config *configs = xb_calloc(count + 1, sizeof(*configs));
    int status = xb_xen_get(app, err) ? xb_make_dirs(app->run_dir, err) : -1;
    size_t made = 0;
    while (status == 0 && made < count) {
        status = look_up(app, names[made], &configs[made], err);
        made++;
    }
    if (status == 0)
        status = xb_memory_free(app->xen, configs, count, xl_lock, err);
    while (made > 0)
        libxl_domain_config_dispose(&configs[--made]);
    return status;
}

static void take_answer(const struct xb_helper *helper, struct xb_migrate_result *out)
{
    const json_t *answer = helper->answer;
    *out = (struct xb_migrate_result){
        .err = helper->err,
        .domid = (uint32_t)xb_helper_number(answer, "domid"),
        .quiet = json_is_true(json_object_get(answer, "quiet")),
        .begun_ns = xb_helper_number(answer, "begun_ns"),
        .total_ns = xb_helper_number(answer, "total_ns"),
        .live_ns = xb_helper_number(answer, "live_ns"),
        .frozen_ns = xb_helper_number(answer, "frozen_ns"),
        .bytes = xb_helper_number(answer, "bytes"),
    };
}

int xb_guest_migrate_all(struct xb_app *app, const char *const *names, size_t count,
                         struct xb_migrate_result *results, struct xb_err *err)
{
    xb_auto_close int xl_lock = -1;
    xb_auto_free struct xb_helper *helpers = xb_helpers_new(count);
    struct xb_err first = {0};
    memset(results, 0, count * sizeof(*results));
    if (prepare(app, names, count, &xl_lock, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const char *args[] = {"migrate", names[i], NULL};
        xb_helper_start(app, &helpers[i], names[i], args, &helpers[i].err);
    }
    xb_helpers_wait(helpers, count, 0, &first);
    for (size_t i = 0; i < count; i++) {
        take_answer(&helpers[i], &results[i]);
        if (helpers[i].err.class)
            xb_checkpoint_put_right(app, names[i]);
        if (!first.class)
            first = helpers[i].err;
        xb_helper_clear(&helpers[i]);
    }
    return first.class ? xb_fail(err, first.class, 0, "%s", first.msg) : 0;
}
