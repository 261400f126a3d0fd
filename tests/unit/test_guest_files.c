/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guests' records, locks, sparse copies and names. */
#include "base.h"
#include "files.h"
#include "guest_cfg.h"
#include "guest_dir.h"
#include "guest_rebuild.h"
#include "sparse.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

static int make_scratch(void **state)
{
    static char dir[64];
    snprintf(dir, sizeof(dir), "/tmp/xenbench-test-XXXXXX");
    *state = mkdtemp(dir);
    return *state ? 0 : -1;
}

static int remove_scratch(void **state)
{
    return xb_remove_tree(*state, NULL);
}

static const char *in(void **state, const char *name)
{
    static char path[4][256];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof(path[next]), "%s/%s", (char *)*state, name);
    return path[next];
}

static void json_is_written_whole(void **state)
{
    struct xb_err err = {0};
    json_t *json = json_pack("{s:i}", "n", 1);
    const char *path = in(state, "record.json");
    assert_int_equal(xb_json_save(path, json, &err), 0);
    assert_int_equal(json_object_set_new(json, "n", json_integer(2)), 0);
    assert_int_equal(xb_json_save(path, json, &err), 0);
    json_decref(json);
    json = xb_json_load(path, &err);
    assert_int_equal(json_integer_value(json_object_get(json, "n")), 2);
    json_decref(json);
    assert_int_equal(xb_json_save(in(state, "no/such/dir"), json, &err), -1);
    xb_err_clear(&err);
    assert_null(xb_json_load(in(state, "none.json"), &err));
    assert_int_equal(err.class, XB_E_HOST);
}

static void a_lock_names_its_holder(void **state)
{
    struct xb_err err = {0};
    char holder[64] = "", expected[64];
    const char *path = in(state, "x.lock");
    assert_int_equal(xb_lock_holder(path), 0);
    int fd = xb_lock_take(path, holder, &err);
    assert_true(fd >= 0);
    assert_int_equal(xb_lock_holder(path), getpid());
    assert_int_equal(xb_lock_take(path, holder, &err), -1);
    snprintf(expected, sizeof(expected), "%d ", (int)getpid());
    assert_memory_equal(holder, expected, strlen(expected));
    close(fd);
    assert_int_equal(xb_lock_holder(path), 0);
}

/* A process that has taken a lock is its holder even before it writes its name. */
static void a_holder_that_has_not_written_yet(void **state)
{
    struct xb_err err = {0};
    char holder[64] = "";
    const char *path = in(state, "y.lock");
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
    assert_int_equal(xb_lock_holder(path), -1);
    assert_int_equal(xb_lock_take(path, holder, &err), -1);
    assert_string_equal(holder, "unknown");
    assert_int_equal(pwrite(fd, "2147483646 before\n", 18, 0), 18);
    pid_t child = fork();
    if (child == 0) {
        usleep(50000);
        char text[32];
        int n = snprintf(text, sizeof(text), "%d a name\n", (int)getppid());
        n = ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) == n;
        usleep(500000);
        _exit(n ? 0 : 1);
    }
    xb_err_clear(&err);
    assert_int_equal(xb_lock_take(path, holder, &err), -1);
    assert_int_equal(strtol(holder, NULL, 10), getpid());
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(fd);
}

static void processes_are_told_apart(void **state XB_UNUSED)
{
    assert_true(xb_process_start(getpid()) > 0);
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    while (xb_process_start(child)) /* until it is a zombie, which counts as gone */
        usleep(1000);
    waitpid(child, NULL, 0);
    assert_int_equal(xb_process_start(child), 0);
}

static void trees_are_removed_without_following_links(void **state)
{
    struct xb_err err = {0};
    assert_int_equal(xb_make_dirs(in(state, "a/b/c"), &err), 0);
    assert_int_equal(xb_make_dirs(in(state, "keep"), &err), 0);
    assert_int_equal(symlink(in(state, "keep"), in(state, "a/b/link")), 0);
    assert_int_equal(xb_remove_tree(in(state, "a"), &err), 0);
    assert_int_equal(access(in(state, "a"), F_OK), -1);
    assert_int_equal(access(in(state, "keep"), F_OK), 0);
    assert_int_equal(xb_remove_tree(in(state, "a"), &err), 0);
}

static void put(int fd, off_t at, const char *text)
{
    assert_int_equal(pwrite(fd, text, strlen(text), at), strlen(text));
}

