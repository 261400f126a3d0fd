/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The undo journal: records of live processes are left alone, those of dead ones undone once. */
#include "base.h"
#include "build_record.h"
#include "checkpoint_record.h"
#include "destroy_record.h"
#include "files.h"
#include "host.h"
#include "journal_kinds.h"
#include "lifecycle_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <string.h>
#include <sys/wait.h>

#define WEB "aaaabbbb-1111-2222-3333-444455556666"

static char dir[64], undone[200];
static unsigned told;
static bool fails;

/* Log the order of undoing: "FIRST-LETTER-OF-KEY:NAME ". */
static int undo(const struct xb_recovery *recovery, const char *key, const json_t *record,
                struct xb_err *err)
{
    const char *name = json_string_value(json_object_get(record, "name"));
    size_t used = strlen(undone);
    xb_recovery_tell(recovery, "undo %s", name ? name : "?");
    if (fails)
        return xb_fail(err, XB_E_HOST, 0, "the host is stubborn");
    if (!recovery->dry_run)
        snprintf(undone + used, sizeof(undone) - used, "%.1s:%s ", key, name ? name : "?");
    return 0;
}

static int busy(const char *name, const char *holder, struct xb_err *err)
{
    return xb_fail(err, XB_E_BENCH, 0, "%s is in the hands of %s", name, holder);
}

static int forget(const struct xb_recovery *recovery, const char *uuid,
                  struct xb_err *err XB_UNUSED)
{
    xb_recovery_tell(recovery, "forget %s", uuid);
    return 0;
}

static const struct xb_journal_kind
    one = {.record = "one", .lock = "one", .format = 2, .undo = undo, .after_guests = true},
    guest = {.key = XB_JOURNAL_GUEST,
             .record = "",
             .survives_boot = true,
             .lock = "guest-",
             .format = 2,
             .key_suffices = true,
             .undo = undo,
             .busy = busy},
    other = {.key = XB_JOURNAL_GUEST, .record = "other-", .lock = "guest-", .undo = undo},
    process = {.key = XB_JOURNAL_PROCESS,
               .record = "process-",
               .survives_boot = true,
               .lock = "process-",
               .undo = undo,
               .forget = forget};
static const struct xb_journal_kind *const kinds[] = {&one, &guest, &other, &process, NULL};
static struct xb_app app = {.state_dir = dir, .run_dir = dir, .journal = kinds};

static const char *in(const char *file)
{
    static char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/%s", dir, file);
    return path;
}

static bool there(const char *file)
{
    return access(in(file), F_OK) == 0;
}

static void put(const char *file, const char *text)
{
    xb_auto_fclose FILE *f = fopen(in(file), "we");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
}

static int set_up(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    strcpy(dir, "/tmp/xb-journal.XXXXXX");
    undone[0] = '\0';
    told = 0;
    fails = false;
    return mkdtemp(dir) ? xb_make_dirs(in("under-way"), &err) : -1;
}

static int tear_down(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    return xb_remove_tree(dir, &err);
}

static void count_told(void *arg XB_UNUSED, const char *what XB_UNUSED)
{
    told++;
}

static int recover_all(bool dry_run, bool after_guests, struct xb_err *err)
{
    struct xb_recovery recovery = {.app = &app, .dry_run = dry_run, .told = count_told};
    return xb_journal_recover_all(&recovery, after_guests, err);
}

static int begin(const struct xb_journal_kind *kind, const char *key, const char *name,
                 struct xb_err *err)
{
    xb_auto_json json_t *record = json_pack("{s:s}", "name", name);
    return xb_journal_begin(&app, kind, key, record, err);
}

