/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest_cfg.h"

#include "base.h"
#include "cfg_text.h"
#include "files.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

bool xb_guest_block_program(const struct xb_app *app, char out[PATH_MAX])
{
    char path[PATH_MAX];
    return snprintf(path, sizeof(path), "%s/block", app->lib_dir) < PATH_MAX &&
           realpath(path, out) && access(out, X_OK) == 0;
}

static void put_string(FILE *out, const char *key, const char *value)
{
    if (value)
        xb_cfg_put_string(out, key, value);
}

/*
 * The kernel's command line sets host name and machine id, so that guests of one image differ
 * without changes to their disks. Images without systemd ignore them.
 */
static void put_cmdline(FILE *out, const struct xb_guest_cfg *cfg)
{
    fputs("cmdline = \"", out);
    xb_cfg_put_quoted(out, cfg->cmdline ? cfg->cmdline : "");
    fprintf(out, " systemd.hostname=%s systemd.machine_id=", cfg->name);
    for (const char *u = cfg->uuid; *u; u++)
        if (*u != '-')
            putc(*u, out);
    if (cfg->extra_cmdline && cfg->extra_cmdline[0]) {
        putc(' ', out);
        xb_cfg_put_quoted(out, cfg->extra_cmdline);
    }
    fputs("\"\n", out);
}

static void put_disk(FILE *out, const struct xb_guest_cfg *cfg)
{
    if (!cfg->disk)
        return;
    fputs("disk = [ \"format=raw,vdev=xvda,access=rw,", out);
    if (cfg->script) {
        fputs("script=", out);
        xb_cfg_put_quoted(out, cfg->script);
        putc(',', out);
    }
    fputs("target=", out);
    xb_cfg_put_quoted(out, cfg->disk);
    fputs("\" ]\n", out);
}

/* An HVM guest gets only the emulated devices that it needs. */
static void put_devices(FILE *out, const struct xb_guest_cfg *cfg)
{
    if (strcmp(cfg->type, "hvm") != 0)
        return;
    /*
     * The BIOS reads an AHCI disk by DMA but an IDE disk word by word. Linux sees the disk as xvda.
     */
    if (cfg->by_grub)
        fputs("boot = \"c\"\nhdtype = \"ahci\"\n", out);
    fputs("# Its console is Xen's, as that of other guests: no graphics, no keyboard.\n"
          "vga = \"none\"\nnographic = 1\nvnc = 0\nsdl = 0\nusb = 0\n",
          out);
}

int xb_guest_cfg_write(const struct xb_guest_cfg *cfg, const char *path, struct xb_err *err)
{
    xb_auto_fclose FILE *out = xb_create_private(path);
    if (!out)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s", path);
    fprintf(out,
            "# Guest %s, made by xenbench from %s. `xenbench guest start` and `xl create` read "
            "it;\n"
            "# what you change here takes effect at the next start.\n",
            cfg->name, cfg->made_from);
    put_string(out, "name", cfg->name);
    put_string(out, "uuid", cfg->uuid);
    put_string(out, "type", cfg->type);
    put_string(out, "kernel", cfg->kernel);
    put_string(out, "ramdisk", cfg->ramdisk);
    if (!cfg->by_grub)
        put_cmdline(out, cfg);
    fprintf(out, "memory = %" PRIu64 "\nvcpus = %u\nmaxvcpus = %u\n", cfg->memory_bytes >> 20,
            cfg->vcpus, cfg->max_vcpus);
    put_disk(out, cfg);
    put_devices(out, cfg);
    fputs("# No vif: nothing but the benchmark runs in the guest and nothing disturbs it.\n"
          "on_poweroff = \"destroy\"\non_reboot = \"restart\"\non_crash = \"destroy\"\n",
          out);
    if (fflush(out) != 0 || ferror(out) || fsync(fileno(out)) < 0)
        return xb_fail(err, XB_E_HOST, errno, "cannot write %s", path);
    return 0;
}

int xb_guest_cfg_names(const char *cfg, const char *dir, struct xb_err *err)
{
    char below[PATH_MAX];
    size_t at = 0;
    struct xb_cfg_part setting, string;
    xb_auto_free char *text = xb_cfg_read(cfg, err);
    if (!text)
        return -1;
    if (snprintf(below, sizeof(below), "%s/", dir) >= (int)sizeof(below))
        return 0;
    while (xb_cfg_next_setting(text, &at, &setting)) {
        for (size_t in = setting.from; xb_cfg_next_string(text, &in, setting, &string);) {
            xb_auto_free char *value = xb_cfg_unquote(text, string);
            if (strstr(value, below))
                return 1;
        }
    }
    return 0;
}