static void disks_are_copied_sparsely(void **state)
{
    struct xb_err err = {0};
    struct stat st;
    char got[8] = "";
    const char *src = in(state, "src"), *dst = in(state, "dst");
    int fd = open(src, O_RDWR | O_CREAT, 0600);
    static const char zeros[1 << 20];
    assert_int_equal(write(fd, zeros, sizeof(zeros)), sizeof(zeros)); /* allocated, but all zeros */
    put(fd, 3 << 20, "data");
    put(fd, (64 << 20) - 3, "end");
    close(fd);
    assert_int_equal(xb_copy_disk(src, dst, 0, NULL, &err), 0);
    assert_int_equal(stat(dst, &st), 0);
    assert_int_equal(st.st_size, 64 << 20);
    assert_true(st.st_blocks * 512 < 1 << 20);
    fd = open(dst, O_RDONLY);
    assert_int_equal(pread(fd, got, 4, 3 << 20), 4);
    assert_string_equal(got, "data");
    assert_int_equal(pread(fd, got, 4, (64 << 20) - 3), 3);
    assert_memory_equal(got, "end", 3);
    close(fd);
}

static void disks_grow_and_do_not_shrink(void **state)
{
    struct xb_err err = {0};
    struct stat st;
    const char *src = in(state, "small"), *dst = in(state, "large");
    int fd = open(src, O_RDWR | O_CREAT, 0600);
    put(fd, 0, "x");
    assert_int_equal(ftruncate(fd, 8 << 20), 0);
    close(fd);
    assert_int_equal(xb_copy_disk(src, dst, 16 << 20, NULL, &err), 0);
    assert_int_equal(stat(dst, &st), 0);
    assert_int_equal(st.st_size, 16 << 20);
    assert_int_equal(xb_copy_disk(src, dst, 0, NULL, &err), -1); /* dst exists already */
    assert_int_equal(err.errnum, EEXIST);
    xb_err_clear(&err);
    assert_int_equal(xb_copy_disk(src, in(state, "tiny"), 1 << 20, NULL, &err), -1);
    assert_int_equal(err.class, XB_E_INPUT);
    assert_int_equal(access(in(state, "tiny"), F_OK), -1);
}

static void names_are_safe(void **state XB_UNUSED)
{
    static const char *const good[] = {
        "a", "web1", "a.b_c-d", "1a",
        "A012345678901234567890123456789012345678901234567890123456789012"};
    static const char *const bad[] = {
        "",
        "1",
        "007",
        ".x",
        "-x",
        "a/b",
        "..",
        "a b",
        "Domain-0",
        "\xc3\xa4",
        "a\n",
        "a,b",
        "A01234567890123456789012345678901234567890123456789012345678901234"};
    for (size_t i = 0; i < XB_ARRAY_LEN(good); i++)
        assert_true(xb_guest_name_ok(good[i]));
    for (size_t i = 0; i < XB_ARRAY_LEN(bad); i++)
        assert_false(xb_guest_name_ok(bad[i]));
}

static int sweep(struct xb_app *app, bool dry_run, struct xb_err *err)
{
    struct xb_recovery recovery = {.app = app, .dry_run = dry_run};
    return xb_journal_recover_kind(&recovery, &xb_guest_dir_kind, err);
}

static void definitions_are_kept_and_swept(void **state)
{
    struct xb_app app = {.state_dir = *state, .run_dir = *state};
    struct xb_err err = {0};
    struct xb_guest_def def = {.name = "g1",
                               .image = "micro",
                               .type = "pv",
                               .run = "r-1",
                               .vcpus = 2,
                               .memory_bytes = UINT64_C(5) << 30,
                               .uuid = "0bfe3295-116d-4150-9b26-93e0b85e4fbd"},
                        again;
    struct xb_guest_def *defs;
    size_t count;
    assert_int_equal(xb_guest_def_list(&app, &defs, &count, &err), 0);
    assert_int_equal(count, 0);
    free(defs);
    assert_int_equal(xb_make_dirs(in(state, "guests/g1"), &err), 0);
    assert_int_equal(xb_make_dirs(in(state, "guests/.g2.new.999999999"), &err), 0);
    assert_int_equal(xb_guest_def_save(&def, in(state, "guests/g1"), &err), 0);
    assert_int_equal(xb_guest_def_load(&app, "g1", &again, &err), 0);
    assert_string_equal(again.run, "r-1");
    assert_int_equal(again.memory_bytes, UINT64_C(5) << 30);
    assert_int_equal(xb_guest_def_list(&app, &defs, &count, &err), 0);
    assert_int_equal(count, 1);
    free(defs);
    assert_int_equal(sweep(&app, true, &err), 0);
    assert_int_equal(access(in(state, "guests/.g2.new.999999999"), F_OK), 0);
    assert_int_equal(sweep(&app, false, &err), 0);
    assert_int_equal(access(in(state, "guests/.g2.new.999999999"), F_OK), -1);
    assert_int_equal(xb_guest_def_load(&app, "none", &again, &err), -1);
    assert_int_equal(err.class, XB_E_INPUT);
}

