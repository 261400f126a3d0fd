/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hypfs.h"

#include "base.h"
#include "sched_words.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <xenhypfs.h>
#include <xentoollog.h>

static void say_nothing(xentoollog_logger *logger XB_UNUSED, xentoollog_level level XB_UNUSED,
                        int errnum XB_UNUSED, const char *context XB_UNUSED,
                        const char *format XB_UNUSED, va_list al XB_UNUSED)
{
}

static char *read_path(const char *path)
{
    xentoollog_logger quiet = {.vmessage = say_nothing};
    xenhypfs_handle *fs = xenhypfs_open(&quiet, 0);
    char *text = fs ? xenhypfs_read(fs, path) : NULL;
    if (fs)
        xenhypfs_close(fs);
    return text;
}

char *xb_xen_config(void)
{
    return read_path("/buildinfo/config");
}

bool xb_xen_config_has(const char *config, const char *name)
{
    char line[80];
    size_t n = (size_t)snprintf(line, sizeof(line), "%s=y", name);
    for (const char *at = config; (at = strstr(at, line)); at += n)
        if ((at == config || at[-1] == '\n') && (at[n] == '\n' || at[n] == '\0'))
            return true;
    return false;
}

bool xb_pool_gran_read(uint32_t pool, char *out, size_t bytes)
{
    char path[64];
    snprintf(path, sizeof(path), "/cpupool/%u/sched-gran", pool);
    xb_auto_free char *text = read_path(path);
    if (!text)
        return false;
    snprintf(out, bytes, "%s", text);
    return true;
}

int xb_pool_gran_write(uint32_t pool, const char *gran, struct xb_err *err)
{
    char path[64], now[16] = "";
    xentoollog_logger quiet = {.vmessage = say_nothing};
    snprintf(path, sizeof(path), "/cpupool/%u/sched-gran", pool);
    if (xb_pool_gran_read(pool, now, sizeof(now)) && strcmp(now, gran) == 0)
        return 0;
    xenhypfs_handle *fs = xenhypfs_open(&quiet, 0);
    int r = fs ? xenhypfs_write(fs, path, gran) : -1, why = errno;
    if (fs)
        xenhypfs_close(fs);
    if (r < 0)
        return xb_fail(
            err, XB_E_INPUT, why,
            "Xen does not allow the scheduling granularity `%s` for this cpupool (sched-gran= "
            "on its command line sets Pool-0's)",
            gran);
    return 0;
}

bool xb_gran_asked(const char *command_line, char *out, size_t bytes)
{
    static const char key[] = "sched-gran=";
    bool asked = false;
    for (const char *at = command_line; at && (at = strstr(at, key)); at += sizeof(key) - 1) {
        const char *word = at + sizeof(key) - 1;
        size_t n = strcspn(word, " ");
        for (size_t i = 0; (at == command_line || at[-1] == ' ') && xb_sched_gran_words[i]; i++) {
            const char *gran = xb_sched_gran_words[i];
            if (strlen(gran) != n || strncmp(gran, word, n) != 0)
                continue; /* Xen ignores what it does not understand */
            snprintf(out, bytes, "%s", gran);
            asked = true;
        }
    }
    return asked;
}

const char *xb_host_gran_read(const char *command_line, char *out, size_t bytes)
{
    xb_auto_free char *text = read_path("/params/sched-gran");
    if (text) {
        snprintf(out, bytes, "%s", text);
        return "hypfs, /params/sched-gran";
    }
    if (xb_pool_gran_read(0, out, bytes))
        return "hypfs, /cpupool/0/sched-gran";
    if (xb_gran_asked(command_line, out, bytes))
        return "Xen's command line, sched-gran=";
    snprintf(out, bytes, "%s", xb_sched_gran_words[0]);
    return "Xen's default, its command line has no sched-gran=";
}
