/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who uses a disk, according to xenstore's entries about other guests' disks. xenstore and sysfs
 * are simulated: sdb (8:16) has the partitions sdb1 (8:17) and sdb2 (8:18), sdc (8:32) has none.
 */
#include "base.h"
#include "block/block.h"
#include "files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/sysmacros.h>

#include <cmocka.h>

#define SDB makedev(8, 16)
#define SDB1 makedev(8, 17)
#define SDB2 makedev(8, 18)
#define SDC makedev(8, 32)

static char dir[] = "/tmp/xenbench-test-XXXXXX";

/* The disk of domain 5, web1. */
static const char *their_device, *their_mode;

/* The two libxenstore functions that the check calls, replaced by the linker. */
void *xs_read(struct xs_handle *h XB_UNUSED, xs_transaction_t t XB_UNUSED, const char *path,
              unsigned int *bytes)
{
    const char *const keys[][2] = {
        {"backend/vbd/5/51712/physical-device", their_device},
        {"backend/vbd/5/51712/mode", their_mode},
        {"/local/domain/5/vm", "/vm/5"},
        {"/local/domain/5/name", "web1"},
        {"/local/domain/0/vm", "/vm/0"},
    };
    for (size_t i = 0; i < XB_ARRAY_LEN(keys); i++) {
        if (strcmp(path, keys[i][0]) == 0) {
            *bytes = (unsigned int)strlen(keys[i][1]);
            return strdup(keys[i][1]);
        }
    }
    return NULL;
}

char **xs_directory(struct xs_handle *h XB_UNUSED, xs_transaction_t t XB_UNUSED, const char *path,
                    unsigned int *count)
{
    const char *child = strcmp(path, "backend/vbd") == 0     ? "5"
                        : strcmp(path, "backend/vbd/5") == 0 ? "51712"
                                                             : NULL;
    char **list = child ? malloc(sizeof(char *) + 8) : NULL;
    *count = list ? 1 : 0;
    if (list)
        list[0] = strcpy((char *)(list + 1), child); /* one block of memory, as from libxenstore */
    return list;
}

/* Make a device's directory in its disk's directory, and the link to it by number. */
static void put(const char *device, const char *number, bool is_partition)
{
    char command[600];
    snprintf(command, sizeof(command),
             "cd %s && mkdir -p devices/%s && echo %s >devices/%s/dev && ln -s devices/%s %s%s%s%s",
             dir, device, number, device, device, number,
             is_partition ? " && echo 1 >devices/" : "", is_partition ? device : "",
             is_partition ? "/partition" : "");
    assert_int_equal(system(command), 0);
}

static int set_up(void **state XB_UNUSED)
{
    if (!mkdtemp(dir))
        return -1;
    put("sdb", "8:16", false);
    put("sdb/sdb1", "8:17", true);
    put("sdb/sdb2", "8:18", true);
    put("sdc", "8:32", false);
    return 0;
}

static int tear_down(void **state XB_UNUSED)
{
    return xb_remove_tree(dir, NULL);
}

static void disks_and_their_partitions_overlap(void **state XB_UNUSED)
{
    assert_true(xb_block_overlap(dir, SDB, SDB));
    assert_true(xb_block_overlap(dir, SDB, SDB1));
    assert_true(xb_block_overlap(dir, SDB2, SDB));
    assert_true(xb_block_overlap(dir, SDB1, SDB1));
    assert_false(xb_block_overlap(dir, SDB1, SDB2));
    assert_false(xb_block_overlap(dir, SDB, SDC));
    assert_false(xb_block_overlap(dir, SDC, SDB1));
    assert_false(xb_block_overlap(dir, 0, 0));
    /* A device unknown to sysfs stands for itself. */
    assert_true(xb_block_overlap(dir, makedev(9, 1), makedev(9, 1)));
    assert_false(xb_block_overlap(dir, makedev(9, 1), SDB1));
}

/* May a guest use `ours` while web1 uses `theirs` in mode `how`? */
static bool is_free(dev_t ours, enum xb_block_mode mode, const char *theirs, const char *how)
{
    struct xb_err err = {0};
    struct xb_block block = {
        .xs = (struct xs_handle *)dir, /* never dereferenced */
        .path = "none",
        .type = "vbd",
        .base_path = "backend",
        .target = "/nowhere",
        .target_stat = {.st_mode = S_IFBLK, .st_rdev = ours},
        .mode = mode,
        .sysfs = dir,
    };
    their_device = theirs;
    their_mode = how;
    if (xb_block_check_sharing(&block, &err) == 0)
        return true;
    assert_non_null(strstr(err.msg, "domain 5 (web1)"));
    assert_true(block.busy);
    return false;
}

static void a_disk_is_in_use_where_a_partition_of_it_is(void **state XB_UNUSED)
{
    assert_false(is_free(SDB, XB_BLOCK_WRITE, "8:10", "w"));
    assert_false(is_free(SDB, XB_BLOCK_WRITE, "8:11", "w")); /* sdb1 */
    assert_false(is_free(SDB, XB_BLOCK_WRITE, "8:11", "r"));
    assert_false(is_free(SDB1, XB_BLOCK_WRITE, "8:10", "w"));
    assert_false(is_free(SDB1, XB_BLOCK_READ, "8:10", "w"));
    assert_true(is_free(SDB1, XB_BLOCK_READ, "8:10", "r"));
    assert_true(is_free(SDC, XB_BLOCK_WRITE, "8:11", "w"));
}

static void guests_may_have_different_partitions(void **state XB_UNUSED)
{
    assert_true(is_free(SDB2, XB_BLOCK_WRITE, "8:11", "w"));
    assert_false(is_free(SDB1, XB_BLOCK_WRITE, "8:11", "w"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(disks_and_their_partitions_overlap),
        cmocka_unit_test(a_disk_is_in_use_where_a_partition_of_it_is),
        cmocka_unit_test(guests_may_have_different_partitions),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
