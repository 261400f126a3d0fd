/*
 * `xenbench guest clone`
 */
#include "alloc.h"
#include "base.h"
#include "cmd_guest.h"
#include "guest_clone.h"
#include "guest_names.h"
#include "options.h"
#include "storage_options.h"

#include <string.h>

enum { OPTION_KEEP_BACKUP = 0x100, OPTION_FROM_BACKUP, OPTION_FS_UUID };

struct request {
    struct xb_clone_spec spec;
    bool quiet;
    bool json;
    char **words;
    size_t count;
};

static error_t parse_more(int key, char *arg, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case OPTION_FS_UUID:
        if (strcmp(arg, "new") != 0 && strcmp(arg, "keep") != 0)
            argp_error(state, "--fs-uuid=%s is neither new nor keep", arg);
        request->spec.fs_uuid = strcmp(arg, "new") == 0 ? XB_FS_UUID_NEW : XB_FS_UUID_KEEP;
        return 0;
    case 'q':
        request->quiet = true;
        return 0;
    case 'j':
        request->json = true;
        return 0;
    case ARGP_KEY_ARGS:
        request->words = state->argv + state->next;
        request->count = (size_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_END:
        if (request->count < 2)
            argp_error(state, "which guest, and what shall its clones be called?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request *request = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &request->spec.storage;
        return 0;
    case 'm':
        request->spec.method = xb_clone_method_from_name(arg);
        if (!request->spec.method)
            argp_error(state, "--method=%s is none of snapshot, thin, copy and backup", arg);
        return 0;
    case 's':
        if (!xb_option_bytes(arg, &request->spec.disk_bytes) || !request->spec.disk_bytes)
            argp_error(state, "`%s` is not a size (as 8G)", arg);
        return 0;
    case OPTION_KEEP_BACKUP:
        request->spec.backup_path = arg;
        return 0;
    case OPTION_FROM_BACKUP:
        request->spec.from_backup = arg;
        request->spec.method = XB_CLONE_BACKUP;
        return 0;
    default:
        return parse_more(key, arg, state);
    }
}

static const struct argp_option options[] = {
    {"method", 'm', "METHOD", 0,
     "snapshot, thin, copy or backup (default: snapshot or thin where the source is in such a "
     "volume, else copy)",
     0},
    {"size", 's', "SIZE", 0, "Size of a copy's or a backup's disk, at least the source's", 0},
    {"keep-backup", OPTION_KEEP_BACKUP, "FILE", 0, "Keep the stream of --method backup there", 0},
    {"from-backup", OPTION_FROM_BACKUP, "FILE", 0,
     "Restore a disk that was kept so, instead of the one the source has now", 0},
    {"fs-uuid", OPTION_FS_UUID, "new|keep", 0,
     "The filesystem's UUID (default: new, but for snapshots where that would write much)", 0},
    {"json", 'j', NULL, 0, "Tell what was made, and how long it took, as JSON", 0},
    {"quiet", 'q', NULL, 0, "No progress line", 0},
    {0},
};

static const struct argp_child children[] = {
    {&xb_storage_argp, 0, "Where a copy's disk is (default: as the source's):", 1},
    {0},
};

static const struct argp argp = {
    .options = options,
    .parser = parse,
    .children = children,
    .args_doc = "SOURCE CLONE...",
    .doc =
        "Make guests from a guest that does not run: with its xl.cfg, a disk made from its disk, "
        "and a name, host name, machine id and UUID of their own.\v"
        "  snapshot  a classic LVM snapshot, as large as its origin; the origin stays as long\n"
        "  thin      a snapshot in the same thin pool\n"
        "  copy      all of the disk, into any storage; by reference where a filesystem can\n"
        "  backup    a compressed, checksummed stream, restored into one file of its own\n\n"
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
    xb_options_parse(&argp, argc, argv, &request);
    request.spec.source = request.words[0];
    if (xb_guest_names_parse(&names, request.words + 1, request.count - 1, &app->err) < 0)
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
