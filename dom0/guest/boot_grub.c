/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kernel options for GRUB on a guest's disk: boot/grub/guest.cfg, which our images' grub.cfg reads.
 */
#include "alloc.h"
#include "base.h"
#include "boot.h"
#include "ext4.h"

#include <string.h>

#define GUEST_CFG "/boot/grub/guest.cfg"

/* Refuse GRUB's special characters (GRUB manual, "Quoting"), and those that GRUB would quote. */
int xb_boot_check_grub_words(const char *words, struct xb_err *err)
{
    static const char own[] = "'\"\\$<>{}|&;";
    size_t n = words ? strcspn(words, own) : 0;
    if (!words || !words[n])
        return 0;
    return xb_fail(err, XB_E_INPUT, 0,
                   "--cmdline: GRUB would interpret `%c` instead of passing it to the kernel; "
                   "leave it out, or use --boot direct",
                   words[n]);
}

int xb_boot_grub_words(const struct xb_disk *disk, const char *dir, const char *words,
                       struct xb_err *err)
{
    char path[PATH_MAX];
    xb_auto_free char *text = NULL;
    if (xb_boot_check_grub_words(words, err) < 0 ||
        xb_disk_path(disk, dir, path, sizeof(path), err) < 0)
        return -1;
    text = xb_asprintf("set guest='%s'\n", words);
    return xb_ext4_write_file(path, GUEST_CFG, text, 0644, err);
}