static void remains_of_guests_of_any_name(void **state)
{
    static const char *const left[] = {"guests/.new.new.48100", "guests/.removed.removed.1",
                                       "guests/.a.new.b.new.7", "guests/.a.removed.b.new.7",
                                       "guests/.a.new.1.removed.2"};
    static const char *const others[] = {"guests/.new.5", "guests/.g.new.", "guests/.g.new.5x",
                                         "guests/g.new.5"};
    struct xb_app app = {.state_dir = *state};
    struct xb_err err = {0};
    for (size_t i = 0; i < XB_ARRAY_LEN(left); i++)
        assert_int_equal(xb_make_dirs(in(state, left[i]), &err), 0);
    for (size_t i = 0; i < XB_ARRAY_LEN(others); i++)
        assert_int_equal(xb_make_dirs(in(state, others[i]), &err), 0);
    assert_int_equal(sweep(&app, false, &err), 0);
    for (size_t i = 0; i < XB_ARRAY_LEN(left); i++)
        assert_int_equal(access(in(state, left[i]), F_OK), -1);
    for (size_t i = 0; i < XB_ARRAY_LEN(others); i++)
        assert_int_equal(access(in(state, others[i]), F_OK), 0);
}

static void put_text(const char *path, const char *text);

/* A long host name as a guest's name, and an older record that has a number for "not set". */
static void a_long_name_and_no_memory(void **state)
{
    static const char name[] = "build-worker-04.staging.eu-central-1.vm.example.test";
    struct xb_app app = {.state_dir = *state};
    struct xb_guest_def def = {.uuid = "11111111-2222-3333-4444-555555555555", .vcpus = 1}, got;
    struct xb_err err = {0};
    char json[PATH_MAX];
    assert_true(xb_guest_name_ok(name));
    snprintf(def.name, sizeof(def.name), "%s", name);
    assert_int_equal(xb_guest_def_dir(&app, name, def.dir, sizeof(def.dir), &err), 0);
    assert_int_equal(xb_make_dirs(def.dir, &err), 0);
    assert_int_equal(xb_guest_def_save(&def, def.dir, &err), 0);
    assert_int_equal(xb_guest_def_load(&app, name, &got, &err), 0);
    assert_string_equal(got.name, name);
    assert_int_equal(got.memory_bytes, 0);
    snprintf(json, sizeof(json), "%s/guest.json", def.dir);
    put_text(
        json,
        "{\"format\": 1, \"name\": \"x\", \"uuid\": \"11111111-2222-3333-4444-555555555555\", \"image\": \"\","
        " \"type\": \"pv\", \"vcpus\": 1, \"memory_bytes\": -1024}");
    assert_int_equal(xb_guest_def_load(&app, name, &got, &err), 0);
    assert_int_equal(got.memory_bytes, 0);
}

static void put_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    put(fd, 0, text);
    close(fd);
}

static void a_damaged_guest_hides_no_other(void **state)
{
    struct xb_app app = {.state_dir = *state, .run_dir = *state};
    struct xb_err err = {0};
    struct xb_guest_def *defs,
        def = {.name = "good", .uuid = "0bfe3295-116d-4150-9b26-93e0b85e4fbd", .vcpus = 1};
    size_t count;
    assert_int_equal(xb_make_dirs(in(state, "guests/good"), &err), 0);
    assert_int_equal(xb_guest_def_save(&def, in(state, "guests/good"), &err), 0);
    assert_int_equal(xb_make_dirs(in(state, "guests/bad"), &err), 0);
    for (int i = 0; i < 2; i++) { /* without a record, and with an invalid one */
        assert_int_equal(xb_guest_def_list(&app, &defs, &count, &err), 0);
        assert_int_equal(count, 1);
        assert_string_equal(defs[0].name, "good");
        free(defs);
        assert_int_equal(err.class, XB_E_NONE);
        assert_int_equal(xb_guest_def_list_all(&app, &defs, &count, &err), -1);
        assert_int_equal(err.class, XB_E_HOST);
        assert_non_null(strstr(err.msg, "bad"));
        xb_err_clear(&err);
        put_text(in(state, "guests/bad/guest.json"), "{");
    }
    /* The guest vanishes between listing and reading, as a dangling link does. */
    assert_int_equal(xb_remove_tree(in(state, "guests/bad"), &err), 0);
    assert_int_equal(symlink(in(state, "nowhere"), in(state, "guests/gone")), 0);
    assert_int_equal(xb_guest_def_list_all(&app, &defs, &count, &err), 0);
    assert_int_equal(count, 1);
    free(defs);
}

