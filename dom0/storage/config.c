/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "alloc.h"
#include "base.h"

#include <errno.h>
#include <libxlutil.h>
#include <string.h>

XB_CLEANUP(xlu_cfg, XLU_Config *, xlu_cfg_destroy)
#define xb_auto_xlu_cfg XB_AUTO(xb_cleanup_xlu_cfg)

/* Copy a setting's text into out; 0 if the setting is absent. */
static int take(const XLU_Config *cfg, const char *key, char *out, size_t out_bytes,
                const char *path, struct xb_err *err)
{
    const char *value = NULL;
    int errnum = xlu_cfg_get_string(cfg, key, &value, 0);
    if (errnum == ESRCH)
        return 0;
    if (errnum || strlen(value) >= out_bytes)
        return xb_fail(err, XB_E_INPUT, 0, "%s: %s must be a text: %s = \"...\"", path, key, key);
    snprintf(out, out_bytes, "%s", value);
    return 0;
}

static int understand(const XLU_Config *cfg, const char *path, struct xb_config *config,
                      struct xb_err *err)
{
    char storage[16] = "";
    if (take(cfg, "storage", storage, sizeof(storage), path, err) < 0 ||
        take(cfg, "vg", config->vg, sizeof(config->vg), path, err) < 0 ||
        take(cfg, "thin_pool", config->thin_pool, sizeof(config->thin_pool), path, err) < 0)
        return -1;
    if (storage[0] && !(config->storage = xb_storage_from_name(storage)))
        return xb_fail(err, XB_E_INPUT, 0, "%s: storage = \"%s\" is not file, lvm or thin", path,
                       storage);
    return 0;
}

int xb_config_load(struct xb_app *app, struct xb_config *out, struct xb_err *err)
{
    char said[400] = "";
    const char *path = app->conf_path;
    *out = (struct xb_config){0};
    if (!path || access(path, F_OK) < 0)
        return 0;
    xb_auto_fclose FILE *report = xb_need(fmemopen(said, sizeof(said) - 1, "w"));
    xb_auto_xlu_cfg XLU_Config *cfg = xb_need(xlu_cfg_init(report, path));
    if (xlu_cfg_readfile(cfg, path) != 0) {
        fflush(report);
        said[strcspn(said, "\n")] = '\0';
        return xb_fail(err, XB_E_INPUT, 0, "cannot read %s: %s", path, said);
    }
    return understand(cfg, path, out, err);
}
