/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_rebuild.h"

#include "alloc.h"
#include "base.h"
#include "cfg_text.h"
#include "domain_config.h"
#include "files.h"

#include <inttypes.h>
#include <libxlutil.h>
#include <string.h>

static bool is_ours(const char *text, struct xb_cfg_part setting,
                    const struct xb_guest_build *build)
{
    return xb_cfg_is_key(text, setting, "pool") || xb_cfg_is_key(text, setting, "tsc_mode") ||
           xb_cfg_is_key(text, setting, "cpus_soft") ||
           (build->memory_bytes && xb_cfg_is_key(text, setting, "memory"));
}

/*
 * Xen allocates memory from the nodes of the vcpus' soft affinity, so set that for the build. The
 * run sets the real affinity when the guest is up.
 */
static void put_build(FILE *out, const struct xb_guest_build *build)
{
    if (build->memory_bytes)
        fprintf(out, "memory = %" PRIu64 "\n", build->memory_bytes >> 20);
    if (build->pool)
        xb_cfg_put_string(out, "pool", build->pool);
    if (build->tsc_mode)
        xb_cfg_put_string(out, "tsc_mode", build->tsc_mode);
    if (build->nodes)
        fprintf(out, "cpus_soft = \"nodes:%s\"\n", build->nodes);
}

/* The end of a setting to be removed, with the newline or semicolon after it. */
static size_t behind(const char *text, size_t at)
{
    size_t end = at + strspn(text + at, " \t\r");
    return text[end] == ';' || text[end] == '\n' ? end + 1 : at;
}

static int change_cfg(const char *path, const struct xb_guest_build *build, struct xb_err *err)
{
    size_t done = 0, at = 0, bytes;
    struct xb_cfg_part setting;
    xb_auto_free char *changed = NULL;
    xb_auto_free char *text = xb_cfg_read(path, err);
    if (!text)
        return -1;
    FILE *out = xb_need(open_memstream(&changed, &bytes));
    while (xb_cfg_next_setting(text, &at, &setting)) {
        if (!is_ours(text, setting, build))
            continue;
        fwrite(text + done, 1, setting.from - done, out);
        done = behind(text, setting.to);
    }
    fputs(text + done, out);
    put_build(out, build);
    fclose(out);
    return xb_text_save(path, xb_need(changed), 0600, err);
}

int xb_guest_rebuild(struct xb_app *app, const char *name, const struct xb_guest_build *build,
                     struct xb_err *err)
{
    char cfg[PATH_MAX], json[PATH_MAX];
    struct xb_guest_def def;
    if (xb_guest_def_load(app, name, &def, err) < 0 ||
        xb_domain_cfg_paths(def.dir, name, cfg, json, err) < 0 || change_cfg(cfg, build, err) < 0)
        return -1;
    if (build->memory_bytes && build->memory_bytes != def.memory_bytes) {
        def.memory_bytes = build->memory_bytes;
        if (xb_guest_def_save(&def, def.dir, err) < 0)
            return -1;
    }
    return xb_domain_cfg_to_json(cfg, json, err);
}

bool xb_guest_cfg_pool(const char *path, char out[XB_POOL_NAME_MAX + 1])
{
    const char *pool = NULL;
    struct xb_err ignored = {0};
    xb_auto_free char *text = xb_cfg_read(path, &ignored);
    xb_auto_fclose FILE *unsaid = fopen("/dev/null", "we");
    XLU_Config *cfg = text && unsaid ? xlu_cfg_init(unsaid, path) : NULL;
    out[0] = '\0';
    /* The last setting counts. */
    if (cfg && xlu_cfg_readdata(cfg, text, (int)strlen(text)) == 0 &&
        xlu_cfg_get_string(cfg, "pool", &pool, 1) == 0 && strlen(pool) <= XB_POOL_NAME_MAX)
        snprintf(out, XB_POOL_NAME_MAX + 1, "%s", pool);
    if (cfg)
        xlu_cfg_destroy(cfg);
    return out[0] != '\0';
}
