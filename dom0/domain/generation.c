/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "generation.h"

#include "base.h"
#include "files.h"

#include <unistd.h>

static int path_of(const struct xb_guest_def *def, char *out, struct xb_err *err)
{
    return xb_path(out, PATH_MAX, err, "%s/generation.json", def->dir);
}

int xb_generation_read(const struct xb_guest_def *def, uint64_t *out, struct xb_err *err)
{
    char path[PATH_MAX];
    json_int_t number = 0;
    *out = 0;
    if (path_of(def, path, err) < 0)
        return -1;
    if (access(path, F_OK) < 0)
        return 0;
    xb_auto_json json_t *json = xb_json_load(path, err);
    if (!json)
        return -1;
    if (json_unpack(json, "{s:I}", "generation", &number) < 0 || number < 0)
        return xb_fail(err, XB_E_HOST, 0,
                       "%s is damaged (to mend it, write a number higher than ever before: "
                       "{\"generation\": 1000000})",
                       path);
    *out = (uint64_t)number;
    return 0;
}

int xb_generation_next(const struct xb_guest_def *def, struct xb_err *err)
{
    char path[PATH_MAX];
    uint64_t number;
    if (path_of(def, path, err) < 0 || xb_generation_read(def, &number, err) < 0)
        return -1;
    xb_auto_json json_t *json = json_pack("{s:I}", "generation", (json_int_t)number + 1);
    if (xb_json_save(path, json, err) < 0)
        return xb_fail_context(err, "guest %s: cannot record that it begins to run", def->name);
    return 0;
}

int xb_generation_next_of(const struct xb_guest_def *def, const libxl_domain_config *config,
                          struct xb_err *err)
{
    for (int i = 0; i < config->num_disks; i++)
        if (config->disks[i].readwrite)
            return xb_generation_next(def, err);
    return 0;
}
