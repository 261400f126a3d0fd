/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `xenbench guest checkpoint` (or `save`, its name in xl) and `xenbench guest restore`. */
#include "alloc.h"
#include "base.h"
#include "checkpoint.h"
#include "commands.h"
#include "domain.h"
#include "each_err.h"
#include "files.h"
#include "guest_names.h"
#include "interrupt.h"
#include "waits.h"

#include <argp.h>
#include <errno.h>
#include <string.h>

struct request {
    struct xb_checkpoint_options save;
    const char *dir;
    bool stale, wait, all;
    uint64_t timeout_ns;
    struct xb_words words;
};

static void take_parallel(struct argp_state *state, char *value, void *out)
{
    struct request *r = out;
    r->save.at_once = value ? (size_t)xb_opt_number(state, "--parallel", value, 1, 1024) : 0;
}

#define OPT_PARALLEL                                                                               \
    OPT_CALL(take_parallel, "parallel", 0, "[N]", "How many at the same time (default: all)")

/* Is the word a file's name rather than a guest's? */
static bool is_file(const char *word)
{
    size_t n = strlen(word), suffix = strlen(XB_CHECKPOINT_SUFFIX);
    return strchr(word, '/') ||
           (n > suffix && strcmp(word + n - suffix, XB_CHECKPOINT_SUFFIX) == 0);
}

/* Where each checkpoint is, or will be. */
struct paths {
    size_t count;
    char (*text)[PATH_MAX];
    const char **path;
};

static void paths_clear(struct paths *paths)
{
    free(paths->text);
    free(paths->path);
}
#define xb_auto_paths XB_AUTO(paths_clear)

static void paths_new(struct paths *paths, size_t count)
{
    paths->text = xb_calloc(count + 1, sizeof(*paths->text));
    paths->path = xb_calloc(count + 1, sizeof(*paths->path));
    paths->count = count;
    for (size_t i = 0; i < count; i++)
        paths->path[i] = paths->text[i];
}

/* The helper processes run in other directories, so paths must be absolute. */
static int absolute(const char *path, char *out, struct xb_err *err)
{
    xb_auto_free char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);
    if (path[0] != '/' && !here)
        return xb_fail(err, XB_E_HOST, errno, "cannot tell where %s is", path);
    return xb_path(out, PATH_MAX, err, "%s%s%s", here ? here : "", here ? "/" : "", path);
}

static int path_of(struct xb_app *app, const char *dir, const char *name, char *out,
                   struct xb_err *err)
{
    char in_dir[PATH_MAX];
    if (!dir)
        return xb_checkpoint_default_path(app, name, out, PATH_MAX, err);
    if (xb_path(in_dir, sizeof(in_dir), err, "%s/%s" XB_CHECKPOINT_SUFFIX, dir, name) < 0)
        return -1;
    return absolute(in_dir, out, err);
}

static int prepare_dir(struct xb_app *app, const char *dir, struct xb_err *err)
{
    char ours[PATH_MAX];
    if (!dir && xb_path(ours, sizeof(ours), err, "%s/checkpoints", app->state_dir) < 0)
        return -1;
    return xb_make_dirs(dir ? dir : ours, err);
}

static double seconds(uint64_t ns)
{
    return (double)ns / 1e9;
}

static double mib(uint64_t bytes)
{
    return (double)bytes / (1 << 20);
}

static void tell_saved(struct xb_err *told, const char *name, const char *path,
                       const struct xb_checkpoint_result *r)
{
    xb_each_err(told, &r->err);
    if (r->err.class)
        return;
    printf("%s: %s, %.1f MiB of %.1f, after %.2f s (suspended %.2f, written %.2f, read back %.2f)",
           name, path, mib(r->stored_bytes), mib(r->raw_bytes), seconds(r->total_ns),
           seconds(r->quiesce_ns + r->suspend_ns), seconds(r->stream_ns), seconds(r->verify_ns));
    if (r->frozen_ns)
        printf(", stood still for %.2f s", seconds(r->frozen_ns));
    putchar('\n');
}