static void an_xl_cfg_is_asked_for_an_images_files(void **state)
{
    struct xb_err err = {0};
    const char *cfg = in(state, "g.cfg");
    put_text(
        cfg,
        "# kernel = \"/images/m/vmlinux\"\nname = \"g\"\nramdisk = \"/images/m/initrd.img\"\n");
    assert_int_equal(xb_guest_cfg_names(cfg, "/images/m", &err), 1);
    assert_int_equal(xb_guest_cfg_names(cfg, "/images/mm", &err), 0);
    put_text(cfg, "  # kernel = \"/images/m/vmlinux\"\nkernel = \"/guests/g/kernel\"\n");
    assert_int_equal(xb_guest_cfg_names(cfg, "/images/m", &err), 0);
    assert_int_equal(err.class, XB_E_NONE);
    put_text(
        cfg,
        "vcpus = 1; disk = [ # its own\n  'phy:/dev/x,xvda,w',\n  '/images/m/extra.img,raw,xvdb,r' ]\n");
    assert_int_equal(xb_guest_cfg_names(cfg, "/images/m", &err), 1);
    assert_int_equal(xb_guest_cfg_names(in(state, "none.cfg"), "/images/m", &err), -1);
    assert_int_equal(err.class, XB_E_INPUT);
}

static void a_file_is_shared(void **state)
{
    struct xb_err err = {0};
    struct stat src, dst;
    const char *from = in(state, "from"), *to = in(state, "to");
    put_text(from, "kernel");
    assert_int_equal(xb_share_file(from, to, &err), 0);
    assert_int_equal(stat(from, &src), 0);
    assert_int_equal(stat(to, &dst), 0);
    assert_int_equal(src.st_ino, dst.st_ino);
    /* Replacing one file does not change the other. */
    put_text(in(state, "new"), "another kernel");
    assert_int_equal(rename(in(state, "new"), from), 0);
    assert_int_equal(stat(to, &dst), 0);
    assert_int_equal(dst.st_size, 6);
    assert_int_equal(xb_share_file(from, to, &err), -1); /* it exists already */
    xb_err_clear(&err);
    /* Across filesystems a link is impossible, so the file is copied. */
    char other[32];
    int fd = memfd_create("kernel", MFD_CLOEXEC);
    put(fd, 0, "of another");
    snprintf(other, sizeof(other), "/proc/self/fd/%d", fd);
    assert_int_equal(unlink(to), 0);
    assert_int_equal(xb_share_file(other, to, &err), 0);
    close(fd);
    assert_int_equal(lstat(to, &dst), 0);
    assert_true(S_ISREG(dst.st_mode));
    assert_int_equal(dst.st_size, 10);
}

static void expect_pool(void **state, const char *cfg, const char *pool)
{
    char out[XB_POOL_NAME_MAX + 1];
    const char *path = in(state, "guest.cfg");
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(cfg, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(xb_guest_cfg_pool(path, out), pool[0] != '\0');
    assert_string_equal(out, pool);
}

static void a_cfg_tells_its_pool(void **state)
{
    char out[XB_POOL_NAME_MAX + 1];
    expect_pool(state, "name = \"web\"\npool = \"prod\"\n", "prod");
    expect_pool(state, "pool='a'\n  pool\t=  'b' # the last one counts", "b");
    expect_pool(
        state,
        "cpus = [\n  '2',\n  \"pool = 'no'\", # pool = 'no'\n]\nvcpus = 2; pool = 'Pool-0' ; cap = 0\n",
        "Pool-0");
    expect_pool(state, "# pool = \"no\"\npools = \"no\"\npool = 3\npool =\npool = \"\"\n", "");
    assert_false(xb_guest_cfg_pool("/no/such/file.cfg", out));
}

int main(void)
{
#define SCRATCH_TEST(f) cmocka_unit_test_setup_teardown(f, make_scratch, remove_scratch)
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(json_is_written_whole),
        SCRATCH_TEST(a_lock_names_its_holder),
        SCRATCH_TEST(a_holder_that_has_not_written_yet),
        cmocka_unit_test(processes_are_told_apart),
        SCRATCH_TEST(trees_are_removed_without_following_links),
        SCRATCH_TEST(disks_are_copied_sparsely),
        SCRATCH_TEST(disks_grow_and_do_not_shrink),
        cmocka_unit_test(names_are_safe),
        SCRATCH_TEST(a_cfg_tells_its_pool),
        SCRATCH_TEST(a_long_name_and_no_memory),
        SCRATCH_TEST(definitions_are_kept_and_swept),
        SCRATCH_TEST(remains_of_guests_of_any_name),
        SCRATCH_TEST(a_damaged_guest_hides_no_other),
        SCRATCH_TEST(an_xl_cfg_is_asked_for_an_images_files),
        SCRATCH_TEST(a_file_is_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
