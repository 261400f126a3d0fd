/*
 * What guests' disks need: who attaches them, LVM, and how full its thin pools are.
 */
#include "base.h"
#include "doctor.h"
#include "guest_cfg.h"
#include "tool.h"

#include <string.h>

/* A thin pool that is full stops every guest that writes to it. */
#define POOL_FULL_PERCENT 95.0
#define POOL_SOON_PERCENT 80.0

static void check_attaching(struct xb_doctor *doctor)
{
    char program[PATH_MAX];
    bool ours = xb_guest_block_program(doctor->app, program);
    bool backend = access("/sys/module/xen_blkback", F_OK) == 0 ||
                   access("/sys/bus/xen-backend/drivers/vbd", F_OK) == 0;
    bool loop = access("/dev/loop-control", R_OK | W_OK) == 0;
    if (ours && backend && loop) {
        xb_doctor_find(doctor, XB_HEALTH_OK, "disks", "%s attaches them", program);
        return;
    }
    xb_doctor_find(doctor, backend && loop ? XB_HEALTH_WARNING : XB_HEALTH_FAIL, "disks",
                   "not there:%s%s%s", ours ? "" : " our program that attaches them",
                   backend ? "" : " xen-blkback", loop ? "" : " loop devices");
    xb_doctor_advise(doctor, "%s",
                     backend && loop ? "guests with disks are built in turn; is xenbench installed "
                                       "whole (`block` in its lib directory)?"
                                     : "`xenbench host prepare` loads the modules");
}

/* One line of `lvs`: NAME DATA META, the numbers in per cent. */
static void tell_pool(struct xb_doctor *doctor, const char *line)
{
    char name[200];
    double data, meta;
    if (sscanf(line, " %199s %lf %lf", name, &data, &meta) != 3)
        return;
    double most = data > meta ? data : meta;
    enum xb_health health = most >= POOL_FULL_PERCENT   ? XB_HEALTH_FAIL
                            : most >= POOL_SOON_PERCENT ? XB_HEALTH_WARNING
                                                        : XB_HEALTH_OK;
    xb_doctor_find(doctor, health, "thin pool", "%.150s: %.0f %% of its data, %.0f %% of its "
                                                "metadata in use",
                   name, data, meta);
    if (health != XB_HEALTH_OK)
        xb_doctor_advise(doctor,
                         "guests stop when it is full: remove clones, or lvextend%s %.150s",
                         meta > data ? " --poolmetadatasize +SIZE" : " -L +SIZE", name);
}

static void check_pools(struct xb_doctor *doctor)
{
    static const char *const argv[] = {"lvs",
                                       "--noheadings",
                                       "--select",
                                       "segtype=thin-pool",
                                       "--options",
                                       "lv_full_name,data_percent,metadata_percent",
                                       NULL};
    xb_auto_free char *pools = NULL;
    struct xb_err err = {0};
    if (xb_tool(argv, &pools, &err, "ask for thin pools") < 0) {
        xb_doctor_find(doctor, XB_HEALTH_WARNING, "thin pool", "%.300s", err.msg);
        return;
    }
    char *save = NULL;
    for (char *line = strtok_r(pools, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        tell_pool(doctor, line);
}

void xb_doctor_storage(struct xb_doctor *doctor)
{
    static const char *const argv[] = {
        "vgs", "--noheadings", "--units", "g", "--options", "vg_name,vg_free", NULL};
    xb_auto_free char *groups = NULL;
    struct xb_err err = {0};
    char *save = NULL, text[300] = "", name[130], space[32];
    check_attaching(doctor);
    if (xb_tool(argv, &groups, &err, "ask for volume groups") < 0) {
        /* Files do as well: LVM is a choice. */
        xb_doctor_find(doctor, XB_HEALTH_OK, "lvm", "not to be had: %.250s", err.msg);
        xb_doctor_advise(doctor, "apt-get install lvm2 thin-provisioning-tools, for guests on "
                                 "logical volumes");
        return;
    }
    for (char *line = strtok_r(groups, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        if (sscanf(line, " %129s %31s", name, space) == 2)
            snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s, %s free",
                     text[0] ? "; " : "", name, space);
    xb_doctor_find(doctor, XB_HEALTH_OK, "lvm", "%s", text[0] ? text : "no volume group");
    if (text[0])
        check_pools(doctor);
    else
        xb_doctor_advise(doctor, "`xenbench host prepare --vg NAME --pv DEVICE` makes one, for "
                                 "guests on logical volumes");
}