static int save(struct xb_app *app, const struct request *r, const struct xb_guest_names *names,
                const struct paths *paths)
{
    xb_auto_free struct xb_checkpoint_result *results = xb_calloc(names->count, sizeof(*results));
    int stop_fd = xb_interrupt_open(&app->err);
    if (stop_fd < 0)
        return -1;
    struct xb_progress_line line;
    struct xb_checkpoint_options options = r->save;
    xb_progress_begin(&line, false);
    options.line = line.terminal ? &line : NULL;
    xb_checkpoint_all(app, names->name, paths->path, names->count, &options, results, &app->err);
    xb_progress_end(&line);
    for (size_t i = 0; i < names->count; i++)
        tell_saved(&app->err, names->name[i], paths->path[i], &results[i]);
    fflush(stdout);
    xb_interrupt_take(stop_fd); /* the signal was handled */
    xb_interrupt_close(stop_fd);
    return app->err.class ? -1 : 0;
}

static const struct xb_opt save_rows[] = {
    OPT_STRING(struct request, dir, "dir", 'd', "DIR",
               "Write the checkpoints to DIR/GUEST" XB_CHECKPOINT_SUFFIX
               " (default: /var/lib/xenbench/checkpoints)"),
    OPT_ZSTD(struct request, save.level, XB_CHECKPOINT_LEVEL_MIN, XB_CHECKPOINT_LEVEL_MAX),
    OPT_FALSE(struct request, save.compress, "no-compress", 0, "Do not compress"),
    OPT_THREADS(struct request, save.threads,
                "Threads that compress one guest (default: the vcpus of Dom0 that xenbench may run "
                "on, divided by the guests saved at once, 1 to 16, whatever the load)"),
    OPT_ALL_RUNNING(struct request, all),
    OPT_TRUE(struct request, save.keep_running, "keep-running", 'k',
             "Let the guests continue afterwards, as `xl save -c` does"),
    OPT_PARALLEL,
    OPT_END,
};

static void check_save(struct argp_state *state, void *out)
{
    const struct request *r = out;
    xb_opt_check_all(state, r->all, &r->words, XB_OPT_WHICH_GUESTS);
}

const struct xb_opts xb_opts_guest_checkpoint = {
    .rows = save_rows,
    .words = OPT_WORDS(struct request, words, 0, XB_OPT_MANY, NULL),
    .check = check_save,
    .args = "GUEST...\nGUEST FILE\n--all",
    .doc =
        "Write the memory and vcpus of running guests to files, and end their domains. `xenbench "
        "guest restore` continues the guests from the files.\vA domain is destroyed only when its "
        "file is on the disk and was read back. After Ctrl-C or with a full disk the guest "
        "continues, and no file is left. A FILE has a `/` or the ending " XB_CHECKPOINT_SUFFIX
        "; other words are GUESTs. A checkpoint has no disk: if a guest with a disk has run since, "
        "its checkpoint is refused.",
};

int xb_cmd_guest_checkpoint(struct xb_app *app, int argc, char **argv)
{
    struct request r = {.save = {.compress = true, .level = XB_CHECKPOINT_LEVEL_DEFAULT}};
    xb_auto_guest_names struct xb_guest_names names = {0};
    xb_auto_paths struct paths paths = {0};
    xb_opts_parse(&xb_opts_guest_checkpoint, argc, argv, &r);
    const char *file = r.words.count == 2 && is_file(r.words.v[1]) ? r.words.v[1] : NULL;
    if (file && r.dir)
        xb_fail(&app->err, XB_E_INPUT, 0, "%s and --dir both say where it is kept", file);
    if (app->err.class ||
        (r.all
             ? xb_guest_names_running(&names, app, &app->err)
             : xb_guest_names_parse(&names, r.words.v, file ? 1 : r.words.count, &app->err)) < 0 ||
        names.count == 0)
        return (int)app->err.class;
    if (file && names.count > 1) {
        xb_fail(&app->err, XB_E_INPUT, 0,
                "%s is one file for %zu guests: --dir DIR writes a file for each", file,
                names.count);
        return (int)app->err.class;
    }
    paths_new(&paths, names.count);
    if (!file && prepare_dir(app, r.dir, &app->err) < 0)
        return (int)app->err.class;
    for (size_t i = 0; i < names.count; i++) {
        int status = file ? absolute(file, paths.text[i], &app->err)
                          : path_of(app, r.dir, names.name[i], paths.text[i], &app->err);
        if (status < 0)
            return (int)app->err.class;
    }
    save(app, &r, &names, &paths);
    return (int)app->err.class;
}

