/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `xenbench guest clone`
 */
#include "alloc.h"
#include "base.h"
#include "commands.h"
#include "guest_clone.h"
#include "guest_names.h"
#include "opt_storage.h"

struct request {
    struct xb_clone_spec spec;
    bool quiet;
    bool json;
    struct xb_words words;
};

static const char *const fs_uuid_words[] = {"new", "keep", NULL};

static void take_from_backup(struct argp_state *state, char *value, void *out)
{
    struct request *request = out;
    (void)state;
    request->spec.from_backup = value;
    request->spec.method = XB_CLONE_BACKUP;
}

static const struct xb_opt rows[] = {
    OPT_WORD(struct request, spec.method, "method", xb_clone_method_words, XB_CLONE_SNAPSHOT,
             "How to make the disk (default: snapshot or thin if the source is in such a volume, "
             "else copy)"),
    OPT_BYTES(struct request, spec.disk_bytes, "size", 's', 1,
              "Size of a copy's or backup's disk, at least the source's"),
    OPT_STRING(struct request, spec.backup_path, "keep-backup", 0, "FILE",
               "Keep the stream of --method backup in FILE"),
    OPT_CALL(take_from_backup, "from-backup", 0, "FILE",
             "Restore a stream that --keep-backup kept, instead of the source's present disk"),
    OPT_WORD(struct request, spec.fs_uuid, "fs-uuid", fs_uuid_words, XB_FS_UUID_NEW,
             "The filesystem's UUID (default: new, except on snapshots where a new one would mean "
             "writing much of the disk)"),
    OPT_JSON(struct request, json),
    OPT_QUIET(struct request, quiet),
    OPT_HEADING("Storage of a copy's disk (default: as the source's):"),
    OPT_STORAGE(struct request, spec.storage),
    OPT_END,
};

static void check(struct argp_state *state, void *out)
{
    const struct request *request = out;
    xb_opt_storage_check(state, &request->spec.storage);
}

const struct xb_opts xb_opts_guest_clone = {
    .rows = rows,
    .words = OPT_WORDS(struct request, words, 2, XB_OPT_MANY,
                       "which guest, and what shall its clones be called?"),
    .check = check,
    .args = "GUEST CLONE...",
    .doc =
        "Make guests from a stopped guest: with its xl.cfg, a disk made from its disk, and a name, "
        "host name, machine id and UUID of their own.\v"
        "  snapshot  a classic LVM snapshot, as large as its origin, which must outlive it\n"
        "  thin      a snapshot in the same thin pool\n"
        "  copy      the whole disk, into any storage; by reference where a filesystem can\n"
        "  backup    a compressed, checksummed stream, restored into a file\n\n"
        "Neither snapshot nor thin takes longer for a larger disk.",
};

static void print_json(const char *const *names, const struct xb_cloned *results, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:f, s:f, s:b}", "guest", names[i],
                                              "method", xb_clone_method_name(results[i].method),
                                              "disk", xb_disk_to_json(&results[i].disk), "disk_s",
                                              (double)results[i].disk_ns / 1e9, "all_s",
                                              (double)results[i].all_ns / 1e9, "fs_uuid_kept",
                                              (int)results[i].fs_uuid_kept));
    json_dumpf(list, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    putchar('\n');
    json_decref(list);
}

static void print_text(const char *const *names, const struct xb_cloned *results, size_t count)
{
    char disk[2 * XB_LVM_NAME_BYTES + 32];
    for (size_t i = 0; i < count && results[i].all_ns; i++) {
        xb_disk_describe(&results[i].disk, disk, sizeof(disk));
        printf("%s: %s, %s, %.2f s (its disk %.2f s)%s\n", names[i],
               xb_clone_method_name(results[i].method), disk, (double)results[i].all_ns / 1e9,
               (double)results[i].disk_ns / 1e9,
               results[i].fs_uuid_kept ? "; its filesystem has the source's UUID" : "");
    }
}

int xb_cmd_guest_clone(struct xb_app *app, int argc, char **argv)
{
    struct request request = {0};
    xb_auto_guest_names struct xb_guest_names names = {0};
    xb_opts_parse(&xb_opts_guest_clone, argc, argv, &request);
    request.spec.source = request.words.v[0];
    if (xb_guest_names_parse(&names, request.words.v + 1, request.words.count - 1, &app->err) < 0)
        return (int)app->err.class;
    xb_auto_free struct xb_cloned *results = xb_calloc(names.count, sizeof(*results));
    xb_auto_work struct xb_work work = XB_WORK_NONE;
    if (xb_work_begin(&work, request.quiet || request.json, &app->err) < 0)
        return (int)app->err.class;
    int status =
        xb_guest_clone(app, &request.spec, names.name, names.count, &work, results, &app->err);
    xb_progress_end(&work.line);
    if (request.json && status == 0)
        print_json(names.name, results, names.count);
    else if (!request.json)
        print_text(names.name, results, names.count);
    return (int)app->err.class;
}
