/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What guests' disks need: the hotplug program, LVM, and room in thin pools.
 */
#include "base.h"
#include "doctor.h"
#include "guest_cfg.h"
#include "tool.h"

#include <string.h>

/* A full thin pool stops every guest that writes to it. */
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
                   "not there:%s%s%s", ours ? "" : " the program that attaches them",
                   backend ? "" : " xen-blkback", loop ? "" : " loop devices");
    xb_doctor_advise(doctor, "%s",
                     backend && loop ? "guests with disks are built one after the other; is "
                                       "xenbench fully installed (`block` in its lib "
                                       "directory)?"
                                     : "`xenbench host prepare` loads the modules");
}

/* Report one line of `lvs`: NAME DATA META, in per cent. */
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
    xb_doctor_find(doctor, health, "thin pool",
                   "%.150s: %.0f %% of its data, %.0f %% of its "
                   "metadata in use",
                   name, data, meta);
    if (health != XB_HEALTH_OK)
        xb_doctor_advise(doctor,
                         "guests stop when it is full: remove clones, or enlarge it "
                         "with lvextend%s %.150s",
                         meta > data ? " --poolmetadatasize +SIZE" : " -L +SIZE", name);
}

static void check_pools(struct xb_doctor *doctor)
{
    static const char *const argv[] = {"lvs",       "--noheadings",
                                       "--select",  "segtype=thin-pool",
                                       "--options", "lv_full_name,data_percent,metadata_percent",
                                       NULL};
    xb_auto_free char *pools = NULL;
    char said[XB_TOOL_SAID_BYTES];
    struct xb_err err = {0};
    int status = xb_tool_status(argv, &pools, said, &err);
    if (status != 0)
        xb_doctor_find(doctor, XB_HEALTH_WARNING, "thin pool", "lvs: %.300s",
                       status < 0 ? err.msg : said);
    if (status < 0)
        return;
    char *save = NULL;
    for (char *line = strtok_r(pools, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        tell_pool(doctor, line);
}

struct group {
    char name[130], space[32], uuid[40];
};

/* Parse the lines of `vgs`: NAME FREE UUID. Returns their number, at most max. */
static size_t read_groups(char *text, struct group *groups, size_t max)
{
    size_t count = 0;
    char *save = NULL;
    for (char *line = strtok_r(text, "\n", &save); line && count < max;
         line = strtok_r(NULL, "\n", &save))
        count += sscanf(line, " %129s %31s %39s", groups[count].name, groups[count].space,
                        groups[count].uuid) == 3;
    return count;
}

/*
 * A cloned disk can bring a second group of the same name. lvm then refuses the name, and only the
 * UUIDs tell the groups apart.
 */
static void tell_duplicates(struct xb_doctor *doctor, const struct group *groups, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(groups[i].name, groups[j].name) != 0)
                continue;
            xb_doctor_find(doctor, XB_HEALTH_WARNING, "lvm",
                           "two volume groups are called %.100s: neither can be used",
                           groups[i].name);
            xb_doctor_advise(doctor,
                             "`vgs -o vg_name,vg_uuid,pv_name` tells them apart; rename "
                             "one: vgrename %s NAME, where it is not %s",
                             groups[i].uuid, groups[j].uuid);
            break;
        }
    }
}

static void tell_groups(struct xb_doctor *doctor, const struct group *groups, size_t count)
{
    char text[300] = "";
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof(text) - used, "%s%.129s, %.31s free", used ? "; " : "",
                 groups[i].name, groups[i].space);
    }
    xb_doctor_find(doctor, XB_HEALTH_OK, "lvm", "%s", text[0] ? text : "no volume group");
    if (count == 0)
        xb_doctor_advise(doctor, "`xenbench host prepare --vg NAME --pv DEVICE` makes one, for "
                                 "guests on logical volumes");
}

void xb_doctor_storage(struct xb_doctor *doctor)
{
    static const char *const argv[] = {
        "vgs", "--noheadings", "--units", "g", "--options", "vg_name,vg_free,vg_uuid", NULL};
    xb_auto_free char *text = NULL;
    char said[XB_TOOL_SAID_BYTES];
    struct group groups[32];
    struct xb_err err = {0};
    check_attaching(doctor);
    int status = xb_tool_status(argv, &text, said, &err);
    if (status < 0) {
        /* LVM is optional: guests' disks can be files. */
        xb_doctor_find(doctor, XB_HEALTH_OK, "lvm", "not available: %.250s", err.msg);
        xb_doctor_advise(doctor, "apt-get install lvm2 thin-provisioning-tools, for guests on "
                                 "logical volumes");
        return;
    }
    size_t count = read_groups(text, groups, XB_ARRAY_LEN(groups));
    if (status > 0)
        xb_doctor_find(doctor, XB_HEALTH_WARNING, "lvm", "vgs: %.350s", said);
    tell_groups(doctor, groups, count);
    tell_duplicates(doctor, groups, count);
    if (count > 0)
        check_pools(doctor);
}