static void tell_restored(struct xb_err *told, uint64_t begun_ns, const struct xb_restore_result *r)
{
    xb_each_err(told, &r->err);
    if (r->err.class || !r->domid)
        return;
    printf("%s: domain %u, runs after %.2f s (checked %.2f, built %.2f), stood still for %.2f s",
           r->name, r->domid, seconds(r->begun_ns - begun_ns), seconds(r->check_ns),
           seconds(r->build_ns), seconds(r->frozen_ns));
    if (r->agent_ns > begun_ns)
        printf(", agent after %.2f s", seconds(r->agent_ns - begun_ns));
    putchar('\n');
}

static int restore(struct xb_app *app, const struct request *r, const struct paths *paths)
{
    uint64_t begun_ns = xb_now_ns();
    xb_auto_free struct xb_restore_result *results = xb_calloc(paths->count, sizeof(*results));
    int stop_fd = xb_interrupt_open(&app->err);
    if (stop_fd < 0)
        return -1;
    struct xb_progress_line line;
    xb_progress_begin(&line, false);
    xb_restore_all(app, paths->path, paths->count, r->stale, r->save.at_once,
                   r->wait ? r->timeout_ns : 0, line.terminal ? &line : NULL, results, &app->err);
    xb_progress_end(&line);
    for (size_t i = 0; i < paths->count; i++)
        tell_restored(&app->err, begun_ns, &results[i]);
    fflush(stdout);
    xb_interrupt_take(stop_fd);
    xb_interrupt_close(stop_fd);
    return app->err.class ? -1 : 0;
}

static const struct xb_opt restore_rows[] = {
    OPT_STRING(struct request, dir, "dir", 'd', "DIR",
               "The directory with the named guests' checkpoints"),
    OPT_TRUE(struct request, stale, "stale", 0,
             "Restore even if the guest has run, or its disk was written to, since; this is likely "
             "to ruin the disk"),
    OPT_WAIT(struct request, wait),
    OPT_TIMEOUT(struct request, timeout_ns, "How long to wait (default: 120)"),
    OPT_PARALLEL,
    OPT_END,
};

const struct xb_opts xb_opts_guest_restore = {
    .rows = restore_rows,
    .words = OPT_GUESTS(struct request, words),
    .args = "GUEST|FILE...",
    .doc = "Continue guests from their checkpoints.\vAn incomplete or damaged file is refused "
           "before anything is built. The files stay.",
};

/* Guests' names may be joined by commas; a file's name may contain one. */
static int find_paths(struct xb_app *app, const struct request *r, struct paths *out)
{
    xb_auto_guest_names struct xb_guest_names names = {0};
    xb_auto_free char **words = xb_calloc(r->words.count + 1, sizeof(*words));
    size_t files = 0, guests = 0;
    for (size_t i = 0; i < r->words.count; i++)
        if (is_file(r->words.v[i]))
            files++;
        else
            words[guests++] = r->words.v[i];
    if ((guests || !files) && xb_guest_names_parse(&names, words, guests, &app->err) < 0)
        return -1;
    paths_new(out, names.count + files);
    for (size_t i = 0; i < names.count; i++)
        if (path_of(app, r->dir, names.name[i], out->text[i], &app->err) < 0)
            return -1;
    for (size_t i = 0, at = names.count; i < r->words.count; i++)
        if (is_file(r->words.v[i]) && absolute(r->words.v[i], out->text[at++], &app->err) < 0)
            return -1;
    return 0;
}

int xb_cmd_guest_restore(struct xb_app *app, int argc, char **argv)
{
    struct request r = {.timeout_ns = XB_BOOT_TIMEOUT_NS};
    xb_auto_paths struct paths paths = {0};
    xb_opts_parse(&xb_opts_guest_restore, argc, argv, &r);
    xb_waits_show(app);
    if (find_paths(app, &r, &paths) == 0)
        restore(app, &r, &paths);
    return (int)app->err.class;
}
