/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "modules.h"

#include "base.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/module.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

static const struct {
    const char *device, *module;
} needed[] = {
    {"/dev/xen/evtchn", "xen-evtchn"},
    {"/dev/xen/gntalloc", "xen-gntalloc"},
};

static void run_modprobe(const char *module)
{
    pid_t pid = fork();
    if (pid == 0) {
        execl("/sbin/modprobe", "modprobe", "-q", module, (char *)NULL);
        _exit(127);
    }
    if (pid > 0)
        waitpid(pid, NULL, 0);
}

/* "kernel/drivers/xen/xen-evtchn.ko.xz" is the module "xen-evtchn". */
static bool is_file_of(const char *path, const char *module)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t length = strlen(module);
    return strncmp(name, module, length) == 0 && strncmp(name + length, ".ko", 3) == 0;
}

static void insert_file(const char *folder, const char *file)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", folder, file);
    xb_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    const char *suffix = strrchr(path, '.');
    bool packed = suffix && strcmp(suffix, ".ko") != 0;
    if (fd < 0 ||
        (syscall(SYS_finit_module, fd, "", packed ? MODULE_INIT_COMPRESSED_FILE : 0) < 0 &&
         errno != EEXIST))
        fprintf(stderr, "xenbench-agent: load module %s: %s\n", path, strerror(errno));
}

/*
 * A line of modules.dep is "FILE: FILE...": a module and its dependencies, the deepest last. Load
 * them from the end.
 */
static void insert_with_dependencies(const char *folder, const char *file, char *dependencies)
{
    char *space;
    while ((space = strrchr(dependencies, ' '))) {
        if (space[1] != '\0')
            insert_file(folder, space + 1);
        *space = '\0';
    }
    insert_file(folder, file);
}

static void insert_module(const char *module)
{
    struct utsname names;
    char folder[256], path[300];
    if (uname(&names) < 0)
        return;
    snprintf(folder, sizeof(folder), "/lib/modules/%s", names.release);
    snprintf(path, sizeof(path), "%s/modules.dep", folder);
    xb_auto_fclose FILE *file = fopen(path, "re");
    xb_auto_free char *line = NULL;
    size_t room = 0;
    while (file && getline(&line, &room, file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        char *colon = strchr(line, ':');
        if (!colon)
            continue;
        *colon = '\0';
        if (is_file_of(line, module)) {
            insert_with_dependencies(folder, line, colon + 1);
            return;
        }
    }
}

static void load(const char *module)
{
    if (access("/sbin/modprobe", X_OK) == 0)
        run_modprobe(module);
    else
        insert_module(module);
}

void xa_modules_load(void)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(needed); i++) {
        if (access(needed[i].device, F_OK) < 0)
            load(needed[i].module);
    }
}

void xa_modules_load_disks(void)
{
    if (access("/sys/module/xen_blkfront", F_OK) < 0)
        load("xen-blkfront");
}