/* Begin a record in a new process *pid, which ends when the returned descriptor is closed. */
static int begin_elsewhere(const struct xb_journal_kind *kind, const char *key, pid_t *pid)
{
    int ready[2], life[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(life), 0);
    *pid = fork();
    if (*pid == 0) {
        struct xb_err err = {0};
        close(life[1]);
        if (begin(kind, key, "web", &err) < 0 || write(ready[1], "", 1) != 1)
            _exit(1);
        _exit(read(life[0], &byte, 1) != 0);
    }
    close(ready[1]);
    close(life[0]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return life[1];
}

static void let_die(int life_fd, pid_t pid)
{
    int status;
    close(life_fd);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void begin_and_die(const struct xb_journal_kind *kind, const char *key)
{
    pid_t pid;
    int life = begin_elsewhere(kind, key, &pid);
    let_die(life, pid);
}

static void a_live_process_is_left_alone_and_named(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    pid_t pid, owner = 0;
    char name[64];
    int life = begin_elsewhere(&guest, WEB, &pid);
    assert_true(xb_journal_recorded(&app, &guest, WEB, &owner));
    assert_int_equal(owner, pid);
    assert_int_equal(recover_all(true, false, &err), 0);
    assert_int_equal(recover_all(false, false, &err), 0);
    assert_int_equal(told, 0);
    snprintf(name, sizeof(name), "web is in the hands of %d ", (int)pid);
    assert_int_equal(begin(&guest, WEB, "web", &err), -1);
    assert_non_null(strstr(err.msg, name));
    xb_err_clear(&err);
    assert_int_equal(xb_journal_recover(&app, &guest, WEB, &err), -1);
    assert_non_null(strstr(err.msg, name));
    xb_err_clear(&err);
    let_die(life, pid);
    /* A kind without `busy` reports no failure. */
    life = begin_elsewhere(&other, WEB, &pid);
    assert_int_equal(xb_journal_recover(&app, &other, WEB, &err), 0);
    assert_string_equal(undone, "");
    let_die(life, pid);
}

static void what_a_dead_process_left_is_undone_once(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    begin_and_die(&guest, WEB);
    assert_int_equal(recover_all(true, false, &err), 0);
    assert_int_equal(told, 1);
    assert_string_equal(undone, "");
    assert_int_equal(recover_all(false, false, &err), 0);
    assert_int_equal(recover_all(false, false, &err), 0);
    assert_string_equal(undone, "a:web ");
    assert_false(there("under-way/" WEB ".json"));
    assert_false(there("guest-" WEB ".lock"));
}

static void whoever_begins_undoes_first(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    begin_and_die(&guest, WEB);
    int lock_fd = begin(&guest, WEB, "again", &err);
    assert_true(lock_fd >= 0);
    assert_string_equal(undone, "a:web ");
    assert_true(there("under-way/" WEB ".json"));
    /* A process undoes its own record while it holds the lock. */
    assert_int_equal(xb_journal_undo(&app, &guest, WEB, lock_fd, &err), 0);
    assert_string_equal(undone, "a:web a:again ");
    assert_false(there("under-way/" WEB ".json") || there("guest-" WEB ".lock"));
    lock_fd = begin(&guest, WEB, "well", &err);
    xb_journal_end(&app, &guest, WEB, lock_fd);
    assert_string_equal(undone, "a:web a:again ");
    assert_false(there("under-way/" WEB ".json") || there("guest-" WEB ".lock"));
}

static void what_cannot_be_undone_stays_and_does_not_keep_the_rest(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    put("under-way/" WEB ".json", "{\"name\": \"web\"}");
    put("under-way/process-7-700.json", "{\"name\": \"life\"}");
    fails = true;
    assert_int_equal(begin(&guest, WEB, "web", &err), -1);
    assert_string_equal(err.msg, "the host is stubborn");
    told = 0;
    assert_int_equal(recover_all(false, false, &err), -1);
    assert_int_equal(told, 2);
    assert_true(there("under-way/" WEB ".json") && there("under-way/process-7-700.json"));
    fails = false;
    assert_int_equal(recover_all(false, false, &err), 0);
    assert_string_equal(undone, "a:web 7:life ");
}

static void a_guests_records_of_all_kinds_are_undone_in_order(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    put("other-" WEB ".json", "{\"name\": \"second\"}");
    put("under-way/" WEB ".json", "{\"name\": \"first\"}");
    put("one.json", "{\"name\": \"host\"}");
    assert_int_equal(xb_journal_recover_guest(&app, WEB, &err), 0);
    assert_string_equal(undone, "a:first a:second ");
    assert_true(there("one.json"));
    assert_int_equal(recover_all(false, false, &err), 0);
    assert_true(there("one.json"));
    assert_int_equal(recover_all(false, true, &err), 0);
    assert_string_equal(undone, "a:first a:second :host ");
    struct xb_recovery recovery = {.app = &app, .told = count_told};
    told = 0;
    assert_int_equal(xb_journal_forget_guest(&recovery, WEB, &err), 0);
    assert_int_equal(told, 1);
}

static void earlier_formats_are_undone_later_ones_refused_by_name(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    put("one.json", "{\"name\": \"old\"}");
    put("under-way/" WEB ".json", "{\"name\": \"one\", \"format\": 1}");
    assert_int_equal(recover_all(false, false, &err), 0);
    assert_int_equal(recover_all(false, true, &err), 0);
    assert_string_equal(undone, "a:one :old ");
    put("one.json", "{\"name\": \"new\", \"format\": 3}");
    assert_int_equal(recover_all(false, true, &err), -1);
    assert_non_null(strstr(err.msg, "one.json was written by a later version"));
    assert_true(there("one.json"));
}

static void a_damaged_record_is_undone_by_its_key_or_told(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    put("under-way/" WEB ".json", "{");
    assert_int_equal(recover_all(false, false, &err), 0);
    assert_string_equal(undone, "a:? ");
    assert_false(there("under-way/" WEB ".json"));
    put("one.json", "{");
    assert_int_equal(recover_all(false, true, &err), -1);
    assert_non_null(strstr(err.msg, "one.json"));
    assert_true(there("one.json"));
}

static void a_later_format_is_refused_where_the_key_suffices_too(void **state XB_UNUSED)
{
    struct xb_err err = {0};
    put("under-way/" WEB ".json", "{\"name\": \"new\", \"format\": 3}");
    assert_int_equal(recover_all(false, false, &err), -1);
    assert_non_null(strstr(err.msg, "later version"));
    assert_true(there("under-way/" WEB ".json"));
    assert_string_equal(undone, "");
}

static void what_no_kind_knows_is_refused_by_name(void **state XB_UNUSED)
{
    static const char *const odd[] = {"process-x.json", "process-7-.json", "web.json",
                                      "lifecycle-7-7.json"};
    for (size_t i = 0; i < XB_ARRAY_LEN(odd); i++) {
        char file[64];
        struct xb_err err = {0};
        snprintf(file, sizeof(file), "under-way/%s", odd[i]);
        put(file, "{}");
        assert_int_equal(recover_all(false, false, &err), 0);
        assert_int_equal(recover_all(false, true, &err), -1);
        assert_non_null(strstr(err.msg, odd[i]));
        assert_int_equal(unlink(in(file)), 0);
    }
    assert_string_equal(undone, "");
}

/* Records are still found where earlier versions left them, with what those versions wrote. */
static void the_files_of_real_kinds_stay_where_they_were(void **state XB_UNUSED)
{
    put("under-way/" WEB ".json", "{\"name\": \"web\", \"uuid\": \"" WEB "\"}");
    put("build-" WEB ".json", "{\"name\": \"web\", \"uuid\": \"" WEB "\"}");
    put("destroy-" WEB ".json", "{\"name\": \"web\", \"uuid\": \"" WEB "\", \"domid\": 7}");
    put("under-way/lifecycle-7-700.json", "{\"boot\": \"\", \"guests\": [], \"files\": []}");
    put("host-record.json", "{\"format\": 1, \"pid\": 1, \"pid_start\": 1}");
    assert_true(xb_journal_recorded(&app, &xb_checkpoint_kind, WEB, NULL));
    assert_true(xb_journal_recorded(&app, &xb_build_kind, WEB, NULL));
    assert_true(xb_journal_recorded(&app, &xb_destroy_kind, WEB, NULL));
    assert_true(xb_journal_recorded(&app, &xb_life_kind, "7-700", NULL));
    assert_true(xb_journal_recorded(&app, &xb_host_kind, "", NULL));
    for (size_t i = 0; xb_journal_kinds[i]; i++)
        assert_true(xb_journal_kinds[i]->record
                        ? xb_journal_kinds[i]->undo && xb_journal_kinds[i]->lock
                        : !!xb_journal_kinds[i]->sweep);
}

/* A run of an earlier version held no lock: its record names the process. */
static void a_live_run_of_an_earlier_version_is_respected(void **state XB_UNUSED)
{
    char text[100], pid_text[40];
    struct xb_err err = {0};
    pid_t owner;
    struct xb_recovery recovery = {.app = &app, .told = count_told};
    snprintf(text, sizeof(text), "{\"format\": 1, \"pid\": %d, \"pid_start\": %llu}", (int)getpid(),
             (unsigned long long)xb_process_start(getpid()));
    put("host-record.json", text);
    assert_true(xb_host_recorded(&app, &owner));
    assert_int_equal(owner, getpid());
    assert_int_equal(xb_journal_recover_kind(&recovery, &xb_host_kind, &err), -1);
    snprintf(pid_text, sizeof(pid_text), "another run, process %d,", (int)getpid());
    assert_non_null(strstr(err.msg, pid_text));
    assert_true(there("host-record.json"));
    put("host-record.json", "{\"format\": 1, \"pid\": 1, \"pid_start\": 1}");
    assert_true(xb_host_recorded(&app, &owner));
    assert_int_equal(owner, 0);
}

/*
 * A record of a destruction that names no domain is done with; one that names a domain stays where
 * nobody can look for it. One of a living process is left alone.
 */
static void an_interrupted_destruction_stays_until_its_domain_is_looked_for(void **state XB_UNUSED)
{
    static const struct xb_journal_kind *const real[] = {&xb_destroy_kind, NULL};
    static const char record[] = "destroy-" WEB ".json";
    struct xb_app here = {.state_dir = dir, .run_dir = dir, .journal = real};
    struct xb_err err = {0};
    put(record, "{\"format\": 1, \"name\": \"web\", \"uuid\": \"" WEB "\"}");
    assert_int_equal(xb_journal_recover_guest(&here, WEB, &err), 0);
    assert_false(there(record));
    put(record, "nonsense");
    assert_int_equal(xb_journal_recover_guest(&here, WEB, &err), 0);
    assert_false(there(record));

    xb_auto_json json_t *json =
        json_pack("{s:s, s:s, s:i}", "name", "web", "uuid", WEB, "domid", 7);
    int lock_fd = xb_journal_begin(&here, &xb_destroy_kind, WEB, json, &err);
    assert_true(lock_fd >= 0);
    pid_t owner = 0;
    assert_true(xb_journal_recorded(&here, &xb_destroy_kind, WEB, &owner));
    assert_int_equal(owner, getpid());
    close(lock_fd); /* as if this process had died */
    if (access("/proc/xen/privcmd", F_OK) == 0)
        return;
    assert_int_equal(xb_journal_recover_guest(&here, WEB, &err), -1);
    assert_true(there(record));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_interrupted_destruction_stays_until_its_domain_is_looked_for),
        TEST(a_live_process_is_left_alone_and_named),
        TEST(what_a_dead_process_left_is_undone_once),
        TEST(whoever_begins_undoes_first),
        TEST(what_cannot_be_undone_stays_and_does_not_keep_the_rest),
        TEST(a_guests_records_of_all_kinds_are_undone_in_order),
        TEST(earlier_formats_are_undone_later_ones_refused_by_name),
        TEST(a_damaged_record_is_undone_by_its_key_or_told),
        TEST(a_later_format_is_refused_where_the_key_suffices_too),
        TEST(what_no_kind_knows_is_refused_by_name),
        TEST(the_files_of_real_kinds_stay_where_they_were),
        TEST(a_live_run_of_an_earlier_version_is_respected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
