/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The record of changes in their order, and undoing them.
 */
#include "alloc.h"
#include "base.h"
#include "files.h"
#include "prepare.h"
#include "xen.h"

#include <errno.h>
#include <string.h>

#define RECORD_FORMAT 1

static int record_dir(const struct xb_prepare *prepare, char out[PATH_MAX], struct xb_err *err)
{
    return xb_prepare_path(prepare, prepare->app->state_dir, out, err);
}

static int record_path(const struct xb_prepare *prepare, char out[PATH_MAX], struct xb_err *err)
{
    char path[PATH_MAX];
    return xb_path(path, sizeof(path), err, "%s/host-prepare.json", prepare->app->state_dir) < 0
               ? -1
               : xb_prepare_path(prepare, path, out, err);
}

int xb_prepare_record_load(struct xb_prepare *prepare, struct xb_err *err)
{
    char path[PATH_MAX];
    if (record_path(prepare, path, err) < 0)
        return -1;
    if (access(path, F_OK) < 0) {
        prepare->record = xb_need(json_pack("{s:i, s:[]}", "format", RECORD_FORMAT, "changes"));
        return 0;
    }
    prepare->record = xb_json_load(path, err);
    if (!prepare->record)
        return -1;
    if (json_integer_value(json_object_get(prepare->record, "format")) == RECORD_FORMAT &&
        json_is_array(json_object_get(prepare->record, "changes")))
        return 0;
    return xb_fail(err, XB_E_HOST, 0, "%s is damaged, or of another version of xenbench", path);
}

int xb_prepare_record_save(struct xb_prepare *prepare, struct xb_err *err)
{
    char path[PATH_MAX];
    if (record_dir(prepare, path, err) < 0 || xb_make_dirs(path, err) < 0 ||
        record_path(prepare, path, err) < 0)
        return -1;
    if (json_array_size(json_object_get(prepare->record, "changes")))
        return xb_json_save(path, prepare->record, err);
    return unlink(path) == 0 || errno == ENOENT
               ? 0
               : xb_fail(err, XB_E_HOST, errno, "cannot remove the record %s", path);
}

int xb_prepare_note(struct xb_prepare *prepare, json_t *change, struct xb_err *err)
{
    if (!change || json_array_append_new(json_object_get(prepare->record, "changes"), change) < 0)
        return xb_fail(err, XB_E_HOST, 0, "cannot record a change: its text is not UTF-8");
    return xb_prepare_record_save(prepare, err);
}

static const struct {
    const char *kind;
    void (*plan)(struct xb_prepare *prepare, json_t *change);
} kinds[] = {
    {"file", xb_prepare_undo_file}, {"service", xb_prepare_undo_service},
    {"dom0", xb_prepare_undo_dom0}, {XB_PREPARE_GRUB, xb_prepare_undo_grub},
    {"vg", xb_prepare_undo_vg},     {"thin-pool", xb_prepare_undo_pool},
    {"pv", xb_prepare_undo_pv},
};

/* Services, groups and the menu are the running system's: what was done in DIR stays recorded. */
static void leave_to_that_system(struct xb_prepare *prepare, const char *kind)
{
    bool grub = strcmp(kind, XB_PREPARE_GRUB) == 0;
    struct xb_step *step = xb_prepare_step(prepare, XB_STEP_CANNOT, kind, NULL);
    snprintf(step->is, sizeof(step->is), "%s", grub ? "GRUB's menu" : "not a file");
    snprintf(step->will, sizeof(step->will), "%s",
             grub ? "run update-grub in that system" : "undo it in that system");
}

static void plan_change(struct xb_prepare *prepare, json_t *change)
{
    const char *kind = json_string_value(json_object_get(change, "kind"));
    if (kind && prepare->spec.root[0] && strcmp(kind, "file") != 0) {
        leave_to_that_system(prepare, kind);
        return;
    }
    for (size_t i = 0; kind && i < XB_ARRAY_LEN(kinds); i++) {
        if (strcmp(kinds[i].kind, kind) != 0)
            continue;
        kinds[i].plan(prepare, change);
        prepare->steps[prepare->count - 1].change = change;
        return;
    }
    struct xb_step *step = xb_prepare_step(prepare, XB_STEP_CANNOT, kind ? kind : "?", NULL);
    snprintf(step->is, sizeof(step->is), "recorded by another version of xenbench");
    snprintf(step->will, sizeof(step->will), "left as it is");
}

/* Undo the newest change first. GRUB's menu comes last, built from the restored files. */
int xb_prepare_plan_undo(struct xb_prepare *prepare, struct xb_err *err)
{
    if (!prepare->spec.root[0])
        prepare->xen = xb_xen_get(prepare->app, NULL);
    if (xb_prepare_record_load(prepare, err) < 0)
        return -1;
    json_t *changes = json_object_get(prepare->record, "changes"), *grub = NULL;
    for (size_t i = json_array_size(changes); i-- > 0 && prepare->count < XB_STEPS_MAX - 2;) {
        json_t *change = json_array_get(changes, i);
        const char *kind = json_string_value(json_object_get(change, "kind"));
        if (kind && strcmp(kind, XB_PREPARE_GRUB) == 0)
            grub = change;
        else
            plan_change(prepare, change);
    }
    if (grub)
        plan_change(prepare, grub);
    return 0;
}
