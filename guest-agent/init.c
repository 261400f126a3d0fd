/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "init.h"

#include "base.h"
#include "reap.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>

#define UNMOUNTS_MAX 64

static const struct {
    const char *type, *target;
    unsigned long flags;
    const char *data;
} mounts[] = {
    {"proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
    {"sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
    {"devtmpfs", "/dev", MS_NOSUID, "mode=0755"},
    {"devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "mode=0620,ptmxmode=0666"},
    {"tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777"},
    {"tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=0755"},
    {"tmpfs", "/tmp", MS_NOSUID | MS_NODEV, "mode=1777"},
};

static int mount_all(struct xb_err *err)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(mounts); i++) {
        mkdir(mounts[i].target, 0755);
        /* EBUSY: an initramfs script or the kernel (devtmpfs.mount=1) has mounted it already. */
        if (mount(mounts[i].type, mounts[i].target, mounts[i].type, mounts[i].flags,
                  mounts[i].data) < 0 &&
            errno != EBUSY)
            return xb_fail(err, XB_E_HOST, errno, "mount %s on %s", mounts[i].type,
                           mounts[i].target);
    }
    return 0;
}

static void make_link(const char *target, const char *path)
{
    if (access(path, F_OK) < 0 && symlink(target, path) < 0)
        fprintf(stderr, "xenbench-agent: no %s: %s\n", path, strerror(errno));
}

/*
 * Many programs expect these, and the kernel executes the last two for `xl shutdown` and `xl
 * reboot`.
 */
static void make_links(void)
{
    char self[256];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[n > 0 ? n : 0] = '\0';
    make_link("/proc/self/fd", "/dev/fd");
    make_link("/proc/self/fd/0", "/dev/stdin");
    make_link("/proc/self/fd/1", "/dev/stdout");
    make_link("/proc/self/fd/2", "/dev/stderr");
    mkdir("/sbin", 0755);
    if (n > 0) {
        make_link(self, "/sbin/poweroff");
        make_link(self, "/sbin/reboot");
    }
}

int xa_init_set_up(struct xb_err *err)
{
    if (getpid() != 1)
        return xb_fail(err, XB_E_INPUT, 0, "--init is for PID 1 only");
    umask(022);
    if (mount_all(err) < 0)
        return -1;
    make_links();
    return 0;
}

/* Unmount what jobs mounted, the last first. What is still in use becomes read-only. */
static void unmount_disks(void)
{
    char *dirs[UNMOUNTS_MAX];
    size_t count = 0;
    const struct mntent *entry;
    FILE *list = setmntent("/proc/self/mounts", "re");
    while (list && count < UNMOUNTS_MAX && (entry = getmntent(list)))
        if (entry->mnt_fsname[0] == '/' && strcmp(entry->mnt_dir, "/") != 0 &&
            (dirs[count] = strdup(entry->mnt_dir)))
            count++;
    while (count-- > 0)
        if (umount2(dirs[count], UMOUNT_NOFOLLOW) < 0)
            mount(NULL, dirs[count], NULL, MS_REMOUNT | MS_RDONLY, NULL);
}

void xa_init_end(int command)
{
    if (getpid() != 1)
        return;
    kill(-1, SIGTERM);
    sync();
    kill(-1, SIGKILL);
    /* A killed process uses its files until it has ended. By now, all are our children. */
    xa_reap_killed(-1, xb_now_ns() + XA_DEATH_NS);
    /* Do not leave dirty file systems behind. */
    unmount_disks();
    mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL);
    sync();
    reboot(command);
    for (;;)
        pause(); /* if PID 1 returns, the kernel panics */
}

static const char *base_name(const char *argv0)
{
    const char *slash = argv0 ? strrchr(argv0, '/') : NULL;
    return slash ? slash + 1 : argv0 ? argv0 : "";
}

static const struct {
    const char *name;
    int signal; /* for PID 1, see reap.c */
} powers[] = {
    {"poweroff", SIGUSR2},
    {"reboot", SIGTERM},
    {"halt", SIGUSR1},
};

bool xa_power_is_called(const char *argv0)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(powers); i++) {
        if (strcmp(base_name(argv0), powers[i].name) == 0)
            return true;
    }
    return false;
}

int xa_power_main(const char *argv0)
{
    for (size_t i = 0; i < XB_ARRAY_LEN(powers); i++) {
        if (strcmp(base_name(argv0), powers[i].name) == 0 && kill(1, powers[i].signal) == 0)
            return 0;
    }
    fprintf(stderr, "%s: cannot signal PID 1: %s\n", base_name(argv0), strerror(errno));
    return 1;
}
