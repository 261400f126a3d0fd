#include "guest_rebuild.h"

#include "base.h"
#include "domain_build.h"
#include "files.h"

#include <errno.h>
#include <string.h>

/* Does a line of an xl.cfg set this key? */
static bool sets(const char *line, const char *key)
{
    size_t n = strlen(key);
    line += strspn(line, " \t");
    return strncmp(line, key, n) == 0 && line[n + strspn(line + n, " \t")] == '=';
}

static bool is_ours(const char *line, const struct xb_guest_build *build)
{
    return sets(line, "pool") || sets(line, "tsc_mode") || sets(line, "cpus_soft") ||
           (build->memory_bytes && sets(line, "memory"));
}

/*
 * Memory comes from the nodes of the soft affinity: Xen looks where the vcpus would rather run
 * before it allocates. The run sets the affinity itself when the guest is up.
 */
static void put_build(FILE *out, const struct xb_guest_build *build)
{
    if (build->memory_bytes)
        fprintf(out, "memory = %llu\n", (unsigned long long)build->memory_bytes >> 20);
    if (build->pool)
        fprintf(out, "pool = \"%s\"\n", build->pool);
    if (build->tsc_mode)
        fprintf(out, "tsc_mode = \"%s\"\n", build->tsc_mode);
    if (build->nodes)
        fprintf(out, "cpus_soft = \"nodes:%s\"\n", build->nodes);
}

static int copy_cfg(const char *from, const char *to, const struct xb_guest_build *build,
                    struct xb_err *err)
{
    xb_auto_fclose FILE *in = fopen(from, "re");
    xb_auto_fclose FILE *out = in ? fopen(to, "we") : NULL;
    char *line xb_auto_free = NULL;
    size_t room = 0;
    if (!out)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s anew", from);
    while (getline(&line, &room, in) > 0)
        if (!is_ours(line, build))
            fputs(line, out);
    put_build(out, build);
    if (ferror(in) || fflush(out) != 0 || ferror(out))
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s anew", from);
    return 0;
}

int xb_guest_rebuild(struct xb_app *app, const char *name, const struct xb_guest_build *build,
                     struct xb_err *err)
{
    char cfg[PATH_MAX], json[PATH_MAX], temporary[PATH_MAX];
    struct xb_guest_def def;
    if (xb_guest_def_load(app, name, &def, err) < 0 ||
        xb_domain_cfg_paths(def.dir, name, cfg, json, err) < 0 ||
        xb_path(temporary, sizeof(temporary), err, "%s.new", cfg) < 0 ||
        copy_cfg(cfg, temporary, build, err) < 0)
        return -1;
    if (rename(temporary, cfg) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot put %s in place", cfg);
    if (build->memory_bytes && build->memory_bytes != def.memory_bytes) {
        def.memory_bytes = build->memory_bytes;
        if (xb_guest_def_save(&def, def.dir, err) < 0)
            return -1;
    }
    return xb_domain_cfg_to_json(cfg, json, err);
}

bool xb_guest_cfg_pool(const char *path, char out[XB_POOL_NAME_MAX + 1])
{
    xb_auto_fclose FILE *in = fopen(path, "re");
    char *line xb_auto_free = NULL;
    size_t room = 0;
    out[0] = '\0';
    /* The last one counts. */
    while (in && getline(&line, &room, in) > 0) {
        if (!sets(line, "pool"))
            continue;
        const char *value = strchr(line, '=') + 1;
        value += strspn(value, " \t");
        size_t n = *value == '"' || *value == '\'' ? strcspn(value + 1, "\"'\n") : 0;
        if (n > 0 && n <= XB_POOL_NAME_MAX)
            snprintf(out, XB_POOL_NAME_MAX + 1, "%.*s", (int)n, value + 1);
    }
    return out[0] != '\0';
}
