/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Partitions: a disk and its partition are the same storage under two numbers.
 */
#include "base.h"
#include "block.h"

#include <sys/sysmacros.h>

/*
 * The number of the disk that holds a partition; 0 if the device is not a partition. In sysfs a
 * partition's directory is within its disk's.
 */
static dev_t disk_of(const char *sysfs, dev_t number)
{
    char path[PATH_MAX];
    unsigned int high = 0, low = 0;
    snprintf(path, sizeof(path), "%s/%u:%u/partition", sysfs, major(number), minor(number));
    if (access(path, F_OK) < 0)
        return 0;
    snprintf(path, sizeof(path), "%s/%u:%u/../dev", sysfs, major(number), minor(number));
    xb_auto_fclose FILE *dev = fopen(path, "re");
    return dev && fscanf(dev, "%u:%u", &high, &low) == 2 ? makedev(high, low) : 0;
}

bool xb_block_overlap(const char *sysfs, dev_t a, dev_t b)
{
    if (!a || !b)
        return false;
    if (!sysfs)
        sysfs = "/sys/dev/block";
    return a == b || disk_of(sysfs, a) == b || disk_of(sysfs, b) == a;
}
