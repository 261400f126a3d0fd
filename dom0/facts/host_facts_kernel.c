/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about Dom0's kernel and the machine as the kernel shows it. */
#include "base.h"
#include "files.h"
#include "host_facts.h"

#include <limits.h>
#include <string.h>
#include <sys/utsname.h>

/* What the kernel says about its first CPU. */
static void read_cpu(struct xb_kernel_facts *out)
{
    const struct {
        const char *key;
        char *value;
        size_t bytes;
    } wanted[] = {
        {"vendor_id", out->cpu_vendor, sizeof(out->cpu_vendor)},
        {"model name", out->cpu_model, sizeof(out->cpu_model)},
        {"microcode", out->microcode, sizeof(out->microcode)},
    };
    char line[512];
    xb_auto_fclose FILE *file = fopen("/proc/cpuinfo", "re");
    while (file && fgets(line, sizeof(line), file) && line[0] != '\n') {
        const char *value = strstr(line, ": ");
        line[strcspn(line, "\n")] = '\0';
        for (size_t i = 0; value && i < XB_ARRAY_LEN(wanted); i++)
            if (strncmp(line, wanted[i].key, strlen(wanted[i].key)) == 0)
                snprintf(wanted[i].value, wanted[i].bytes, "%s", value + 2);
    }
}

void xb_kernel_facts_read(struct xb_kernel_facts *out)
{
    struct utsname name;
    char path[PATH_MAX];
    *out = (struct xb_kernel_facts){0};
    read_cpu(out);
    if (uname(&name) < 0)
        return;
    snprintf(out->host_name, sizeof(out->host_name), "%s", name.nodename);
    snprintf(out->release, sizeof(out->release), "%s", name.release);
    /* Where Debian installs the file that the running kernel was booted from. */
    if (xb_path(path, sizeof(path), NULL, "/boot/vmlinuz-%s", name.release) < 0 ||
        !xb_sha256_file(path, out->sha256))
        out->sha256[0] = '\0';
}
