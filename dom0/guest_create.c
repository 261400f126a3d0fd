/*
 * A new guest: a directory with disk, xl.cfg and record, made under another name and renamed when
 * it is whole.
 */
#include "base.h"
#include "domain_build.h"
#include "files.h"
#include "guest_def.h"
#include "image.h"
#include "sparse.h"
#include "xen.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define DEFAULT_MEMORY_BYTES (UINT64_C(256) << 20)

/* Text inside the double quotes of an xl.cfg. */
static void put_quoted(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putc('\\', out);
        putc(*text, out);
    }
}

static void put_string(FILE *out, const char *key, const char *value)
{
    fprintf(out, "%s = \"", key);
    put_quoted(out, value);
    fputs("\"\n", out);
}

static bool is_one_line(const char *text)
{
    for (; text && *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return false;
    return true;
}

struct creation {
    const struct xb_guest_spec *spec;
    struct xb_image image;
    struct xb_guest_def def;
    uint32_t max_vcpus;
    char kernel[PATH_MAX];
};

/*
 * The host name and the machine id come with the kernel's command line, so that guests of one image
 * differ without being booted for it. Images without systemd pass them by.
 */
static void put_cmdline(FILE *out, const struct creation *c)
{
    fputs("cmdline = \"", out);
    put_quoted(out, c->image.cmdline ? c->image.cmdline : "");
    fprintf(out, " systemd.hostname=%s systemd.machine_id=", c->def.name);
    for (const char *u = c->def.uuid; *u; u++)
        if (*u != '-')
            putc(*u, out);
    if (c->spec->cmdline && c->spec->cmdline[0]) {
        putc(' ', out);
        put_quoted(out, c->spec->cmdline);
    }
    fputs("\"\n", out);
}

static int write_cfg(const struct creation *c, const char *path, struct xb_err *err)
{
    xb_auto_fclose FILE *out = fopen(path, "wxe");
    if (!out)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s", path);
    fprintf(out,
            "# Guest %s, made by xenbench from the image %s. `xenbench guest start` and `xl "
            "create` read it;\n"
            "# what you change here takes effect at the next start.\n",
            c->def.name, c->def.image);
    put_string(out, "name", c->def.name);
    put_string(out, "uuid", c->def.uuid);
    put_string(out, "type", c->def.type);
    put_string(out, "kernel", c->kernel);
    if (c->image.initrd)
        put_string(out, "ramdisk", c->image.initrd);
    put_cmdline(out, c);
    fprintf(out, "memory = %llu\nvcpus = %u\nmaxvcpus = %u\n",
            (unsigned long long)c->def.memory_bytes >> 20, c->def.vcpus, c->max_vcpus);
    if (c->image.disk) {
        fputs("disk = [ \"format=raw,vdev=xvda,access=rw,target=", out);
        put_quoted(out, c->def.dir);
        fputs("/disk.img\" ]\n", out);
    }
    fputs("# No vif: nothing but the benchmark runs in the guest and nothing disturbs it.\n"
          "on_poweroff = \"destroy\"\non_reboot = \"restart\"\non_crash = \"destroy\"\n",
          out);
    if (fflush(out) != 0 || ferror(out))
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s", path);
    return 0;
}

static int pick_type(struct xb_xen *xen, enum xb_guest_type asked, char *out, size_t out_bytes,
                     struct xb_err *err)
{
    libxl_physinfo info;
    libxl_physinfo_init(&info);
    int rc = libxl_get_physinfo(xen->ctx, &info);
    bool pvh = rc == 0 && info.cap_hvm && info.cap_hap, pv = rc == 0 && info.cap_pv;
    libxl_physinfo_dispose(&info);
    if (rc)
        return xb_xen_fail(xen, err, XB_E_HOST, rc,
                           "cannot ask Xen which kinds of guest it can run");
    if (asked == XB_GUEST_TYPE_PVH && !pvh)
        return xb_fail(err, XB_E_INPUT, 0,
                       "this host runs no PVH guests: Xen reports no VT-x with EPT or SVM with NPT "
                       "(is it switched off in "
                       "the firmware?); use --type pv");
    if (asked == XB_GUEST_TYPE_PV && !pv)
        return xb_fail(err, XB_E_INPUT, 0,
                       "this host runs no PV guests (Xen was built without); use --type pvh");
    bool use_pvh = asked == XB_GUEST_TYPE_PVH || (asked == XB_GUEST_TYPE_DEFAULT && pvh);
    snprintf(out, out_bytes, "%s", use_pvh ? "pvh" : "pv");
    return 0;
}

static int check_spec(struct xb_app *app, const struct xb_guest_spec *spec, struct creation *c,
                      struct xb_err *err)
{
    struct xb_xen *xen = xb_xen_get(app, err);
    if (!xen || xb_guest_def_dir(app, spec->name, c->def.dir, sizeof(c->def.dir), err) < 0)
        return -1;
    if (xb_guest_exists(app, spec->name))
        return xb_fail(err, XB_E_INPUT, 0,
                       "there is a guest `%s` already (`xenbench guest remove %s` removes it)",
                       spec->name, spec->name);
    if (!is_one_line(spec->cmdline))
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest %s: a kernel's command line has no control characters", spec->name);
    c->def.vcpus = spec->vcpus ? spec->vcpus : 1;
    c->max_vcpus = spec->max_vcpus ? spec->max_vcpus : c->def.vcpus;
    if (c->max_vcpus < c->def.vcpus)
        return xb_fail(err, XB_E_INPUT, 0, "guest %s: %u vcpus of at most %u", spec->name,
                       c->def.vcpus, c->max_vcpus);
    uint64_t least = c->image.min_memory_bytes;
    c->def.memory_bytes = spec->memory_bytes             ? spec->memory_bytes
                          : least > DEFAULT_MEMORY_BYTES ? least
                                                         : DEFAULT_MEMORY_BYTES;
    if (c->def.memory_bytes < least)
        return xb_fail(
            err, XB_E_INPUT, 0,
            "guest %s: %llu MiB of memory asked; image %s does not boot with less than %llu",
            spec->name, (unsigned long long)c->def.memory_bytes >> 20, spec->image,
            (unsigned long long)least >> 20);
    if (!realpath(spec->kernel ? spec->kernel : c->image.kernel, c->kernel))
        return xb_fail(err, XB_E_INPUT, errno, "guest %s: kernel %s", spec->name,
                       spec->kernel ? spec->kernel : c->image.kernel);
    return pick_type(xen, spec->type, c->def.type, sizeof(c->def.type), err);
}

static int fill_dir(const struct creation *c, const char *dir, struct xb_err *err)
{
    char path[PATH_MAX], json[PATH_MAX];
    if (xb_path(path, sizeof(path), err, "%s/disk.img", dir) < 0)
        return -1;
    if (c->image.disk && xb_copy_disk(c->image.disk, path, c->spec->disk_bytes, err) < 0)
        return -1;
    if (xb_path(path, sizeof(path), err, "%s/%s.cfg", dir, c->def.name) < 0 ||
        xb_path(json, sizeof(json), err, "%s/%s.json", dir, c->def.name) < 0 ||
        write_cfg(c, path, err) < 0 || xb_domain_cfg_to_json(path, json, err) < 0)
        return -1;
    return xb_guest_def_save(&c->def, dir, err);
}

static int make_dir(struct xb_app *app, const struct creation *c, struct xb_err *err)
{
    char dir[PATH_MAX];
    if (xb_path(dir, sizeof(dir), err, "%s/guests", app->state_dir) < 0 ||
        xb_make_dirs(dir, err) < 0 ||
        xb_path(dir, sizeof(dir), err, "%s/guests/.%s.new.%d", app->state_dir, c->def.name,
                (int)getpid()) < 0)
        return -1;
    if (mkdir(dir, 0700) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot make the directory %s", dir);
    if (fill_dir(c, dir, err) < 0) {
        xb_remove_tree(dir, NULL);
        return -1;
    }
    if (rename(dir, c->def.dir) < 0) {
        xb_fail(err, XB_E_HOST, errno, "cannot put guest %s in place", c->def.name);
        xb_remove_tree(dir, NULL);
        return -1;
    }
    return 0;
}

int xb_guest_create(struct xb_app *app, const struct xb_guest_spec *spec, struct xb_err *err)
{
    struct creation c = {.spec = spec};
    libxl_uuid uuid;
    if (!spec->image)
        return xb_fail(err, XB_E_INPUT, 0,
                       "guest %s: no image given (`xenbench image list` shows those there are)",
                       spec->name);
    if (xb_guest_def_sweep(app, false, NULL, NULL, err) < 0 ||
        xb_image_find(app, spec->image, &c.image, err) < 0)
        return -1;
    libxl_uuid_generate(&uuid);
    snprintf(c.def.uuid, sizeof(c.def.uuid), LIBXL_UUID_FMT, LIBXL_UUID_BYTES(uuid));
    snprintf(c.def.name, sizeof(c.def.name), "%s", spec->name);
    snprintf(c.def.image, sizeof(c.def.image), "%s", spec->image);
    snprintf(c.def.run, sizeof(c.def.run), "%s", spec->run ? spec->run : "");
    int status = check_spec(app, spec, &c, err);
    if (status == 0)
        status = make_dir(app, &c, err);
    xb_image_clear(&c.image);
    return status;
}

bool xb_guest_exists(struct xb_app *app, const char *name)
{
    char dir[PATH_MAX];
    return xb_guest_def_dir(app, name, dir, sizeof(dir), NULL) == 0 && access(dir, F_OK) == 0;
}
